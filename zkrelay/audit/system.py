"""The constraint system as the auditor reads it: rows of plain Python integers, wires with roles and names.

A row is A·B = C.  It is *linear* when A or B is constant; then one form says all of it: L = 0.  A form is a dictionary
from wire to canonical non-zero coefficient; wire 0 is the constant one.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias, TypeVar

import numpy as np

from ..errors import AuditError
from ..formats.r1cs import R1CSFile
from ..kernel.interface import Matrix
from ..r1cs import R1CS

Form: TypeAlias = dict[int, int]
Key = TypeVar("Key")
MAX_CONSTRAINTS = 4_000_000


@dataclass(frozen=True)
class Row:
    """A·B = C."""

    a: Form
    b: Form
    c: Form

    @property
    def linear(self) -> bool:
        return self.a.keys() <= {0} or self.b.keys() <= {0}

    def wires(self) -> set[int]:
        """All wires but the constant."""
        found = {*self.a, *self.b, *self.c}
        found.discard(0)
        return found


@dataclass(frozen=True)
class System:
    """Rows over wires 0..num_wires-1 modulo ``modulus``; ``inputs`` are given, ``outputs`` are asked about.

    The statement "SAFE" is about any two assignments that satisfy all rows and agree on ``inputs``.
    """

    modulus: int
    num_wires: int
    rows: Sequence[Row]
    inputs: frozenset[int]
    outputs: tuple[int, ...]
    r1cs: R1CS = field(repr=False, compare=False)

    @cached_property
    def occurrences(self) -> list[list[int]]:
        """Rows in which each wire occurs, ascending; empty for the constant."""
        found: list[list[int]] = [[] for _ in range(self.num_wires)]
        for index, row in enumerate(self.rows):
            for wire in row.wires():
                found[wire].append(index)
        return found

    @property
    def signals(self) -> range:
        """Every wire but the constant."""
        return range(1, self.num_wires)

    def name(self, wire: int) -> str:
        return self.r1cs.debug.name_of(wire)

    def line(self, row: int) -> str:
        """Where the row was stated, "" when the file does not say."""
        return self.r1cs.debug.line_of(row)

    def linear_form(self, index: int) -> Form | None:
        """L with L = 0 for a linear row, else None."""
        row = self.rows[index]
        return linear_form(row, self.modulus)

    def evaluate(self, form: Form, assignment: Sequence[int]) -> int:
        return sum(c * assignment[w] for w, c in form.items()) % self.modulus

    def violated(self, assignment: Sequence[int]) -> Iterator[int]:
        """Rows that ``assignment`` (canonical, element 0 is 1) does not satisfy, ascending."""
        p = self.modulus
        for index, row in enumerate(self.rows):
            a, b, c = (sum(k * assignment[w] for w, k in side.items()) for side in (row.a, row.b, row.c))
            if (a * b - c) % p:
                yield index


def linear_form(row: Row, modulus: int) -> Form | None:
    """a0·B - C or b0·A - C for a row with a constant side, else None."""
    if row.a.keys() <= {0}:
        factor, other = row.a.get(0, 0), row.b
    elif row.b.keys() <= {0}:
        factor, other = row.b.get(0, 0), row.a
    else:
        return None
    form = {wire: factor * k % modulus for wire, k in other.items()} if factor else {}
    return add(form, row.c, -1, modulus)


def add(left: dict[Key, int], right: dict[Key, int], factor: int, modulus: int) -> dict[Key, int]:
    """left + factor·right, without zero coefficients: a new form (wires), or a polynomial (monomials)."""
    total = dict(left)
    for key, k in right.items():
        merged = (total.get(key, 0) + factor * k) % modulus
        if merged:
            total[key] = merged
        else:
            total.pop(key, None)
    return total


def signed(value: int, modulus: int) -> int:
    """The representative in (-p/2, p/2)."""
    return value - modulus if value > modulus >> 1 else value


def system_of(r1cs: R1CS, *, max_constraints: int = MAX_CONSTRAINTS) -> System:
    """An R1CS as the auditor reads it: outputs are the first ``num_outputs`` public wires, all other public wires and
    the private inputs are inputs.

    Memory: about 400 bytes for each term.

    Raises:
        AuditError: more constraints than ``max_constraints``.
    """
    if r1cs.num_constraints > max_constraints:
        raise AuditError(
            f"{r1cs.num_constraints:,} constraints are above the auditor's limit of {max_constraints:,} (memory)"
        )
    sides = [_forms(r1cs, matrix) for matrix in (r1cs.a, r1cs.b, r1cs.c)]
    last_input = r1cs.num_public + r1cs.num_private_inputs
    return System(
        modulus=r1cs.field.modulus,
        num_wires=r1cs.num_variables,
        rows=[Row(a, b, c) for a, b, c in zip(*sides, strict=True)],
        inputs=frozenset(range(1 + r1cs.num_outputs, last_input + 1)),
        outputs=tuple(range(1, 1 + r1cs.num_outputs)),
        r1cs=r1cs,
    )


def system_of_file(file: R1CSFile, *, max_constraints: int = MAX_CONSTRAINTS) -> System:
    """As ``system_of``, for what a ``.r1cs`` file holds.

    Raises:
        AuditError: as ``system_of``; or the compiler removed private inputs: with an input's wire gone, nothing can say
            that an output depends on it alone; or the wires in the inputs' place have the labels of other signals.
    """
    if file.r1cs.num_private_inputs < file.num_private_inputs:
        raise AuditError(
            f"{file.num_private_inputs - file.r1cs.num_private_inputs} of {file.num_private_inputs} private inputs "
            "have no wire: the compiler optimised them away; compile with --O0 to audit this circuit"
        )
    first = file.r1cs.num_public + 1
    labels = file.wire_labels[first : first + file.num_private_inputs].tolist()
    if labels != list(range(first, first + file.num_private_inputs)):
        raise AuditError("the labels of the wires in the private inputs' place are those of other signals")
    return system_of(file.r1cs, max_constraints=max_constraints)


def _forms(r1cs: R1CS, matrix: Matrix) -> list[Form]:
    values = r1cs.coefficient_values
    columns = matrix.columns.tolist()
    numbers = [values[index] for index in matrix.coefficient_ids.tolist()]
    ends = matrix.offsets.astype(np.int64).tolist()
    return [dict(zip(columns[start:end], numbers[start:end], strict=True)) for start, end in itertools.pairwise(ends)]
