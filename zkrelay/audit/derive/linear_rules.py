"""The rules that fire on their own: solving a row, intervals, digits.  ``drain`` runs them to a fixed point.

Solve (s).  If every wire of a row but w is known and the row is k·w + rest with a constant k ≠ 0, w is known.

Digits (g).  Let Σ c_i·u_i + known = 0 with integers |c_i| < p/2 and u_i in a range of width r_i.  For two assignments
D = Σ c_i·(u_i - u_i') is an integer divisible by p.  If Σ |c_i|·r_i < p it is zero; and if |c_i| > Σ_{j<i} |c_j|·r_j
for every i then the last difference is zero, and so on down: all u_i are known.  *The total must be below p*: with 254
bits over BN254, x and x + p both fit, and neither is known.

Ranges.  (F - r1)·(F - r2) = 0 gives {r1, r2} (r, d); A·B = 0 with w in both is one root or the other (z); a linear row
bounds its one unbounded wire (i), a product of bounded forms its result (p).
"""

from __future__ import annotations

from ..system import Form, Row, add, signed
from .state import State, text

SMALL_WIDTH_BITS = 8  # an interval is worth keeping when it is this many bits narrower than the field


def drain(state: State, most: int = 0) -> None:
    """Until nothing more follows by these rules, or ``most`` facts were found in this branch (0: no limit)."""
    while state.rangeable or state.solvable:
        if most and state.trail is not None and len(state.trail) > most:
            return
        while state.rangeable:
            find_range(state, state.rangeable.popleft())
        if state.solvable:
            row = state.solvable.popleft()
            if state.unknown[row] == 1 and solve(state, row):
                continue
            if state.unknown[row] >= 1 and not state.loose[row]:
                digits(state, row)


# -- solve ------------------------------------------------------------------------------------------------------------


def solve(state: State, index: int) -> bool:
    """Row ``index`` has one unknown wire."""
    row, known = state.rows[index], state.known
    wire = next((w for side in (row.c, row.a, row.b) for w in side if not known[w]), None)
    if wire is None:
        return False
    in_a, in_b = row.a.get(wire, 0), row.b.get(wire, 0)
    if not in_a and not in_b:
        state.note(f"s {index} {wire}")
        state.solved_by[wire], state.solved_at[wire] = index, len(state.log)
        state.mark(wire)
        return True
    if in_a and in_b:
        return False  # a square of the wire
    divisor = divisor_of(row, wire, state.p)
    if divisor.keys() == {0} and divisor[0]:
        state.note(f"s {index} {wire}")
        state.solved_by[wire], state.solved_at[wire] = index, len(state.log)
        state.mark(wire)
        return True
    if not divisor:
        return False
    if state.nonzero_forms and wire not in row.c:
        unit = normalised(divisor, state.p)
        if any(unit == normalised(form, state.p) for form in state.nonzero_forms):
            state.note(f"n {index} {wire}")
            state.mark(wire)
            return True
    state.divisions.append(index)
    return False


def divisor_of(row: Row, wire: int, p: int) -> Form:
    """The form that multiplies ``wire``, which is in one of A and B only."""
    factor, other = (row.a[wire], row.b) if wire in row.a else (row.b[wire], row.a)
    divisor = {w: factor * k % p for w, k in other.items()}
    return add(divisor, {0: row.c[wire]}, -1, p) if wire in row.c else divisor


def normalised(form: Form, p: int) -> Form:
    """Scaled so that the coefficient of the lowest wire (the constant last) is 1."""
    lead = min((w for w in form if w), default=0)
    inverse = pow(form[lead], -1, p)
    return {w: k * inverse % p for w, k in form.items()}


# -- digits -----------------------------------------------------------------------------------------------------------


def digits(state: State, index: int) -> bool:
    """Row ``index`` is perhaps linear and its unknown wires all have ranges."""
    form = state.linear(index)
    if form is None:
        return False
    wires = [w for w in form if not state.known[w]]
    if not wires or len(wires) == 1:
        return bool(wires) and solve(state, index)
    for scale in scales(form, wires, state.p):
        order = super_increasing(state, form, wires, scale)
        if order is None:
            continue
        total = sum(abs(signed(form[w] * scale % state.p, state.p)) * _width(state, w) for w in order)
        if total < state.p:
            state.note(f"g {index} {scale} {' '.join(map(str, order))}")
            for wire in order:
                state.mark(wire)
            return True
        break
    if len(wires) >= state.p.bit_length() - 1:
        state.overfull.append(index)
    return False


def _width(state: State, wire: int) -> int:
    low, high = state.ranges[wire]
    return high - low


def scales(form: Form, wires: list[int], p: int) -> list[int]:
    """1, and what makes a digit's coefficient 1, for the digits that may be lowest."""
    scales = [1]
    for wire in dict.fromkeys((wires[0], wires[-1], wires[1], wires[-2])):
        scale = pow(form[wire], -1, p)
        if scale not in scales:
            scales.append(scale)
    return scales


def super_increasing(state: State, form: Form, wires: list[int], scale: int) -> list[int] | None:
    """``wires`` in ascending order of their coefficients, if each exceeds what those below it can reach."""
    sized = sorted((abs(signed(form[w] * scale % state.p, state.p)), w) for w in wires)
    reach = 0
    for size, wire in sized:
        width = _width(state, wire)
        if width and size <= reach:
            return None
        reach += size * width
    return [wire for _, wire in sized]


# -- ranges -----------------------------------------------------------------------------------------------------------


def find_range(state: State, index: int) -> None:
    """What row ``index`` says about the range of one wire."""
    row = state.rows[index]
    if state.varying[index] == 1 and _constant(state, index, row):
        return
    if state.linear(index) is not None:
        if state.unranged[index] == 1:
            _interval(state, index)
        return
    if not row.c and state.unranged[index] <= 1:
        wires = row.wires()
        if len(wires) == 1:
            _roots(state, index, row, wires.pop())
            return
        _vanishing_product(state, index, row)
    elif state.unranged[index] == 1:
        wires = row.wires()
        if len(wires) == 1:
            _roots(state, index, row, wires.pop())
        else:
            _product(state, index, row)


def boolean_forms(state: State) -> None:
    """Once, at the start: F·(k·F + m) = 0 for a form F of several wires makes a virtual boolean."""
    for index in range(len(state.system.rows)):
        row = state.rows[index]
        if row.c or len(row.a) < 2 or len(row.b) < 2:
            continue
        p = state.p
        wire = next(w for w in row.a if w)
        if wire not in row.b or len(row.a.keys() - {0}) < 2:
            continue
        ratio = row.b[wire] * pow(row.a[wire], -1, p) % p
        rest = add(row.b, row.a, -ratio, p)  # B - ratio·A: a constant m, or no boolean
        if rest.keys() != {0}:
            continue
        factor = -ratio * pow(rest[0], -1, p) % p  # A = 0 or A = -m/ratio, so factor·A is 0 or 1
        form = {w: k * factor % p for w, k in row.a.items()}
        virtual = state.define(form)
        state.note(f"w {text(form)}")
        state.note(f"d {index} {virtual} 0 1")
        state.set_range(virtual, 0, 1)


def _constant(state: State, index: int, row: Row) -> bool:
    """Every wire but one is a constant, and so is that one (=), unless its factor is zero."""
    p, wire, values = state.p, 0, {0: 1}
    for w in row.wires():
        value = state.constant(w)
        if value is None:
            wire = w
        else:
            values[w] = value
    if not wire or (wire in row.a and wire in row.b):
        return False
    a, b, c = (sum(k * values[w] for w, k in side.items() if w != wire) for side in (row.a, row.b, row.c))
    factor = (row.a.get(wire, 0) * b + row.b.get(wire, 0) * a - row.c.get(wire, 0)) % p
    if not factor:
        return False
    value = signed(-(a * b - c) * pow(factor, -1, p) % p, p)
    if state.set_range(wire, value, value):
        state.note(f"= {index} {wire}")
        state.mark(wire)
    return True


def _roots(state: State, index: int, row: Row, wire: int) -> None:
    p = state.p
    a1, a0, b1, b0 = row.a.get(wire, 0), row.a.get(0, 0), row.b.get(wire, 0), row.b.get(0, 0)
    if a1 and b1 and not row.c:
        roots = sorted(signed(-c0 * pow(c1, -1, p) % p, p) for c1, c0 in ((a1, a0), (b1, b0)))
    elif (
        a1
        and b1
        and not (a0 * b0 - row.c.get(0, 0)) % p
        and not ((a1 + a0) * (b1 + b0) - row.c.get(0, 0) - row.c.get(wire, 0)) % p
    ):
        roots = [0, 1]
    else:
        return
    if roots[1] - roots[0] < 1 << 32 and state.set_range(wire, roots[0], roots[1]):
        state.note(f"r {index} {wire} {roots[0]} {roots[1]}")


def _vanishing_product(state: State, index: int, row: Row) -> None:
    """bit·(1 - π - bit) = 0: the wire without a range, or the last of those that are in both factors."""
    shared = [w for w in row.a if w and w in row.b]
    candidates = [w for w in shared if w not in state.ranges] or ([] if state.unranged[index] else shared)
    for wire in candidates:
        hull: tuple[int, int] | None = None
        for side in (row.a, row.b):
            found = _solved_interval(state, side, wire)
            if found is None:
                return
            hull = found if hull is None else (min(hull[0], found[0]), max(hull[1], found[1]))
        assert hull is not None
        if _worth_it(state, hull) and state.set_range(wire, *hull):
            state.note(f"z {index} {wire}")


def _interval(state: State, index: int) -> None:
    form = state.linear(index)
    assert form is not None
    wire = next((w for w in form if w and w not in state.ranges), None)
    if wire is None:
        return
    found = _solved_interval(state, form, wire)
    if found is not None and _worth_it(state, found) and state.set_range(wire, *found):
        state.note(f"i {index} {wire}")


def _product(state: State, index: int, row: Row) -> None:
    wire = next(w for w in row.wires() if w not in state.ranges)
    coefficient = signed(row.c.get(wire, 0), state.p)
    if abs(coefficient) != 1 or wire in row.a or wire in row.b:
        return
    a, b = _interval_of(state, row.a), _interval_of(state, row.b)
    rest = _interval_of(state, {w: k for w, k in row.c.items() if w != wire})
    products = [x * y for x in a for y in b]
    low, high = min(products) - rest[1], max(products) - rest[0]
    if coefficient < 0:
        low, high = -high, -low
    if _worth_it(state, (low, high)) and state.set_range(wire, low, high):
        state.note(f"p {index} {wire}")


def _solved_interval(state: State, form: Form, wire: int) -> tuple[int, int] | None:
    """The interval of -rest/f in f·wire + rest; None when a wire has no range."""
    p = state.p
    factor = -pow(form[wire], -1, p) % p
    rest = {w: k * factor % p for w, k in form.items() if w != wire}
    if any(w and w not in state.ranges for w in rest):
        return None
    return _interval_of(state, rest)


def _interval_of(state: State, form: Form) -> tuple[int, int]:
    low = high = 0
    for wire, k in form.items():
        k = signed(k, state.p)
        lo, hi = state.ranges[wire] if wire else (1, 1)
        low += k * (lo if k > 0 else hi)
        high += k * (hi if k > 0 else lo)
    return low, high


def _worth_it(state: State, found: tuple[int, int]) -> bool:
    return found[1] - found[0] < state.p >> SMALL_WIDTH_BITS if state.p >> 32 else found[1] - found[0] < state.p // 2
