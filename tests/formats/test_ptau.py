"""``.ptau``: read, written back byte for byte, and every border of it damaged."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkrelay.curves import CURVES
from zkrelay.errors import FormatError, MalformedInput
from zkrelay.formats import Maker, PowersContribution, read_ptau, write_ptau
from zkrelay.formats.contribution_parameters import pack_maker, read_maker
from zkrelay.formats.cursor import Cursor
from zkrelay.formats.ptau_contributions import append_powers_contribution
from zkrelay.formats.ptau_writer import write_powers

from ..ceremony.small_ceremony import POWER, small_ceremony
from .samples import borders, pack_container, patched, peak_bytes, replaced, u32, unpack_container

curves = pytest.mark.parametrize("curve", list(CURVES))


def refused(data: bytes, match: str) -> FormatError:
    with pytest.raises(FormatError, match=match) as caught:
        read_ptau(data)
    return caught.value


@curves
def test_files_come_back_byte_for_byte(curve: str, tmp_path: Path) -> None:
    made = small_ceremony(curve)
    for index, data in enumerate((*made.powers, made.prepared)):
        found = read_ptau(data)
        assert (found.curve.name, found.power, found.ceremony_power) == (curve, POWER, POWER)
        assert found.is_prepared == (index == 5)
        assert len(found.contributions) == min(index, 4)
        write_ptau(tmp_path / f"{index}.ptau", found)
        assert (tmp_path / f"{index}.ptau").read_bytes() == data


@curves
def test_sections_come_in_any_order(curve: str, tmp_path: Path) -> None:
    data = small_ceremony(curve).prepared
    turned = pack_container("ptau", 1, unpack_container(data)[::-1])
    write_ptau(tmp_path / "out.ptau", read_ptau(turned))
    assert (tmp_path / "out.ptau").read_bytes() == data


@curves
def test_truncation_is_refused_at_every_border(curve: str) -> None:
    data = small_ceremony(curve).prepared
    for border in borders(data):
        for length in {border - 1, border} - {len(data)}:
            refused(data[:length], ".")
    refused(data + b"\0", "follow")


@curves
@pytest.mark.parametrize("section", [*range(1, 8), *range(12, 16)])
def test_sections_have_their_size(curve: str, section: int) -> None:
    data = small_ceremony(curve).prepared
    for change in (lambda payload: payload[:-1], lambda payload: payload + b"\0", lambda payload: b""):
        refused(replaced(data, section, change), f"section {section}")
    without = [part for part in unpack_container(data) if part[0] != section]
    refused(pack_container("ptau", 1, without), "missing")
    twice = [part for part in unpack_container(data) for _ in range(1 + (part[0] == section))]
    refused(pack_container("ptau", 1, twice), "twice")


def test_unknown_sections_and_magic() -> None:
    data = small_ceremony("bn254").powers[1]
    refused(pack_container("ptau", 1, [*unpack_container(data), (8, b"")]), "does not belong")
    refused(pack_container("ptau", 2, unpack_container(data)), "version 2")
    refused(patched(data, 0, b"zkey"), "not a .ptau")


@pytest.mark.parametrize(
    ("at", "value", "match"),
    [
        (0, u32(48), "the prime needs"),
        (0, u32(2**32 - 1), "needs"),
        (4, b"\0", "no curve"),
        (36, u32(0), "powers of 2"),
        (36, u32(28), "powers of 2"),
        (36, u32(2**32 - 1), "powers of 2"),
        (40, u32(POWER - 1), "cannot come from"),
        (40, u32(29), "cannot come from"),
        (36, u32(POWER - 1), "follow"),
    ],
)
def test_headers_that_lie(at: int, value: bytes, match: str) -> None:
    refused(replaced(small_ceremony("bn254").powers[1], 1, lambda payload: patched(payload, at, value)), match)


def test_a_count_takes_no_memory() -> None:
    data = replaced(small_ceremony("bn254").powers[1], 7, lambda payload: u32(2**32 - 1) + payload[4:])
    assert peak_bytes(lambda: refused(data, "do not fit")) < 1 << 20


@pytest.mark.parametrize(
    ("tail", "match"),
    [
        (u32(2) + u32(0), "kind 2"),
        (u32(0) + u32(1) + b"\1", "length of the name"),
        (u32(0) + u32(2) + b"\1\5", "the name"),
        (u32(0) + u32(1) + b"\4", "unknown or out of order"),
        (u32(0) + u32(4) + b"\2\12\1\0", "unknown or out of order"),
        (u32(0) + u32(4) + b"\1\0\1\0", "unknown or out of order"),
        (u32(0) + u32(1000), "the parameters"),
    ],
)
def test_makers_that_lie(tail: bytes, match: str) -> None:
    def change(payload: bytes) -> bytes:
        size = 9 * 64 + 5 * 128 + 216 + 64
        return payload[: 4 + size] + tail

    refused(replaced(small_ceremony("bn254").powers[1], 7, change), match)


@given(
    name=st.text(max_size=64),
    beacon=st.binary(min_size=1, max_size=255),
    iterations=st.integers(0, 255),
    kind=st.integers(0, 1),
)
def test_makers_come_back(name: str, beacon: bytes, iterations: int, kind: int) -> None:
    maker = Maker(1, name, iterations, beacon) if kind else Maker(0, name)
    try:
        packed = pack_maker(maker)
    except MalformedInput:
        assert len(name.encode("utf-16-le", errors="replace")) > 128 or not all(c.isprintable() for c in name)
        return
    cursor = Cursor(memoryview(packed), "", "", 0)
    assert read_maker(cursor) == maker
    cursor.end()


@pytest.mark.parametrize("maker", [Maker(1, "x"), Maker(1, "x", 10), Maker(1, "x", 10, bytes(256))])
def test_beacons_that_cannot_be_written(maker: Maker) -> None:
    with pytest.raises(MalformedInput, match="beacon"):
        pack_maker(maker)


def test_a_contribution_more(tmp_path: Path) -> None:
    data = small_ceremony("bn254").powers[1]
    payload = dict(unpack_container(data))[7]
    (entry,) = read_ptau(data).contributions
    twice = append_powers_contribution(payload, entry)
    assert twice == u32(2) + payload[4:] * 2
    assert isinstance(entry, PowersContribution)


def test_writing_refuses_other_counts(tmp_path: Path) -> None:
    found = read_ptau(small_ceremony("bn254").prepared)
    points = {section: [view] for section, view in found.points.items()}
    target = tmp_path / "out.ptau"
    for section in points:
        short = {**points, section: [points[section][0][:-64]]}
        with pytest.raises(MalformedInput, match=r"has .* bytes"):
            write_powers(target, found.curve, found.power, short, bytes(4))
        missing = {kind: chunks for kind, chunks in points.items() if kind != section}
        with pytest.raises(MalformedInput, match="must all be there"):
            write_powers(target, found.curve, found.power, missing, bytes(4))
    assert list(tmp_path.iterdir()) == []


@given(at=st.integers(0, 1 << 30), value=st.integers(1, 255))
def test_a_damaged_byte_is_no_crash(at: int, value: int) -> None:
    """Points are not looked at here; what else is changed is refused, or is another name, hash or public key."""
    data = bytearray(small_ceremony("bn254").powers[2])
    data[at % len(data)] ^= value
    try:
        found = read_ptau(bytes(data))
    except FormatError:
        return
    assert found.power == POWER
    assert struct.unpack_from("<I", data, 8) == (7,)
