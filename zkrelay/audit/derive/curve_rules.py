"""Steps of elliptic-curve gadgets (P …): recognised by their rows, whatever made them.

Each begins at a row slope·D = N that is stuck for its divisor, collects the neighbouring rows that a formula of the
group law consists of, reads off the two points that go in, and asks ``Points`` for what is known of them.  When the
multiples rule the exceptional case out, slope and sum become known.
"""

from __future__ import annotations

from ..system import Form, add
from .chord_rules import addition, doubling, in_order
from .point_tables import point_of
from .points import Points
from .polynomials import Subs, of_form, of_row, pairs, plus, product_row, similar, times
from .row_shapes import quotient, ratio
from .state import State


def curve_step(state: State, points: Points, index: int) -> bool:
    """Row ``index`` is stuck for its divisor: some step of a known gadget, if it is one."""
    if points.curve is None or state.trail is not None:
        return False
    parts = quotient(state, index)
    if parts is None:
        return False
    slope, divisor, numerator = parts
    return (
        addition(state, points, index, slope, divisor, numerator)
        or doubling(state, points, index, slope, divisor)
        or _conversion(state, points, index, slope, divisor, numerator)
        or _edwards_doubling(state, points, divisor)
    )


def _conversion(state: State, points: Points, index: int, wire: int, divisor: Form, numerator: Form) -> bool:
    """V·x = scale·U (to Montgomery form) or X·v = scale·u (from it)."""
    assert points.curve is not None
    if len(divisor) != 1 or len(numerator) != 1 or 0 in divisor:
        return False
    (below, k), (above, j) = next(iter(divisor.items())), next(iter(numerator.items()))
    if j != k * points.curve.montgomery_scale % state.p:
        return False
    return _to_montgomery(state, points, index, above, wire, below) or _to_edwards(
        state, points, index, above, wire, below
    )


def _to_montgomery(state: State, points: Points, index: int, u: int, v: int, x: int) -> bool:
    """U·(1 - y) = 1 + y and V·x = scale·U."""
    p = state.p
    for fact in points.by_wire.get(("e", "x", x), []):
        if fact.base is None or points.orders[fact.base] or fact.lo != fact.hi or fact.lo % 8 or not fact.lo:
            continue
        above, below = (of_form(add({0: 1}, fact.y, sign, p)) for sign in (1, -1))
        model = plus(times({(u,): 1}, below, p), above, -1, p)
        for row in state.occurrences[u]:
            if similar(of_row(state, row), model, p):
                line = f"P em {fact.number} ; {u}:1 ; {v}:1 ; {row} {index}"
                points.add(line, "m", {u: 1}, {v: 1}, points.symbol(True), 1, 1, True)
                state.mark(v)
                return True
    return False


def _to_edwards(state: State, points: Points, index: int, u: int, x: int, v: int) -> bool:
    """X·v = scale·u and Y·(u + 1) = u - 1."""
    p = state.p
    fact = point_of(state, points, "m", {u: 1}, {v: 1})
    if fact is None or not in_order(points, fact):
        return False
    for row in state.occurrences[u]:
        y = _other_side(state, row, {u: 1, 0: 1})
        if y is None:
            continue
        model = plus(times({(y,): 1}, {(u,): 1, (): 1}, p), {(u,): 1, (): p - 1}, -1, p)
        if similar(of_row(state, row), model, p):
            line = f"P me {fact.number} ; {x}:1 ; {y}:1 ; {index} {row}"
            points.add(line, "e", {x: 1}, {y: 1}, fact.base, fact.lo, fact.hi, fact.positive)
            state.mark(x)
            state.mark(y)
            return True
    return False


def _other_side(state: State, index: int, form: Form) -> int | None:
    """The single wire that row ``index`` multiplies by k·form."""
    row = state.rows[index]
    for side, other in ((row.a, row.b), (row.b, row.a)):
        if len(other) == 1 and 0 not in other and ratio(side, form, state.p):
            return next(iter(other))
    return None


def _edwards_doubling(state: State, points: Points, divisor: Form) -> bool:
    """X·(a·x² + y²) = 2xy and Y·(2 - a·x² - y²) = y² - a·x²."""
    assert points.curve is not None
    p, a = state.p, points.curve.a
    squares = [(wire, _root(state, wire)) for wire in divisor if wire]
    if len(squares) != 2 or not squares[0][1] or not squares[1][1]:
        return False
    for (xx, x), (yy, y) in (squares, squares[::-1]):
        total, rest = {xx: a, yy: 1}, {0: 2, xx: p - a, yy: p - 1}
        if not ratio(divisor, total, p) and not ratio(divisor, rest, p):
            continue
        fact = point_of(state, points, "e", {x: 1}, {y: 1})
        xy = _product_of(state, x, y)
        found_x, found_y = (_multiplied_by(state, xx, form) for form in (total, rest))
        if fact is None or xy is None or found_x is None or found_y is None:
            continue
        subs: Subs = [(state.solved_by[xx], xx), (state.solved_by[yy], yy), xy]
        (row_x, new_x), (row_y, new_y) = found_x, found_y
        line = f"P ed {fact.number} {pairs(subs)} ; {new_x}:1 ; {new_y}:1 ; {row_x} {row_y}"
        points.add(line, "e", {new_x: 1}, {new_y: 1}, fact.base, 2 * fact.lo, 2 * fact.hi, fact.positive)
        state.mark(new_x)
        state.mark(new_y)
        return True
    return False


def _root(state: State, wire: int) -> int:
    """The x of wire = x·x; 0 when ``wire`` is no square."""
    index = product_row(state, wire)
    if index is None:
        return 0
    row = state.rows[index]
    return next(iter(row.a)) if len(row.a) == 1 and row.a == row.b else 0


def _product_of(state: State, x: int, y: int) -> tuple[int, int] | None:
    """(row, wire) of wire = x·y."""
    for index in state.occurrences[x]:
        row = state.rows[index]
        if len(row.a) == len(row.b) == len(row.c) == 1 and {*row.a, *row.b} == {x, y} and x not in row.c:
            return index, next(iter(row.c))
    return None


def _multiplied_by(state: State, among: int, form: Form) -> tuple[int, int] | None:
    """(row, wire) of the row that multiplies a single wire by k·form."""
    for index in state.occurrences[among]:
        wire = _other_side(state, index, form)
        if wire is not None:
            return index, wire
    return None
