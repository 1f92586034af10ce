"""Statistics of paired runs: peer, ours, peer, ours, … on a machine that may be doing other things.

Each pair gives one ratio peer / ours; a disturbance of a minute slows both of a pair.  The median of the ratios is
reported, with the quartiles as its spread.  With few pairs the quartiles are the extremes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .protocol import Sample

CLOCKS = ("wall", "cpu")


@dataclass(frozen=True)
class Pair:
    """One run of the peer and the run of ours right after it."""

    peer: Sample
    ours: Sample


@dataclass(frozen=True)
class Ratio:
    """Median, and first and third quartile, of peer / ours: above 1 we are faster."""

    median: float
    low: float
    high: float
    pairs: int

    def __str__(self) -> str:
        median, low, high = (f"{value:.{_digits(value)}f}" for value in (self.median, self.low, self.high))
        return f"{median} ({low}-{high})"


def milliseconds(sample: Sample, clock: str) -> float:
    """The sample's time by ``clock``, "wall" or "cpu"; raises ``ValueError`` for another."""
    if clock not in CLOCKS:
        raise ValueError(f"no clock {clock!r}")
    return sample.wall_ms if clock == "wall" else sample.cpu_ms


def clock_for(threads: int) -> str:
    """CPU time for one thread: on an idle core it is the wall time, and on a busy one it still is.  Else wall time."""
    return "cpu" if threads == 1 else "wall"


def quantile(values: Sequence[float], q: float) -> float:
    """Linear interpolation between order statistics, 0 <= q <= 1; raises ``ValueError`` when there is no value."""
    if not values:
        raise ValueError("no values")
    if not 0 <= q <= 1:
        raise ValueError(f"no quantile {q}")
    ordered = sorted(values)
    position = q * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


def median(values: Sequence[float]) -> float:
    return quantile(values, 0.5)


def ratio_of(pairs: Sequence[Pair], clock: str) -> Ratio:
    """The ratio of peer to ours over the pairs.

    Raises:
        ValueError: no pairs, or a run that took no time: its clock is too coarse for so short a turn.
    """
    if not pairs:
        raise ValueError("no pairs")
    quotients = []
    for pair in pairs:
        ours, peer = milliseconds(pair.ours, clock), milliseconds(pair.peer, clock)
        if ours <= 0 or peer <= 0:
            raise ValueError("a run took no time by this clock")
        quotients.append(peer / ours)
    return Ratio(median(quotients), quantile(quotients, 0.25), quantile(quotients, 0.75), len(quotients))


def growth(sizes: Sequence[int], times: Sequence[float]) -> float:
    """How far the worst step leaves n log n: max over later sizes of (t/t0) / (n log n / n0 log n0)."""
    if len(sizes) != len(times) or len(sizes) < 2:
        raise ValueError("growth needs two sizes, and a time for each")
    first, *rest = sorted(zip(sizes, times, strict=True))
    if first[0] < 2 or min(times) <= 0:
        raise ValueError("sizes begin at 2, and times are positive")

    def work(n: int) -> float:
        return n * math.log2(n)

    return max((t / first[1]) / (work(n) / work(first[0])) for n, t in rest)


def _digits(value: float) -> int:
    """Three significant digits."""
    return 2 if value < 10 else 1 if value < 100 else 0
