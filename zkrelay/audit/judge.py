"""Judging mutants: evidence, from cheap to dear, that a row or a coefficient is needed (``mutate`` says what counts).

1. *Local repair* from one honest assignment: move a wire of the mutated row (the one that it gave, a free one, or a bit
   against another bit of the same decomposition), compute again what follows, and ask whether all rows but this one
   hold.  The run that the repair follows takes private inputs first, so that a public input that is computed (a root, a
   nullifier) moves along instead of standing in the way.
2. *Redundancy by algebra*: the row says the same as another, or is a linear combination of linear rows.
3. *The search*: forward runs of the mutant that the original refuses, and pairs (``pairs``).
4. What the caller brings: ``decide`` (an engine that gives a ``Report``) and ``implied`` (a proof that a row follows).

Evidence is checked exactly: every row that holds a wire that moved, of the mutant and of the original.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from .jacobian import kernel
from .mutate import Mutant, row_key
from .pairs import check_pair, find_pair
from .repair import Repair
from .report import Pair, Report, Verdict
from .rows_index import RowsIndex
from .system import Form, Row, System
from .values import Guide, Values

_SEARCH_ROWS = 4000  # a mutant of more rows is judged by local repair alone
_SEARCH_RUNS = 6
_BACKTRACKS = 60
_UPSTREAM = 24
_REPAIR_ROWS = 20_000
Decide = Callable[[System], Report]
Implied = Callable[[System, Row], bool]


class Fate(str, Enum):
    KILLED = "killed"
    REDUNDANT = "redundant"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Outcome:
    """``reason`` says by what.  A killed mutant comes with ``pair`` (of the mutant), or with ``accepted``: an
    assignment that the mutant accepts and the original refuses.
    """

    mutant: Mutant
    fate: Fate
    reason: str
    pair: Pair | None = field(default=None, repr=False)
    accepted: tuple[int, ...] | None = field(default=None, repr=False)


class Judge:
    """Judges mutants of one system; what they share (index, honest run, linear relations) is made once.

    Args:
        honest: a satisfying assignment; by default one is searched for.
        decide: the engine: a mutant it calls SAFE is not searched for pairs, one it calls UNDER-CONSTRAINED has one.
        implied: shows that the original's row follows from the mutant's rows.
        seconds: for the search on one mutant.
    """

    def __init__(
        self,
        system: System,
        *,
        honest: Sequence[int] | None = None,
        decide: Decide | None = None,
        implied: Implied | None = None,
        seconds: float = 2.0,
        seed: bytes = b"",
    ) -> None:
        self.system, self.decide, self.implied, self.seconds = system, decide, implied, seconds
        self.rng = random.Random(seed)
        self.index = RowsIndex(system)
        self.repair = self._honest_run(honest)
        self._said_by: dict[object, list[int]] = {}
        for number, row in enumerate(system.rows):
            self._said_by.setdefault(row_key(row, system.modulus), []).append(number)

    def __call__(self, mutant: Mutant) -> Outcome:
        """The fate of a mutant of this judge's system."""
        accepted = self._by_repair(mutant)
        if accepted is not None:
            return self._killed(mutant, accepted, "local repair")
        if mutant.dropped:
            reason = self._redundant(mutant.row)
            if reason:
                return Outcome(mutant, Fate.REDUNDANT, reason)
        if len(self.system.rows) <= _SEARCH_ROWS:
            outcome = self._by_search(mutant)
            if outcome is not None:
                return outcome
        return self._by_engine(mutant)

    def _honest_run(self, honest: Sequence[int] | None) -> Repair | None:
        """Private inputs first; with ``honest``, every choice as there."""
        values = Values(self.index)
        private = [wire for wire in sorted(self.system.inputs) if wire > self.system.r1cs.num_public]
        guide = Guide(self.rng, prefer=honest, first=private)
        found = next(values.solutions(guide, time.monotonic() + 30, 2000), None)
        return None if found is None or any(True for _ in self.system.violated(found)) else Repair(values, found)

    def _killed(self, mutant: Mutant, z: Sequence[int], reason: str) -> Outcome:
        """With a pair, when the honest assignment has the same inputs, else with the assignment."""
        if self.repair is not None and len(z) == len(self.repair.z):
            pair = self._pair(mutant, z, reason)
            if pair is not None:
                return Outcome(mutant, Fate.KILLED, reason, pair=pair)
        return Outcome(mutant, Fate.KILLED, reason, accepted=tuple(z))

    def _pair(self, mutant: Mutant, z: Sequence[int], found_by: str) -> Pair | None:
        assert self.repair is not None
        honest = self.repair.z
        if any(z[wire] != honest[wire] for wire in self.system.inputs) or self._refuses(mutant, honest, range(len(z))):
            return None
        differing = tuple(wire for wire in self.system.signals if z[wire] != honest[wire])
        return Pair(tuple(honest), tuple(z), differing, found_by) if differing else None

    def _refuses(self, mutant: Mutant, z: Sequence[int], moved: Sequence[int]) -> bool:
        """A row of the mutant that does not hold, among those on wires ``moved`` and the mutated one."""
        rows = {row for wire in moved for row, _ in self.index.touch[wire]} | {mutant.row}
        stated = self.system.rows
        return any(
            not _holds(mutant.replacement if row == mutant.row else stated[row], z, self.system.modulus) for row in rows
        )

    def _by_repair(self, mutant: Mutant) -> list[int] | None:
        """An assignment that only the mutant accepts, near the honest one."""
        repair = self.repair
        if repair is None or mutant.extra:
            return None
        instead = None if mutant.dropped else mutant.replacement
        for changes, solve in self._moves(mutant):
            changed = repair.change(changes, without=mutant.row, instead=instead, solve=solve, max_rows=_REPAIR_ROWS)
            if not changed:
                continue
            z = list(repair.z)
            for wire, value in changed.items():
                z[wire] = value
            original_holds = _holds(self.system.rows[mutant.row], z, self.system.modulus)
            if not original_holds and not self._refuses(mutant, z, list(changed)):
                return z
        return None

    def _moves(self, mutant: Mutant) -> Iterator[tuple[dict[int, int], dict[int, int]]]:
        """First changes to try, and rows that are to give another wire than usual."""
        assert self.repair is not None
        repair, p = self.repair, self.system.modulus
        z, row = repair.z, mutant.row
        wires = sorted(self.system.rows[row].wires(), key=lambda wire: -repair.position[wire])
        own = repair.given_by.get(row, [])
        if not mutant.dropped and len(own) == 1:
            yield from (({own[0]: value}, {}) for value in self._solved(mutant.replacement, own[0]))
        others = [wire for wire in wires if wire not in own]
        for wire in own[-2:] + own[:1] + others[:_UPSTREAM]:
            for value in (1 - z[wire],) if z[wire] < 2 else ((z[wire] + 1) % p, 0):
                yield {wire: value % p}, {}
            if self.index.is_bit[wire]:
                yield {wire: 2}, {}
        for wire in others[:_UPSTREAM]:  # a bit of a decomposition: another bit moves, and this one makes up for it
            giver = repair.reason[wire]
            rivals = [other for other in repair.given_by.get(giver, []) if other != wire]
            for other in rivals[:2] + rivals[-2:]:
                yield {other: (1 - z[other]) % p}, {giver: wire}
        for wire in self._upstream(others):
            yield {wire: (z[wire] + 1) % p if z[wire] > 1 else 1 - z[wire]}, {}

    def _solved(self, row: Row, wire: int) -> Iterator[int]:
        """The value that the replacement gives to the wire that the row gave."""
        assert self.repair is not None
        z, p = self.repair.z, self.system.modulus
        (a, k), (b, m), (c, n) = (
            (sum(f * z[w] for w, f in side.items() if w != wire), side.get(wire, 0)) for side in (row.a, row.b, row.c)
        )
        square, linear, constant = k * m % p, (k * b + m * a - n) % p, (a * b - c) % p
        if square or linear:
            yield from self.index.roots(square, linear, constant)

    def _upstream(self, wires: Sequence[int]) -> list[int]:
        """Wires that nothing gave, and from which ``wires`` were computed, nearest first."""
        assert self.repair is not None
        repair, seen, waiting = self.repair, set(wires), list(wires)
        found: list[int] = []
        while waiting and len(found) < _UPSTREAM and len(seen) < _REPAIR_ROWS:
            wire = waiting.pop(0)
            giver = repair.reason[wire]
            if giver < 0:
                found.append(wire)
                continue
            for other in self.system.rows[giver].wires():
                if other not in seen and repair.position[other] < repair.position[wire]:
                    seen.add(other)
                    waiting.append(other)
        return found

    def _redundant(self, number: int) -> str:
        """Why the row follows from the others by algebra, or ""."""
        same = [
            other for other in self._said_by[row_key(self.system.rows[number], self.system.modulus)] if other != number
        ]
        if same:
            return f"row {same[0]} says the same"
        if number in self._dependent_rows:
            return "a linear combination of linear rows"
        return ""

    @cached_property
    def _dependent_rows(self) -> set[int]:
        """Linear rows that take part in a linear relation between linear rows: each follows from the others of it.

        Relations are vectors y with Σ y_i·L_i = 0: the kernel of the transposed rows.
        """
        columns: dict[int, Form] = {}
        linear = [number for number, form in enumerate(self.index.forms) if form is not None]
        for number in linear:
            for wire, k in self.index.forms[number] or ():
                columns.setdefault(wire, {})[number] = k
        relations = kernel(iter(columns.values()), linear, self.system.modulus, time.monotonic() + 20)
        return {number for relation in relations or [] for number in relation}

    def _by_search(self, mutant: Mutant) -> Outcome | None:
        deadline = time.monotonic() + self.seconds
        system = mutant.system
        index = RowsIndex(system)
        values = Values(index)
        if not values.propagate():
            return None
        start = values.mark()
        original = self.system.rows[mutant.row]
        for turn in range(_SEARCH_RUNS):
            values.undo(start)
            prefer = [self.rng.randrange(2) for _ in range(system.num_wires)] if turn % 2 else None
            first = sorted(system.inputs) if turn < 4 else ()
            for z in values.solutions(Guide(self.rng, prefer, first), deadline, _BACKTRACKS):
                if not _holds(original, z, system.modulus):
                    return self._killed_by_search(mutant, z)
                break
        pair = find_pair(system, (), system.outputs or system.signals, deadline=deadline, index=index, rounds=1)
        if pair is None:
            return None
        # both satisfy the mutant: one that the original refuses is evidence by itself, two that it accepts blame it
        refused = any(not _holds(original, z, system.modulus) for z in (pair.first, pair.second))
        return Outcome(mutant, Fate.KILLED, "pair search", pair=pair) if refused else None

    def _killed_by_search(self, mutant: Mutant, z: Sequence[int]) -> Outcome | None:
        if any(True for _ in mutant.system.violated(z)):
            return None
        return self._killed(mutant, z, "forward run")

    def _by_engine(self, mutant: Mutant) -> Outcome:
        if mutant.dropped and self.implied is not None and self.implied(mutant.system, self.system.rows[mutant.row]):
            return Outcome(mutant, Fate.REDUNDANT, "the row is derived from the others")
        if self.decide is not None:
            report = self.decide(mutant.system)
            pair = report.pair
            if report.verdict is Verdict.UNDER_CONSTRAINED and pair is not None:
                again = check_pair(mutant.system, pair.first, pair.second, pair.differing, pair.found_by)
                original = self.system.rows[mutant.row]
                if again is not None and any(
                    not _holds(original, z, self.system.modulus) for z in (pair.first, pair.second)
                ):
                    return Outcome(mutant, Fate.KILLED, f"the engine's pair ({pair.found_by})", pair=again)
            return Outcome(mutant, Fate.UNDECIDED, f"the engine says {report.verdict.value}, and no evidence was found")
        return Outcome(mutant, Fate.UNDECIDED, "no evidence was found")


def judge(
    mutant: Mutant,
    *,
    honest: Sequence[int] | None = None,
    decide: Decide | None = None,
    implied: Implied | None = None,
    seconds: float = 2.0,
) -> Outcome:
    """The fate of one mutant; for many of one system, keep a ``Judge``."""
    return Judge(mutant.original, honest=honest, decide=decide, implied=implied, seconds=seconds)(mutant)


def _holds(row: Row, z: Sequence[int], p: int) -> bool:
    a, b, c = (sum(k * z[wire] for wire, k in side.items()) for side in (row.a, row.b, row.c))
    return (a * b - c) % p == 0
