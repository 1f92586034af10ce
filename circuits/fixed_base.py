"""Multiplication of a known point of prime order by a scalar given in bits: two rows a bit.

With β_j ∈ {0,1} and N bits, Σ (2β_j - 1)·2^j = 2·scalar - (2^N - 1).  For H = G/2 (mod the order)

    scalar·G = Σ_j (2β_j - 1)·2^j·H + (2^N - 1)·H.

Two bits make one odd digit in {-3, -1, 1, 3}, so window i contributes d_i·4^i·H, a table of four known points: u and v
are linear in the two bits and their product.  Windows are added from the lowest up, in Montgomery form.

Why incomplete addition is enough: before window i the sum is m·H with m odd, |m| <= 4^i - 1 < 4^i <= |d_i·4^i|, so m ≠
±d_i·4^i as integers; and |m| + |d_i·4^i| < 4^(i+1) <= order, so neither is m ≡ ±d_i·4^i modulo the order.  The bits
beyond the last window for which 4^(i+1) <= order, and the constant (2^N - 1)·H, are added by complete addition on the
Edwards curve.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from zkrelay.curves.embedded import EdwardsCurve, Point
from zkrelay.errors import CircuitError
from zkrelay.r1cs import ConstraintApi, Expr

from . import point_values
from .edwards import EdwardsPoint, add
from .montgomery import MontgomeryPoint, add_incomplete, constant_to_montgomery, to_edwards
from .point_values import AffineValues, ProjectiveValues, projective, to_montgomery
from .select import lookup4


def fixed_base_mul(cs: ConstraintApi, curve: EdwardsCurve, bits: Sequence[Expr], base: Point) -> EdwardsPoint:
    """scalar·base for scalar = Σ bits[j]·2^j, each bit boolean, base of order ``curve.order``.

    About two rows a bit and eight for the last addition.

    Raises:
        CircuitError: fewer than four bits, or more than one bit longer than the order allows for.
    """
    count = len(bits)
    num_windows = (curve.order.bit_length() - 1) // 2  # the most for which 4^windows <= order
    num_windows = min(num_windows, (count - 1) // 2)
    rest = bits[2 * num_windows :]
    if num_windows < 1 or len(rest) > 2:
        raise CircuitError(f"fixed_base_mul takes 3 to {curve.order.bit_length() + 1} bits, not {count}")
    half = curve.mul_vartime((curve.order + 1) // 2, base)
    with cs.scope("fixed_base"):
        total: MontgomeryPoint | None = None
        ahead: ProjectiveValues | None = None
        for window, (once, thrice) in enumerate(_units(curve, half, num_windows)):
            low, high = bits[2 * window : 2 * window + 2]
            digit, point = _window(cs, curve, low, high, once, thrice)
            ahead = projective(cs, point) if ahead is None else point_values.add(cs, curve, ahead, point)
            known = to_montgomery(cs, curve, ahead)
            total = digit if total is None else add_incomplete(cs, curve, total, digit, known)
        assert total is not None
        return add(cs, curve, to_edwards(cs, curve, total), _top(cs, curve, rest, half, num_windows, count))


@lru_cache(maxsize=16)
def _units(curve: EdwardsCurve, half: Point, num_windows: int) -> tuple[tuple[Point, Point], ...]:
    """4^i·H and 3·4^i·H of every window i."""
    units = []
    for _ in range(num_windows):
        twice = curve.add_vartime(half, half)
        units.append((half, curve.add_vartime(twice, half)))
        half = curve.add_vartime(twice, twice)
    return tuple(units)


def _window(
    cs: ConstraintApi, curve: EdwardsCurve, low: Expr, high: Expr, unit: Point, three_units: Point
) -> tuple[MontgomeryPoint, AffineValues]:
    """(2·low - 1 + 2·(2·high - 1))·unit: one row.  And the same point on the Edwards curve for the witness program."""
    p = curve.field.modulus
    once, thrice = constant_to_montgomery(curve, unit), constant_to_montgomery(curve, three_units)
    both = cs.mul(low, high, "both")
    # Digits in the order of (low, high) = 00, 10, 01, 11: -3, -1, 1, 3; negation keeps u and negates v.
    u = lookup4(cs, low, high, both, (thrice[0], once[0], once[0], thrice[0]))
    v = lookup4(cs, low, high, both, (p - thrice[1], p - once[1], once[1], thrice[1]))
    (x1, y1), (x3, y3) = unit, three_units
    x = lookup4(cs, low, high, both, (p - x3, p - x1, x1, x3))  # negation negates x and keeps y
    y = lookup4(cs, low, high, both, (y3, y1, y1, y3))
    return MontgomeryPoint(u, v), point_values.values_of(cs, x, y)


def _top(
    cs: ConstraintApi, curve: EdwardsCurve, rest: Sequence[Expr], half: Point, num_windows: int, count: int
) -> EdwardsPoint:
    """The signed bits that no window took, and the constant, as one looked-up point: no row for one bit, one for
    two.
    """
    choices = []
    for pattern in range(4):
        signs = sum((2 * (pattern >> i & 1) - 1) << (2 * num_windows + i) for i in range(len(rest)))
        choices.append(curve.mul_vartime((signs + (1 << count) - 1) % curve.order, half))
    low = rest[0]
    high = rest[1] if len(rest) == 2 else cs.constant(0)
    both = cs.mul(low, high, "both")
    x, y = (lookup4(cs, low, high, both, [point[i] for point in choices]) for i in range(2))
    return EdwardsPoint(x, y)
