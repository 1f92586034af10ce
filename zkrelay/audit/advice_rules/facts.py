"""What the lint reads off the rows before any rule: booleans, decompositions, equal wires, intervals.

Cheaper and blunter than the engine's lemmas, and never the ground of a verdict.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ..system import Form, Row, System, linear_form, signed

VIRTUAL = -1  # stands for a boolean that is a form, not a wire
Interval = tuple[int, int]
_PASSES = 6
_SHORT = 4  # terms of a row that narrows intervals


@dataclass(frozen=True)
class Decomposition:
    """``value`` = Σ 2^i·bit_i for ``count`` booleans; ``bits`` are those that are wires; stated by row ``row``."""

    value: Form
    bits: tuple[int, ...]
    count: int
    row: int


class Facts:
    """All facts of a system; each is computed when first asked for, in time linear in the terms of the rows."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.p = system.modulus
        self._parent: dict[int, int] = {}

    @cached_property
    def linear(self) -> dict[int, Form]:
        """Row -> L of every linear row L = 0."""
        forms = ((index, linear_form(row, self.p)) for index, row in enumerate(self.system.rows))
        return {index: form for index, form in forms if form is not None}

    @cached_property
    def boolean_rows(self) -> dict[int, Form]:
        """Row -> F of every row that says F·(F - 1) = 0, whatever its factors."""
        found = {}
        for index, row in enumerate(self.system.rows):
            if index not in self.linear and (form := _boolean_form(row, self.p)) is not None:
                found[index] = form
        return found

    @cached_property
    def booleans(self) -> frozenset[int]:
        """Wires that a row of their own keeps in {0, 1}."""
        wires = set()
        for form in self.boolean_rows.values():
            (wire, factor), *more = form.items()
            if wire and not more and factor == 1:
                wires.add(wire)
            elif more and form.keys() - {0} == {max(form)} and form.get(0) == 1 and form[max(form)] == self.p - 1:
                wires.add(max(form))  # 1 - w
        return frozenset(wires)

    @cached_property
    def decompositions(self) -> list[Decomposition]:
        found = []
        for index, form in self.linear.items():
            found += self._decompositions_of(index, form)
        for index, form in self.boolean_rows.items():
            if len(form) > 2:
                found += self._decompositions_of(index, {**form, VIRTUAL: self.p - 1})
        return found

    @cached_property
    def decompositions_by_row(self) -> dict[int, list[Decomposition]]:
        found: dict[int, list[Decomposition]] = defaultdict(list)
        for item in self.decompositions:
            found[item.row].append(item)
        return dict(found)

    def _decompositions_of(self, index: int, form: Form) -> list[Decomposition]:
        """The longest run c, 2c, 4c, ... among the coefficients of the booleans of form = 0."""
        by_factor: dict[int, int] = {}
        for wire, k in form.items():
            if wire == VIRTUAL or wire in self.booleans:
                by_factor.setdefault(k, wire)
        if len(by_factor) < 2:
            return []
        half, best = (self.p + 1) // 2, (0, 0)
        for k in by_factor:
            if k * half % self.p in by_factor:
                continue
            length, at = 0, k
            while at in by_factor and length < len(by_factor):
                length, at = length + 1, 2 * at % self.p
            best = max(best, (length, k), key=lambda found: found[0])
        count, lowest = best
        if count < 2 or (VIRTUAL in form and form[VIRTUAL] not in _run(lowest, count, self.p)):
            return []
        chain = [by_factor[k] for k in _run(lowest, count, self.p)]
        scale = -pow(lowest, -1, self.p) % self.p
        rest = {wire: scale * k % self.p for wire, k in form.items() if wire not in chain}
        return [Decomposition(rest, tuple(w for w in chain if w != VIRTUAL), count, index)]

    def same(self, wire: int) -> int:
        """One name for all wires that rows w = v make equal."""
        if not self._parent:
            self._parent = {0: 0}
            for form in self.linear.values():
                if len(form) == 2 and 0 not in form and sum(form.values()) == self.p:
                    first, second = map(self._find, form)
                    self._parent[max(first, second)] = min(first, second)
        return self._find(wire)

    def _find(self, wire: int) -> int:
        root = wire
        while (parent := self._parent.get(root, root)) != root:
            root = parent
        while (parent := self._parent.get(wire, wire)) != root:
            self._parent[wire], wire = root, parent
        return root

    def merged(self, form: Form) -> Form:
        """The form over one name for each set of equal wires."""
        total: Form = {}
        for wire, k in form.items():
            name = self.same(wire)
            total[name] = total.get(name, 0) + k
        return {wire: k % self.p for wire, k in total.items() if k % self.p}

    @cached_property
    def intervals(self) -> dict[int, Interval]:
        """For the names of ``same``: bounds of an integer that the wire is equal to, in every satisfying assignment."""
        known: dict[int, Interval] = {0: (1, 1)}
        for wire in self.booleans:
            known[self.same(wire)] = (0, 1)
        for item in self.decompositions:
            value = self.merged(item.value)
            wires = value.keys() - {0}
            if len(wires) == 1 and 1 << item.count < self.p:
                (wire,) = wires
                factor, shift = signed(value[wire], self.p), signed(value.get(0, 0), self.p)
                if factor in (1, -1):
                    ends = sorted((factor * -shift, factor * ((1 << item.count) - 1 - shift)))
                    known[wire] = _inside(known.get(wire), (ends[0], ends[1]))
        rows = list(self._bounding_rows())
        for _ in range(_PASSES):
            changed = [self._bound(target, row, known) for target, row in rows]
            if not any(changed):
                break
        return known

    def _bounding_rows(self) -> Iterator[tuple[Form, Row | None]]:
        """(L, None) of a linear row, (C, row) of a product that gives one wire; merged."""
        for index, row in enumerate(self.system.rows):
            if index in self.linear:
                yield self.merged(self.linear[index]), None
            elif len(target := self.merged(row.c)) == 1:
                yield target, row

    def _bound(self, target: Form, row: Row | None, known: dict[int, Interval]) -> bool:
        """The only wire without an interval gets the one that the row implies, where its coefficient is ±1; in short
        rows all wires get narrower ones.
        """
        open_wires = [wire for wire in target if wire not in known]
        if len(open_wires) > 1:
            return False
        changed = False
        for wire in open_wires or (target.keys() - {0} if len(target) <= _SHORT else ()):
            sign = signed(target[wire], self.p)
            rest = {other: k for other, k in target.items() if other != wire}
            found = self._product(row, known) if row is not None else self.interval(rest, known)
            if sign not in (1, -1) or found is None or found[1] - found[0] >= self.p:
                continue
            flip = sign < 0 if row is not None else sign > 0
            narrower = _inside(known.get(wire), (-found[1], -found[0]) if flip else found)
            changed |= known.get(wire) != narrower
            known[wire] = narrower
        return changed

    def _product(self, row: Row, known: dict[int, Interval]) -> Interval | None:
        a, b = self.interval(self.merged(row.a), known), self.interval(self.merged(row.b), known)
        if a is None or b is None:
            return None
        corners = [x * y for x in a for y in b]
        return min(corners), max(corners)

    def interval(self, form: Form, known: dict[int, Interval] | None = None) -> Interval | None:
        """Bounds of a merged form with signed coefficients; None when a wire has none."""
        known = self.intervals if known is None else known
        low = high = 0
        for wire, k in form.items():
            if wire not in known:
                return None
            ends = sorted(signed(k, self.p) * end for end in known[wire])
            low, high = low + ends[0], high + ends[1]
        return low, high

    @cached_property
    def sides(self) -> dict[frozenset[tuple[int, int]], list[tuple[int, bool]]]:
        """Monic form -> (row, whether it is A) of the products that have it, up to a factor, as a side."""
        found: dict[frozenset[tuple[int, int]], list[tuple[int, bool]]] = defaultdict(list)
        for index, row in enumerate(self.system.rows):
            if index not in self.linear:
                found[monic(row.a, self.p)].append((index, True))
                found[monic(row.b, self.p)].append((index, False))
        return dict(found)

    def rows_with_side(self, form: Form) -> Iterator[tuple[Form, Form]]:
        """(other side, C) of the products in which ``form`` is a side, up to a factor."""
        for index, is_a in self.sides.get(monic(form, self.p), ()):
            row = self.system.rows[index]
            yield (row.b if is_a else row.a), row.c


def monic(form: Form, modulus: int) -> frozenset[tuple[int, int]]:
    """The form divided by the coefficient of its highest wire: equal for proportional forms."""
    if not form:
        return frozenset()
    inverse = pow(form[max(form)], -1, modulus)
    return frozenset((wire, k * inverse % modulus) for wire, k in form.items())


def _boolean_form(row: Row, p: int) -> Form | None:
    """F with A·B - C = k·F·(F - 1): from A = αF, B = β(F - 1), C = 0, or from A·B = C with all three proportional."""
    wires = row.a.keys() - {0}
    if not wires or row.b.keys() - {0} != wires:
        return None
    top = max(wires)
    ratio = row.b[top] * pow(row.a[top], -1, p) % p
    if any((ratio * row.a[wire] - row.b[wire]) % p for wire in wires):
        return None
    first = row.a.get(0, 0)
    if not row.c:
        gap = (first - row.b.get(0, 0) * pow(ratio, -1, p)) % p  # A takes the values 0 and gap
    elif not first and 0 not in row.b and row.c.keys() == wires:
        factor = row.c[top] * pow(row.a[top], -1, p) % p
        if any((factor * row.a[wire] - row.c[wire]) % p for wire in wires):
            return None
        gap = factor * pow(ratio, -1, p) % p
    else:
        return None
    if not gap:
        return None
    scale = pow(gap, -1, p)
    return {wire: scale * k % p for wire, k in row.a.items()}


def _run(lowest: int, count: int, p: int) -> list[int]:
    return [(lowest << i) % p for i in range(count)]


def _inside(old: Interval | None, new: Interval) -> Interval:
    return new if old is None or (new[0] >= old[0] and new[1] <= old[1]) else old
