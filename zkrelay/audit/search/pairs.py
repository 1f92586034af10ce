"""The pair search: two assignments that satisfy every row, agree on the inputs and differ on a target.

Strategies, from cheap to dear, each of which names the pairs that it finds:

* *choices*: a forward run at some inputs (``values``) makes choices (an alias, a root, a guess); each is taken back,
  last one first, for its other options, and the run is finished again with everything else as before;
* *target*: an undetermined target gets another value first, and the solver works backwards from there;
* *linear block* and *tangent*: a kernel vector that moves a target (``jacobian``);
* *zero denominator*: inputs at which a wire is divided by zero from zero (``seeding``), then choices there.

Whatever a strategy proposes is checked here against every row with plain integers before it leaves: no false pair.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Collection, Iterator, Sequence

from ...errors import AuditError
from ..report import Pair
from ..system import System
from .jacobian import directions, is_exact
from .rows_index import RowsIndex
from .seeding import MAX_CANDIDATES, Forward, Stage, common_zeros
from .values import Guide, Values

_RUN_BACKTRACKS = 400
_REPAIR_BACKTRACKS = 24
_TARGETS_TRIED = 8
_ROUNDS = 6
_ROWS_EVALUATED = 20_000  # by an attempt at a zero denominator; four times as many in each round
Assignment = list[int]


def check_pair(
    system: System, first: Sequence[int], second: Sequence[int], targets: Collection[int], found_by: str
) -> Pair | None:
    """The pair, when it is one: canonical, every row satisfied by both, equal inputs, a target that differs."""
    p = system.modulus
    for z in (first, second):
        if len(z) != system.num_wires or z[0] != 1 or not all(0 <= value < p for value in z):
            return None
    if any(first[wire] != second[wire] for wire in system.inputs):
        return None
    differing = tuple(wire for wire in sorted(targets) if first[wire] != second[wire])
    if not differing or any(True for z in (first, second) for _ in system.violated(z)):
        return None
    return Pair(tuple(first), tuple(second), differing, found_by)


def checked_honest(system: System, honest: Sequence[int]) -> list[int]:
    """An assignment that a caller brings; whether it satisfies the rows is not asked here.

    Raises:
        AuditError: not one canonical element for each wire, or element 0 is not 1.
    """
    if len(honest) != system.num_wires or honest[0] != 1 or not all(0 <= value < system.modulus for value in honest):
        raise AuditError(f"the honest assignment must be 1 and then canonical elements, {system.num_wires} in all")
    return list(honest)


def find_pair(
    system: System,
    determined: Collection[int],
    targets: Collection[int],
    *,
    deadline: float,
    seed: bytes = b"",
    honest: Sequence[int] | None = None,
    index: RowsIndex | None = None,
    rounds: int = _ROUNDS,
) -> Pair | None:
    """A checked pair that differs on one of ``targets``, or None when no strategy found one.

    Args:
        determined: wires that are known to follow from the inputs; targets among them are not asked about.
        deadline: on the clock of ``time.monotonic``.
        seed: equal seeds search alike, as long as the deadline does not cut in.
        honest: a satisfying assignment to begin with, when random inputs would be refused by the circuit.
        index: the index of ``system``, when there is one already.
        rounds: how many inputs the dear strategies are tried at.

    Raises:
        AuditError: ``honest`` has another length, or an element that is not canonical.
    """
    honest = None if honest is None else checked_honest(system, honest)
    asked = sorted(set(targets) - set(determined))
    if not asked:
        return None
    hunt = _Hunt(system, index or RowsIndex(system), set(determined), asked, deadline, random.Random(seed))
    return next(hunt.pairs(honest, rounds), None)


class _Hunt:
    def __init__(
        self,
        system: System,
        index: RowsIndex,
        determined: set[int],
        targets: list[int],
        deadline: float,
        rng: random.Random,
    ) -> None:
        self.system, self.index, self.targets, self.deadline, self.rng = system, index, targets, deadline, rng
        self.determined = sorted(determined)
        self.inputs = sorted(system.inputs)
        self.values = Values(index)
        self.consistent = self.values.propagate()
        self.start = self.values.mark()

    def late(self) -> bool:
        return time.monotonic() > self.deadline

    def checked(self, first: Sequence[int], second: Sequence[int], found_by: str) -> Iterator[Pair]:
        pair = check_pair(self.system, first, second, self.targets, found_by)
        if pair is not None:
            yield pair

    def pairs(self, honest: Sequence[int] | None, rounds: int) -> Iterator[Pair]:
        """Every pair that the strategies come upon, at ``rounds`` different sets of inputs and a few cheap ones."""
        if not self.consistent:
            return
        tastes = self.tastes(honest)
        for number in range(rounds):
            for taste in itertools.islice(tastes, 3):
                yield from self.at_inputs(taste)
                if self.late():
                    return
            yield from self.by_zero_denominators(honest, _ROWS_EVALUATED << 2 * number)
            honest = None

    def tastes(self, honest: Sequence[int] | None) -> Iterator[Assignment | None]:
        """What wires should be where there is a choice; None is random."""
        n, p, rng = self.system.num_wires, self.system.modulus, self.rng
        if honest is not None:
            yield list(honest)
        yield None
        yield [0] * n
        yield [1] * n
        while True:
            yield [rng.randrange(2) for _ in range(n)]
            yield None
            yield [rng.randrange(p)] * n
            yield [rng.randrange(min(p, 9)) for _ in range(n)]

    def run(self, taste: Assignment | None) -> tuple[Guide, Assignment] | None:
        """A forward run that guesses the inputs first, to find its choices in ``values`` and the guide."""
        self.values.undo(self.start)
        guide = Guide(self.rng, taste, self.inputs)
        found = next(self.values.solutions(guide, self.deadline, _RUN_BACKTRACKS), None)
        return None if found is None else (guide, found)

    def at_inputs(self, taste: Assignment | None) -> Iterator[Pair]:
        run = self.run(taste)
        if run is None:
            return
        guide, first = run
        yield from self.flip(guide, first, "choices")
        if self.set_inputs(first):
            free = [wire for wire, known in enumerate(self.values.value) if known is None]
            if free:
                yield from self.along_kernels(first, free)
                yield from self.from_targets(first)

    def flip(self, guide: Guide, first: Assignment, found_by: str) -> Iterator[Pair]:
        """Take back the choices of a finished run, last one first, and finish with another option each time."""
        frames, given = guide.frames, set(self.inputs)
        while frames and not given.issuperset(frames[-1].wires):
            depth = len(frames)
            alive = self.values.next_option(frames)
            if len(frames) < depth or not alive:
                continue
            repair = Guide(self.rng, first)
            for second in itertools.islice(self.values.solutions(repair, self.deadline, _REPAIR_BACKTRACKS), 2):
                yield from self.checked(first, second, found_by)
            if self.late():
                return

    def set_inputs(self, first: Assignment) -> bool:
        """The state that the inputs and the determined wires of ``first`` leave."""
        self.values.undo(self.start)
        return (
            all(self.values.assign(w, first[w]) for w in (*self.inputs, *self.determined)) and self.values.propagate()
        )

    def along_kernels(self, first: Assignment, free: list[int]) -> Iterator[Pair]:
        p = self.system.modulus
        for name, vector in directions(self.index, first, free, self.targets, self.rng, self.deadline):
            second = list(first)
            for wire, k in vector.items():
                second[wire] = (second[wire] + k) % p
            if is_exact(self.index, vector):
                yield from self.checked(first, second, name)
            else:
                moved = next(target for target in self.targets if target in vector)
                yield from self.repaired(first, moved, second[moved], second, name)

    def from_targets(self, first: Assignment) -> Iterator[Pair]:
        p = self.system.modulus
        open_targets = [target for target in self.targets if self.values.value[target] is None]
        for target in self.rng.sample(open_targets, min(len(open_targets), _TARGETS_TRIED)):
            others = [(first[target] + 1) % p, 0, self.rng.randrange(p)]
            if self.index.is_bit[target]:
                others = [1 - first[target]]
            for other in others:
                if other != first[target]:
                    yield from self.repaired(first, target, other, first, "target")
            if self.late():
                return

    def repaired(self, first: Assignment, wire: int, value: int, taste: Assignment, found_by: str) -> Iterator[Pair]:
        """Inputs as in ``first``, ``wire`` something else, and the rest as near to ``taste`` as rows allow."""
        state = self.values.mark()
        if self.values.assign(wire, value) and self.values.propagate():
            second = next(self.values.solutions(Guide(self.rng, taste), self.deadline, _REPAIR_BACKTRACKS), None)
            if second is not None:
                yield from self.checked(first, second, found_by)
        self.values.undo(state)

    def by_zero_denominators(self, honest: Sequence[int] | None, budget: int) -> Iterator[Pair]:
        run = self.run(None if honest is None else list(honest)) or self.run([1] * self.system.num_wires)
        if run is None:
            return
        z = run[1]
        forward = Forward(self.values, z, self.inputs)
        divisions = list(itertools.islice(forward.divisions(set(self.determined)), MAX_CANDIDATES))
        for stage, division in itertools.product(Stage, divisions):
            for changed in common_zeros(forward, division, stage, budget, self.rng, self.deadline):
                self.values.undo(self.start)
                given = all(self.values.assign(wire, changed.get(wire, z[wire])) for wire in self.inputs)
                if not given or not self.values.propagate():
                    continue
                guide = Guide(self.rng)
                first = next(self.values.solutions(guide, self.deadline, _REPAIR_BACKTRACKS), None)
                if first is not None:
                    yield from self.flip(guide, first, "zero denominator")
            if self.late():
                return
