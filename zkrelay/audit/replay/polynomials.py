"""Polynomials in wires, and the rule ``q`` for divisions.

A row that says wire = A·B + R lets every polynomial that holds of an assignment be rewritten: a *substitution*.  The
rewritten polynomial has the same value in every satisfying assignment, which is all that the rules need.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias, Union

from .reader import Form, Row
from .state import State, need, number, take

Monomial: TypeAlias = tuple[int, ...]  # wires in ascending order, repeated; () is the constant
Operand: TypeAlias = Union["Polynomial", int]

MAX_PRODUCTS = 1_000_000
MAX_DEGREE = 16


class Polynomial:
    """Σ terms[m]·Π_{w in m} w modulo p, without zero coefficients."""

    __slots__ = ("p", "terms")

    def __init__(self, terms: Mapping[Monomial, int], p: int) -> None:
        self.p = p
        self.terms = {m: c % p for m, c in terms.items() if c % p}

    def __add__(self, other: Operand) -> Polynomial:
        total = dict(self.terms)
        for m, c in self._terms(other).items():
            total[m] = total.get(m, 0) + c
        return Polynomial(total, self.p)

    def __mul__(self, other: Operand) -> Polynomial:
        right = self._terms(other)
        need(len(self.terms) * len(right) <= MAX_PRODUCTS, "a product of polynomials has too many terms")
        total: dict[Monomial, int] = {}
        for m, c in self.terms.items():
            for n, d in right.items():
                need(len(m) + len(n) <= MAX_DEGREE, f"a polynomial of degree above {MAX_DEGREE}")
                key = tuple(sorted(m + n))
                total[key] = (total.get(key, 0) + c * d) % self.p
        return Polynomial(total, self.p)

    def __sub__(self, other: Operand) -> Polynomial:
        return self + Polynomial({m: -c for m, c in self._terms(other).items()}, self.p)

    def __rsub__(self, other: int) -> Polynomial:
        return self * -1 + other

    __radd__ = __add__
    __rmul__ = __mul__

    def _terms(self, other: Operand) -> Mapping[Monomial, int]:
        return {(): other} if isinstance(other, int) else other.terms

    def substitute(self, wire: int, value: Polynomial) -> Polynomial:
        """With ``value`` in the place of ``wire``."""
        total = Polynomial({m: c for m, c in self.terms.items() if wire not in m}, self.p)
        for m, c in self.terms.items():
            if wire in m:
                term = Polynomial({tuple(w for w in m if w != wire): c}, self.p)
                for _ in range(m.count(wire)):
                    term = term * value
                total = total + term
        return total

    def is_multiple_of(self, other: Polynomial) -> bool:
        """Whether self = k·other for a constant k that is not zero."""
        if not self.terms or self.terms.keys() != other.terms.keys():
            return not self.terms and not other.terms
        first = next(iter(self.terms))
        k = self.terms[first] * pow(other.terms[first], -1, self.p)
        return all((c - k * other.terms[m]) % self.p == 0 for m, c in self.terms.items())


Substitutions: TypeAlias = list[tuple[int, Polynomial]]


def of_form(state: State, form: Form) -> Polynomial:
    return Polynomial({(wire,) if wire else (): c for wire, c in form.items()}, state.p)


def of_row(state: State, row: Row) -> Polynomial:
    """A·B - C."""
    a, b, c = (of_form(state, side) for side in row)
    return a * b - c


def read_substitutions(state: State, text: str) -> Substitutions:
    """``row,wire row,wire ...``, or ``-`` for none."""
    found: Substitutions = []
    for item in [] if text == "-" else text.split(" "):
        row, wire = take(item.split(","), 2)
        a, b, rest = (of_form(state, side) for side in state.solved(state.row(row), state.wire(wire)))
        found.append((state.wire(wire), a * b + rest))
    return found


def apply(substitutions: Substitutions, polynomial: Polynomial) -> Polynomial:
    """One after the other, in their order."""
    for wire, value in substitutions:
        polynomial = polynomial.substitute(wire, value)
    return polynomial


def settled(state: State, polynomial: Polynomial, *, virtual: bool = True) -> Polynomial:
    """Virtual wires replaced by their definitions, then wires whose range has width 0 by their value.

    Both hold in every satisfying assignment, so polynomials that agree after it agree there.
    """
    defined = {w for m in polynomial.terms for w in m if w in state.virtual} if virtual else set()
    while defined:
        wire = max(defined)  # a definition names older wires only
        polynomial = polynomial.substitute(wire, of_form(state, state.virtual[wire]))
        defined = {w for m in polynomial.terms for w in m if w in state.virtual}
    for wire in sorted({w for m in polynomial.terms for w in m}):
        low, high = state.ranges.get(wire, (0, 1))
        if low == high:
            polynomial = polynomial.substitute(wire, Polynomial({(): low % state.p} if low % state.p else {}, state.p))
    return polynomial


def read_polynomial(state: State, text: str) -> Polynomial:
    """``w.w.w:coef ...``; wire 0 is the constant."""
    total = Polynomial({}, state.p)
    for term in text.split(" "):
        wires, _, coefficient = term.partition(":")
        need(wires.count(".") < MAX_DEGREE, f"a polynomial of degree above {MAX_DEGREE}")
        monomial = tuple(sorted(state.wire(w) for w in wires.split(".") if w != "0"))
        total = total + Polynomial({monomial: number(coefficient)}, state.p)
    return total


def step_q(state: State, text: str) -> None:
    """``ROW WIRE ; SUBS ; M ; S ; c0 c1``: the row is D·WIRE + N = 0, and D + M·N = c0 + c1·S².

    Lemma: D and N are polynomials in known wires, so WIRE = -N/D is known where D != 0.  If D = 0 then N = 0, hence
    S² = -c0/c1 (or c0 = 0): impossible when that is not a square (or c1 = 0 and c0 != 0).
    """
    head, subs, m_text, s_text, constants = take(text.split(" ; "), 5)
    row_text, wire_text = take(head.split(" "), 2)
    row, wire = state.row(row_text), state.wire(wire_text)
    others = {w for side in row for w in side if w not in state.known}
    need(others == {wire}, "the wire is not the only unknown one of its row")
    need(wire not in row[0] or wire not in row[1], "the row is not linear in the wire")
    terms = of_row(state, row).terms
    d = Polynomial({tuple(w for w in m if w != wire): c for m, c in terms.items() if wire in m}, state.p)
    n = Polynomial({m: c for m, c in terms.items() if wire not in m}, state.p)
    substitutions = read_substitutions(state, subs)
    m, s = read_polynomial(state, m_text), read_polynomial(state, s_text)
    c0, c1 = (number(constant) % state.p for constant in take(constants.split(" "), 2))
    d, n = apply(substitutions, d), apply(substitutions, n)
    need(not settled(state, d + m * n - (s * s * c1 + c0)).terms, "the certificate is not an identity")
    need(c0, "the certificate may vanish")
    if c1:
        ratio = -c0 * pow(c1, -1, state.p) % state.p
        need(pow(ratio, state.p >> 1, state.p) == state.p - 1, "the certificate may vanish: -c0/c1 is a square")
    state.learn(wire)
