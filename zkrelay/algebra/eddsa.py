"""EdDSA with Poseidon on Baby Jubjub, as circomlib verifies it; keys and nonces as the protocol page derives them.

    sk = SHA-512("zkrelay/v1/bjj-sk" seed) mod l,  A = sk*B8
    n  = SHA-512("zkrelay/v1/bjj-nonce" sk M) mod l,  R8 = n*B8,  k = P5(R8.x, R8.y, A.x, A.y, M),  S = n + 8*k*sk mod l
    accept  <=>  S*B8 = R8 + k*(8A),  A and R8 on the curve, 8A != O, S < l, bounds of ``eddsa_bounds``

Signing runs in the kernel, in constant time, but for the two hashes, which are hashlib's.  Verification handles public
values only, and decides about each signature alone: a sum of many equations forgives points of small order that the
circuit does not.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from ..curves.embedded import BABY_JUBJUB, Point
from ..errors import InvalidPoint, InvalidSignature, MalformedInput, NonCanonicalNumber
from ..kernel import Buffer, SignatureVerdict
from .eddsa_bounds import BABY_JUBJUB_BOUNDS
from .eddsa_scheme import scheme
from .edwards_encoding import check_point, pack_point
from .encoding import pack_field, unpack_field
from .poseidon import poseidon

ORDER = BABY_JUBJUB.order
BASE8: Point = BABY_JUBJUB.generator
IDENTITY: Point = (0, 1)
PACKED_BYTES = 64
_FIELD = BABY_JUBJUB.field
_P = _FIELD.modulus

_REFUSALS: dict[SignatureVerdict, tuple[type[InvalidSignature | MalformedInput], str]] = {
    SignatureVerdict.FALSE: (
        InvalidSignature,
        "S*B8 differs from R8 + k*8A, or k lies in the slice of 2^-102 that the circuit refuses",
    ),
    SignatureVerdict.NOT_CANONICAL: (NonCanonicalNumber, "a coordinate, the message or S is out of range"),
    SignatureVerdict.NOT_ON_CURVE: (InvalidPoint, f"the point is not on {BABY_JUBJUB.name}"),
    SignatureVerdict.SMALL_ORDER: (
        InvalidPoint,
        "the public key has small order: signatures under it prove nothing",
    ),
}


@dataclass(frozen=True)
class Signature:
    """(R8, S): R8 on the curve, S a scalar below l."""

    r8: Point
    s: int

    def pack(self) -> bytes:
        """R8 packed, then S as 32 bytes little-endian: circomlibjs's packSignature.

        Raises:
            NonCanonicalNumber, InvalidPoint: R8 is no point of the curve, or S is not accepted by the circuit.
        """
        if not BABY_JUBJUB_BOUNDS.accepts_s(self.s):
            raise NonCanonicalNumber("S is not below the group order")
        return pack_point(self.r8) + self.s.to_bytes(32, "little")


def derive_secret_key(seed: bytes) -> int:
    """sk in [1, l) of a seed; raises ``MalformedInput`` for the seed (never seen) that gives zero."""
    secret = int.from_bytes(hashlib.sha512(b"zkrelay/v1/bjj-sk" + seed).digest(), "little") % ORDER
    if secret == 0:
        raise MalformedInput("this seed gives the zero key")
    return secret


def derive_public_key(secret: int) -> Point:
    """A = sk*B8, in constant time; raises ``NonCanonicalNumber`` unless 1 <= sk < l."""
    x, y = unpack_field(_FIELD, scheme().public_key(_secret_bytes(secret)))
    return x, y


def sign(secret: int, message: int) -> Signature:
    """Deterministic signature on a field element.  A is derived here: signing under another A would give sk away.

    Raises:
        NonCanonicalNumber: unless 1 <= secret < l and 0 <= message < r.
    """
    key, data = _secret_bytes(secret), _message_bytes(message)
    digest = hashlib.sha512(b"zkrelay/v1/bjj-nonce" + key + data).digest()
    x, y, s = unpack_field(_FIELD, scheme().sign(key, digest, data))
    return Signature((x, y), s)


def verify(public: Point, message: int, signature: Signature) -> None:
    """Accept exactly what the claim circuit accepts; public values only, not constant time.

    Raises:
        NonCanonicalNumber: a coordinate, the message or S is out of range.
        InvalidPoint: A or R8 is off the curve, or A has small order.
        InvalidSignature: the equation does not hold.
    """
    check_point(public)
    data, packed = _message_bytes(message), signature.pack()
    refuse(scheme().verify(pack_field(_FIELD, public), data, packed)[0])


def verify_packed(publics: Buffer, messages: Buffer, signatures: Buffer, *, threads: int = 1) -> list[SignatureVerdict]:
    """A verdict for each of n signatures, in one kernel call: the predicate of ``verify``, item by item.

    Args:
        publics: n keys of 64 bytes, x then y, little-endian.
        messages: n numbers of 32 bytes, little-endian.
        signatures: n times 64 bytes as ``Signature.pack`` makes them.

    Raises:
        MalformedInput: the lengths do not belong together, or ``threads`` is out of range.
    """
    return scheme().verify(publics, messages, signatures, threads=threads)


class PreparedPublicKey:
    """A key made ready for many signatures: 20 kB of multiples, which pay from the second or third signature on."""

    __slots__ = ("_key", "public")

    def __init__(self, public: Point) -> None:
        """Raises as ``check_public_key``."""
        check_public_key(public)
        self.public = public
        self._key = scheme().key(pack_field(_FIELD, public))

    def verify(self, message: int, signature: Signature) -> None:
        """``verify`` under this key, with the same errors."""
        refuse(self._key.verify(_message_bytes(message), signature.pack())[0])

    def verify_packed(self, messages: Buffer, signatures: Buffer, *, threads: int = 1) -> list[SignatureVerdict]:
        """The function of this name, for signatures that are all under this key."""
        return self._key.verify(messages, signatures, threads=threads)

    def __repr__(self) -> str:
        return f"PreparedPublicKey({self.public})"


def refuse(verdict: SignatureVerdict) -> None:
    """Return for ``TRUE``; raise the error that another verdict stands for."""
    if verdict != SignatureVerdict.TRUE:
        error, reason = _REFUSALS[verdict]
        raise error(reason)


def challenge(r8: Point, public: Point, message: int) -> int:
    """k = P5(R8.x, R8.y, A.x, A.y, M)."""
    return poseidon([*r8, *public, message])


def check_public_key(public: Point) -> Point:
    """8A, once A is canonical, on the curve and not of small order (``NonCanonicalNumber``, ``InvalidPoint``)."""
    check_point(public)
    eight_a = BABY_JUBJUB.mul_vartime(8, public)
    if eight_a == IDENTITY:
        refuse(SignatureVerdict.SMALL_ORDER)
    return eight_a


def _secret_bytes(secret: int) -> bytes:
    if not 1 <= secret < ORDER:
        raise NonCanonicalNumber("a secret key is a scalar in [1, l)")
    return secret.to_bytes(32, "little")


def _message_bytes(message: int) -> bytes:
    if not 0 <= message < _P:
        raise NonCanonicalNumber("a message is one canonical field element")
    return message.to_bytes(32, "little")
