"""The owner of an SQLite file, as the ledger and the private files of nodes and clients have it: who opens it waits."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from zkrelay.errors import StoreError
from zkrelay.relay.journal import Journal
from zkrelay.relay.sqlite_file import SqliteFile
from zkrelay.relay.store_sqlite import SqliteStore

pytestmark = pytest.mark.parametrize("kind", [SqliteStore, Journal])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file.sqlite"


@pytest.fixture
def other(path: Path) -> Iterator[sqlite3.Connection]:
    """Another opener of the same new file."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    yield connection
    connection.close()


def hold(other: sqlite3.Connection, begin: str) -> None:
    other.execute(begin)
    other.execute("SELECT count(*) FROM sqlite_master").fetchone()


def let_go_soon(other: sqlite3.Connection) -> threading.Timer:
    done = threading.Timer(0.1, lambda: other.execute("COMMIT"))
    done.start()
    return done


def tables(path: Path) -> list[tuple[str]]:
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT name FROM sqlite_master").fetchall()
    connection.close()
    return found


@pytest.mark.parametrize("begin", ["BEGIN", "BEGIN IMMEDIATE"])
def test_a_new_file_waits_for_whoever_holds_it(
    path: Path, other: sqlite3.Connection, kind: type[SqliteFile], begin: str
) -> None:
    hold(other, begin)
    done = let_go_soon(other)
    with kind(path):
        assert tables(path)
    done.join()


@pytest.mark.parametrize("begin", ["BEGIN", "BEGIN IMMEDIATE"])
def test_a_new_file_does_not_wait_for_ever(
    path: Path, other: sqlite3.Connection, kind: type[SqliteFile], begin: str
) -> None:
    hold(other, begin)
    with pytest.raises(StoreError, match="locked"):
        kind(path, busy_timeout_s=0.05)
    assert not tables(path)


def test_waits_for_a_writer_that_came_after_its_first_look(
    path: Path, other: sqlite3.Connection, kind: type[SqliteFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    """For the switch to WAL SQLite itself does not wait: the second of two openers was sent away at once."""
    came: list[threading.Timer] = []

    class Late(sqlite3.Connection):
        def execute(self, statement: str, *parameters: object) -> sqlite3.Cursor:  # type: ignore[override]
            if statement.startswith("PRAGMA journal_mode") and not came:
                hold(other, "BEGIN IMMEDIATE")
                came.append(let_go_soon(other))
            return super().execute(statement, *parameters)  # type: ignore[arg-type]

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *args, **options: connect(*args, factory=Late, **options))
    with kind(path):
        pass
    monkeypatch.undo()
    assert came and tables(path)
    came[0].join()
