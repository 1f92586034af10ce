"""A report cut to what a person can look at: components with their counts, and the piece that is loose."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from ..report import Report, Stuck, Verdict
from ..system import System

RULES = {
    "s": "solve",
    "=": "constant",
    "w": "named form",
    "d": "two roots of a form",
    "r": "two roots",
    "z": "vanishing product",
    "i": "interval of a sum",
    "p": "interval of a product",
    "g": "digits",
    "b": "bound, bit by bit",
    "h": "digits under a bound",
    "+": "elimination",
    "c": "cases: zero",
    "e": "cases: not zero",
    "f": "cases: both",
    "0": "zero factor",
    "n": "factor that is not zero",
    "m": "factor divided out",
    "k": "impossible case",
    "q": "division",
    "P": "curve points",
}
_WORST = (Verdict.UNDER_CONSTRAINED, Verdict.UNKNOWN, Verdict.SAFE)


@dataclass(frozen=True)
class Component:
    """Targets whose names begin alike: ``name`` is "" for those of the circuit itself."""

    name: str
    targets: tuple[int, ...]
    counts: Counter[Verdict]

    @property
    def verdict(self) -> Verdict:
        """The worst of its targets."""
        return next(verdict for verdict in _WORST if self.counts[verdict])


def components(report: Report, *, at_most: int = 40) -> list[Component]:
    """Targets by component, those that are not SAFE first; deep ones are put together until ``at_most`` are left.

    One component remains for each first part of a name, however many they are.
    """
    paths = {wire: _path(report.system.name(wire)) for wire in report.targets}
    depth = max(map(len, paths.values()), default=0)
    while True:
        groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for wire in report.targets:
            groups[paths[wire][:depth]].append(wire)
        if len(groups) <= at_most or depth <= 1:
            break
        depth -= 1
    found = [
        Component(".".join(path), tuple(wires), Counter(report.targets[wire] for wire in wires))
        for path, wires in groups.items()
    ]
    return sorted(found, key=lambda item: _WORST.index(item.verdict))


def _path(name: str) -> tuple[str, ...]:
    """All parts of a dotted name but the last."""
    return tuple(name.split(".")[:-1])


def loose_piece(report: Report) -> Stuck | None:
    """What to show of a circuit that is not SAFE: what differs in the pair, or else the smallest stuck piece.

    Of a pair only the part that hangs together with a differing target.
    """
    if report.pair is not None:
        loose = differing(report)
        return connected(report.system, report.pair.differing[:1], loose)
    if report.verdict is Verdict.SAFE:
        return None
    return min(report.stuck, key=lambda piece: len(piece.wires), default=None)


def fired(report: Report) -> list[tuple[str, str, int]]:
    """(letter, name, steps) of each rule of the derivation, the busiest first."""
    counts = report.derivation.fired if report.derivation is not None else {}
    busiest = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [(rule, RULES.get(rule, rule), steps) for rule, steps in busiest]


def differing(report: Report) -> set[int]:
    """Wires with two values in the pair."""
    assert report.pair is not None
    pairs = enumerate(zip(report.pair.first, report.pair.second, strict=True))
    return {wire for wire, (first, second) in pairs if first != second}


def connected(system: System, start: Iterable[int], within: set[int]) -> Stuck:
    """The wires of ``within`` that rows connect with ``start``, and those rows."""
    wires, rows, todo = set(start), set(), list(start)
    while todo:
        for index in system.occurrences[todo.pop()]:
            if index not in rows:
                rows.add(index)
                fresh = (system.rows[index].wires() & within) - wires
                wires |= fresh
                todo += fresh
    return Stuck(tuple(sorted(wires)), tuple(sorted(rows)))


def role(system: System, wire: int) -> str:
    """What a wire is, in one word or two."""
    if wire in system.outputs:
        return "output"
    if wire in system.inputs:
        return "public input" if wire <= system.r1cs.num_public else "private input"
    return "internal"
