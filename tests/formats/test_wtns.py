"""``.wtns``: canonical, secret, and byte for byte what snarkjs wrote."""

from __future__ import annotations

import random
import stat
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkrelay.algebra.encoding import pack_field, unpack_field
from zkrelay.curves import PrimeField, bls12_381, bn254
from zkrelay.errors import FormatError, MalformedInput
from zkrelay.formats import read_wtns, write_wtns

from .samples import F13, FIELDS, borders, interop, pack_container, patched, peak_bytes, replaced, u32, unpack_container


def make(values: list[int], *, prime: int = 13, count: int | None = None, version: int = 2) -> bytes:
    size = 8 if prime < 2**64 else 32
    header = u32(size) + prime.to_bytes(size, "little") + u32(len(values) if count is None else count)
    return pack_container("wtns", version, [(1, header), (2, b"".join(v.to_bytes(size, "little") for v in values))])


@pytest.mark.parametrize("name", ["claim.wtns", "chain_2p12.wtns"])
def test_snarkjs_files_come_back_byte_for_byte(name: str, tmp_path: Path) -> None:
    file = read_wtns(interop(name))
    assert file.field == bn254.FR
    write_wtns(tmp_path / "again.wtns", file.field, file.assignment)
    assert (tmp_path / "again.wtns").read_bytes() == interop(name)


def test_values() -> None:
    public = read_wtns(interop("claim.wtns"))
    assert public.num_variables == 10322
    assert unpack_field(F13, read_wtns(make([1, 12, 0])).assignment) == [1, 12, 0]
    assert read_wtns(make([1], prime=bls12_381.FR.modulus)).field == bls12_381.FR


@given(st.sampled_from(FIELDS), st.lists(st.integers(0, 2**256)))
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, field: PrimeField, values: list[int]) -> None:
    path = tmp_path_factory.getbasetemp() / "x.wtns"
    assignment = pack_field(field, [1, *(value % field.modulus for value in values)])
    write_wtns(path, field, assignment, overwrite=True)
    file = read_wtns(path)
    assert (file.field, bytes(file.assignment)) == (field, assignment)


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    write_wtns(tmp_path / "x.wtns", F13, pack_field(F13, [1, 5]))
    assert stat.S_IMODE((tmp_path / "x.wtns").stat().st_mode) == 0o600


def test_values_stay_out_of_reprs_and_errors() -> None:
    secret = 123456789
    assert str(secret) not in repr(read_wtns(make([1, secret], prime=bn254.FR.modulus)))
    with pytest.raises(FormatError) as caught:
        read_wtns(make([1, secret, bn254.FR.modulus + secret], prime=bn254.FR.modulus))
    assert str(secret) not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (make([]), "element 0 is not the constant 1"),
        (make([0, 1]), "element 0 is not the constant 1"),
        (make([1, 3, 13]), "element 2 is not below the modulus"),
        (make([1, 2**64 - 1]), "element 1 is not below the modulus"),
        (make([1], count=2), "2 elements of 8 bytes do not fit into the 8 bytes left"),
        (make([1], count=2**32 - 1), "4294967295 elements of 8 bytes do not fit"),
        (make([1, 2], count=1), "8 bytes follow the last field"),
        (make([1], version=1), "version 1 of .wtns is not supported"),
        (make([1], prime=9), "not an odd prime"),
        (pack_container("r1cs", 2, unpack_container(make([1]))), "not a .wtns file"),
        (pack_container("wtns", 2, unpack_container(make([1]))[:1]), r"section 2 \(values\) is missing"),
        (pack_container("wtns", 2, [*unpack_container(make([1])), (3, b"")]), "section type 3 does not belong"),
        (replaced(make([1]), 1, lambda header: header + b"\x00"), "1 bytes follow the last field"),
        (patched(make([1]), 16, struct.pack("<Q", 2**63)), "claims"),
    ],
)
def test_malformed_is_refused(data: bytes, match: str) -> None:
    def read() -> None:
        with pytest.raises(FormatError, match=match):
            read_wtns(data)

    assert peak_bytes(read) < 1 << 20


def test_truncation_is_refused() -> None:
    data = interop("chain_2p12.wtns")
    rng = random.Random(2)
    for length in {*borders(data)[:-1], *(rng.randrange(len(data)) for _ in range(200))}:
        with pytest.raises(FormatError):
            read_wtns(data[:length])


@pytest.mark.parametrize(
    ("assignment", "match"),
    [
        (b"", "whole number"),
        (bytes(31), "whole number"),
        (pack_field(bn254.FR, [2]), "element 0"),
        (pack_field(bn254.FR, [1]) + bn254.FR.modulus.to_bytes(32, "little"), "element 1 .* not canonical"),
    ],
)
def test_what_cannot_be_read_back_is_not_written(tmp_path: Path, assignment: bytes, match: str) -> None:
    with pytest.raises(MalformedInput, match=match):
        write_wtns(tmp_path / "x.wtns", bn254.FR, assignment)
    assert not list(tmp_path.iterdir())
