"""An authenticated encrypted stream over a TCP connection: the handshake, then records in both directions.

    connection   first message 96 | second message 48 | records
    record       length u16 BE | ciphertext of (kind u8 | payload), its length 17 to 65,535

    DATA 0       payload of the user: at least one byte, the only kind that is counted
    CLOSE 1      empty: nothing follows in this direction; a connection that ends without it was cut
    CONTROL 2    the tunnel's own messages
    RESET 3      empty: the connection behind this end broke off; nothing follows in either direction but a RESET back

Each direction has its own key and counter, so that a record that was changed, dropped, repeated or moved is refused.
The length is not authenticated by itself: a wrong one cuts out another ciphertext.  Both ends step a direction's key
(``rekey``) after ``REKEY_BYTES`` of records in it: whoever takes a key later cannot read what came before the step.

Memory per stream is bounded: one record each way and asyncio's buffers, which hold a few ``BUFFER_BYTES`` at most:
who does not read stops who writes.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from .errors import RecordRefused, StreamClosed, StreamReset, StreamTruncated, TunnelError, UnknownPeer
from .noise_ik import (
    FIRST_MESSAGE_BYTES,
    MAX_MESSAGE_BYTES,
    SECOND_MESSAGE_BYTES,
    TAG_BYTES,
    CipherState,
    Initiator,
    Responder,
    Session,
)

PROLOGUE = b"zkrelay/tunnel/v1"
DATA, CLOSE, CONTROL, RESET = range(4)
HEADER_BYTES = 2
MAX_PAYLOAD = MAX_MESSAGE_BYTES - TAG_BYTES - 1
REKEY_BYTES = 1 << 28
RECORD_OVERHEAD = HEADER_BYTES + TAG_BYTES + 1
BUFFER_BYTES = 1 << 17


class Carrier(Protocol):
    """What may lie below a stream in the place of a TCP connection: another stream (``layer.py``).

    The names are asyncio's, and ``max_payload`` is how much a record may hold so that it fits into one record below.
    """

    max_payload: int

    async def read(self, num_bytes: int, /) -> bytes: ...

    async def readexactly(self, num_bytes: int, /) -> bytes: ...

    def write(self, data: bytes, /) -> None: ...

    async def drain(self) -> None: ...

    def close(self) -> None: ...

    async def wait_closed(self) -> None: ...

    def abort(self) -> None: ...


Reader = asyncio.StreamReader | Carrier
Writer = asyncio.StreamWriter | Carrier


@dataclass
class Traffic:
    """Payload bytes of DATA records; several streams of one peer may share one."""

    received: int = 0
    sent: int = 0


class Toll(Protocol):
    """Whoever counts the bytes of many connections, and says how many may pass."""

    async def charge(self, num_bytes: int) -> int:
        """How many of ``num_bytes`` may pass now, at least one; waits while none may."""


class _Direction:
    """One direction's cipher, stepped at the same record by both ends."""

    def __init__(self, cipher: CipherState, rekey_bytes: int) -> None:
        self._cipher = cipher
        self._rekey_bytes = rekey_bytes
        self._left = rekey_bytes

    def seal(self, kind: int, payload: bytes | memoryview) -> bytes:
        record = self._cipher.encrypt(bytes([kind]) + payload)
        self._count(len(record))
        return len(record).to_bytes(HEADER_BYTES, "big") + record

    def open(self, record: bytes | memoryview) -> tuple[int, bytes]:
        plaintext = self._cipher.decrypt(record)
        self._count(len(record))
        return plaintext[0], plaintext[1:]

    def _count(self, num_bytes: int) -> None:
        self._left -= num_bytes
        if self._left <= 0:
            self._cipher.rekey()
            self._left = self._rekey_bytes


class SecureStream:
    """One end.  One task may send while another receives.  After any error, ``abort``: there is no going on."""

    def __init__(
        self,
        reader: Reader,
        writer: Writer,
        session: Session,
        traffic: Traffic,
        *,
        rekey_bytes: int = REKEY_BYTES,
    ) -> None:
        self._reader, self._writer = reader, writer
        self.max_payload = MAX_PAYLOAD if isinstance(writer, asyncio.StreamWriter) else writer.max_payload
        self._outgoing = _Direction(session.sending, rekey_bytes)
        self._incoming = _Direction(session.receiving, rekey_bytes)
        self._sent_close = self._got_close = False
        self._came, self._taken = b"", 0  # what was read of the connection, and how much of it is opened
        self.remote_static = session.remote_static
        self.handshake_hash = session.handshake_hash
        self.traffic = traffic
        self.toll: Toll | None = None  # whoever is charged for what this stream carries

    async def send(self, data: bytes) -> None:
        """Send ``data`` in as many records as it needs; waits while the other end does not read."""
        view, most = memoryview(data), self.max_payload
        records = [self._seal(DATA, view[start : start + most]) for start in range(0, len(view), most)]
        self.traffic.sent += len(view)
        await self._write(records)

    async def receive(self) -> bytes:
        """The payload of the next record; empty once the other end has closed its direction.

        Raises:
            RecordRefused: not the next record, or neither DATA nor CLOSE nor RESET.
            StreamReset: as it says.
            StreamTruncated: the connection ended without a close record.
        """
        if self._got_close:
            return b""
        kind, payload = await self._receive_record()
        if kind == DATA and payload:
            self.traffic.received += len(payload)
            return payload
        if kind == CLOSE and not payload:
            self._got_close = True
            return b""
        raise _unexpected(kind, payload)

    async def until_reset(self) -> None:
        """After the other end has closed its direction: raises ``StreamReset``, if that is what comes of it yet."""
        try:
            kind, payload = await self._receive_record()
        except StreamTruncated:
            return  # all that was to come has come
        raise _unexpected(kind, payload)

    async def send_control(self, message: bytes) -> None:
        """One message of the tunnel's own; raises ``RecordRefused`` where it does not fit into a record."""
        if len(message) > MAX_PAYLOAD:
            raise RecordRefused(f"a control message has {len(message)} bytes, more than {MAX_PAYLOAD}")
        await self._send_record(CONTROL, message)

    async def receive_control(self) -> bytes:
        """The next record, which must be of that kind; raises as ``receive``."""
        kind, message = await self._receive_record()
        if kind != CONTROL:
            raise RecordRefused(f"a record of kind {kind} came where a control message was due")
        return message

    async def close_sending(self) -> None:
        """Nothing follows from here; the other direction stays open."""
        await self._send_record(CLOSE, b"")
        self._sent_close = True

    async def send_reset(self) -> None:
        """Say that the connection behind this end broke off, also after ``close_sending``."""
        self._sent_close = False
        await self._send_record(RESET, b"")
        self._sent_close = True

    async def close(self) -> None:
        """End the connection once what was sent has left; waits for that."""
        self._writer.close()
        await self._writer.wait_closed()

    def abort(self) -> None:
        """End the connection at once; the other end will find it truncated."""
        abort(self._writer)

    async def _send_record(self, kind: int, payload: bytes) -> None:
        await self._write([self._seal(kind, payload)])

    def _seal(self, kind: int, payload: bytes | memoryview) -> bytes:
        if self._sent_close:
            raise StreamClosed("this direction of the stream was closed")
        return self._outgoing.seal(kind, payload)

    async def _write(self, records: list[bytes]) -> None:
        self._writer.write(b"".join(records))  # one call to the system for all of them
        await self._writer.drain()

    async def _receive_record(self) -> tuple[int, bytes]:
        """Whoever is cancelled in here has taken nothing."""
        while (record := self._next_record()) is None:
            try:
                more = await self._reader.read(2 * BUFFER_BYTES)
            except ConnectionError:
                more = b""
            if not more:
                raise StreamTruncated("the connection ended in the middle")
            self._came, self._taken = self._came[self._taken :] + more, 0
        return self._incoming.open(record)

    def _next_record(self) -> memoryview | None:
        """The next record's ciphertext when all of it has come; raises ``RecordRefused`` where none can be so short."""
        start = self._taken + HEADER_BYTES
        if len(self._came) < start:
            return None
        size = int.from_bytes(self._came[self._taken : start], "big")
        if size <= TAG_BYTES:
            raise RecordRefused(f"a record of {size} bytes is too short to hold anything")
        if len(self._came) < start + size:
            return None
        self._taken = start + size
        return memoryview(self._came)[start : self._taken]


def _unexpected(kind: int, payload: bytes) -> TunnelError:
    if kind == RESET and not payload:
        return StreamReset("the connection beyond the tunnel broke off")
    return RecordRefused(f"a record of kind {kind} with {len(payload)} bytes does not belong here")


async def read_exactly(reader: Reader, num_bytes: int) -> bytes:
    """Raises ``StreamTruncated`` where the connection ends before."""
    try:
        return await reader.readexactly(num_bytes)
    except (asyncio.IncompleteReadError, ConnectionError):
        raise StreamTruncated("the connection ended in the middle") from None


def abort(writer: Writer) -> None:
    """Reset the connection, so that whoever reads at its other end does not take what came for all."""
    if not isinstance(writer, asyncio.StreamWriter):
        writer.abort()
        return
    if not writer.transport.is_closing():
        reset_at_close(writer.get_extra_info("socket"))
    writer.transport.abort()


def reset_at_close(endpoint: socket.socket) -> None:
    endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def connect(
    reader: Reader,
    writer: Writer,
    static: X25519PrivateKey,
    node_key: bytes,
    traffic: Traffic,
    *,
    prologue: bytes = PROLOGUE,
) -> SecureStream:
    """The client's handshake.  Raises ``HandshakeRefused`` or ``StreamTruncated``; set a time limit around it."""
    handshake = Initiator(static, node_key, prologue)
    writer.write(handshake.write_first())
    await writer.drain()
    _, session = handshake.read_second(await read_exactly(reader, SECOND_MESSAGE_BYTES))
    return SecureStream(reader, writer, session, traffic)


async def accept(
    reader: Reader,
    writer: Writer,
    static: X25519PrivateKey,
    traffic_of: Callable[[bytes], Traffic | None],
    *,
    prologue: bytes = PROLOGUE,
) -> SecureStream:
    """The node's handshake with a peer whom ``traffic_of`` knows by its key; who is none of them gets no answer.

    The first message may be a replay: do nothing for the client before a record of it was received.

    Raises:
        HandshakeRefused, StreamTruncated, UnknownPeer: as they say.
    """
    handshake = Responder(static, prologue)
    handshake.read_first(await read_exactly(reader, FIRST_MESSAGE_BYTES))
    traffic = traffic_of(handshake.remote_static)
    if traffic is None:
        raise UnknownPeer("a handshake by a key that is not served here")
    message, session = handshake.write_second()
    writer.write(message)
    await writer.drain()
    return SecureStream(reader, writer, session, traffic)
