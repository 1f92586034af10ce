"""Pairing-friendly curves as data: a seed, two fields, two equations and two generators, and what follows from them.

G1 is the subgroup of order r of y^2 = x^3 + b over Fp; G2 that of a sextic twist over Fp2 = Fp[u]/(u^2 + 1), by an
element xi that is neither square nor cube: y^2 = x^3 + b/xi (D-type) or y^2 = x^3 + b*xi (M-type).  The tower above is
Fp6 = Fp2[v]/(v^3 - xi), Fp12 = Fp6[w]/(w^2 - v).  Nothing here computes on vectors; that is the kernel's work.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from .fields import PrimeField, square_root_vartime

Fp2 = tuple[int, int]


@dataclass(frozen=True)
class PairingCurve:
    """Everything that code generic in the curve needs to know; wrong numbers do not survive ``__post_init__``.

    ``trace`` is t of #E(Fp) = p + 1 - t, so that the Frobenius endomorphism satisfies X^2 - tX + p; ``miller_loop`` is
    the integer of the optimal ate pairing, negative when the seed is; ``is_m_type`` tells the twist.
    """

    name: str
    seed: int
    fp: PrimeField
    fr: PrimeField
    b: int
    xi: Fp2
    is_m_type: bool
    trace: int
    miller_loop: int
    g1_cofactor: int
    g2_cofactor: int
    g1_generator: Fp2
    g2_generator: tuple[Fp2, Fp2]

    def __post_init__(self) -> None:
        p, t = self.fp.modulus, self.trace
        assert p % 4 == 3, "-1 is no square: u^2 = -1 makes a field"
        assert self.g1_cofactor * self.fr.modulus == p + 1 - t
        x, y = self.g1_generator
        assert (y * y - x**3 - self.b) % p == 0
        x2, y2 = self.g2_generator
        cube = self.fp2_mul(self.fp2_mul(x2, x2), x2)
        assert self.fp2_mul(y2, y2) == ((cube[0] + self.twist_b[0]) % p, (cube[1] + self.twist_b[1]) % p)
        assert self.g2_cofactor * self.fr.modulus in self._twist_orders()

    def _twist_orders(self) -> tuple[int, int]:
        """The orders of the two sextic twists over Fp2 that are no quadratic or cubic ones ([HSV06] section 4.5)."""
        q, t2 = self.fp.modulus**2, self.trace**2 - 2 * self.fp.modulus
        square = (4 * q - t2**2) // 3
        f = math.isqrt(square)
        assert f * f == square
        return q + 1 - (t2 + 3 * f) // 2, q + 1 - (t2 - 3 * f) // 2

    def fp2_mul(self, a: Fp2, b: Fp2) -> Fp2:
        """The product in Fp2, canonical."""
        p = self.fp.modulus
        return (a[0] * b[0] - a[1] * b[1]) % p, (a[0] * b[1] + a[1] * b[0]) % p

    def fp2_square_root_vartime(self, a: Fp2) -> Fp2 | None:
        """Some s with s^2 = a, or None when there is none; not constant time.

        s = x + y*u has x^2 - y^2 = a0, 2xy = a1 and x^2 + y^2 = sqrt(a0^2 + a1^2), the norm, so that x^2 is one of
        (a0 +- sqrt(norm))/2; their product is -a1^2/4, and -1 is no square: at most one of them is, or both are 0.
        """
        p = self.fp.modulus
        norm = square_root_vartime((a[0] * a[0] + a[1] * a[1]) % p, self.fp)
        if norm is None:
            return None
        half = pow(2, -1, p)
        for square in ((a[0] + norm) * half % p, (a[0] - norm) * half % p):
            x = square_root_vartime(square, self.fp)
            if x:
                return x, a[1] * half * pow(x, -1, p) % p
        y = square_root_vartime(-a[0] % p, self.fp)  # x = 0, and a = -y^2
        return None if y is None or a[1] else (0, y)

    @cached_property
    def twist_b(self) -> Fp2:
        """The constant of the twist: b*xi or b/xi."""
        p = self.fp.modulus
        if self.is_m_type:
            return self.b * self.xi[0] % p, self.b * self.xi[1] % p
        norm = pow(self.xi[0] ** 2 + self.xi[1] ** 2, -1, p)
        return self.b * self.xi[0] * norm % p, -self.b * self.xi[1] * norm % p

    @property
    def g1_bytes(self) -> int:
        """Bytes of an affine point of G1 in memory and in iden3 files."""
        return 2 * self.fp.num_bytes

    @property
    def g2_bytes(self) -> int:
        return 4 * self.fp.num_bytes

    @property
    def gt_bytes(self) -> int:
        """Bytes of an element of Fp12."""
        return 12 * self.fp.num_bytes

    @property
    def proof_bytes(self) -> int:
        """Bytes of a Groth16 proof: G1, G2, G1."""
        return 2 * self.g1_bytes + self.g2_bytes
