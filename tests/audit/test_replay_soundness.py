"""Whatever the checker believes is true of every assignment: random systems over tiny fields, enumerated.

A step is tried; if the checker takes it, then each fact it now holds (known wires, ranges, bounds, virtual rows,
contradictions) is compared with the list of all assignments that satisfy the rows and the open branches.  Half of the
candidate steps are made to look right, or nothing of interest would ever be accepted.
"""

from __future__ import annotations

from collections import Counter
from itertools import product
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from replay_systems import MAX_ASSIGNMENTS, Assignment, assignments, holds, value

from zkrelay.audit.replay import Checker, statement_of
from zkrelay.audit.replay.reader import Form, Row, Statement
from zkrelay.errors import AuditError


class Oracle:
    """The same steps, understood by enumeration."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.all = assignments(statement)
        self.branches: list[tuple[Form, bool]] = []  # FORM, and whether it is zero here
        self.virtual: list[Form] = []

    def follow(self, line: str) -> None:
        """A step that was accepted."""
        name, _, rest = line.partition(" ")
        form = {int(w): int(c) for w, _, c in (term.partition(":") for term in rest.split(" "))} if name in "wc" else {}
        if name == "w":
            self.all = [[*x, value(form, x) % self.statement.modulus] for x in self.all]
        elif name == "c":
            self.branches.append((form, True))
        elif name == "e":
            self.branches[-1] = (self.branches[-1][0], False)
        elif name == "f":
            self.branches.pop()

    def here(self) -> list[Assignment]:
        """What is left in the open branches."""
        p = self.statement.modulus
        return [x for x in self.all if all((value(f, x) % p == 0) == zero for f, zero in self.branches)]

    def compare(self, checker: Checker) -> None:
        p, state = self.statement.modulus, checker.state
        here = self.here()
        first: dict[tuple[int, ...], Assignment] = {}
        for x in here:
            other = first.setdefault(tuple(x[w] for w in sorted(self.statement.inputs)), x)
            assert all(x[w] == other[w] for w in state.known), "a wire is not determined"
            assert all((x[w] - low) % p <= high - low for w, (low, high) in state.ranges.items()), "out of range"
            assert all(holds(row, x, p) for row in state.rows if row is not None), "a virtual row does not hold"
            for bound in state.bounds:
                if bound is not None:
                    low, high, bits = bound
                    assert low <= sum(x[w] << i for i, w in enumerate(bits)) <= high, "out of bounds"
        if state.impossible or (state.branches and state.branches[-1].impossible):
            assert not here, "a branch that is said to be impossible is not"


def random_form(random: Random, wires: list[int], p: int, terms: int = 3) -> Form:
    chosen = random.sample(wires, min(random.randint(1, terms), len(wires)))
    form = {wire: random.choice([1, 1, 2, p - 1, random.randrange(1, p)]) for wire in chosen}
    if random.random() < 0.4:
        form[0] = random.randrange(1, p)
    return form


def random_statement(random: Random, p: int) -> Statement:
    """Gadgets in miniature: bits, sums of bits, zero tests, divisions, products that are zero, and anything else."""
    rows: list[Row] = []
    num_inputs = random.randint(1, 2)
    wires = list(range(1, num_inputs + 1))
    bits: list[int] = []

    def new() -> int:
        wires.append(len(wires) + 1)
        return wires[-1]

    def new_bit() -> None:
        wire = new()
        bits.append(wire)
        rows.append(({wire: 1}, {wire: 1, 0: p - 1}, {}))

    for _ in range(random.randint(1, 3)):
        kind = random.randrange(12)
        x = random.choice(wires)
        if kind == 0:
            for _ in range(random.randint(1, 4)):
                new_bit()
        elif kind == 1 and len(bits) > 1:
            step, chosen = random.randrange(1, p), random.sample(bits, random.randint(2, len(bits)))
            form: Form = {wire: (step << i) % p for i, wire in enumerate(chosen)}
            form[random.choice([0, x])] = random.choice([p - step, random.randrange(1, p)])
            rows.append(random.choice([({}, {}, form), ({0: 1}, form, {})]))
        elif kind == 2 and len(bits) > 1:
            rows.append(({random.choice(bits): 1}, random_form(random, bits, p, 2), {}))
        elif kind == 3:  # x·inverse = 1 - zero, x·zero = 0
            form, inverse, zero = random_form(random, wires, p, 2), new(), new()
            rows.append((form, {inverse: 1}, {0: 1, zero: p - 1}))
            rows.append((form, {zero: 1}, {}))
        elif kind == 4:  # (x² - c)·new = something
            square, c = new(), random.randrange(1, p)
            rows.append(({x: 1}, {x: 1}, {square: 1}))
            rows.append(({square: 1, 0: p - c}, {new(): 1}, random_form(random, [x, 0], p, 2)))
        elif kind == 5:
            rows.append((random_form(random, [x], p, 1), {new(): 1}, {0: random.randrange(1, p)}))
        elif kind == 6:
            rows.append(
                (random_form(random, wires, p), random_form(random, wires, p), {new(): random.choice([1, p - 1])})
            )
        elif kind == 7:
            wire = new()
            rows.append(({wire: 1, **random_form(random, [x], p, 1)}, {wire: 2, x: 1}, {}))
        elif kind == 8 and bits:
            rows.append(({random.choice(bits): 1}, {random.choice(bits): random.choice([1, p - 1])}, {new(): 1, 0: 2}))
        elif kind in (9, 11):  # digits that are bounded by a product
            count = random.randint(2, 4)
            for _ in range(count):
                new_bit()
            rows.append(({bits[-1]: 1}, {bits[-2]: 1}, {}))
            rows.append(({}, {}, {x: p - 1, **{wire: 1 << i for i, wire in enumerate(bits[-count:])}}))
        else:
            sides = [random_form(random, wires, p, 2) for _ in range(3)]
            rows.append((sides[0], sides[1], random.choice([{}, sides[2]])))
    random.shuffle(rows)
    return statement_of(rows, len(wires) + 1, range(1, num_inputs + 1), wires[num_inputs:], p)


class Candidates:
    """Steps to try next."""

    def __init__(self, random: Random, checker: Checker, oracle: Oracle) -> None:
        self.random = random
        self.oracle = oracle
        self.checker = checker
        self.p = checker.state.p

    def line(self) -> str:
        names = "ssrrzziippppgggghhhhhbbbbw+cef00nnnnnnmkqqq"
        name = self.random.choice(names)
        maker = getattr(self, f"_{ {'+': 'plus', '0': 'zero'}.get(name, name) }")
        text = maker()
        return f"{name} {text}" if text else name

    def _row(self) -> int:
        return self.random.randrange(len(self.checker.state.rows) + (self.random.random() < 0.02))

    def wire_of(self, index: int) -> int:
        rows = self.checker.state.rows
        row = rows[index] if index < len(rows) else None
        return self.random.choice(sorted({w for side in row or () for w in side} | {1}))

    def _row_wire(self) -> str:
        row = self._row()
        return f"{row} {self.wire_of(row)}"

    def _form(self, wires: list[int]) -> str:
        form = random_form(self.random, wires or [0], self.p, 2)
        return " ".join(f"{w}:{c}" for w, c in form.items())

    def _all(self) -> list[int]:
        return list(range(1, self.checker.state.next_wire))

    _s = _z = _i = _p = _row_wire

    def _n(self) -> str:
        rows, known = self.checker.state.rows, self.checker.state.known
        open_rows = [(i, w) for i, row in enumerate(rows) if row for w in {*row[0], *row[1]} if w not in known]
        return " ".join(map(str, self.random.choice(open_rows or [(0, 1)])))

    def _r(self) -> str:
        row = self._row()
        return f"{row} {self.wire_of(row)} {self.random.choice(['0 1', '1 0', '0 2', f'0 {self.p + 1}', '-1 0'])}"

    def _w(self) -> str:
        return self._form(self._all())

    def _plus(self) -> str:
        count = self.random.randint(1, 2)
        return " ".join(f"{self._row()}:{self.random.randrange(-1, self.p)}" for _ in range(count))

    def _linear(self, index: int) -> Form:
        """The row as a form, if it is linear."""
        rows = self.checker.state.rows
        row = rows[index] if index < len(rows) else None
        if row is None or not (row[0].keys() <= {0} or row[1].keys() <= {0}):
            return {}
        factor, other = (row[0].get(0, 0), row[1]) if row[0].keys() <= {0} else (row[1].get(0, 0), row[0])
        form = {w: factor * c for w, c in other.items()}
        for w, c in row[2].items():
            form[w] = form.get(w, 0) - c
        return {w: c % self.p for w, c in form.items() if c % self.p}

    def _g(self) -> str:
        """A linear row with the scale that makes its coefficients small; not always."""
        linear = [i for i in range(len(self.checker.state.rows)) if self._linear(i)][: self.random.choice([2, 4, 99])]
        index = self.random.choice(linear or [0])
        known = self.checker.state.known
        form = {w: c for w, c in self._linear(index).items() if w not in known}

        half = self.random.choice([0, self.p // 2])  # small as canonical or as signed numbers

        def size(scale: int) -> int:
            return sum(abs((scale * c + half) % self.p - half) for c in form.values())

        scale = min(range(1, self.p), key=size) if self.random.random() < 0.8 else self.random.randrange(self.p)
        wires = sorted(form, key=lambda w: scale * form[w] % self.p)
        if self.random.random() < 0.2:
            self.random.shuffle(wires)
        return " ".join(map(str, [index, scale, *wires]))

    def _h(self) -> str:
        """Mostly with a bound of the row's own bits."""
        row, scale, *wires = self._g().split(" ")
        bounds = [(i, bound[2]) for i, bound in enumerate(self.checker.state.bounds) if bound is not None]
        own = [item for item in bounds if {*map(str, item[1])} <= {*wires}]
        bound, bits = self.random.choice(own or bounds or [(0, ())])
        shift = self.random.choice([0, len(wires) - len(bits)])
        return " ".join([row, scale, str(bound), str(shift), *wires])

    def _b(self) -> str:
        """Bits in the order of a row or not, true bounds or not, all rows of bits as operations or some."""
        state, random = self.checker.state, self.random
        bits = [w for w in state.ranges if w and state.is_boolean(w)]
        wires = [int(w) for w in self._g().split(" ")[2:] if int(w) in bits]
        if random.random() < 0.7 and wires:
            bits = wires[random.choice([0, 0, 0, -2]) :]
        else:
            random.shuffle(bits)
        bits = bits[: random.randint(1, 4)]
        low, high = random.randint(0, 1), random.randrange(1 << len(bits))
        if random.random() < 0.7:
            values = [sum(x[w] << i for i, w in enumerate(bits)) for x in self.oracle.here()]
            low, high = min(values, default=0), max(values, default=0)
        operations = [f"x {i}" for i in range(len(state.rows)) if self._is_of_bits(i)]
        for _ in range(random.randint(0, 2)):
            row = self._row()
            wire, place = self.wire_of(row), random.randint(1, 4)
            operations.insert(0, random.choice([f"v {row} {wire}", f"x {row}", f"t {row} {place} {wire}"]))
        return " ; ".join([" ".join(map(str, [low, high, *bits])), *operations[: random.randint(0, 8)]])

    def _is_of_bits(self, index: int) -> bool:
        row = self.checker.state.rows[index]
        return row is not None and all(w in self.checker.state.ranges for side in row for w in side)

    def _c(self) -> str:
        state = self.checker.state
        if len(state.branches) > 2:
            return ""
        if self.random.random() < 0.7:  # a side of a row
            row = state.rows[self._row() % len(state.rows)]
            side = self.random.choice(row) if row else {}
            if side and side.keys() <= state.known:
                return " ".join(f"{w}:{c}" for w, c in side.items())
        return self._form([w for w in state.known if w])

    def _e(self) -> str:
        return ""

    _f = _e

    def _zero(self) -> str:
        return f"{self._row()} {self.random.choice('ab')}"

    def _m(self) -> str:
        return str(self._row())

    def _k(self) -> str:
        constant = [i for i in range(len(self.checker.state.rows)) if self._linear(i).keys() == {0}]
        return str(self.random.choice(constant or [0]))

    def _q(self) -> str:
        """A row whose one side is D and whose N is a constant, or D = x² - c; not rarely a wrong certificate."""
        state, p = self.checker.state, self.p
        index = self._row() % len(state.rows)
        row, c0 = state.rows[index], self.random.randrange(1, p)
        if row is None or not row[0] or not row[1]:
            return ""
        wire = self.random.choice(sorted(row[1]))
        if self.random.random() < 0.5 and row[2].keys() == {0}:  # N = -c
            factor = pow(row[2][0], -1, p)
            d = dict(row[0])
            d[0] = d.get(0, 0) - c0
            m = " ".join(f"{w}:{c * factor % p}" for w, c in d.items())
            return f"{index} {wire} ; - ; {m} ; 0:0 ; {c0} 0"
        root = self.random.choice(self._all())
        squares = [i for i, r in enumerate(state.rows) if r and r[0] == r[1] == {root: 1} and len(r[2]) == 1]
        subs = f"{squares[0]},{next(iter(state.rows[squares[0]][2]))}" if squares else "-"
        return f"{index} {wire} ; {subs} ; 0:0 ; {root}:1 ; {row[0].get(0, 0)} 1"


def play(seed: int, p: int, steps: int) -> Counter[str]:
    """Accepted steps by rule; every fact compared on the way."""
    random = Random(seed)
    while True:
        statement = random_statement(random, p)
        oracle = Oracle(statement)
        if 0 < len(oracle.all) <= MAX_ASSIGNMENTS:
            break
    checker = Checker(statement, "weak")
    candidates = Candidates(random, checker, oracle)
    for step in range(steps):
        line = (
            candidates.line()
            if step >= len(statement.rows)
            else f"r {step} {max(statement.rows[step][0], default=1)} 0 1"
        )
        try:
            checker.step(line)
        except AuditError:
            continue
        oracle.follow(line)
        try:
            oracle.compare(checker)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, p = {p}, {line!r}: {error}; {statement.rows}") from None
    return checker.fired


@given(st.integers(min_value=0), st.sampled_from([7, 13, 17]))
@settings(max_examples=20)
def test_what_is_believed_is_true(seed: int, p: int) -> None:
    play(seed, p, steps=60)


def test_every_rule_was_put_to_it() -> None:
    fired: Counter[str] = Counter()
    for seed, p in product(range(40), (7, 13, 17)):
        fired += play(seed, p, steps=200)
    assert {name: fired[name] for name in "swrzipgbcef0nmkq+" if fired[name] < 2} == {}
