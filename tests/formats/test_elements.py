"""Vectorised checks of numbers, held to Python integers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkrelay.curves import FIELDS, bn254
from zkrelay.errors import FormatError
from zkrelay.formats.cursor import Cursor
from zkrelay.formats.elements import first_not_below, intern, is_prime, limbs_of, read_field

from .samples import u32

WORDS = st.sampled_from([0, 1, 2**63, 2**64 - 1, bn254.FR.modulus & (2**64 - 1), bn254.FR.modulus >> 192])


@given(st.lists(st.lists(st.one_of(WORDS, st.integers(0, 2**64 - 1)), min_size=4, max_size=4)), st.integers(1, 2**256))
def test_first_not_below_agrees_with_integers(rows: list[list[int]], modulus: int) -> None:
    modulus = min(modulus, 2**256 - 1)
    values = [sum(limb << (64 * k) for k, limb in enumerate(row)) for row in rows]
    expected = next((i for i, value in enumerate(values) if value >= modulus), None)
    assert first_not_below(np.array(rows, dtype=np.uint64).reshape(-1, 4), modulus) == expected


@pytest.mark.parametrize("place", [0, 1, 65535, 65536, 65537, 99999])
def test_first_not_below_at_the_edge_of_the_field(place: int) -> None:
    values = [bn254.FR.modulus - 1] * 100_000
    data = bytearray(b"".join(v.to_bytes(32, "little") for v in values))
    assert first_not_below(limbs_of(data, 32), bn254.FR.modulus) is None
    data[32 * place : 32 * place + 32] = bn254.FR.modulus.to_bytes(32, "little")
    assert first_not_below(limbs_of(data, 32), bn254.FR.modulus) == place


@given(st.lists(st.binary(min_size=8, max_size=8)))
def test_intern_gives_back_its_input(items: list[bytes]) -> None:
    table, ids = intern(b"".join(items), 8)
    distinct = [table[i : i + 8] for i in range(0, len(table), 8)]
    assert distinct == list(dict.fromkeys(items))
    assert [distinct[i] for i in ids] == items


def test_primes() -> None:
    small = [n for n in range(2, 2000) if is_prime(n)]
    assert small == [n for n in range(2, 2000) if all(n % d for d in range(2, n))]
    for carmichael in (561, 1105, 41041, 825265, 321197185, 9746347772161):
        assert not is_prime(carmichael)
    # strong pseudoprimes to the bases 2, 3, 5, 7 and to the first twelve primes
    assert not is_prime(3215031751)
    assert not is_prime(318665857834031151167461)
    assert is_prime(2**255 - 19)
    assert is_prime(2**127 - 1)
    assert not is_prime((2**127 - 1) * (2**61 - 1))
    assert all(is_prime(field.modulus) for field in FIELDS.values())


def cursor(data: bytes) -> Cursor:
    return Cursor(memoryview(data), "file", "1 (header)", 100)


def test_field_header() -> None:
    assert read_field(cursor(u32(32) + bn254.FR.modulus.to_bytes(32, "little"))) == bn254.FR
    assert read_field(cursor(u32(8) + (101).to_bytes(8, "little"))).name == "prime_101"


@pytest.mark.parametrize(
    ("data", "match", "offset"),
    [
        (u32(32) + bytes(31), "the prime needs 32 bytes, the section has 31", 104),
        (u32(0), "field elements of 0 bytes", 100),
        (u32(31) + bytes(31), "field elements of 31 bytes", 100),
        (u32(72) + bytes(72), "field elements of 72 bytes", 100),
        (u32(2**32 - 8), "field elements of 4294967288 bytes", 100),
        (u32(8) + bytes(8), "not an odd prime", 104),
        (u32(8) + (2).to_bytes(8, "little"), "not an odd prime", 104),
        (u32(8) + (15).to_bytes(8, "little"), "not an odd prime", 104),
        (u32(32) + (bn254.FR.modulus + 2).to_bytes(32, "little"), "not an odd prime", 104),
        (u32(40) + bn254.FR.modulus.to_bytes(40, "little"), "this prime takes 32", 100),
    ],
)
def test_field_header_refuses(data: bytes, match: str, offset: int) -> None:
    with pytest.raises(FormatError, match=match) as caught:
        read_field(cursor(data))
    assert caught.value.offset == offset
