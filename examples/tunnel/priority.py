"""The last place in the queue for a processor, for whoever proves beside a node that carries traffic."""

from __future__ import annotations

import contextlib
import os

LOWEST_PRIORITY = 19


def give_way(nice: int = LOWEST_PRIORITY) -> None:
    """Add ``nice`` to this process's priority number; the lowest runs, on Linux, only while nobody else wants to.

    A process that is merely nice keeps its processor for milliseconds when another wakes up: a packet waits for it.
    """
    os.nice(nice)
    if nice >= LOWEST_PRIORITY and hasattr(os, "SCHED_IDLE"):
        with contextlib.suppress(PermissionError):  # a sandbox that lets nobody choose: nice has to do
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
