"""The rank-1 constraint system: for every row i, ⟨A_i, z⟩ · ⟨B_i, z⟩ = ⟨C_i, z⟩ over a prime field.

z is the assignment: z_0 = 1, then the public inputs, the private inputs, and the internal wires.
"""

from __future__ import annotations

import dataclasses
import hashlib
from functools import cached_property

from ..algebra.encoding import unpack_field
from ..curves import PrimeField
from ..errors import MalformedInput, UnsatisfiedConstraint
from ..kernel import Buffer, Kernel, Matrix, PreparedSystem, current, get


@dataclasses.dataclass(frozen=True)
class Debug:
    """What a report needs to name things; empty when a file did not carry it.

    ``wire_names[w]`` is the signal's dotted name; ``lines[constraint_lines[i]]`` is the source line of row i.
    """

    wire_names: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    constraint_lines: tuple[int, ...] = ()

    def line_of(self, row: int) -> str:
        return self.lines[self.constraint_lines[row]] if row < len(self.constraint_lines) else ""

    def name_of(self, wire: int) -> str:
        if wire == 0:
            return "one"
        return self.wire_names[wire] if wire < len(self.wire_names) else f"wire {wire}"


@dataclasses.dataclass(frozen=True)
class R1CS:
    """Three CSR matrices over one table of distinct canonical coefficients (``coefficients``, little-endian).

    ``num_public`` counts outputs and public inputs together (wires 1..num_public); ``num_outputs`` of them are
    outputs (0 for circuits compiled here, as they have none).  ``num_private_inputs`` follow on the next wires.
    """

    field: PrimeField
    num_variables: int
    num_public: int
    num_private_inputs: int
    a: Matrix
    b: Matrix
    c: Matrix
    coefficients: bytes
    num_outputs: int = 0
    debug: Debug = dataclasses.field(default_factory=Debug)
    _by_kernel: dict[str, PreparedSystem] = dataclasses.field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __repr__(self) -> str:
        counts = f"{self.num_constraints} constraints, {self.num_variables} variables, {self.num_public} public"
        return f"R1CS({self.field.name}, {counts})"

    @property
    def num_constraints(self) -> int:
        return self.a.num_rows

    @cached_property
    def coefficient_values(self) -> list[int]:
        return unpack_field(self.field, self.coefficients)

    @cached_property
    def table_montgomery(self) -> bytes:
        """The coefficient table in the form that kernel calls take."""
        return kernel_for(self.field).to_montgomery(self.field.name, self.coefficients)

    def row(self, matrix: Matrix, index: int) -> list[tuple[int, int]]:
        """Entries of one row as (wire, coefficient) pairs."""
        lo, hi = int(matrix.offsets[index]), int(matrix.offsets[index + 1])
        values = self.coefficient_values
        ids = matrix.coefficient_ids[lo:hi]
        return [(int(w), values[int(i)]) for w, i in zip(matrix.columns[lo:hi], ids, strict=True)]

    def __getstate__(self) -> dict[str, object]:
        """Without what kernels have prepared, which lives in this process."""
        return {**self.__dict__, "_by_kernel": {}}

    def for_kernel(self, kernel: Kernel) -> PreparedSystem:
        """The rows as ``kernel`` checks them; prepared once for each kernel, and kept with this object."""
        prepared = self._by_kernel.get(kernel.name)
        if prepared is None:
            matrices = (self.a, self.b, self.c)
            prepared = kernel.system(self.field.name, matrices, self.table_montgomery, self.num_variables)
            self._by_kernel[kernel.name] = prepared
        return prepared

    def check(self, assignment: Buffer, *, threads: int = 1) -> None:
        """Check all rows; ``assignment`` is canonical and has num_variables elements.

        Raises:
            UnsatisfiedConstraint: naming the first violated row.
            MalformedInput: wrong length, non-canonical element, or z_0 != 1.
        """
        size = self.field.num_bytes
        if len(assignment) != self.num_variables * size:
            raise MalformedInput(
                f"the assignment has {len(assignment) // size} elements, the circuit has {self.num_variables} wires"
            )
        if int.from_bytes(bytes(assignment[:size]), "little") != 1:
            raise MalformedInput("element 0 of the assignment must be 1")
        row = self.for_kernel(kernel_for(self.field)).first_unsatisfied(assignment, threads=threads)
        if row is not None:
            raise self._report(row, assignment)

    def _report(self, row: int, assignment: Buffer) -> UnsatisfiedConstraint:
        """The two sides are field elements of this row only; names are given, values of other signals are not."""
        modulus, size = self.field.modulus, self.field.num_bytes

        def value(wire: int) -> int:
            return int.from_bytes(bytes(assignment[wire * size : (wire + 1) * size]), "little")

        rows = [self.row(matrix, row) for matrix in (self.a, self.b, self.c)]
        sides = [sum(c * value(w) for w, c in entries) % modulus for entries in rows]
        names = {w: self.debug.name_of(w) for entries in rows for w, _ in entries if w}
        return UnsatisfiedConstraint(
            row,
            source=self.debug.line_of(row),
            left=str(sides[0] * sides[1] % modulus),
            right=str(sides[2]),
            signals=tuple(names[w] for w in sorted(names))[:12],
        )

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of field, shape and rows: the circuit's identity, on every machine and after every file.

        Coefficients are numbered by first use in A, B, C, so that the order of the table does not matter.
        """
        import numpy as np

        matrices = (self.a, self.b, self.c)
        ids = np.concatenate([matrix.coefficient_ids for matrix in matrices])
        used, first_use, renumbered = np.unique(ids, return_index=True, return_inverse=True)
        order = np.argsort(first_use)
        rank = np.empty(len(used), dtype="<u4")
        rank[order] = np.arange(len(used))
        h = hashlib.sha256(b"zkrelay/r1cs/1")
        h.update(self.field.modulus.to_bytes(64, "little"))
        shape = (self.num_variables, self.num_outputs, self.num_public, self.num_private_inputs, self.num_constraints)
        for number in (*shape, len(used)):
            h.update(number.to_bytes(8, "little"))
        size = self.field.num_bytes
        for index in used[order].tolist():
            h.update(self.coefficients[index * size : (index + 1) * size])
        for matrix in matrices:
            h.update(matrix.offsets.astype("<u8").tobytes())
            h.update(matrix.columns.astype("<u4").tobytes())
        h.update(rank[renumbered].tobytes())
        return h.hexdigest()


_NATIVE_FIELDS = frozenset({"bn254_fr", "bls12_381_fr"})


def kernel_for(field: PrimeField) -> Kernel:
    """The kernel in use, or ``reference`` for primes that no C kernel is built for (tiny test fields)."""
    return current() if field.name in _NATIVE_FIELDS else get("reference")
