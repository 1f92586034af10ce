"""``.zkwp`` version 1: a compiled circuit, the constraint system and the program that fills its assignment.

The format is our own; each byte is specified in docs/formats.md, ".zkwp".  This file holds the layout and the writer;
``zkwp_reader`` reads, and believes nothing.  Writing is deterministic: equal circuits give equal files.
"""

from __future__ import annotations

import os

from ..errors import MalformedInput
from ..kernel import Buffer, Matrix
from ..r1cs.constraint_system import Debug
from ..r1cs.program import CompiledCircuit, InputSpec
from .container import write_container
from .elements import field_header

MAGIC, VERSION = "zkwp", 1
HEADER, TABLE, MATRIX_A, MATRIX_B, MATRIX_C, TAPE, INPUTS, DEBUG = range(1, 9)
SECTION_NAMES = {
    HEADER: "header",
    TABLE: "coefficient table",
    MATRIX_A: "matrix A",
    MATRIX_B: "matrix B",
    MATRIX_C: "matrix C",
    TAPE: "tape",
    INPUTS: "inputs",
    DEBUG: "debug",
}
MAX_TEXT_CHARACTERS = 4096
MAX_DIMENSIONS = 8


def write_zkwp(path: str | os.PathLike[str], circuit: CompiledCircuit, *, overwrite: bool = False) -> None:
    """Write a compiled circuit.

    Raises:
        MalformedInput: the program and the constraint system do not belong together, the system has outputs, or a name
            cannot be stored (over 4096 characters or not printable).
        FileExistsError: ``path`` exists and ``overwrite`` was not asked for.
    """
    r1cs, program = circuit.r1cs, circuit.program
    if program.field != r1cs.field or program.num_wires != r1cs.num_variables or program.table != r1cs.coefficients:
        raise MalformedInput("the witness program and the constraint system do not belong together")
    if r1cs.num_outputs:
        raise MalformedInput("a compiled circuit has no outputs, only public inputs")
    header = field_header(r1cs.field) + b"".join(
        _u32(number)
        for number in (
            r1cs.num_variables,
            r1cs.num_public,
            r1cs.num_private_inputs,
            r1cs.num_constraints,
            program.num_registers,
            len(r1cs.coefficients) // r1cs.field.num_bytes,
        )
    )
    sections: list[tuple[int, list[Buffer]]] = [
        (HEADER, [header, _text(circuit.name)]),
        (TABLE, [r1cs.coefficients]),
        (MATRIX_A, _matrix(r1cs.a)),
        (MATRIX_B, _matrix(r1cs.b)),
        (MATRIX_C, _matrix(r1cs.c)),
        (TAPE, [program.tape.astype("<u4").tobytes()]),
        (INPUTS, [_u32(len(program.inputs)), *(_input(spec) for spec in program.inputs)]),
        (DEBUG, _debug(r1cs.debug)),
    ]
    write_container(path, MAGIC, VERSION, sections, overwrite=overwrite)


def is_storable(text: str) -> bool:
    """Printable (nothing that a terminal acts on) and of bounded length."""
    return len(text) <= MAX_TEXT_CHARACTERS and text.isprintable()


def _u32(number: int) -> bytes:
    return number.to_bytes(4, "little")


def _text(text: str) -> bytes:
    if not is_storable(text):
        raise MalformedInput(f"a name of {len(text)} characters is too long or not printable")
    data = text.encode()
    return _u32(len(data)) + data


def _matrix(matrix: Matrix) -> list[Buffer]:
    lengths = matrix.offsets[1:] - matrix.offsets[:-1]
    return [array.astype("<u4").tobytes() for array in (lengths, matrix.columns, matrix.coefficient_ids)]


def _input(spec: InputSpec) -> bytes:
    if len(spec.shape) > MAX_DIMENSIONS:
        raise MalformedInput(f"input {spec.name!r} has more than {MAX_DIMENSIONS} dimensions")
    numbers = (int(spec.is_public), len(spec.shape), *spec.shape, spec.first_wire)
    return _text(spec.name) + b"".join(_u32(number) for number in numbers)


def _debug(debug: Debug) -> list[Buffer]:
    out: list[Buffer] = []
    for texts in (debug.wire_names, debug.lines):
        out += [_u32(len(texts)), *(_text(text) for text in texts)]
    return [*out, _u32(len(debug.constraint_lines)), *(_u32(line) for line in debug.constraint_lines)]
