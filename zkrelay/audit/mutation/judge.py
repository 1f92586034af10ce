"""Judging mutants: evidence, from cheap to dear, that a row or a coefficient is needed (``mutate`` says what counts).

1. *Local repair* from an honest assignment (``moves``): a wire near the mutated row moves, what follows is computed
   again, and the question is whether all rows but this one hold.  The run that the repair follows takes private inputs
   first, so that a public input that is computed (a root, a nullifier) moves along instead of standing in the way.
2. *Redundancy by algebra* (``relations``).
3. *Remaking*: a check that no repair can meet, a signature, is met by whoever holds the key (``Remaker``).
4. *The search*: forward runs of the mutant that the original refuses, and pairs (``pairs``).
5. What the caller brings: ``decide`` (an engine that gives a ``Report``) and ``implied`` (a proof that a row follows).

Nothing is believed: an assignment counts when it satisfies every row of the mutant and not the original's row.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from ..report import Pair, Report, Verdict
from ..search.pairs import check_pair, checked_honest, find_pair
from ..search.rows_index import RowsIndex
from ..search.values import Guide, Values
from ..system import Row, System
from . import moves
from .mutate import Mutant, roots_of
from .relations import Relations
from .repair import Repair
from .virtual import extended, with_virtual_bits

_SEARCH_ROWS = 4000  # a mutant of more rows is judged by local repair alone
_SEARCH_RUNS = 6
_BACKTRACKS = 60
_SOLUTIONS = 24
_HONEST_SECONDS = 20.0
_HONEST_BACKTRACKS = 400
_RUNS = 3  # honest assignments that repairs begin at
_REMADE_RUNS = 6  # those that a remaker gets
_REPAIR_ROWS = 10_000  # computed again for one mutant, in all, near each of them
_REMADE_ROWS = 100_000  # the same for what a remaker answers
Changes = Mapping[int, int]
Decide = Callable[[System], Report]
Implied = Callable[[System, Row], bool]


class Fate(str, Enum):
    """By falling strength; only the last is a mutant of which nothing is known."""

    KILLED = "killed"  # it accepts what the original refuses, or no longer determines what the original does
    NARROWER = "narrower"  # it refuses an honest assignment, and nothing is known that it accepts in exchange
    HARMLESS = "harmless"  # a changed row: it accepts nothing more, and refuses nothing that is known to be honest
    REDUNDANT = "redundant"  # a dropped row that the others imply
    UNDECIDED = "undecided"


class Remaker(Protocol):
    """Whoever can meet checks that repairs cannot, such as a signature over a value that moved."""

    @property
    def held(self) -> Collection[int]:
        """Wires that move only when ``further`` says so."""

    @property
    def computed(self) -> Collection[int]:
        """Private inputs that rows compute from others, such as the root of a tree: they move along."""

    def further(self, mutant: Mutant, honest: Sequence[int], found: Sequence[int]) -> Iterable[Changes]:
        """Changes to make besides the first one, each to be tried alone.

        Args:
            honest: the assignment that the repair began at.
            found: what the first change made of it; some rows do not hold.
        """


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
        others: more of them; the more they differ, the fewer mutants accept them all.
        remaker: of assignments whose checks need a secret.
        decide: the engine, asked last: its pair counts when it checks, its other verdicts are no evidence.
        implied: shows that the original's row follows from the mutant's rows.
        seconds: for the search on one mutant.

    Raises:
        AuditError: an honest assignment has another length, or an element that is not canonical.
    """

    def __init__(
        self,
        system: System,
        *,
        honest: Sequence[int] | None = None,
        others: Sequence[Sequence[int]] = (),
        remaker: Remaker | None = None,
        decide: Decide | None = None,
        implied: Implied | None = None,
        seconds: float = 2.0,
        seed: bytes = b"",
    ) -> None:
        self.system, self.decide, self.implied, self.seconds, self.remaker = system, decide, implied, seconds, remaker
        self.rng = random.Random(seed)
        self.index = RowsIndex(with_virtual_bits(system))
        given = [checked_honest(system, z) for z in ([honest] if honest is not None else []) + list(others)]
        self.honest: list[Sequence[int]] = [z for z in given if not any(True for _ in system.violated(z))]
        self.repairs = self._honest_runs(given)
        self.honest += [z for z in (repair.z[: system.num_wires] for repair in self.repairs) if z not in self.honest]
        self.relations = Relations(system)

    def __call__(self, mutant: Mutant) -> Outcome:
        """The fate of a mutant of this judge's system."""
        first = 1 if self.remaker is not None else _RUNS
        noticed = not mutant.extra and any(self._refuses(mutant, honest) for honest in self.honest)
        accepted = self._by_repair(mutant, self.repairs[:first])
        if accepted is not None:
            return self._killed(mutant, accepted, "local repair")
        if mutant.dropped:
            reason = self.relations.redundant(mutant.row)
            if reason:
                return Outcome(mutant, Fate.REDUNDANT, reason)
        accepted = self._by_remaking(mutant, self.repairs[: 1 if noticed else _REMADE_RUNS])
        if accepted is not None:
            return self._killed(mutant, accepted, "remade")
        accepted = self._by_repair(mutant, self.repairs[first : 1 if noticed else _RUNS])
        if accepted is not None:
            return self._killed(mutant, accepted, "local repair")
        if len(self.system.rows) <= _SEARCH_ROWS:
            outcome = self._by_search(mutant)
            if outcome is not None:
                return outcome
        if noticed:
            return Outcome(mutant, Fate.NARROWER, "an honest assignment is refused")
        return self._by_engine(mutant)

    def _honest_runs(self, given: Sequence[Sequence[int]]) -> list[Repair]:
        """Private inputs first; with choices as in what is ``given``, or at most two runs of the search's own."""
        n, rng = self.index.system.num_wires, self.rng
        computed = set() if self.remaker is None else set(self.remaker.computed)
        private = sorted(wire for wire in self.system.inputs - computed if wire > self.system.r1cs.num_public)
        tastes: list[Sequence[int] | None] = [
            extended(self.index.system, z) for z in given[: _RUNS if self.remaker is None else _REMADE_RUNS]
        ]
        most = len(tastes) or 2
        runs: list[Repair] = []
        for taste in tastes or [None, [rng.randrange(2) for _ in range(n)], [1] * n, [0] * n]:
            values = Values(self.index)
            guide = Guide(rng, prefer=taste, first=private)
            deadline = float("inf") if given else time.monotonic() + _HONEST_SECONDS  # what is given leads
            found = next(values.solutions(guide, deadline, _HONEST_BACKTRACKS), None)
            if found is not None and not any(True for _ in self.index.system.violated(found)):
                runs.append(Repair(values, found))
            if len(runs) == most:
                break
        return runs

    def _killed(self, mutant: Mutant, z: Sequence[int], reason: str) -> Outcome:
        """With a pair, when an honest assignment that the mutant accepts has the same inputs, else with ``z``."""
        for honest in self.honest if not mutant.extra else []:
            if all(z[wire] == honest[wire] for wire in self.system.inputs) and not self._refuses(mutant, honest):
                differing = tuple(wire for wire in self.system.signals if z[wire] != honest[wire])
                return Outcome(mutant, Fate.KILLED, reason, Pair(tuple(honest), tuple(z), differing, reason))
        return Outcome(mutant, Fate.KILLED, reason, accepted=tuple(z))

    def _refuses(self, mutant: Mutant, honest: Sequence[int]) -> bool:
        """Whether the mutant refuses an assignment that the original accepts: only one row can be the reason."""
        return not _holds(mutant.replacement, honest, self.system.modulus)

    def _by_repair(self, mutant: Mutant, repairs: Sequence[Repair]) -> list[int] | None:
        """An assignment that only the mutant accepts, near an honest one."""
        instead = None if mutant.dropped else mutant.replacement
        for repair in repairs if not mutant.extra else []:
            repair.budget = _REPAIR_ROWS
            for changes, solve in moves.near(repair, mutant):
                if repair.budget <= 0:
                    break
                changed = repair.change(changes, without=mutant.row, instead=instead, solve=solve)
                found = self._evidence(mutant, repair, changed or {})
                if found is not None:
                    return found
        return None

    def _by_remaking(self, mutant: Mutant, repairs: Sequence[Repair]) -> list[int] | None:
        """As ``_by_repair``, for changes after which the remaker has a word."""
        remaker, instead = self.remaker, None if mutant.dropped else mutant.replacement
        for repair in repairs if remaker is not None and not mutant.extra else []:
            assert remaker is not None
            repair.budget = _REMADE_ROWS
            still = {wire: repair.z[wire] for wire in remaker.held}
            for changes, alias in itertools.product(moves.special(repair, mutant), (0, 1)):
                if alias and not repair.aliased:
                    continue
                first = {**still, **changes}
                failing: list[int] = []
                tried = repair.change(first, without=mutant.row, instead=instead, alias=alias, failing=failing)
                if tried is None:
                    break
                found = self._with(repair, tried)
                for more in remaker.further(mutant, repair.z, found):
                    changed = repair.change({**first, **more}, without=mutant.row, instead=instead, alias=alias)
                    evidence = self._evidence(mutant, repair, changed or {})
                    if evidence is not None:
                        return evidence
        return None

    def _with(self, repair: Repair, changed: Changes) -> list[int]:
        z = list(repair.z)
        for wire, value in changed.items():
            z[wire] = value
        return z[: self.system.num_wires]

    def _evidence(self, mutant: Mutant, repair: Repair, changed: Changes) -> list[int] | None:
        """What ``changed`` makes of the honest assignment, if the mutant accepts that and the original does not."""
        if not changed:
            return None
        z = self._with(repair, changed)
        if self._original_holds(mutant, z) or any(True for _ in mutant.system.violated(z)):
            return None
        return z

    def _by_search(self, mutant: Mutant) -> Outcome | None:
        deadline = time.monotonic() + self.seconds
        system = mutant.system
        index = RowsIndex(with_virtual_bits(system))
        values = Values(index)
        if not values.propagate():
            return None
        at_root = [value or 0 for value in values.value]
        fixed = all(values.value[wire] is not None for wire in self.system.rows[mutant.row].wires())
        if fixed and self._original_holds(mutant, at_root):
            if any(self._refuses(mutant, honest) for honest in self.honest if not mutant.extra):
                return Outcome(mutant, Fate.NARROWER, "an honest assignment is refused, and nothing more accepted")
            fate = Fate.REDUNDANT if mutant.dropped else Fate.HARMLESS
            return Outcome(mutant, fate, "the other rows give its wires their values")
        start = values.mark()
        for known, guide in self._searches(mutant, index):
            values.undo(start)
            if not (all(values.assign(wire, value) for wire, value in known.items()) and values.propagate()):
                continue
            for found in itertools.islice(values.solutions(guide, deadline, _BACKTRACKS), _SOLUTIONS):
                z = found[: system.num_wires]
                if not self._original_holds(mutant, z) and not any(True for _ in system.violated(z)):
                    return self._killed(mutant, z, "forward run")
            if time.monotonic() > deadline:
                return None
        known_index = index if index.system is system else None
        targets = system.outputs or system.signals
        pair = find_pair(system, (), targets, deadline=deadline, index=known_index, rounds=1)
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
        beside = [wire for w in own for row, _ in index.touch[w] for wire in index.system.rows[row].wires()]
        first = sorted(dict.fromkeys(own + beside), key=lambda wire: not index.is_bit[wire])
        inputs = sorted(system.inputs)
        for repair in self.repairs:
            near = extended(index.system, [*repair.z[: self.system.num_wires], *(1 for _ in extra)])
            for root in set(roots_of(system, mutant.replacement)) - set(roots_of(system, self.system.rows[mutant.row])):
                yield {own[0]: root}, Guide(rng, near, first)
            for wire in extra or own[:4] + own[-4:]:
                other = 1 if wire in extra else (1 - near[wire] if index.is_bit[wire] else near[wire] + 1)
                yield {wire: other % p}, Guide(rng, near, first)
                yield {wire: rng.randrange(2 if index.is_bit[wire] else p)}, Guide(rng, None, first)
        for turn in range(_SEARCH_RUNS):
            prefer = [rng.randrange(2) for _ in range(index.system.num_wires)] if turn % 2 else None
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
