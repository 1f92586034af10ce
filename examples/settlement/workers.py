"""Verification and the database run in threads of a bounded number, behind a queue of a bounded length.

The kernel lets go of Python's lock while it computes, so threads use all cores.  What does not fit the queue is refused
at once, and what waits too long is refused unbegun: a server that accepts more than it can do answers nobody in time.
What was begun is never given up: it may have been carried out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from .problems import Overloaded, Stopping

_Result = TypeVar("_Result")


class Workers:
    """``size`` threads; at most ``queue`` more calls wait, each for at most ``patience_s`` seconds."""

    def __init__(self, name: str, size: int, queue: int, patience_s: float) -> None:
        self._pool = ThreadPoolExecutor(size, thread_name_prefix=name)
        self._capacity = size + queue
        self._patience_s = patience_s
        self._is_stopping = False
        self.taken = 0  # running or waiting; touched by the event loop's thread only

    async def run(self, call: Callable[[], _Result]) -> _Result:
        """What ``call`` returns or raises, from a thread.

        Raises:
            Overloaded: the queue is full, or this call's turn did not come in time.
            Stopping: nothing new is begun any more.
        """
        if self._is_stopping:
            raise Stopping("the service is being stopped")
        if self.taken >= self._capacity:
            raise Overloaded("too many requests wait already")
        loop = asyncio.get_running_loop()
        begun = asyncio.Event()

        def begin() -> _Result:
            loop.call_soon_threadsafe(begun.set)
            return call()

        waiting = self._pool.submit(begin)
        result = asyncio.wrap_future(waiting)
        self.taken += 1
        result.add_done_callback(self._release)
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(begun.wait(), self._patience_s)
        if not begun.is_set() and waiting.cancel():
            raise Overloaded("the turn of this request did not come in time")
        return await asyncio.shield(result)

    def close(self) -> None:
        """Begin nothing new, and wait for what was accepted."""
        self._is_stopping = True
        self._pool.shutdown()

    def _release(self, result: asyncio.Future[_Result]) -> None:
        self.taken -= 1
        if not result.cancelled():
            result.exception()  # read, so that it counts as retrieved when the caller has gone
