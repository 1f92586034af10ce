"""Timing for ``zkrelay bench``: wall and CPU time of repeated runs, the peak of memory, and the machine behind them."""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


def peak_memory_bytes() -> int | None:
    """The most memory that this process ever had resident; None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)


def peak_memory_of_children() -> int | None:
    """The most memory that any one child, once it has ended, ever had resident."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)


def machine() -> str:
    """The CPU's name as far as the system tells it, and how many CPUs this process may use."""
    from .options import usable_cpus

    name = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            name = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), name)
    except OSError:
        pass  # not Linux: the name above is the best there is
    return f"{name}, {usable_cpus()} CPUs, {platform.system()}"


@dataclass(frozen=True)
class Measured:
    """Milliseconds of each run; ``peak_bytes`` of the process, and how much the work added to what was there before."""

    wall_ms: list[float]
    cpu_ms: list[float]
    peak_bytes: int | None
    added_bytes: int | None

    def facts(self) -> dict[str, Any]:
        """As ``--json`` has it."""
        return {
            "runs": len(self.wall_ms),
            "wall_ms": _summary(self.wall_ms),
            "cpu_ms": _summary(self.cpu_ms),
            "peak_bytes": self.peak_bytes,
            "added_bytes": self.added_bytes,
        }


def measure(work: Callable[[], object], runs: int, before_bytes: int | None) -> Measured:
    """``work`` once without timing, so that caches are warm and pages are mapped, and then ``runs`` times.

    CPU time is that of all threads of the process.  ``before_bytes`` is the peak of memory before the work was set up.
    """
    wall_ms, cpu_ms = [], []
    work()
    for _ in range(runs):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        wall_ms.append((time.perf_counter() - wall) * 1000)
        cpu_ms.append((time.process_time() - cpu) * 1000)
    peak = peak_memory_bytes()
    added = None if peak is None or before_bytes is None else peak - before_bytes
    return Measured(wall_ms, cpu_ms, peak, added)


def random_elements(count: int) -> bytes:
    """``count`` canonical elements of any 254-bit field or larger, below 2^253."""
    import numpy as np

    data = np.frombuffer(os.urandom(32 * count), dtype=np.uint8).reshape(count, 32).copy()
    data[:, 31] &= 0x1F
    elements: bytes = data.tobytes()
    return elements


def _summary(values: list[float]) -> dict[str, float]:
    chosen = {"median": statistics.median(values), "min": min(values), "max": max(values)}
    return {name: round(value, 4) for name, value in chosen.items()}
