"""Numbers, points, matrices and programs that the kernel tests feed to every kernel."""

from __future__ import annotations

import functools
import itertools
import math
import random
from collections.abc import Sequence

import numpy as np

from zkrelay.algebra.encoding import pack_field, pack_g1, pack_g2, unpack_field
from zkrelay.curves import FIELDS, PrimeField, bn254
from zkrelay.kernel import Groth16Key, Matrix
from zkrelay.kernel.reference_groups import FP2, G1, G2, Fp2Element

FIELD_NAMES = sorted(FIELDS)
SCALAR_FIELD_NAMES = ["bls12_381_fr", "bn254_fr"]
SIZES = (0, 1, 7, 8, 9, 15, 16, 17, 31, 33, 64, 513)
FR, FP = bn254.FR, bn254.FP


def rng(*seed: object) -> random.Random:
    """A generator whose numbers follow from what the test is about, so that a failure repeats."""
    return random.Random(repr(seed))


def edge_values(modulus: int) -> list[int]:
    """0, 1, p-1 and every 2^k and p-2^k."""
    powers = [1 << k for k in range(modulus.bit_length()) if 1 << k < modulus]
    return [0, 1, modulus - 1, *powers, *(modulus - power for power in powers)]


def limb_patterns(modulus: int) -> list[int]:
    """Numbers below the modulus whose 64-bit limbs are 0, 1, all ones, the modulus's limb, or one less: carries run."""
    limbs = [modulus >> 64 * i & (1 << 64) - 1 for i in range(4)]
    choices = [sorted({0, 1, (1 << 64) - 1, limb, limb - 1}) for limb in limbs]
    numbers = (sum(part << 64 * i for i, part in enumerate(parts)) for parts in itertools.product(*choices))
    return [number for number in numbers if number < modulus]


def vector(field: PrimeField, size: int, *seed: object) -> list[int]:
    """``size`` elements: the edge values in shuffled order first, then random ones."""
    generator = rng("vector", field.name, size, *seed)
    edges = edge_values(field.modulus)
    generator.shuffle(edges)
    return (edges + [generator.randrange(field.modulus) for _ in range(size)])[:size]


def packed(field: PrimeField, size: int, *seed: object) -> bytes:
    return pack_field(field, vector(field, size, *seed))


def montgomery(field: PrimeField, values: Sequence[int]) -> bytes:
    """Values times R, computed here."""
    return pack_field(field, [value * field.montgomery_r % field.modulus for value in values])


def from_montgomery(field: PrimeField, data: bytes) -> list[int]:
    """Inverse of ``montgomery``."""
    inverse = pow(field.montgomery_r, -1, field.modulus)
    return [value * inverse % field.modulus for value in unpack_field(field, data)]


def scalars(values: Sequence[int]) -> bytes:
    return pack_field(FR, values)


# --- points


def g1_multiple(scalar: int) -> bytes:
    """scalar·(1, 2) in the kernel's form, any sign."""
    return pack_g1([G1.to_affine(G1.mul(scalar % FR.modulus, bn254.G1_GENERATOR))])


def g2_multiple(scalar: int) -> bytes:
    return pack_g2([G2.to_affine(G2.mul(scalar % FR.modulus, bn254.G2_GENERATOR))])


@functools.cache
def g1_multiples(count: int) -> tuple[bytes, ...]:
    """0·g1, 1·g1, .., (count-1)·g1."""
    sums = itertools.accumulate(
        range(count - 1), lambda p, _: G1.add(p, G1.lift(bn254.G1_GENERATOR)), initial=G1.infinity
    )
    return tuple(pack_g1([G1.to_affine(point)]) for point in sums)


@functools.cache
def g2_multiples(count: int) -> tuple[bytes, ...]:
    sums = itertools.accumulate(
        range(count - 1), lambda p, _: G2.add(p, G2.lift(bn254.G2_GENERATOR)), initial=G2.infinity
    )
    return tuple(pack_g2([G2.to_affine(point)]) for point in sums)


def g1_negative(point: bytes) -> bytes:
    """-point: p - y, also in Montgomery form."""
    y = int.from_bytes(point[32:], "little")
    return point[:32] + (-y % FP.modulus).to_bytes(32, "little")


def _fp2_sqrt(a: Fp2Element) -> Fp2Element | None:
    """A square root by the norm (p = 3 mod 4): c0² = (a0 ± |a|)/2, c1 = a1/(2·c0); None when there is none."""
    p = FP.modulus
    norm = pow(a[0] * a[0] + a[1] * a[1], (p + 1) // 4, p)
    for root in (norm, -norm):
        c0 = pow((a[0] + root) * pow(2, -1, p), (p + 1) // 4, p)
        if c0:
            candidate = (c0, a[1] * pow(2 * c0, -1, p) % p)
            if FP2.mul(candidate, candidate) == a:
                return candidate
    return None


@functools.cache
def twist_point(seed: int = 0) -> tuple[Fp2Element, Fp2Element]:
    """A point of the whole twist: a random x, not multiplied by the cofactor, so outside the subgroup of order r."""
    generator = rng("twist", seed)
    while True:
        x = generator.randrange(FP.modulus), generator.randrange(FP.modulus)
        y = _fp2_sqrt(FP2.add(FP2.mul(FP2.mul(x, x), x), bn254.TWIST_B))
        if y is not None:
            return x, y


# The prime factors of the cofactor 2p - r.
TWIST_FACTORS = (10069, 5864401, 1875725156269, 197620364512881247228717050342013327560683201906968909)
assert math.prod(TWIST_FACTORS) == bn254.G2_COFACTOR


@functools.cache
def twist_point_of_order(order: int) -> tuple[Fp2Element, Fp2Element]:
    """A point whose order is one of the factors: what an attack by a small subgroup would send."""
    point = G2.to_affine(G2.mul(FR.modulus * bn254.G2_COFACTOR // order, twist_point()))
    assert point is not None
    assert G2.to_affine(G2.mul(order, point)) is None
    return point


# --- matrices


def csr(rows: Sequence[Sequence[tuple[int, int]]]) -> Matrix:
    """CSR from (column, coefficient id) pairs per row."""
    return Matrix(
        offsets=np.array([0, *itertools.accumulate(len(row) for row in rows)], dtype=np.uint64),
        columns=np.array([column for row in rows for column, _ in row], dtype=np.uint32),
        coefficient_ids=np.array([i for row in rows for _, i in row], dtype=np.uint32),
    )


def random_rows(num_rows: int, num_columns: int, table_size: int, *seed: object) -> list[list[tuple[int, int]]]:
    """Rows of 0..5 entries, columns in any order and sometimes repeated."""
    generator = rng("rows", num_rows, num_columns, table_size, *seed)
    return [
        [
            (generator.randrange(num_columns), generator.randrange(table_size))
            for _ in range(generator.choice((0, 1, 1, 2, 3, 5)))
        ]
        for _ in range(num_rows)
    ]


# --- keys


def trivial_key() -> Groth16Key:
    """The shape of a key for one variable, no rows and a domain of one; its points are generators."""
    g1, g2 = g1_multiple(1), g2_multiple(1)
    return Groth16Key(1, 0, 0, b"", g1, g1, g2, g1, g2, g1, g1, g2, b"", g1)
