"""Bindings: a session to its channel, and an Ed25519 identity to a session; nothing moves from one to another."""

from __future__ import annotations

import hashlib

import pytest
from nacl.signing import SigningKey

from zkrelay.algebra.eddsa import ORDER
from zkrelay.algebra.edwards_encoding import pack_point
from zkrelay.algebra.hash_to_field import T, hash_to_field
from zkrelay.algebra.poseidon import poseidon
from zkrelay.curves import bn254
from zkrelay.errors import InvalidBinding, InvalidPoint, InvalidSignature, MalformedInput, NonCanonicalNumber
from zkrelay.relay.binding import (
    CHANNEL_BINDING_BYTES,
    IDENTITY_BINDING_BYTES,
    ChannelBinding,
    IdentityBinding,
    binding_message,
)
from zkrelay.relay.identity import SessionKey
from zkrelay.relay.receipt import Receipt

R = bn254.FR.modulus
KEY, OTHER = SessionKey.from_seed(b"client"), SessionKey.from_seed(b"other")
CM, EXPIRY = 4711, 1000
HASH = hashlib.sha256(b"handshake").digest()
IDENTITY = SigningKey(bytes(range(32)))
CHANNEL = ChannelBinding.sign(KEY, CM, HASH)
VOUCHED = IdentityBinding.sign(IDENTITY, KEY.public, CM, HASH, EXPIRY)


def test_the_message_is_the_protocol_s() -> None:
    assert binding_message(CM, HASH) == poseidon([T.bind, CM, hash_to_field("bind", int.from_bytes(HASH, "big"))])
    long = hashlib.sha512(b"handshake").digest()
    halves = (int.from_bytes(long[:32], "big"), int.from_bytes(long[32:], "big"))
    assert binding_message(CM, long) == poseidon([T.bind, CM, hash_to_field("bind", *halves)])


def test_channel_binding() -> None:
    CHANNEL.verify(KEY.public, CM, HASH)
    data = CHANNEL.pack()
    assert (len(data), data[0]) == (CHANNEL_BINDING_BYTES, 1)
    assert CHANNEL_BINDING_BYTES == 65
    assert ChannelBinding.unpack(data) == CHANNEL


@pytest.mark.parametrize(
    ("public", "cm", "handshake"),
    [
        (OTHER.public, CM, HASH),
        (KEY.public, CM + 1, HASH),
        (KEY.public, CM, hashlib.sha256(b"the next handshake").digest()),
        (KEY.public, CM, HASH + HASH),
    ],
)
def test_a_binding_is_for_one_key_note_and_channel(public: tuple[int, int], cm: int, handshake: bytes) -> None:
    with pytest.raises(InvalidSignature):
        CHANNEL.verify(public, cm, handshake)
    with pytest.raises(InvalidSignature):
        VOUCHED.verify(public, cm, handshake, EXPIRY)


def test_a_receipt_is_no_binding() -> None:
    """The tags differ, so no signature of one kind is one of another."""
    receipt = Receipt.sign(KEY, CM, 5, hash_to_field("bind", int.from_bytes(HASH, "big")))
    with pytest.raises(InvalidSignature):
        ChannelBinding(receipt.signature).verify(KEY.public, CM, HASH)
    with pytest.raises(InvalidSignature):
        Receipt(CM, 5, 0, CHANNEL.signature).verify(KEY.public)


@pytest.mark.parametrize("length", [0, 1, 31, 33, 63, 65])
def test_handshake_hashes_of_other_lengths(length: int) -> None:
    for use in (binding_message, lambda cm, data: IdentityBinding.sign(IDENTITY, KEY.public, cm, data, EXPIRY)):
        with pytest.raises(MalformedInput, match="32 or 64"):
            use(CM, bytes(length))


@pytest.mark.parametrize("cm", [-1, R, True])
def test_cm_must_be_canonical(cm: int) -> None:
    with pytest.raises(NonCanonicalNumber):
        binding_message(cm, HASH)
    with pytest.raises(NonCanonicalNumber):
        VOUCHED.verify(KEY.public, cm, HASH, EXPIRY)


@pytest.mark.parametrize("kind", [ChannelBinding, IdentityBinding])
def test_packed_forms_are_exact(kind: type[ChannelBinding | IdentityBinding]) -> None:
    data = (CHANNEL if kind is ChannelBinding else VOUCHED).pack()
    for wrong in (b"", data[:-1], data + b"\0", data * 2):
        with pytest.raises(InvalidBinding, match="bytes"):
            kind.unpack(wrong)
    for version in (0, 2, 255):
        with pytest.raises(InvalidBinding, match="version"):
            kind.unpack(bytes([version]) + data[1:])


def test_every_byte_of_a_channel_binding_counts() -> None:
    data = CHANNEL.pack()
    for at in range(1, len(data)):
        with pytest.raises((MalformedInput, InvalidSignature)):
            ChannelBinding.unpack(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]).verify(KEY.public, CM, HASH)
    malleable = data[:33] + (int.from_bytes(data[33:], "little") + ORDER).to_bytes(32, "little")
    with pytest.raises(NonCanonicalNumber):
        ChannelBinding.unpack(malleable).verify(KEY.public, CM, HASH)


def test_identity_binding() -> None:
    VOUCHED.verify(KEY.public, CM, HASH, EXPIRY)
    data = VOUCHED.pack()
    assert (len(data), data[0], IDENTITY_BINDING_BYTES) == (97, 1, 97)
    assert IdentityBinding.unpack(data) == VOUCHED
    message = (
        b"zkrelay/v1/bind" + pack_point(KEY.public) + CM.to_bytes(32, "little") + HASH + EXPIRY.to_bytes(4, "little")
    )
    IDENTITY.verify_key.verify(message, VOUCHED.signature)


def test_an_identity_binding_ends() -> None:
    with pytest.raises(InvalidSignature):
        VOUCHED.verify(KEY.public, CM, HASH, EXPIRY + 1)
    for expiry in (-1, 1 << 32):
        with pytest.raises(MalformedInput):
            VOUCHED.verify(KEY.public, CM, HASH, expiry)


def test_every_byte_of_an_identity_binding_counts() -> None:
    data = VOUCHED.pack()
    for at in range(1, len(data), 3):
        changed = IdentityBinding.unpack(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        with pytest.raises(InvalidSignature):
            changed.verify(KEY.public, CM, HASH, EXPIRY)


@pytest.mark.parametrize("key", [bytes(32), (1).to_bytes(32, "little"), bytes(31), b""])
def test_identities_of_small_order_or_wrong_length(key: bytes) -> None:
    """Under the identity element of Ed25519, R = S·B verifies any message in a careless verifier."""
    forged = (1).to_bytes(32, "little") + bytes(32)
    with pytest.raises(InvalidSignature):
        IdentityBinding(key, forged).verify(KEY.public, CM, HASH, EXPIRY)


def test_only_points_are_vouched_for() -> None:
    with pytest.raises(InvalidPoint):
        IdentityBinding.sign(IDENTITY, (1, 1), CM, HASH, EXPIRY)
