"""Multiplication of a variable point of prime order by a challenge: six rows a bit.

The scalar arrives as bits of e with K = 2^n + e, n = len(bits), a representative whose leading digit is known.  Put B
= ⌊e/2⌋ of n - 1 bits β_j.  For odd e:

    K = Σ_j (2β_j - 1)·2^j + 3·2^(n-1)         because Σ_j (2β_j - 1)·2^j = 2B - 2^(n-1) + 1 and 2B + 1 = e,

so a double-and-add from 3·P with digits ±1, highest first, gives K·P; for even e it gives (K+1)·P and P is taken off
at the end.

Why incomplete addition is enough: the accumulator is m·P with m = 3 at first and m ← 2m ± 1, so 3 <= m < 2^(j+2)
before step j.  A step from m needs m ≢ ±1 and 2m ± 1 ≢ 0 modulo the order, true for 3 <= m and 2m + 1 < order.  The
last steps, where m grows past that, use complete addition on the Edwards curve.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from zkrelay.curves.embedded import EdwardsCurve
from zkrelay.errors import CircuitError
from zkrelay.r1cs import ConstraintApi, Expr

from . import point_values
from .edwards import EdwardsPoint, add
from .edwards import double as edwards_double
from .montgomery import (
    MontgomeryPoint,
    add_incomplete,
    double,
    double_and_add_incomplete,
    to_edwards,
    to_montgomery,
)
from .point_values import AffineValues


def incomplete_steps(curve: EdwardsCurve) -> int:
    """Steps j for which 2m + 1 < order with m < 2^(j+2): 2^(j+3) <= order."""
    return max(0, curve.order.bit_length() - 1 - 2)


def variable_base_mul(
    cs: ConstraintApi, curve: EdwardsCurve, point: EdwardsPoint, bits: Sequence[Expr]
) -> EdwardsPoint:
    """(2^n + Σ bits[j]·2^j)·point for boolean bits and a point on the curve of order ``curve.order``.

    The constraints cannot be met by the identity.  The caller shows that the order of ``point`` divides
    ``curve.order``.

    Raises:
        CircuitError: fewer than two bits.
    """
    if len(bits) < 2:
        raise CircuitError("variable_base_mul needs at least two bits")
    with cs.scope("variable_base"):
        base = to_montgomery(cs, curve, point)
        total = add_incomplete(cs, curve, double(cs, curve, base), base)
        digits = list(reversed(bits[1:]))
        split = min(len(digits), incomplete_steps(curve))
        ahead = _ladder_values(cs, curve, point, digits[:split])
        for bit, known in zip(digits[:split], ahead, strict=True):
            signed = MontgomeryPoint(base.u, cs.mul(2 * bit - 1, base.v, "signed"))
            total = double_and_add_incomplete(cs, curve, total, signed, known)
        result = to_edwards(cs, curve, total)
        for bit in digits[split:]:
            signed_point = EdwardsPoint(cs.mul(2 * bit - 1, point.x, "signed"), point.y)
            result = add(cs, curve, edwards_double(cs, curve, result), signed_point)
        return add(cs, curve, result, _minus_point_unless(cs, bits[0], point))


def _ladder_values(
    cs: ConstraintApi, curve: EdwardsCurve, point: EdwardsPoint, digits: Sequence[Expr]
) -> Iterator[AffineValues]:
    """The points that the ladder passes, from 3·point on, as the witness program computes them."""
    base = point_values.values_of(cs, point.x, point.y)
    start = point_values.projective(cs, base)
    total = point_values.add(cs, curve, point_values.double(cs, curve, start), base)
    for bit in digits:
        signed = AffineValues(cs.value_of(2 * bit - 1) * base.first, base.second)
        total = point_values.add(cs, curve, point_values.double(cs, curve, total), signed)
        yield point_values.to_montgomery(cs, curve, total)


def _minus_point_unless(cs: ConstraintApi, odd: Expr, point: EdwardsPoint) -> EdwardsPoint:
    """-point for odd = 0 and the identity for odd = 1: two rows."""
    even = 1 - odd
    return EdwardsPoint(cs.mul(even, -point.x, "x"), 1 + cs.mul(even, point.y - 1, "y"))
