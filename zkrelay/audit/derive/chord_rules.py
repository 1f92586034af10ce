"""Montgomery additions and doublings (P ma, P mx, P md), found from the row of their slope.

slope·(uI - uJ) = vI - vJ and slope² = u3 + uI + uJ + A give the sum and the difference of the two u, so both; the row
of v3 gives the v of one point, and the slope's row that of the other.  Nothing is assumed about how wires are named.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..system import Form, add
from .point_tables import point_of
from .points import PointFact, Points
from .polynomials import expanded, of_form, of_row, pairs, plus, similar, times
from .row_shapes import fresh, fresh_but, products, ratio, raw, reduced, scaled, square_rows, squares_in, without
from .state import State


@dataclass(frozen=True)
class Chord:
    """The rows of slope and slope², and the two points' u; ``own`` is the one whose v the next row is asked for."""

    rows: tuple[int, int]
    slope: int
    u3: int
    us: tuple[Form, Form]
    rise: Form  # vI - vJ
    own: int

    def line(self, state: State) -> Form:
        """u - u3 of the own point, as rows write it."""
        return add(raw(state, self.us[self.own]), {self.u3: 1}, -1, state.p)

    def vs(self, state: State, v: Form) -> tuple[Form, Form]:
        """Both v, given that of the own point."""
        other = add(v, self.rise, 1 if self.own else -1, state.p)
        mine, other = reduced(state, v), reduced(state, other)
        return (other, mine) if self.own else (mine, other)

    def points(self, state: State, points: Points, v: Form) -> tuple[PointFact, PointFact] | None:
        """What is known of the points, provided that they are never equal."""
        vs = self.vs(state, v)
        i, j = (point_of(state, points, "m", u, v) for u, v in zip(self.us, vs, strict=True))
        return (i, j) if i is not None and j is not None and _apart(points, i, j) else None


def addition(state: State, points: Points, row: int, slope: int, divisor: Form, numerator: Form) -> bool:
    """A sum of two points, or twice the one and the other."""
    assert points.curve is not None
    p, half = state.p, (state.p + 1) // 2
    for square_row, square in square_rows(state, slope):
        u3 = fresh(state, square)
        if u3 is None:
            continue
        total = add(without(square, u3), {0: points.curve.montgomery_a}, -1, p)
        first, second = (reduced(state, scaled(add(total, divisor, sign, p), half, p)) for sign in (1, -1))
        for own in (0, 1):
            chord = Chord((row, square_row), slope, u3, (first, second), numerator, own)
            if _simple_sum(state, points, chord) or _double_and_add(state, points, chord):
                return True
    return False


def _simple_sum(state: State, points: Points, chord: Chord) -> bool:
    """slope·(u - u3) = v3 + v."""
    for last, right in products(state, {chord.slope: 1}, chord.line(state), chord.u3):
        v3 = fresh(state, right)
        found = chord.points(state, points, without(right, v3)) if v3 is not None else None
        if v3 is None or found is None:
            continue
        i, j = found
        small, big = (i, j) if i.hi < j.lo else (j, i)
        positive = i.positive and j.positive
        low = i.lo + j.lo if positive else big.lo - small.hi
        wires = (chord.slope, chord.u3, v3)
        rows = f"{chord.rows[0]} {chord.rows[1]} {last}"
        line = f"P ma {i.number} {j.number} ; {_singles(wires)} ; {rows}"
        points.add(line, "m", {chord.u3: 1}, {v3: 1}, i.base, low, i.hi + j.hi, positive)
        for wire in wires:
            state.mark(wire)
        return True
    return False


def _singles(wires: tuple[int, ...]) -> str:
    return " ; ".join(f"{wire}:1" for wire in wires)


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


def in_order(points: Points, fact: PointFact) -> bool:
    """An affine multiple of a base of prime order: not the identity, nor of order 2."""
    return fact.base is not None and points.orders[fact.base]


def _double_and_add(state: State, points: Points, chord: Chord) -> bool:
    """(P + Q) + P without the v of the first sum: s·(u - u3) = 2v, then (s - slope)² and (s - slope)·(u - u4)."""
    p = state.p
    line = chord.line(state)
    for quotient_row in state.occurrences[chord.u3]:
        row = state.rows[quotient_row]
        for side, other in ((row.a, row.b), (row.b, row.a)):
            k = ratio(other, line, p)
            s = next(iter(side), 0)
            if not k or len(side) != 1 or s in (0, chord.slope) or state.known[s] or not state.all_known(row.c):
                continue
            found = chord.points(state, points, scaled(row.c, pow(2 * k * side[s], -1, p), p))
            if found is not None and _second_half(state, points, chord, found, s, quotient_row):
                return True
    return False


def _second_half(
    state: State, points: Points, chord: Chord, found: tuple[PointFact, PointFact], s: int, quotient_row: int
) -> bool:
    assert points.curve is not None
    p = state.p
    doubled, added = found[chord.own], found[1 - chord.own]
    if doubled.lo <= added.hi:
        return False
    slope = {s: 1, chord.slope: p - 1}
    for square_row, square in products(state, slope, slope, s):
        u4 = fresh_but(state, square, chord.u3)
        if u4 is None:
            continue
        expected = add(add(doubled.x, {chord.u3: 1, u4: 1}, 1, p), {0: points.curve.montgomery_a}, 1, p)
        if reduced(state, square) != reduced(state, expected):
            continue
        for last, right in products(state, slope, add(raw(state, doubled.x), {u4: 1}, -1, p), u4):
            v4 = fresh_but(state, right, chord.u3)
            if v4 is None or reduced(state, without(right, v4)) != doubled.y:
                continue
            wires = (chord.slope, chord.u3, s, u4, v4)
            rows = f"{chord.rows[0]} {chord.rows[1]} {quotient_row} {square_row} {last}"
            lo, hi = 2 * doubled.lo - added.hi, 2 * doubled.hi + added.hi
            line = f"P mx {doubled.number} {added.number} ; {_singles(wires)} ; {rows}"
            points.add(line, "m", {u4: 1}, {v4: 1}, doubled.base, lo, hi, doubled.positive)
            for wire in wires:
                state.mark(wire)
            return True
    return False


def doubling(state: State, points: Points, r1: int, slope: int, divisor: Form) -> bool:
    """slope·2v = 3u² + 2A·u + 1 and the two rows of the third point."""
    assert points.curve is not None
    if len(divisor) != 1:
        return False
    p, a = state.p, points.curve.montgomery_a
    for fact in points.by_wire.get(("m", "y", next(iter(divisor))), []):
        if not in_order(points, fact):
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
        for r2, square in square_rows(state, slope):
            u3 = fresh(state, square)
            if u3 is None or add(add(without(square, u3), fact.x, -2, p), {0: a}, -1, p):
                continue
            for r3, right in products(state, {slope: 1}, add(fact.x, {u3: 1}, -1, p), u3):
                v3 = fresh(state, right)
                if v3 is None or without(right, v3) != fact.y:
                    continue
                line = f"P md {fact.number} {pairs(subs)} ; {_singles((slope, u3, v3))} ; {r1} {r2} {r3}"
                points.add(line, "m", {u3: 1}, {v3: 1}, fact.base, 2 * fact.lo, 2 * fact.hi, fact.positive)
                for wire in (slope, u3, v3):
                    state.mark(wire)
                return True
    return False
