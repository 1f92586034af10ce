"""Many connections for minutes: what was carried is signed for, and memory does not grow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CLIENTS, MINUTES = 200, 5


@pytest.mark.long
def test_200_connections_for_minutes(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tunnel.measure", "--way", "paid", "--clients", str(CLIENTS)]
    done = subprocess.run(
        [*command, "--minutes", str(MINUTES)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(EXAMPLES)},
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    client, (node,) = found["client"], [it for it in found["node"].values() if "receipted_bytes" in it]
    assert found["failures"] == 0 and found["carried_bytes"] >= CLIENTS << 18
    assert node["receipted_bytes"] == client["signed"] == client["received"] + client["sent"]
    for party in ("client_mib", "node_mib"):
        half = len(found[party]) // 2
        assert max(found[party][half:]) <= max(found[party][:half]) + 16
