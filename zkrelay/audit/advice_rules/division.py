"""ZKA006: a quotient whose divisor nothing keeps from zero.

A row D·w = N gives w when D is not zero.  When D and N are both zero, w is free.  Which wire of a row is the quotient
is read by running forward from the inputs: a wire that a row gives by sums and products is known, and one that is left
over beside known wires, multiplied by a form of them, is a quotient.  Tests for zero (D·u = c - m·Z, D·Z = 0) give Z.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Container, Iterator
from dataclasses import dataclass

from ..report import Advice
from ..system import Form, Row, System, add
from ..views.render import form_text
from .facts import Facts


@dataclass(frozen=True)
class _ZeroTest:
    """``results`` follow from ``tested``: but for the inverse among them, which harms nothing where it is free."""

    tested: frozenset[int]
    results: tuple[int, ...]


@dataclass(frozen=True)
class _Quotient:
    row: int
    wire: int
    divisor: Form


def division_by_zero(facts: Facts, settled: Container[int] = ()) -> Iterator[Advice]:
    """Quotients that ``settled`` does not name (wires that the audit found determined) and that are used elsewhere."""
    system = facts.system
    for quotient in _Forward(facts).quotients():
        wire = quotient.wire
        used = wire in system.outputs or len(system.occurrences[wire]) > 1
        if used and wire not in settled and not _not_zero(facts, quotient):
            divisor = form_text(system, quotient.divisor)
            yield Advice(
                "ZKA006",
                f"{system.name(wire)} is a quotient, and nothing keeps its divisor {divisor} from zero",
                (wire,),
                (quotient.row,),
            )


def _not_zero(facts: Facts, quotient: _Quotient) -> bool:
    """An invertible divisor (a product of it is a constant other than 0), or an interval without 0."""
    if any(set(c) == {0} for _, c in facts.rows_with_side(quotient.divisor)):
        return True
    interval = facts.interval(facts.merged(quotient.divisor))
    return interval is not None and -(-interval[0] // facts.p) > interval[1] // facts.p


class _Forward:
    """Which wires follow from the inputs, row by row."""

    def __init__(self, facts: Facts) -> None:
        self.facts, self.system = facts, facts.system
        self.known = bytearray(self.system.num_wires)
        self.missing = [len(row.wires()) for row in self.system.rows]
        self.waiting: deque[_Quotient] = deque()
        self.todo: list[int] = []
        self.sums: dict[int, list[int]] = defaultdict(list)  # wire -> decompositions with it in their value
        self.open_sums = []
        for number, item in enumerate(facts.decompositions):
            wires = item.value.keys() - {0}
            self.open_sums.append(len(wires))
            for wire in wires:
                self.sums[wire].append(number)
        self.tests: dict[int, list[int]] = defaultdict(list)
        self.zero_tests = _zero_tests(facts)
        self.open_tests = [len(test.tested) for test in self.zero_tests]
        for number, test in enumerate(self.zero_tests):
            for wire in test.tested:
                self.tests[wire].append(number)

    def quotients(self) -> Iterator[_Quotient]:
        """All of them, in the order in which they are met."""
        for wire in self.system.inputs:
            self._learn(wire)
        for index, count in enumerate(self.missing):
            if count == 1:
                self._read(index)
        guesses = iter([sorted(self.facts.booleans), sorted(self.facts.intervals)])
        while True:
            self._run()
            if self.waiting:
                quotient = self.waiting.popleft()
                if not self.known[quotient.wire]:
                    self._learn(quotient.wire)
                    yield quotient
                continue
            guess = next(guesses, None)  # hints: what is left may follow from them
            if guess is None:
                return
            for wire in guess:
                self._learn(wire)

    def _learn(self, wire: int) -> None:
        if wire and not self.known[wire]:
            self.known[wire] = 1
            self.todo.append(wire)

    def _run(self) -> None:
        while self.todo:
            wire = self.todo.pop()
            for index in self.system.occurrences[wire]:
                self.missing[index] -= 1
                if self.missing[index] == 1:
                    self._read(index)
            for number in self.sums[wire]:
                self.open_sums[number] -= 1
                if not self.open_sums[number]:
                    for bit in self.facts.decompositions[number].bits:
                        self._learn(bit)
            for number in self.tests[wire]:
                self.open_tests[number] -= 1
                if not self.open_tests[number]:
                    for result in self.zero_tests[number].results:
                        self._learn(result)

    def _read(self, index: int) -> None:
        """The one unknown wire of a row: given, or a quotient."""
        row = self.system.rows[index]
        wire = next((w for w in row.wires() if not self.known[w]), 0)
        if not wire or (wire in row.a and wire in row.b):
            return
        divisor = _factor_of(row, wire, self.system)
        if divisor.keys() <= {0}:
            if divisor:
                self._learn(wire)
        elif row.c.keys() != {0}:  # else D·w is a constant that is not zero, and so is D
            self.waiting.append(_Quotient(index, wire, divisor))
        else:
            self._learn(wire)


def _factor_of(row: Row, wire: int, system: System) -> Form:
    """D of A·B - C = D·wire + N."""
    p = system.modulus
    factor, other = (row.a.get(wire, 0), row.b) if wire in row.a else (row.b.get(wire, 0), row.a)
    scaled = {w: factor * k % p for w, k in other.items()} if factor else {}
    return add(scaled, {0: row.c[wire]} if wire in row.c else {}, -1, p)


def _zero_tests(facts: Facts) -> list[_ZeroTest]:
    """All (D, u, Z) with rows D·u = c - m·Z, c not 0, and D·Z = 0: Z is 0 where D is not, and c/m where D is 0."""
    found = []
    for index, row in enumerate(facts.system.rows):
        if row.c or index in facts.linear:
            continue
        for divisor, zero in ((row.a, row.b), (row.b, row.a)):
            for other, c in facts.rows_with_side(divisor):
                if _completes(facts, zero, other, c):
                    found.append(_ZeroTest(frozenset(divisor.keys() - {0}), (*other, *(zero.keys() - {0}))))
    return found


def _completes(facts: Facts, zero: Form, inverse: Form, c: Form) -> bool:
    """Whether c + m·zero is a constant other than 0 for some m: then zero is not 0 where the divisor is."""
    wires = zero.keys() - {0}
    if not c or len(inverse) != 1 or not wires or c.keys() - {0} != wires:
        return False
    top = max(wires)
    m = -c[top] * pow(zero[top], -1, facts.p) % facts.p
    return add(c, zero, m, facts.p).keys() == {0}
