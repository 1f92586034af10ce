"""Many processes and sudden deaths, on the stores that survive them: every claim is paid exactly once."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import forked_settlement
import pytest
from forked_settlement import open_settlement
from redeem_worker import AMOUNT, DOMAIN

EPOCH = 100
MONEY = AMOUNT * DOMAIN.price_per_unit
CAP = (1 << 64) - 1
HELPERS = str(Path(forked_settlement.__file__).parent)


@pytest.fixture(params=["sqlite", "postgres"])
def spec(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A ledger with money for everything."""
    if request.param == "sqlite":
        spec = str(tmp_path / "ledger.sqlite")
    else:
        server = request.getfixturevalue("postgres_server")
        spec = f"postgres:{server.ledger()}:{server.conninfo}"
    settlement = open_settlement(spec, EPOCH)
    settlement.deposit(1, CAP, EPOCH)
    settlement._store.close()
    return spec


def run(command: str, *arguments: object) -> dict[str, Any]:
    entries = [HELPERS, os.environ.get("PYTHONPATH")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, entries))}
    done = subprocess.run(
        [sys.executable, forked_settlement.__file__, command, *map(str, arguments)],
        env=environment,
        cwd=HELPERS,  # not the repository, whose zkrelay/ has no compiled kernel in it
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def check_each_paid_once(spec: str, claims: int) -> None:
    settlement = open_settlement(spec, EPOCH)
    payments = settlement.payments()
    assert sorted(payment.nf or 0 for payment in payments) == list(range(1, claims + 1))
    assert all(payment.money == MONEY and payment.fee == 0 for payment in payments)
    assert settlement.balance == DOMAIN.price(DOMAIN.units(CAP)) - claims * MONEY
    with settlement._store.read() as transaction:
        assert [nf for nf, _ in transaction.nullifiers(-1, 10 * claims)] == list(range(1, claims + 1))
    settlement._store.close()
    if not spec.startswith("postgres:"):
        with closing(sqlite3.connect(spec)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def race(spec: str, children: int, claims: int, chunk: int) -> None:
    result = run("race", spec, EPOCH, children, claims, chunk)
    assert result["failed"] == 0
    assert result["outcomes"] == {"paid": claims, "NullifierSpent": (children - 1) * claims}
    check_each_paid_once(spec, claims)
    sent = children * claims
    print(f"\n{sent} claims from {children} processes: {result['elapsed_s']} s, of CPU {result['cpu_s']} s")


def crash(spec: str, kills: int, claims: int, seed: int) -> None:
    result = run("crash", spec, EPOCH, kills, claims, seed)
    assert result["last"] == 0
    assert result["killed"] > kills // 2, "most children had finished before they were killed"
    check_each_paid_once(spec, claims)


def test_processes_race_for_the_same_claims(spec: str) -> None:
    race(spec, children=4, claims=300, chunk=25)


def test_killed_at_random_moments(spec: str) -> None:
    crash(spec, kills=20, claims=150, seed=1)


@pytest.mark.long
def test_eight_processes_race_for_20_000_claims(spec: str) -> None:
    """Exactly 20,000 winners; unsorted keys without the ledger's lock would deadlock here for minutes."""
    race(spec, children=8, claims=20_000, chunk=500)


@pytest.mark.long
def test_killed_200_times_during_2_000_claims(spec: str) -> None:
    crash(spec, kills=200, claims=2_000, seed=2)
