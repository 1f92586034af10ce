"""Phase 1: powers that are powers, transcripts that hold, and every field of a transcript changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkrelay import ceremony, formats
from zkrelay.algebra.points import g1_generator, g2_generator
from zkrelay.ceremony.decompress import decompressed, from_uncompressed
from zkrelay.ceremony.partial_hash import PartialHash
from zkrelay.ceremony.points import group_of, lagrange_basis, sum_by_column
from zkrelay.ceremony.transcript import compressed, shown, uncompressed
from zkrelay.curves import CURVES
from zkrelay.errors import CeremonyRefused, InvalidPoint, MalformedInput
from zkrelay.formats.ptau import LAGRANGE_TAU_G1, LAGRANGE_TAU_G2, TAU_G1, TAU_G2
from zkrelay.kernel import current

from ..formats.samples import replaced
from .damage import fields, overwritten, with_entries
from .known_powers import write_known_powers
from .small_ceremony import BEACON, ITERATIONS, POWER, SmallCeremony, small_ceremony


@pytest.fixture(params=list(CURVES))
def made(request: pytest.FixtureRequest) -> SmallCeremony:
    return small_ceremony(request.param)


def judged(data: bytes) -> ceremony.PowersCeremony:
    return ceremony.verify_powers(formats.read_ptau(data), threads=2)


def refused(data: bytes, match: str) -> None:
    with pytest.raises(CeremonyRefused, match=match):
        judged(data)


def test_an_honest_ceremony_holds(made: SmallCeremony) -> None:
    found = judged(made.prepared)
    assert [entry.maker.name for entry in found.entries] == ["from 0", "from 1", "from 2", "the end"]
    assert [entry.maker.kind for entry in found.entries] == [0, 0, 0, 1]
    assert (len(set(found.responses)), found.is_prepared) == (4, True)
    assert not judged(made.powers[4]).is_prepared
    assert judged(made.powers[2]).responses == found.responses[:2]


def test_the_first_file_is_refused(made: SmallCeremony) -> None:
    refused(made.powers[0], "no contribution")


def test_beacons_alone_make_no_powers(made: SmallCeremony, tmp_path: Path) -> None:
    """Whoever computes their secrets knows tau, alpha and beta."""
    for number, beacon in enumerate((BEACON, BEACON[::-1])):
        before = formats.read_ptau(made.powers[0] if number == 0 else tmp_path / "0.ptau")
        ceremony.apply_beacon_to_powers(tmp_path / f"{number}.ptau", before, beacon, ITERATIONS)
        refused((tmp_path / f"{number}.ptau").read_bytes(), "none but beacons")


def test_a_beacon_and_preparing_are_anybodys(made: SmallCeremony, tmp_path: Path) -> None:
    before = formats.read_ptau(made.powers[3])
    ceremony.apply_beacon_to_powers(tmp_path / "a.ptau", before, BEACON, ITERATIONS, name="the end", threads=3)
    assert (tmp_path / "a.ptau").read_bytes() == made.powers[4]
    ceremony.prepare_powers(tmp_path / "b.ptau", formats.read_ptau(tmp_path / "a.ptau"), threads=3)
    assert (tmp_path / "b.ptau").read_bytes() == made.prepared


def test_contributions_differ(made: SmallCeremony, tmp_path: Path) -> None:
    """The same text twice gives other secrets."""
    before = formats.read_ptau(made.powers[0])
    hashes = [ceremony.contribute_to_powers(tmp_path / f"{i}.ptau", before, entropy="same").response for i in range(2)]
    assert hashes[0] != hashes[1]


NAMES = [name for name in fields("bn254", powers=True) if name != "partial hash"]


@pytest.mark.parametrize("number", [2, pytest.param(3, marks=pytest.mark.long)])
@pytest.mark.parametrize("name", NAMES)
def test_every_field_of_a_contribution_counts(made: SmallCeremony, name: str, number: int) -> None:
    field = fields(made.curve, powers=True)[name]
    others = {0: bytes(field.size), 1: g1_generator(made.curve), 2: g2_generator(made.curve)}

    def change(records: list[bytes]) -> list[bytes]:
        records[number] = overwritten(records[number], field, others[field.group])
        return records

    refused(with_entries(made.powers[4], made.curve, change, powers=True), "contribution [1-4]|next challenge")


@pytest.mark.parametrize("name", [name for name, field in fields("bn254", powers=True).items() if field.group])
def test_infinity_is_refused(made: SmallCeremony, name: str) -> None:
    field = fields(made.curve, powers=True)[name]

    def change(records: list[bytes]) -> list[bytes]:
        return [records[0], overwritten(records[1], field, bytes(field.size)), *records[2:]]

    refused(with_entries(made.powers[4], made.curve, change, powers=True), r"contribution 2 \(.*infinity")


@pytest.mark.parametrize("name", ["tau", "alpha", "beta"])
def test_s_that_is_sx_is_refused(made: SmallCeremony, name: str) -> None:
    s, sx = (fields(made.curve, powers=True)[f"{name} {part}"] for part in ("s", "sx"))

    def change(records: list[bytes]) -> list[bytes]:
        value = records[0][s.start : s.start + s.size]
        return [overwritten(records[0], sx, value), *records[1:]]

    refused(with_entries(made.powers[4], made.curve, change, powers=True), "is one|proves no knowledge")


@pytest.mark.parametrize(
    "change",
    [
        lambda records: [records[1], records[0], *records[2:]],
        lambda records: records[1:],
        lambda records: records[:-1],
        lambda records: [records[0], *records],
        lambda records: [records[0], records[2], records[3]],
    ],
    ids=["exchanged", "first removed", "last removed", "repeated", "one removed"],
)
def test_the_list_is_as_it_was_made(made: SmallCeremony, change: Callable[[list[bytes]], list[bytes]]) -> None:
    refused(with_entries(made.powers[4], made.curve, change, powers=True), "contribution|begin|next challenge")


def test_the_last_partial_hash_counts(made: SmallCeremony) -> None:
    """Of the last contribution alone: the points that the others hashed are gone."""
    field = fields(made.curve, powers=True)["partial hash"]

    def change(records: list[bytes]) -> list[bytes]:
        records[3] = overwritten(records[3], field, PartialHash().save())
        return records

    refused(with_entries(made.powers[4], made.curve, change, powers=True), "next challenge")

    def broken(records: list[bytes]) -> list[bytes]:
        records[3] = overwritten(records[3], field, b"\xff" * 216)
        return records

    refused(with_entries(made.powers[4], made.curve, broken, powers=True), "no|not a state")


@pytest.mark.parametrize("section", [2, 3, 4, 5, 12, 13, 14, 15])
@pytest.mark.parametrize("where", [-2, pytest.param(0, marks=pytest.mark.long)])
def test_every_point_counts(made: SmallCeremony, section: int, where: int) -> None:
    """Two neighbours exchanged: both are good points."""
    size = CURVES[made.curve].g2_bytes if section in (3, 13) else CURVES[made.curve].g1_bytes

    def exchange(payload: bytes) -> bytes:
        points = [payload[i : i + size] for i in range(0, len(payload), size)]
        points[where], points[where + 1] = points[where + 1], points[where]
        return b"".join(points)

    refused(replaced(made.prepared, section, exchange), f"section {section} |domain")


def test_beta_in_g2_counts(made: SmallCeremony) -> None:
    refused(replaced(made.prepared, 6, lambda _: g2_generator(made.curve)), "section 6")


@pytest.mark.parametrize("section", [2, 3, 4, 5, 6, 12, 13, 14, 15])
def test_points_outside_the_group_are_refused(made: SmallCeremony, section: int, tmp_path: Path) -> None:
    damaged = replaced(made.prepared, section, lambda payload: payload[:-1] + bytes([payload[-1] ^ 1]))
    with pytest.raises(MalformedInput):
        judged(damaged)
    if section < 7:
        with pytest.raises(MalformedInput):
            ceremony.contribute_to_powers(tmp_path / "out.ptau", formats.read_ptau(damaged))
        assert list(tmp_path.iterdir()) == []


def test_a_truncated_file_takes_no_contribution(made: SmallCeremony, tmp_path: Path) -> None:
    def larger(payload: bytes) -> bytes:
        return payload[:-4] + (POWER + 1).to_bytes(4, "little")

    ptau = formats.read_ptau(replaced(made.powers[4], 1, larger))
    with pytest.raises(MalformedInput, match="truncated"):
        ceremony.contribute_to_powers(tmp_path / "out.ptau", ptau)
    with pytest.raises(CeremonyRefused):  # the first challenge of 2^5 is another one
        ceremony.verify_powers(ptau)


def test_nothing_is_replaced(made: SmallCeremony, tmp_path: Path) -> None:
    target, ptau = tmp_path / "out.ptau", formats.read_ptau(made.powers[1])
    target.write_bytes(b"mine")
    for work in (
        lambda: ceremony.new_powers(target, made.curve, 2),
        lambda: ceremony.contribute_to_powers(target, ptau),
        lambda: ceremony.prepare_powers(target, ptau),
    ):
        with pytest.raises(FileExistsError):
            work()
    assert target.read_bytes() == b"mine"


@pytest.mark.parametrize("power", [0, 28, -1])
def test_powers_outside_the_limits(power: int, tmp_path: Path) -> None:
    with pytest.raises(MalformedInput):
        ceremony.new_powers(tmp_path / "out.ptau", "bn254", power)


@pytest.mark.parametrize("curve", CURVES)
def test_lagrange_bases_are_those_of_the_powers(curve: str, tmp_path: Path) -> None:
    """Of a τ that the test knows, computed in the field."""
    write_known_powers(tmp_path / "known.ptau", curve, 3)
    known = formats.read_ptau(tmp_path / "known.ptau")
    for section, target in ((TAU_G1, LAGRANGE_TAU_G1), (TAU_G2, LAGRANGE_TAU_G2)):
        group = group_of(curve, in_g2=section == TAU_G2)
        for log in range(4):
            made = lagrange_basis(group, known.slice(section, 0, 1 << log), threads=2)
            assert made == bytes(known.lagrange(target, log))


@given(columns=st.lists(st.integers(0, 5), max_size=40), scalars=st.data())
def test_sums_by_column(columns: list[int], scalars: st.DataObject) -> None:
    import numpy as np

    group = group_of("bn254", in_g2=False)
    logs = [scalars.draw(st.integers(-3, 3)) for _ in columns]
    fr = CURVES["bn254"].fr

    def multiples(values: list[int]) -> bytes:
        packed = b"".join(fr.to_bytes(value % fr.modulus) for value in values)
        return current().g1_fixed_base("bn254", g1_generator(), packed)

    expected = [sum(log for log, column in zip(logs, columns, strict=True) if column == j) for j in range(6)]
    found = sum_by_column(group, multiples(logs), np.array(columns, dtype=np.uint32), 6)
    assert found == multiples(expected)


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("in_g2", [False, True])
def test_additions_in_slices(curve: str, in_g2: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sums of one thread, whatever the number of points and threads; and the errors, too."""
    group, generator = group_of(curve, in_g2=in_g2), g2_generator(curve) if in_g2 else g1_generator(curve)
    fr = CURVES[curve].fr
    scalars = b"".join(fr.to_bytes(k % fr.modulus) for k in range(-9, 9))
    points = group.products(scalars, generator * 18)
    others = points[7 * group.size :] + points[: 7 * group.size]
    monkeypatch.setattr("zkrelay.ceremony.points._ADDITIONS_A_THREAD", 2)
    for count in (0, 1, 2, 3, 4, 5, 17, 18):
        end = count * group.size
        whole = group.add(points[:end], others[:end])
        assert [group.add(points[:end], others[:end], threads=threads) for threads in (2, 3, 20)] == [whole] * 3
    for shorter in (points[: -group.size], points[:-1], b""):
        for pair in ((points, shorter), (shorter, points)):
            with pytest.raises(MalformedInput):
                group.add(*pair, threads=3)


@given(pieces=st.lists(st.binary(max_size=300), max_size=6))
def test_a_partial_hash_goes_on(pieces: list[bytes]) -> None:
    running = PartialHash()
    for piece in pieces:
        running.update(piece)
        running = PartialHash.restore(running.save())
    assert running.digest() == hashlib.blake2b(b"".join(pieces)).digest()


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("in_g2", [False, True])
def test_compressed_points_come_back(curve: str, in_g2: bool) -> None:
    shape, group = CURVES[curve], group_of(curve, in_g2=in_g2)
    generator = g2_generator(curve) if in_g2 else g1_generator(curve)
    scalars = b"".join(shape.fr.to_bytes(k % shape.fr.modulus) for k in (1, -1, 2, -2, 3, 5, 8, 13))
    points = group.products(scalars, generator * 8)
    assert decompressed(shape, compressed(shape, points, in_g2=in_g2), in_g2=in_g2) == points
    assert from_uncompressed(shape, uncompressed(shape, points, in_g2=in_g2), in_g2=in_g2) == points
    size = group.size // 2
    infinity = compressed(shape, bytes(group.size), in_g2=in_g2)
    assert infinity == b"\x40" + bytes(size - 1)
    too_large = bytearray(shape.fp.modulus.to_bytes(shape.fp.num_bytes, "big") * (2 if in_g2 else 1))
    for bad in (infinity, bytes(too_large)):
        with pytest.raises(InvalidPoint):
            decompressed(shape, bad, in_g2=in_g2)
    refused_x = next(x for x in range(1, 50) if not _is_x(shape, x, size, in_g2))
    with pytest.raises(InvalidPoint, match="no point"):
        decompressed(shape, refused_x.to_bytes(size, "big"), in_g2=in_g2)
    with pytest.raises(InvalidPoint, match="infinity"):
        from_uncompressed(shape, bytes(group.size), in_g2=in_g2)


def _is_x(shape: object, x: int, size: int, in_g2: bool) -> bool:
    try:
        decompressed(shape, x.to_bytes(size, "big"), in_g2=in_g2)  # type: ignore[arg-type]
    except InvalidPoint:
        return False
    return True


def test_hashes_are_shown_as_snarkjs_shows_them() -> None:
    lines = shown(bytes(range(64))).split("\n")
    assert lines[0] == "\t\t00010203 04050607 08090a0b 0c0d0e0f"
    assert len(lines) == 4
