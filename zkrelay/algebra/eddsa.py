"""EdDSA with Poseidon on Baby Jubjub, as circomlib verifies it; keys and nonces as the protocol page derives them.

    sk = SHA-512("zkrelay/v1/bjj-sk" seed) mod l,  A = sk*B8
    n  = SHA-512("zkrelay/v1/bjj-nonce" sk M) mod l,  R8 = n*B8,  k = P5(R8.x, R8.y, A.x, A.y, M),  S = n + 8*k*sk mod l
    accept  <=>  S*B8 = R8 + k*(8A),  A and R8 on the curve, 8A != O, S < l, bounds of ``eddsa_bounds``

Multiplication by a secret runs in constant time in the kernel; verification handles public values only.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from ..curves.embedded import BABY_JUBJUB, Point
from ..errors import InvalidPoint, InvalidSignature, MalformedInput, NonCanonicalNumber
from ..kernel import current
from .eddsa_bounds import BABY_JUBJUB_BOUNDS
from .edwards_encoding import check_point
from .encoding import pack_field, unpack_field
from .poseidon import poseidon

ORDER = BABY_JUBJUB.order
BASE8: Point = BABY_JUBJUB.generator
IDENTITY: Point = (0, 1)
_FIELD = BABY_JUBJUB.field
_P = _FIELD.modulus
_A = pack_field(_FIELD, [BABY_JUBJUB.a])
_D = pack_field(_FIELD, [BABY_JUBJUB.d])
_BASE8_BYTES = pack_field(_FIELD, BASE8)


@dataclass(frozen=True)
class Signature:
    """(R8, S): R8 on the curve, S a scalar below l."""

    r8: Point
    s: int


def derive_secret_key(seed: bytes) -> int:
    """sk in [1, l) of a seed; raises ``MalformedInput`` for the seed (never seen) that gives zero."""
    secret = int.from_bytes(hashlib.sha512(b"zkrelay/v1/bjj-sk" + seed).digest(), "little") % ORDER
    if secret == 0:
        raise MalformedInput("this seed gives the zero key")
    return secret


def derive_public_key(secret: int) -> Point:
    """A = sk*B8, in constant time; raises ``NonCanonicalNumber`` unless 1 <= sk < l."""
    _check_secret(secret)
    return _mul(secret, _BASE8_BYTES)


def sign(secret: int, message: int) -> Signature:
    """Deterministic signature on a field element.  A is derived here: signing under another A would give sk away.

    Raises:
        NonCanonicalNumber: unless 1 <= secret < l and 0 <= message < r.
    """
    _check_secret(secret)
    _check_message(message)
    public = _mul(secret, _BASE8_BYTES)
    preimage = b"zkrelay/v1/bjj-nonce" + secret.to_bytes(32, "little") + message.to_bytes(32, "little")
    nonce = int.from_bytes(hashlib.sha512(preimage).digest(), "little") % ORDER
    r8 = _mul(nonce, _BASE8_BYTES)
    return Signature(r8, (nonce + 8 * challenge(r8, public, message) * secret) % ORDER)


def verify(public: Point, message: int, signature: Signature) -> None:
    """Accept exactly what the claim circuit accepts; public values only, not constant time.

    Raises:
        NonCanonicalNumber: a coordinate, the message or S is out of range.
        InvalidPoint: A or R8 is off the curve, or A has small order.
        InvalidSignature: the equation does not hold.
    """
    eight_a = check_public_key(public)
    check_point(signature.r8)
    _check_message(message)
    if not BABY_JUBJUB_BOUNDS.accepts_s(signature.s):
        raise NonCanonicalNumber("S is not below the group order")
    k = challenge(signature.r8, public, message)
    if not BABY_JUBJUB_BOUNDS.accepts_k(k):
        raise InvalidSignature("the challenge lies in the slice of 2^-102 that the circuit refuses")
    # S*B8 + k*(-8A) = R8
    minus = (-eight_a[0] % _P, eight_a[1])
    found = current().edwards_double_mul_vartime(
        _FIELD.name,
        signature.s.to_bytes(32, "little"),
        _BASE8_BYTES,
        k.to_bytes(32, "little"),
        pack_field(_FIELD, minus),
        _A,
        _D,
    )
    if tuple(unpack_field(_FIELD, found)) != signature.r8:
        raise InvalidSignature("S*B8 differs from R8 + k*8A")


def challenge(r8: Point, public: Point, message: int) -> int:
    """k = P5(R8.x, R8.y, A.x, A.y, M)."""
    return poseidon([*r8, *public, message])


def check_public_key(public: Point) -> Point:
    """8A, once A is canonical, on the curve and not of small order (``NonCanonicalNumber``, ``InvalidPoint``)."""
    check_point(public)
    eight_a = BABY_JUBJUB.mul_vartime(8, public)
    if eight_a == IDENTITY:
        raise InvalidPoint("the public key has small order: signatures under it prove nothing")
    return eight_a


def _mul(secret: int, point: bytes) -> Point:
    """secret * point in constant time."""
    out = current().edwards_mul(_FIELD.name, secret.to_bytes(32, "little"), point, _A, _D)
    x, y = unpack_field(_FIELD, out)
    return x, y


def _check_secret(secret: int) -> None:
    if not 1 <= secret < ORDER:
        raise NonCanonicalNumber("a secret key is a scalar in [1, l)")


def _check_message(message: int) -> None:
    if not 0 <= message < _P:
        raise NonCanonicalNumber("a message is one canonical field element")
