"""A race: prepare ours once, then each peer in turn, and alternate their runs.

At most two programs hold memory at a time.  Short works run many times in one turn, so that a turn is long beside the
clock and beside the way to the process and back.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .protocol import Peer, PeerError, Sample
from .ratios import Pair

MAX_COUNT = 100_000


class OursFailed(Exception):
    """Our own program failed: no fault of a peer, and no race."""


@dataclass(frozen=True)
class Pace:
    """How long to measure.

    Args:
        rounds: pairs of one race, at most.
        turn_s: shortest turn; shorter works are repeated within it.
        budget_s: no new pair begins after so long (the first pair always does).
        prepare_s: a preparation (setup, reading a key) that takes longer is given up, by name.
    """

    rounds: int
    turn_s: float
    budget_s: float
    prepare_s: float

    @property
    def run_s(self) -> float:
        """A single turn that takes longer is given up."""
        return max(60.0, 10 * self.budget_s)


QUICK = Pace(rounds=5, turn_s=0.05, budget_s=6.0, prepare_s=120.0)
FULL = Pace(rounds=9, turn_s=0.15, budget_s=20.0, prepare_s=480.0)


@dataclass
class Side:
    """What one program did in a measure."""

    samples: list[Sample] = field(default_factory=list)
    notes: dict[str, float] = field(default_factory=dict)
    peak_kib: int | None = None
    baseline_kib: int | None = None
    error: str | None = None


Start = Callable[[], Peer]
Log = Callable[[str], None]


@dataclass
class Race:
    """Ours, and each peer with its pairs.  A peer with an ``error`` has the pairs made before it, which may be none."""

    ours: Side
    peers: dict[str, Side] = field(default_factory=dict)
    pairs: dict[str, list[Pair]] = field(default_factory=dict)


@dataclass
class _Runner:
    """A prepared program and how many runs make a turn."""

    peer: Peer
    side: Side
    pace: Pace
    count: int = 1

    def warm_up(self) -> None:
        """Two untimed turns at least: just-in-time compilers, caches; then the size of a turn."""
        first = self.peer.run(1, timeout_s=self.pace.run_s).wall_ms * self.peer.items
        second = first
        if first < 1e3 * self.pace.turn_s * 4:
            second = self.peer.run(1, timeout_s=self.pace.run_s).wall_ms * self.peer.items
        self.count = min(MAX_COUNT, max(1, math.ceil(1e3 * self.pace.turn_s / max(second, 1e-4))))

    def turn(self) -> Sample:
        sample = self.peer.run(self.count, timeout_s=self.pace.run_s)
        self.side.samples.append(sample)
        return sample

    def finish(self) -> None:
        self.side.peak_kib = self.peer.peak_kib()
        self.peer.check(timeout_s=self.pace.run_s)


def race(
    work: str,
    ours: Start,
    peers: Mapping[str, Start],
    params: Mapping[str, Any],
    pace: Pace,
    *,
    params_of: Callable[[str], Mapping[str, Any]] | None = None,
    accept: Callable[[str], None] | None = None,
    log: Log = lambda _: None,
) -> Race:
    """Measure ``work`` on ours and on every peer.

    Args:
        ours, peers: start a program; each call starts a fresh one.
        params: of the work; ``params_of(peer)`` adds what is for one peer only (where it writes its proof).
        accept: called after a peer's check with its name, to judge what it made by other means; raises ``PeerError``.

    Raises:
        OursFailed: ours failed.  A peer that fails is an error of its side, with its reason.
    """
    result = Race(Side())
    with _blame_ours():
        program = ours()
    with program:
        with _blame_ours():
            mine = _prepared(program, result.ours, work, {**params, **_extra(params_of, "zkrelay")}, pace)
        for name, start in peers.items():
            side = result.peers[name] = Side()
            pairs = result.pairs[name] = []
            log(name)
            try:
                with start() as rival:
                    theirs = _prepared(rival, side, work, {**params, **_extra(params_of, name)}, pace)
                    _alternate(theirs, mine, pairs, pace)
                    theirs.finish()
                if accept is not None:
                    accept(name)
            except PeerError as error:
                side.error = str(error)
        with _blame_ours():
            if not result.ours.samples:
                _alone(mine, pace)
            mine.finish()
            if accept is not None:
                accept("zkrelay")
    return result


@contextlib.contextmanager
def _blame_ours() -> Iterator[None]:
    try:
        yield
    except PeerError as error:
        raise OursFailed(str(error)) from None


def _extra(params_of: Callable[[str], Mapping[str, Any]] | None, name: str) -> Mapping[str, Any]:
    return {} if params_of is None else params_of(name)


def _prepared(peer: Peer, side: Side, work: str, params: Mapping[str, Any], pace: Pace) -> _Runner:
    side.notes = peer.prepare(work, params, timeout_s=pace.prepare_s)
    side.baseline_kib = peer.baseline_kib
    runner = _Runner(peer, side, pace)
    runner.warm_up()
    return runner


def _alternate(theirs: _Runner, mine: _Runner, pairs: list[Pair], pace: Pace) -> None:
    start = time.monotonic()
    while len(pairs) < pace.rounds and (not pairs or time.monotonic() - start < pace.budget_s):
        peer = theirs.turn()
        with _blame_ours():
            pairs.append(Pair(peer, mine.turn()))


def _alone(mine: _Runner, pace: Pace) -> None:
    start = time.monotonic()
    while len(mine.side.samples) < pace.rounds and (not mine.side.samples or time.monotonic() - start < pace.budget_s):
        mine.turn()
