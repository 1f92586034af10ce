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

import itertools
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from ..report import Pair, Report, Verdict
from ..search.jacobian import kernel
from ..search.pairs import check_pair, checked_honest, find_pair
from ..search.rows_index import RowsIndex
from ..search.values import Guide, Values
from ..system import Form, Row, System
from .mutate import Mutant, roots_of, row_key
from .repair import Repair

_SEARCH_ROWS = 4000  # a mutant of more rows is judged by local repair alone
_SEARCH_RUNS = 6
_BACKTRACKS = 60
_SOLUTIONS = 24
_HONEST_SECONDS = 20.0
_HONEST_BACKTRACKS = 400
_UPSTREAM = 24
_REPAIR_ROWS = 10_000  # computed again for one mutant, in all
Decide = Callable[[System], Report]
Implied = Callable[[System, Row], bool]


class Fate(str, Enum):
    KILLED = "killed"
    REDUNDANT = "redundant"
    NARROWER = "narrower"  # it refuses an honest assignment, and nothing is known that it accepts in exchange
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
        decide: the engine, asked last: its pair counts when it checks, its other verdicts are no evidence.
        implied: shows that the original's row follows from the mutant's rows.
        seconds: for the search on one mutant.

    Raises:
        AuditError: ``honest`` has another length, or an element that is not canonical.
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
        self.repairs = self._honest_runs(None if honest is None else checked_honest(system, honest))

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

    def _honest_runs(self, honest: Sequence[int] | None) -> list[Repair]:
        """At most two, private inputs first; with ``honest`` one, with every choice as there."""
        n, rng = self.system.num_wires, self.rng
        private = [wire for wire in sorted(self.system.inputs) if wire > self.system.r1cs.num_public]
        tastes = [honest] if honest is not None else [None, [rng.randrange(2) for _ in range(n)], [1] * n, [0] * n]
        runs: list[Repair] = []
        for taste in tastes:
            values = Values(self.index)
            guide = Guide(rng, prefer=taste, first=private)
            found = next(values.solutions(guide, time.monotonic() + _HONEST_SECONDS, _HONEST_BACKTRACKS), None)
            if found is not None and not any(True for _ in self.system.violated(found)):
                runs.append(Repair(values, found))
            if len(runs) == 2:
                break
        return runs

    def _killed(self, mutant: Mutant, z: Sequence[int], reason: str) -> Outcome:
        """With a pair, when an honest assignment that the mutant accepts has the same inputs, else with ``z``."""
        for repair in self.repairs if not mutant.extra else []:
            honest = repair.z
            same_inputs = all(z[wire] == honest[wire] for wire in self.system.inputs)
            if same_inputs and not self._refuses(mutant, honest, ()):
                differing = tuple(wire for wire in self.system.signals if z[wire] != honest[wire])
                return Outcome(mutant, Fate.KILLED, reason, Pair(tuple(honest), tuple(z), differing, reason))
        return Outcome(mutant, Fate.KILLED, reason, accepted=tuple(z))

    def _refuses(self, mutant: Mutant, z: Sequence[int], moved: Sequence[int]) -> bool:
        """A row of the mutant that does not hold, among those on wires ``moved`` and the mutated one."""
        rows = {row for wire in moved for row, _ in self.index.touch[wire]} | {mutant.row}
        stated = self.system.rows
        return any(
            not _holds(mutant.replacement if row == mutant.row else stated[row], z, self.system.modulus) for row in rows
        )

    def _by_repair(self, mutant: Mutant) -> list[int] | None:
        """An assignment that only the mutant accepts, near an honest one."""
        instead = None if mutant.dropped else mutant.replacement
        for repair in self.repairs if not mutant.extra else []:
            repair.budget = _REPAIR_ROWS
            for changes, solve in self._moves(repair, mutant):
                if repair.budget <= 0:
                    break
                changed = repair.change(changes, without=mutant.row, instead=instead, solve=solve)
                if changed:
                    z = list(repair.z)
                    for wire, value in changed.items():
                        z[wire] = value
                    if not self._original_holds(mutant, z) and not self._refuses(mutant, z, list(changed)):
                        return z
        return None

    def _moves(self, repair: Repair, mutant: Mutant) -> Iterator[tuple[dict[int, int], dict[int, int]]]:
        """First changes to try, and rows that are to give another wire than usual."""
        p = self.system.modulus
        z, row = repair.z, mutant.row
        wires = sorted(self.system.rows[row].wires(), key=lambda wire: -repair.position[wire])
        own = repair.given_by.get(row, [])
        if not mutant.dropped and len(own) == 1:
            yield from (({own[0]: value}, {}) for value in self._solved(repair, mutant.replacement, own[0]))
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
        for wire in self._upstream(repair, others):
            yield {wire: (z[wire] + 1) % p if z[wire] > 1 else 1 - z[wire]}, {}

    def _solved(self, repair: Repair, row: Row, wire: int) -> Iterator[int]:
        """The values that the replacement gives to the wire that the row gave."""
        z, p = repair.z, self.system.modulus
        (a, k), (b, m), (c, n) = (
            (sum(f * z[w] for w, f in side.items() if w != wire), side.get(wire, 0)) for side in (row.a, row.b, row.c)
        )
        square, linear, constant = k * m % p, (k * b + m * a - n) % p, (a * b - c) % p
        if square or linear:
            yield from self.index.roots(square, linear, constant)

    def _upstream(self, repair: Repair, wires: Sequence[int]) -> list[int]:
        """Wires that nothing gave, and from which ``wires`` were computed, nearest first."""
        seen, waiting = set(wires), list(wires)
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
        key = row_key(self.system.rows[number], self.system.modulus)
        if not key:
            return "the row says nothing"
        same = [other for other in self._said_by[key] if other != number]
        if same:
            return f"row {same[0]} says the same"
        if number in self._dependent_rows:
            return "a linear combination of linear rows"
        return ""

    @cached_property
    def _said_by(self) -> dict[object, list[int]]:
        found: dict[object, list[int]] = {}
        for number, row in enumerate(self.system.rows):
            found.setdefault(row_key(row, self.system.modulus), []).append(number)
        return found

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
        at_root = [value or 0 for value in values.value]
        fixed = all(values.value[wire] is not None for wire in self.system.rows[mutant.row].wires())
        if fixed and self._original_holds(mutant, at_root):
            fate = Fate.REDUNDANT if mutant.dropped else Fate.NARROWER
            return Outcome(mutant, fate, "the other rows give its wires their values")
        start = values.mark()
        for known, guide in self._searches(mutant, index):
            values.undo(start)
            if not (all(values.assign(wire, value) for wire, value in known.items()) and values.propagate()):
                continue
            for z in itertools.islice(values.solutions(guide, deadline, _BACKTRACKS), _SOLUTIONS):
                if not self._original_holds(mutant, z) and not any(True for _ in system.violated(z)):
                    return self._killed(mutant, z, "forward run")
            if time.monotonic() > deadline:
                return None
        pair = find_pair(system, (), system.outputs or system.signals, deadline=deadline, index=index, rounds=1)
        if pair is None:
            return None
        # two that the original accepts as well blame the original, not the mutation
        refused = any(not self._original_holds(mutant, z) for z in (pair.first, pair.second))
        return Outcome(mutant, Fate.KILLED, "pair search", pair=pair) if refused else None

    def _searches(self, mutant: Mutant, index: RowsIndex) -> Iterator[tuple[dict[int, int], Guide]]:
        """Wires to begin with, and how to choose: away from the original's row, near the honest assignment first."""
        rng, p, system = self.rng, self.system.modulus, mutant.system
        extra = list(range(self.system.num_wires, system.num_wires))
        own = sorted(mutant.replacement.wires() | self.system.rows[mutant.row].wires())
        beside = [wire for w in own for row, _ in index.touch[w] for wire in system.rows[row].wires()]
        first = sorted(dict.fromkeys(own + beside), key=lambda wire: not index.is_bit[wire])
        inputs = sorted(system.inputs)
        for repair in self.repairs:
            near = [*repair.z, *(1 for _ in extra)]
            for root in set(roots_of(system, mutant.replacement)) - set(roots_of(system, self.system.rows[mutant.row])):
                yield {own[0]: root}, Guide(rng, near, first)
            for wire in extra or own[:4] + own[-4:]:
                other = 1 if wire in extra else (1 - near[wire] if index.is_bit[wire] else near[wire] + 1)
                yield {wire: other % p}, Guide(rng, near, first)
                yield {wire: rng.randrange(2 if index.is_bit[wire] else p)}, Guide(rng, None, first)
        for turn in range(_SEARCH_RUNS):
            prefer = [rng.randrange(2) for _ in range(system.num_wires)] if turn % 2 else None
            yield {}, Guide(rng, prefer, inputs if turn < 4 else ())

    def _original_holds(self, mutant: Mutant, z: Sequence[int]) -> bool:
        return _holds(self.system.rows[mutant.row], z, self.system.modulus)

    def _by_engine(self, mutant: Mutant) -> Outcome:
        if mutant.dropped and self.implied is not None and self.implied(mutant.system, self.system.rows[mutant.row]):
            return Outcome(mutant, Fate.REDUNDANT, "the row is derived from the others")
        if self.decide is not None:
            report = self.decide(mutant.system)
            pair = report.pair
            if report.verdict is Verdict.UNDER_CONSTRAINED and pair is not None:
                again = check_pair(mutant.system, pair.first, pair.second, pair.differing, pair.found_by)
                if again is not None and not all(self._original_holds(mutant, z) for z in (pair.first, pair.second)):
                    return Outcome(mutant, Fate.KILLED, f"the engine's pair ({pair.found_by})", pair=again)
        if not mutant.extra and any(self._refuses(mutant, repair.z, ()) for repair in self.repairs):
            return Outcome(mutant, Fate.NARROWER, "an honest assignment is refused")
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
