"""Twisted Edwards curves embedded in a scalar field: a*x^2 + y^2 = 1 + d*x^2*y^2.

Baby Jubjub (EIP-2494) lives in BN254's Fr, Jubjub ([Zcash] section 5.4.9.3) in that of BLS12-381.  ``a`` is a square
and ``d`` is not, so the addition law is complete ([BBJLP08] theorem 3.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from . import bls12_381, bn254
from .fields import PrimeField, square_root_vartime

Point = tuple[int, int]


@dataclass(frozen=True)
class EdwardsCurve:
    """``generator`` has prime order ``order``; the group has ``cofactor * order`` elements; identity is (0, 1)."""

    name: str
    field: PrimeField
    a: int
    d: int
    order: int
    cofactor: int
    generator: Point

    def is_on_curve(self, point: Point) -> bool:
        """Whether a canonical (x, y) satisfies the curve equation."""
        x, y = point
        p = self.field.modulus
        return (self.a * x * x + y * y - 1 - self.d * x * x * y * y) % p == 0

    def add_vartime(self, left: Point, right: Point) -> Point:
        """Complete affine addition (total on curve points); not constant time."""
        (x1, y1), (x2, y2) = left, right
        p = self.field.modulus
        k = self.d * x1 * x2 * y1 * y2 % p
        x3 = (x1 * y2 + y1 * x2) * pow(1 + k, -1, p) % p
        y3 = (y1 * y2 - self.a * x1 * x2) * pow(1 - k, -1, p) % p
        return x3, y3

    def mul_vartime(self, scalar: int, point: Point) -> Point:
        """scalar * point in projective coordinates ([BBJLP08] section 6); scalar >= 0; not constant time."""
        p, a, d = self.field.modulus, self.a, self.d
        rx, ry, rz = 0, 1, 1
        px, py, pz = point[0], point[1], 1
        while scalar:
            if scalar & 1:
                rx, ry, rz = _add(rx, ry, rz, px, py, pz, a, d, p)
            px, py, pz = _add(px, py, pz, px, py, pz, a, d, p)
            scalar >>= 1
        inverse = pow(rz, -1, p)
        return rx * inverse % p, ry * inverse % p

    @cached_property
    def montgomery_a(self) -> int:
        """A of the birationally equivalent Montgomery curve B*v^2 = u^3 + A*u^2 + u ([BL17] section 4.3.5)."""
        p = self.field.modulus
        return 2 * (self.a + self.d) * pow(self.a - self.d, -1, p) % p

    @property
    def montgomery_b(self) -> int:
        """B = 4/(a - d) of the same curve; 1 for Baby Jubjub."""
        p = self.field.modulus
        return 4 * pow(self.a - self.d, -1, p) % p

    @cached_property
    def montgomery_scale(self) -> int:
        """The smaller square root of B: with v scaled by it the curve reads v^2 = u^3 + A*u^2 + u.  1 for Baby Jubjub.

        Raises:
            ValueError: B is no square (no such curve is used here).
        """
        root = square_root_vartime(self.montgomery_b, self.field)
        if root is None:
            raise ValueError(f"{self.name}: B of its Montgomery form is no square")
        return min(root, self.field.modulus - root)


def _add(x1: int, y1: int, z1: int, x2: int, y2: int, z2: int, a: int, d: int, p: int) -> tuple[int, int, int]:
    aa = z1 * z2 % p
    b = aa * aa % p
    c = x1 * x2 % p
    dd = y1 * y2 % p
    e = d * c % p * dd % p
    f, g = (b - e) % p, (b + e) % p
    x3 = aa * f % p * ((x1 + y1) * (x2 + y2) - c - dd) % p
    y3 = aa * g % p * (dd - a * c) % p
    return x3, y3, f * g % p


BABY_JUBJUB = EdwardsCurve(
    name="baby_jubjub",
    field=bn254.FR,
    a=168700,
    d=168696,
    order=2736030358979909402780800718157159386076813972158567259200215660948447373041,
    cofactor=8,
    # circomlib's Base8: 8 times the generator of the whole group.
    generator=(
        5299619240641551281634865583518297030282874472190772894086521144482721001553,
        16950150798460657717958625567821834550301663161624707787222815936182638968203,
    ),
)

assert BABY_JUBJUB.is_on_curve(BABY_JUBJUB.generator)
assert BABY_JUBJUB.montgomery_a == 168698
assert BABY_JUBJUB.montgomery_b == 1

JUBJUB = EdwardsCurve(
    name="jubjub",
    field=bls12_381.FR,
    a=bls12_381.FR.modulus - 1,
    d=-10240 * pow(10241, -1, bls12_381.FR.modulus) % bls12_381.FR.modulus,
    order=0x0E7DB4EA6533AFA906673B0101343B00A6682093CCC81082D0970E5ED6F72CB7,
    cofactor=8,
    # 8 times the point of y = 11, the smallest y above 1 of a generator of the whole group, and of the larger x.
    generator=(
        28336281903124990867587793011069573392383982287722241916350956173377953689573,
        39385640392217313770878525135509063452020585410343666726093009378539878503883,
    ),
)

assert JUBJUB.is_on_curve(JUBJUB.generator)
assert JUBJUB.montgomery_a == 40962
assert JUBJUB.montgomery_b == bls12_381.FR.modulus - 40964

EMBEDDED: dict[str, EdwardsCurve] = {curve.field.name: curve for curve in (BABY_JUBJUB, JUBJUB)}
