"""Hand-made constraint systems for the Groth16 tests: no compiler involved, every entry is chosen here."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zkrelay.algebra.encoding import pack_field
from zkrelay.curves import CURVES, PairingCurve, PrimeField, bn254
from zkrelay.groth16 import Proof, ProvingKey, VerifyingKey, prove, setup
from zkrelay.kernel import Matrix
from zkrelay.r1cs.constraint_system import R1CS

Row = dict[int, int]
"""wire -> coefficient"""


def build(
    rows: Sequence[tuple[Row, Row, Row]], num_variables: int, num_public: int, field: PrimeField = bn254.FR
) -> R1CS:
    """An R1CS from rows (a, b, c) of wire -> coefficient."""
    values = sorted({value % field.modulus for row in rows for part in row for value in part.values()}) or [0]
    ids = {value: index for index, value in enumerate(values)}

    def matrix(which: int) -> Matrix:
        offsets, columns, coefficient_ids = [0], [], []
        for row in rows:
            for wire, value in sorted(row[which].items()):
                columns.append(wire)
                coefficient_ids.append(ids[value % field.modulus])
            offsets.append(len(columns))
        return Matrix(
            np.array(offsets, dtype=np.uint64),
            np.array(columns, dtype=np.uint32),
            np.array(coefficient_ids, dtype=np.uint32),
        )

    return R1CS(
        field=field,
        num_variables=num_variables,
        num_public=num_public,
        num_private_inputs=num_variables - num_public - 1,
        a=matrix(0),
        b=matrix(1),
        c=matrix(2),
        coefficients=pack_field(field, values),
    )


def random_satisfied(
    rng: random.Random,
    num_constraints: int,
    num_public: int,
    num_private: int,
    *,
    small: bool = False,
    public: Sequence[int] = (),
    field: PrimeField = bn254.FR,
) -> tuple[R1CS, list[int]]:
    """A sparse random R1CS with an assignment that satisfies it.

    Rows are random in A, B and C; then the constant's coefficient in C takes up whatever is missing, so any assignment
    will do. ``small`` draws coefficients and values near 0 and r, where carries and aliases live.
    """
    modulus = field.modulus
    num_variables = 1 + num_public + num_private

    def element() -> int:
        return rng.choice((0, 1, 2, modulus - 1, modulus - 2)) if small else rng.randrange(modulus)

    def linear() -> Row:
        wires = rng.sample(range(num_variables), min(num_variables, rng.randrange(1, 4)))
        return {wire: element() for wire in wires}

    z = [1, *public] + [element() for _ in range(num_variables - 1 - len(public))]
    rows = []
    for _ in range(num_constraints):
        a, b, c = linear(), linear(), linear()
        c[0] = 0
        c[0] = (dot(a, z) * dot(b, z) - dot(c, z)) % modulus
        rows.append((a, b, c))
    return build(rows, num_variables, num_public, field), z


def dot(row: Row, z: Sequence[int]) -> int:
    return sum(coefficient * z[wire] for wire, coefficient in row.items())


def cubic(x: int, field: PrimeField = bn254.FR) -> tuple[R1CS, list[int]]:
    """y = x³ + x + 5 with y public: wires one, y, x, x², x³."""
    modulus = field.modulus
    rows: list[tuple[Row, Row, Row]] = [
        ({2: 1}, {2: 1}, {3: 1}),
        ({3: 1}, {2: 1}, {4: 1}),
        ({4: 1, 2: 1, 0: 5}, {0: 1}, {1: 1}),
    ]
    return build(rows, 5, 1, field), [1, (x**3 + x + 5) % modulus, x, x * x % modulus, x**3 % modulus]


def assignment_bytes(z: Sequence[int], field: PrimeField = bn254.FR) -> bytes:
    return pack_field(field, z)


@dataclass(frozen=True)
class Statement:
    """A circuit, a satisfying assignment, a fresh development key, and a proof."""

    r1cs: R1CS
    z: list[int]
    pk: ProvingKey
    proof: Proof

    @property
    def curve(self) -> PairingCurve:
        return CURVES[self.pk.curve]

    @property
    def r(self) -> int:
        """The modulus of public inputs and assignments."""
        return self.r1cs.field.modulus

    @property
    def assignment(self) -> bytes:
        return assignment_bytes(self.z, self.r1cs.field)

    @property
    def vk(self) -> VerifyingKey:
        return self.pk.verifying_key

    @property
    def public(self) -> list[int]:
        return self.z[1 : self.r1cs.num_public + 1]


def prove_statement(r1cs: R1CS, z: list[int]) -> Statement:
    pk = setup(r1cs)
    return Statement(r1cs, z, pk, prove(pk, assignment_bytes(z, r1cs.field)))
