"""``.sym``: names for wires, and nothing that a terminal would act on."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkrelay.errors import FormatError, MalformedInput
from zkrelay.formats import Symbol, read_sym, symbols_of, with_names, write_sym
from zkrelay.formats.sym import MAX_NAME_CHARACTERS

from .samples import circuit, system

SAMPLE = b"1,1,2,main.out\n2,2,2,main.in[0]\n3,-1,2,main.in[1]\n4,2,1,main.sub.alias\n5,3,1,main.sub.x\n"
SYMBOLS = [
    Symbol(1, 1, 2, "main.out"),
    Symbol(2, 2, 2, "main.in[0]"),
    Symbol(3, -1, 2, "main.in[1]"),
    Symbol(4, 2, 1, "main.sub.alias"),
    Symbol(5, 3, 1, "main.sub.x"),
]


def test_sample(tmp_path: Path) -> None:
    assert read_sym(SAMPLE) == SYMBOLS
    assert read_sym(SAMPLE[:-1]) == SYMBOLS
    write_sym(tmp_path / "a.sym", SYMBOLS)
    assert (tmp_path / "a.sym").read_bytes() == SAMPLE


NAMES = st.text(st.characters(exclude_characters=",", exclude_categories=("C", "Z")), min_size=1, max_size=20)


@given(st.lists(st.tuples(st.integers(0, 10**18), st.integers(-1, 10**9), st.integers(0, 10**9), NAMES), min_size=1))
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, int, int, str]]) -> None:
    symbols = [Symbol(*row) for row in {row[0]: row for row in rows}.values() if row[3].isprintable()]
    if not symbols:
        return
    path = tmp_path_factory.getbasetemp() / "x.sym"
    write_sym(path, symbols, overwrite=True)
    assert read_sym(path) == symbols


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"1,1,2\n", "line 1.*expected label,wire,component,name"),
        (b"1,1,2,a\n2,2,2,a,b\n", "line 2.*expected label"),
        (b"1,1,2,a\n\n2,2,2,b\n", "line 2.*expected label"),
        (b"01,1,2,a\n", "expected label"),
        (b"1,+1,2,a\n", "expected label"),
        (b"1,-2,2,a\n", "expected label"),
        (b"1, 1,2,a\n", "expected label"),
        (b"1,1,2,\n", "expected label"),
        ("1,1,2,\u0661\n".encode() + "\u0661,1,2,a\n".encode(), "line 2"),
        (b"1,99999999999,2,a\n", "expected label"),
        (b"1,1,2,a\r\n", "not printable"),
        (b"1,1,2,\x1b[31mred\n", "not printable"),
        ("1,1,2,\u202eevil\n".encode(), "not printable"),
        (b"1,1,2," + b"a" * (MAX_NAME_CHARACTERS + 1) + b"\n", "too long"),
        (b"1,1,2,a\n1,2,2,b\n", "line 2.*label 1 appears twice"),
        (b"1,1,2,\xff\n", "not UTF-8"),
        (b"", "empty"),
    ],
)
def test_malformed_is_refused(data: bytes, match: str) -> None:
    with pytest.raises(FormatError, match=match):
        read_sym(data)


@pytest.mark.parametrize(
    "symbol", [Symbol(1, 1, 1, "a,b"), Symbol(1, 1, 1, "a\nb"), Symbol(1, -2, 1, "a"), Symbol(-1, 1, 1, "a")]
)
def test_what_cannot_be_read_back_is_not_written(tmp_path: Path, symbol: Symbol) -> None:
    with pytest.raises(MalformedInput, match="cannot be written"):
        write_sym(tmp_path / "a.sym", [symbol])
    assert not list(tmp_path.iterdir())


def test_names_reach_the_system() -> None:
    named = with_names(system([], 5, 1), SYMBOLS)
    assert [named.debug.name_of(wire) for wire in range(5)] == ["one", "main.out", "main.in[0]", "main.sub.x", "wire 4"]
    with pytest.raises(MalformedInput, match="symbol 5 names wire 3; there are 3"):
        with_names(system([], 3, 1), SYMBOLS)


def test_symbols_of_a_compiled_circuit_name_it_again() -> None:
    r1cs = circuit().r1cs
    assert with_names(system([], 6, 1), symbols_of(r1cs)).debug.wire_names == r1cs.debug.wire_names
