"""The judge itself: held against the definition, the compiled walk against the plain one."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from small_systems import TINY_FIELDS, satisfies, small_system, small_systems

from zkrelay.audit.opinions.enumerate import MAX_MODULUS, Enumerated, decide, outputs_by_input, solutions
from zkrelay.audit.report import Mode, Verdict
from zkrelay.audit.system import System
from zkrelay.curves import PrimeField
from zkrelay.errors import AuditError

F7 = TINY_FIELDS[0]
IS_ZERO = [({2: 1}, {3: -1}, {1: 1, 0: -1}), ({2: 1}, {1: 1}, {})]  # out = 1 - x·inverse, x·out = 0


def by_definition(system: System) -> list[tuple[int, ...]]:
    """Every assignment tried against every row."""
    domain = [(1,), *([range(system.modulus)] * (system.num_wires - 1))]
    return [z for z in itertools.product(*domain) if satisfies(system, z)]


def assert_artefact(system: System, found: Enumerated, mode: Mode) -> None:
    pair = found.pair
    assert (pair is None) == (found.verdict is Verdict.SAFE)
    if pair is not None:
        asked = system.outputs if mode is Mode.WEAK else set(system.signals) - system.inputs
        assert satisfies(system, pair.first) and satisfies(system, pair.second)
        assert all(pair.first[w] == pair.second[w] for w in {0, *system.inputs})
        assert pair.differing and pair.differing == tuple(w for w in asked if pair.first[w] != pair.second[w])


@settings(max_examples=60, deadline=None)
@given(small_systems(fields=[F7], max_pieces=3).filter(lambda system: system.num_wires <= 6))
def test_it_is_the_definition(system: System) -> None:
    everything = by_definition(system)
    assert sorted(map(tuple, solutions(system, {}))) == everything
    expected: dict[tuple[int, ...], set[tuple[int, ...]]] = {}
    for z in everything:
        key = tuple(z[w] for w in sorted(system.inputs))
        expected.setdefault(key, set()).add(tuple(z[w] for w in system.outputs))
    assert outputs_by_input(system) == expected
    for mode, answers in ((Mode.WEAK, expected), (Mode.STRONG, None)):
        found = decide(system, mode=mode, compiled=False)
        assert_artefact(system, found, mode)
        if answers is None:
            unique = len({tuple(z[w] for w in sorted(system.inputs)) for z in everything}) == len(everything)
        else:
            unique = all(len(values) == 1 for values in answers.values())
        assert (found.verdict is Verdict.SAFE) == unique


@settings(max_examples=30, deadline=None)
@given(small_systems())
def test_the_compiled_walk_is_the_plain_one(system: System) -> None:
    for mode in Mode:
        plain, compiled = (decide(system, mode=mode, compiled=choice) for choice in (False, True))
        assert plain == compiled
        assert_artefact(system, compiled, mode)


def test_a_zero_test_determines_its_output_and_not_its_inverse() -> None:
    system = small_system(F7, 1, 1, 1, IS_ZERO)
    assert decide(system).verdict is Verdict.SAFE
    strong = decide(system, mode=Mode.STRONG)
    assert strong.verdict is Verdict.UNDER_CONSTRAINED and strong.pair is not None
    assert strong.pair.differing == (3,) and strong.pair.first[2] == 0
    broken = replace(system, rows=system.rows[:1])
    assert decide(broken).verdict is Verdict.UNDER_CONSTRAINED


def test_given_values_are_kept_and_refused() -> None:
    system = small_system(F7, 1, 1, 1, IS_ZERO)
    assert [z[1] for z in solutions(system, {2: 3})] == [0]
    assert list(solutions(system, {2: 3, 1: 1})) == []
    assert sorted(z[3] for z in solutions(system, {2: 7})) == list(range(7))  # a value is taken modulo p
    assert list(solutions(small_system(F7, 1, 1, 0, [({}, {}, {0: 1})]), {})) == []  # 0 = 1
    assert decide(small_system(F7, 1, 1, 0, [({}, {}, {0: 1})])).verdict is Verdict.SAFE  # of nothing, everything


def test_an_output_in_no_row_is_found_loose() -> None:
    assert decide(small_system(F7, 1, 1, 0, [({2: 1}, {2: 1}, {2: 1})])).verdict is Verdict.UNDER_CONSTRAINED


@pytest.mark.parametrize("compiled", [False, True])
def test_what_is_too_large_is_refused(compiled: bool) -> None:
    loose = small_system(TINY_FIELDS[2], 1, 3, 2, [({5: 1}, {6: 1}, {1: 1}), ({5: 1}, {0: 1}, {6: 1})])
    with pytest.raises(AuditError, match="not at its end after 1,000 values"):
        decide(small_system(TINY_FIELDS[2], 1, 6, 0, [({1: 1}, {0: 1}, {2: 1})]), max_nodes=1000, compiled=compiled)
    assert decide(loose, compiled=compiled).verdict is Verdict.UNDER_CONSTRAINED
    with pytest.raises(AuditError, match=f"at most {MAX_MODULUS}"):
        decide(small_system(PrimeField("prime_257", 257), 1, 1, 0, []), compiled=compiled)


def test_patience_hands_a_long_walk_to_the_compiler() -> None:
    copies = [({1: 1}, {0: 1}, {2: 1, 3: 1, 4: 1})]
    system = small_system(TINY_FIELDS[2], 1, 4, 0, copies)
    found = decide(system)
    assert found == decide(system, compiled=True) and found.verdict is Verdict.SAFE
    assert found.nodes > 31**4
