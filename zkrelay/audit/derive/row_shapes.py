"""Reading rows: which row multiplies what, and by what."""

from __future__ import annotations

from collections.abc import Iterator

from ..system import Form, add
from .polynomials import Subs, product_row
from .state import State


def quotient(state: State, index: int) -> tuple[int, Form, Form] | None:
    """(w, D, N) of a row w·D = N with w unknown, D and N known."""
    row, p = state.rows[index], state.p
    for side, other in ((row.a, row.b), (row.b, row.a)):
        if len(side) == 1:
            wire, factor = next(iter(side.items()))
            if wire and not state.known[wire] and state.all_known(other) and state.all_known(row.c):
                return wire, {w: k * factor % p for w, k in other.items()}, dict(row.c)
    return None


def scaled(form: Form, factor: int, p: int) -> Form:
    return {w: k * factor % p for w, k in form.items()}


def ratio(form: Form, model: Form, p: int) -> int | None:
    """k with form = k·model, k ≠ 0; else None."""
    if form.keys() != model.keys() or not model:
        return None
    wire = next(iter(model))
    k = form[wire] * pow(model[wire], -1, p) % p
    return k if all(form[w] == k * c % p for w, c in model.items()) else None


def reduced(state: State, form: Form) -> Form:
    """With virtual wires in place of the long forms that they stand for."""
    if len(form) < 4:
        return form
    for virtual, row in state.definitions.items():
        definition = state.linear(row)
        assert definition is not None
        if len(definition) < 4 or len(definition) > len(form) + 2:
            continue
        anchor = next((w for w in definition if w and w != virtual and w not in state.ranges), None)
        if anchor in form:
            assert anchor is not None
            shorter = add(form, definition, -form[anchor] * pow(definition[anchor], -1, state.p), state.p)
            if len(shorter) < len(form):
                return shorter
    return form


def square_rows(state: State, wire: int) -> Iterator[tuple[int, Form]]:
    """Rows wire·wire = Q, as (row, Q)."""
    for index in state.occurrences[wire]:
        row = state.rows[index]
        if row.a.keys() == {wire} == row.b.keys():
            yield index, scaled(row.c, pow(row.a[wire] * row.b[wire], -1, state.p), state.p)


def fresh(state: State, form: Form) -> int | None:
    """The one unknown wire of a form, when its coefficient is 1."""
    unknown = [w for w in form if not state.known[w]]
    return unknown[0] if len(unknown) == 1 and form[unknown[0]] == 1 else None


def without(form: Form, wire: int) -> Form:
    return {w: k for w, k in form.items() if w != wire}


def products(state: State, first: Form, second: Form, among: int) -> Iterator[tuple[int, Form]]:
    """Rows on wire ``among`` that say k·first·second = C, as (row, C/k)."""
    p = state.p
    for index in state.occurrences[among]:
        row = state.rows[index]
        for x, y in ((row.a, row.b), (row.b, row.a)):
            k, j = ratio(x, first, p), ratio(y, second, p)
            if k and j:
                yield index, scaled(row.c, pow(k * j, -1, p), p)
                break


def raw(state: State, form: Form) -> Form:
    """Without virtual wires."""
    for wire in [w for w in form if w in state.definitions]:
        definition = state.linear(state.definitions[wire])
        assert definition is not None
        form = add(form, definition, -form[wire] * pow(definition[wire], -1, state.p), state.p)
    return form


def fresh_but(state: State, form: Form, allowed: int) -> int | None:
    """As ``fresh``, where ``allowed`` is about to become known."""
    unknown = [w for w in form if not state.known[w] and w != allowed]
    return unknown[0] if len(unknown) == 1 and form[unknown[0]] == 1 else None


def squares_in(state: State, index: int) -> Subs:
    """Product wires of a row's C, with the rows that define them."""
    found = []
    for wire in state.rows[index].c:
        row = product_row(state, wire) if wire else None
        if row is not None and row != index:
            found.append((row, wire))
    return found
