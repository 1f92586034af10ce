"""The journal: the first value stands, a second one is refused, and neither crashes nor rivals change that."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import journal_worker
import pytest
from claim_world import AMOUNT, CONTEXT, EPOCH, World
from journal_worker import DOMAIN, shared_statement
from open_world import LIMIT, POSITION, OpenWorld

from zkrelay.errors import Equivocation, MalformedInput, StoreError
from zkrelay.relay.context import ClaimContext
from zkrelay.relay.journal import Journal
from zkrelay.relay.opening import Opening, OpenMessage, Ticket
from zkrelay.relay.slash import recover
from zkrelay.relay.statement import SharedClaimStatement

HELPERS = str(Path(journal_worker.__file__).parent)
WORLD = World(domain=DOMAIN)
OPENER = OpenWorld(depth=4)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with Journal(path) as journal:
        yield journal


def opening(number: int = 0, **message: int) -> Opening:
    return OPENER.make_opening(
        ticket=Ticket(number, LIMIT), message=OPENER.make_message(**message), proof=OPENER.tree.proof(POSITION)
    )


def claim(**changes: object) -> SharedClaimStatement:
    found = WORLD.make_claim(**changes).statement
    assert isinstance(found, SharedClaimStatement)
    return found


def test_honest_retries_pass(journal: Journal) -> None:
    """All that ``slash_honest_retry_safe`` allows, any number of times."""
    retries = (claim(), claim(epoch=EPOCH - 1), claim(context=ClaimContext(payout_address=1)), claim())
    for statement in retries:
        journal.record_claim(statement)
    for again in (opening(), opening(), opening(3), opening(3)):
        journal.record_opening(again)
    assert CONTEXT.aux == claim().aux


@pytest.mark.parametrize("changes", [{"venue": 1}, {"amount": AMOUNT - 1}, {"venue": 2, "amount": 1}])
def test_a_second_value_is_refused_and_would_have_convicted(journal: Journal, changes: dict[str, int]) -> None:
    journal.record_claim(claim())
    second = claim(**changes)
    for _ in range(2):
        with pytest.raises(Equivocation, match="venue 0 with 100 units"):
            journal.record_claim(second)
    journal.record_claim(claim())
    assert recover(claim(), second).secret == WORLD.node.kn


@pytest.mark.parametrize("changes", [{"inner": 5}, {"expiry": 7}, {"domain": 9}])
def test_a_second_note_for_a_ticket_is_refused(journal: Journal, changes: dict[str, int]) -> None:
    journal.record_opening(opening())
    with pytest.raises(Equivocation, match="another note"):
        journal.record_opening(opening(**changes))
    journal.record_opening(opening(1, **changes))
    journal.record_opening(opening())


def test_the_message_comes_back_for_a_retry(journal: Journal) -> None:
    ticket = Ticket(0, LIMIT)
    assert journal.message(ticket, OPENER.key, OPENER.funding) is None
    journal.record_opening(opening(inner=(1 << 253) + 1))
    message = journal.message(ticket, OPENER.key, OPENER.funding)
    assert isinstance(message, OpenMessage) and message == OPENER.make_message(inner=(1 << 253) + 1)
    again = OPENER.make_opening(ticket=ticket, message=message, proof=OPENER.tree.proof(POSITION))
    assert again.statement.share == opening(inner=(1 << 253) + 1).statement.share


def test_unused_tickets_in_order(journal: Journal) -> None:
    for number in range(LIMIT):
        ticket = journal.unused_ticket(OPENER.key, OPENER.funding, LIMIT)
        assert ticket == Ticket(number, LIMIT)
        journal.record_opening(opening(number, inner=number))
    assert journal.unused_ticket(OPENER.key, OPENER.funding, LIMIT) is None
    other = OPENER.mallory
    assert journal.unused_ticket(other, OPENER.funding, LIMIT) == Ticket(0, LIMIT)
    for limit in (0, (1 << 16) + 1):
        with pytest.raises(MalformedInput, match="limit"):
            journal.unused_ticket(other, OPENER.funding, limit)


def test_what_was_written_is_there_after_reopening(path: Path) -> None:
    with Journal(path) as journal:
        journal.record_claim(claim())
        journal.record_opening(opening())
    with Journal(path) as journal:
        with pytest.raises(Equivocation):
            journal.record_claim(claim(venue=1))
        with pytest.raises(Equivocation):
            journal.record_opening(opening(inner=5))


def test_the_file_is_private_and_synchronous(path: Path, journal: Journal) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (synchronous,) = journal._connection.execute("PRAGMA synchronous").fetchone()
    (mode,) = journal._connection.execute("PRAGMA journal_mode").fetchone()
    assert (synchronous, mode) == (2, "wal")


def start(path: Path, *arguments: str) -> subprocess.Popen[str]:
    entries = [HELPERS, os.environ.get("PYTHONPATH")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, entries))}
    command = [sys.executable, journal_worker.__file__, str(path), *arguments]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=path.parent
    )


@pytest.mark.parametrize(("crash", "written"), [("before", False), ("after", True)])
def test_killed_around_the_write(path: Path, crash: str, written: bool) -> None:
    """Killed before the commit nothing is promised; killed after it, before the proof, venue 1 is."""
    worker = start(path, crash)
    worker.communicate(timeout=60)
    assert worker.returncode == -signal.SIGKILL
    with Journal(path) as journal:
        if written:
            with pytest.raises(Equivocation, match="venue 1"):
                journal.record_claim(claim(venue=2))
            journal.record_claim(claim(venue=1))
        else:
            journal.record_claim(claim(venue=2))


def test_of_rival_processes_one_wins(path: Path) -> None:
    workers = [start(path, "race", str(first)) for first in range(3)]
    for worker in workers:
        assert worker.stdout is not None and worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    kept = set()
    for worker in workers:
        out, _ = worker.communicate(timeout=120)
        assert worker.returncode == 0
        mine = {line.split()[0] for line in out.splitlines() if line.endswith("kept")}
        assert len(mine) == 1
        kept |= mine
    assert len(kept) == 1


def test_of_rival_threads_one_wins(journal: Journal) -> None:
    statements = [claim(venue=venue) for venue in range(4)]
    barrier = threading.Barrier(4)

    def work(statement: SharedClaimStatement) -> bool:
        barrier.wait()
        try:
            journal.record_claim(statement)
        except Equivocation:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, statements)) == 1


def test_files_that_are_no_journal(tmp_path: Path, path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("not a database, but long enough to be looked at as one\n" * 50)
    foreign = tmp_path / "foreign.sqlite"
    connection = sqlite3.connect(foreign)
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    with Journal(path):
        pass
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 2")
    connection.close()
    for file in (text, foreign, path, tmp_path / "no" / "such" / "folder"):
        before = file.read_bytes() if file.exists() else b""
        with pytest.raises(StoreError):
            Journal(file)
        assert (file.read_bytes() if file.exists() else b"") == before


def test_names_that_mean_memory_are_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Journal(":memory:") as journal:
        journal.record_claim(claim())
    with Journal(":memory:") as journal, pytest.raises(Equivocation):
        journal.record_claim(claim(venue=1))
    with pytest.raises(StoreError):
        Journal("")


def test_locked_by_another_program(path: Path, journal: Journal) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked"):
        Journal(path, busy_timeout_s=0.05)
    other.execute("ROLLBACK")
    other.close()
    journal.record_claim(shared_statement(WORLD, 0))


def test_a_fork_must_open_its_own(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getpid", lambda: -1)
    with pytest.raises(StoreError, match="fork"):
        journal.record_claim(claim())
