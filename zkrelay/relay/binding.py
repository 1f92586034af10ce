"""Who speaks on a channel: the session's key signs the handshake, and an Ed25519 identity may vouch for that key.

    channel    sig = EdDSA-Poseidon_sk(P3(T.bind, cm, H2F("bind", handshake hash)))
    identity   sig = Ed25519_id("zkrelay/v1/bind" | A packed 32 | cm 32 LE | handshake hash | expiry u32 LE)

Packed, with nothing that the receiver knows already:

    channel    version 0x01 | R8 packed 32 | S 32 LE                 65 bytes
    identity   version 0x01 | Ed25519 key 32 | signature 64          97 bytes

Whoever took over a session's note, but not its key, cannot bind another channel; a binding seen on one channel is
worthless on the next.  The identity is optional: without it the node knows no more than the session's key.
"""

from __future__ import annotations

from dataclasses import dataclass

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from ..algebra.eddsa import PACKED_BYTES, Signature, verify
from ..algebra.edwards_encoding import pack_point, unpack_point
from ..algebra.hash_to_field import T
from ..algebra.poseidon import poseidon
from ..curves.embedded import Point
from ..errors import InvalidBinding, InvalidSignature
from .domain import EPOCH_BITS
from .identity import SessionKey
from .numbers import check_element, check_range
from .receipt_context import handshake_element

BINDING_VERSION = 1
CHANNEL_BINDING_BYTES = 1 + PACKED_BYTES
IDENTITY_BINDING_BYTES = 1 + 32 + 64
_IDENTITY_PREFIX = b"zkrelay/v1/bind"


def binding_message(cm: int, handshake_hash: bytes) -> int:
    """P3(T.bind, cm, H2F("bind", handshake hash)).

    Raises:
        NonCanonicalNumber: cm is not a field element.
        MalformedInput: the hash has neither 32 nor 64 bytes.
    """
    check_element("cm", cm)
    return poseidon([T.bind, cm, handshake_element(handshake_hash)])


@dataclass(frozen=True)
class ChannelBinding:
    """The session key's signature on one handshake of one note."""

    signature: Signature

    @classmethod
    def sign(cls, key: SessionKey, cm: int, handshake_hash: bytes) -> ChannelBinding:
        """Raises as ``binding_message``.  The hash must come from the client's own end of the handshake."""
        return cls(key.sign(binding_message(cm, handshake_hash)))

    def verify(self, public_key: Point, cm: int, handshake_hash: bytes) -> None:
        """Raises as ``binding_message`` and ``eddsa.verify``."""
        verify(public_key, binding_message(cm, handshake_hash), self.signature)

    def pack(self) -> bytes:
        return bytes([BINDING_VERSION]) + self.signature.pack()

    @classmethod
    def unpack(cls, data: bytes) -> ChannelBinding:
        """Inverse of ``pack``; the signature is not verified here.

        Raises:
            InvalidBinding: wrong length or version.
            NonCanonicalNumber, InvalidPoint: R8 is no point.
        """
        body = _body(data, CHANNEL_BINDING_BYTES, "channel binding")
        return cls(Signature(unpack_point(body[:32]), int.from_bytes(body[32:], "little")))


@dataclass(frozen=True)
class IdentityBinding:
    """An Ed25519 identity says: the session with key A, note ``cm`` and this handshake is mine, until ``expiry``."""

    identity: bytes
    signature: bytes

    @classmethod
    def sign(
        cls, identity: SigningKey, public_key: Point, cm: int, handshake_hash: bytes, expiry: int
    ) -> IdentityBinding:
        """Raises as ``identity_message``."""
        message = identity_message(public_key, cm, handshake_hash, expiry)
        return cls(bytes(identity.verify_key), identity.sign(message).signature)

    def verify(self, public_key: Point, cm: int, handshake_hash: bytes, expiry: int) -> None:
        """Whether the identity in here may be trusted is the caller's question.

        Raises:
            InvalidSignature: not this identity's signature on these values.
            NonCanonicalNumber, InvalidPoint, MalformedInput: as ``identity_message``.
        """
        message = identity_message(public_key, cm, handshake_hash, expiry)
        verify_ed25519(self.identity, message, self.signature, "the identity did not sign for this session")

    def pack(self) -> bytes:
        return bytes([BINDING_VERSION]) + self.identity + self.signature

    @classmethod
    def unpack(cls, data: bytes) -> IdentityBinding:
        """Inverse of ``pack``; raises ``InvalidBinding`` for a wrong length or version.  Nothing is verified here."""
        body = _body(data, IDENTITY_BINDING_BYTES, "identity binding")
        return cls(body[:32], body[32:])


def identity_message(public_key: Point, cm: int, handshake_hash: bytes, expiry: int) -> bytes:
    """What an identity signs.

    Raises:
        NonCanonicalNumber, InvalidPoint: A or cm.
        MalformedInput: the hash has neither 32 nor 64 bytes, or the expiry (an epoch) is not below 2^32.
    """
    check_element("cm", cm)
    check_range("expiry", expiry, 0, 1 << EPOCH_BITS)
    handshake_element(handshake_hash)  # its length
    return (
        _IDENTITY_PREFIX
        + pack_point(public_key)
        + cm.to_bytes(32, "little")
        + handshake_hash
        + expiry.to_bytes(4, "little")
    )


def verify_ed25519(key: bytes, message: bytes, signature: bytes, refusal: str) -> None:
    """Ed25519 as libsodium decides it: cofactorless, keys of small order and S >= l refused.

    Raises:
        InvalidSignature: with ``refusal``; also for a key or signature of a wrong length.
    """
    try:
        VerifyKey(key).verify(message, signature)
    except (BadSignatureError, ValueError) as error:  # pynacl: a wrong length is a ValueError of its own
        raise InvalidSignature(refusal) from error


def _body(data: bytes, length: int, what: str) -> bytes:
    if len(data) != length:
        raise InvalidBinding(f"a packed {what} has {length} bytes, not {len(data)}")
    if data[0] != BINDING_VERSION:
        raise InvalidBinding(f"version {data[0]} of a {what} is not {BINDING_VERSION}")
    return bytes(data[1:])
