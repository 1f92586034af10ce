"""Digits and bounds over tiny fields: whatever the checker accepts is true of every choice of values."""

from __future__ import annotations

from collections import Counter
from itertools import product
from random import Random

from replay_systems import assignments

from zkrelay.audit.replay import Checker, statement_of
from zkrelay.audit.replay.reader import Row
from zkrelay.errors import AuditError


def digits(random: Random, p: int) -> tuple[Checker, list[int], dict[int, range]]:
    """A checker that believes ranges of the wires of one row, Σ c_i·w_i = input, and the coefficients c_i."""
    count = random.randint(1, 4)
    growing = [random.choice([1, 2, p - 1]) * random.choice([1, 2, 3]) ** i for i in range(count)]
    coefficients = [c % p or 1 for c in random.choice([growing, [random.randrange(1, p) for _ in range(count)]])]
    row: Row = ({}, {}, {1: 1, **{2 + i: -c for i, c in enumerate(coefficients)}})
    checker = Checker(statement_of([row], count + 2, [1], [2], p), "weak")
    widths = {
        2 + i: range(low, low + 1 + random.choice([0, 1, 1, 2]))
        for i, low in enumerate([random.randint(-2, 2)] * count)
    }
    return checker, coefficients, widths


def is_injective(coefficients: list[int], choices: list[tuple[int, ...]], p: int) -> bool:
    sums = [sum(c * d for c, d in zip(coefficients, choice, strict=True)) % p for choice in choices]
    return len(set(sums)) == len({tuple(d % p for d in choice) for choice in choices})


def test_digits_that_are_accepted_have_one_sum_each() -> None:
    random, accepted, refused = Random(1), 0, 0
    for _ in range(2000):
        p = random.choice([5, 7, 13, 31])
        checker, coefficients, widths = digits(random, p)
        checker.state.ranges.update({wire: (values[0], values[-1]) for wire, values in widths.items()})
        one_each = is_injective(coefficients, list(product(*widths.values())), p)
        try:
            checker.step(" ".join(map(str, ["g", 0, random.choice([1, 1, 2, p - 1]), *widths])))
        except AuditError:
            refused += not one_each
        else:
            accepted += 1
            assert one_each, (p, coefficients, widths)
    assert accepted > 300
    assert refused > 300


def test_bounded_digits_that_are_accepted_have_one_sum_each() -> None:
    random, accepted, beyond = Random(2), 0, 0
    for _ in range(2000):
        p, count = random.choice([5, 7, 11, 13]), random.randint(1, 4)
        coefficients = [random.choice([1 << i] * 12 + [p - 1, 3]) for i in range(count)]
        row: Row = ({}, {}, {1: 1, **{2 + i: -c for i, c in enumerate(coefficients)}})
        checker = Checker(statement_of([row], count + 2, [1], [2], p), "weak")
        wires = list(range(2, count + 2))
        checker.state.ranges.update(dict.fromkeys(wires, (0, 1)))
        shift = random.randint(0, count - 1)
        low, high = sorted(random.randrange(1 << (count - shift)) for _ in range(2))
        checker.state.bounds.append((low, high, tuple(wires[shift:])))
        choices = [
            bits
            for bits in product((0, 1), repeat=count)
            if low <= sum(bit << i for i, bit in enumerate(bits[shift:])) <= high
        ]
        try:
            checker.step(" ".join(map(str, ["h", 0, 1, 0, random.choice([shift, shift, shift + 1]), *wires])))
        except AuditError:
            continue
        accepted += 1
        beyond += (1 << count) > p
        assert is_injective(coefficients, choices, p), (p, coefficients, shift, low, high)
    assert accepted > 300
    assert beyond > 20  # more patterns than residues


def test_bounds_that_are_accepted_hold() -> None:
    """Bits w_i with one row Σ c_i·w_i = c, led to contradictions by ``t``, ``v`` and ``x``."""
    random, accepted = Random(3), Counter[str]()
    for _ in range(1500):
        p, count = random.choice([7, 13, 31, 61]), random.randint(1, 4)
        wires = list(range(1, count + 1))
        form = {w: random.choice([1 << i, 1 << i, random.randrange(1, p)]) for i, w in enumerate(wires)}
        rows: list[Row] = [
            *(({w: 1}, {w: 1, 0: -1}, {}) for w in wires),
            ({0: 1}, {**form, 0: random.randrange(p)}, {}),
        ]
        statement = statement_of(rows, count + 1, [1], [1], p)
        top = (1 << count) - 1
        values = [sum(x[w] << i for i, w in enumerate(wires)) for x in assignments(statement)]
        low, high = (min(values), max(values)) if values else (0, 0)
        low, high = random.choice([(low, high), (low, top), (0, high), (0, max(high - 1, 0))])
        if (low, high) == (0, top):
            continue
        names = [random.choice("tttvx") for _ in range(random.randint(1, 4))]
        operations = {
            "t": lambda: f"t {count} {random.randint(1, count)} {random.choice(wires)}",  # noqa: B023
            "v": lambda: f"v {count} {random.choice(wires)}",  # noqa: B023
            "x": lambda: f"x {count}",  # noqa: B023
        }
        checker = Checker(statement, "weak")
        for index, wire in enumerate(wires):
            checker.step(f"r {index} {wire} 0 1")
        try:
            checker.step(" ; ".join([" ".join(map(str, ["b", low, high, *wires])), *(operations[n]() for n in names)]))
        except AuditError:
            continue
        accepted["".join(sorted(set(names)))] += 1
        assert all(low <= found <= high for found in values), (p, rows, low, high)
    assert min(accepted["t"], accepted["x"], accepted["v"]) > 20, accepted
