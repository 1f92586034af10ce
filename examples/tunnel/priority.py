"""How whoever proves gives way to whoever carries, on the same processors."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator

LOWEST_PRIORITY = 19
DEFAULT_SHARE = 0.1


def give_way(nice: int = LOWEST_PRIORITY) -> None:
    """Add ``nice`` to this process's priority number; the lowest runs, on Linux, only while nobody else wants to.

    A process that is merely nice keeps its processor for milliseconds when another wakes up: a packet waits for it.
    """
    os.nice(nice)
    if nice >= LOWEST_PRIORITY and hasattr(os, "SCHED_IDLE"):
        with contextlib.suppress(PermissionError):  # a sandbox that lets nobody choose: nice has to do
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


class DutyCycle:
    """Work that takes ``share`` of one processor's time at most, above 0; 1 for no pauses.

    Even what runs only while nobody else wants to costs the others: a processor that works is slower to turn to them
    than one that waits.  Each piece of work is followed by a pause in proportion to the processor's time it took.
    """

    def __init__(
        self,
        share: float = 1.0,
        *,
        clock: Callable[[], float] = time.monotonic,
        spent: Callable[[], float] = time.process_time,
    ) -> None:
        if not 0 < share <= 1:
            raise ValueError("the share must be above 0 and at most 1")
        self._share, self._clock, self._spent = share, clock, spent
        self._next_at = clock()

    @property
    def pause_s(self) -> float:
        """Seconds until the next piece of work may begin."""
        return max(0.0, self._next_at - self._clock())

    @contextlib.contextmanager
    def work(self) -> Iterator[None]:
        """A piece of work, done or failed."""
        began, spent = self._clock(), self._spent()
        try:
            yield
        finally:
            if self._share < 1:
                self._next_at = began + (self._spent() - spent) / self._share
