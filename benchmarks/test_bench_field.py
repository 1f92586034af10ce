"""Vectors over Fr: 2^14 elements a call, so that crossing into the kernel costs nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

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
