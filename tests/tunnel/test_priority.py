"""Who proves gives way to who carries."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tunnel.priority import DutyCycle
from tunnel_shell import EXAMPLES

CODE = """
import json, os, sys
from tunnel.priority import give_way
give_way(int(sys.argv[1]))
print(json.dumps([os.nice(0), os.sched_getscheduler(0)]))
"""


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="this system has no idle policy")
@pytest.mark.parametrize(("nice", "policy"), [(5, "SCHED_OTHER"), (19, "SCHED_IDLE")])
def test_the_lowest_runs_only_while_nobody_else_wants_to(nice: int, policy: str, tmp_path) -> None:
    found = subprocess.run(
        [sys.executable, "-c", CODE, str(nice)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(EXAMPLES)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(found.stdout) == [min(os.nice(0) + nice, 19), getattr(os, policy)]


class Times:
    """A clock of the wall and one of the processor."""

    def __init__(self) -> None:
        self.wall = self.processor = 0.0

    def duty(self, share: float) -> DutyCycle:
        return DutyCycle(share, clock=lambda: self.wall, spent=lambda: self.processor)

    def work(self, duty: DutyCycle, seconds: float, waited: float = 0.0) -> None:
        with duty.work():
            self.wall += seconds + waited
            self.processor += seconds


@given(st.floats(0.01, 1), st.lists(st.tuples(st.floats(0.001, 100), st.floats(0, 10)), min_size=1, max_size=20))
def test_work_takes_its_share_and_no_more(share: float, pieces: list[tuple[float, float]]) -> None:
    times = Times()
    duty = times.duty(share)
    for seconds, waited in pieces:
        assert duty.pause_s == 0
        times.work(duty, seconds, waited)
        times.wall += duty.pause_s
        while duty.pause_s > 0:  # the last bit of a sum of floats
            times.wall += 1e-9
    assert times.processor <= share * times.wall * (1 + 1e-9)


def test_the_whole_processor_means_no_pause() -> None:
    times = Times()
    duty = times.duty(1.0)
    times.work(duty, 5.0)
    assert duty.pause_s == 0


def test_work_that_fails_has_taken_its_time() -> None:
    times = Times()
    duty = times.duty(0.25)

    def fail() -> None:
        with duty.work():
            times.wall = times.processor = 1.0
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert duty.pause_s == 3.0


@pytest.mark.parametrize("share", [0.0, -0.1, 1.1, float("nan")])
def test_shares_that_are_none(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        DutyCycle(share)
