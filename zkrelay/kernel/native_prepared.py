"""What the C kernels prepare once for many calls: proving keys, constraint systems, witness programs.

A handle owns memory of C until ``close``, or until nothing refers to it any more.  Calls may come from many threads, as
cffi releases the interpreter's lock; ``close`` waits for those that run, and refuses later ones.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .._native import ffi, lib
from ..curves import PairingCurve
from ..errors import Closed, MalformedInput, NonCanonicalNumber
from .interface import U32, Buffer, Groth16Key, Groth16Tables, Matrix
from .native_border import (
    COEFFICIENT_RECORD_BYTES,
    ONE,
    SCALAR_BYTES,
    CMatrix,
    bad_index,
    check,
    checked_factor,
    checked_threads,
    count_of,
    curve_id,
    curve_named,
    expect_size,
    field_id,
    output,
    pinned,
    scalar_field_bytes,
    size_of,
    view,
    words,
)


class Handle:
    """A pointer that ``free`` takes back; ``what`` names it in errors."""

    def __init__(self, pointer: Any, free: Callable[[Any], None], what: str) -> None:
        self._pointer: Any = ffi.gc(pointer, free)
        self._what = what
        self._changed = threading.Condition()
        self._calls = 0

    @contextmanager
    def _in_use(self) -> Iterator[Any]:
        """The pointer, which stays valid in the block; raises ``Closed``."""
        with self._changed:
            if self._pointer is None:
                raise Closed(f"the {self._what} is closed")
            pointer = self._pointer
            self._calls += 1
        try:
            yield pointer
        finally:
            with self._changed:
                self._calls -= 1
                self._changed.notify_all()

    def close(self) -> None:
        """Give the memory back once no call runs any more; does nothing the second time."""
        with self._changed:
            pointer, self._pointer = self._pointer, None  # later calls are refused from here on
            while self._calls:
                self._changed.wait()
        if pointer is not None:
            ffi.release(pointer)


class NativeProver(Handle):
    """See ``interface.PreparedProver``.  Keeps the buffers of key and tables alive."""

    def __init__(self, pointer: Any, curve: PairingCurve, num_variables: int, buffers: list[memoryview]) -> None:
        super().__init__(pointer, lib.zkr_prover_free, "prover")
        self._curve = curve
        self._num_variables = num_variables
        self._buffers = buffers

    @property
    def num_bytes(self) -> int:
        with self._in_use() as pointer:
            return int(lib.zkr_prover_num_bytes(pointer))

    def prove(self, assignment: Buffer, blind_r: Buffer, blind_s: Buffer, *, threads: int = 1) -> bytes:
        expect_size(assignment, self._num_variables * SCALAR_BYTES, "assignment")
        if bytes(assignment[:SCALAR_BYTES]) != ONE:
            raise MalformedInput("element 0 of the assignment must be 1")
        for blind, name in ((blind_r, "blind_r"), (blind_s, "blind_s")):
            expect_size(blind, SCALAR_BYTES, name)
            if int.from_bytes(bytes(blind), "little") >= self._curve.fr.modulus:
                raise NonCanonicalNumber(f"{name} is not below the order of the group")
        out, c_out = output(self._curve.proof_bytes)
        bad, checked = bad_index(), checked_threads(threads)
        with self._in_use() as pointer:
            status = lib.zkr_prover_prove_vartime(
                pointer, c_out, view(assignment), view(blind_r), view(blind_s), checked, bad
            )
            check(status, bad)
        return bytes(out)

    def close(self) -> None:
        super().close()
        self._buffers = []


class NativeSystem(Handle):
    """See ``interface.PreparedSystem``."""

    def __init__(self, pointer: Any, num_columns: int, element_size: int) -> None:
        super().__init__(pointer, lib.zkr_system_free, "constraint system")
        self._num_columns, self._element_size = num_columns, element_size

    def first_unsatisfied(self, z: Buffer, *, threads: int = 1) -> int | None:
        expect_size(z, self._num_columns * self._element_size, "z")
        row, bad = ffi.new("int64_t *"), bad_index()
        with self._in_use() as pointer:
            check(lib.zkr_system_first_unsatisfied(pointer, row, view(z), checked_threads(threads), bad), bad)
        return None if row[0] < 0 else int(row[0])


class NativeProgram(Handle):
    """See ``interface.PreparedProgram``."""

    def __init__(self, pointer: Any, num_wires: int, num_inputs: int, element_size: int) -> None:
        super().__init__(pointer, lib.zkr_program_free, "witness program")
        self._num_wires = num_wires
        self._num_inputs = num_inputs
        self._element_size = element_size

    def assign(self, inputs: Buffer) -> bytearray:
        expect_size(inputs, self._num_inputs * self._element_size, "inputs")
        out, c_out = output(self._num_wires * self._element_size)
        bad = bad_index()
        with self._in_use() as pointer:
            check(lib.zkr_program_assign_vartime(pointer, c_out, view(inputs), bad), bad, "input")
        return out


class NativePreparation:
    """The part of ``NativeKernel`` that makes handles, and their one-shot forms; ``_lib`` has the kernel selected."""

    @property
    def _lib(self) -> Any:
        raise NotImplementedError

    def prover(self, curve: str, key: Groth16Key, tables: Groth16Tables | None = None) -> NativeProver:
        shape = curve_named(curve)
        g1, g2 = shape.g1_bytes, shape.g2_bytes
        sizes = {
            "alpha_g1": g1,
            "beta_g1": g1,
            "beta_g2": g2,
            "delta_g1": g1,
            "delta_g2": g2,
            "a_query": key.num_variables * g1,
            "b_g1_query": key.num_variables * g1,
            "b_g2_query": key.num_variables * g2,
            "l_query": (key.num_variables - key.num_public - 1) * g1,
        }
        if not 0 <= key.log_domain <= lib.ZKR_MAX_LOG_SIZE:
            raise MalformedInput(f"no domain of size 2^{key.log_domain}")
        if not 0 <= key.num_public < key.num_variables < 1 << 32:
            raise MalformedInput(f"{key.num_public} public inputs among {key.num_variables} variables")
        sizes["h_query"] = g1 << key.log_domain
        c_key, pins = ffi.new("zkr_groth16_key *"), []
        for name, size in [*sizes.items(), ("coefficients", size_of(key.coefficients))]:
            part = getattr(key, name)
            expect_size(part, size, name)
            pin, pointer = pinned(part)
            pins.append(pin)
            setattr(c_key, name, pointer)
        c_key.num_variables, c_key.num_public, c_key.log_domain = key.num_variables, key.num_public, key.log_domain
        c_key.num_coefficients = count_of(key.coefficients, COEFFICIENT_RECORD_BYTES, "coefficients")
        c_tables = ffi.NULL if tables is None else _tables(tables, g1, g2, pins)
        out, bad = ffi.new("zkr_prover **"), bad_index()
        check(self._lib.zkr_prover_new(curve_id(curve), out, c_key, c_tables, bad), bad, "coefficient")
        return NativeProver(out[0], shape, key.num_variables, pins)

    def groth16_prove(
        self, curve: str, key: Groth16Key, assignment: Buffer, blind_r: Buffer, blind_s: Buffer, *, threads: int = 1
    ) -> bytes:
        prover = self.prover(curve, key)
        try:
            return prover.prove(assignment, blind_r, blind_s, threads=threads)
        finally:
            prover.close()

    def system(
        self, field: str, matrices: tuple[Matrix, Matrix, Matrix], table: Buffer, num_columns: int
    ) -> NativeSystem:
        size = scalar_field_bytes(field)
        table_size = count_of(table, size, "table")
        if not 0 <= num_columns <= 1 << 32:
            raise MalformedInput(f"num_columns must be in [0, 2^32], not {num_columns}")
        c_matrices = [CMatrix(matrix, f"matrix {name}") for matrix, name in zip(matrices, "ABC", strict=True)]
        out, pointers = ffi.new("zkr_system **"), [c_matrix.pointer for c_matrix in c_matrices]
        check(self._lib.zkr_system_new(field_id(field), out, *pointers, view(table), table_size, num_columns))
        return NativeSystem(out[0], num_columns, size)

    def first_unsatisfied(
        self, field: str, matrices: tuple[Matrix, Matrix, Matrix], table: Buffer, z: Buffer
    ) -> int | None:
        system = self.system(field, matrices, table, count_of(z, scalar_field_bytes(field), "z"))
        try:
            return system.first_unsatisfied(z)
        finally:
            system.close()

    def program(
        self, field: str, tape: U32, table: Buffer, num_wires: int, num_inputs: int, num_registers: int
    ) -> NativeProgram:
        size = scalar_field_bytes(field)
        table_size = count_of(table, size, "table")
        # Registers are named by 32-bit words; a larger number cannot be true and must not size an output.
        if not 0 < num_wires <= num_registers <= 1 << 32 or num_inputs < 0:
            raise MalformedInput(f"{num_wires} wires and {num_inputs} inputs in {num_registers} registers")
        if num_registers > 1 + num_inputs + (len(tape) // 3 + 1) * 256:
            raise MalformedInput(f"{num_registers} registers are more than the program can write")
        c_tape, out, bad = words(tape, "<u4", "uint32_t[]"), ffi.new("zkr_program **"), bad_index()
        numbers = (table_size, num_inputs, num_registers)
        status = self._lib.zkr_program_new(
            field_id(field), out, num_wires, c_tape, len(tape), view(table), *numbers, bad
        )
        check(status, bad, "word")
        return NativeProgram(out[0], num_wires, num_inputs, size)

    def run_program(
        self, field: str, tape: U32, table: Buffer, inputs: Buffer, num_wires: int, num_registers: int
    ) -> bytes:
        num_inputs = count_of(inputs, scalar_field_bytes(field), "inputs")
        program = self.program(field, tape, table, num_wires, num_inputs, num_registers)
        try:
            return bytes(program.assign(inputs))
        finally:
            program.close()


def _tables(tables: Groth16Tables, g1_bytes: int, g2_bytes: int, pins: list[memoryview]) -> Any:
    """A ``zkr_groth16_tables`` over the buffers, which ``pins`` keeps; the kernel holds the counts against the key."""
    c_tables = ffi.new("zkr_groth16_tables *")
    c_tables.factor = checked_factor(tables.factor)
    for name in ("a", "b_g1", "b_g2", "l", "h"):
        part = getattr(tables, f"{name}_multiples")
        setattr(c_tables, f"num_{name}", count_of(part, g2_bytes if name == "b_g2" else g1_bytes, f"{name}_multiples"))
        pin, pointer = pinned(part)
        pins.append(pin)
        setattr(c_tables, f"{name}_multiples", pointer)
    return c_tables
