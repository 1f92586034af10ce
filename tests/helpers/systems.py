"""Constraint systems by hand for the auditor's tests, and every assignment of the tiny ones."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from zkrelay.algebra.encoding import pack_field
from zkrelay.audit.system import Form, System, system_of
from zkrelay.curves import PrimeField, bn254
from zkrelay.kernel import Matrix
from zkrelay.r1cs import R1CS

Sides = tuple[Form, Form, Form]
F5, F7 = PrimeField("prime_5", 5), PrimeField("prime_7", 7)


def system(
    rows: Sequence[Sides], *, outputs: int, inputs: int, wires: int, field: PrimeField = bn254.FR, public: int = 0
) -> System:
    """``rows`` over wire 0 = 1, then ``outputs``, then ``inputs`` (the first ``public`` of them public), then the rest.

    Coefficients may be negative; zero ones are left out.
    """
    p = field.modulus
    values = sorted({k % p for row in rows for side in row for k in side.values()} - {0}) or [1]
    ids = {value: place for place, value in enumerate(values)}

    def matrix(which: int) -> Matrix:
        offsets, columns, coefficients = [0], [], []
        for row in rows:
            for wire, k in sorted(row[which].items()):
                if k % p:
                    columns.append(wire)
                    coefficients.append(ids[k % p])
            offsets.append(len(columns))
        return Matrix(
            np.array(offsets, dtype=np.uint64),
            np.array(columns, dtype=np.uint32),
            np.array(coefficients, dtype=np.uint32),
        )

    return system_of(
        R1CS(
            field=field,
            num_variables=wires,
            num_public=outputs + public,
            num_private_inputs=inputs - public,
            a=matrix(0),
            b=matrix(1),
            c=matrix(2),
            coefficients=pack_field(field, values),
            num_outputs=outputs,
        )
    )


def linear(form: Form) -> Sides:
    """form = 0."""
    return {}, {}, form


def boolean(wire: int) -> Sides:
    return {wire: 1}, {wire: 1, 0: -1}, {}


def random_system(rng: random.Random, field: PrimeField, *, wires: int, rows: int, inputs: int) -> System:
    """One output, and rows of a few small coefficients."""

    def form(most: int) -> Form:
        chosen = rng.sample(range(wires), rng.randint(1, most))
        return {wire: rng.randrange(1, field.modulus) for wire in chosen}

    stated = [(form(2), form(2), form(2)) if rng.random() < 0.7 else linear(form(3)) for _ in range(rows)]
    return system(stated, outputs=1, inputs=inputs, wires=wires, field=field)


def assignments(stated: System) -> Iterator[tuple[int, ...]]:
    """Every assignment that satisfies all rows."""
    for rest in itertools.product(range(stated.modulus), repeat=stated.num_wires - 1):
        z = (1, *rest)
        if not any(True for _ in stated.violated(z)):
            yield z


def has_pair(stated: System, targets: Iterable[int]) -> bool:
    """By exhaustion: some two assignments agree on the inputs and differ on a target."""
    asked, known = sorted(targets), sorted(stated.inputs)
    seen: dict[tuple[int, ...], tuple[int, ...]] = {}
    for z in assignments(stated):
        given, said = tuple(z[w] for w in known), tuple(z[w] for w in asked)
        if seen.setdefault(given, said) != said:
            return True
    return False
