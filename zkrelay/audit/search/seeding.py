"""Zero-denominator seeding: inputs at which a row that gives a wire says 0·w = 0, so that w is free.

A forward run gives most wires by a row that is linear in them, D·w = N, where D and N are rational functions of the
inputs.  ``w <-- N / D`` with ``w * D === N`` is the commonest hole of circom circuits: at a common zero of D and N any
w goes.  D and N are black boxes (run the cone of the row forward), and so:

* one input u that moves D: the numerator of D(u) by Cauchy interpolation (``rational``), its roots, and then
  either N = 0 there, or an input v that moves N but not D gives N's roots; and the same with D and N exchanged;
* two inputs u, v that move both: when one of D, N is linear in u, u(v) is put into the other, which is then a function
  of v alone; otherwise the resultant of the two numerators in u, again as a function of v.

Whatever comes out is only a proposal: the inputs are run forward again, by the search, and the pair is checked.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from .rational import Poly, numerator, resultant, roots
from .values import Values

MAX_CANDIDATES = 64
_MAX_TRIES = 6  # inputs, or pairs of them, for each candidate
_MAX_DEGREE_INNER = 16
Inputs = dict[int, int]
BlackBox = Callable[[int], "int | None"]


class Stage(Enum):
    """How much is tried at once."""

    ONE_BY_ONE = 0  # a root of one of D, N in one input, then of the other in another input
    LINE = 1  # two inputs, one of D, N linear in the first
    RESULTANT = 2  # two inputs


@dataclass(frozen=True)
class Division:
    """``row`` gave ``wire``; the inputs that move its D and its N as rational functions; its place in the trail."""

    wire: int
    row: int
    moves_d: int
    moves_n: int
    position: int


class Forward:
    """A finished forward run as straight-line code: which inputs move what, and D and N at other inputs."""

    def __init__(self, run: Values, z: Sequence[int], inputs: Collection[int]) -> None:
        self.index, self.z, self.inputs = run.index, z, sorted(inputs)
        self.position = {wire: place for place, wire in enumerate(run.trail)}
        self.reason = list(run.reason)
        self.moves = [0] * run.index.system.num_wires  # as a set of bits, one for each input
        opaque = [0] * run.index.system.num_wires  # inputs that move it through bits: no rational function
        for bit, wire in enumerate(self.inputs):
            self.moves[wire] = 1 << bit
        given_by: dict[int, int] = {}
        for row in self.reason:
            given_by[row] = given_by.get(row, 0) + 1
        for wire in run.trail:
            row = self.reason[wire]
            if row < 0 or self.moves[wire]:
                continue
            for other in self._wires(row):
                if other != wire and self.position[other] < self.position[wire]:
                    self.moves[wire] |= self.moves[other]
                    opaque[wire] |= opaque[other]
            if given_by[row] > 1:  # decoded
                opaque[wire] |= self.moves[wire]
            self.moves[wire] &= ~opaque[wire]

    def _wires(self, row: int) -> set[int]:
        return self.index.system.rows[row].wires()

    def divisions(self, skip: Collection[int]) -> Iterator[Division]:
        """Rows that gave a wire outside ``skip`` with a coefficient that some input moves, in the order of the run."""
        for wire in self.position:
            row = self.reason[wire]
            if row < 0 or wire in skip or self.index.forms[row] is not None:
                continue
            a, b, c = self.index.sides[row]
            in_a, in_b = any(w == wire for w, _ in a), any(w == wire for w, _ in b)
            if in_a and in_b:
                continue
            moves_d = 0
            for other, _ in (*(b if in_a else ()), *(a if in_b else ())):
                moves_d |= self.moves[other]
            if not moves_d:
                continue
            moves_n = 0
            for other, _ in (*a, *b, *c):
                moves_n |= self.moves[other] if other != wire else 0
            if in_a or in_b:  # N = C - A'·B: without an A' it is C alone
                rest = [w for w, _ in (a if in_a else b) if w != wire]
                if not rest:
                    moves_n = 0
                    for other, _ in c:
                        moves_n |= self.moves[other] if other != wire else 0
            yield Division(wire, row, moves_d, moves_n, self.position[wire])

    def program(self, division: Division, changed: int) -> list[int]:
        """The wires to give again, in order, when the inputs of the set ``changed`` are others."""
        needed: set[int] = set()
        waiting = [wire for wire in self._wires(division.row) if wire != division.wire]
        while waiting:
            wire = waiting.pop()
            if wire in needed or not self.moves[wire] & changed or self.reason[wire] < 0:
                continue
            needed.add(wire)
            waiting += [other for other in self._wires(self.reason[wire]) if self.position[other] < self.position[wire]]
        return sorted(needed, key=self.position.__getitem__)

    def solve_row(self, row: int, wire: int, values: dict[int, int]) -> tuple[int, int]:
        """D and N of D·wire = N, with ``values`` over those of the run."""
        p, z = self.index.modulus, self.z
        sums, factors = [], []
        for side in self.index.sides[row]:
            total = factor = 0
            for other, k in side:
                if other == wire:
                    factor = k
                else:
                    total += k * (values[other] if other in values else z[other])
            sums.append(total)
            factors.append(factor)
        (a, b, c), (k, m, n) = sums, factors
        return (k * b + m * a - n) % p, (c - a * b) % p

    def black_box(self, division: Division, program: Sequence[int]) -> Callable[[Inputs], tuple[int, int] | None]:
        """(D, N) as a function of the changed inputs; None where a wire on the way has no value."""
        p = self.index.modulus

        def evaluate(changed: Inputs) -> tuple[int, int] | None:
            values = dict(changed)
            for wire in program:
                d, n = self.solve_row(self.reason[wire], wire, values)
                if not d:
                    return None
                values[wire] = n * pow(d, -1, p) % p if d != 1 else n
            return self.solve_row(division.row, division.wire, values)

        return evaluate


def common_zeros(
    forward: Forward, division: Division, stage: Stage, budget: int, rng: random.Random, deadline: float
) -> Iterator[Inputs]:
    """Changes to the inputs of the run at which D and N of ``division`` are both zero.

    ``budget`` is how many rows each attempt may evaluate.
    """
    both = division.moves_d & division.moves_n
    if _never_both(forward, division, rng):
        return
    tries: list[tuple[int, int | None]] = []
    if stage is Stage.ONE_BY_ONE:
        d_inputs, n_inputs = _bits(division.moves_d), _bits(division.moves_n)
        tries += itertools.islice(((u, v) for u in d_inputs for v in _bits(division.moves_n & ~both)), _MAX_TRIES)
        tries += itertools.islice(((u, v) for u in n_inputs for v in _bits(division.moves_d & ~both)), _MAX_TRIES)
        tries += [(u, None) for u in d_inputs[:_MAX_TRIES]]
    else:
        shared = _bits(both)
        tries += itertools.islice(((u, v) for v in shared for u in shared if u != v), _MAX_TRIES)
    for u, v in tries:
        if time.monotonic() > deadline:
            return
        solver = _Solver(forward, division, u, v, budget, rng, deadline)
        if stage is Stage.ONE_BY_ONE:
            yield from solver.one_by_one()
        else:
            yield from solver.eliminate(by_resultant=stage is Stage.RESULTANT)


def _never_both(forward: Forward, division: Division, rng: random.Random) -> bool:
    """(D, N) runs along a line that misses (0, 0), as with D = x + 1 and N = x - 1; told by random points."""
    p, bits = forward.index.modulus, _bits(division.moves_d | division.moves_n)
    box = forward.black_box(division, forward.program(division, division.moves_d | division.moves_n))
    points = [box({forward.inputs[bit]: rng.randrange(p) for bit in bits}) for _ in range(6)]
    found = [point for point in points if point is not None]
    if len(found) < 4:
        return False
    (d0, n0), (d1, n1) = found[:2]
    along = d1 - d0, n1 - n0
    on_line = all(((d - d0) * along[1] - (n - n0) * along[0]) % p == 0 for d, n in found[2:])
    return on_line and (d0 * along[1] - n0 * along[0]) % p != 0


class _Solver:
    """One attempt with inputs number u and v (or u alone)."""

    def __init__(
        self,
        forward: Forward,
        division: Division,
        u: int,
        v: int | None,
        budget: int,
        rng: random.Random,
        deadline: float,
    ) -> None:
        self.p, self.rng, self.deadline, self.budget = forward.index.modulus, rng, deadline, budget
        self.u = forward.inputs[u]
        self.v = None if v is None else forward.inputs[v]
        program = forward.program(division, 1 << u | (0 if v is None else 1 << v))
        self._cost = len(program) + 1
        self._box = forward.black_box(division, program)
        self._u_moves_d = bool(division.moves_d >> u & 1)
        self._v_now = 0 if self.v is None else forward.z[self.v]

    def _at(self, which: int, u: int, v: int | None) -> int | None:
        """D (0) or N (1); None also when budget or time are spent, which makes every interpolation give up."""
        self.budget -= self._cost
        if self.budget < 0 or time.monotonic() > self.deadline:
            return None
        changed = {self.u: u}
        if self.v is not None:
            changed[self.v] = self._v_now if v is None else v
        out = self._box(changed)
        return None if out is None else out[which]

    def _roots(self, function: BlackBox) -> list[int]:
        f = numerator(function, self.p, self.rng)
        if f is None:
            return []
        return roots(f, self.p, self.rng) if f else [self.rng.randrange(self.p)]

    def one_by_one(self) -> Iterator[Inputs]:
        """u makes the first of (D, N) zero, v, which does not move that one, the other."""
        first = 0 if self._u_moves_d else 1
        for order in (first, 1 - first):
            for u in self._roots(lambda x, order=order: self._at(order, x, None)):  # type: ignore[misc]
                if self._at(1 - order, u, None) == 0:
                    yield {self.u: u}
                elif self.v is not None:
                    for v in self._roots(lambda x, order=order, u=u: self._at(1 - order, u, x)):  # type: ignore[misc]
                        if self._at(order, u, v) == 0:
                            yield {self.u: u, self.v: v}
            if self.v is None:
                return

    def _in_u(self, which: int, v: int, max_degree: int) -> Poly | None:
        return numerator(lambda u: self._at(which, u, v), self.p, self.rng, max_degree=max_degree)

    def eliminate(self, *, by_resultant: bool) -> Iterator[Inputs]:
        """u out of D = N = 0, then v."""
        assert self.v is not None
        degrees = [self._in_u(which, self.rng.randrange(self.p), _MAX_DEGREE_INNER) for which in (0, 1)]
        for which in (0, 1):
            shape = degrees[which]
            if not by_resultant and shape is not None and len(shape) == 2:

                def u_of(v: int, which: int = which) -> int | None:
                    line = self._in_u(which, v, 2)
                    return -line[0] * pow(line[1], -1, self.p) % self.p if line and len(line) == 2 else None

                def other(v: int, which: int = which) -> int | None:
                    u = u_of(v)
                    return None if u is None else self._at(1 - which, u, v)

                for v in self._roots(other):
                    u = u_of(v)
                    if u is not None:
                        yield {self.u: u, self.v: v}
                return
        if by_resultant and all(shape is not None and len(shape) > 2 for shape in degrees):
            yield from self._by_resultant()

    def _by_resultant(self) -> Iterator[Inputs]:
        assert self.v is not None

        def in_v(v: int) -> int | None:
            d, n = (self._in_u(which, v, _MAX_DEGREE_INNER) for which in (0, 1))
            if not d or not n:
                return None
            lead = pow(d[-1], -1, self.p), pow(n[-1], -1, self.p)
            return resultant([k * lead[0] % self.p for k in d], [k * lead[1] % self.p for k in n], self.p)

        for v in self._roots(in_v):
            d = self._in_u(0, v, _MAX_DEGREE_INNER)
            for u in roots(d, self.p, self.rng) if d else []:
                if self._at(1, u, v) == 0:
                    yield {self.u: u, self.v: v}


def _bits(number: int) -> list[int]:
    """Places of the ones, ascending."""
    out = []
    while number:
        low = number & -number
        out.append(low.bit_length() - 1)
        number ^= low
    return out
