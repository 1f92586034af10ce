"""Real files, broken at random: a reader may refuse with a ``ZkrelayError``, or read; nothing else escapes.

The short profile runs always; ``make test-long`` runs the long one.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zkrelay import formats
from zkrelay.errors import ZkrelayError
from zkrelay.groth16 import precompute

from .samples import circuit, interop, small_key

SYM = b"".join(b"%d,%d,%d,main.x[%d]\n" % (i, i if i % 3 else -1, i % 5, i) for i in range(1, 60))
INTERESTING = [0, 1, 2, 7, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**40, 2**63, 2**64 - 1]
TOKENS = [b'"', b"[", b"]", b"{", b"}", b",", b":", b"0", b"-", b"e", b".", b"\\u", b"null", b"true", b"\x00", b"\xff"]


def _written(write: Callable[[Path], None], folder: Path) -> bytes:
    path = folder / "sample"
    write(path)
    data = path.read_bytes()
    path.unlink()
    return data


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    folder = tmp_path_factory.mktemp("fuzz")
    return {
        "r1cs": (interop("chain_2p12.r1cs.gz"), formats.read_r1cs),
        "wtns": (interop("chain_2p12.wtns"), formats.read_wtns),
        "zkey": (interop("claim.zkey"), formats.read_zkey),
        "small zkey": (_written(lambda p: formats.write_zkey(p, small_key()), folder), formats.read_zkey),
        "zktb": (_written(lambda p: formats.write_zktb(p, precompute(small_key(), 2)), folder), formats.read_zktb),
        "zkwp": (_written(lambda p: formats.write_zkwp(p, circuit()), folder), formats.read_zkwp),
        "sym": (SYM, formats.read_sym),
        "proof": (interop("claim.proof.json"), formats.read_proof),
        "public": (interop("claim.public.json"), formats.read_public),
        "verifying key": (interop("claim.vkey.json"), formats.read_verifying_key),
        "inputs": (interop("claim.input.json"), formats.read_inputs),
    }


Samples = dict[str, tuple[bytes, Callable[[bytes], Any]]]
KINDS = ["r1cs", "wtns", "zkey", "small zkey", "zktb", "zkwp", "sym", "proof", "public", "verifying key", "inputs"]


@dataclass(frozen=True)
class Edit:
    """One change, small enough to draw and print: Hypothesis keeps what it draws, so it must not draw whole files."""

    mark: int
    distance: int
    change: str
    payload: bytes
    other: int

    def apply(self, out: bytearray, marks: list[int]) -> None:
        at = _place(self.mark, self.distance, marks, len(out))
        if self.change == "overwrite":
            out[at : at + len(self.payload)] = self.payload
        elif self.change == "insert":
            out[at:at] = self.payload
        elif self.change == "delete":
            del out[at : at + self.other % 100]
        elif self.change == "copy":
            source = _place(self.other, 0, marks, len(out))
            out[at : at + 64] = out[source : source + 64]
        else:
            del out[at:]


def _place(mark: int, distance: int, marks: list[int], length: int) -> int:
    """Near the beginning of a section for most marks, anywhere for the others."""
    at = marks[mark % len(marks)] + distance if mark % 3 else mark * 1_000_003 % (length + 1)
    return max(0, min(length, at))


def marks_of(data: bytes) -> list[int]:
    """Where the numbers are: the beginning, and each section header."""
    marks = [0]
    if data[:4] in (b"r1cs", b"wtns", b"zkey", b"zktb", b"zkwp"):
        position = 12
        while position < len(data):
            marks.append(position)
            position += 12 + struct.unpack_from("<IQ", data, position)[1]
    return marks


PAYLOADS = st.one_of(
    st.binary(min_size=1, max_size=40),
    st.sampled_from(TOKENS),
    st.sampled_from(INTERESTING).map(lambda number: (number & 0xFFFFFFFF).to_bytes(4, "little")),
    st.sampled_from(INTERESTING).map(lambda number: number.to_bytes(8, "little")),
)
EDITS = st.lists(
    st.builds(
        Edit,
        mark=st.integers(0, 2**30),
        distance=st.integers(-4, 120),
        change=st.sampled_from(["overwrite", "overwrite", "insert", "delete", "copy", "cut"]),
        payload=PAYLOADS,
        other=st.integers(0, 2**30),
    ),
    min_size=1,
    max_size=4,
)


def attack(samples: Samples, kind: str, edits: list[Edit]) -> None:
    original, read = samples[kind]
    changed, marks = bytearray(original), marks_of(original)
    for edit in edits:
        edit.apply(changed, marks)
    message = ""
    try:
        read(bytes(changed))
    except ZkrelayError as error:
        message = str(error)
    assert message == "" or (message.isprintable() and len(message) < 1000)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60)
@given(edits=EDITS)
def test_only_our_errors_escape(samples: Samples, kind: str, edits: list[Edit]) -> None:
    attack(samples, kind, edits)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=5000)
@given(edits=EDITS)
def test_only_our_errors_escape_long(samples: Samples, kind: str, edits: list[Edit]) -> None:
    attack(samples, kind, edits)
