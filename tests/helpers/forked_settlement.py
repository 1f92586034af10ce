"""Processes that settle the same claims on one ledger, and processes that are killed while they do.

    python forked_settlement.py race STORE EPOCH CHILDREN CLAIMS CHUNK
    python forked_settlement.py crash STORE EPOCH KILLS CLAIMS SEED

STORE is a file for SQLite, or ``postgres:LEDGER:CONNINFO``.  Children are forked from a process that has opened
nothing, so that 200 of them start in no time.  Prints one line of JSON.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

from fake_verifier import FakeVerifier, fake_proof
from redeem_worker import CONTEXT, DOMAIN, WINDOW, statement

from zkrelay.errors import NullifierSpent
from zkrelay.relay.settlement import Settlement, Submission
from zkrelay.relay.store import Payment, SettlementStore
from zkrelay.relay.store_sqlite import SqliteStore

LONGEST_LIFE_S = 0.08


def open_store(spec: str) -> SettlementStore:
    if spec.startswith("postgres:"):
        from zkrelay.relay.store_postgres import PostgresStore

        _, ledger, conninfo = spec.split(":", 2)
        return PostgresStore(conninfo, ledger=ledger)
    return SqliteStore(spec)


def open_settlement(spec: str, epoch: int) -> Settlement:
    return Settlement(open_store(spec), DOMAIN, FakeVerifier(), clock=lambda: epoch, window=WINDOW)


def submissions(settlement: Settlement, epoch: int, nullifiers: list[int]) -> list[Submission]:
    any_claim = statement(settlement, epoch, 1)
    claims = [replace(any_claim, nf=nf) for nf in nullifiers]
    return [Submission(claim.public_inputs, CONTEXT, fake_proof(claim)) for claim in claims]


def chunks(items: list[int], size: int) -> Iterator[list[int]]:
    return (items[first : first + size] for first in range(0, len(items), size))


def fork(work: Callable[[], object]) -> int:
    """The pid of a child that does the work and ends without cleaning up; its status is 0 when nothing was raised."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    return pid


def race(spec: str, epoch: int, children: int, claims: int, chunk: int) -> dict[str, object]:
    """Every child sends all claims, each in an order of its own, from the same moment on."""
    gate_out, gate_in = os.pipe()
    ready_out, ready_in = os.pipe()
    results_out, results_in = os.pipe()

    def work(seed: int) -> None:
        os.close(gate_in)
        settlement = open_settlement(spec, epoch)
        order = list(range(1, claims + 1))
        random.Random(seed).shuffle(order)
        mine = [submissions(settlement, epoch, part) for part in chunks(order, chunk)]
        os.write(ready_in, b"r")
        os.read(gate_out, 1)  # returns when the parent closes the gate
        outcomes, before = Counter[str](), time.process_time()
        for part in mine:
            for outcome in settlement.redeem_many(part):
                outcomes["paid" if isinstance(outcome, Payment) else type(outcome).__name__] += 1
        result = {"outcomes": outcomes, "cpu_s": time.process_time() - before}
        os.write(results_in, json.dumps(result).encode() + b"\n")

    pids = [fork(lambda seed=seed: work(seed)) for seed in range(children)]  # type: ignore[misc]
    os.close(ready_in)
    for _ in pids:
        assert os.read(ready_out, 1), "a child died before it was ready"
    started = time.monotonic()
    os.close(gate_in)
    failed = [pid for pid in pids if os.waitpid(pid, 0)[1] != 0]
    elapsed = time.monotonic() - started
    os.close(results_in)
    with os.fdopen(results_out) as lines:
        results = [json.loads(line) for line in lines]
    total = sum((Counter(result["outcomes"]) for result in results), Counter[str]())
    cpu = sum(result["cpu_s"] for result in results)
    return {"outcomes": total, "failed": len(failed), "elapsed_s": round(elapsed, 2), "cpu_s": round(cpu, 2)}


def crash(spec: str, epoch: int, kills: int, claims: int, seed: int) -> dict[str, object]:
    """One child after another settles what is left, one claim or a few at a time, until SIGKILL; the last may end."""
    source = random.Random(seed)

    def work(start: int, size: int) -> None:
        settlement = open_settlement(spec, epoch)
        order = [*range(start, claims + 1), *range(1, start)]
        for part in chunks(order, size):
            if size > 1:
                settlement.redeem_many(submissions(settlement, epoch, part))
            elif not settlement.is_spent(part[0]):
                with suppress(NullifierSpent):  # a server may still commit for the one who died before
                    settlement.redeem(*submissions(settlement, epoch, part)[0])

    killed = 0
    for _ in range(kills):
        start, size = source.randint(1, claims), source.choice((1, 7))
        pid = fork(lambda start=start, size=size: work(start, size))  # type: ignore[misc]
        time.sleep(source.uniform(0, LONGEST_LIFE_S))
        os.kill(pid, signal.SIGKILL)  # not yet waited for, so the pid is still this child's
        status = os.waitpid(pid, 0)[1]
        killed += os.WIFSIGNALED(status)
        assert os.WIFSIGNALED(status) or status == 0, "a child failed by itself"
    last = os.waitpid(fork(lambda: work(1, 50)), 0)[1]
    return {"killed": killed, "last": last}


if __name__ == "__main__":
    command = {"race": race, "crash": crash}[sys.argv[1]]
    print(json.dumps(command(sys.argv[2], *map(int, sys.argv[3:]))))
