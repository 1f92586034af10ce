"""Mutants, and what is said of them: over tiny primes every verdict is held against all assignments."""

from __future__ import annotations

import itertools
import random

import pytest
from systems import F5, F7, assignments, boolean, linear, random_system, system

from zkrelay.algebra.encoding import unpack_field
from zkrelay.audit.mutation.judge import Fate, Judge, Outcome, judge
from zkrelay.audit.mutation.mutate import Mutant, mutants, same_row
from zkrelay.audit.report import Mode, Report, Verdict
from zkrelay.audit.search.pairs import find_pair
from zkrelay.audit.system import Row, System, system_of
from zkrelay.curves import bn254
from zkrelay.errors import AuditError
from zkrelay.r1cs import Circuit, ConstraintApi, compile_circuit, private, public

P = bn254.FR.modulus


def by_kind(stated: System, kind: str) -> list[Mutant]:
    return [mutant for mutant in mutants(stated) if mutant.kind == kind]


def check(outcome: Outcome) -> None:
    """The evidence of a killed mutant, with plain integers."""
    mutant = outcome.mutant
    changed, original = mutant.system, mutant.original
    if outcome.fate is not Fate.KILLED:
        assert outcome.pair is None and outcome.accepted is None
        return
    if outcome.pair is not None:
        first, second = outcome.pair.first, outcome.pair.second
        assert not list(changed.violated(first)) and not list(changed.violated(second))
        assert all(first[wire] == second[wire] for wire in changed.inputs)
        assert any(first[wire] != second[wire] for wire in outcome.pair.differing)
        assert list(original.violated(first)) or list(original.violated(second))
    else:
        assert outcome.accepted is not None
        assert not list(changed.violated(outcome.accepted)) and list(original.violated(outcome.accepted))


IS_ZERO = system([({2: 1}, {3: 1}, {0: 1, 1: -1}), ({2: 1}, {1: 1}, {})], outputs=1, inputs=1, wires=4)
BITS = system([*(boolean(wire) for wire in (1, 2, 3)), linear({1: 1, 2: 2, 3: 4, 4: -1})], outputs=3, inputs=1, wires=5)


def test_each_row_is_dropped_once_and_numbers_stay() -> None:
    for stated in (IS_ZERO, BITS):
        dropped = [mutant for mutant in mutants(stated) if mutant.dropped]
        assert [mutant.row for mutant in dropped] == list(range(len(stated.rows)))
        for mutant in dropped:
            assert len(mutant.system.rows) == len(stated.rows)
            assert not mutant.system.rows[mutant.row].wires()
    assert [mutant.row for mutant in by_kind(BITS, "drop boolean")] == [0, 1, 2]
    assert by_kind(IS_ZERO, "drop boolean") == []


def test_mutants_differ_from_the_original_and_come_alike_each_time() -> None:
    for mutant in mutants(BITS):
        assert not same_row(mutant.original.rows[mutant.row], mutant.replacement, P)
    assert [str(mutant) for mutant in mutants(BITS)] == [str(mutant) for mutant in mutants(BITS)]


def test_same_row_sees_through_scale_and_order() -> None:
    row = Row({1: 2}, {2: 3, 0: 1}, {3: 5})
    assert same_row(row, Row({2: 3, 0: 1}, {1: 2}, {3: 5}), P)
    assert same_row(row, Row({1: 1}, {2: 6, 0: 2}, {3: 5}), P)
    assert same_row(row, Row({1: 4}, {2: 3, 0: 1}, {3: 10}), P)
    assert not same_row(row, Row({1: 2}, {2: 3, 0: 1}, {3: 6}), P)
    assert same_row(Row({1: 1}, {1: 1, 0: -1 % P}, {}), Row({1: 1}, {1: 1}, {1: 1}), P)


def test_a_wider_decomposition_has_a_bit_more() -> None:
    (mutant,) = by_kind(BITS, "widen")
    assert mutant.row == 3 and mutant.system.num_wires == 6
    z = (1, 0, 1, 0, 10, 1)  # 10 = 0b1010
    assert not list(mutant.system.violated(z)) and list(BITS.violated(z[:5]))
    assert list(mutant.system.violated((1, 0, 1, 0, 18, 2)))


@pytest.mark.parametrize("stated", [IS_ZERO, BITS], ids=["IsZero", "bits"])
def test_every_dropped_row_is_killed(stated: System) -> None:
    verdict = Judge(stated)
    for mutant in mutants(stated):
        outcome = verdict(mutant)
        check(outcome)
        if mutant.dropped or mutant.kind == "widen":
            assert outcome.fate is Fate.KILLED, str(mutant)


@pytest.mark.parametrize(
    ("again", "why"),
    [
        (({1: 3}, {2: 1}, {}), "says the same"),
        (linear({3: 2, 1: -2, 4: 2, 2: -4}), "linear combination"),
    ],
)
def test_a_row_that_follows_is_redundant(again, why: str) -> None:
    rows = [({2: 1}, {3: 1}, {0: 1, 1: -1}), ({2: 1}, {1: 1}, {}), linear({3: 1, 1: -1}), linear({4: 1, 2: -2})]
    verdict = Judge(system([*rows, again], outputs=1, inputs=1, wires=5))
    last = [mutant for mutant in mutants(verdict.system) if mutant.dropped and mutant.row == 4]
    outcome = verdict(last[0])
    assert outcome.fate is Fate.REDUNDANT and why in outcome.reason


def test_a_boolean_row_of_a_constant_is_redundant() -> None:
    stated = system([linear({3: 1, 0: -1}), boolean(3), ({2: 1}, {3: 1}, {1: 1})], outputs=1, inputs=1, wires=4)
    fates = {mutant.row: judge(mutant).fate for mutant in mutants(stated) if mutant.dropped}
    assert fates == {0: Fate.KILLED, 1: Fate.REDUNDANT, 2: Fate.KILLED}


@pytest.mark.parametrize("field", [F5, F7], ids=["5", "7"])
def test_over_a_tiny_prime_no_verdict_is_false_and_none_is_missing(field) -> None:
    """Killed: checked.  Redundant: nothing new is accepted.  Whatever exhaustion kills is killed."""
    killed, missed = 0, []
    for seed in range(16):
        rng = random.Random(seed)
        stated = random_system(rng, field, wires=4, rows=rng.randint(2, 4), inputs=1)
        allowed = set(assignments(stated))
        verdict = Judge(stated, seconds=5.0)
        for mutant in itertools.islice(mutants(stated), 8):
            outcome = verdict(mutant)
            check(outcome)
            more = set(assignments(mutant.system)) - allowed if not mutant.extra else None
            if outcome.fate is Fate.KILLED:
                killed += 1
            elif outcome.fate in (Fate.REDUNDANT, Fate.NARROWER) and mutant.dropped:
                assert not more, str(mutant)
            if more and outcome.fate is not Fate.KILLED:
                missed.append(str(mutant))
    assert killed > 30
    assert missed == []


class Selected(Circuit):
    """y = b ? 5x : x² for a bit b."""

    y = public()
    x = private()
    b = private()

    def define(self, cs: ConstraintApi) -> None:
        cs.assert_product(self.b, self.b, self.b)
        square = self.x * self.x
        cs.assert_equal(self.y, self.b * (5 * self.x - square) + square)


def test_our_own_circuit_with_its_own_honest_assignment() -> None:
    compiled = compile_circuit(Selected())
    honest = unpack_field(bn254.FR, compiled.assign({"y": 35, "x": 7, "b": 1}))
    stated = system_of(compiled.r1cs)
    verdict = Judge(stated, honest=honest)
    outcomes = [verdict(mutant) for mutant in mutants(stated)]
    for outcome in outcomes:
        check(outcome)
    assert all(outcome.fate is Fate.KILLED for outcome in outcomes if outcome.mutant.dropped)


def test_a_false_honest_assignment_is_not_used() -> None:
    verdict = Judge(IS_ZERO, honest=[1, 1, 1, 1])
    assert all(not list(IS_ZERO.violated(repair.z)) for repair in verdict.repairs)


@pytest.mark.parametrize("honest", [[1, 0, 1], [1, 0, 1, 1, 0], [0, 0, 1, 1], [1, 0, 1, P], [1, -1, 1, 1]])
def test_an_assignment_of_another_shape_is_refused(honest: list[int]) -> None:
    with pytest.raises(AuditError, match="4 in all"):
        Judge(IS_ZERO, honest=honest)
    with pytest.raises(AuditError, match="4 in all"):
        find_pair(IS_ZERO, (), (1,), deadline=float("inf"), honest=honest)


def test_the_engine_has_the_last_word_only_with_evidence() -> None:
    """SAFE without evidence either way stays undecided; an engine's pair counts when it checks."""
    stated = system([({1: 1}, {2: 1}, {0: 1})], outputs=1, inputs=1, wires=3)
    mutant = Mutant(stated, "relax", 0, Row({1: 1}, {2: 1, 0: 0}, {0: 1}), "as it was")

    def engine(verdict: Verdict):
        return lambda asked: Report(asked, Mode.WEAK, verdict, {1: verdict}, 0.0)

    assert judge(mutant, decide=engine(Verdict.SAFE), seconds=0.5).fate is Fate.UNDECIDED
    assert judge(mutant, decide=engine(Verdict.UNDER_CONSTRAINED), seconds=0.5).fate is Fate.UNDECIDED
    dropped = next(mutants(stated))
    assert judge(dropped, decide=engine(Verdict.SAFE)).fate is Fate.KILLED


def test_what_follows_by_the_callers_proof_is_redundant() -> None:
    # x·x = x, (x - 1)·y = 0 and x·y = y say the same of y twice, by no linear combination of linear rows
    rows = [boolean(2), ({2: 1, 0: -1}, {1: 1}, {}), ({2: 1}, {1: 1}, {1: 1}), linear({3: 1, 2: -1, 1: -1})]
    stated = system([*rows, ({3: 1}, {2: 1, 0: -1}, {})], outputs=1, inputs=1, wires=4)
    last = [mutant for mutant in mutants(stated) if mutant.dropped and mutant.row == 4]
    assert judge(last[0], seconds=0.5).fate is Fate.UNDECIDED
    assert judge(last[0], implied=lambda _system, _row: True, seconds=0.5).fate is Fate.REDUNDANT
