"""The same group as a Montgomery curve v² = u³ + A·u² + u, where addition takes three rows instead of six.

The map (x, y) → (u, v) = ((1+y)/(1-y), scale·u/x) with scale² = B is birational; it misses the identity (0, 1) and the
point (0, -1) of order 2 ([BL17] section 4.3.5; scale is 1 for Baby Jubjub).  Addition here is *incomplete*: it must
not be given two points of equal u.  When both u and v agree the slope would be free and a prover could choose the sum.
So each use states why its points differ.
"""

from __future__ import annotations

from dataclasses import dataclass

from zkrelay.curves.embedded import EdwardsCurve, Point
from zkrelay.r1cs import ConstraintApi, Expr, Value

from .edwards import EdwardsPoint, quotient
from .point_values import AffineValues


@dataclass(frozen=True)
class MontgomeryPoint:
    """Affine coordinates as expressions; never the point at infinity."""

    u: Expr
    v: Expr


def to_montgomery(cs: ConstraintApi, curve: EdwardsCurve, point: EdwardsPoint) -> MontgomeryPoint:
    """Two rows.  Unsatisfiable for the identity; the caller excludes (0, -1) (u = 0, where v would be free).

    (1-y)·u = 1+y has no solution for y = 1.  For y ≠ ±1 x is not zero on the curve, and x·v = scale·u fixes v.
    """
    u = quotient(cs, 1 + point.y, 1 - point.y, "u")
    return MontgomeryPoint(u, quotient(cs, curve.montgomery_scale * u, point.x, "v"))


def to_edwards(cs: ConstraintApi, curve: EdwardsCurve, point: MontgomeryPoint) -> EdwardsPoint:
    """x = scale·u/v, y = (u-1)/(u+1): two rows.

    Needs v ≠ 0, true outside the 2-torsion.  u ≠ -1 holds on the whole curve: there v² = A - 2 = B·d would make d a
    square.
    """
    return EdwardsPoint(
        quotient(cs, curve.montgomery_scale * point.u, point.v, "x"),
        quotient(cs, point.u - 1, point.u + 1, "y"),
    )


def constant_to_montgomery(curve: EdwardsCurve, point: Point) -> Point:
    """The map on known numbers; the point must not be (0, ±1)."""
    p = curve.field.modulus
    u = (1 + point[1]) * pow(1 - point[1], -1, p) % p
    return u, curve.montgomery_scale * u * pow(point[0], -1, p) % p


def double(cs: ConstraintApi, curve: EdwardsCurve, point: MontgomeryPoint) -> MontgomeryPoint:
    """2·point: four rows.  Needs v ≠ 0: a point of order greater than 2."""
    with cs.scope("double"):
        uu = cs.mul(point.u, point.u, "uu")
        slope = quotient(cs, 3 * uu + 2 * curve.montgomery_a * point.u + 1, 2 * point.v, "slope")
        return _third_point(cs, curve, slope, point, point.u)


def add_incomplete(
    cs: ConstraintApi, curve: EdwardsCurve, p: MontgomeryPoint, q: MontgomeryPoint, total: AffineValues | None = None
) -> MontgomeryPoint:
    """p + q: three rows.  Needs p.u ≠ q.u (p ≠ ±q).

    ``total`` is the sum as the witness program knows it already; without it the program computes it from p and q.
    """
    with cs.scope("add"):
        slope = quotient(cs, p.v - q.v, p.u - q.u, "slope")
        return _third_point(cs, curve, slope, p, q.u, total)


def double_and_add_incomplete(
    cs: ConstraintApi, curve: EdwardsCurve, acc: MontgomeryPoint, q: MontgomeryPoint, total: AffineValues | None = None
) -> MontgomeryPoint:
    """2·acc + q as (acc + q) + acc: five rows, as v of acc + q is never needed.  ``total`` as for ``add_incomplete``.

    Needs acc ≠ ±q and 2·acc ≠ -q, i.e. neither addition meets equal u.

    With s1 the slope of acc + q = (u3, v3) and s2 that of (u3, v3) + acc:  v3 = s1·(acc.u - u3) - acc.v gives
    (s1 + s2)·(acc.u - u3) = 2·acc.v.
    """
    with cs.scope("step"):
        s1 = quotient(cs, acc.v - q.v, acc.u - q.u, "s1")
        u3 = _third_u(cs, curve, s1, acc.u, q.u)
        both = quotient(cs, 2 * acc.v, acc.u - u3, "s")
        return _third_point(cs, curve, both - s1, acc, u3, total)


def _third_u(
    cs: ConstraintApi, curve: EdwardsCurve, slope: Expr, u1: Expr, u2: Expr, known: Value | None = None
) -> Expr:
    """u3 = slope² - A - u1 - u2: one row.  A wire of its own, or expressions would grow along a ladder."""
    rest = u1 + u2 + curve.montgomery_a
    if known is None:
        value = cs.value_of(slope)
        known = value * value - cs.value_of(rest)
    u3 = cs.witness(known, "u")
    cs.assert_product(slope, slope, u3 + rest)
    return u3


def _third_point(
    cs: ConstraintApi,
    curve: EdwardsCurve,
    slope: Expr,
    p: MontgomeryPoint,
    other_u: Expr,
    known: AffineValues | None = None,
) -> MontgomeryPoint:
    """The negated third intersection of the line through p: two rows."""
    u = _third_u(cs, curve, slope, p.u, other_u, known.first if known else None)
    v_value = known.second if known else cs.value_of(slope) * cs.value_of(p.u - u) - cs.value_of(p.v)
    v = cs.witness(v_value, "v")
    cs.assert_product(slope, p.u - u, v + p.v)
    return MontgomeryPoint(u, v)
