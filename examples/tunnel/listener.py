"""A TCP listener in which no connection costs more than was set aside for it: of the node and of the SOCKS front.

A connection is first greeted (a handshake, a request) within ``greeting_s``, then served.  While ``max_half_open`` are
being greeted, who comes waits in the kernel's backlog: until one of them is through, which takes an honest one a round
trip or two, or until the one that has been at it longest is older than ``round_trip_s``, and is cut.  So a crowd is
served in its order, and those who say nothing hold up the others no longer than that.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from .errors import TooSlow, TunnelError
from .stream import BUFFER_BYTES, abort, reset_at_close

Greeted = TypeVar("Greeted")
Result = TypeVar("Result")
NUM_TRIES = 5
_RECOVERY_S = 1.0  # of a machine that has no descriptors or no memory left
_NOT_OF_THIS_MACHINE = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)  # a kernel without IPv6, for one
log = logging.getLogger("tunnel")


@dataclass(frozen=True)
class Limits:
    """Seconds and counts.

    ``idle_s`` is for how long nothing may move on a connection that is open, ``round_trip_s`` how long an honest
    greeting may well take, ``num_tries`` how often one that was cut is tried in all.
    """

    greeting_s: float = 10.0
    round_trip_s: float = 2.0
    connect_s: float = 10.0
    idle_s: float = 300.0
    max_half_open: int = 256
    max_connections: int = 1024
    num_tries: int = NUM_TRIES


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
        self._sockets: list[socket.socket] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._half_open: dict[asyncio.Task[None], float] = {}  # and when they came, in that order
        self._pause: asyncio.TimerHandle | None = None
        self._is_crowded = False

    async def start(self) -> None:
        """Listen; ``port`` is then the one that is listened on: a free one was chosen for 0."""
        self._sockets = await _listen(self._host, self.port, backlog=self._limits.max_connections)
        self.port = self._sockets[0].getsockname()[1]
        self._go_on()

    async def stop(self) -> None:
        """Listen no more, cut what is open, and wait until it is gone."""
        if self._pause is not None:
            self._pause.cancel()
        while self._sockets:
            asyncio.get_running_loop().remove_reader(self._sockets[-1])
            self._sockets.pop().close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _go_on(self) -> None:
        """Take who comes."""
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        for listening in self._sockets:
            asyncio.get_running_loop().add_reader(listening, self._take, listening)

    def _wait(self, seconds: float) -> None:
        """Leave who comes to the kernel, for so long at most."""
        loop = asyncio.get_running_loop()
        for listening in self._sockets:
            loop.remove_reader(listening)
        if self._pause is not None:
            self._pause.cancel()
        self._pause = loop.call_later(seconds, self._go_on)

    def _take(self, listening: socket.socket) -> None:
        """One connection, if there is room."""
        is_full = len(self._tasks) >= self._limits.max_connections
        if not is_full and not self._has_room():
            return
        try:
            endpoint, _ = listening.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return  # it went before its turn
        except OSError as error:
            log.error("%s: takes nobody for %g s: %s", self._name, _RECOVERY_S, error)
            self._wait(_RECOVERY_S)
            return
        endpoint.setblocking(False)
        if is_full:
            log.warning("%s: cut: %d connections are open", self._name, len(self._tasks))
            _reset(endpoint)
            return
        loop = asyncio.get_running_loop()
        task = loop.create_task(self._run(endpoint))
        self._tasks.add(task)
        self._half_open[task] = loop.time()
        task.add_done_callback(lambda task: self._forget(task, endpoint))

    def _has_room(self) -> bool:
        """For one more greeting.  The oldest of too many is cut, unless it is so young that it may yet be honest."""
        if len(self._half_open) < self._limits.max_half_open:
            return True
        oldest, came = next(iter(self._half_open.items()))
        young_s = came + self._limits.round_trip_s - asyncio.get_running_loop().time()
        if young_s > 0:
            if not self._is_crowded:
                log.info("%s: %d greetings at once: the next ones wait", self._name, len(self._half_open))
            self._is_crowded = True
            self._wait(young_s)
            return False
        del self._half_open[oldest]
        oldest.cancel()
        log.warning("%s: cut: the slowest of %d greetings", self._name, self._limits.max_half_open)
        return True

    def _free_place(self, task: asyncio.Task[None]) -> None:
        """Of a greeting that is over, for who waits."""
        self._half_open.pop(task, None)
        if 2 * len(self._half_open) <= self._limits.max_half_open:
            self._is_crowded = False
        if self._pause is not None:
            self._go_on()

    def _forget(self, task: asyncio.Task[None], endpoint: socket.socket) -> None:
        self._tasks.discard(task)
        self._free_place(task)
        _reset(endpoint)  # where the task was cut before it began

    async def _run(self, endpoint: socket.socket) -> None:
        task = asyncio.current_task()
        assert task is not None
        try:
            reader, writer = await asyncio.open_connection(sock=endpoint, limit=BUFFER_BYTES)
            try:
                greeted = await within(self._limits.greeting_s, "a greeting", self._greeting(reader, writer))
                self._free_place(task)
                await self._serving(greeted)
            finally:
                abort(writer)
        except (TunnelError, OSError) as refusal:
            log.warning("%s: cut: %s: %s", self._name, type(refusal).__name__, refusal)


async def _listen(host: str, port: int, *, backlog: int) -> list[socket.socket]:
    """A socket for each address of ``host``, of all of the machine's where it is empty."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    sockets: list[socket.socket] = []
    try:
        for family, place in dict.fromkeys((family, place) for family, *_, place in found):
            try:
                sockets.append(socket.create_server(place, family=family, backlog=backlog))
            except OSError as error:
                if error.errno not in _NOT_OF_THIS_MACHINE or len(found) == 1:
                    raise
                log.warning("not listening on %s: %s", place[0], error.strerror)
                continue
            sockets[-1].setblocking(False)
        if not sockets:
            raise OSError(errno.EADDRNOTAVAIL, f"none of the addresses of {host} is this machine's")
    except BaseException:
        for opened in sockets:
            opened.close()
        raise
    return sockets


def _reset(endpoint: socket.socket) -> None:
    if endpoint.fileno() != -1:
        reset_at_close(endpoint)
        endpoint.close()


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
