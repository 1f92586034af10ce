"""What the reference kernel "prepares": the arguments, checked as the C kernels check them when they prepare.

The checks do not depend on the values of an assignment, so a call on zeros makes them.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..curves import PrimeField
from ..errors import Closed, MalformedInput
from . import reference_groth16, reference_multiples, reference_program, reference_vectors
from .interface import Buffer, Groth16Key, Groth16Tables, Matrix
from .reference_buffers import check_threads, pack, unpack
from .reference_groups import Groups


class Preparation:
    def __init__(self, what: str) -> None:
        self._what = what
        self._is_closed = False

    def _check_open(self) -> None:
        if self._is_closed:
            raise Closed(f"the {self._what} is closed")

    def close(self) -> None:
        self._is_closed = True


class ReferenceProver(Preparation):
    """See ``interface.PreparedProver``."""

    def __init__(self, groups: Groups, key: Groth16Key, tables: Groth16Tables | None) -> None:
        super().__init__("prover")
        reference_groth16.check_key(groups.curve, key)
        if tables is not None:
            reference_multiples.check_tables(groups, tables, reference_groth16.finite_points(groups, key))
        self._groups, self._key, self._tables = groups, key, tables

    @property
    def num_bytes(self) -> int:
        """Nothing is held beside the key."""
        self._check_open()
        return 0

    def prove(self, assignment: Buffer, blind_r: Buffer, blind_s: Buffer, *, threads: int = 1) -> bytes:
        self._check_open()
        check_threads(threads)
        return reference_groth16.prove(self._groups, self._key, assignment, blind_r, blind_s, self._tables)


class ReferenceSystem(Preparation):
    """See ``interface.PreparedSystem``."""

    def __init__(
        self, field: PrimeField, matrices: tuple[Matrix, Matrix, Matrix], table: Sequence[int], num_columns: int
    ) -> None:
        super().__init__("constraint system")
        self._field, self._matrices, self._table, self._num_columns = field, matrices, table, num_columns
        if len({matrix.num_rows for matrix in matrices}) != 1:
            raise MalformedInput("the three matrices have different numbers of rows")
        self._products([0] * num_columns)

    def _products(self, z: list[int]) -> list[list[int]]:
        modulus = self._field.modulus
        return [reference_vectors.apply(matrix, self._table, z, modulus) for matrix in self._matrices]

    def first_unsatisfied(self, z: Buffer, *, threads: int = 1) -> int | None:
        self._check_open()
        check_threads(threads)
        products = self._products(unpack(self._field, z, "z", self._num_columns))
        for row, (left, right, output) in enumerate(zip(*products, strict=True)):
            if left * right % self._field.modulus != output:
                return row
        return None


class ReferenceProgram(Preparation):
    """See ``interface.PreparedProgram``."""

    def __init__(
        self,
        field: PrimeField,
        tape: list[int],
        table: Sequence[int],
        num_wires: int,
        num_inputs: int,
        num_registers: int,
    ) -> None:
        super().__init__("witness program")
        self._field, self._num_inputs = field, num_inputs
        self._tape, self._table = tape, table
        self._num_wires, self._num_registers = num_wires, num_registers
        if num_inputs < 0:
            raise MalformedInput(f"{num_inputs} inputs")
        self._run([0] * num_inputs)

    def _run(self, inputs: list[int]) -> list[int]:
        return reference_program.run(self._field, self._tape, self._table, inputs, self._num_wires, self._num_registers)

    def assign(self, inputs: Buffer) -> bytearray:
        self._check_open()
        return bytearray(pack(self._field, self._run(unpack(self._field, inputs, "inputs", self._num_inputs))))
