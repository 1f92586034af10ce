"""Steps of elliptic-curve gadgets (P …): recognised by their rows, whatever made them.

Each begins at a row slope·D = N that is stuck for its divisor, collects the neighbouring rows that a formula of the
group law consists of, reads off the two points that go in, and asks ``Points`` for what is known of them.  When the
multiples rule the exceptional case out, slope and sum become known.
"""

from __future__ import annotations

from collections.abc import Iterator

from .point_tables import point_of
from .points import PointFact, Points
from .polynomials import (
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
from .system import Form, add


def curve_step(state: State, points: Points, index: int) -> bool:
    """Row ``index`` is stuck for its divisor: some step of a known gadget, if it is one."""
    if points.curve is None or state.trail is not None:
        return False
    parts = _quotient(state, index)
    if parts is None:
        return False
    slope, divisor, numerator = parts
    return (
        _addition(state, points, index, slope, divisor, numerator)
        or _doubling(state, points, index, slope, divisor)
        or _conversion(state, points, index, slope, divisor, numerator)
        or _edwards_doubling(state, points, divisor)
    )


def _quotient(state: State, index: int) -> tuple[int, Form, Form] | None:
    """(w, D, N) of a row w·D = N with w unknown, D and N known."""
    row, p = state.rows[index], state.p
    for side, other in ((row.a, row.b), (row.b, row.a)):
        if len(side) == 1:
            wire, factor = next(iter(side.items()))
            if wire and not state.known[wire] and state.all_known(other) and state.all_known(row.c):
                return wire, {w: k * factor % p for w, k in other.items()}, dict(row.c)
    return None


def _scaled(form: Form, factor: int, p: int) -> Form:
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


def _square_rows(state: State, wire: int) -> Iterator[tuple[int, Form]]:
    """Rows wire·wire = Q, as (row, Q)."""
    for index in state.occurrences[wire]:
        row = state.rows[index]
        if row.a.keys() == {wire} == row.b.keys():
            yield index, _scaled(row.c, pow(row.a[wire] * row.b[wire], -1, state.p), state.p)


def _fresh(state: State, form: Form) -> int | None:
    """The one unknown wire of a form, when its coefficient is 1."""
    unknown = [w for w in form if not state.known[w]]
    return unknown[0] if len(unknown) == 1 and form[unknown[0]] == 1 else None


def _split(form: Form, wire: int) -> Form:
    return {w: k for w, k in form.items() if w != wire}


def _products(state: State, first: Form, second: Form, among: int) -> Iterator[tuple[int, Form]]:
    """Rows on wire ``among`` that say k·first·second = C, as (row, C/k)."""
    p = state.p
    for index in state.occurrences[among]:
        row = state.rows[index]
        for x, y in ((row.a, row.b), (row.b, row.a)):
            k, j = ratio(x, first, p), ratio(y, second, p)
            if k and j:
                yield index, _scaled(row.c, pow(k * j, -1, p), p)
                break


# -- Montgomery: addition, double-and-add, doubling -------------------------------------------------------------------


def _addition(state: State, points: Points, r1: int, slope: int, divisor: Form, numerator: Form) -> bool:
    assert points.curve is not None
    p, half = state.p, (state.p + 1) // 2
    for r2, square in _square_rows(state, slope):
        u3 = _fresh(state, square)
        if u3 is None:
            continue
        total = add(_split(square, u3), {0: points.curve.montgomery_a}, -1, p)
        us = [reduced(state, _scaled(add(total, divisor, sign, p), half, p)) for sign in (1, -1)]
        for mine, sign in ((0, 1), (1, -1)):
            line_u = add(_scaled(add(total, divisor, sign, p), half, p), {u3: 1}, -1, p)
            if _simple_sum(state, points, (r1, r2), slope, u3, line_u, us, mine, sign, numerator):
                return True
            if _double_and_add(state, points, (r1, r2), slope, u3, line_u, us, mine, sign, numerator):
                return True
    return False


def _simple_sum(
    state: State,
    points: Points,
    rows: tuple[int, int],
    slope: int,
    u3: int,
    line_u: Form,
    us: list[Form],
    mine: int,
    sign: int,
    numerator: Form,
) -> bool:
    """slope·(u - u3) = v3 + v for one of the two points."""
    for r3, right in _products(state, {slope: 1}, line_u, u3):
        v3 = _fresh(state, right)
        if v3 is None:
            continue
        v = _split(right, v3)
        other = reduced(state, add(v, numerator, -sign, state.p))
        vs = [reduced(state, v), other] if mine == 0 else [other, reduced(state, v)]
        found = [point_of(state, points, "m", us[i], vs[i]) for i in range(2)]
        i, j = found
        if i is None or j is None or not _apart(points, i, j):
            continue
        small, big = (i, j) if i.hi < j.lo else (j, i)
        positive = i.positive and j.positive
        low = i.lo + j.lo if positive else big.lo - small.hi
        new = {"S": {slope: 1}, "U": {u3: 1}, "V": {v3: 1}}
        forms = " ; ".join(text(form) for form in new.values())
        points.add(
            f"P ma {i.number} {j.number} ; {forms} ; {rows[0]} {rows[1]} {r3}",
            "m", new["U"], new["V"], i.base, low, i.hi + j.hi, positive,
        )  # fmt: skip
        for wire in (slope, u3, v3):
            state.mark(wire)
        return True
    return False


def _apart(points: Points, i: PointFact, j: PointFact) -> bool:
    """The points are never equal: m·H ≠ n·H for all m, n in the intervals.

    Where they are opposite the slope's row has no solution.
    """
    if i.base is None or i.base != j.base or not points.orders[i.base]:
        return False
    assert points.curve is not None
    order = points.curve.order
    gaps = [(i.lo - j.hi, i.hi - j.lo)]
    if not (i.positive and j.positive):
        gaps.append((i.lo + j.lo, i.hi + j.hi))
    return all(high // order * order < low for low, high in gaps)


def _in_order(points: Points, fact: PointFact) -> bool:
    """An affine multiple of a base of prime order: not the identity, nor of order 2."""
    return fact.base is not None and points.orders[fact.base]


def _double_and_add(
    state: State,
    points: Points,
    rows: tuple[int, int],
    s1: int,
    u3: int,
    line_u: Form,
    us: list[Form],
    mine: int,
    sign: int,
    numerator: Form,
) -> bool:
    """(P + Q) + P without the v of the first sum: s·(u - u3) = 2v, (s - s1)² and (s - s1)·(u - u4)."""
    assert points.curve is not None
    p = state.p
    for r3 in state.occurrences[u3]:
        row = state.rows[r3]
        for side, other in ((row.a, row.b), (row.b, row.a)):
            k = ratio(other, line_u, p)
            if not k or len(side) != 1 or 0 in side:
                continue
            s, factor = next(iter(side.items()))
            if s == s1 or state.known[s]:
                continue
            v = reduced(state, _scaled(row.c, pow(2 * k * factor, -1, p), p))
            if not state.all_known(v):
                continue
            vs = [v, reduced(state, add(v, numerator, -sign, p))]
            acc = point_of(state, points, "m", us[mine], vs[0])
            q = point_of(state, points, "m", us[1 - mine], vs[1])
            if acc is None or q is None or not _apart(points, acc, q) or acc.lo <= q.hi:
                continue
            second = {s: 1, s1: p - 1}
            for r4, square in _square_of(state, second, s):
                u4 = _fresh_but(state, square, u3)
                if u4 is None:
                    continue
                expected = add(add(acc.x, {u3: 1, u4: 1}, 1, p), {0: points.curve.montgomery_a}, 1, p)
                if reduced(state, square) != reduced(state, expected):
                    continue
                for r5, right in _products(state, second, add(_raw(state, acc.x), {u4: 1}, -1, p), u4):
                    v4 = _fresh_but(state, right, u3)
                    if v4 is None or reduced(state, _split(right, v4)) != acc.y:
                        continue
                    forms = f"{s1}:1 ; {u3}:1 ; {s}:1 ; {u4}:1 ; {v4}:1"
                    points.add(
                        f"P mx {acc.number} {q.number} ; {forms} ; {rows[0]} {rows[1]} {r3} {r4} {r5}",
                        "m", {u4: 1}, {v4: 1}, acc.base, 2 * acc.lo - q.hi, 2 * acc.hi + q.hi, acc.positive,
                    )  # fmt: skip
                    for wire in (s1, u3, s, u4, v4):
                        state.mark(wire)
                    return True
    return False


def _raw(state: State, form: Form) -> Form:
    """Without virtual wires."""
    for wire in [w for w in form if w in state.definitions]:
        definition = state.linear(state.definitions[wire])
        assert definition is not None
        form = add(form, definition, -form[wire] * pow(definition[wire], -1, state.p), state.p)
    return form


def _square_of(state: State, form: Form, among: int) -> Iterator[tuple[int, Form]]:
    yield from _products(state, form, form, among)


def _fresh_but(state: State, form: Form, allowed: int) -> int | None:
    """As ``_fresh``, where ``allowed`` is about to become known."""
    unknown = [w for w in form if not state.known[w] and w != allowed]
    return unknown[0] if len(unknown) == 1 and form[unknown[0]] == 1 else None


def _doubling(state: State, points: Points, r1: int, slope: int, divisor: Form) -> bool:
    """slope·2v = 3u² + 2A·u + 1 and the two rows of the third point."""
    assert points.curve is not None
    if len(divisor) != 1:
        return False
    p, a = state.p, points.curve.montgomery_a
    for fact in points.by_wire.get(("m", "y", next(iter(divisor))), []):
        if not _in_order(points, fact):
            continue
        u = of_form(fact.x)
        model = plus(
            times({(slope,): 1}, {m: 2 * k % p for m, k in of_form(fact.y).items()}, p),
            plus(plus({m: 3 * k % p for m, k in times(u, u, p).items()}, u, 2 * a, p), {(): 1}, 1, p),
            -1,
            p,
        )
        subs = squares_in(state, r1)
        if not similar(expanded(state, of_row(state, r1), subs), model, p):
            continue
        for r2, square in _square_rows(state, slope):
            u3 = _fresh(state, square)
            if u3 is None or add(add(_split(square, u3), fact.x, -2, p), {0: a}, -1, p):
                continue
            for r3, right in _products(state, {slope: 1}, add(fact.x, {u3: 1}, -1, p), u3):
                v3 = _fresh(state, right)
                if v3 is None or _split(right, v3) != fact.y:
                    continue
                points.add(
                    f"P md {fact.number} {pairs(subs)} ; {slope}:1 ; {u3}:1 ; {v3}:1 ; {r1} {r2} {r3}",
                    "m", {u3: 1}, {v3: 1}, fact.base, 2 * fact.lo, 2 * fact.hi, fact.positive,
                )  # fmt: skip
                for wire in (slope, u3, v3):
                    state.mark(wire)
                return True
    return False


def squares_in(state: State, index: int) -> Subs:
    """Product wires of a row's C, with the rows that define them."""
    found = []
    for wire in state.rows[index].c:
        row = product_row(state, wire) if wire else None
        if row is not None and row != index:
            found.append((row, wire))
    return found


# -- between the two forms, and on the Edwards curve ------------------------------------------------------------------


def _conversion(state: State, points: Points, index: int, wire: int, divisor: Form, numerator: Form) -> bool:
    """V·x = scale·U (to Montgomery form) or X·v = scale·u (from it)."""
    assert points.curve is not None
    if len(divisor) != 1 or len(numerator) != 1 or 0 in divisor:
        return False
    p, scale = state.p, points.curve.montgomery_scale
    (below, k), (above, j) = next(iter(divisor.items())), next(iter(numerator.items()))
    if j != k * scale % p:
        return False
    for fact in points.by_wire.get(("e", "x", below), []):
        if fact.base is None or points.orders[fact.base] or fact.lo != fact.hi or fact.lo % 8 or not fact.lo:
            continue
        y = fact.y
        model = plus(times({(above,): 1}, of_form(add({0: 1}, y, -1, p)), p), of_form(add({0: 1}, y, 1, p)), -1, p)
        for row in state.occurrences[above]:
            if similar(of_row(state, row), model, p):
                symbol = points.symbol(True)
                points.add(
                    f"P em {fact.number} {above}:1 ; {wire}:1 ; {row} {index}",
                    "m", {above: 1}, {wire: 1}, symbol, 1, 1, True,
                )  # fmt: skip
                state.mark(wire)
                return True
    fact = point_of(state, points, "m", {above: 1}, {below: 1})
    if fact is not None and _in_order(points, fact):
        for row in state.occurrences[above]:
            y_wire = _other_side(state, row, {above: 1, 0: 1})
            if y_wire is None:
                continue
            model = plus(times({(y_wire,): 1}, {(above,): 1, (): 1}, p), {(above,): 1, (): p - 1}, -1, p)
            if similar(of_row(state, row), model, p):
                points.add(
                    f"P me {fact.number} {wire}:1 ; {y_wire}:1 ; {index} {row}",
                    "e", {wire: 1}, {y_wire: 1}, fact.base, fact.lo, fact.hi, fact.positive,
                )  # fmt: skip
                state.mark(wire)
                state.mark(y_wire)
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
    wires = [w for w in divisor if w]
    if len(wires) != 2:
        return False
    roots = {}
    for wire in wires:
        row = product_row(state, wire)
        if row is None or not (state.rows[row].a.keys() == state.rows[row].b.keys() and len(state.rows[row].a) == 1):
            return False
        roots[wire] = (next(iter(state.rows[row].a)), row)
    for xx, yy in (wires, wires[::-1]):
        total = {xx: a, yy: 1}
        rest = {0: 2, xx: p - a, yy: p - 1}
        if not ratio(divisor, total, p) and not ratio(divisor, rest, p):
            continue
        x, y = roots[xx][0], roots[yy][0]
        fact = point_of(state, points, "e", {x: 1}, {y: 1})
        if fact is None:
            continue
        xy = next(
            (
                (index, next(iter(row.c)))
                for index in state.occurrences[x]
                if {*(row := state.rows[index]).a, *row.b} == {x, y} and len(row.a) == len(row.b) == len(row.c) == 1
            ),
            None,
        )
        if xy is None:
            continue
        subs = [(roots[xx][1], xx), (roots[yy][1], yy), xy]
        sums = {"x": total, "y": rest}
        found: dict[str, tuple[int, int]] = {}
        for index in state.occurrences[xx]:
            for name, form in sums.items():
                wire = _other_side(state, index, form)
                if wire is not None:
                    found.setdefault(name, (index, wire))
        if len(found) != 2:
            continue
        (row_x, new_x), (row_y, new_y) = found["x"], found["y"]
        points.add(
            f"P ed {fact.number} {pairs(subs)} ; {new_x}:1 ; {new_y}:1 ; {row_x} {row_y}",
            "e", {new_x: 1}, {new_y: 1}, fact.base, 2 * fact.lo, 2 * fact.hi, fact.positive,
        )  # fmt: skip
        state.mark(new_x)
        state.mark(new_y)
        return True
    return False
