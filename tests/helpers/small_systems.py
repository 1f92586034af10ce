"""Systems of a few rows for the auditor's tests, by hand and at random."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from hypothesis import strategies as st

from zkrelay.algebra.encoding import pack_field
from zkrelay.audit.system import Form, Row, System, system_of
from zkrelay.curves import PrimeField
from zkrelay.kernel import Matrix
from zkrelay.r1cs.constraint_system import R1CS

TINY_FIELDS = tuple(PrimeField(f"prime_{p}", p) for p in (7, 13, 31))


def small_system(
    field: PrimeField, num_outputs: int, num_inputs: int, num_internal: int, rows: Iterable[tuple[Form, Form, Form]]
) -> System:
    """Wires: the constant, outputs, (private) inputs, internal ones; coefficients of ``rows`` are any integers."""
    p = field.modulus
    reduced = [Row(*({w: k % p for w, k in sorted(form.items()) if k % p} for form in (a, b, c))) for a, b, c in rows]
    values = sorted({k for row in reduced for form in (row.a, row.b, row.c) for k in form.values()}) or [0]
    r1cs = R1CS(
        field=field,
        num_variables=1 + num_outputs + num_inputs + num_internal,
        num_public=num_outputs,
        num_private_inputs=num_inputs,
        a=_matrix([row.a for row in reduced], values),
        b=_matrix([row.b for row in reduced], values),
        c=_matrix([row.c for row in reduced], values),
        coefficients=pack_field(field, values),
        num_outputs=num_outputs,
    )
    return system_of(r1cs)


def _matrix(forms: Sequence[Form], values: Sequence[int]) -> Matrix:
    number = {value: index for index, value in enumerate(values)}
    return Matrix(
        np.cumsum([0, *(len(form) for form in forms)]).astype(np.uint64),
        np.array([wire for form in forms for wire in form], dtype=np.uint32),
        np.array([number[k] for form in forms for k in form.values()], dtype=np.uint32),
    )


def satisfies(system: System, assignment: Sequence[int]) -> bool:
    return next(system.violated(assignment), None) is None


@st.composite
def small_systems(draw: st.DrawFn, fields: Sequence[PrimeField] = TINY_FIELDS, max_pieces: int = 5) -> System:
    """A few pieces as circuits have them, each on wires that are there or new ones, and now and then a row too few.

    Copies, sums, products, booleans, digits of a number, zero tests, quotients (whose divisor may vanish), choices,
    rows of any shape; the outputs are some of the wires that are no inputs.
    """
    field = draw(st.sampled_from(fields))
    p = field.modulus
    num_inputs = draw(st.integers(1, 2))
    most = {7: 7, 13: 6, 31: 5}.get(p, 4)  # wires: what plain enumeration bears
    rows: list[tuple[Form, Form, Form]] = []
    wires = list(range(1, num_inputs + 1))
    coefficient = st.one_of(st.sampled_from([1, p - 1, 2, 4]), st.integers(1, p - 1))

    def some() -> int:
        return draw(st.sampled_from(wires))

    def new() -> int:
        if len(wires) >= most or draw(st.integers(0, 9)) == 0:
            return some()
        wires.append(len(wires) + 1)
        return wires[-1]

    def form(most_terms: int = 3) -> Form:
        chosen = draw(st.lists(st.sampled_from([0, *wires]), min_size=1, max_size=most_terms, unique=True))
        return {wire: draw(coefficient) for wire in chosen}

    def boolean(wire: int) -> None:
        rows.append(({wire: 1}, {0: 1, wire: p - 1}, {}))

    def piece(kind: str) -> None:
        if kind == "copy":
            rows.append(({}, {}, _add({some(): 1}, {new(): p - 1}, p)))
        elif kind == "sum":
            rows.append(({}, {}, _add(form(), {new(): draw(coefficient)}, p)))
        elif kind == "product":
            rows.append((form(2), form(2), {new(): 1}))
        elif kind == "boolean":
            boolean(new())
        elif kind == "digits":
            number, low, high = some(), new(), new()
            boolean(low)
            boolean(high)
            rows.append(({0: 1}, _add({low: 1}, {high: draw(st.sampled_from([2, p - 2, 4]))}, p), {number: 1}))
        elif kind == "zero":
            x, inverse, flag = some(), new(), new()
            rows.append(({x: 1}, {inverse: 1}, {0: 1, flag: p - 1} if flag else {}))
            rows.append(({x: 1}, {flag: 1}, {}))
        elif kind == "quotient":
            rows.append((form(2), {new(): 1}, form(2)))
        elif kind == "choice":
            rows.append(({some(): 1}, _add({some(): 1}, {some(): p - 1}, p), _add({new(): 1}, {some(): p - 1}, p)))
        else:
            rows.append((form(), form(), form()))

    kinds = ("copy", "sum", "product", "boolean", "digits", "zero", "quotient", "choice", "any")
    for kind in draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=max_pieces)):
        piece(kind)
    if len(rows) > 1 and draw(st.integers(0, 3)) == 0:
        del rows[draw(st.integers(0, len(rows) - 1))]
    others = wires[num_inputs:]
    if not others:
        others = [len(wires) + 1]
        wires += others
    outputs = draw(st.lists(st.sampled_from(others), min_size=1, max_size=2, unique=True))
    order = [*outputs, *wires[:num_inputs], *(wire for wire in others if wire not in outputs)]
    renamed = {0: 0, **{wire: index for index, wire in enumerate(order, 1)}}
    named = [tuple({renamed[w]: k for w, k in side.items()} for side in row) for row in rows]
    return small_system(field, len(outputs), num_inputs, len(others) - len(outputs), named)  # type: ignore[arg-type]


def _add(left: Form, right: Form, p: int) -> Form:
    total = dict(left)
    for wire, k in right.items():
        total[wire] = (total.get(wire, 0) + k) % p
    return total
