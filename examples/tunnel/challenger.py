"""Bandwidth challenges: a third party sends a client random bytes through the node, and both sign how long it took.

    client -> challenger, through the node    version 0x01 | cm 32 LE | size u64 LE
    challenger -> client                      id 32 | size random bytes
    client -> challenger                      BLAKE2b-256 of id and bytes
    challenger -> client                      microseconds u64 LE | Ed25519 signature 64, over
                                              "zkrelay/v1/bandwidth" | id | cm 32 LE | size u64 LE | microseconds u64 LE

    attestation    version 0x01 | challenger's key 32 | id 32 | cm 32 LE | size u64 LE | microseconds u64 LE
                   | challenger's signature 64 | R8 packed 32 | S 32 LE                            241 bytes

    challenge = H2F("bandwidth", challenger's key, id, size)
    client's signature: EdDSA-Poseidon by the session's key over P4(bandwidth, cm, challenge, microseconds)

The bytes are fresh, so the node cannot have them before; the challenger's clock runs from the first of them to the
digest of the last, so that neither client nor node can make the time shorter.  What it cannot show: that they came
*through the node*.  A client in league with the node fetches them directly; what that client's word is worth is decided
by what its note paid (``reputation``).
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from dataclasses import dataclass

from nacl.signing import SigningKey

from zkrelay.algebra.eddsa import Signature, verify
from zkrelay.algebra.edwards_encoding import unpack_point
from zkrelay.algebra.hash_to_field import TAGS, hash_to_field, tag
from zkrelay.algebra.poseidon import poseidon
from zkrelay.curves.embedded import Point
from zkrelay.errors import NonCanonicalNumber
from zkrelay.relay.binding import verify_ed25519
from zkrelay.relay.identity import SessionKey
from zkrelay.relay.numbers import check_element, check_range
from zkrelay.relay.receipt_context import CHALLENGE_TAG, CONTEXT_TAG, ChallengeResult

from .errors import ChallengeRefused, StreamTruncated, UntrustedChallenger
from .layer import Layer
from .listener import Limits, Listener, within
from .stream import SecureStream, read_exactly

VERSION = 1
MAX_SIZE = 1 << 28
ATTESTATION_BYTES = 1 + 32 + 32 + 32 + 8 + 8 + 64 + 64
BANDWIDTH_TAG = tag("bandwidth")
_PREFIX = b"zkrelay/v1/bandwidth"
_REQUEST_BYTES = 1 + 32 + 8
_BLOCK_BYTES = 1 << 18

assert BANDWIDTH_TAG not in {CHALLENGE_TAG, CONTEXT_TAG, *TAGS.values()}


@dataclass(frozen=True)
class Attestation:
    """``size`` bytes took ``microseconds``, say the challenger and the client of the note ``cm``.

    Raises (on construction):
        ChallengeRefused: key, id or signature of a wrong length, or a size that no challenge has.
        NonCanonicalNumber, MalformedInput: cm or the time is out of range.
    """

    challenger: bytes
    id: bytes
    cm: int
    size: int
    microseconds: int
    challenger_signature: bytes
    client_signature: Signature

    def __post_init__(self) -> None:
        if (len(self.challenger), len(self.id), len(self.challenger_signature)) != (32, 32, 64):
            raise ChallengeRefused("an attestation's key and id have 32 bytes, its Ed25519 signature 64")
        _check_size(self.size)
        check_element("cm", self.cm)
        check_range("microseconds", self.microseconds, 1, 1 << 64)

    @property
    def bytes_a_second(self) -> int:
        return self.size * 10**6 // self.microseconds

    @property
    def result(self) -> ChallengeResult:
        """For the context of the session's receipts."""
        return ChallengeResult(_challenge(self.challenger, self.id, self.size), self.microseconds)

    def verify(self, public_key: Point, trusted: frozenset[bytes]) -> None:
        """Both signatures; ``public_key`` is the note's, ``trusted`` the keys of the challengers that are believed.

        Raises:
            UntrustedChallenger: it is by none of them.
            InvalidSignature, InvalidPoint: one of the two did not sign this.
        """
        if self.challenger not in trusted:
            raise UntrustedChallenger("the attestation is by a challenger that is not trusted here")
        message = _certified(self.id, self.cm, self.size, self.microseconds)
        verify_ed25519(self.challenger, message, self.challenger_signature, "the challenger did not sign this")
        verify(public_key, _attested(self.cm, self.result), self.client_signature)

    def pack(self) -> bytes:
        numbers = self.cm.to_bytes(32, "little") + self.size.to_bytes(8, "little")
        head = bytes([VERSION]) + self.challenger + self.id + numbers + self.microseconds.to_bytes(8, "little")
        return head + self.challenger_signature + self.client_signature.pack()

    @classmethod
    def unpack(cls, data: bytes) -> Attestation:
        """Inverse of ``pack``; nothing is verified here.

        Raises:
            ChallengeRefused: wrong length or version.
            NonCanonicalNumber, InvalidPoint, MalformedInput: a part is out of range.
        """
        if len(data) != ATTESTATION_BYTES or data[0] != VERSION:
            raise ChallengeRefused(f"an attestation of version {VERSION} has {ATTESTATION_BYTES} bytes")
        cm, size, microseconds = (int.from_bytes(data[a:b], "little") for a, b in ((65, 97), (97, 105), (105, 113)))
        signature = Signature(unpack_point(data[177:209]), int.from_bytes(data[209:], "little"))
        return cls(data[1:33], data[33:65], cm, size, microseconds, data[113:177], signature)


_Request = tuple[asyncio.StreamReader, asyncio.StreamWriter, int, int]  # of cm and size


class ChallengeServer(Listener[_Request]):
    """The third party: sends what it is asked for, up to ``max_size`` bytes, within ``patience_s``."""

    def __init__(
        self,
        key: SigningKey,
        *,
        host: str,
        port: int = 0,
        max_size: int = MAX_SIZE,
        patience_s: float = 60.0,
        limits: Limits | None = None,
    ) -> None:
        self._key, self._max_size, self._patience_s = key, max_size, patience_s
        super().__init__("challenger", self._read_request, self._challenge, limits, host=host, port=port)

    async def _read_request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> _Request:
        request = await read_exactly(reader, _REQUEST_BYTES)
        cm, size = int.from_bytes(request[1:33], "little"), int.from_bytes(request[33:], "little")
        if request[0] != VERSION or not 0 < size <= self._max_size:
            raise ChallengeRefused(f"a request of version {request[0]} for {size} bytes")
        try:
            check_element("cm", cm)
        except NonCanonicalNumber as error:
            raise ChallengeRefused(str(error)) from None
        return reader, writer, cm, size

    async def _challenge(self, request: _Request) -> None:
        reader, writer, cm, size = request
        identifier = secrets.token_bytes(32)
        begun = time.monotonic()
        digest = await within(self._patience_s, "a challenge", self._send(reader, writer, identifier, size))
        microseconds = max(int((time.monotonic() - begun) * 1e6), 1)
        if not digest:
            raise ChallengeRefused("the client's digest is of other bytes")
        certificate = self._key.sign(_certified(identifier, cm, size, microseconds)).signature
        writer.write(microseconds.to_bytes(8, "little") + certificate)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async def _send(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, identifier: bytes, size: int
    ) -> bool:
        """Whether the digest that comes back is that of what was sent."""
        digest = hashlib.blake2b(identifier, digest_size=32)
        writer.write(identifier)
        for start in range(0, size, _BLOCK_BYTES):
            block = secrets.token_bytes(min(_BLOCK_BYTES, size - start))
            digest.update(block)
            writer.write(block)
            await writer.drain()
        return await read_exactly(reader, 32) == digest.digest()


async def take_challenge(
    stream: SecureStream, session_key: SessionKey, cm: int, size: int, challenger: bytes
) -> Attestation:
    """The client's part, on a stream to the challenger; set a time limit around it.

    Raises:
        ChallengeRefused, StreamTruncated, RecordRefused, OSError: the challenger or the node did not play its part.
        InvalidSignature: what came is not signed by ``challenger``.
    """
    _check_size(size)
    layer = Layer(stream)
    layer.write(bytes([VERSION]) + cm.to_bytes(32, "little") + size.to_bytes(8, "little"))
    await layer.drain()
    identifier = await read_exactly(layer, 32)
    digest = hashlib.blake2b(identifier, digest_size=32)
    left = size
    while left:
        part = await layer.read(left)
        if not part:
            raise StreamTruncated("the challenger ended before its bytes were all there")
        digest.update(part)
        left -= len(part)
    layer.write(digest.digest())
    await layer.drain()
    microseconds = int.from_bytes(await read_exactly(layer, 8), "little")
    certificate = await read_exactly(layer, 64)
    message = _certified(identifier, cm, size, microseconds)
    verify_ed25519(challenger, message, certificate, "the certificate is not the challenger's")
    result = ChallengeResult(_challenge(challenger, identifier, size), microseconds)
    signature = session_key.sign(_attested(cm, result))
    return Attestation(challenger, identifier, cm, size, microseconds, certificate, signature)


def _check_size(size: int) -> None:
    if not 0 < size <= MAX_SIZE:
        raise ChallengeRefused(f"a challenge has 1 to {MAX_SIZE} bytes, not {size}")


def _certified(identifier: bytes, cm: int, size: int, microseconds: int) -> bytes:
    numbers = size.to_bytes(8, "little") + microseconds.to_bytes(8, "little")
    return _PREFIX + identifier + cm.to_bytes(32, "little") + numbers


def _challenge(challenger: bytes, identifier: bytes, size: int) -> int:
    return hash_to_field("bandwidth", int.from_bytes(challenger, "big"), int.from_bytes(identifier, "big"), size)


def _attested(cm: int, result: ChallengeResult) -> int:
    return poseidon([BANDWIDTH_TAG, cm, result.challenge, result.value])
