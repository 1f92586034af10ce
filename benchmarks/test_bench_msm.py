"""Multi-scalar products: random scalars, and scalars like those of a real assignment (most of them 0 or 1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from zkrelay.algebra.encoding import pack_field, pack_g1, pack_g2, unpack_field
from zkrelay.curves import bn254
from zkrelay.kernel import Kernel

FR = bn254.FR
SIZES = [12, 14, pytest.param(16, marks=pytest.mark.long)]
Vector = Callable[[int], bytes]
Logarithms = Callable[[int], list[int]]


def sum_of_products(scalars: bytes, logarithms: list[int]) -> bytes:
    total = sum(s * x for s, x in zip(unpack_field(FR, scalars), logarithms, strict=True))
    return pack_field(FR, [total % FR.modulus])


@pytest.mark.benchmark(group="msm, G1")
@pytest.mark.parametrize("log_size", SIZES)
def test_g1_msm(
    benchmark: Any,
    kernel: Kernel,
    scalars: Vector,
    g1_bases: Vector,
    logarithms: Logarithms,
    threads: int,
    log_size: int,
) -> None:
    n = 1 << log_size
    out = benchmark(kernel.g1_msm, "bn254", scalars(n), g1_bases(n), threads=threads)
    expected = sum_of_products(scalars(n), logarithms(n))
    assert out == kernel.g1_fixed_base("bn254", pack_g1([bn254.G1_GENERATOR]), expected)


@pytest.mark.benchmark(group="msm, G1")
@pytest.mark.parametrize("log_size", SIZES)
def test_g1_msm_mostly_bits(
    benchmark: Any, kernel: Kernel, g1_bases: Vector, logarithms: Logarithms, threads: int, log_size: int
) -> None:
    """Nine in ten scalars are 0 or 1."""
    n = 1 << log_size
    bits = pack_field(FR, [pow(7, i, FR.modulus) if i % 10 == 0 else i & 1 for i in range(n)])
    out = benchmark(kernel.g1_msm, "bn254", bits, g1_bases(n), threads=threads)
    expected = sum_of_products(bits, logarithms(n))
    assert out == kernel.g1_fixed_base("bn254", pack_g1([bn254.G1_GENERATOR]), expected)


@pytest.mark.benchmark(group="msm, G2")
@pytest.mark.parametrize("log_size", SIZES)
def test_g2_msm(
    benchmark: Any,
    kernel: Kernel,
    scalars: Vector,
    g2_bases: Vector,
    logarithms: Logarithms,
    threads: int,
    log_size: int,
) -> None:
    n = 1 << log_size
    out = benchmark(kernel.g2_msm, "bn254", scalars(n), g2_bases(n), threads=threads)
    expected = sum_of_products(scalars(n), logarithms(n))
    assert out == kernel.g2_fixed_base("bn254", pack_g2([bn254.G2_GENERATOR]), expected)
