"""What the checker of derivations believes so far, and how it reads the fields of a step.

A *fact* speaks of any two assignments x, x' that satisfy all rows, agree on the inputs, and obey the conditions of the
open branches:

* ``known``: wires with x_w = x'_w;
* ``ranges[w] = (lo, hi)``: x_w ≡ n (mod p) for some integer lo <= n <= hi, and hi - lo < p;
* ``bounds``: lo <= Σ 2^i·w_i <= hi over the integers, for wires w_i of range inside (0, 1);
* ``points``: see ``replay_points``.

A branch opens with FORM = 0 for a FORM that is known, hence 0 in both assignments or in neither: so what is known in
both branches is known.  All else that a branch has taught is taken back when it closes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .reader import Form, Row, Statement

MAX_VIRTUAL_TERMS = 20_000_000  # of all rows that a log adds: a short line can copy a long row
_ONE: Form = {0: 1}


class Refused(Exception):
    """A step does not check.  Whoever runs it says where it stands."""


def need(condition: object, reason: str) -> None:
    """Refuse the step unless ``condition`` holds."""
    if not condition:
        raise Refused(reason)


def number(text: str) -> int:
    """A decimal integer in its only spelling."""
    try:
        value = int(text)
        if str(value) == text:
            return value
    except ValueError:
        pass
    raise Refused(f"{text[:40]!r} is not a decimal integer")


def take(fields: Sequence[str], count: int, *, or_more: bool = False) -> Sequence[str]:
    """``fields``, which must be ``count`` of them."""
    need(len(fields) == count or (or_more and len(fields) > count), f"{len(fields)} fields where {count} belong")
    return fields


@dataclass
class Branch:
    """An open case split; ``in_zero`` until its first branch closes.  The lists say what closing takes back."""

    form: Form
    marks: tuple[int, int, int, int]
    in_zero: bool = True
    impossible: bool = False
    learned: list[int] = field(default_factory=list)
    old_ranges: list[tuple[int, tuple[int, int] | None]] = field(default_factory=list)
    zero_known: set[int] | None = None  # what the first branch knew; None: everything, it was impossible


class State:
    """Facts, rows and open branches of one replay."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.p = statement.modulus
        self.rows: list[Row | None] = list(statement.rows)  # None: made in a branch that is closed
        self.next_wire = statement.num_wires
        self.virtual: dict[int, Form] = {}  # with their definitions
        self.virtual_terms = 0
        self.known = {0, *statement.inputs}
        self.ranges: dict[int, tuple[int, int]] = {0: (1, 1)}
        self.bounds: list[Any] = []
        self.points: list[Any] = []
        self.branches: list[Branch] = []
        self.impossible = False  # no assignment satisfies the rows at all

    # fields

    def wire(self, text: str) -> int:
        """A wire that exists and is not the constant."""
        wire = number(text)
        need(0 < wire < self.statement.num_wires or wire in self.virtual, f"there is no wire {wire}")
        return wire

    def wires(self, texts: Iterable[str]) -> list[int]:
        """Distinct wires."""
        found = [self.wire(text) for text in texts]
        need(len(set(found)) == len(found), "a wire is named twice")
        return found

    def row(self, text: str) -> Row:
        index = number(text)
        need(0 <= index < len(self.rows), f"there is no row {index}")
        row = self.rows[index]
        if row is None:
            raise Refused(f"row {index} belongs to a branch that is closed")
        return row

    def form(self, terms: Sequence[str]) -> Form:
        """``wire:coef ...``: at least one term, no wire twice."""
        form: Form = {}
        for term in terms:
            wire, _, coefficient = term.partition(":")
            key = 0 if wire == "0" else self.wire(wire)
            need(key not in form, f"wire {key} is named twice")
            form[key] = number(coefficient) % self.p
        need(form, "a form has no terms")
        return self.clean(form)

    def fact(self, facts: list[Any], text: str) -> Any:
        """A bound or a point by its number."""
        index = number(text)
        need(0 <= index < len(facts) and facts[index] is not None, f"there is no fact {index}, or its branch is closed")
        return facts[index]

    # forms

    def clean(self, form: Form) -> Form:
        return {wire: c % self.p for wire, c in form.items() if c % self.p}

    def signed(self, value: int) -> int:
        """The representative modulo p in (-p/2, p/2)."""
        value %= self.p
        return value - self.p if value > self.p >> 1 else value

    def linear(self, row: Row) -> Form:
        """L with L = 0, for a row with a constant side."""
        a, b, c = row
        if a.keys() <= {0}:
            factor, other = a.get(0, 0), b
        else:
            need(b.keys() <= {0}, "the row is not linear")
            factor, other = b.get(0, 0), a
        form = {wire: factor * k for wire, k in other.items()}
        for wire, k in c.items():
            form[wire] = form.get(wire, 0) - k
        return self.clean(form)

    def solved(self, row: Row, wire: int) -> tuple[Form, Form, Form]:
        """A, B, R with WIRE = A·B + R in every satisfying assignment: WIRE stands in C only, or the row is linear."""
        a, b, c = row
        if wire in a or wire in b or a.keys() <= {0} or b.keys() <= {0}:
            form = self.linear(row)
            a, b, c = {}, {}, {w: -k for w, k in form.items()}
        need(c.get(wire), f"the row does not say what wire {wire} is")
        inverse = pow(c[wire], -1, self.p)
        rest = self.clean({w: -k * inverse for w, k in c.items() if w != wire})
        return self.clean({w: k * inverse for w, k in a.items()}), b, rest

    def interval(self, form: Form) -> tuple[int, int]:
        """Least and greatest value of the form with signed coefficients, its wires running through their ranges."""
        low = high = 0
        for wire, coefficient in form.items():
            need(wire in self.ranges, f"wire {wire} has no range")
            ends = [self.signed(coefficient) * end for end in self.ranges[wire]]
            low, high = low + min(ends), high + max(ends)
        return low, high

    def constant(self, wire: int) -> int:
        """The one value of a wire whose range has width 0."""
        low, high = self.ranges.get(wire, (0, 1))
        need(low == high, f"wire {wire} is no constant")
        return low

    def is_boolean(self, wire: int) -> bool:
        low, high = self.ranges.get(wire, (0, 2))
        return low >= 0 and high <= 1

    # facts

    def learn(self, wire: int) -> None:
        if wire not in self.known:
            self.known.add(wire)
            if self.branches:
                self.branches[-1].learned.append(wire)

    def limit(self, wire: int, low: int, high: int) -> None:
        """A new range; one that is not inside the old one changes nothing."""
        need(high - low < self.p, "the range is as wide as the field")
        need(-self.p * self.p < low and high < self.p * self.p, "the range lies out of bounds")
        old = self.ranges.get(wire)
        if old is None or old[0] <= low <= high <= old[1]:
            if self.branches:
                self.branches[-1].old_ranges.append((wire, old))
            self.ranges[wire] = (low, high)

    def add_row(self, form: Form) -> None:
        """A virtual row 1·FORM = 0."""
        self.virtual_terms += len(form)
        need(self.virtual_terms <= MAX_VIRTUAL_TERMS, f"the log adds more than {MAX_VIRTUAL_TERMS:,} terms")
        self.rows.append((_ONE, form, {}))

    # branches

    def open_branch(self, form: Form) -> None:
        """The branch where FORM = 0, with that row."""
        branch = Branch(form, self._marks())
        self.add_row(form)
        self.branches.append(branch)

    def next_branch(self) -> None:
        need(self.branches and self.branches[-1].in_zero, "no first branch is open")
        branch = self.branches[-1]
        branch.zero_known = self._take_back(branch)
        branch.in_zero, branch.impossible = False, False
        branch.learned, branch.old_ranges, branch.marks = [], [], self._marks()

    def close_branch(self) -> None:
        need(self.branches and not self.branches[-1].in_zero, "no second branch is open")
        branch = self.branches[-1]
        known = self._take_back(branch)
        self.branches.pop()
        if known is None:
            known = branch.zero_known
        elif branch.zero_known is not None:
            known &= branch.zero_known
        if known is None:
            self.set_impossible()
            return
        for wire in known:
            if wire < self.statement.num_wires or wire in self.virtual:
                self.learn(wire)

    def set_impossible(self) -> None:
        """No pair of assignments is left: in the innermost open branch, or at all."""
        if self.branches:
            self.branches[-1].impossible = True
        else:
            self.impossible = True

    def _marks(self) -> tuple[int, int, int, int]:
        return len(self.rows), self.next_wire, len(self.bounds), len(self.points)

    def _take_back(self, branch: Branch) -> set[int] | None:
        """Forget all that the branch taught; what it knew, None for everything."""
        self.known.difference_update(branch.learned)
        for wire, old in reversed(branch.old_ranges):
            if old is None:
                del self.ranges[wire]
            else:
                self.ranges[wire] = old
        first_row, first_wire, first_bound, first_point = branch.marks
        for wire in range(first_wire, self.next_wire):
            self.virtual.pop(wire, None)
        facts: list[tuple[list[Any], int]] = [
            (self.rows, first_row),
            (self.bounds, first_bound),
            (self.points, first_point),
        ]
        for made, first in facts:
            made[first:] = [None] * (len(made) - first)
        return None if branch.impossible else set(branch.learned)
