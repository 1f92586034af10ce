"""``.zkwp``: a compiled circuit comes back whole; each count, index and length of a hostile one is refused."""

from __future__ import annotations

import dataclasses
import random
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from zkrelay.algebra.encoding import unpack_field
from zkrelay.curves import bn254
from zkrelay.errors import FormatError, MalformedInput, UnsatisfiedConstraint, ZkrelayError
from zkrelay.formats import read_zkwp, write_zkwp
from zkrelay.r1cs import Circuit, compile_circuit, private_array, public
from zkrelay.r1cs.constraint_system import Debug
from zkrelay.r1cs.program import CompiledCircuit, InputSpec

from .samples import borders, circuit, pack_container, patched, peak_bytes, replaced, u32, unpack_container

R = bn254.FR.modulus
# words of the header behind n8 and the prime
WIRES, PUBLIC, PRIVATE, ROWS, REGISTERS, TABLE = (36 + 4 * i for i in range(6))


def written(tmp_path: Path, compiled: CompiledCircuit) -> bytes:
    path = tmp_path / "circuit.zkwp"
    write_zkwp(path, compiled, overwrite=True)
    return path.read_bytes()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return written(tmp_path_factory.mktemp("zkwp"), circuit())


def same(left: CompiledCircuit, right: CompiledCircuit) -> None:
    assert left.name == right.name
    assert left.r1cs.digest == right.r1cs.digest
    assert left.r1cs.field == right.r1cs.field
    assert left.r1cs.debug == right.r1cs.debug
    assert left.program.tape.tolist() == right.program.tape.tolist()
    assert left.program.tape.dtype == np.uint32
    fields = ("field", "inputs", "table", "num_wires", "num_registers")
    assert all(getattr(left.program, f) == getattr(right.program, f) for f in fields)


def test_round_trip(sample: bytes, tmp_path: Path) -> None:
    read = read_zkwp(sample)
    same(read, circuit())
    assert written(tmp_path, read) == sample
    path = tmp_path / "again.zkwp"
    path.write_bytes(sample)
    same(read_zkwp(path), circuit())


def test_what_was_read_runs(sample: bytes) -> None:
    read = read_zkwp(sample)
    y = (3 * 5) ** 2 + 3
    assert unpack_field(bn254.FR, read.assign({"y": y, "x": [3, 5]})) == [1, y, 3, 5, 15, 225]
    with pytest.raises(UnsatisfiedConstraint, match="module:2 < other:9"):
        read.assign({"y": y + 1, "x": [3, 5]})


class Sums(Circuit):
    y = public()
    x = private_array((2, 3))

    def define(self, cs: Any) -> None:
        total = self.x[0][0]
        for row in self.x:
            for item in row:
                total = total * item + 7
        cs.assert_equal(total, self.y)


def test_a_compiled_circuit_comes_back(tmp_path: Path) -> None:
    compiled = compile_circuit(Sums())
    read = read_zkwp(written(tmp_path, compiled))
    same(read, compiled)
    total = (x := [[1, 2, 3], [4, 5, 6]])[0][0]
    for item in (1, 2, 3, 4, 5, 6):
        total = total * item + 7
    assert read.assign({"y": total, "x": x}) == compiled.assign({"y": total, "x": x})


def test_without_debug(tmp_path: Path) -> None:
    full = circuit()
    bare = CompiledCircuit("", dataclasses.replace(full.r1cs, debug=Debug()), full.program)
    same(read_zkwp(written(tmp_path, bare)), bare)


def header(at: int, value: int) -> Callable[[bytes], bytes]:
    return section(1, at, u32(value))


def section(kind: int, at: int, value: bytes) -> Callable[[bytes], bytes]:
    return lambda data: replaced(data, kind, lambda payload: patched(payload, at, value))


def resized(kind: int, change: int) -> Callable[[bytes], bytes]:
    return lambda data: replaced(data, kind, lambda p: p + bytes(change) if change > 0 else p[:change])


def without(kind: int) -> Callable[[bytes], bytes]:
    return lambda data: pack_container("zkwp", 1, [s for s in unpack_container(data) if s[0] != kind])


def tape(*words: int) -> Callable[[bytes], bytes]:
    return lambda data: replaced(data, 6, lambda _: b"".join(map(u32, words)))


def spec(name: bytes, public: int, first_wire: int, *shape: int) -> bytes:
    return u32(len(name)) + name + u32(public) + u32(len(shape)) + b"".join(map(u32, shape)) + u32(first_wire)


def inputs(*specs: bytes, count: int | None = None) -> Callable[[bytes], bytes]:
    return lambda data: replaced(data, 7, lambda _: u32(len(specs) if count is None else count) + b"".join(specs))


def debug(*parts: bytes) -> Callable[[bytes], bytes]:
    return lambda data: replaced(data, 8, lambda _: b"".join(parts))


def texts(*items: bytes, count: int | None = None) -> bytes:
    return u32(len(items) if count is None else count) + b"".join(u32(len(item)) + item for item in items)


Y, X = spec(b"y", 1, 1), spec(b"x", 0, 2, 2)
NAMES, LINES, LINE_INDICES = texts(*[b"w"] * 6), texts(b"l"), u32(3) + bytes(12)
HUGE = 2**32 - 1

MALFORMED: list[tuple[Callable[[bytes], bytes], str]] = [
    (lambda data: patched(data, 0, b"zkey"), "not a .zkwp file"),
    (lambda data: patched(data, 4, u32(2)), "version 2 of .zkwp"),
    *[(without(kind), rf"section {kind} \(.*\) is missing") for kind in range(1, 9)],
    *[(resized(kind, 1), "follow the last field|whole number of 32-bit words") for kind in range(1, 9)],
    *[(resized(kind, -1), "") for kind in range(1, 9)],
    (lambda data: pack_container("zkwp", 1, [*unpack_container(data), (9, b"")]), "section type 9"),
    # header
    (header(0, 31), "field elements of 31 bytes"),
    (section(1, 4, b"\x00"), "not an odd prime"),
    (header(WIRES, 3), "3 wires cannot hold the constant and all inputs"),
    (header(WIRES, 12), "11 registers cannot hold 12 wires"),
    (header(WIRES, HUGE), "registers cannot hold"),
    (header(PUBLIC, HUGE), "cannot hold the constant and all inputs"),
    (header(PRIVATE, HUGE), "cannot hold the constant and all inputs"),
    (header(PUBLIC, 2), "inputs are not those that the header counts|the tape fills"),
    (header(PRIVATE, 1), "the inputs are more than the header says|the tape fills"),
    (header(ROWS, HUGE), "4294967295 row lengths of 4 bytes do not fit"),
    (header(ROWS, 2), "does not exist|follow the last field"),
    (header(REGISTERS, HUGE), "the tape fills 11 registers, the header says 4294967295"),
    (header(REGISTERS, 12), "the tape fills 11 registers, the header says 12"),
    (header(TABLE, HUGE), "4294967295 coefficients of 32 bytes do not fit"),
    (header(TABLE, 1), "32 bytes follow"),
    (section(1, 60, u32(HUGE)), "the name of the circuit needs 4294967295 bytes"),
    (section(1, 64, b"\xff"), "the name of the circuit is not UTF-8"),
    (section(1, 64, b"\x1b"), "the name of the circuit is too long or not printable"),
    # table and matrices
    (section(2, 0, R.to_bytes(32, "little")), "coefficient 0 is not below the modulus"),
    (section(2, 0, bytes(32)), "an entry has the coefficient zero"),
    (section(3, 0, u32(HUGE)), "column indices of 4 bytes do not fit"),
    (section(3, 12, u32(6)), "column 6 does not exist, there are 6"),
    (section(4, 12, u32(HUGE)), "column 4294967295 does not exist"),
    (section(5, 24, u32(2)), "coefficient 2 does not exist, there are 2"),
    # tape
    (tape(5, 1, 1, 1), "opcode 5 is unknown"),
    (tape(0), "opcode 0 is unknown"),
    (tape(2, 4, 2), "the tape ends inside it"),
    (tape(1, 4, HUGE), "the tape ends inside a sum"),
    (tape(1, 4, 2, 0, 0), "the tape ends inside a sum"),
    (tape(4, 4, 257, 1), "257 bits are more than 256"),
    (tape(4, 4, HUGE, 1), "4294967295 bits are more than 256"),
    (tape(), "the tape fills 4 registers, the header says 11"),
    # inputs
    (inputs(count=HUGE), "4294967295 inputs do not fit"),
    (inputs(Y), "the inputs are not those that the header counts"),
    (inputs(Y, X, spec(b"z", 0, 4)), "the inputs are more than the header says"),
    (inputs(Y, spec(b"y", 0, 2, 2)), "has no name, or another one's"),
    (inputs(Y, spec(b"", 0, 2, 2)), "has no name, or another one's"),
    (inputs(spec(b"x", 0, 1, 2), spec(b"y", 1, 3)), "public ones first"),
    (inputs(spec(b"y", 1, 2), X), "from 1 on without a gap"),
    (inputs(Y, spec(b"x", 0, 3, 2)), "from 1 on without a gap"),
    (inputs(Y, spec(b"x", 0, HUGE, 2)), "from 1 on without a gap"),
    (inputs(Y, spec(b"x", 0, 2, HUGE, HUGE)), "more than the header says"),
    (inputs(Y, spec(b"x", 2, 2, 2)), "flag is 2"),
    (inputs(Y, spec(b"x", 0, 2, *[1] * 8, 2)), "9 dimensions"),
    (inputs(spec(b"y", 1, 1), spec(b"x", 1, 2, 2)), "not those that the header counts"),
    (inputs(Y, spec(b"x\n", 0, 2, 2)), "not printable"),
    (inputs(Y, u32(HUGE) + X[4:]), "needs 4294967295 bytes"),
    # debug
    (debug(texts(count=HUGE), LINES, LINE_INDICES), "4294967295 wire names do not fit"),
    (debug(texts(b"w"), LINES, LINE_INDICES), "1 wire names for 6 wires"),
    (debug(NAMES, texts(count=HUGE)), "4294967295 source lines do not fit"),
    (debug(NAMES, LINES, u32(HUGE)), "4294967295 line indices of 4 bytes do not fit"),
    (debug(NAMES, LINES, u32(1) + bytes(4)), "1 line indices for 3 constraints"),
    (debug(NAMES, LINES, u32(3) + u32(0) + u32(1) + u32(0)), "a line index does not exist"),
    (debug(NAMES, texts(), LINE_INDICES), "a line index does not exist"),
    (debug(NAMES, texts(b"\x1b[0m"), LINE_INDICES), "not printable"),
    (debug(texts(*[b"w"] * 5, b"a" * 4097), LINES, LINE_INDICES), "too long"),
]


@pytest.mark.parametrize(("change", "match"), MALFORMED, ids=[f"{i}: {m}" for i, (_, m) in enumerate(MALFORMED)])
def test_malformed_is_refused(sample: bytes, change: Callable[[bytes], bytes], match: str) -> None:
    data = change(sample)

    def read() -> None:
        with pytest.raises(FormatError, match=match or None):
            read_zkwp(data)

    assert peak_bytes(read) < 1 << 20


def test_the_unchanged_parts_are_accepted(sample: bytes) -> None:
    """The helpers above rebuild sections that the reader accepts, so that each refusal has the cause it names."""
    for change in (inputs(Y, X), debug(NAMES, LINES, LINE_INDICES), tape(4, 4, 7, 1), tape(*[1, 4, 0] * 7)):
        read_zkwp(change(sample))


def test_truncation_is_refused(sample: bytes) -> None:
    for length in {*borders(sample)[:-1], *range(0, len(sample), 7)}:
        with pytest.raises(FormatError):
            read_zkwp(sample[:length])


def test_one_changed_byte_never_escapes(sample: bytes) -> None:
    """Every byte, a few values each: refused, or read; and what was read runs or is refused by the kernel."""
    rng = random.Random(6)
    accepted = 0
    for at in range(len(sample)):
        for value in {0, 255, sample[at] ^ 1, rng.randrange(256)} - {sample[at]}:
            try:
                read_zkwp(patched(sample, at, bytes([value]))).assign({"y": 228, "x": [3, 5]})
                accepted += 1
            except ZkrelayError:
                pass
    assert accepted < len(sample)  # letters of names, and little else


def test_what_cannot_be_read_back_is_not_written(tmp_path: Path) -> None:
    path, full = tmp_path / "x.zkwp", circuit()
    r1cs, program = full.r1cs, full.program
    for compiled, match in (
        (CompiledCircuit("a\n", r1cs, program), "not printable"),
        (CompiledCircuit("a", r1cs, dataclasses.replace(program, table=bytes(32))), "do not belong together"),
        (CompiledCircuit("a", r1cs, dataclasses.replace(program, num_wires=5)), "do not belong together"),
        (CompiledCircuit("a", dataclasses.replace(r1cs, num_outputs=1), program), "no outputs"),
        (
            CompiledCircuit("a", r1cs, dataclasses.replace(program, inputs=(InputSpec("y", (1,) * 9, True, 1),))),
            "more than 8 dimensions",
        ),
    ):
        with pytest.raises(MalformedInput, match=match):
            write_zkwp(path, compiled)
        assert not list(tmp_path.iterdir())


def test_header_layout(sample: bytes) -> None:
    """docs/formats.md in numbers."""
    payload = dict(unpack_container(sample))[1]
    assert struct.unpack_from("<I", payload) == (32,)
    assert int.from_bytes(payload[4:36], "little") == R
    assert struct.unpack_from("<7I", payload, 36) == (6, 1, 2, 3, 11, 2, 7)
    assert payload[64:] == b"by hand"
