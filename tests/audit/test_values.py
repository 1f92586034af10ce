"""The forward solver: what it completes satisfies every row, and over tiny primes it completes whatever can be."""

from __future__ import annotations

import random
import time

import pytest
from systems import F5, F7, assignments, boolean, linear, random_system, system

from zkrelay.audit.search.rational import numerator, roots
from zkrelay.audit.search.rows_index import RowsIndex, decodings, find_decoder, quadratic_roots
from zkrelay.audit.search.values import Guide, Values
from zkrelay.curves import bn254

P = bn254.FR.modulus
FOREVER = float("inf")


def solve(stated, known, seed=1, first=()):
    values = Values(RowsIndex(stated))
    if not all(values.assign(wire, value) for wire, value in known.items()):
        return []
    return values.solutions(Guide(random.Random(seed), first=first), FOREVER)


def test_rows_of_one_unknown_wire_are_solved_and_the_rest_checked() -> None:
    # out = (x + 3)·y, and y·y = x with x given
    stated = system([({2: 1, 0: 3}, {3: 1}, {1: 1}), ({3: 1}, {3: 1}, {2: 1})], outputs=1, inputs=1, wires=4)
    found = list(solve(stated, {2: 49}))
    assert sorted(z[3] for z in found) == [7, P - 7]
    assert all(not list(stated.violated(z)) for z in found)
    assert list(solve(stated, {2: 5 if pow(5, (P - 1) // 2, P) != 1 else bn254.FR.non_residue})) == []
    assert list(solve(stated, {2: 49, 3: 8})) == []


def test_a_decomposition_is_decoded_with_its_alias() -> None:
    bits = range(2, 256)
    form = {wire: 1 << place for place, wire in enumerate(bits)}
    rows = [*(boolean(wire) for wire in bits), linear({**form, 1: -1})]
    stated = system(rows, outputs=0, inputs=1, wires=256)
    small = list(solve(stated, {1: 5}))
    assert sorted(sum(z[wire] << place for place, wire in enumerate(bits)) for z in small) == [5, 5 + P]
    large = list(solve(stated, {1: P - 1}))  # 2p - 1 has 255 bits
    assert [sum(z[wire] << place for place, wire in enumerate(bits)) for z in large] == [P - 1]


@pytest.mark.parametrize("scale", [1, -1, 12345, P - 7])
def test_decodings_are_all_integers_of_that_residue(scale: int) -> None:
    weights = [1, -2, 4, 9, -20]
    decoder = find_decoder({wire: scale * k % P for wire, k in enumerate(weights, start=1)}, P)
    assert decoder is not None
    for number in range(32):
        bits = [number >> place & 1 for place in range(5)]
        total = sum(k * bit for k, bit in zip(weights, bits, strict=True))
        found = decodings(decoder, range(1, 6), -scale * total, P)
        assert [dict(option) for option in found] == [dict(enumerate(bits, start=1))]
    assert decodings(decoder, range(1, 6), -scale * 15, P) == []
    assert find_decoder({1: 1, 2: 1, 3: 5}, P) is None


def test_zero_factor_leaves_its_partner_free() -> None:
    # in·inv = 1 - out, in·out = 0: at in = 0 inv may be anything
    stated = system([({2: 1}, {3: 1}, {0: 1, 1: -1}), ({2: 1}, {1: 1}, {})], outputs=1, inputs=1, wires=4)
    assert [(z[1], z[3]) for z in solve(stated, {2: 4})] == [(0, pow(4, -1, P))]
    at_zero = list(solve(stated, {2: 0}))
    assert {z[1] for z in at_zero} == {1} and len({z[3] for z in at_zero}) > 1


@pytest.mark.parametrize("seed", range(60))
def test_every_assignment_of_a_tiny_system_is_found(seed: int) -> None:
    rng = random.Random(seed)
    stated = random_system(rng, F5, wires=5, rows=rng.randint(1, 4), inputs=1)
    assert sorted(map(tuple, solve(stated, {}))) == sorted(assignments(stated))


@pytest.mark.parametrize("seed", range(20))
def test_going_back_restores_everything(seed: int) -> None:
    rng = random.Random(seed)
    stated = random_system(rng, F7, wires=6, rows=4, inputs=2)
    values = Values(RowsIndex(stated))
    if not values.propagate():
        return
    mark, before = values.mark(), list(values.value)
    first = list(values.solutions(Guide(random.Random(1)), FOREVER))
    values.undo(mark)
    assert values.value == before
    assert sorted(values.solutions(Guide(random.Random(2)), FOREVER)) == sorted(first)


def test_a_deadline_that_has_passed_gives_nothing() -> None:
    stated = system([boolean(1)], outputs=1, inputs=0, wires=2)
    values = Values(RowsIndex(stated))
    assert list(values.solutions(Guide(random.Random(1)), time.monotonic() - 1)) == []


def test_long_chains_cost_what_their_terms_cost() -> None:
    """5,000 rows: the recursion limit would show here."""
    n = 5_000
    rows = [({wire: 1}, {wire: 1, 0: 1}, {wire + 1: 1}) for wire in range(2, n + 2)]
    stated = system([*rows, linear({1: 1, n + 2: -1})], outputs=1, inputs=1, wires=n + 3)
    (z,) = solve(stated, {2: 3})
    assert not list(stated.violated(z))


@pytest.mark.parametrize("p", [2, 5, 7, P])
def test_quadratic_roots_are_the_roots(p: int) -> None:
    field = {2: None, 5: F5, 7: F7, P: bn254.FR}[p]
    if field is None:
        from zkrelay.curves import PrimeField

        field = PrimeField("prime_2", 2)
    rng = random.Random(p)
    for _ in range(50):
        square, line, constant = (rng.randrange(min(p, 50)) for _ in range(3))
        if square == line == 0:
            continue
        found = quadratic_roots(square, line, constant, field)
        assert all((square * x * x + line * x + constant) % p == 0 for x in found)
        if p < 50:
            assert found == [x for x in range(p) if (square * x * x + line * x + constant) % p == 0]


def test_rational_functions_come_back_from_their_values() -> None:
    rng = random.Random(5)
    for degree in (0, 1, 3, 9):
        zeros = sorted(rng.randrange(P) for _ in range(degree))
        poles = [rng.randrange(P) for _ in range(3)]

        def value(x: int, zeros: list[int] = zeros, poles: list[int] = poles) -> int | None:
            above, below = 7, 1
            for zero in zeros:
                above = above * (x - zero) % P
            for pole in poles:
                below = below * (x - pole) % P
            return above * pow(below, -1, P) % P if below else None

        above = numerator(value, P, rng)
        assert above is not None and roots(above, P, rng) == zeros
    assert numerator(lambda x: pow(x, (P - 1) // 2, P), P, rng, max_degree=8) is None
    assert numerator(lambda x: 0, P, rng) == []
