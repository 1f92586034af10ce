"""One pairing, and the product of four that a verifier asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from zkrelay.algebra.points import negate_g1
from zkrelay.kernel import Kernel

Vector = Callable[[int], bytes]


@pytest.mark.benchmark(group="pairing")
def test_pairing(benchmark: Any, kernel: Kernel, g1_bases: Vector, g2_bases: Vector) -> None:
    out = benchmark(kernel.pairing, "bn254", g1_bases(4)[:64], g2_bases(4)[:128])
    assert out != kernel.pairing("bn254", negate_g1(g1_bases(4)[:64]), g2_bases(4)[:128])


@pytest.mark.benchmark(group="pairing")
def test_pairing_check_of_four(benchmark: Any, kernel: Kernel, g1_bases: Vector, g2_bases: Vector) -> None:
    """e(P, Q)·e(-P, Q)·e(P', Q')·e(-P', Q') = 1."""
    p, p2, q, q2 = g1_bases(4)[:64], g1_bases(4)[64:128], g2_bases(4)[:128], g2_bases(4)[128:256]
    assert benchmark(kernel.pairing_check, "bn254", p + negate_g1(p) + p2 + negate_g1(p2), q + q + q2 + q2)
