"""The messages of a paid session, each one CONTROL record on a connection of its own.  Numbers are little-endian.

    client                                          node
    OPEN 16     A packed 32 | rho 32 | cap u64 | expiry u32 | position u64 | channel binding 65      ->
                        <-  OPENED 17   relayed u64 | window u64 | acknowledging key 32 | receipt, 0 or 105 bytes
    RECEIPT 18  receipt 105                                                                          ->
                        <-  ACK 19      acknowledgement 73, for the best receipt that is on the node's disk
    RESULT 22   challenge 32 | value u64                                                             ->
    FINISH 20                                                                                        ->
                        <-  ENDED 21    reason u8: nothing follows

A RESULT is one more part of the context that all later receipts of this connection sign: the client sends those that it
has before its first receipt, and each new one before the next.

The first byte of a destination is 1, 3 or 4, so that the first message says what a connection is for.  Domain and payee
are not sent: both ends know them, and a note of others is in no tree.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

from zkrelay.algebra.edwards_encoding import pack_point, unpack_point
from zkrelay.curves.embedded import Point
from zkrelay.relay.acknowledgement import ACKNOWLEDGEMENT_BYTES
from zkrelay.relay.binding import CHANNEL_BINDING_BYTES
from zkrelay.relay.receipt import RECEIPT_BYTES
from zkrelay.relay.receipt_context import ChallengeResult

from .address import SESSION
from .errors import ControlKind, ControlLength, Reason


class Kind(IntEnum):
    OPEN = SESSION
    OPENED = 17
    RECEIPT = 18
    ACK = 19
    FINISH = 20
    ENDED = 21
    RESULT = 22


MAX_RESULTS = 4096  # of a session, each sent again on every connection of it

_OPEN = struct.Struct(f"<32s32sQIQ{CHANNEL_BINDING_BYTES}s")
_OPENED = struct.Struct("<QQ32s")


@dataclass(frozen=True)
class Opening:
    """``rho`` is the note's secret: never log the message."""

    public_key: Point
    rho: int
    cap: int
    expiry: int
    position: int
    binding: bytes

    def pack(self) -> bytes:
        packed = _OPEN.pack(
            pack_point(self.public_key),
            self.rho.to_bytes(32, "little"),
            self.cap,
            self.expiry,
            self.position,
            self.binding,
        )
        return bytes([Kind.OPEN]) + packed

    @classmethod
    def unpack(cls, message: bytes) -> Opening:
        """Raises ``ControlKind``, ``ControlLength``; ``InvalidPoint`` or ``NonCanonicalNumber`` for the key."""
        key, rho, *rest = _OPEN.unpack(body(message, Kind.OPEN, _OPEN.size))
        return cls(unpack_point(key), int.from_bytes(rho, "little"), *rest)

    def __repr__(self) -> str:
        return f"Opening(position={self.position}, cap={self.cap}, expiry={self.expiry})"


@dataclass(frozen=True)
class Opened:
    """``relayed`` as the node counts; ``receipt`` is the best that it holds, packed, or empty."""

    relayed: int
    window: int
    acknowledging_key: bytes
    receipt: bytes

    def pack(self) -> bytes:
        return bytes([Kind.OPENED]) + _OPENED.pack(self.relayed, self.window, self.acknowledging_key) + self.receipt

    @classmethod
    def unpack(cls, message: bytes) -> Opened:
        """Raises ``ControlKind`` or ``ControlLength``."""
        data = body(message, Kind.OPENED, _OPENED.size, _OPENED.size + RECEIPT_BYTES)
        relayed, window, key = _OPENED.unpack(data[: _OPENED.size])
        return cls(relayed, window, key, data[_OPENED.size :])


def receipt(packed: bytes) -> bytes:
    return bytes([Kind.RECEIPT]) + packed


def acknowledgement(packed: bytes) -> bytes:
    return bytes([Kind.ACK]) + packed


FINISH = bytes([Kind.FINISH])


def result(found: ChallengeResult) -> bytes:
    return bytes([Kind.RESULT]) + found.challenge.to_bytes(32, "little") + found.value.to_bytes(8, "little")


def ended(reason: Reason) -> bytes:
    return bytes([Kind.ENDED, reason])


def kind_of(message: bytes) -> Kind:
    """Raises ``ControlLength`` for an empty message, ``ControlKind`` for one that is of no kind."""
    if not message:
        raise ControlLength("an empty message of a session")
    try:
        return Kind(message[0])
    except ValueError:
        raise ControlKind(f"kind {message[0]} is none of a session's messages") from None


def read_receipt(message: bytes) -> bytes:
    return body(message, Kind.RECEIPT, RECEIPT_BYTES)


def read_result(message: bytes) -> ChallengeResult:
    """Raises ``NonCanonicalNumber`` also for a challenge that is no field element."""
    data = body(message, Kind.RESULT, 40)
    return ChallengeResult(int.from_bytes(data[:32], "little"), int.from_bytes(data[32:], "little"))


def read_acknowledgement(message: bytes) -> bytes:
    return body(message, Kind.ACK, ACKNOWLEDGEMENT_BYTES)


def read_reason(message: bytes) -> Reason:
    """Raises ``ControlKind`` also for a reason that does not exist."""
    (number,) = body(message, Kind.ENDED, 1)
    try:
        return Reason(number)
    except ValueError:
        raise ControlKind(f"{number} is no reason to end a session") from None


def body(message: bytes, kind: Kind, *sizes: int) -> bytes:
    """What follows the kind; raises ``ControlKind`` for another one, ``ControlLength`` for none of ``sizes``."""
    if kind_of(message) != kind:
        raise ControlKind(f"{kind_of(message).name} came where {kind.name} was due")
    if len(message) - 1 not in sizes:
        raise ControlLength(
            f"{kind.name} has {' or '.join(map(str, sizes))} bytes after its kind, not {len(message) - 1}"
        )
    return message[1:]
