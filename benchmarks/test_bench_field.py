"""Vectors over Fr: 2^14 elements a call, so that crossing into the kernel costs nothing; products of Fp inside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from house.field_products import FieldProducts

from zkrelay.algebra.encoding import pack_field, unpack_field
from zkrelay.curves import bn254
from zkrelay.kernel import Kernel

N = 1 << 14
FR = bn254.FR
Vector = Callable[[int], bytes]


@pytest.mark.benchmark(group=f"field vectors, {N} elements")
@pytest.mark.parametrize("operation", ["vec_add", "vec_sub", "vec_mul"])
def test_vector(benchmark: Any, kernel: Kernel, scalars: Vector, operation: str) -> None:
    a = kernel.to_montgomery(FR.name, scalars(N))
    b = kernel.to_montgomery(FR.name, scalars(2 * N)[: len(a)])
    out = benchmark(getattr(kernel, operation), FR.name, a, b)
    x, y = int.from_bytes(scalars(N)[:32], "little"), int.from_bytes(scalars(2 * N)[:32], "little")
    expected = {"vec_add": x + y, "vec_sub": x - y, "vec_mul": x * y}[operation] % FR.modulus
    assert unpack_field(FR, kernel.from_montgomery(FR.name, out[:32])) == [expected]


@pytest.mark.benchmark(group=f"field vectors, {N} elements")
def test_to_montgomery(benchmark: Any, kernel: Kernel, scalars: Vector) -> None:
    out = benchmark(kernel.to_montgomery, FR.name, scalars(N))
    assert kernel.from_montgomery(FR.name, out) == scalars(N)


@pytest.mark.benchmark(group=f"field vectors, {N} elements")
def test_inverse(benchmark: Any, kernel: Kernel, scalars: Vector) -> None:
    a = kernel.to_montgomery(FR.name, scalars(N))
    out = benchmark(kernel.vec_inverse, FR.name, a)
    one = kernel.to_montgomery(FR.name, pack_field(FR, [1]))
    assert kernel.vec_mul(FR.name, a, out) == one * N


@pytest.mark.benchmark(group=f"field products inside the kernel, {N} of them")
@pytest.mark.parametrize("order", ["independent", "chain"])
def test_products(benchmark: Any, compiled_kernel: Kernel, order: str) -> None:
    """Throughput and latency of a product of Fp, without memory traffic: the same state times the same factor."""
    fp, library = bn254.FP, FieldProducts(compiled_kernel.name)
    width = library.width if order == "independent" else 1
    values = list(range(3, 3 + width))
    states = compiled_kernel.to_montgomery(fp.name, pack_field(fp, values))
    factor = compiled_kernel.to_montgomery(fp.name, pack_field(fp, [fp.modulus - 2]))
    out = benchmark(library.products if order == "independent" else library.chain, states, factor, N // width)
    power = pow(-2, N // width, fp.modulus)
    assert unpack_field(fp, compiled_kernel.from_montgomery(fp.name, out)) == [x * power % fp.modulus for x in values]
