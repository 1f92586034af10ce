"""Notes: the vectors' commitments, binding of every field, and ranges."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from curve_points import small_order_point

from zkrelay.algebra.hash_to_field import hash_to_field
from zkrelay.curves import bn254
from zkrelay.errors import InvalidPoint, MalformedInput, NonCanonicalNumber
from zkrelay.relay.identity import SessionKey
from zkrelay.relay.note import Note, note_commitment, random_rho
from zkrelay.relay.nullifier import note_nullifier

R = bn254.FR.modulus
VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "protocol" / "protocol-v1.json").read_text())
NOTE = Note(
    domain=int(VECTORS["domain"]),
    payee=int(VECTORS["payee"]),
    public_key=SessionKey.from_seed(b"s0").public,
    rho=hash_to_field("demo-rho", 0),
    cap=10**9,
    expiry=1000,
)


@pytest.mark.parametrize("index", range(3))
def test_commitments_and_nullifiers_of_the_vectors(index: int) -> None:
    note = dataclasses.replace(
        NOTE, public_key=SessionKey.from_seed(b"s%d" % index).public, rho=hash_to_field("demo-rho", index)
    )
    assert str(note.cm) == VECTORS["cms"][index]
    assert str(note_nullifier(note.cm, note.rho)) == VECTORS["nullifiers"][index]


def test_escrow_computes_the_same_commitment_from_inner() -> None:
    assert note_commitment(NOTE.domain, NOTE.inner, NOTE.cap, NOTE.expiry) == NOTE.cm


@pytest.mark.parametrize(
    "change",
    [
        {"domain": NOTE.domain + 1},
        {"payee": NOTE.payee + 1},
        {"public_key": SessionKey.from_seed(b"other").public},
        {"rho": NOTE.rho + 1},
        {"cap": NOTE.cap + 1},
        {"expiry": NOTE.expiry + 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_field_is_bound(change: dict[str, object]) -> None:
    assert dataclasses.replace(NOTE, **change).cm != NOTE.cm  # type: ignore[arg-type]


def test_faerie_gold_same_rho_two_nullifiers() -> None:
    other = dataclasses.replace(NOTE, cap=NOTE.cap + 1)
    assert other.rho == NOTE.rho
    assert note_nullifier(other.cm, other.rho) != note_nullifier(NOTE.cm, NOTE.rho)


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("domain", R, NonCanonicalNumber),
        ("payee", -1, NonCanonicalNumber),
        ("rho", NOTE.rho + R, NonCanonicalNumber),
        ("cap", 1 << 64, MalformedInput),
        ("cap", -1, MalformedInput),
        ("expiry", 1 << 32, MalformedInput),
        ("expiry", -1, MalformedInput),
        ("public_key", (1, 1), InvalidPoint),
        ("public_key", (0, 1), InvalidPoint),
        ("public_key", small_order_point(8), InvalidPoint),
        ("public_key", (NOTE.public_key[0] + R, NOTE.public_key[1]), NonCanonicalNumber),
    ],
)
def test_ranges(name: str, value: object, error: type[MalformedInput]) -> None:
    with pytest.raises(error):
        dataclasses.replace(NOTE, **{name: value})  # type: ignore[arg-type]


def test_rho_is_not_shown() -> None:
    assert str(NOTE.rho) not in repr(NOTE)


def test_rho_is_random_and_canonical() -> None:
    drawn = {random_rho() for _ in range(8)}
    assert len(drawn) == 8
    assert all(0 <= rho < R for rho in drawn)


def test_dict_round_trip() -> None:
    assert Note.from_dict(json.loads(json.dumps(NOTE.to_dict()))) == NOTE


DATA = NOTE.to_dict()


@pytest.mark.parametrize(
    "broken",
    [
        {k: v for k, v in DATA.items() if k != "rho"},
        {**DATA, "position": "0"},
        {**DATA, "cap": 5},
        {**DATA, "cap": "-5"},
        {**DATA, "cap": "05"},
        {**DATA, "cap": "٣"},
        {**DATA, "cap": "1e3"},
        {**DATA, "cap": str(1 << 64)},
        {**DATA, "rho": str(R)},
        {**DATA, "rho": "9" * 5000},
        {**DATA, "public_key": "zz" * 32},
        {**DATA, "public_key": DATA["public_key"][:-2]},
        {**DATA, "public_key": 7},
        {**DATA, "public_key": "ff" * 32},
    ],
)
def test_malformed_dict_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(MalformedInput):
        Note.from_dict(broken)
