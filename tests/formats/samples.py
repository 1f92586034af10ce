"""What the format tests read and make: real files of other tools, raw containers, small systems, and a small key."""

from __future__ import annotations

import gzip
import random
import struct
import tracemalloc
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from zkrelay.algebra.encoding import pack_field
from zkrelay.curves import PrimeField, bls12_381, bn254
from zkrelay.groth16 import ProvingKey, setup
from zkrelay.kernel import Matrix
from zkrelay.r1cs.constraint_system import R1CS, Debug
from zkrelay.r1cs.program import CompiledCircuit, InputSpec, WitnessProgram

from ..groth16.small_circuits import cubic

INTEROP = Path(__file__).resolve().parent.parent / "vectors" / "interop"
F13 = PrimeField("prime_13", 13)
FIELDS = (bn254.FR, bls12_381.FR, F13)
Row = tuple[dict[int, int], dict[int, int], dict[int, int]]
Sections = list[tuple[int, bytes]]


@cache
def interop(name: str) -> bytes:
    """A file made by circom, snarkjs or rapidsnark; ``.gz`` is unpacked."""
    data = (INTEROP / name).read_bytes()
    return gzip.decompress(data) if name.endswith(".gz") else data


def pack_container(magic: str, version: int, sections: Iterable[tuple[int, bytes]]) -> bytes:
    """A container put together here, without the code under test."""
    sections = list(sections)
    out = struct.pack("<4sII", magic.encode(), version, len(sections))
    return out + b"".join(struct.pack("<IQ", kind, len(data)) + data for kind, data in sections)


def unpack_container(data: bytes) -> Sections:
    """(type, payload) in file order, the slow and plain way."""
    (count,) = struct.unpack_from("<I", data, 8)
    position, sections = 12, []
    for _ in range(count):
        kind, size = struct.unpack_from("<IQ", data, position)
        position += 12
        sections.append((kind, data[position : position + size]))
        position += size
    assert position == len(data)
    return sections


def borders(data: bytes) -> list[int]:
    """Where the header, each section header and each payload end (the last is the end of the file)."""
    found, position = [12], 12
    for _, payload in unpack_container(data):
        found += [position + 12, position + 12 + len(payload)]
        position += 12 + len(payload)
    return found


def replaced(data: bytes, kind: int, change: Callable[[bytes], bytes]) -> bytes:
    """The container with one payload changed and its size put right."""
    magic, version, _ = struct.unpack_from("<4sII", data)
    sections = [(k, change(payload) if k == kind else payload) for k, payload in unpack_container(data)]
    return pack_container(magic.decode(), version, sections)


def patched(data: bytes, at: int, value: bytes) -> bytes:
    assert at + len(value) <= len(data)
    return data[:at] + value + data[at + len(value) :]


def u32(number: int) -> bytes:
    return struct.pack("<I", number)


def peak_bytes(action: Callable[[], object]) -> int:
    """Memory that the action takes at its highest, numpy's included."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def system(
    rows: Sequence[Row],
    num_variables: int,
    num_public: int,
    field: PrimeField = bn254.FR,
    *,
    num_outputs: int = 0,
    num_private_inputs: int = 0,
    debug: Debug | None = None,
) -> R1CS:
    """An R1CS whose table is in order of first use (A, then B, then C; wires ascending), as files are read."""
    table: dict[int, int] = {}

    def matrix(side: int) -> Matrix:
        offsets, columns, ids = [0], [], []
        for row in rows:
            for wire, value in sorted(row[side].items()):
                columns.append(wire)
                ids.append(table.setdefault(value, len(table)))
            offsets.append(len(columns))
        return Matrix(
            np.array(offsets, dtype=np.uint64), np.array(columns, dtype=np.uint32), np.array(ids, dtype=np.uint32)
        )

    a, b, c = matrix(0), matrix(1), matrix(2)
    return R1CS(
        field=field,
        num_variables=num_variables,
        num_public=num_public,
        num_private_inputs=num_private_inputs,
        a=a,
        b=b,
        c=c,
        coefficients=pack_field(field, table),
        num_outputs=num_outputs,
        debug=debug or Debug(),
    )


def rows_of(r1cs: R1CS) -> list[tuple[list[tuple[int, int]], ...]]:
    """Every row as (wire, coefficient) lists: what two systems must share, whatever their tables."""
    return [tuple(r1cs.row(m, i) for m in (r1cs.a, r1cs.b, r1cs.c)) for i in range(r1cs.num_constraints)]


def circuit() -> CompiledCircuit:
    """By hand: public y, private x[2]; y = (x0·x1)² + 3, with a bit decomposition and an inverse on the tape.

    Wires: 0 one, 1 y, 2 x0, 3 x1, 4 product, 5 square; registers 6 inverse, 7..9 bits, 10 a sum.
    """
    rows: list[Row] = [
        ({2: 1}, {3: 1}, {4: 1}),
        ({4: 1}, {4: 1}, {5: 1}),
        ({5: 1, 0: 3}, {0: 1}, {1: 1}),
    ]
    debug = Debug(("one", "y", "x[0]", "x[1]", "product", "square"), ("module:1", "module:2 < other:9"), (0, 0, 1))
    r1cs = system(rows, 6, 1, num_private_inputs=2, debug=debug)
    one, three = r1cs.coefficient_values.index(1), r1cs.coefficient_values.index(3)
    tape = [2, 4, 2, 3, 2, 5, 4, 4, 3, 6, 2, 4, 7, 3, 3, 1, 10, 2, one, 5, three, 0]
    program = WitnessProgram(
        field=bn254.FR,
        inputs=(InputSpec("y", (), True, 1), InputSpec("x", (2,), False, 2)),
        tape=np.array(tape, dtype=np.uint32),
        table=r1cs.coefficients,
        num_wires=6,
        num_registers=11,
    )
    return CompiledCircuit("by hand", r1cs, program)


@cache
def small_key() -> ProvingKey:
    """A development key for y = x³ + x + 5."""
    return setup(cubic(3)[0])


def random_rows(rng: random.Random, num_rows: int, num_variables: int, modulus: int) -> list[Row]:
    def side() -> dict[int, int]:
        wires = rng.sample(range(num_variables), rng.randrange(0, min(num_variables, 4) + 1))
        return {wire: rng.randrange(1, modulus) for wire in wires}

    return [(side(), side(), side()) for _ in range(num_rows)]
