"""Bits that have no wire, and wires that rows of others make bits of: held against every assignment of tiny systems."""

from __future__ import annotations

import random

import pytest
from systems import F5, F7, assignments, boolean, linear, random_system, system

from zkrelay.algebra.encoding import unpack_field
from zkrelay.audit.mutation.judge import Fate, Judge
from zkrelay.audit.mutation.mutate import mutants
from zkrelay.audit.mutation.virtual import extended, with_virtual_bits
from zkrelay.audit.search.rows_index import RowsIndex
from zkrelay.audit.system import system_of
from zkrelay.circuits.range_check import assert_in_range
from zkrelay.curves import bn254
from zkrelay.r1cs import Circuit, ConstraintApi, compile_circuit, private

P = bn254.FR.modulus
LOWEST = ({1: 1, 2: -2}, {1: 1, 2: -2, 0: -1}, {})  # w1 - 2·w2 is 0 or 1


def virtual(*rows, field=bn254.FR, wires=4):
    stated = system(rows, outputs=0, inputs=1, wires=wires, field=field)
    return stated, with_virtual_bits(stated)


@pytest.mark.parametrize(
    "row",
    [
        LOWEST,
        ({1: 1, 2: -2}, {1: 1, 2: -2}, {1: 1, 2: -2}),  # V·V = V
        ({1: 3, 2: -6, 0: -3}, {1: 5, 2: -10}, {}),  # 3(V - 1)·5V = 0
        ({1: 1, 2: -2, 0: -7}, {1: 1, 2: -2, 0: -9}, {}),  # V ∈ {7, 9}
    ],
)
def test_a_sum_that_takes_two_values_gets_a_wire_and_a_linear_row(row) -> None:
    stated, wide = virtual(row, boolean(2))
    assert wide.num_wires == 5 and len(wide.rows) == 3
    assert wide.rows[0].wires() == {4} and wide.rows[1] == stated.rows[1] and wide.rows[2].linear
    index = RowsIndex(wide)
    assert index.is_bit[4] and not index.is_bit[1]


@pytest.mark.parametrize(
    "row",
    [
        boolean(1),  # has a wire already
        ({1: 1, 2: -2}, {1: 1, 2: -3, 0: -1}, {}),  # two different forms
        ({1: 1, 2: -2}, {1: 1, 2: -2, 0: -1}, {3: 1}),
        ({1: 1, 2: -2}, {1: 1, 2: -2}, {}),  # one value
        ({1: 1, 2: -2}, {1: 1, 2: -2}, {0: bn254.FR.non_residue}),  # none
        ({0: 2}, {1: 1, 2: 1}, {3: 1}),
        ({1: 1, 2: 1}, {3: 1}, {}),
    ],
)
def test_other_rows_are_left_alone(row) -> None:
    stated, wide = virtual(row)
    assert wide is stated


@pytest.mark.parametrize("field", [F5, F7], ids=["5", "7"])
def test_each_assignment_extends_to_exactly_one(field) -> None:
    stated, wide = virtual(LOWEST, ({3: 1, 1: 2}, {3: 1, 1: 2, 0: -1}, {}), boolean(2), field=field)
    assert wide.num_wires == 6
    found = list(assignments(stated))
    assert sorted(map(tuple, assignments(wide))) == sorted(tuple(extended(wide, z)) for z in found) and len(found) > 3


@pytest.mark.parametrize("field", [F5, F7], ids=["5", "7"])
def test_what_is_called_a_bit_is_never_anything_else(field) -> None:
    rng = random.Random(field.modulus)
    called = 0
    for _ in range(150):
        small = random_system(rng, field, wires=4, rows=3, inputs=1)
        rows = [*((row.a, row.b, row.c) for row in small.rows[:2]), boolean(2)]
        rows += rng.sample([({2: 1}, {1: 1}, {3: 1}), ({3: 1}, {0: 1, 2: -1, 3: -1}, {}), ({1: 1}, {2: 1}, {1: 1})], 2)
        stated = system(rows, outputs=1, inputs=1, wires=4, field=field)
        bits = [wire for wire in stated.signals if RowsIndex(stated).is_bit[wire]]
        called += len(bits)
        assert all(z[wire] < 2 for z in assignments(stated) for wire in bits)
    assert called > 200


@pytest.mark.parametrize(
    ("row", "is_bit"),
    [
        (({1: 1}, {2: 1}, {3: 1}), True),  # x = a·b
        (({3: 1}, {0: 1, 1: -1, 3: -1}, {}), True),  # x·(1 - a - x) = 0
        (({1: 1}, {3: 1}, {2: 1}), False),  # a·x = b: x is free where a = b = 0
        (({3: 1}, {0: 2, 1: -1, 3: -1}, {}), False),  # x = 2 for a = 0
        (({3: 1}, {3: 1}, {1: 1}), False),  # x = -1 for a = 1
        (({1: 2}, {2: 1}, {3: 1}), False),
    ],
)
def test_products_of_bits(row, is_bit: bool) -> None:
    stated = system([boolean(1), boolean(2), row], outputs=0, inputs=2, wires=4)
    assert bool(RowsIndex(stated).is_bit[3]) is is_bit


class Ranged(Circuit):
    """x - y and x have six bits: the lowest bit of each is an expression."""

    x = private()
    y = private()

    def define(self, cs: ConstraintApi) -> None:
        assert_in_range(cs, self.x, 6, "x")
        assert_in_range(cs, self.x - self.y, 6, "difference")


def test_no_bit_of_a_range_check_goes_unnoticed() -> None:
    compiled = compile_circuit(Ranged())
    honest = [unpack_field(bn254.FR, compiled.assign({"x": x, "y": y})) for x, y in ((41, 20), (63, 1), (2, 0))]
    stated = system_of(compiled.r1cs)
    judge = Judge(stated, honest=honest[0], others=honest[1:], seconds=0.5)
    assert judge.index.system.num_wires == stated.num_wires + 2
    outcomes = [judge(mutant) for mutant in mutants(stated)]
    for outcome in outcomes:
        mutant = outcome.mutant
        if mutant.dropped:
            assert outcome.fate is Fate.KILLED, str(mutant)
        if outcome.accepted is not None:
            assert not list(mutant.system.violated(outcome.accepted)) and list(stated.violated(outcome.accepted))
    assert all(outcome.fate in (Fate.KILLED, Fate.NARROWER) for outcome in outcomes)


def test_a_row_linear_in_bits_is_not_a_bit() -> None:
    stated, wide = virtual(linear({1: 1, 2: -2}), boolean(2))
    assert wide is stated


def test_two_rows_that_say_the_same_of_a_sum_are_redundant() -> None:
    again = ({1: 2, 2: -4, 0: -2}, {1: 1, 2: -2}, {})
    stated = system([LOWEST, boolean(2), again], outputs=0, inputs=1, wires=3)
    judge = Judge(stated)
    dropped = {mutant.row: judge(mutant) for mutant in mutants(stated) if mutant.dropped}
    assert [dropped[row].fate for row in (0, 2)] == [Fate.REDUNDANT] * 2 and "row 2" in dropped[0].reason
    assert dropped[1].fate is Fate.KILLED
