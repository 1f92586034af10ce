"""Polynomials over wires: enough to find certificates.  A monomial is a sorted tuple of wires, () the constant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from ..system import Form, add
from .state import State

Monomial: TypeAlias = tuple[int, ...]
Polynomial: TypeAlias = dict[Monomial, int]
Subs: TypeAlias = list[tuple[int, int]]  # (row, wire): what the row says of the wire, in its place

MAX_TERMS = 4096


def of_form(form: Form) -> Polynomial:
    return {(wire,) if wire else (): k for wire, k in form.items()}


def plus(left: Polynomial, right: Polynomial, factor: int, p: int) -> Polynomial:
    """left + factor·right: merged as forms are."""
    return add(left, right, factor, p)


def times(left: Polynomial, right: Polynomial, p: int) -> Polynomial:
    total: Polynomial = {}
    for m, k in left.items():
        for n, j in right.items():
            monomial = tuple(sorted(m + n))
            total[monomial] = (total.get(monomial, 0) + k * j) % p
    return {monomial: k for monomial, k in total.items() if k}


def of_row(state: State, index: int) -> Polynomial:
    """A·B - C."""
    row = state.rows[index]
    return plus(times(of_form(row.a), of_form(row.b), state.p), of_form(row.c), -1, state.p)


def substituted(polynomial: Polynomial, wire: int, value: Polynomial, p: int) -> Polynomial:
    """``value`` in place of ``wire``."""
    kept = {m: k for m, k in polynomial.items() if wire not in m}
    for monomial, k in polynomial.items():
        count = monomial.count(wire)
        if not count:
            continue
        term: Polynomial = {tuple(w for w in monomial if w != wire): k}
        for _ in range(count):
            term = times(term, value, p)
        kept = plus(kept, term, 1, p)
    return kept


def product_row(state: State, wire: int) -> int | None:
    """The row A·B = k·wire + rest, not linear, that step s solved for ``wire``."""
    index = state.solved_by.get(wire)
    if index is None or state.linear(index) is not None:
        return None
    row = state.rows[index]
    return None if wire in row.a or wire in row.b else index


def definition(state: State, wire: int) -> int | None:
    """The row that step s solved for ``wire``, where it may stand for the wire."""
    row = state.solved_by.get(wire)
    if row is None or state.constant(wire) is not None:
        return None
    return row if state.linear(row) is not None or product_row(state, wire) is not None else None


def solved_for(state: State, index: int, wire: int) -> Polynomial:
    """(A·B - rest of C)/c: what row ``index`` says that ``wire``, in C only, is."""
    row, p = state.rows[index], state.p
    form = state.linear(index)
    if form is not None:
        inverse = -pow(form[wire], -1, p)
        return {(w,) if w else (): k * inverse % p for w, k in form.items() if w != wire}
    inverse = pow(row.c[wire], -1, p)
    rest = {w: k for w, k in row.c.items() if w != wire}
    value = plus(times(of_form(row.a), of_form(row.b), p), of_form(rest), -1, p)
    return {m: k * inverse % p for m, k in value.items()}


def expanded(state: State, polynomial: Polynomial, subs: Sequence[tuple[int, int]]) -> Polynomial:
    """The (row, wire) of ``subs`` put in one after the other."""
    for index, wire in subs:
        polynomial = substituted(polynomial, wire, solved_for(state, index, wire), state.p)
    return with_constants(state, polynomial)


def with_constants(state: State, polynomial: Polynomial) -> Polynomial:
    """Wires of one value replaced by it."""
    for wire in {w for monomial in polynomial for w in monomial}:
        value = state.constant(wire)
        if value is not None:
            polynomial = substituted(polynomial, wire, {(): value} if value else {}, state.p)
    return polynomial


def wires_of(*polynomials: Polynomial) -> set[int]:
    return {w for polynomial in polynomials for m in polynomial for w in m}


def monomials(polynomial: Polynomial) -> str:
    """As the log writes it."""
    return " ".join(f"{'.'.join(map(str, m)) or '0'}:{k}" for m, k in polynomial.items()) or "0:0"


def pairs(subs: Sequence[tuple[int, int]]) -> str:
    return " ".join(f"{index},{wire}" for index, wire in subs) or "-"


def is_square(value: int, p: int) -> bool:
    """Euler's criterion; 0 is a square."""
    return pow(value % p, (p - 1) // 2, p) <= 1


def similar(polynomial: Polynomial, model: Polynomial, p: int) -> bool:
    """polynomial = k·model for some k ≠ 0."""
    if polynomial.keys() != model.keys() or not model:
        return False
    first = next(iter(model))
    k = polynomial[first] * pow(model[first], -1, p) % p
    return all(polynomial[m] == k * c % p for m, c in model.items())
