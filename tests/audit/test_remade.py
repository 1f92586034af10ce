"""Checks that no repair can meet, met by whoever knows how; and honest assignments that tell a mutant apart."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from systems import F7, assignments, boolean, linear, system

from zkrelay.audit.mutation.judge import Fate, Judge, Outcome
from zkrelay.audit.mutation.mutate import Mutant, mutants
from zkrelay.audit.mutation.repair import Repair
from zkrelay.audit.report import Mode, Report, Verdict
from zkrelay.audit.search.rows_index import RowsIndex
from zkrelay.audit.search.values import Guide, Values
from zkrelay.audit.system import Row, System
from zkrelay.curves import bn254

P = bn254.FR.modulus
FIFTH = pow(5, -1, P - 1)
X, S, T, U, S2, S4 = range(1, 7)
# t = x², u = t·x, and s is the fifth root of u: a "signature" that costs a root
POWERS = [({S: 1}, {S: 1}, {S2: 1}), ({S2: 1}, {S2: 1}, {S4: 1}), ({S4: 1}, {S: 1}, {U: 1})]
SIGNED = system([({X: 1}, {X: 1}, {T: 1}), ({T: 1}, {X: 1}, {U: 1}), *POWERS], outputs=0, inputs=2, wires=7)


def honest(x: int) -> list[int]:
    t, s = x * x % P, pow(x, 3 * FIFTH, P)
    return [1, x, s, t, t * x % P, s * s % P, pow(s, 4, P)]


@dataclass
class Rooter:
    """Signs what it finds; ``answers`` instead, when there are any."""

    answers: Sequence[Mapping[int, int]] = ()
    held: Sequence[int] = (S,)
    computed: Sequence[int] = ()
    seen: list[Sequence[int]] = field(default_factory=list)

    def further(self, mutant: Mutant, honest: Sequence[int], found: Sequence[int]) -> Iterable[Mapping[int, int]]:
        self.seen.append(found)
        return self.answers or [{S: pow(found[U], FIFTH, P)}]


def judged(remaker: Rooter | None) -> Outcome:
    """Without t = x²."""
    judge = Judge(SIGNED, honest=honest(11), remaker=remaker, seconds=0.0)
    return judge(next(mutant for mutant in mutants(SIGNED) if mutant.dropped))


def test_what_is_upstream_of_a_signature_takes_the_signer() -> None:
    assert judged(None).fate is Fate.UNDECIDED
    remaker = Rooter()
    outcome = judged(remaker)
    assert outcome.fate is Fate.KILLED and outcome.reason == "remade" and outcome.accepted is not None
    z = outcome.accepted
    assert list(SIGNED.violated(z)) == [0]
    assert pow(z[S], 5, P) == z[U] and remaker.seen


@pytest.mark.parametrize("answers", [[{S: 5}], [{}], [{T: 121}, {S: 1, S2: 3}], [{X: 11}]])
def test_a_remaker_is_not_believed(answers) -> None:
    assert judged(Rooter(answers)).fate is Fate.UNDECIDED


def test_what_is_held_moves_only_when_the_remaker_says_so() -> None:
    remaker = Rooter([{}])
    assert judged(remaker).fate is Fate.UNDECIDED
    assert remaker.seen and all(found[S] == honest(11)[S] for found in remaker.seen)


def test_a_changed_row_gives_what_the_signer_signs() -> None:
    """t = 2x² refuses what is honest; it accepts more, too, and the stronger evidence is shown."""
    changed = Mutant(SIGNED, "relax", 0, Row({X: 2}, {X: 1}, {T: 1}), "2x")
    outcome = Judge(SIGNED, honest=honest(11), remaker=Rooter(), seconds=0.0)(changed)
    assert outcome.fate is Fate.KILLED and outcome.accepted is not None and outcome.accepted[T] == 2 * 121
    assert Judge(SIGNED, honest=honest(11), seconds=0.0)(changed).fate is Fate.NARROWER


def test_inputs_that_rows_compute_are_left_to_them() -> None:
    # y = a·b + 1: y given first gives b
    stated = system([({2: 1}, {3: 1}, {1: 1, 0: -1}), boolean(2)], outputs=0, inputs=3, wires=4)
    for computed, given in (((), 3), ((1,), 1)):
        judge = Judge(stated, honest=[1, 6, 1, 5], remaker=Rooter(held=(), computed=computed))
        assert judge.repairs[0].given_by == {0: [given]}


def test_another_honest_assignment_tells_a_mutant_apart() -> None:
    """x·x = 0 instead of x·x = x accepts nothing more, and only where x = 1 does it show."""
    stated = system([boolean(1), ({1: 1}, {2: 1}, {3: 1})], outputs=0, inputs=2, wires=4)
    changed = Mutant(stated, "relax", 0, Row({1: 1}, {1: 1}, {}), "x is 0")
    plain, telling = [1, 0, 5, 0], [1, 1, 5, 5]
    assert Judge(stated, honest=plain)(changed).fate is Fate.HARMLESS
    judge = Judge(stated, honest=plain, others=[telling])
    assert judge.honest == [plain, telling]
    assert judge(changed).fate is Fate.NARROWER


@pytest.mark.parametrize("false", [[1, 4, 1, 1], [1, 3, 1, 2]])
def test_a_false_assignment_tells_nothing(false: list[int]) -> None:
    stated = system([({1: 1, 0: -3}, {2: 1}, {}), ({2: 1}, {3: 1}, {2: 1})], outputs=0, inputs=3, wires=4)
    assert false not in Judge(stated, honest=[1, 3, 0, 4], others=[false]).honest


def test_the_engine_is_not_asked_about_what_is_noticed() -> None:
    asked: list[System] = []

    def engine(system: System) -> Report:
        asked.append(system)
        return Report(system, Mode.WEAK, Verdict.UNKNOWN, {}, 0.0)

    judge = Judge(SIGNED, honest=honest(11), decide=engine, seconds=0.0)
    fates = [judge(mutant).fate for mutant in mutants(SIGNED)]
    assert len(asked) == fates.count(Fate.UNDECIDED) > 0 and Fate.NARROWER in fates


def test_a_changed_row_about_constants_is_harmless_or_narrower() -> None:
    rows = [linear({3: 1, 0: -1}), ({3: 1}, {3: 1, 2: 1}, {1: 1})]
    stated = system(rows, outputs=1, inputs=1, wires=4)
    same = Mutant(stated, "relax", 0, Row({3: 1}, {3: 1}, {3: 1}), "a bit")
    assert Judge(stated)(same).fate is Fate.KILLED
    wide = system([*rows, boolean(3)], outputs=1, inputs=1, wires=4)
    other = Mutant(wide, "relax", 2, Row({3: 1}, {3: 2, 0: P - 2}, {}), "the same row")
    assert Judge(wide)(other).fate is Fate.HARMLESS
    never = Mutant(wide, "relax", 2, Row({3: 1}, {3: 1, 0: 1}, {}), "x = -1")
    assert Judge(wide)(never).fate is Fate.NARROWER


def test_a_repair_may_take_the_other_decoding() -> None:
    """Over F_7 the sum b1 + 2·b2 + 4·b3 = 0 has two readings, 0 and 7."""
    bits = [*(boolean(wire) for wire in (2, 3, 4)), linear({2: 1, 3: 2, 4: 4, 1: -1})]
    stated = system(bits, outputs=0, inputs=1, wires=5, field=F7)
    run = Values(RowsIndex(stated))
    z = next(run.solutions(Guide(random.Random(1), prefer=[1, 5, 1, 0, 1], first=[1]), float("inf")))
    repair = Repair(run, z)
    assert z == [1, 5, 1, 0, 1]
    readings = []
    for alias in (0, 1):
        changed = repair.change({1: 0}, alias=alias)
        assert changed is not None and repair.aliased
        readings.append([changed.get(wire, z[wire]) for wire in range(5)])
    assert readings == [[1, 0, 0, 0, 0], [1, 0, 1, 1, 1]]
    assert all(tuple(found) in set(map(tuple, assignments(stated))) for found in readings)
    assert repair.change({1: 3}) == {1: 3, 3: 1, 4: 0} and not repair.aliased


def test_bits_that_were_chosen_together_are_given_by_their_row() -> None:
    bits = [*(boolean(wire) for wire in (2, 3, 4)), linear({2: 1, 3: 2, 4: 4, 1: -1})]
    stated = system(bits, outputs=0, inputs=1, wires=5, field=F7)
    for start, change in (([1, 0, 1, 1, 1], {1: 4}), ([1, 0, 0, 0, 0], {1: 6})):
        run = Values(RowsIndex(stated))
        z = next(run.solutions(Guide(random.Random(1), prefer=start, first=[1]), float("inf")))
        assert z == start
        repair = Repair(run, z)
        assert sorted(repair.given_by[3]) == [2, 3, 4]
        changed = repair.change(change)
        assert changed is not None
        assert not list(stated.violated([changed.get(wire, z[wire]) for wire in range(5)]))


def test_a_repair_that_may_fail_goes_on() -> None:
    judge = Judge(SIGNED, honest=honest(11))
    repair = judge.repairs[0]
    failing: list[int] = []
    assert repair.change({X: 12}) is None
    changed = repair.change({X: 12, S: repair.z[S]}, failing=failing)
    assert changed is not None and changed[U] == 12**3
    assert list(SIGNED.violated([changed.get(wire, value) for wire, value in enumerate(repair.z)])) == failing != []
