"""The elementary rules of a derivation: single wires, linear rows, ranges, digits, and case splits.

Each function checks one step and states its lemma: why the new fact holds of any two assignments of which the facts so
far hold (``replay_state``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from .reader import Form
from .state import Branch, Refused, State, need, number, take


class Rules:
    """The rules of single letters but b, q and P."""

    def __init__(self, state: State) -> None:
        self.state = state

    def table(self) -> dict[str, Callable[[str], None]]:
        """Each rule by the first field of its line; it takes what follows."""
        return {
            "s": self._s,
            "w": self._w,
            "+": self._plus,
            "=": self._constant,
            "r": self._r,
            "d": self._d,
            "z": self._z,
            "i": self._i,
            "p": self._p,
            "g": self._g,
            "h": self._h,
            "c": self._c,
            "e": self._e,
            "f": self._f,
            "0": self._zero,
            "n": self._n,
            "m": self._m,
            "k": self._k,
        }

    def _s(self, text: str) -> None:
        """ROW WIRE: the row is k·WIRE + (known wires) with a constant k != 0."""
        state = self.state
        row_text, wire_text = take(text.split(" "), 2)
        a, b, c = state.row(row_text)
        wire, known = state.wire(wire_text), state.known
        for side in (a, b, c):
            for other in side:
                if other not in known and other != wire:
                    raise Refused(f"wire {other} is not known either")
        need(wire not in known, "the wire is known already")
        if wire in a:
            need(b.keys() <= {0}, "the wire's coefficient is not constant")
        elif wire in b:
            need(a.keys() <= {0}, "the wire's coefficient is not constant")
        k = a.get(wire, 0) * b.get(0, 0) + b.get(wire, 0) * a.get(0, 0) - c.get(wire, 0)
        need(k % state.p, "the wire's coefficient is zero")
        state.learn(wire)

    def _w(self, text: str) -> None:
        """FORM: a name for it.  A new wire v, a new row v - FORM = 0; v is known if FORM is."""
        state = self.state
        form = state.form(text.split(" "))
        state.add_row({state.next_wire: 1, **{wire: state.p - c for wire, c in form.items()}})
        state.virtual[state.next_wire] = form
        if form.keys() <= state.known:
            state.learn(state.next_wire)
        state.next_wire += 1

    def _plus(self, text: str) -> None:
        """ROW:COEF ...: a linear combination of linear rows is one."""
        state = self.state
        total: Form = {}
        for term in text.split(" "):
            row, _, coefficient = term.partition(":")
            factor = number(coefficient)
            for wire, c in state.linear(state.row(row)).items():
                total[wire] = (total.get(wire, 0) + factor * c) % state.p
        state.add_row(state.clean(total))

    def _r(self, text: str) -> None:
        """ROW WIRE R1 R2: the row is k·(WIRE - R1)·(WIRE - R2) = 0 with k != 0, and a field has no zero divisors."""
        state = self.state
        row_text, wire_text, *roots = take(text.split(" "), 4)
        row, wire = state.row(row_text), state.wire(wire_text)
        r1, r2 = (number(root) for root in roots)
        need(all(side.keys() <= {0, wire} for side in row), "the row has other wires")
        (a0, a1), (b0, b1), (c0, c1) = ((side.get(0, 0), side.get(wire, 0)) for side in row)
        k = a1 * b1 % state.p
        need(k, "the row has no square of the wire")
        need((a0 * b1 + a1 * b0 - c1 + k * (r1 + r2)) % state.p == 0, "these are not the roots")
        need((a0 * b0 - c0 - k * r1 * r2) % state.p == 0, "these are not the roots")
        state.limit(wire, min(r1, r2), max(r1, r2))

    def _d(self, text: str) -> None:
        """ROW VIRTUAL R1 R2: with F the wire's definition, the row is k·(F - R1)·(F - R2) = 0."""
        state = self.state
        row_text, wire_text, *roots = take(text.split(" "), 4)
        a, b, c = state.row(row_text)
        wire = state.wire(wire_text)
        need(wire in state.virtual, f"wire {wire} has no definition")
        r1, r2 = (number(root) for root in roots)
        factors = [state.clean({**state.virtual[wire], 0: state.virtual[wire].get(0, 0) - root}) for root in (r1, r2)]
        need(not c and _ratio(a, factors[0], state.p) and _ratio(b, factors[1], state.p), "these are not the roots")
        state.limit(wire, min(r1, r2), max(r1, r2))

    def _constant(self, text: str) -> None:
        """ROW WIRE: all other wires of the row have one value each; with these it is k·WIRE + m = 0, k != 0."""
        state = self.state
        row_text, wire_text = take(text.split(" "), 2)
        row, wire = state.row(row_text), state.wire(wire_text)
        need(wire not in row[0] or wire not in row[1], "the row is not linear in the wire")
        (a0, a1), (b0, b1), (c0, c1) = (
            (sum(k * state.constant(w) for w, k in side.items() if w != wire), side.get(wire, 0)) for side in row
        )
        factor = (a1 * b0 + b1 * a0 - c1) % state.p
        need(factor, "the wire's coefficient is zero")
        value = state.signed((c0 - a0 * b0) * pow(factor, -1, state.p))
        state.limit(wire, value, value)
        state.learn(wire)

    def _z(self, text: str) -> None:
        """ROW WIRE: a product is 0, so a factor is, and WIRE has the value that this factor gives it."""
        state = self.state
        row_text, wire_text = take(text.split(" "), 2)
        a, b, c = state.row(row_text)
        wire = state.wire(wire_text)
        need(not c and wire in a and wire in b, "the row is no product of two forms of the wire that is zero")
        ends = [end for side in (a, b) for end in state.interval(self._solve(side, wire))]
        state.limit(wire, min(ends), max(ends))

    def _i(self, text: str) -> None:
        """ROW WIRE: the linear row gives WIRE as a form, whose interval is WIRE's."""
        state = self.state
        row_text, wire_text = take(text.split(" "), 2)
        wire = state.wire(wire_text)
        state.limit(wire, *state.interval(self._solve(state.linear(state.row(row_text)), wire)))

    def _p(self, text: str) -> None:
        """ROW WIRE: C = ±WIRE + rest, so WIRE = ±(A·B - rest); intervals multiply by their ends."""
        state = self.state
        row_text, wire_text = take(text.split(" "), 2)
        a, b, c = state.row(row_text)
        wire = state.wire(wire_text)
        sign = state.signed(c.get(wire, 0))
        need(wire not in a and wire not in b and sign in (1, -1), "the wire is not in C only, with coefficient 1 or -1")
        products = [x * y for x in state.interval(a) for y in state.interval(b)]
        low, high = state.interval({w: k for w, k in c.items() if w != wire})
        ends = (sign * (min(products) - high), sign * (max(products) - low))
        state.limit(wire, min(ends), max(ends))

    def _solve(self, form: Form, wire: int) -> Form:
        """-rest/f where form = f·WIRE + rest."""
        need(wire in form, f"wire {wire} is not in the form")
        factor = -pow(form[wire], -1, self.state.p)
        return self.state.clean({w: c * factor for w, c in form.items() if w != wire})

    def _digits(self, row: str, scale: str, texts: Sequence[str]) -> tuple[list[int], list[int]]:
        """The unknown wires of a linear row, least first, and their coefficients times the scale, canonical."""
        state = self.state
        form, factor, wires = state.linear(state.row(row)), number(scale), state.wires(texts)
        need({w for w in form if w not in state.known} == set(wires), "these are not the row's unknown wires")
        need(all(wire in state.ranges for wire in wires), "a digit has no range")
        need(factor % state.p, "the scale is zero")
        return wires, [factor * form[wire] % state.p for wire in wires]

    def _super_increasing(self, wires: Sequence[int], coefficients: Sequence[int]) -> int:
        """Σ |c_i|·width_i, each |c_i| above the sum of those before.  Then Σ c_i·d_i = 0 with |d_i| <= width_i has only
        the solution 0: the last d_i that is not 0 would outweigh the others.
        """
        total = 0
        for wire, c in zip(wires, coefficients, strict=True):
            low, high = self.state.ranges[wire]
            need(high == low or abs(c) > total, f"the digits before wire {wire} can outweigh it")
            total += abs(c) * (high - low)
        return total

    def _g(self, text: str) -> None:
        """ROW SCALE W1 ... Wk: two assignments differ by digits d_i with Σ c_i·d_i ≡ 0, which is 0 as it is below p."""
        row, scale, *texts = take(text.split(" "), 3, or_more=True)
        wires, coefficients = self._digits(row, scale, texts)
        total = self._super_increasing(wires, [self.state.signed(c) for c in coefficients])
        need(total < self.state.p, "the digits' total reaches the modulus")
        for wire in wires:
            self.state.learn(wire)

    def _h(self, text: str) -> None:
        """ROW SCALE BOUND SHIFT W1 ... Wk: as g, where a bound keeps the total below p.

        Σ c_i·w_i = 2^SHIFT·V + (smaller bits) and V is bounded, so two assignments differ by less than p.  Bits of the
        bound that are known do not differ, and need not stand in the row.
        """
        state = self.state
        row, scale, bound_text, shift_text, *texts = take(text.split(" "), 5, or_more=True)
        wires, coefficients = self._digits(row, scale, texts)
        low, high, bits = state.fact(state.bounds, bound_text)
        shift = number(shift_text)
        need(0 <= shift <= state.p.bit_length(), "the shift is out of range")
        places = {bit: 1 << shift + i for i, bit in enumerate(bits)}
        need(all(bit in state.known for bit in bits if bit not in wires), "an unknown bit of the bound is missing")
        values, others = [], 0
        for wire, c in zip(wires, coefficients, strict=True):
            if wire in places:
                need((c - places[wire]) % state.p == 0, f"wire {wire} does not stand at its place of the bound")
                values.append(places[wire])
            else:
                need(state.is_boolean(wire) and c <= state.p >> 1, f"wire {wire} is no bit with a positive coefficient")
                values.append(c)
                others += c
        need(others < 1 << shift, "the bits below the bound reach it")
        need(((high - low) << shift) + others < state.p, "the bounded total reaches the modulus")
        self._super_increasing(wires, values)
        for wire in wires:
            state.learn(wire)

    def _c(self, text: str) -> None:
        """FORM: known, so it is 0 in both assignments or in neither; first the branch where it is 0."""
        form = self.state.form(text.split(" "))
        need(form.keys() <= self.state.known, "the form is not known")
        self.state.open_branch(form)

    def _e(self, text: str) -> None:
        """The branch where FORM != 0."""
        need(not text, "this step has no fields")
        self.state.next_branch()

    def _f(self, text: str) -> None:
        """Both branches are done: what is known in both is known."""
        need(not text, "this step has no fields")
        self.state.close_branch()

    def _zero(self, text: str) -> None:
        """ROW SIDE: in a zero branch a side k·FORM + m is m, and the row reads m·(other side) - C = 0."""
        state = self.state
        row_text, side = take(text.split(" "), 2)
        a, b, c = state.row(row_text)
        need(side in ("a", "b"), "a side is a or b")
        named, other = (a, b) if side == "a" else (b, a)
        for branch in self._open(in_zero=True):
            left, right = ({w: x for w, x in form.items() if w} for form in (named, branch.form))
            k = _ratio(left, right, state.p)
            if k is not None:
                m = named.get(0, 0) - k * branch.form.get(0, 0)
                total = {wire: m * x for wire, x in other.items()}
                for wire, x in c.items():
                    total[wire] = total.get(wire, 0) - x
                state.add_row(state.clean(total))
                return
        raise Refused("the side is no multiple, up to a constant, of what an open branch sets to zero")

    def _n(self, text: str) -> None:
        """ROW WIRE: in a nonzero branch one side is k·FORM != 0, and the other is C divided by it."""
        state = self.state
        row_text, wire_text = take(text.split(" "), 2)
        row, wire = state.row(row_text), state.wire(wire_text)
        need(wire not in row[2], "the wire is in C")
        need(all(w in state.known or w == wire for side in row for w in side), "another wire of the row is not known")
        need(
            any(self._is_nonzero(row[i]) and wire in row[1 - i] and wire not in row[i] for i in (0, 1)),
            "the wire's factor is not known to be nonzero",
        )
        state.learn(wire)

    def _m(self, text: str) -> None:
        """ROW: in a nonzero branch one side is k·FORM != 0 and C = 0, so the other side is 0."""
        a, b, c = self.state.row(text)
        need(not c, "C is not zero")
        need(self._is_nonzero(a) or self._is_nonzero(b), "no side is known to be nonzero")
        self.state.add_row(b if self._is_nonzero(a) else a)

    def _k(self, text: str) -> None:
        """ROW: a constant that is not 0 is 0: this branch has no assignments."""
        form = self.state.linear(self.state.row(text))
        need(form.keys() == {0}, "the row is no contradiction")
        need(self.state.branches, "no branch is open")
        self.state.set_impossible()

    def _open(self, *, in_zero: bool) -> Iterator[Branch]:
        """Innermost first."""
        return (branch for branch in reversed(self.state.branches) if branch.in_zero == in_zero)

    def _is_nonzero(self, side: Form) -> bool:
        return bool(side) and any(_ratio(side, branch.form, self.state.p) for branch in self._open(in_zero=False))


def _ratio(left: Form, right: Form, p: int) -> int | None:
    """k with left = k·right, or None."""
    if not left:
        return 0
    if left.keys() != right.keys():
        return None
    first = next(iter(left))
    k = left[first] * pow(right[first], -1, p) % p
    return k if all(c == k * right[wire] % p for wire, c in left.items()) else None
