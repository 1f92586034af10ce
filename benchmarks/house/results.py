"""The file of a run: JSON with a format number, read back as strictly as anything from outside."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .protocol import Sample
from .race import Race, Side
from .ratios import Pair, Ratio, clock_for, median, milliseconds, ratio_of

FORMAT = "zkrelay-bench/1"


class ResultError(Exception):
    """A result file that cannot be read."""


@dataclass
class Measured:
    """One measure of a run, at a commit of ours.  ``error`` when ours failed; then there is no race."""

    key: str
    work: str
    threads: int
    circuit: str | None
    params: Mapping[str, int]
    rows: int | None = None
    race: Race | None = None
    error: str | None = None
    commit: str = ""

    @property
    def clock(self) -> str:
        return clock_for(self.threads)

    def ours_ms(self) -> float | None:
        return None if self.race is None else _median_ms(self.race.ours, self.clock)

    def peer_ms(self, name: str) -> float | None:
        side = None if self.race is None else self.race.peers.get(name)
        return None if side is None or side.error else _median_ms(side, self.clock)

    def ratio(self, name: str) -> Ratio | None:
        """None when the peer did not run, failed, or made a wrong result."""
        if self.race is None or name not in self.race.peers or self.race.peers[name].error:
            return None
        pairs = self.race.pairs.get(name, [])
        return ratio_of(pairs, self.clock) if pairs else None

    def best_peer(self, among: tuple[str, ...]) -> str | None:
        """The fastest of the peers that succeeded."""
        times = {name: ms for name in among if (ms := self.peer_ms(name)) is not None}
        return min(times, key=lambda name: times[name], default=None)


@dataclass
class Run:
    """A whole run: machine, versions of the peers (or why they are absent), measures, and what was left out."""

    machine: dict[str, str]
    mode: str
    command: str
    peers: dict[str, str] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    measured: list[Measured] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def find(self, key: str) -> Measured | None:
        return next((item for item in self.measured if item.key == key), None)

    def replace(self, item: Measured) -> None:
        """Put a measure in the place of an older one with its key, or at the end."""
        keys = [old.key for old in self.measured]
        if item.key in keys:
            self.measured[keys.index(item.key)] = item
        else:
            self.measured.append(item)

    def commits(self) -> list[str]:
        """Of ours, in the order of the measures: more than one when a part was measured again."""
        return list(dict.fromkeys(item.commit for item in self.measured if item.commit))

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        data = self.to_json()
        measures = ",\n".join(json.dumps(item) for item in data.pop("measures"))  # a line each: readable changes
        head = json.dumps(data, indent=1).removesuffix("\n}")
        path.write_text(f'{head},\n "measures": [\n{measures}\n]\n}}\n', encoding="utf-8")

    def to_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "machine": self.machine,
            "mode": self.mode,
            "command": self.command,
            "peers": self.peers,
            "absent": self.absent,
            "skipped": self.skipped,
            "measures": [_measured_json(item) for item in self.measured],
        }


def load(path: Path) -> Run:
    """Read a result file; raises ``ResultError`` when it is none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["format"] != FORMAT:
            raise ResultError(f"{path.name} has the format {data['format']!r}, not {FORMAT!r}")
        return Run(
            machine={str(key): str(value) for key, value in data["machine"].items()},
            mode=str(data["mode"]),
            command=str(data["command"]),
            peers={str(key): str(value) for key, value in data["peers"].items()},
            absent={str(key): str(value) for key, value in data["absent"].items()},
            measured=[_measured(item) for item in data["measures"]],
            skipped=[str(line) for line in data["skipped"]],
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ResultError(f"{path.name} is no result file: {type(error).__name__} {error}") from None


def _median_ms(side: Side, clock: str) -> float | None:
    return median([milliseconds(sample, clock) for sample in side.samples]) if side.samples else None


def _measured_json(item: Measured) -> dict[str, Any]:
    out: dict[str, Any] = {
        "key": item.key,
        "work": item.work,
        "threads": item.threads,
        "circuit": item.circuit,
        "params": dict(item.params),
        "rows": item.rows,
        "error": item.error,
        "commit": item.commit,
    }
    if item.race is not None:
        out["ours"] = _side_json(item.race.ours)
        out["peers"] = {
            name: {**_side_json(side), "pairs": [_pair_json(pair) for pair in item.race.pairs.get(name, [])]}
            for name, side in item.race.peers.items()
        }
    return out


def _side_json(side: Side) -> dict[str, Any]:
    return {
        "samples": [_sample_json(sample) for sample in side.samples],
        "notes": {key: round(value, 3) for key, value in side.notes.items()},
        "peak_kib": side.peak_kib,
        "baseline_kib": side.baseline_kib,
        "error": side.error,
    }


def _sample_json(sample: Sample) -> list[float]:
    return [float(f"{value:.6g}") for value in (sample.wall_ms, sample.cpu_ms)]


def _pair_json(pair: Pair) -> list[list[float]]:
    return [_sample_json(pair.peer), _sample_json(pair.ours)]


def _measured(data: Any) -> Measured:
    race = None
    if "ours" in data:
        race = Race(
            ours=_side(data["ours"]),
            peers={str(name): _side(side) for name, side in data["peers"].items()},
            pairs={
                str(name): [Pair(_sample(peer), _sample(ours)) for peer, ours in side["pairs"]]
                for name, side in data["peers"].items()
            },
        )
    return Measured(
        key=str(data["key"]),
        work=str(data["work"]),
        threads=int(data["threads"]),
        circuit=data["circuit"] if data["circuit"] is None else str(data["circuit"]),
        params={str(key): int(value) for key, value in data["params"].items()},
        rows=data["rows"] if data["rows"] is None else int(data["rows"]),
        race=race,
        error=data["error"] if data["error"] is None else str(data["error"]),
        commit=str(data["commit"]),
    )


def _side(data: Any) -> Side:
    return Side(
        samples=[_sample(sample) for sample in data["samples"]],
        notes={str(key): float(value) for key, value in data["notes"].items()},
        peak_kib=data["peak_kib"] if data["peak_kib"] is None else int(data["peak_kib"]),
        baseline_kib=data["baseline_kib"] if data["baseline_kib"] is None else int(data["baseline_kib"]),
        error=data["error"] if data["error"] is None else str(data["error"]),
    )


def _sample(data: Any) -> Sample:
    wall, cpu = (float(value) for value in data)
    if not (math.isfinite(wall) and math.isfinite(cpu) and wall >= 0 and cpu >= 0):
        raise ValueError("a time is negative or not finite")
    return Sample(wall, cpu)
