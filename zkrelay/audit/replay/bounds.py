"""Rule ``b``: a number made of bits stays within bounds, by cases.

V = Σ 2^i·w_i with bits w_i is above HI only if, for some j where HI has a 0, w_j = 1 and w_i = bit i of HI for all
i > j; it is below LO only if, for some j where LO has a 1, w_j = 0 and w_i = bit i of LO for all i > j.  Each of these
cases is led to a contradiction by the same list of operations on sets of values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod

from .reader import Form
from .state import Refused, State, need, number, take

MAX_COMBINATIONS = 64
MAX_WIDTH = 3  # of a range that stands for a set of values
Values = frozenset[int]


class _Contradiction(Exception):
    """No value is left for a wire, or none satisfies a row."""


def prove_bound(state: State, text: str) -> None:
    """``LO HI W0 W1 ... ; OP ; OP ...``: a new bound, if every case ends in a contradiction."""
    head, *operations = text.split(" ; ")
    low_text, high_text, *texts = take(head.split(" "), 3, or_more=True)
    low, high, bits = number(low_text), number(high_text), state.wires(texts)
    need(all(state.is_boolean(bit) for bit in bits), "a wire is not known to be a bit")
    need(len(bits) <= state.p.bit_length(), "more bits than the modulus has")
    need(0 <= low <= high < 1 << len(bits), "these are no bounds for as many bits")
    parsed = [(operation, operation.split(" ")) for operation in operations]
    for case in _cases(low, high, bits):
        environment = _Environment(state, case)
        try:
            for operation, fields in parsed:
                environment.run(operation, fields)
        except _Contradiction:
            continue
        raise Refused(f"the case where wire {bits[len(bits) - len(case)]} decides is not contradicted")
    state.bounds.append((low, high, tuple(bits)))


def _cases(low: int, high: int, bits: Sequence[int]) -> Iterator[dict[int, int]]:
    for bound, inside in ((high, 0), (low, 1)):
        for j in range(len(bits)):
            if bound >> j & 1 == inside:
                yield {bits[j]: 1 - inside, **{bits[i]: bound >> i & 1 for i in range(j + 1, len(bits))}}


class _Environment:
    """Sets of values that wires can have in one case."""

    def __init__(self, state: State, case: dict[int, int]) -> None:
        self.state = state
        self.sets: dict[int, Values] = {wire: frozenset((value,)) for wire, value in case.items()}

    def run(self, operation: str, fields: Sequence[str]) -> None:
        name, *rest = fields
        if name == "v":
            self._value(*take(rest, 2))
        elif name == "x":
            self._check(*take(rest, 1))
        elif name == "t":
            self._top(*take(rest, 3))
        else:
            raise Refused(f"there is no operation {operation[:40]!r}")

    def values(self, wire: int) -> Values | None:
        """What is known of a wire: its set, or a narrow range."""
        if wire not in self.sets:
            low, high = self.state.ranges.get(wire, (0, MAX_WIDTH + 1))
            if high - low > MAX_WIDTH:
                return None
            self.sets[wire] = frozenset(value % self.state.p for value in range(low, high + 1))
        return self.sets[wire]

    def _combinations(self, forms: Sequence[Form]) -> Iterator[list[int]]:
        """Values of the forms for every choice of values for their wires."""
        wires = sorted({wire for form in forms for wire in form})
        sets = [self.values(wire) for wire in wires]
        choices = [values for values in sets if values is not None]
        need(len(choices) == len(sets), "a wire of the row has no set of values")
        need(prod(map(len, choices)) <= MAX_COMBINATIONS, f"more than {MAX_COMBINATIONS} combinations")
        for values in product(*choices):
            value = dict(zip(wires, values, strict=True))
            yield [sum(c * value[wire] for wire, c in form.items()) % self.state.p for form in forms]

    def _narrow(self, wire: int, found: Values) -> None:
        before = self.values(wire)
        self.sets[wire] = found if before is None else found & before
        if not self.sets[wire]:
            raise _Contradiction

    def _value(self, row: str, wire_text: str) -> None:
        """v ROW WIRE: the row gives WIRE for each combination of the others."""
        wire = self.state.wire(wire_text)
        forms = self.state.solved(self.state.row(row), wire)
        self._narrow(wire, frozenset((a * b + rest) % self.state.p for a, b, rest in self._combinations(forms)))

    def _check(self, row: str) -> None:
        """x ROW: some combination must satisfy the row."""
        if all((a * b - c) % self.state.p for a, b, c in self._combinations(self.state.row(row))):
            raise _Contradiction

    def _top(self, row: str, place: str, wire_text: str) -> None:
        """t ROW K WIRE: the linear row, scaled so that the bit WIRE has 2^(K-1), is 2^(K-1)·WIRE + Σ c_i·w_i = 0 over
        the integers, as it lies strictly between -p and p.  Modulo 2^K the other terms lie in [low, high]; WIRE = 0
        needs a multiple of 2^K there, WIRE = 1 a number that is 2^(K-1) modulo 2^K.
        """
        state, p = self.state, self.state.p
        wire, k = state.wire(wire_text), number(place)
        need(0 < k <= p.bit_length(), "the place is out of range")
        half, whole = 1 << k - 1, 1 << k
        form = state.linear(state.row(row))
        need(wire in form and state.is_boolean(wire), "the wire is no bit of the row")
        scale = half * pow(form[wire], -1, p)
        least, most, low, high = 0, half, 0, 0
        for other, c in form.items():
            if other == wire:
                continue
            values = self.values(other)
            if values is None:
                raise Refused(f"wire {other} has no set of values")
            terms = [state.signed(scale * c) * state.signed(value) for value in values]
            least, most = least + min(terms), most + max(terms)
            residues = [(term + half) % whole - half for term in terms]
            low, high = low + min(residues), high + max(residues)
        need(-p < least and most < p, "the row may wrap around the modulus")
        possible = [bit for bit in (0, 1) if (high - bit * half) // whole * whole + bit * half >= low]
        self._narrow(wire, frozenset(possible))
