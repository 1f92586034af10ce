"""A peer's open session at the node: what may be forwarded, what the client has signed, and when it is over.

Charged is every payload byte, of both directions and of all the peer's connections, before it is forwarded.  Forwarding
waits when the bytes that no receipt *on disk* covers would exceed the window, and ends at the cap, near the note's
expiry, and when the client signs nothing for ``patience_s`` while it is waited for.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from zkrelay.relay.acceptor import SessionAcceptor

from .errors import Reason, SessionEnded, TooSlow
from .listener import within


class Account:
    """One session.  ``charge`` is a ``splice.Toll``."""

    def __init__(
        self,
        acceptor: SessionAcceptor,
        *,
        patience_s: float,
        on_end: Callable[[Account], None],
    ) -> None:
        """``on_end`` is called once, when ``ended`` was set and the connections are being cut."""
        self.acceptor = acceptor
        self.charged, self.credited = acceptor.meter.relayed, acceptor.meter.acknowledged
        self.ended: SessionEnded | None = None
        self.is_over = asyncio.Event()  # set when the end is on disk
        self.channel: asyncio.Task[None] | None = None
        self.unbound_since = asyncio.get_running_loop().time()
        self._streams: set[asyncio.Task[None]] = set()
        self._patience_s = patience_s
        self._on_end = on_end
        self._closing: SessionEnded | None = None
        self._moved = asyncio.Event()

    @property
    def cm(self) -> int:
        return self.acceptor.meter.note.cm

    @property
    def unpaid(self) -> int:
        """Bytes that no receipt on disk covers; negative while the client has signed for what is still on its way."""
        return self.charged - self.credited

    def state(self) -> dict[str, Any]:
        """What to persist.

        The meter is told only now what was charged: it takes a receipt for more than it knows of as proof that it
        forgot something, and here receipts overtake the bytes that they are for.
        """
        meter = self.acceptor.meter
        meter.record(max(0, self.charged - meter.relayed))
        return self.acceptor.state()

    async def charge(self, num_bytes: int) -> int:
        """Charge for as many of ``num_bytes`` as may be forwarded now: at least one.  Waits while none may.

        Raises ``SessionEnded``.
        """
        granted = self._room(num_bytes)
        while not granted:
            await self._wait()
            granted = self._room(num_bytes)
        self.charged += granted
        return granted

    @contextlib.contextmanager
    def stream(self) -> Iterator[None]:
        """The current task carries a connection of this session, and is cancelled when it ends."""
        task = asyncio.current_task()
        assert task is not None
        self._streams.add(task)
        try:
            yield
        finally:
            self._streams.discard(task)

    def credit(self, num_bytes: int) -> None:
        """A receipt for so many bytes is on disk."""
        self.credited = max(self.credited, num_bytes)
        self._moved.set()
        self._moved = asyncio.Event()
        if self._closing is not None and self.unpaid <= 0:
            self.end(self._closing)

    def close(self, reason: SessionEnded) -> None:
        """Forward nothing more, and end once the client has signed for what it got, or has had time to."""
        if self._closing is not None or self.ended is not None:
            return
        self._closing = reason
        if self.unpaid <= 0:
            self.end(reason)
        else:
            asyncio.get_running_loop().call_later(self._patience_s, self.end, reason)

    def end(self, reason: SessionEnded) -> None:
        """At once."""
        if self.ended is None:
            self.ended = reason
            self._moved.set()
            for task in self._streams - {asyncio.current_task()}:
                task.cancel()
            self._on_end(self)

    def _room(self, num_bytes: int) -> int:
        """How many bytes may be forwarded now; raises ``SessionEnded``."""
        if self.ended is not None:
            raise self.ended
        if self._closing is not None:
            return 0
        meter = self.acceptor.meter
        left = meter.note.cap - self.charged
        if left <= 0:
            self.close(SessionEnded(f"the note's cap of {meter.note.cap} bytes is reached", Reason.CAP))
            return self._room(num_bytes)  # ended already, when all was signed for
        return max(0, min(num_bytes, left, meter.window_bytes - self.unpaid))

    async def _wait(self) -> None:
        """Until a receipt was credited; who signs nothing for ``patience_s`` has ended the session."""
        moved = self._moved
        try:
            await within(self._patience_s, "a receipt", moved.wait())
        except TooSlow:
            if not moved.is_set():
                unpaid = f"{self.unpaid} bytes are unsigned for"
                self.end(SessionEnded(f"the client signs no more: {unpaid}", Reason.SILENT))
