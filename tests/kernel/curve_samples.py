"""Points of a pairing-friendly curve for every kernel's tests: known multiples, and those outside the groups."""

from __future__ import annotations

import functools
import itertools
import math
import random
from collections.abc import Sequence
from typing import Any

from zkrelay.algebra.encoding import pack_field
from zkrelay.curves import PairingCurve, bls12_381, bn254
from zkrelay.kernel.reference_groups import Fp2Element, Group, groups

# The prime factors of the cofactors, with their exponents.
G1_FACTORS: dict[str, dict[int, int]] = {"bn254": {}, "bls12_381": {3: 1, 11: 2, 10177: 2, 859267: 2, 52437899: 2}}
G2_FACTORS: dict[str, dict[int, int]] = {
    "bn254": {10069: 1, 5864401: 1, 1875725156269: 1, 197620364512881247228717050342013327560683201906968909: 1},
    "bls12_381": {
        13: 2,
        23: 2,
        2713: 1,
        11953: 1,
        262069: 1,
        bls12_381.CURVE.g2_cofactor // (13**2 * 23**2 * 2713 * 11953 * 262069): 1,
    },
}


class CurveSamples:
    """One curve.  ``g1`` and ``g2`` are the reference's groups; points that are bytes are in the kernel's form."""

    def __init__(self, curve: PairingCurve) -> None:
        self.curve, self.fp, self.fr = curve, curve.fp, curve.fr
        parts = groups(curve.name)
        self.fp2, self.g1, self.g2 = parts.fp2, parts.g1, parts.g2
        self.g1_factors, self.g2_factors = G1_FACTORS[curve.name], G2_FACTORS[curve.name]
        assert math.prod(q**e for q, e in self.g1_factors.items()) == curve.g1_cofactor
        assert math.prod(q**e for q, e in self.g2_factors.items()) == curve.g2_cofactor

    def __repr__(self) -> str:
        return self.curve.name

    def scalars(self, values: Sequence[int]) -> bytes:
        return pack_field(self.fr, values)

    def g1_multiple(self, scalar: int) -> bytes:
        """scalar·generator in the kernel's form, any sign."""
        return self._multiple(self.g1, self.curve.g1_generator, scalar)

    def g2_multiple(self, scalar: int) -> bytes:
        return self._multiple(self.g2, self.curve.g2_generator, scalar)

    def _multiple(self, group: Group[Any], generator: Any, scalar: int) -> bytes:
        return _multiple(group, generator, scalar % self.fr.modulus)

    def g1_multiples(self, count: int) -> tuple[bytes, ...]:
        """0·g1, 1·g1, .., (count-1)·g1."""
        return _multiples(self.g1, self.curve.g1_generator, count)

    def g2_multiples(self, count: int) -> tuple[bytes, ...]:
        return _multiples(self.g2, self.curve.g2_generator, count)

    def g1_negative(self, point: bytes) -> bytes:
        """-point: p - y, also in Montgomery form."""
        size = self.fp.num_bytes
        y = int.from_bytes(point[size:], "little")
        return point[:size] + (-y % self.fp.modulus).to_bytes(size, "little")

    def fp_sqrt(self, a: int) -> int | None:
        root = pow(a, (self.fp.modulus + 1) // 4, self.fp.modulus)  # p = 3 mod 4
        return root if (root * root - a) % self.fp.modulus == 0 else None

    def fp2_sqrt(self, a: Fp2Element) -> Fp2Element | None:
        """A square root by the norm: c0² = (a0 ± |a|)/2, c1 = a1/(2·c0); None when there is none."""
        p = self.fp.modulus
        norm = self.fp_sqrt((a[0] * a[0] + a[1] * a[1]) % p)
        for root in () if norm is None else (norm, -norm):
            c0 = self.fp_sqrt((a[0] + root) * pow(2, -1, p) % p)
            if c0:
                candidate = (c0, a[1] * pow(2 * c0, -1, p) % p)
                if self.fp2.mul(candidate, candidate) == a:
                    return candidate
        return None

    def g1_curve_point(self, seed: int = 0) -> tuple[int, int]:
        """A point of the whole curve over Fp: a random x, not multiplied by the cofactor."""
        generator = random.Random(repr(("curve", self.curve.name, seed)))
        while True:
            x = generator.randrange(self.fp.modulus)
            y = self.fp_sqrt((x**3 + self.curve.b) % self.fp.modulus)
            if y is not None:
                return x, y

    def twist_point(self, seed: int = 0) -> tuple[Fp2Element, Fp2Element]:
        """A point of the whole twist: a random x, so outside the subgroup of order r."""
        generator = random.Random(repr(("twist", self.curve.name, seed)))
        mul = self.fp2.mul
        while True:
            x = generator.randrange(self.fp.modulus), generator.randrange(self.fp.modulus)
            y = self.fp2_sqrt(self.fp2.add(mul(mul(x, x), x), self.curve.twist_b))
            if y is not None:
                return x, y

    def g1_point_of_order(self, order: int) -> tuple[int, int]:
        """A point of G1's curve whose order is this prime factor of the cofactor: what an attack would send."""
        cofactor = self.curve.g1_cofactor // order ** self.g1_factors[order]
        return _point_of_order(self.g1, order, cofactor * self.fr.modulus, self.g1_curve_point)

    def twist_point_of_order(self, order: int) -> tuple[Fp2Element, Fp2Element]:
        cofactor = self.curve.g2_cofactor // order ** self.g2_factors[order]
        return _point_of_order(self.g2, order, cofactor * self.fr.modulus, self.twist_point)


@functools.cache
def _windows(group: Group[Any], generator: Any) -> list[list[Any]]:
    """d·16^i·generator in row i, d = 0..15: enough for a scalar of 256 bits."""
    rows, unit = [], group.lift(generator)
    for _ in range(64):
        row = list(itertools.accumulate(range(16), lambda p, _, unit=unit: group.add(p, unit), initial=group.infinity))
        rows.append(row[:16])
        unit = row[16]
    return rows


@functools.lru_cache(maxsize=1 << 14)
def _multiple(group: Group[Any], generator: Any, scalar: int) -> bytes:
    total = group.infinity
    for i, row in enumerate(_windows(group, generator)):
        total = group.add(total, row[scalar >> 4 * i & 15])
    return group.pack([group.to_affine(total)])


@functools.cache
def _multiples(group: Group[Any], generator: Any, count: int) -> tuple[bytes, ...]:
    sums = itertools.accumulate(
        range(count - 1), lambda p, _: group.add(p, group.lift(generator)), initial=group.infinity
    )
    return tuple(group.pack([group.to_affine(point)]) for point in sums)


@functools.cache
def _point_of_order(group: Group[Any], order: int, cofactor: int, draw: Any) -> Any:
    for seed in itertools.count():
        point = group.to_affine(group.mul(cofactor, draw(seed)))
        while point is not None and (multiple := group.to_affine(group.mul(order, point))) is not None:
            point = multiple
        if point is not None:
            return point
    raise AssertionError("unreachable")


BN254, BLS12_381 = CurveSamples(bn254.CURVE), CurveSamples(bls12_381.CURVE)
CURVES = [BN254, BLS12_381]
