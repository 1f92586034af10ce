"""Local repair: change a few wires of a satisfying assignment and compute again what depends on them, nothing else.

A finished run of ``values`` gave each wire by a row, in some order.  When wires change, the rows on them are taken in
that order: a row that gave wires gives them again (their rows follow), any other row is checked as soon as all its
wires are final, and when it fails an input in it may move once to make it hold.  The cost is that of the wires that
move, not that of the system: a mutant of a large circuit is judged in the time that its neighbourhood takes.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence

from ..search.rows_index import RowsIndex, decodings
from ..search.values import CHOSEN, Values
from ..system import Row


class Repair:
    """``run`` has finished with the assignment ``z``; ``budget`` is how many rows may still be computed again."""

    def __init__(self, run: Values, z: Sequence[int]) -> None:
        self.index: RowsIndex = run.index
        self.z = z
        self.reason = list(run.reason)
        self.position = [0] * len(z)
        for place, wire in enumerate(run.trail, start=1):
            self.position[wire] = place
        self.budget = 1 << 62
        self.aliased = False  # whether the last change came upon an integer with several decodings
        self.given_by: dict[int, list[int]] = {}
        for wire in run.trail:
            if self.reason[wire] >= 0:
                self.given_by.setdefault(self.reason[wire], []).append(wire)
        self._take_chosen_decodings(run.trail)

    def _take_chosen_decodings(self, trail: Sequence[int]) -> None:
        """Bits that were chosen together, as one of two decodings of an integer: their row gives them all the same."""
        index = self.index
        chosen: dict[int, list[int]] = {}
        for wire in trail:
            if self.reason[wire] == CHOSEN and index.is_bit[wire]:
                for row, _ in index.touch[wire]:
                    if index.forms[row] is not None and row not in self.given_by:
                        chosen.setdefault(row, []).append(wire)
        for row, wires in chosen.items():
            first = min(self.position[wire] for wire in wires)
            others = index.system.rows[row].wires() - set(wires)
            alone = all(self.reason[wire] == CHOSEN for wire in wires)
            if alone and len(wires) > 1 and all(self.position[wire] < first for wire in others) and index.decoder(row):
                self.given_by[row] = wires
                for wire in wires:
                    self.reason[wire] = row

    def change(
        self,
        changes: Mapping[int, int],
        *,
        without: int = -1,
        instead: Row | None = None,
        solve: Mapping[int, int] | None = None,
        alias: int = 0,
        failing: list[int] | None = None,
    ) -> dict[int, int] | None:
        """What differs from ``z`` once ``changes`` are made and repaired; None when some row cannot hold.

        Args:
            without: a row that need not hold; with ``instead``, that one must hold in its place.
            solve: row -> wire: rows that give this wire and no other, against the order of the run.
            alias: which decoding to take of an integer that has several, counted from the smallest.
            failing: takes the rows that cannot hold, and the repair goes on without them.
        """
        self.aliased = False
        return _Change(self, changes, without, instead, dict(solve or {}), alias, failing).settle()


class _Change:
    def __init__(
        self,
        base: Repair,
        changes: Mapping[int, int],
        without: int,
        instead: Row | None,
        solve: dict[int, int],
        alias: int,
        failing: list[int] | None,
    ) -> None:
        self.base, self.without, self.instead, self.solve = base, without, instead, solve
        self.alias, self.failing = alias, failing
        self.z = list(base.z)
        self.new: dict[int, int] = {}
        self.held = set(changes)
        self.queue: list[tuple[int, int]] = []
        self.waiting: set[int] = set()
        for wire, value in changes.items():
            self.move(wire, value)

    def move(self, wire: int, value: int) -> None:
        if value == self.z[wire]:
            return
        self.z[wire] = self.new[wire] = value
        for row, _ in self.base.index.touch[wire]:
            self.wake(row)

    def wake(self, row: int) -> None:
        if row in self.waiting or (row == self.without and self.instead is None):
            return
        self.waiting.add(row)
        wires = self.gives(row)
        places = self.base.position
        last = max(places[wire] for wire in (wires or self.base.index.system.rows[row].wires()))
        # after a check's last wire, and at the place of the wire that a row gives
        heapq.heappush(self.queue, (2 * last + (not wires), row))

    def gives(self, row: int) -> list[int]:
        if row in self.solve:
            return [self.solve[row]]
        taken = self.solve.values()
        return [w for w in self.base.given_by.get(row, ()) if w not in self.held and w not in taken]

    def settle(self) -> dict[int, int] | None:
        while self.queue:
            _, row = heapq.heappop(self.queue)
            self.waiting.discard(row)
            self.base.budget -= 1
            if self.base.budget < 0:
                return None
            if not self.holds(row):
                if self.failing is None:
                    return None
                self.failing.append(row)
        return {wire: value for wire, value in self.new.items() if value != self.base.z[wire]}

    def holds(self, row: int) -> bool:
        """Make the row hold by the wires that it gives, or, for a check that fails, by an input; False if it cannot."""
        wires = self.gives(row)
        if len(wires) > 1:
            return self.decode(row, wires) or self.by_source(row)
        if wires:
            return self.solve_row(row, wires[0])
        return self.solve_row(row, -1) or self.by_source(row)

    def by_source(self, row: int) -> bool:
        """Make the row hold by a wire of it that nothing gave and that has not moved yet."""
        sources = [wire for wire in sorted(self.stated(row).wires(), reverse=True) if self.base.reason[wire] < 0]
        return any(self.solve_row(row, wire) for wire in sources if wire not in self.held and wire not in self.new)

    def stated(self, row: int) -> Row:
        if row == self.without and self.instead is not None:
            return self.instead
        return self.base.index.system.rows[row]

    def solve_row(self, row: int, wire: int) -> bool:
        """Give ``wire`` a value with which the row holds; whether it holds now when no value of it matters (or -1)."""
        index, stated = self.base.index, self.stated(row)
        p, z = index.modulus, self.z
        sums, factors = [], []
        for side in (stated.a, stated.b, stated.c):
            factors.append(side.get(wire, 0))
            sums.append(sum([k * z[w] for w, k in side.items() if w != wire]))
        (a, b, c), (k, m, n) = sums, factors
        square, linear, constant = k * m % p, (k * b + m * a - n) % p, (a * b - c) % p
        if not square and not linear:
            return constant == 0
        if square and (square * z[wire] ** 2 + linear * z[wire] + constant) % p == 0:
            return True
        roots = index.roots(square, linear, constant)
        if roots:
            self.move(wire, roots[0])
        return bool(roots)

    def decode(self, row: int, wires: list[int]) -> bool:
        index = self.base.index
        form, decoder = index.forms[row], index.decoder(row)
        if form is None or decoder is None or (row == self.without and self.instead is not None):
            return False
        own = set(wires)
        constant = sum(k * self.z[wire] for wire, k in form if wire not in own)
        options = decodings(decoder, wires, constant, index.modulus)
        if not options:
            return False
        self.base.aliased |= len(options) > 1
        for wire, bit in options[min(self.alias, len(options) - 1)]:
            self.move(wire, bit)
        return True
