"""Bounds on a decomposition that would otherwise wrap (b, h): AliasCheck, comparisons with a constant.

254 booleans with Σ 2^i·b_i ≡ x (mod p) may hold x or x + p.  They hold one number only when other rows keep the integer
V = Σ 2^i·b_i in an interval narrower than p.  V > HI means: V agrees with HI above some position j at which HI has a 0
and V a 1.  For each such j the rows around the bits are evaluated with those bits fixed and the lower ones free, every
wire as the small set of values it may take; each case must end in a contradiction.  LO is shown in the same way, and
both are *found* by the same question, from the highest bit down.

The rows are not recognised by name: any chain of products of bits does, and any sum of which a bit is read
(CompConstant sums numbers of 128 bits and looks at bit 127: step t).
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass

from ..system import Form, add, signed
from .linear_rules import scales
from .state import State

Values = frozenset[int]
Env = dict[int, Values]
MAX_COMBINATIONS = 64
MAX_VALUES = 8
MAX_OPS = 4000


@dataclass(frozen=True)
class Op:
    """v ROW WIRE, x ROW or t ROW K WIRE."""

    kind: str
    row: int
    wire: int = 0
    k: int = 0

    def __str__(self) -> str:
        return {"v": f"v {self.row} {self.wire}", "x": f"x {self.row}", "t": f"t {self.row} {self.k} {self.wire}"}[
            self.kind
        ]


class Contradiction(Exception):
    """Some wire has no value left."""


def bounded_digits(state: State, index: int) -> bool:
    """Row ``index``: booleans whose sum may exceed p, which other rows may bound."""
    form = state.linear(index)
    wires = state.unknown_wires(index)
    if form is None or state.trail is not None or not all(state.is_boolean(w) for w in wires):
        return False
    for scale in scales(form, wires, state.p):
        order = sorted(wires, key=lambda w: form[w] * scale % state.p)
        if all(form[w] * scale % state.p == 1 << i for i, w in enumerate(order)):
            return _bounded(state, index, scale, order)
    return False


def _bounded(state: State, index: int, scale: int, bits: list[int]) -> bool:
    box = Box(state, bits, index)
    touched = [i for i, bit in enumerate(bits) if box.readers.get(bit)]
    if not touched:
        return False
    shift = touched[0]
    high_bits = bits[shift:]
    low_reach = (1 << shift) - 1
    high = box.greatest(high_bits)
    low = 0
    if (high << shift) + low_reach >= state.p:
        low = box.least(high_bits)
    if ((high - low) << shift) + low_reach >= state.p:
        return False
    ops = "".join(f" ; {op}" for op in box.ops)
    state.note(f"b {low} {high} {' '.join(map(str, high_bits))}{ops}")
    state.note(f"h {index} {scale} {state.num_bounds} {shift} {' '.join(map(str, bits))}")
    state.num_bounds += 1
    for bit in bits:
        state.mark(bit)
    return True


class Box:
    """The rows around some bits as operations on sets of values, and their outcome with all bits free."""

    def __init__(self, state: State, bits: list[int], but: int) -> None:
        self.state = state
        self.ops: list[Op] = []
        self.readers: dict[int, list[int]] = defaultdict(list)
        self.env: Env = {0: frozenset((1,))} | {bit: frozenset((0, 1)) for bit in bits}
        self._seen = {but}
        frontier = list(bits)
        sums: set[int] = set()
        while frontier and len(self.ops) < MAX_OPS:
            for index in state.occurrences[frontier.pop()]:
                if index not in self._seen:
                    self._visit(index, frontier, sums)
        for index in sorted(sums):
            self._read_bit(index)

    def _visit(self, index: int, frontier: list[int], sums: set[int]) -> None:
        state, row = self.state, self.state.rows[index]
        unset = [w for w in row.wires() if w not in self.env]
        if len(unset) > 1:
            return
        if not unset:
            self._seen.add(index)
            if len(row.wires()) > 1 and self._combinations(index, None) <= MAX_COMBINATIONS:
                self._append(Op("x", index))
            return
        wire = unset[0]
        if self._combinations(index, wire) > MAX_COMBINATIONS:
            sums.add(index)
            return
        if (wire in row.a or wire in row.b) and state.linear(index) is None:
            return
        values = row_values(state, index, wire, self.env)
        if len(values) > MAX_VALUES:
            return
        self._seen.add(index)
        self._append(Op("v", index, wire))
        self.env[wire] = values
        frontier.append(wire)

    def _append(self, op: Op) -> None:
        for wire in self.state.rows[op.row].wires() - {op.wire}:
            self.readers[wire].append(len(self.ops))
        self.ops.append(op)

    def _combinations(self, index: int, but: int | None) -> int:
        count = 1
        for wire in self.state.rows[index].wires():
            if wire != but and wire in self.env:
                count *= len(self.env[wire])
                if count > MAX_COMBINATIONS:
                    break
        return count

    def _read_bit(self, index: int) -> None:
        """A sum over wires with sets, followed through linear rows to a decomposition of which one bit is fixed."""
        state = self.state
        form, parts = state.linear(index), {index: 1}
        used = {index}
        while form is not None:
            unset = [w for w in form if w and w not in self.env and not state.is_boolean(w)]
            if not unset:
                break
            following = next(
                (
                    (r, other)
                    for r in state.occurrences[unset[0]]
                    if r not in used and (other := state.linear(r)) is not None and len(unset) == 1
                ),
                None,
            )
            if following is None:
                return
            row, other = following
            factor = -form[unset[0]] * pow(other[unset[0]], -1, state.p) % state.p
            form = add(form, other, factor, state.p)
            parts[row] = factor
            used.add(row)
        if form is None:
            return
        for wire in sorted(w for w in form if w and w not in self.env):
            fixed = self._fixed(wire, 3)
            if fixed is None:
                continue
            for op in fixed:
                self._append(op)
                self.env[op.wire] = row_values(state, op.row, op.wire, self.env)
            for k in range(2, state.p.bit_length()):
                op = Op("t", len(state.rows), wire, k)
                if self._plausible(form, wire, k):
                    state.note("+ " + " ".join(f"{row}:{c}" for row, c in parts.items()))
                    state.add_row(form)
                    self._append(op)
                    return

    def _plausible(self, form: Form, wire: int, k: int) -> bool:
        """Bit k-1 of the sum: its coefficient is ±2^(k-1) times that of some other wire with a set."""
        p = self.state.p
        scale = (1 << k - 1) * pow(form[wire], -1, p) % p
        others = [signed(c * scale % p, p) for w, c in form.items() if w != wire]
        return 1 in map(abs, others) and sum(map(abs, others)).bit_length() < p.bit_length() - 1

    def _fixed(self, wire: int, depth: int) -> list[Op] | None:
        """Rows that leave ``wire`` one value, whatever the bits are."""
        for index in self.state.occurrences[wire]:
            form = self.state.linear(index)
            if form is None or len(form.keys() - {0}) > 2:
                continue
            others = [w for w in form if w not in (0, wire)]
            if not others:
                return [Op("v", index, wire)]
            if depth and others[0] not in self.env:
                before = self._fixed(others[0], 0)
                if before is not None:
                    return [*before, Op("v", index, wire)]
        return None

    # -- questions ----------------------------------------------------------------------------------------------------

    def greatest(self, bits: list[int]) -> int:
        """The greatest V that is not refuted, by prefixes."""
        return self._extreme(bits, 1)

    def least(self, bits: list[int]) -> int:
        return self._extreme(bits, 0)

    def _extreme(self, bits: list[int], preferred: int) -> int:
        """From the highest bit down: ``preferred`` unless that is refuted."""
        env, value = self.env, 0
        for position in reversed(range(len(bits))):
            try:
                chosen, env = preferred, self._with(env, bits[position], preferred)
            except Contradiction:
                chosen = 1 - preferred
                try:
                    env = self._with(env, bits[position], chosen)
                except Contradiction:
                    break
            value |= chosen << position
        return value

    def _with(self, env: Env, bit: int, value: int) -> Env:
        """``env`` after ``bit`` = value.  Sets only shrink, so only what reads a changed wire is evaluated again."""
        self.state.check_time()
        env = dict(env)
        env[bit] = frozenset((value,))
        dirty = {*self.readers[bit]}
        done = -1
        while dirty:
            number = min(dirty)
            dirty.discard(number)
            assert number >= done, "an operation reads only what earlier ones set"
            done = number
            op = self.ops[number]
            if op.kind == "x":
                if not satisfiable(self.state, op.row, env):
                    raise Contradiction
                continue
            values = (
                row_values(self.state, op.row, op.wire, env)
                if op.kind == "v"
                else top_bit(self.state, op.row, op.k, op.wire, env)
            ) & env[op.wire]
            if not values:
                raise Contradiction
            if values != env[op.wire]:
                env[op.wire] = values
                dirty.update(n for n in self.readers[op.wire] if n > number)
        return env


def _choices(state: State, row: int, but: int | None, env: Env) -> tuple[list[int], list[tuple[int, ...]]]:
    wires = [w for w in state.rows[row].wires() if w != but]
    return wires, list(itertools.product(*(sorted(env[w]) for w in wires)))


def row_values(state: State, row: int, wire: int, env: Env) -> Values:
    """What row ``row`` leaves for ``wire``, which is in C only or in a linear row."""
    p = state.p
    wires, choices = _choices(state, row, wire, env)
    form = state.linear(row)
    found = set()
    for choice in choices:
        values = dict(zip(wires, choice, strict=True))
        values[0] = 1
        if form is not None:
            rest = sum(k * values[w] for w, k in form.items() if w != wire)
            found.add(-rest * pow(form[wire], -1, p) % p)
        else:
            r = state.rows[row]
            a, b = (sum(k * values[w] for w, k in side.items()) for side in (r.a, r.b))
            rest = sum(k * values[w] for w, k in r.c.items() if w != wire)
            found.add((a * b - rest) * pow(r.c[wire], -1, p) % p)
    return frozenset(found)


def satisfiable(state: State, row: int, env: Env) -> bool:
    r = state.rows[row]
    wires, choices = _choices(state, row, None, env)
    for choice in choices:
        values = dict(zip(wires, choice, strict=True))
        values[0] = 1
        a, b, c = (sum(k * values[w] for w, k in side.items()) for side in (r.a, r.b, r.c))
        if (a * b - c) % state.p == 0:
            return True
    return False


def top_bit(state: State, row: int, k: int, wire: int, env: Env) -> Values:
    """What the sum of the other terms, modulo 2^k, leaves for the bit of weight 2^(k-1)."""
    p, half, whole = state.p, 1 << k - 1, 1 << k
    form = state.linear(row)
    assert form is not None
    scale = half * pow(form[wire], -1, p) % p
    low = high = reach = 0
    for w, c in form.items():
        if w == wire:
            continue
        c = signed(c * scale % p, p)
        if w not in env:
            reach += c if c % whole else 0
            continue
        residues = [(c * signed(v, p) + half) % whole - half for v in env[w]]
        low += min(residues)
        high += max(residues)
    high += reach
    return frozenset(bit for bit in (0, 1) if (high - bit * half) // whole * whole + bit * half >= low)
