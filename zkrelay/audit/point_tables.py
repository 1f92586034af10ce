"""Where points come from: tables of constants, signs, inputs on the curve, complete additions."""

from __future__ import annotations

import itertools

from ..curves.embedded import Point
from .points import PointFact, Points
from .polynomials import (
    Polynomial,
    Subs,
    expanded,
    of_form,
    of_row,
    pairs,
    plus,
    product_row,
    similar,
    times,
)
from .state import State, text
from .system import Form

MAX_TABLE_BITS = 4


def point_of(state: State, points: Points, shape: str, x: Form, y: Form) -> PointFact | None:
    """What is known of the point (x, y), or can be found out."""
    return (
        points.find(shape, x, y)
        or negated(state, points, shape, x, y)
        or (on_curve(state, points, x, y) if shape == "e" else None)
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
    """Forms over a few booleans and their products: a table of constants, multiples of one base."""
    assert points.curve is not None
    p = state.p
    bits: list[int] = []
    subs: Subs = []
    for wire in sorted((x.keys() | y.keys()) - {0}, reverse=True):
        if state.is_boolean(wire) and product_row(state, wire) is None:
            bits.append(wire)
            continue
        row = product_row(state, wire)
        if row is None:
            return None
        subs.append((row, wire))
    bits.sort()
    subs += _anchors(state, bits, subs)
    if not 1 <= len(bits) <= MAX_TABLE_BITS:
        return None
    px, py = (expanded(state, of_form(form), subs) for form in (x, y))
    if any(w not in bits for polynomial in (px, py) for m in polynomial for w in m):
        return None
    found: list[Point] = []
    for pattern in range(1 << len(bits)):
        values = {bit: pattern >> i & 1 for i, bit in enumerate(bits)}
        point = _as_edwards(points, shape, _value(px, values, p), _value(py, values, p))
        if point is None:
            return None
        found.append(point)
    multiples = points.multiples(found)
    if multiples is None:
        return None
    base, ms = multiples
    symbol = points.table_symbols.get(base)
    if symbol is None:
        symbol = points.table_symbols[base] = points.symbol(True)
    line = (
        f"P lk {shape} {base[0]} {base[1]} ; {text(x)} ; {text(y)} ; {' '.join(map(str, bits))} ; {pairs(subs)} ; "
        f"{' '.join(map(str, ms))}"
    )
    return points.add(line, shape, x, y, symbol, min(map(abs, ms)), max(map(abs, ms)), min(ms) > 0)


def _anchors(state: State, bits: list[int], subs: Subs) -> Subs:
    """For each virtual bit: its definition, solved for the wire that is no digit."""
    found: Subs = []
    for bit in bits:
        if bit in state.definitions:
            definition = state.linear(state.definitions[bit])
            assert definition is not None
            anchor = next((w for w in definition if w and w != bit and w not in state.ranges), None)
            if anchor is not None:
                found.append((state.definitions[bit], anchor))
    return found


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

