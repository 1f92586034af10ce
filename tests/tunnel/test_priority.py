"""Who proves gives way to who carries."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
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
