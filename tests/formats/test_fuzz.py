"""Real files, broken at random: a reader may refuse with a ``ZkrelayError``, or read; nothing else escapes.

The short profile runs always; ``make test-long`` runs the long one.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zkrelay import formats
from zkrelay.errors import ZkrelayError

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
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[bytes, Callable[[bytes], Any]]]:
    folder = tmp_path_factory.mktemp("fuzz")
    return {
        "r1cs": (interop("chain_2p12.r1cs.gz"), formats.read_r1cs),
        "wtns": (interop("chain_2p12.wtns"), formats.read_wtns),
        "zkey": (interop("claim.zkey"), formats.read_zkey),
        "small zkey": (_written(lambda p: formats.write_zkey(p, small_key()), folder), formats.read_zkey),
        "zkwp": (_written(lambda p: formats.write_zkwp(p, circuit()), folder), formats.read_zkwp),
        "sym": (SYM, formats.read_sym),
        "proof": (interop("claim.proof.json"), formats.read_proof),
        "public": (interop("claim.public.json"), formats.read_public),
        "verifying key": (interop("claim.vkey.json"), formats.read_verifying_key),
        "inputs": (interop("claim.input.json"), formats.read_inputs),
    }


KINDS = ["r1cs", "wtns", "zkey", "small zkey", "zkwp", "sym", "proof", "public", "verifying key", "inputs"]


def places(data: bytes) -> st.SearchStrategy[int]:
    """Anywhere, but mostly where the numbers are: the beginning, the end, and around section headers."""
    marks = [0]
    if data[:4] in (b"r1cs", b"wtns", b"zkey", b"zkwp"):
        position = 12
        while position < len(data):
            marks.append(position)
            position += 12 + struct.unpack_from("<IQ", data, position)[1]
    near = st.tuples(st.sampled_from(marks), st.integers(-4, 120)).map(lambda p: max(0, min(len(data), sum(p))))
    return st.one_of(near, near, st.integers(0, len(data)))


@st.composite
def broken(draw: st.DrawFn, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(places(data))
        change = draw(st.sampled_from(["byte", "word", "long", "cut", "insert", "delete", "copy", "token"]))
        if change == "byte":
            out[at : at + 1] = bytes([draw(st.integers(0, 255))])
        elif change == "word":
            out[at : at + 4] = (draw(st.sampled_from(INTERESTING)) & 0xFFFFFFFF).to_bytes(4, "little")
        elif change == "long":
            out[at : at + 8] = draw(st.sampled_from(INTERESTING)).to_bytes(8, "little")
        elif change == "cut":
            del out[at:]
        elif change == "insert":
            out[at:at] = draw(st.binary(max_size=40))
        elif change == "delete":
            del out[at : at + draw(st.integers(1, 100))]
        elif change == "token":
            out[at:at] = draw(st.sampled_from(TOKENS))
        else:
            other = draw(places(data))
            out[at : at + 64] = out[other : other + 64]
    return bytes(out)


def attack(data: st.DataObject, samples: dict[str, tuple[bytes, Callable[[bytes], Any]]], kind: str) -> None:
    original, read = samples[kind]
    changed = data.draw(broken(original))
    message = ""
    try:
        read(changed)
    except ZkrelayError as error:
        message = str(error)
    assert message == "" or (message.isprintable() and len(message) < 1000)


# the samples do not change between examples, and a large file is slow to draw
QUIET = [
    HealthCheck.function_scoped_fixture,
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, suppress_health_check=QUIET)
@given(data=st.data())
def test_only_our_errors_escape(
    samples: dict[str, tuple[bytes, Callable[[bytes], Any]]], kind: str, data: st.DataObject
) -> None:
    attack(data, samples, kind)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=5000, suppress_health_check=QUIET)
@given(data=st.data())
def test_only_our_errors_escape_long(
    samples: dict[str, tuple[bytes, Callable[[bytes], Any]]], kind: str, data: st.DataObject
) -> None:
    attack(data, samples, kind)
