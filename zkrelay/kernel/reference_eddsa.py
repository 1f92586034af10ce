"""EdDSA with Poseidon over Python integers, for the reference kernel: each step as the protocol page writes it.

    k = P5(R8.x, R8.y, A.x, A.y, M),  S = n + 8*k*sk mod l,  accept <=> S*B8 = R8 + k*(8A)

Nothing is prepared, and nothing is constant time.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..curves import PrimeField
from ..curves.fields import square_root_vartime
from ..errors import InvalidPoint, MalformedInput, NonCanonicalNumber
from . import reference_hashing
from .interface import Buffer, EddsaParameters, SignatureVerdict
from .reference_buffers import check_threads, pack, split, unpack, unpack_montgomery
from .reference_prepared import Preparation

_WIDTH = 6
_SCALAR_BYTES = 32
_DIGEST_BYTES = 64
_IDENTITY = (0, 1)
_Pair = tuple[int, int]


class ReferenceEddsa(Preparation):
    """See ``interface.PreparedEddsa``."""

    def __init__(self, field: PrimeField, parameters: EddsaParameters) -> None:
        super().__init__("signature scheme")
        p = parameters
        self.field = field
        if field.num_bytes != _SCALAR_BYTES:
            raise MalformedInput(f"no curve of 32-byte scalars is embedded in {field.name}")
        reference_hashing.check_poseidon_shape(_WIDTH, p.full_rounds, p.partial_rounds)
        if p.full_rounds < 2 or p.partial_rounds < 1:
            raise MalformedInput("the hash needs two full rounds or more, and a partial one")
        rounds = p.full_rounds + p.partial_rounds
        self._rounds = p.full_rounds, p.partial_rounds
        self._constants = unpack_montgomery(field, p.round_constants, "round_constants", rounds * _WIDTH)
        self._mds = unpack_montgomery(field, p.mds, "mds", _WIDTH * _WIDTH)
        (a,), (d,) = unpack(field, p.a, "a", 1), unpack(field, p.d, "d", 1)
        x, y = unpack(field, p.base, "base", 2)
        (self.order,) = unpack(field, p.order, "order", 1)
        self._s_end, self._k_begin, self._k_end = (
            _number(data, name) for data, name in ((p.s_end, "s_end"), (p.k_begin, "k_begin"), (p.k_end, "k_end"))
        )
        if self._s_end > self.order:
            raise NonCanonicalNumber("s_end is above the order")
        if self.order % 2 == 0 or not 1 << 192 <= self.order < 1 << 254:
            raise MalformedInput("the order must be odd and in [2^192, 2^254)")
        roots = [square_root_vartime(value % field.modulus, field) for value in (-a, -1, d)]
        if roots[0] in (None, 0) or roots[1] is None or roots[2] is not None:
            raise MalformedInput("the formulas are not complete for a curve with these constants")
        self.curve = reference_hashing.Edwards(field, a, d)
        self._base = self.curve.check((x, y))
        if self._base == _IDENTITY or self.curve.mul(self.order, self._base) != _IDENTITY:
            raise InvalidPoint("the base does not have the order that is named")

    def public_key(self, secret: Buffer) -> bytes:
        self._check_open()
        return pack(self.field, self.curve.mul(self._secret(secret), self._base))

    def sign(self, secret: Buffer, digest: Buffer, message: Buffer) -> bytes:
        self._check_open()
        sk = self._secret(secret)
        (raw,) = split(digest, _DIGEST_BYTES, "digest", 1)
        (m,) = unpack(self.field, message, "message", 1)
        nonce = int.from_bytes(raw, "little") % self.order
        public, r8 = self.curve.mul(sk, self._base), self.curve.mul(nonce, self._base)
        s = (nonce + 8 * self._challenge(r8, public, m) * sk) % self.order
        return pack(self.field, [*r8, s])

    def key(self, public: Buffer) -> ReferenceEddsaKey:
        """Raises ``NonCanonicalNumber`` or ``InvalidPoint``."""
        self._check_open()
        point = self.curve.check(unpack(self.field, public, "public key", 2))
        if self.curve.mul(8, point) == _IDENTITY:
            raise InvalidPoint("a public key has small order")
        return ReferenceEddsaKey(self, point)

    def verify(
        self, publics: Buffer, messages: Buffer, signatures: Buffer, *, threads: int = 1
    ) -> list[SignatureVerdict]:
        self._check_open()
        check_threads(threads)
        pairs = split_items(messages, signatures)
        keys = split(publics, 2 * _SCALAR_BYTES, "public keys", len(pairs))
        return [self._verdict(key, *pair) for key, pair in zip(keys, pairs, strict=True)]

    def _verdict(self, public: bytes, message: bytes, signature: bytes) -> SignatureVerdict:
        try:
            point = self.key(public).point
        except NonCanonicalNumber:
            return SignatureVerdict.NOT_CANONICAL
        except InvalidPoint:
            x, y = unpack(self.field, public)
            on_curve = self.curve.is_on_curve(x, y)
            return SignatureVerdict.SMALL_ORDER if on_curve else SignatureVerdict.NOT_ON_CURVE
        return self.verdict_under(point, message, signature)

    def verdict_under(self, public: _Pair, message: bytes, signature: bytes) -> SignatureVerdict:
        """The circuit's predicate for one item under a key that was checked."""
        m, s = int.from_bytes(message, "little"), int.from_bytes(signature[_SCALAR_BYTES:], "little")
        if m >= self.field.modulus or s >= self._s_end:
            return SignatureVerdict.NOT_CANONICAL
        r8, verdict = self._unpack(signature[:_SCALAR_BYTES])
        if verdict != SignatureVerdict.TRUE:
            return verdict
        k = self._challenge(r8, public, m)
        right = self.curve.add(r8, self.curve.mul(k, self.curve.mul(8, public)))
        is_true = self._k_begin <= k < self._k_end and self.curve.mul(s, self._base) == right
        return SignatureVerdict.TRUE if is_true else SignatureVerdict.FALSE

    def unpack(self, packed: Buffer) -> tuple[bytes, list[SignatureVerdict]]:
        self._check_open()
        found = [self._unpack(data) for data in split(packed, _SCALAR_BYTES, "packed points")]
        return b"".join(pack(self.field, point) for point, _ in found), [verdict for _, verdict in found]

    def _unpack(self, data: bytes) -> tuple[_Pair, SignatureVerdict]:
        number, p = int.from_bytes(data, "little"), self.field.modulus
        sign, y = number >> 255, number % (1 << 255)
        if y >= p:
            return (0, 0), SignatureVerdict.NOT_CANONICAL
        # a*x^2 + y^2 = 1 + d*x^2*y^2
        x = square_root_vartime((1 - y * y) * pow(self.curve.a - self.curve.d * y * y, -1, p) % p, self.field)
        if x is None or (x == 0 and sign):
            return (0, 0), SignatureVerdict.NOT_ON_CURVE
        return (x if (x > (p - 1) // 2) == bool(sign) else p - x, y), SignatureVerdict.TRUE

    def _challenge(self, r8: _Pair, public: _Pair, message: int) -> int:
        inputs = [*r8, *public, message]
        return reference_hashing.poseidon(inputs, *self._rounds, self._constants, self._mds, self.field.modulus)

    def _secret(self, data: Buffer) -> int:
        secret = _number(data, "secret")
        if secret == 0:
            raise MalformedInput("the secret is zero")
        if secret >= self.order:
            raise NonCanonicalNumber("the secret is not below the order")
        return secret


class ReferenceEddsaKey(Preparation):
    """See ``interface.PreparedEddsaKey``."""

    def __init__(self, scheme: ReferenceEddsa, point: _Pair) -> None:
        super().__init__("public key")
        self._scheme = scheme
        self.point = point

    def verify(self, messages: Buffer, signatures: Buffer, *, threads: int = 1) -> list[SignatureVerdict]:
        self._scheme._check_open()
        self._check_open()
        check_threads(threads)
        return [self._scheme.verdict_under(self.point, *pair) for pair in split_items(messages, signatures)]


def split_items(messages: Buffer, signatures: Buffer) -> Sequence[tuple[bytes, bytes]]:
    """(message, signature) pairs; raises ``MalformedInput`` when the numbers differ."""
    right = split(signatures, 2 * _SCALAR_BYTES, "signatures")
    return list(zip(split(messages, _SCALAR_BYTES, "messages", len(right)), right, strict=True))


def _number(data: Buffer, what: str) -> int:
    return int.from_bytes(split(data, _SCALAR_BYTES, what, 1)[0], "little")
