"""Tags and H2F against the protocol's vectors and against SHA-256 written out."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from zkrelay.algebra.hash_to_field import TAGS, T, hash_to_field
from zkrelay.curves import bn254
from zkrelay.errors import NonCanonicalNumber

R = bn254.FR.modulus
VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "protocol" / "protocol-v1.json").read_text())


def test_tags_equal_the_protocol_s() -> None:
    assert {name: str(value) for name, value in TAGS.items()} == VECTORS["tags"]


def test_attribute_and_name_are_one_tag() -> None:
    assert (T.note_key, T.node_id, T.claim_x) == (TAGS["note-key"], TAGS["node-id"], TAGS["claim-x"])


def test_domain_of_the_vectors() -> None:
    assert str(hash_to_field("domain", 31337, 0xC0FFEE, 1, 1, 1, 0)) == VECTORS["domain"]


def test_definition() -> None:
    values = (0, 1, R, (1 << 256) - 1)
    preimage = b"zkrelay/v1/some-use\x00" + b"".join(v.to_bytes(32, "big") for v in values)
    assert hash_to_field("some-use", *values) == int.from_bytes(hashlib.sha256(preimage).digest(), "big") % R


def test_tag_is_not_the_hash_of_no_values() -> None:
    assert hash_to_field("note") != T.note


@pytest.mark.parametrize("bad", [-1, 1 << 256])
def test_values_must_fit_32_bytes(bad: int) -> None:
    with pytest.raises(NonCanonicalNumber, match="value 1"):
        hash_to_field("x", 0, bad)


@pytest.mark.parametrize("dst", ["", "a\0b", "naïve"])
def test_separation_tag_is_plain(dst: str) -> None:
    with pytest.raises(ValueError, match="ASCII"):
        hash_to_field(dst)
