"""Proving against circuit size, out of a run: one series a program, for the plots and the growth check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .race import Side
from .ratios import growth, median, milliseconds
from .results import Measured, Run

OURS = "zkrelay"
GROWTH_FROM, GROWTH_TO = 12, 20  # n log n is asked for between these powers of two
GROWTH_SLACK = 1.25  # a step of the caches, and the noise of a shared machine


@dataclass(frozen=True)
class Point:
    """A size: rows of the circuit, CPU milliseconds of a proof on one thread, and MB at its peak (None if unknown)."""

    rows: int
    ms: float
    mb: float | None


def chains(run: Run) -> dict[str, list[Point]]:
    """Series by program, ours first and named with its kernel; sizes ascending; failures have no point."""
    own = f"{OURS} {run.machine['kernel']}"
    found: dict[str, list[Point]] = {own: []}
    for item in sorted(_growth_measures(run), key=lambda item: item.rows or 0):
        if item.race is None or item.rows is None:
            continue
        found[own].append(_point(item.rows, item.race.ours, above=True))
        for name, side in item.race.peers.items():
            if side.samples and not side.error:
                found.setdefault(name, []).append(_point(item.rows, side, above=name.startswith(OURS)))
    names = sorted(found, key=lambda name: not name.startswith(OURS))  # stable: ours, our other kernels, peers
    return {name: found[name] for name in names if found[name]}


def _growth_measures(run: Run) -> Iterator[Measured]:
    for item in run.measured:
        if item.work == "prove" and item.threads == 1 and (item.circuit or "").startswith("chain_2p"):
            yield item


def _point(rows: int, side: Side, *, above: bool) -> Point:
    """``above``: memory above the interpreter's own, for programs in Python; others count whole."""
    ms = median([milliseconds(sample, "cpu") for sample in side.samples])
    mb = None
    if side.peak_kib is not None:
        base = side.baseline_kib or 0 if above else 0
        mb = (side.peak_kib - base) * 1024 / 1e6
    return Point(rows, ms, mb)


def growth_lines(run: Run) -> list[str]:
    """For each series with two sizes in 2^12..2^20: the worst step against n log n, in words."""
    lines = []
    for name, points in chains(run).items():
        inside = [p for p in points if 1 << (GROWTH_FROM - 1) < p.rows <= 1 << GROWTH_TO]
        if len(inside) < 2:
            continue
        worst = growth([p.rows for p in inside], [p.ms for p in inside])
        span = f"{inside[0].rows:,} to {inside[-1].rows:,} rows"
        verdict = "within n log n" if worst <= GROWTH_SLACK else "more than n log n"
        lines.append(f"{name}: {worst:.2f} times n log n at worst from {span}: {verdict}")
    return lines
