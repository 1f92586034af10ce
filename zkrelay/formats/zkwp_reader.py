"""Reading ``.zkwp``: every count is held against the bytes, and every index against what it points into.

What the tape *computes* is the kernel's question when it runs; here its instructions are only walked, so that the
number of registers (which the kernel takes memory for) is the number that the tape writes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..curves import PrimeField
from ..kernel.interface import U32, Matrix
from ..r1cs.constraint_system import R1CS, Debug
from ..r1cs.program import CompiledCircuit, InputSpec, WitnessProgram
from .container import read_container
from .cursor import Cursor
from .elements import check_canonical, limbs_of, read_field
from .files import Source
from .zkwp import (
    DEBUG,
    HEADER,
    INPUTS,
    MAGIC,
    MATRIX_A,
    MATRIX_B,
    MATRIX_C,
    MAX_DIMENSIONS,
    SECTION_NAMES,
    TABLE,
    TAPE,
    VERSION,
    is_storable,
)

_DOT, _MUL, _INV, _BITS = 1, 2, 3, 4
_MAX_BITS = 256
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Header:
    field: PrimeField
    num_variables: int
    num_public: int
    num_private_inputs: int
    num_constraints: int
    num_registers: int
    table_size: int
    name: str


def read_zkwp(source: Source) -> CompiledCircuit:
    """A compiled circuit.

    Raises:
        FormatError: the file does not follow the format; with section and offset.
    """
    container = read_container(source, MAGIC, (VERSION,), SECTION_NAMES)
    header = _read_header(container.cursor(HEADER))
    table_cursor = container.cursor(TABLE)
    table = bytes(table_cursor.take_array(header.table_size, header.field.num_bytes, "coefficients"))
    table_cursor.end()
    check_canonical(table_cursor, table, header.field, 0, "coefficient")
    is_zero: Flags = limbs_of(table, header.field.num_bytes).max(axis=1) == 0
    a, b, c = (_read_matrix(container.cursor(s), header, is_zero) for s in (MATRIX_A, MATRIX_B, MATRIX_C))
    r1cs = R1CS(
        field=header.field,
        num_variables=header.num_variables,
        num_public=header.num_public,
        num_private_inputs=header.num_private_inputs,
        a=a,
        b=b,
        c=c,
        coefficients=table,
        debug=_read_debug(container.cursor(DEBUG), header),
    )
    program = WitnessProgram(
        field=header.field,
        inputs=_read_inputs(container.cursor(INPUTS), header),
        tape=_read_tape(container.cursor(TAPE), header),
        table=table,
        num_wires=header.num_variables,
        num_registers=header.num_registers,
    )
    return CompiledCircuit(header.name, r1cs, program)


def _read_header(cursor: Cursor) -> _Header:
    field = read_field(cursor)
    header = _Header(
        field=field,
        num_variables=cursor.u32("the number of wires"),
        num_public=cursor.u32("the number of public inputs"),
        num_private_inputs=cursor.u32("the number of private inputs"),
        num_constraints=cursor.u32("the number of constraints"),
        num_registers=cursor.u32("the number of registers"),
        table_size=cursor.u32("the number of coefficients"),
        name=_read_text(cursor, "the name of the circuit"),
    )
    cursor.end()
    if 1 + header.num_public + header.num_private_inputs > header.num_variables:
        raise cursor.error(f"{header.num_variables} wires cannot hold the constant and all inputs")
    if header.num_variables > header.num_registers:
        raise cursor.error(f"{header.num_registers} registers cannot hold {header.num_variables} wires")
    return header


def _read_text(cursor: Cursor, what: str) -> str:
    start = cursor.position
    data = bytes(cursor.take(cursor.u32(f"the length of {what}"), what))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise cursor.error(f"{what} is not UTF-8", at=start) from None
    if not is_storable(text):
        raise cursor.error(f"{what} is too long or not printable", at=start)
    return text


def _read_u32s(cursor: Cursor, count: int, what: str) -> U32:
    """An aligned copy: the kernel reads these as arrays."""
    return np.frombuffer(cursor.take_array(count, 4, what), dtype="<u4").astype(np.uint32)


def _read_indices(cursor: Cursor, count: int, limit: int, what: str) -> U32:
    start = cursor.position
    values = _read_u32s(cursor, count, f"{what} indices")
    outside = np.flatnonzero(values >= limit)
    if outside.size:
        first = int(outside[0])
        raise cursor.error(f"{what} {values[first]} does not exist, there are {limit}", at=start + 4 * first)
    return values


def _read_matrix(cursor: Cursor, header: _Header, is_zero: Flags) -> Matrix:
    lengths = _read_u32s(cursor, header.num_constraints, "row lengths")  # and now the count is known to be true
    offsets = np.zeros(header.num_constraints + 1, dtype=np.uint64)
    np.cumsum(lengths, dtype=np.uint64, out=offsets[1:])
    columns = _read_indices(cursor, int(offsets[-1]), header.num_variables, "column")
    start = cursor.position
    ids = _read_indices(cursor, int(offsets[-1]), header.table_size, "coefficient")
    zero = np.flatnonzero(is_zero[ids])
    if zero.size:
        raise cursor.error("an entry has the coefficient zero", at=start + 4 * int(zero[0]))
    cursor.end()
    return Matrix(offsets, columns, ids)


def _read_inputs(cursor: Cursor, header: _Header) -> tuple[InputSpec, ...]:
    """Inputs take the wires from 1 on without a gap, public ones first."""
    specs: list[InputSpec] = []
    names: set[str] = set()
    next_wire, num_public = 1, 0
    count = cursor.u32("the number of inputs")
    if count * 16 > cursor.remaining:
        raise cursor.error(f"{count} inputs do not fit into the {cursor.remaining} bytes left")
    for _ in range(count):
        start = cursor.position
        name = _read_text(cursor, "the name of an input")
        public, dimensions = cursor.u32("whether it is public"), cursor.u32("the number of dimensions")
        if public > 1 or dimensions > MAX_DIMENSIONS:
            raise cursor.error(f"an input's flag is {public} and it has {dimensions} dimensions", at=start)
        shape = tuple(cursor.u32("a dimension") for _ in range(dimensions))
        first_wire = cursor.u32("the first wire of an input")
        if not name or name in names:
            raise cursor.error("an input has no name, or another one's", at=start)
        if first_wire != next_wire or (public and num_public != next_wire - 1):
            raise cursor.error("inputs must take the wires from 1 on without a gap, public ones first", at=start)
        next_wire += math.prod(shape)
        num_public += math.prod(shape) * public
        if next_wire - 1 > header.num_public + header.num_private_inputs:
            raise cursor.error("the inputs are more than the header says", at=start)
        names.add(name)
        specs.append(InputSpec(name, shape, bool(public), first_wire))
    cursor.end()
    if (num_public, next_wire - 1) != (header.num_public, header.num_public + header.num_private_inputs):
        raise cursor.error("the inputs are not those that the header counts")
    return tuple(specs)


def _read_tape(cursor: Cursor, header: _Header) -> U32:
    if len(cursor.view) % 4:
        raise cursor.error(f"{len(cursor.view)} bytes are not a whole number of 32-bit words")
    tape = _read_u32s(cursor, len(cursor.view) // 4, "words")
    words, end, at = tape.data, len(tape), 0
    written = 1 + header.num_public + header.num_private_inputs
    while at < end:
        opcode = words[at]
        length = {_DOT: 3, _MUL: 4, _INV: 3, _BITS: 4}.get(opcode, 0)
        if not length or at + length > end:
            raise cursor.error(f"opcode {opcode} is unknown, or the tape ends inside it", at=4 * at)
        if opcode == _DOT:
            length += 2 * words[at + 2]
            if at + length > end:
                raise cursor.error("the tape ends inside a sum", at=4 * at)
        if opcode == _BITS and words[at + 2] > _MAX_BITS:
            raise cursor.error(f"{words[at + 2]} bits are more than {_MAX_BITS}", at=4 * at)
        written += words[at + 2] if opcode == _BITS else 1
        at += length
    if written != header.num_registers:
        raise cursor.error(f"the tape fills {written} registers, the header says {header.num_registers}")
    return tape


def _read_debug(cursor: Cursor, header: _Header) -> Debug:
    wire_names = _read_texts(cursor, "wire names")
    lines = _read_texts(cursor, "source lines")
    constraint_lines = _read_u32s(cursor, cursor.u32("the number of line indices"), "line indices")
    cursor.end()
    if len(wire_names) not in (0, header.num_variables):
        raise cursor.error(f"{len(wire_names)} wire names for {header.num_variables} wires")
    if len(constraint_lines) not in (0, header.num_constraints):
        raise cursor.error(f"{len(constraint_lines)} line indices for {header.num_constraints} constraints")
    if constraint_lines.size and int(constraint_lines.max()) >= len(lines):
        raise cursor.error("a line index does not exist")
    return Debug(wire_names, lines, tuple(constraint_lines.tolist()))


def _read_texts(cursor: Cursor, what: str) -> tuple[str, ...]:
    count = cursor.u32(f"the number of {what}")
    if 4 * count > cursor.remaining:
        raise cursor.error(f"{count} {what} do not fit into the {cursor.remaining} bytes left")
    return tuple(_read_text(cursor, what) for _ in range(count))
