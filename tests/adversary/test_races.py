"""Double redemption by threads and by processes on one file, and processes that die in the middle of one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import redeem_worker
from redeem_worker import AMOUNT, DOMAIN, open_settlement, redeem

from zkrelay.errors import DuplicateNote
from zkrelay.relay.merkle import MerkleTree
from zkrelay.relay.settlement import Settlement

EPOCH = 100
MONEY = AMOUNT * DOMAIN.price_per_unit
NULLIFIERS = list(range(1, 21))
HELPERS = str(Path(redeem_worker.__file__).parent)


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A ledger with money for all claims of these tests."""
    path = str(tmp_path / "ledger.sqlite")
    settlement = open_settlement(path, EPOCH)
    settlement.deposit(1, 1_000_000, EPOCH)
    settlement._store.close()
    return path


def start(path: str, seed: int, crash: str, nullifiers: list[int]) -> subprocess.Popen[str]:
    command = [sys.executable, redeem_worker.__file__, path, str(EPOCH), str(seed), crash, *map(str, nullifiers)]
    # no empty entry: it would mean the working folder, whose zkrelay/ has no compiled kernel in it
    entries = [HELPERS, os.environ.get("PYTHONPATH")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, entries))}
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)


def check_paid_once(settlement: Settlement, nullifiers: list[int], before: int) -> None:
    paid = settlement.payments()
    assert sorted(payment.nf for payment in paid) == nullifiers
    assert all(payment.money == MONEY for payment in paid)
    assert settlement.balance == before - MONEY * len(nullifiers)


@pytest.mark.parametrize("shared", [True, False], ids=["one store", "a store for each thread"])
def test_concurrency_double_redeem_threads(path: str, shared: bool) -> None:
    count = 6
    settlements = [open_settlement(path, EPOCH)]
    settlements += [settlements[0] if shared else open_settlement(path, EPOCH) for _ in range(count - 1)]
    before = settlements[0].balance
    barrier = threading.Barrier(count)

    def work(index: int) -> list[str]:
        barrier.wait()
        turn = NULLIFIERS[index:] + NULLIFIERS[:index]
        return [redeem(settlements[index], EPOCH, nf) for nf in turn]

    with ThreadPoolExecutor(count) as pool:
        outcomes = Counter(outcome for outcomes in pool.map(work, range(count)) for outcome in outcomes)
    assert outcomes == {"paid": len(NULLIFIERS), "NullifierSpent": (count - 1) * len(NULLIFIERS)}
    check_paid_once(settlements[0], NULLIFIERS, before)
    for settlement in set(settlements):
        settlement._store.close()


def test_concurrency_double_redeem_processes(path: str) -> None:
    count = 4
    workers = [start(path, seed, "no", NULLIFIERS) for seed in range(count)]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    settlement = open_settlement(path, EPOCH)
    before = settlement.balance
    winners = Counter[str]()
    results = []
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for worker in workers:
        out, _ = worker.communicate(timeout=120)
        assert worker.returncode == 0
        results.append(json.loads(out))
    for result in results:
        assert set(result.values()) <= {"paid", "NullifierSpent"}
        winners.update(nf for nf, outcome in result.items() if outcome == "paid")
    assert winners == {str(nf): 1 for nf in NULLIFIERS}
    check_paid_once(settlement, NULLIFIERS, before)
    settlement._store.close()


def test_concurrent_deposits_make_one_tree(path: str) -> None:
    """Every note gets its own position, whoever is first, and one note is inserted once."""
    settlements = [open_settlement(path, EPOCH) for _ in range(4)]
    barrier = threading.Barrier(4)

    def work(settlement: Settlement) -> list[int | None]:
        barrier.wait()
        positions: list[int | None] = []
        for inner in range(2, 12):
            try:
                positions.append(settlement.deposit(inner, 5_000, EPOCH).position)
            except DuplicateNote:
                positions.append(None)
        return positions

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(work, settlements))
    assert sorted(p for positions in found for p in positions if p is not None) == list(range(1, 11))
    assert root_of_stored_leaves(settlements[0]) == settlements[0].root
    for settlement in settlements:
        settlement._store.close()


def root_of_stored_leaves(settlement: Settlement) -> int:
    """The root of a fresh tree over the leaves that the ledger stored."""
    tree = MerkleTree(DOMAIN.arity, DOMAIN.depth)
    with settlement._store.read() as transaction:
        for position in range(transaction.num_notes()):
            leaf = transaction.nodes.get(0, position)
            assert leaf is not None
            tree.append(leaf)
    return tree.root


@pytest.mark.parametrize("crash", ["verified", "nullified", "paid"])
def test_crash_between_verify_and_insert(path: str, crash: str) -> None:
    """Killed after verification, after the nullifier, or after the payment but before the commit: nothing happened."""
    settlement = open_settlement(path, EPOCH)
    before = settlement.balance
    worker = start(path, 0, crash, [5])
    out, _ = worker.communicate("go\n", timeout=60)
    assert worker.returncode == -signal.SIGKILL
    assert out == "ready\n"
    assert not settlement.is_spent(5)
    assert (settlement.payments(), settlement.balance) == ([], before)
    assert redeem(settlement, EPOCH, 5) == "paid"
    check_paid_once(settlement, [5], before)
    settlement._store.close()


def test_the_worker_pays_when_it_is_not_killed(path: str) -> None:
    """The tests above can fail: the same worker without a crash leaves a payment."""
    worker = start(path, 0, "no", [5])
    out, _ = worker.communicate("go\n", timeout=60)
    assert json.loads(out.splitlines()[1]) == {"5": "paid"}
    settlement = open_settlement(path, EPOCH)
    assert settlement.is_spent(5)
    settlement._store.close()
