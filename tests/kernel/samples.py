"""Numbers, points, matrices and programs that the kernel tests feed to every kernel."""

from __future__ import annotations

import functools
import itertools
import random
from collections.abc import Sequence

import numpy as np

from zkrelay.algebra.encoding import pack_field, unpack_field
from zkrelay.curves import FIELDS, PrimeField, bn254
from zkrelay.kernel import Groth16Key, Matrix

from .curve_samples import BN254, CurveSamples

FIELD_NAMES = sorted(FIELDS)
SCALAR_FIELD_NAMES = ["bls12_381_fr", "bn254_fr"]
SCALAR_FIELDS = [FIELDS[name] for name in SCALAR_FIELD_NAMES]
SIZES = (0, 1, 7, 8, 9, 15, 16, 17, 31, 33, 64, 513)
FR, FP = bn254.FR, bn254.FP


def rng(*seed: object) -> random.Random:
    """A generator whose numbers follow from what the test is about, so that a failure repeats."""
    return random.Random(repr(seed))


def edge_values(modulus: int) -> list[int]:
    """0, 1, p-1 and every 2^k and p-2^k."""
    powers = [1 << k for k in range(modulus.bit_length()) if 1 << k < modulus]
    return [0, 1, modulus - 1, *powers, *(modulus - power for power in powers)]


@functools.cache
def limb_patterns(modulus: int) -> tuple[int, ...]:
    """Numbers below the modulus whose 64-bit limbs are 0, 1, all ones, the modulus's limb, or one less: carries run."""
    limbs = [modulus >> 64 * i & (1 << 64) - 1 for i in range((modulus.bit_length() + 63) // 64)]
    choices = [sorted({0, 1, (1 << 64) - 1, limb, limb - 1}) for limb in limbs]
    numbers = (sum(part << 64 * i for i, part in enumerate(parts)) for parts in itertools.product(*choices))
    return tuple(number for number in numbers if number < modulus)


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


# --- points of BN254; those of either curve are in curve_samples

g1_multiple, g2_multiple = BN254.g1_multiple, BN254.g2_multiple
g1_multiples, g2_multiples = BN254.g1_multiples, BN254.g2_multiples
g1_negative = BN254.g1_negative


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


def trivial_key(curve: CurveSamples = BN254) -> Groth16Key:
    """The shape of a key for one variable, no rows and a domain of one; its points are generators."""
    g1, g2 = curve.g1_multiple(1), curve.g2_multiple(1)
    return Groth16Key(1, 0, 0, b"", g1, g1, g2, g1, g2, g1, g1, g2, b"", g1)
