"""The engine before the judge: on small random systems over tiny fields, where every assignment can be tried."""

from __future__ import annotations

import dataclasses
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, event, given, seed, settings
from small_systems import satisfies, small_systems

from zkrelay.audit import audit
from zkrelay.audit.opinions.enumerate import decide
from zkrelay.audit.report import Mode, Verdict
from zkrelay.audit.system import System

TIMEOUT_S = 60.0  # never needed: systems of a few rows
MODES = {False: Mode.WEAK, True: Mode.STRONG}


def check(system: System, strong: bool) -> Verdict:
    """What the engine says, after holding it against every assignment: as a whole, by target, and the pair."""
    report = audit(system, strong=strong, timeout=TIMEOUT_S)
    judged = decide(system, mode=MODES[strong])
    if report.verdict is not Verdict.UNKNOWN:
        assert report.verdict is judged.verdict, f"the engine is wrong: {judged.pair}"
    asked = set(system.signals) if strong else set(system.outputs)
    assert set(report.targets) == asked
    for wire, verdict in report.targets.items():
        if verdict is not Verdict.UNKNOWN and wire not in system.inputs:
            own = decide(dataclasses.replace(system, outputs=(wire,)))
            assert own.verdict is verdict, f"the engine is wrong about wire {wire}: {own.pair}"
    pair = report.pair
    assert (pair is not None) == (report.verdict is Verdict.UNDER_CONSTRAINED)
    if pair is not None:
        assert satisfies(system, pair.first) and satisfies(system, pair.second)
        assert all(pair.first[wire] == pair.second[wire] for wire in {0, *system.inputs})
        assert pair.differing and asked.issuperset(pair.differing)
        assert all(pair.first[wire] != pair.second[wire] for wire in pair.differing)
    return report.verdict


@pytest.mark.parametrize("strong", [False, True])
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(system=small_systems())
def test_no_verdict_is_contradicted(strong: bool, system: System) -> None:
    event(check(system, strong).value)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("strong", [False, True])
@settings(max_examples=5000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(system=small_systems(max_pieces=6))
def test_no_verdict_is_contradicted_for_long(strong: bool, system: System) -> None:
    check(system, strong)


def test_the_systems_are_worth_asking_about() -> None:
    """Each answer is given often: a generator of trivial systems would let any engine pass."""
    said: Counter[Verdict] = Counter()

    @seed(20261128)
    @settings(
        max_examples=100, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=[*HealthCheck]
    )
    @given(small_systems())
    def ask(system: System) -> None:
        said[decide(system).verdict] += 1

    ask()
    assert min(said[Verdict.SAFE], said[Verdict.UNDER_CONSTRAINED]) > 15, said
