"""Points outside the constraints: what the witness program computes ahead, so that no step of a chain must invert.

A chain of affine additions inverts once a step, and each inversion waits for the one before.  The same points in
projective Edwards coordinates, x = X/Z and y = Y/Z, need none ([BBJLP08] section 6; a·x² + y² = 1 + d·x²·y²), and the
inversions that take them back to affine Montgomery form are independent: the kernel makes one of all.

Nothing here proves anything.  The constraints are stated about wires that merely *take* these values, and refuse them
when they are wrong: off the curve, or where an inverse of zero is zero.
"""

from __future__ import annotations

from dataclasses import dataclass

from zkrelay.curves.embedded import EdwardsCurve
from zkrelay.r1cs import ConstraintApi, Expr, Value


@dataclass(frozen=True)
class AffineValues:
    """x and y of a point on the Edwards curve, or u and v on the Montgomery curve."""

    first: Value
    second: Value


@dataclass(frozen=True)
class ProjectiveValues:
    """(X : Y : Z) on the Edwards curve."""

    x: Value
    y: Value
    z: Value


def projective(cs: ConstraintApi, point: AffineValues) -> ProjectiveValues:
    """(x : y : 1)."""
    return ProjectiveValues(point.first, point.second, cs.dot([], 1))


def double(cs: ConstraintApi, curve: EdwardsCurve, p: ProjectiveValues) -> ProjectiveValues:
    """2·p: seven products (dbl-2008-bbjlp)."""
    both, xx, yy, zz = p.x + p.y, p.x * p.x, p.y * p.y, p.z * p.z
    total = cs.dot([(curve.a, xx), (1, yy)])
    rest = cs.dot([(curve.a, xx), (1, yy), (-2, zz)])
    cross = cs.dot([(1, both * both), (-1, xx), (-1, yy)])
    return ProjectiveValues(cross * rest, total * cs.dot([(curve.a, xx), (-1, yy)]), total * rest)


def add(cs: ConstraintApi, curve: EdwardsCurve, p: ProjectiveValues, q: AffineValues) -> ProjectiveValues:
    """p + q for affine q: ten products (add-2008-bbjlp with Z2 = 1)."""
    zz, xx, yy = p.z * p.z, p.x * q.first, p.y * q.second
    product = xx * yy
    minus, plus = cs.dot([(1, zz), (-curve.d, product)]), cs.dot([(1, zz), (curve.d, product)])
    cross = cs.dot([(1, (p.x + p.y) * (q.first + q.second)), (-1, xx), (-1, yy)])
    return ProjectiveValues(
        p.z * (minus * cross),
        p.z * (plus * cs.dot([(1, yy), (-curve.a, xx)])),
        minus * plus,
    )


def to_montgomery(cs: ConstraintApi, curve: EdwardsCurve, p: ProjectiveValues) -> AffineValues:
    """u = (Z+Y)/(Z-Y) and v = scale·u·Z/X, with one inversion."""
    total = p.z + p.y
    common = total * ((p.z - p.y) * p.x).inverse()
    return AffineValues(common * p.x, cs.dot([(curve.montgomery_scale, common * p.z)]))


def values_of(cs: ConstraintApi, first: Expr, second: Expr) -> AffineValues:
    """What the witness program finds in two expressions."""
    return AffineValues(cs.value_of(first), cs.value_of(second))
