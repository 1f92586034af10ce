"""A TCP listener in which no connection costs more than was set aside for it: of the node and of the SOCKS front.

A connection is first greeted (a handshake, a request) within ``greeting_s``, then served.  When more than
``max_half_open`` are being greeted, the one that has been at it longest is cut: an honest greeting takes a round trip
or two, so that slow ones are the first to go.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from .errors import TooSlow, TunnelError
from .stream import BUFFER_BYTES, abort

Greeted = TypeVar("Greeted")
Result = TypeVar("Result")
log = logging.getLogger("tunnel")


@dataclass(frozen=True)
class Limits:
    """Seconds and counts; ``idle_s`` is for how long nothing may move on a connection that is open."""

    greeting_s: float = 10.0
    connect_s: float = 10.0
    idle_s: float = 300.0
    max_half_open: int = 64
    max_connections: int = 1024


class Listener(Generic[Greeted]):
    """``greet`` makes of a new connection what ``serve`` then works on; both may raise, and the connection is cut."""

    def __init__(
        self,
        name: str,
        greet: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[Greeted]],
        serve: Callable[[Greeted], Awaitable[None]],
        limits: Limits | None,
        *,
        host: str,
        port: int = 0,
    ) -> None:
        self._name, self._greeting, self._serving = name, greet, serve
        self._limits = limits or Limits()
        self._host, self.port = host, port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._half_open: dict[asyncio.Task[None], None] = {}  # in the order of their coming

    async def start(self) -> None:
        """Listen; ``port`` is then the one that is listened on: a free one was chosen for 0."""
        self._server = await asyncio.start_server(self._accept, self._host, self.port, limit=BUFFER_BYTES)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listen no more, cut what is open, and wait until it is gone."""
        if self._server is None:
            return
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._tasks) >= self._limits.max_connections:
            log.warning("%s: cut: %d connections are open", self._name, len(self._tasks))
            abort(writer)
            return
        if len(self._half_open) >= self._limits.max_half_open:
            oldest = next(iter(self._half_open))
            del self._half_open[oldest]
            oldest.cancel()
            log.warning("%s: cut: the slowest of %d greetings", self._name, self._limits.max_half_open)
        task = asyncio.get_running_loop().create_task(self._run(reader, writer))
        self._tasks.add(task)
        self._half_open[task] = None
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._half_open.pop(task, None)

    async def _run(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        try:
            greeted = await within(self._limits.greeting_s, "a greeting", self._greeting(reader, writer))
            self._half_open.pop(task, None)
            await self._serving(greeted)
        except (TunnelError, OSError) as refusal:
            log.warning("%s: cut: %s: %s", self._name, type(refusal).__name__, refusal)
        finally:
            abort(writer)


async def within(seconds: float, what: str, doing: Awaitable[Result]) -> Result:
    """The result of ``doing``; raises ``TooSlow`` where it takes longer.

    Not ``asyncio.wait_for``: before Python 3.12 that loses a cancellation which comes together with the result, and a
    removed peer would stay.
    """
    task = asyncio.ensure_future(doing)
    try:
        await asyncio.wait({task}, timeout=seconds)
        if not task.done():
            raise TooSlow(f"{what} took longer than {seconds:g} s")
        return task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
