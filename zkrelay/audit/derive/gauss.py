"""Elimination among the linear rows that share unknown wires (+): a combination with one unknown wire solves it."""

from __future__ import annotations

from ..system import Form, add
from .linear_rules import drain
from .state import State

MAX_ROWS = 600


def eliminate(state: State) -> bool:
    """True when a combination of linear rows made a wire known."""
    rows = [
        index
        for index, count in enumerate(state.unknown)
        if count >= 2 and state.linear(index) and (index < len(state.system.rows) or state.rows[index].c)
    ]
    progress = False
    for component in _components(state, rows):
        if len(component) > 1 and len(component) <= MAX_ROWS:
            progress |= _reduce(state, component)
    return progress


def _components(state: State, rows: list[int]) -> list[list[int]]:
    """Rows connected through unknown wires."""
    parent = {row: row for row in rows}

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    first: dict[int, int] = {}
    for row in rows:
        for wire in state.unknown_wires(row):
            if wire in first:
                parent[root(row)] = root(first[wire])
            else:
                first[wire] = row
    groups: dict[int, list[int]] = {}
    for row in rows:
        groups.setdefault(root(row), []).append(row)
    return list(groups.values())


def _reduce(state: State, rows: list[int]) -> bool:
    """Gauss and Jordan over the unknown wires, keeping how each row came about."""
    p, known = state.p, state.known
    reduced: dict[int, tuple[Form, Form]] = {}  # pivot wire -> (unknown part, combination of rows)
    for row in rows:
        form = state.linear(row)
        assert form is not None
        left = {w: k for w, k in form.items() if not known[w]}
        combination: Form = {row: 1}
        for wire in [w for w in left if w in reduced]:
            if wire in left:
                factor = -left[wire]
                left = add(left, reduced[wire][0], factor, p)
                combination = add(combination, reduced[wire][1], factor, p)
        if not left:
            continue
        pivot = min(left)
        inverse = pow(left[pivot], -1, p)
        left = {w: k * inverse % p for w, k in left.items()}
        combination = {r: k * inverse % p for r, k in combination.items()}
        for other, (part, made) in list(reduced.items()):
            if pivot in part:
                factor = -part[pivot]
                reduced[other] = add(part, left, factor, p), add(made, combination, factor, p)
        reduced[pivot] = left, combination
    progress = False
    for wire, (left, combination) in reduced.items():
        if len(left) == 1 and not known[wire] and len(combination) > 1:
            form = {}
            for row, k in combination.items():
                term = state.linear(row)
                assert term is not None
                form = add(form, term, k, p)
            state.note("+ " + " ".join(f"{row}:{k}" for row, k in combination.items()))
            state.add_row(form)
            progress = True
    drain(state)
    return progress
