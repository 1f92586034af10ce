"""The checker's own reading of ``.r1cs`` and ``.zkdl``: as the package reads, and nothing believed."""

from __future__ import annotations

import gzip
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zkrelay.audit.replay import reader, replay, replay_lines
from zkrelay.audit.replay.reader import MAGIC, is_prime, parse_log, parse_statement
from zkrelay.audit.system import system_of_file
from zkrelay.curves import bls12_381, bn254
from zkrelay.errors import AuditError, FormatError, ZkrelayError
from zkrelay.formats.r1cs import read_r1cs_file

INTEROP = Path(__file__).resolve().parent.parent / "vectors" / "interop"
P = bn254.FR.modulus
Sections = list[tuple[int, bytes]]


def u32(*numbers: int) -> bytes:
    return struct.pack(f"<{len(numbers)}I", *numbers)


def container(sections: Sections, head: bytes = b"r1cs\1\0\0\0") -> bytes:
    parts = (struct.pack("<IQ", kind, len(data)) + data for kind, data in sections)
    return head + u32(len(sections)) + b"".join(parts)


def combination(*terms: tuple[int, int]) -> bytes:
    return u32(len(terms)) + b"".join(u32(wire) + c.to_bytes(32, "little") for wire, c in terms)


def header(modulus: int = P, *, wires: int = 4, private: int = 1, rows: int = 1) -> bytes:
    """One output, one public input."""
    return u32(32) + modulus.to_bytes(32, "little") + u32(wires, 1, 1, private) + struct.pack("<QI", wires, rows)


def labels(*numbers: int) -> bytes:
    return struct.pack(f"<{len(numbers)}Q", *numbers)


ROW = combination((2, 1)) + combination((3, 1)) + combination((1, P - 1))
GOOD: Sections = [(2, ROW), (1, header()), (3, labels(0, 1, 2, 3))]
LINES = [f"prime {P}", "shape 4 1", "claim weak", "s 0 1", "end"]


def log(lines: list[str] | str = LINES, head: bytes = MAGIC) -> bytes:
    text = lines if isinstance(lines, str) else "".join(f"{line}\n" for line in lines)
    return head + zlib.compress(text.encode())


def with_section(kind: int, data: bytes) -> bytes:
    return container([*((k, v) for k, v in GOOD if k != kind), (kind, data)])


STATEMENT = parse_statement(container(GOOD))


def test_rows_and_roles_of_a_small_file() -> None:
    assert STATEMENT.rows == [({2: 1}, {3: 1}, {1: P - 1})]
    assert (STATEMENT.inputs, STATEMENT.outputs) == ({2, 3}, {1})
    assert replay_lines(STATEMENT, parse_log(log())).fired == {"s": 1}


def test_circoms_file_is_read_as_the_package_reads_it() -> None:
    data = gzip.decompress((INTEROP / "claim.r1cs.gz").read_bytes())
    mine, theirs = parse_statement(data), system_of_file(read_r1cs_file(data))
    assert (mine.modulus, mine.num_wires) == (theirs.modulus, theirs.num_wires)
    assert (mine.inputs, mine.outputs) == (theirs.inputs, set(theirs.outputs))
    assert mine.rows == [(row.a, row.b, row.c) for row in theirs.rows]


REFUSED = {
    "not a .r1cs": container(GOOD, b"r1cs\2\0\0\0"),
    "not a .r1cs file": container(GOOD, b"zkey\1\0\0\0"),
    r"section 2 \(constraints\) is missing": container(GOOD[1:]),
    r"section 1 \(header\) is missing": container(GOOD[::2]),
    r"section 3 \(wire to label\) is missing": container(GOOD[:2]),
    "appears twice": container([*GOOD, GOOD[0]]),
    "follow the last section": container(GOOD) + b"\0",
    "custom gates": container([*GOOD, (4, u32(1))]),
    "bytes of header": with_section(1, header() + b"\0"),
    "field elements of 31": with_section(1, u32(31) + header()[4:]),
    "not an odd prime": with_section(1, header(P - 2)),
    "is not an odd prime": with_section(1, header(2)),
    "modulus is not an odd prime": with_section(1, header(341550071728321)),  # strong pseudoprime to 2, 3, ..., 17
    "do not fit the public ones": with_section(1, header(wires=2)),
    "or the labels": with_section(3, labels(0, 1, 2)),
    "rows do not fit": with_section(1, header(rows=1 << 31)),
    "terms do not fit": with_section(2, u32(1 << 30) + ROW),
    "bytes follow the last row": with_section(2, ROW + u32(0)),
    "zero or not below": with_section(2, ROW[:-32] + P.to_bytes(32, "little")),
    "is zero or not below": with_section(2, ROW[:-32] + bytes(32)),
    "or does not exist": with_section(2, ROW.replace(u32(3), u32(4))),
    "a wire appears twice": with_section(2, combination((2, 1), (2, 1)) + ROW[len(combination((2, 1))) :]),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_a_malformed_circuit_is_refused(reason: str) -> None:
    with pytest.raises(FormatError, match=reason):
        parse_statement(REFUSED[reason])


def test_an_input_without_a_wire_is_refused() -> None:
    """Wire 3 has a label beyond those of the inputs: it is an internal signal in the place of one."""
    for spoiled in (
        with_section(3, labels(0, 1, 2, 4)),
        with_section(1, header(private=2)),
        with_section(1, header(private=(1 << 32) - 1)),  # not so many numbers to compare with
        with_section(3, labels(0, 1, 3, 2)),
        with_section(3, labels(0, 0, 0, 0)),
    ):
        with pytest.raises(AuditError, match="compile with --O0"):
            parse_statement(spoiled)


def test_every_cut_is_refused() -> None:
    data = container(GOOD)
    for end in range(len(data)):
        with pytest.raises(FormatError):
            parse_statement(data[:end])


@given(st.integers(0, len(container(GOOD)) - 1), st.integers(0, 255))
@settings(max_examples=50)
def test_a_changed_byte_is_read_or_refused(position: int, byte: int) -> None:
    data = bytearray(container(GOOD))
    data[position] = byte
    try:
        statement = parse_statement(bytes(data))
    except ZkrelayError:
        return
    assert all(0 <= wire < statement.num_wires for row in statement.rows for side in row for wire in side)


def test_is_prime() -> None:
    assert [n for n in range(60) if is_prime(n)] == [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59]
    assert is_prime(P)
    assert is_prime(bls12_381.FR.modulus)
    assert not is_prime(P * bls12_381.FR.modulus)
    assert not is_prime(561)


SPOILED_LOGS = {
    "not a derivation log": log(head=b"zkdl 2\n"),
    "not a derivation log of": b"",
    "damaged": MAGIC + b"no zlib stream",
    "the log is damaged": log("prime \N{DEGREE SIGN}\n"),
    "cut short": log()[:-5],
    "log is cut short": MAGIC,
    "something follows": log() + b"x",
    "something follows the last line": log("\n".join(LINES)),
    "line 2: 'prime 13'": log(["prime 13", *LINES[1:]]),
    "line 5: step 's 0 3'": log([*LINES[:3], "s 0 3", "end"]),
    "a line follows the end": log([*LINES, "s 0 1"]),
    "has no end": log(LINES[:-1]),
    "more than": log("prime 1" + "\n" * (8 << 20)),
}


@pytest.mark.parametrize("reason", SPOILED_LOGS)
def test_a_spoiled_log_is_refused(reason: str) -> None:
    with pytest.raises(AuditError, match=reason):
        replay_lines(STATEMENT, list(parse_log(SPOILED_LOGS[reason])))


def test_a_line_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_LINE_BYTES", 100)
    with pytest.raises(AuditError, match="longer than 100"):
        list(parse_log(log("9" * 101)))


@given(st.binary(max_size=200))
def test_garbage_behind_the_first_line_is_refused(data: bytes) -> None:
    with pytest.raises(AuditError):
        replay_lines(STATEMENT, parse_log(MAGIC + data))


@given(st.lists(st.text(alphabet="swr+zipghbcef0nmkqP 0123456789:;,.-onedalxkmtv", max_size=30), max_size=8))
def test_garbage_steps_are_refused_with_their_line(lines: list[str]) -> None:
    """Wire 1 is not shown to be determined, whatever else happens."""
    with pytest.raises(AuditError, match=r"^line \d+"):
        replay_lines(STATEMENT, [*LINES[:3], "k 0", *lines, "end"])


def test_the_command(tmp_path: Path) -> None:
    circuit, good, bad = (tmp_path / name for name in ("c.r1cs", "good.zkdl", "bad.zkdl"))
    circuit.write_bytes(container(GOOD))
    good.write_bytes(log())
    bad.write_bytes(log([*LINES[:3], "end"]))
    assert replay(good, circuit).targets == 1

    def run(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "zkrelay.audit.replay", *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    assert run("good.zkdl", "c.r1cs") == (0, "weak: 1 determined, by 1 steps\n")
    assert run("bad.zkdl", "c.r1cs") == (1, "line 5: step 'end': wire 1 was not shown to be determined\n")
    assert run("good.zkdl", "good.zkdl") == (3, "good.zkdl, offset 0: not a .r1cs file of version 1\n")
    assert run("good.zkdl", "absent.r1cs") == (3, "absent.r1cs: not a regular file\n")
    assert run("good.zkdl")[0] == 2
