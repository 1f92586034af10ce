"""Receipts of all sessions on their way to the disk: what comes while one transaction is written goes into the next.

One wait for the disk serves all sessions, and of one session only the last state is written: a fast client costs the
disk no more than a slow one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from zkrelay.errors import StoreError

from .errors import JournalFailed
from .sessions import SessionFile


class Saver:
    """Of one event loop."""

    def __init__(self, sessions: SessionFile) -> None:
        self._sessions = sessions
        self._pending: dict[int, Mapping[str, Any]] = {}
        self._next: asyncio.Future[None] | None = None
        self._writer: asyncio.Task[None] | None = None

    async def save(self, cm: int, state: Mapping[str, Any]) -> None:
        """Returns when ``state``, or a later one, is on disk; raises ``JournalFailed``."""
        loop = asyncio.get_running_loop()
        self._pending[cm] = state
        if self._next is None:
            self._next = loop.create_future()
        written = self._next
        if self._writer is None or self._writer.done():
            self._writer = loop.create_task(self._write())
        await asyncio.shield(written)

    async def stop(self) -> None:
        """Wait for what is under way."""
        if self._writer is not None:
            await self._writer

    async def _write(self) -> None:
        while self._next is not None:
            states, self._pending = self._pending, {}
            written, self._next = self._next, None
            try:
                await asyncio.to_thread(self._sessions.save, states)
            except StoreError as error:
                written.set_exception(JournalFailed(str(error)))
                written.exception()  # a waiter that was cancelled leaves nobody to ask for it
            else:
                written.set_result(None)
