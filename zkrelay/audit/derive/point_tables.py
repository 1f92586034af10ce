"""Where points come from: tables of constants, signs, inputs on the curve, complete additions."""

from __future__ import annotations

import itertools

from ...curves.embedded import Point
from ..system import Form
from .points import PointFact, Points
from .polynomials import (
    Polynomial,
    Subs,
    definition,
    expanded,
    of_form,
    of_row,
    pairs,
    plus,
    product_row,
    similar,
    solved_for,
    substituted,
    times,
    wires_of,
    with_constants,
)
from .state import State, text

MAX_TABLE_BITS = 4
MAX_SUBS = 100
MAX_COPIES = 6


def point_of(state: State, points: Points, shape: str, x: Form, y: Form) -> PointFact | None:
    """What is known of the point (x, y), or can be found out."""
    return (
        points.find(shape, x, y)
        or negated(state, points, shape, x, y)
        or (on_curve(state, points, x, y) if shape == "e" else None)
        or copied(state, points, shape, x, y)
        or table(state, points, shape, x, y)
    )


def negated(state: State, points: Points, shape: str, x: Form, y: Form) -> PointFact | None:
    """(u, (2·bit - 1)·v), or ((2·bit - 1)·x, y): a known point or its opposite."""
    p = state.p
    signed, name = (y, "x") if shape == "m" else (x, "y")
    kept = x if shape == "m" else y
    if len(signed) != 1 or len(kept) != 1 or 0 in signed or 0 in kept:
        return None
    wire, factor = next(iter(signed.items()))
    row_index = product_row(state, wire)
    if row_index is None or factor != 1:
        return None
    row = state.rows[row_index]
    for fact in points.by_wire.get((shape, name, next(iter(kept))), []):
        before = fact.y if shape == "m" else fact.x
        for side in (row.a, row.b):
            bit = next((w for w in side if w), None)
            if len(side) != 2 or 0 not in side or bit is None or not state.is_boolean(bit):
                continue
            sign: Polynomial = {(bit,): 2, (): p - 1}
            model = plus({(wire,): 1}, times(sign, of_form(before), p), -1, p)
            if similar(of_row(state, row_index), model, p):
                line = f"P ng {fact.number} {bit} ; {wire}:1 ; {row_index}"
                return points.add(line, shape, x, y, fact.base, fact.lo, fact.hi, False)
    return None


def on_curve(state: State, points: Points, x: Form, y: Form) -> PointFact | None:
    """A point of single wires that rows hold on the curve, or a sum of two such."""
    if len(x) != 1 or len(y) != 1 or points.curve is None or x.keys() | y.keys() >= {0}:
        return None
    return _stated(state, points, x, y) or _complete_sum(state, points, x, y)


def _square_of(state: State, wire: int) -> tuple[int, int] | None:
    """(row, w) of a row wire·wire = w."""
    for index in state.occurrences[wire]:
        row = state.rows[index]
        if row.a.keys() == {wire} == row.b.keys() and len(row.c) == 1 and 0 not in row.c:
            return index, next(iter(row.c))
    return None


def _stated(state: State, points: Points, x: Form, y: Form) -> PointFact | None:
    assert points.curve is not None
    p, a, d = state.p, points.curve.a, points.curve.d
    xx, yy = _square_of(state, next(iter(x))), _square_of(state, next(iter(y)))
    if xx is None or yy is None:
        return None
    x2, y2 = times(of_form(x), of_form(x), p), times(of_form(y), of_form(y), p)
    model = plus(plus(plus(y2, x2, a, p), {(): 1}, -1, p), times(x2, y2, p), -d, p)
    for index in state.occurrences[xx[1]]:
        if yy[1] in state.rows[index].wires() and similar(expanded(state, of_row(state, index), [xx, yy]), model, p):
            line = f"P on {pairs([xx, yy])} ; {text(x)} ; {text(y)} ; {index}"
            return points.add(line, "e", x, y, points.symbol(False), 1, 1, True)
    return None


def _complete_sum(state: State, points: Points, x: Form, y: Form) -> PointFact | None:
    """X·(1 + dβγ) = β + γ and Y·(1 - dβγ) = y1·y2 - a·x1·x2."""
    p = state.p
    wire = next(iter(x))
    for row_x in state.occurrences[wire]:
        row = state.rows[row_x]
        side = row.b if row.a.keys() == {wire} else row.a if row.b.keys() == {wire} else None
        if side is None or 0 not in side or len(side) != 2:
            continue
        tau = next(w for w in side if w)
        tau_row = product_row(state, tau)
        if tau_row is None or any(len(s) != 1 or 0 in s for s in (state.rows[tau_row].a, state.rows[tau_row].b)):
            continue
        beta, gamma = next(iter(state.rows[tau_row].a)), next(iter(state.rows[tau_row].b))
        beta_row, gamma_row = product_row(state, beta), product_row(state, gamma)
        if beta_row is None or gamma_row is None:
            continue
        for (x1, y2), (y1, x2) in itertools.product(_orders(state, beta_row), _orders(state, gamma_row)):
            first = points.find("e", x1, y1) or _shallow(state, points, x1, y1)
            if first is None:
                continue
            second = points.find("e", x2, y2) or point_of(state, points, "e", x2, y2)
            if second is None:
                continue
            models = _sum_models(points, p, (x1, y1), (x2, y2), of_form(x), of_form(y))
            for row_y in state.occurrences[next(iter(y))]:
                extra = {
                    (r, w)
                    for w in state.rows[row_y].wires()
                    if w not in x and w not in y and w not in (tau, beta, gamma)
                    if (r := product_row(state, w)) is not None and not (state.rows[r].wires() & {next(iter(y))})
                }
                subs: Subs = [(tau_row, tau), *sorted(extra), (beta_row, beta), (gamma_row, gamma)]
                if similar(expanded(state, of_row(state, row_x), subs), models[0], p) and similar(
                    expanded(state, of_row(state, row_y), subs), models[1], p
                ):
                    line = (
                        f"P ea {first.number} {second.number} {pairs(subs)} ; {text(x)} ; {text(y)} ; {row_x} {row_y}"
                    )
                    return points.add(line, "e", x, y, None, 0, 0, False)
    return None


def _shallow(state: State, points: Points, x: Form, y: Form) -> PointFact | None:
    return _stated(state, points, x, y) if len(x) == len(y) == 1 and not x.keys() & {0} else None


def _orders(state: State, index: int) -> list[tuple[Form, Form]]:
    row = state.rows[index]
    return [(row.a, row.b), (row.b, row.a)]


def _sum_models(
    points: Points, p: int, one: tuple[Form, Form], two: tuple[Form, Form], x: Polynomial, y: Polynomial
) -> tuple[Polynomial, Polynomial]:
    assert points.curve is not None
    (x1, y1), (x2, y2) = (tuple(map(of_form, point)) for point in (one, two))
    beta, gamma = times(x1, y2, p), times(y1, x2, p)
    k = {m: points.curve.d * c % p for m, c in times(beta, gamma, p).items()}
    rest = plus(times(y1, y2, p), times(x1, x2, p), -points.curve.a, p)
    return (
        plus(times(x, plus({(): 1}, k, 1, p), p), plus(beta, gamma, 1, p), -1, p),
        plus(times(y, plus({(): 1}, k, -1, p), p), rest, -1, p),
    )


def table(state: State, points: Points, shape: str, x: Form, y: Form) -> PointFact | None:
    """Polynomials in a few booleans, down to constants: a table of multiples of one base."""
    subs: Subs = []
    px, py = with_constants(state, of_form(x)), with_constants(state, of_form(y))
    while len(subs) < MAX_SUBS:
        found = _next_substitution(state, wires_of(px, py))
        if found is None:
            break
        subs.append(found)
        value = with_constants(state, solved_for(state, *found))
        px, py = substituted(px, found[1], value, state.p), substituted(py, found[1], value, state.p)
    bits = sorted(wires_of(px, py))
    if len(bits) > MAX_TABLE_BITS or not all(map(state.is_boolean, bits)):
        return None
    patterns: list[Point] = []
    for pattern in range(1 << len(bits)):
        values = {bit: pattern >> i & 1 for i, bit in enumerate(bits)}
        point = _as_edwards(points, shape, _value(px, values, state.p), _value(py, values, state.p))
        if point is None:
            return None
        patterns.append(point)
    multiples = points.multiples(patterns)
    if multiples is None:
        return None
    base, ms = multiples
    symbol = points.table_symbols.get(base)
    if symbol is None:
        symbol = points.table_symbols[base] = points.symbol(True)
    line = (
        f"P lk {shape} {base[0]} {base[1]} ; {text(x)} ; {text(y)} ; {' '.join(map(str, bits)) or '-'} ; {pairs(subs)}"
        f" ; {' '.join(map(str, ms))}"
    )
    return points.add(line, shape, x, y, symbol, min(map(abs, ms)), max(map(abs, ms)), min(ms) > 0)


def _next_substitution(state: State, wires: set[int]) -> tuple[int, int] | None:
    """The wire that was solved last; when none was solved, what a virtual bit's definition says of its other wire."""
    defined = [w for w in wires if definition(state, w) is not None]
    if defined:
        latest = max(defined, key=lambda w: state.solved_at[w])
        row = definition(state, latest)
        assert row is not None
        return row, latest
    for wire in wires:
        if not state.is_boolean(wire):
            for virtual, row in state.definitions.items():
                form = state.linear(row)
                if form is not None and wire in form and wire != virtual:
                    return row, wire
    return None


def copied(state: State, points: Points, shape: str, x: Form, y: Form) -> PointFact | None:
    """A point that other wires hold, which linear rows copy."""
    subs: Subs = []
    left, right = of_form(x), of_form(y)
    for _ in range(MAX_COPIES):
        found = [
            (row, w)
            for w in sorted(wires_of(left, right))
            if (row := definition(state, w)) is not None and state.linear(row) is not None
        ]
        if not found:
            return None
        for row, wire in found:
            subs.append((row, wire))
            value = solved_for(state, row, wire)
            left, right = substituted(left, wire, value, state.p), substituted(right, wire, value, state.p)
        fact = points.find(shape, _form(left), _form(right))
        if fact is not None:
            line = f"P cp {fact.number} {pairs(subs)} ; {text(x)} ; {text(y)}"
            return points.add(line, shape, x, y, fact.base, fact.lo, fact.hi, fact.positive)
    return None


def _form(polynomial: Polynomial) -> Form:
    """A polynomial of degree 1 as a form."""
    return {m[0] if m else 0: k for m, k in polynomial.items()}


def _value(polynomial: Polynomial, values: dict[int, int], p: int) -> int:
    return sum(k for m, k in polynomial.items() if all(values[w] for w in m)) % p


def _as_edwards(points: Points, shape: str, x: int, y: int) -> Point | None:
    """The point of E with these coordinates in ``shape``; None off the curve."""
    assert points.curve is not None
    p = points.curve.field.modulus
    if shape == "m":
        if not y or (x + 1) % p == 0:
            return None
        x, y = points.curve.montgomery_scale * x * pow(y, -1, p) % p, (x - 1) * pow(x + 1, -1, p) % p
    return (x, y) if points.curve.is_on_curve((x, y)) else None
