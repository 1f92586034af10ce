"""A stream inside a stream: what one relay carries for the next, seen from either end.

    inner stream   handshake, records            the two ends that speak to each other
    DATA records   of the outer stream           whoever lies between carries them without their keys
    TCP

An inner record is cut so that it fits into one outer record.  All bytes of the inner stream, its handshake's too, are
charged to the outer one's toll, as the relay charges them (``splice.join``).  The end of the outer stream is no end of
the inner one: that has its own close record, and what ends without it was cut.  Memory: one record each way.
"""

from __future__ import annotations

import asyncio
import contextlib

from .errors import RecordRefused, StreamTruncated
from .splice import forward
from .stream import RECORD_OVERHEAD, SecureStream


class Layer:
    """``outer`` as what another stream lies upon: its reader and its writer (a ``Carrier``)."""

    def __init__(self, outer: SecureStream) -> None:
        self._outer = outer
        self._unread, self._unsent = bytearray(), bytearray()
        self._uncharged = b""  # of the record that came last
        self._reading = asyncio.Lock()  # whoever closes may do so while another task still reads
        self.max_payload = outer.max_payload - RECORD_OVERHEAD

    async def read(self, num_bytes: int, /) -> bytes:
        """As asyncio's; raises as ``SecureStream.receive`` and the outer stream's toll, too."""
        if not self._unread:
            await self._fill()
        return self._take(num_bytes)

    async def readexactly(self, num_bytes: int, /) -> bytes:
        """As asyncio's; raises as ``read``."""
        while len(self._unread) < num_bytes:
            if not await self._fill():
                raise asyncio.IncompleteReadError(bytes(self._unread), num_bytes)
        return self._take(num_bytes)

    def write(self, data: bytes, /) -> None:
        self._unsent += data

    async def drain(self) -> None:
        data = bytes(self._unsent)
        self._unsent.clear()
        if data:
            await forward(data, self._outer.toll, self._outer.send)

    def close(self) -> None:
        """Nothing by itself: ``wait_closed`` does it, which can wait."""

    async def wait_closed(self) -> None:
        """Close the outer stream, too, each direction in order, and then the connection below.

        The inner stream was closed in both directions before, or its end was said by a message of its own.  So the
        other end loses nothing when it cuts the outer one now, and that is no error; more data would be one.
        """
        await self.drain()
        with contextlib.suppress(StreamTruncated, ConnectionError):
            await self._outer.close_sending()
            if self._unread or await self._fill():
                raise RecordRefused("something follows the end of the stream inside")
            await self._outer.close()

    def abort(self) -> None:
        self._outer.abort()

    def _take(self, num_bytes: int) -> bytes:
        taken = bytes(self._unread[:num_bytes])
        del self._unread[:num_bytes]
        return taken

    async def _fill(self) -> bool:
        """Charge and keep one record of the outer stream; False at its end.  Who is cancelled here loses nothing."""
        async with self._reading:
            if not self._uncharged:
                self._uncharged = await self._outer.receive()
            if not self._uncharged:
                return False
            while data := self._uncharged:
                toll = self._outer.toll
                granted = len(data) if toll is None else await toll.charge(len(data))
                self._unread += data[:granted]
                self._uncharged = data[granted:]
            return True
