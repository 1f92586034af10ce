"""Points on the embedded twisted Edwards curve a·x² + y² = 1 + d·x²·y² ([BBJLP08]).

``a`` is a square and ``d`` is not, so addition and doubling are complete: their denominators vanish for no pair of
points
*on the curve*.  Every gadget here says whether it needs its inputs to be on the curve; it is the caller who states it.
"""

from __future__ import annotations

from dataclasses import dataclass

from zkrelay.curves import PrimeField
from zkrelay.curves.embedded import EMBEDDED, EdwardsCurve
from zkrelay.errors import CircuitError
from zkrelay.r1cs import ConstraintApi, Expr


@dataclass(frozen=True)
class EdwardsPoint:
    """Affine coordinates as expressions."""

    x: Expr
    y: Expr


def embedded_curve(field: PrimeField) -> EdwardsCurve:
    """The curve embedded in ``field``; raises ``CircuitError`` when none is known."""
    if field.name not in EMBEDDED:
        raise CircuitError(f"no embedded curve is known for {field.name}")
    return EMBEDDED[field.name]


def constant_point(cs: ConstraintApi, point: tuple[int, int]) -> EdwardsPoint:
    """A known point; free."""
    return EdwardsPoint(cs.constant(point[0]), cs.constant(point[1]))


def assert_on_curve(cs: ConstraintApi, curve: EdwardsCurve, point: EdwardsPoint) -> None:
    """a·x² + y² = 1 + d·x²·y²: three rows, two of which a following ``double`` shares."""
    x2 = cs.mul(point.x, point.x, "xx")
    y2 = cs.mul(point.y, point.y, "yy")
    cs.assert_product(curve.d * x2, y2, curve.a * x2 + y2 - 1)


def quotient(cs: ConstraintApi, numerator: Expr, denominator: Expr, name: str) -> Expr:
    """q with q·denominator = numerator: one row.  The caller shows that the denominator is not zero."""
    q = cs.witness(cs.value_of(numerator) * cs.value_of(denominator).inverse(), name)
    cs.assert_product(q, denominator, numerator)
    return q


def double(cs: ConstraintApi, curve: EdwardsCurve, point: EdwardsPoint) -> EdwardsPoint:
    """2·point for a point on the curve: five rows.

    x' = 2xy/(a·x²+y²) and y' = (y²-a·x²)/(2-a·x²-y²).  On the curve the denominators are 1 ± d·x²y², never zero.
    """
    with cs.scope("double"):
        x2 = cs.mul(point.x, point.x, "xx")
        y2 = cs.mul(point.y, point.y, "yy")
        xy = cs.mul(point.x, point.y, "xy")
        total = curve.a * x2 + y2
        return EdwardsPoint(
            quotient(cs, 2 * xy, total, "x"),
            quotient(cs, y2 - curve.a * x2, 2 - total, "y"),
        )


def _addition(cs: ConstraintApi, curve: EdwardsCurve, p: EdwardsPoint, q: EdwardsPoint) -> tuple[Expr, Expr, Expr]:
    """d·x1x2y1y2 and the numerators of x3 and y3: four rows."""
    beta = cs.mul(p.x, q.y, "beta")
    gamma = cs.mul(p.y, q.x, "gamma")
    delta = cs.mul(p.y - curve.a * p.x, q.x + q.y, "delta")
    tau = cs.mul(beta, gamma, "tau")
    return curve.d * tau, beta + gamma, delta + curve.a * beta - gamma


def add(cs: ConstraintApi, curve: EdwardsCurve, p: EdwardsPoint, q: EdwardsPoint) -> EdwardsPoint:
    """p + q for any two points on the curve, equal ones included: six rows ([BBJLP08] theorem 3.3)."""
    with cs.scope("add"):
        k, x, y = _addition(cs, curve, p, q)
        return EdwardsPoint(quotient(cs, x, 1 + k, "x"), quotient(cs, y, 1 - k, "y"))


def assert_sum(cs: ConstraintApi, curve: EdwardsCurve, p: EdwardsPoint, q: EdwardsPoint, total: EdwardsPoint) -> None:
    """p + q = total for points on the curve: six rows."""
    with cs.scope("sum"):
        k, x, y = _addition(cs, curve, p, q)
        cs.assert_product(total.x, 1 + k, x)
        cs.assert_product(total.y, 1 - k, y)
