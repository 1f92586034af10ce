"""The table of targets: what each row asks for, and what a run reached.

The milliseconds of a target are those of one machine; what counts is the ratio to a peer in the same run.  So each row
names a *yardstick*: a peer that we can run, with the time it took on that machine.  A target of m milliseconds asks for
a ratio of (the yardstick's time there) / m to the yardstick here.  Rows whose best peer cannot be run here
(constantine, rapidsnark) quote it.  Rows without a yardstick are judged by their milliseconds: no peer does that work
(a batch of proofs, a witness program), though gnark does the part of it that the measure's page names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .measures import PEERS
from .ratios import Ratio
from .results import Measured, Run

AIM, AT_LEAST, MISSED, NOT_MEASURED = "aim", "at least", "missed", "not measured"


@dataclass(frozen=True)
class Target:
    """One row; times in ``unit`` (ns, ms or MB)."""

    label: str
    key: str
    unit: str
    at_least: float
    aim: float
    quoted: str
    yardstick: tuple[str, float] | None = None


@dataclass(frozen=True)
class Line:
    """What a run says about a target."""

    target: Target
    ours: float | None
    best: tuple[str, float] | None
    ratio: Ratio | None
    verdict: str
    note: str = ""

    @property
    def needs(self) -> tuple[float, float] | None:
        """Ratios to the yardstick that "at least" and "aim" ask for."""
        if self.target.yardstick is None:
            return None
        there = self.target.yardstick[1]
        return there / self.target.at_least, there / self.target.aim


def _msm(group: str, log_size: int, constantine: float, gnark: float, at_least: float, aim: float) -> Target:
    label = f"{group.upper()} MSM 2^{log_size}, 1 thread"
    key = f"{group}_msm/{log_size}/t1"
    return Target(label, key, "ms", at_least, aim, f"constantine {constantine:,g}", ("gnark", gnark))


MEMORY = "peak memory of the proof of the circom claim"
TARGETS = (
    Target("field product, throughput, 1 core", "field_mul/t1", "ns", 2.0, 1.5, "gnark 11.3", ("gnark", 11.3)),
    _msm("g1", 12, 14.5, 23, 2.5, 1.7),
    _msm("g1", 14, 47.8, 67, 8, 5.5),
    _msm("g1", 16, 163, 219, 28, 19),
    _msm("g1", 18, 594, 768, 100, 70),
    _msm("g1", 20, 2078, 2778, 400, 270),
    _msm("g2", 14, 123, 125, 25, 16),
    Target("NTT 2^16, 1 thread", "ntt/16/t1", "ms", 1.3, 1.0, "gnark 5.1", ("gnark", 5.1)),
    Target("NTT 2^20, 1 thread", "ntt/20/t1", "ms", 30, 22, "gnark 102", ("gnark", 102)),
    Target(
        "prove the circom claim (10,296 rows), 1 thread",
        "prove/circom_claim/t1",
        "ms",
        40,
        25,
        "gnark 232",
        ("gnark", 232),
    ),
    Target(
        "prove the circom claim (10,296 rows), 2 threads",
        "prove/circom_claim/t2",
        *("ms", 22, 13, "gnark 117-135"),
        yardstick=("gnark", 126),
    ),
    Target("prove our claim, inputs to proof, 2 threads", "prove_inputs/claim/t2", "ms", 15, 8, ""),
    Target("prove 2^16 rows, 2 threads", "prove/chain_2p16/t2", "ms", 110, 70, "gnark 660", ("gnark", 660)),
    Target("verify one proof", "verify/circom_claim/t1", "ms", 0.4, 0.25, "gnark 0.52-0.74", ("gnark", 0.63)),
    Target(
        "verify 1,000 proofs together, 1 thread",
        "verify_many/claim/1000/t1",
        *("ms", 90, 50, "270, of single Miller loops"),
    ),
    Target(
        "witness of the claim from its inputs",
        "witness/claim/t1",
        *("ms", 1.2, 0.5, "gnark's solver, checking only, 2.3"),
    ),
    Target(MEMORY, "prove/circom_claim/t1", "MB", 40, 20, "rapidsnark 17"),
)
KEYS = frozenset(target.key for target in TARGETS)
_SCALE = {"ms": 1.0, "ns": 1e6}


def evaluate(run: Run) -> list[Line]:
    """The table of a run, one line for each target."""
    return [_memory_line(target, run) if target.unit == "MB" else _time_line(target, run) for target in TARGETS]


def _time_line(target: Target, run: Run) -> Line:
    measured = run.find(target.key)
    if measured is None or measured.race is None:
        return Line(target, None, None, None, NOT_MEASURED, _why(measured))
    scale = _SCALE[target.unit]
    ours_ms = measured.ours_ms()
    if ours_ms is None:
        return Line(target, None, None, None, NOT_MEASURED, "no sample")
    name = measured.best_peer(PEERS)
    best = None if name is None else (name, scale * (measured.peer_ms(name) or 0.0))
    ratio = measured.ratio("gnark" if target.yardstick is None else target.yardstick[0])
    note = "; ".join(f"{peer}: {side.error}" for peer, side in measured.race.peers.items() if side.error)
    line = Line(target, scale * ours_ms, best, ratio, NOT_MEASURED, note)
    return Line(target, line.ours, best, ratio, _verdict(line), note)


def _memory_line(target: Target, run: Run) -> Line:
    """Peak of the proof above what Python and its imports already took; peers' peaks are whole."""
    measured = run.find(target.key)
    race = None if measured is None else measured.race
    if race is None or race.ours.peak_kib is None or race.ours.baseline_kib is None:
        return Line(target, None, None, None, NOT_MEASURED, _why(measured))
    peaks = {
        name: side.peak_kib for name, side in race.peers.items() if side.peak_kib and not side.error and name in PEERS
    }
    name = min(peaks, key=lambda peer: peaks[peer] or 0, default=None)
    best = None if name is None else (name, (peaks[name] or 0) * 1024 / 1e6)
    ours = (race.ours.peak_kib - race.ours.baseline_kib) * 1024 / 1e6
    line = Line(target, ours, best, None, NOT_MEASURED)
    return Line(target, ours, best, None, _verdict(line))


def _verdict(line: Line) -> str:
    """By ratio where there is a yardstick that ran, else by the number itself."""
    if line.ratio is not None and line.needs is not None:
        at_least, aim = line.needs
        reached: Callable[[float], bool] = lambda need: line.ratio is not None and line.ratio.median >= need  # noqa: E731
        return AIM if reached(aim) else AT_LEAST if reached(at_least) else MISSED
    if line.ours is None:
        return NOT_MEASURED
    return AIM if line.ours <= line.target.aim else AT_LEAST if line.ours <= line.target.at_least else MISSED


def _why(measured: Measured | None) -> str:
    if measured is None:
        return ""
    return measured.error or "no memory figures on this system"
