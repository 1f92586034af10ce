"""The SQLite store alone: durable settings, constraints of the database itself, and files that are not ours."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from zkrelay.errors import StoreError
from zkrelay.relay.store import Payment, StoredNote
from zkrelay.relay.store_sqlite import SqliteStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


def test_durable_settings(path: Path) -> None:
    with SqliteStore(path) as store:
        pragma = {name: store._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in PRAGMAS}
        assert pragma == PRAGMAS


PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_uniqueness_is_the_database_s(path: Path) -> None:
    """A writer that knows nothing of our code cannot insert a second row either."""
    with SqliteStore(path) as store:
        with store.write() as transaction:
            transaction.insert_note(StoredNote(0, 5, 100, 1, 1))
            transaction.insert_nullifiers([(7, 1)])
            transaction.insert_payments([Payment(7, 1, 1, 1, 1, 1)])
        rows = {
            "notes": "INSERT INTO notes SELECT position + 1, cm, cap, expiry, epoch FROM notes",
            "nullifiers": "INSERT INTO nullifiers SELECT * FROM nullifiers",
            "payments": "INSERT INTO payments SELECT number + 1, nf, nf, '1', nf, '1', 1, 'claim' FROM payments",
        }
        for table, query in rows.items():
            with pytest.raises(sqlite3.IntegrityError, match=f"UNIQUE.*{table}"):
                store._connection.execute(query)


@pytest.mark.parametrize("nf", ["5", 5, b"\x05", bytes(33), None])
def test_one_number_has_one_form(path: Path, nf: object) -> None:
    """Text, integers and short blobs would be other keys for the same nullifier."""
    with SqliteStore(path) as store, pytest.raises(sqlite3.IntegrityError):
        store._connection.execute("INSERT INTO nullifiers VALUES (?, 1)", (nf,))


def test_writer_waits_and_then_says_so(path: Path) -> None:
    with SqliteStore(path) as holder, SqliteStore(path, busy_timeout_s=0.05) as waiter:
        with holder.write() as transaction:
            transaction.insert_nullifiers([(7, 1)])
            with pytest.raises(StoreError, match="locked"), waiter.write():
                pass
            with waiter.read() as snapshot:
                assert not snapshot.is_spent(7)
        with waiter.read() as snapshot:
            assert snapshot.is_spent(7)


def other_database(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE cookies (name TEXT)")
    connection.commit()
    connection.close()


def newer_ledger(path: Path) -> None:
    SqliteStore(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 5")
    connection.close()


def garbage(path: Path) -> None:
    path.write_bytes(b"not a database, but long enough to be taken for one" * 100)


def truncated(path: Path) -> None:
    SqliteStore(path).close()
    path.write_bytes(path.read_bytes()[:5000])


@pytest.mark.parametrize("make", [other_database, newer_ledger, garbage, truncated, Path.mkdir])
def test_files_that_are_not_ours(path: Path, make: Callable[[Path], None]) -> None:
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(StoreError, match="ledger"), SqliteStore(path) as store, store.read() as transaction:
        transaction.payments()
    after = path.read_bytes() if path.is_file() else b""
    assert after == before, "a file that is not ours was changed"


def test_store_refuses_to_work_after_a_fork(path: Path) -> None:
    with SqliteStore(path) as store:
        store._pid = os.getpid() + 1  # what the child of a fork would see
        with pytest.raises(StoreError, match="fork"), store.write():
            pass


@pytest.mark.parametrize("attempt", range(8))
def test_opening_a_new_file_together(path: Path, attempt: int) -> None:
    """Nobody sees half a schema, and nobody is sent away; a race, so it is run more than once."""
    count = 24
    barrier = threading.Barrier(count)

    def work(_: int) -> dict[str, str]:
        barrier.wait()
        with SqliteStore(path) as store:
            return store.pin({"who": "came first"})

    with ThreadPoolExecutor(count) as pool:
        assert list(pool.map(work, range(count))) == [{"who": "came first"}] * count
