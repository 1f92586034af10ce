"""``.zktb``: a key's multiples come back; files that are broken, swapped, of another key or curve do not."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import pytest

from zkrelay.curves import bls12_381, bn254
from zkrelay.errors import FormatError, InvalidTables
from zkrelay.formats import Container, open_prover, read_zktb, write_zkey, write_zktb
from zkrelay.groth16 import Prover, Tables, precompute, verify

from ..groth16.small_circuits import assignment_bytes, cubic
from .samples import borders, pack_container, patched, peak_bytes, replaced, small_key, u32, unpack_container

FACTOR, KEY_DIGEST, DIGEST, END = 36, 40, 72, 104  # payload offsets of the header


@pytest.fixture(scope="module")
def tables() -> Tables:
    return precompute(small_key(), 3)


@pytest.fixture(scope="module")
def ours(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("zktb") / "ours.zktb"
    write_zktb(path, tables)
    return path.read_bytes()


def with_section(data: bytes, kind: int, payload: bytes) -> bytes:
    return replaced(data, kind, lambda _: payload)


def sealed(sections: dict[int, bytes]) -> bytes:
    """A file whose header has the digest of what is in it: what somebody who means it writes."""
    digest = hashlib.sha256(b"".join(struct.pack("<Q", len(sections[k])) + sections[k] for k in range(2, 7))).digest()
    header = sections[1][:DIGEST] + digest
    return pack_container("zktb", 1, [(1, header), *((k, sections[k]) for k in range(2, 7))])


def test_round_trip(tables: Tables, ours: bytes, tmp_path: Path) -> None:
    read = read_zktb(ours)
    assert read == tables and isinstance(read.owner, Container) and isinstance(read.h_multiples, memoryview)
    read.check(small_key(), check_points=True)
    write_zktb(tmp_path / "again.zktb", read)
    assert (tmp_path / "again.zktb").read_bytes() == ours == sealed(dict(unpack_container(ours)))
    with pytest.raises(FileExistsError):
        write_zktb(tmp_path / "again.zktb", read)
    assert "\\x" not in repr(read)


def test_the_layout_is_that_of_the_page(tables: Tables, ours: bytes) -> None:
    sections = dict(unpack_container(ours))
    header = sections[1]
    assert len(header) == END
    assert header[:FACTOR] == u32(32) + bn254.FP.modulus.to_bytes(32, "little")
    assert header[FACTOR:KEY_DIGEST] == u32(3) and header[KEY_DIGEST:DIGEST].hex() == tables.key_digest
    assert [sections[kind] for kind in range(2, 7)] == [bytes(tables.of(q)) for q in ("a", "b_g1", "b_g2", "l", "h")]


def test_opening_copies_nothing(ours: bytes) -> None:
    assert peak_bytes(lambda: read_zktb(ours)) < 64 << 10


def test_a_prover_from_files(ours: bytes, tmp_path: Path) -> None:
    write_zkey(tmp_path / "k.zkey", small_key())
    (tmp_path / "k.zktb").write_bytes(ours)
    _, z = cubic(3)
    with open_prover(tmp_path / "k.zkey", None, tmp_path / "k.zktb") as prover:
        verify(prover.verifying_key, z[1:2], prover.prove(assignment_bytes(z)))
        assert prover.factor == 3


def test_every_truncation_is_refused(ours: bytes) -> None:
    for end in sorted({*borders(ours), *range(0, len(ours), 97), *range(140)} - {len(ours)}):
        with pytest.raises(FormatError):
            read_zktb(ours[:end])
    with pytest.raises(FormatError):
        read_zktb(ours + b"\0")


@pytest.mark.parametrize("kind", range(1, 7))
def test_a_missing_section_is_refused(ours: bytes, kind: int) -> None:
    sections = [(k, data) for k, data in unpack_container(ours) if k != kind]
    with pytest.raises(FormatError, match="missing"):
        read_zktb(pack_container("zktb", 1, sections))


@pytest.mark.parametrize("kind", range(2, 7))
def test_a_size_that_is_no_number_of_rows_is_refused(ours: bytes, kind: int) -> None:
    data = dict(unpack_container(ours))[kind]
    for changed in (data[:-1], data[:-64], data + bytes(64), data + b"\0"):
        if len(changed) % (256 if kind == 4 else 128):
            with pytest.raises(FormatError, match="multiples for each"):
                read_zktb(with_section(ours, kind, changed))


@pytest.mark.parametrize("kind", range(2, 7))
def test_a_size_beyond_the_file_is_refused(ours: bytes, kind: int) -> None:
    at = ours.index(struct.pack("<IQ", kind, len(dict(unpack_container(ours))[kind])))
    for size in (2**63, 2**64 - 1, len(ours)):
        with pytest.raises(FormatError, match="left"):
            read_zktb(patched(ours, at + 4, struct.pack("<Q", size)))


@pytest.mark.parametrize(
    ("at", "data", "message"),
    [
        (0, u32(48), "base field"),
        (0, u32(2**32 - 1), "needs 4294967295 bytes"),
        (4, bn254.FR.modulus.to_bytes(32, "little"), "base field"),
        (FACTOR, u32(0), "a factor of 0"),
        (FACTOR, u32(1), "a factor of 1"),
        (FACTOR, u32(33), "a factor of 33"),
        (FACTOR, u32(2**32 - 1), "a factor of"),
    ],
)
def test_a_wrong_header_is_refused(ours: bytes, at: int, data: bytes, message: str) -> None:
    header = patched(dict(unpack_container(ours))[1], at, data)
    with pytest.raises(FormatError, match=message):
        read_zktb(with_section(ours, 1, header))
    with pytest.raises(FormatError):
        read_zktb(with_section(ours, 1, header + b"\0"))


def test_another_format_or_version_is_refused(ours: bytes) -> None:
    for changed in (patched(ours, 0, b"zkey"), patched(ours, 4, u32(2)), ours + ours):
        with pytest.raises(FormatError):
            read_zktb(changed)


def test_a_flipped_bit_is_found_when_the_file_is_opened(ours: bytes) -> None:
    sections = dict(unpack_container(ours))
    for kind in range(2, 7):
        changed = patched(
            sections[kind], len(sections[kind]) // 2, bytes([sections[kind][len(sections[kind]) // 2] ^ 1])
        )
        file = with_section(ours, kind, changed)
        with pytest.raises(InvalidTables, match="digest"):
            read_zktb(file)
        with pytest.raises(InvalidTables, match="a multiple is wrong"):
            read_zktb(file, check=False).check(small_key(), check_points=True)


def test_swapped_sections_are_found(ours: bytes) -> None:
    sections = dict(unpack_container(ours))
    swapped = {**sections, 2: sections[3], 3: sections[2]}
    with pytest.raises(InvalidTables, match="digest"):
        read_zktb(pack_container("zktb", 1, swapped.items()))
    _, z = cubic(3)
    again = read_zktb(sealed(swapped))  # sizes that do not fit, or a proof that is false
    with pytest.raises(InvalidTables), Prover(small_key(), tables=again) as prover:
        prover.prove(assignment_bytes(z))


def test_tables_over_the_other_curve_are_no_tables_for_this_key(ours: bytes) -> None:
    sections = dict(unpack_container(ours))
    field = bls12_381.FP
    header = u32(48) + field.modulus.to_bytes(48, "little") + sections[1][FACTOR:DIGEST]
    other = {1: header, **{kind: bytes(6 * 192) for kind in range(2, 7)}}
    digest = hashlib.sha256(b"".join(struct.pack("<Q", len(other[k])) + other[k] for k in range(2, 7))).digest()
    tables = read_zktb(pack_container("zktb", 1, [(1, header + digest), *((k, other[k]) for k in range(2, 7))]))
    assert tables.curve == "bls12_381"
    with pytest.raises(InvalidTables, match="over bls12_381"):
        Prover(small_key(), tables=tables)


def test_a_sealed_lie_about_the_key_is_found_by_the_proof(ours: bytes) -> None:
    sections = dict(unpack_container(ours))
    lie = {**sections, 6: bytes(len(sections[6]))}
    tables = read_zktb(sealed(lie))
    tables.check(small_key())
    _, z = cubic(3)
    with Prover(small_key(), tables=tables) as prover, pytest.raises(InvalidTables, match="false proof"):
        prover.prove(assignment_bytes(z))
