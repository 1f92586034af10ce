"""The settlement's store on SQLite: one file, durable, for any number of threads and processes on one machine.

WAL and synchronous=FULL: what was committed survives a power cut.  Writers use BEGIN IMMEDIATE, so that reading before
writing never meets SQLITE_BUSY.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from ..errors import StoreError
from .store_sql import SqlTransaction, schema

BUSY_TIMEOUT_S = 30.0
_RETRY_S = 0.005
_APPLICATION_ID = 0x7A6B7279  # "zkry"
_SCHEMA_VERSION = 3
_SCHEMA = schema(
    # typeof: text, integers and short blobs would be other keys for the same number
    element="BLOB CHECK (typeof({column}) IN ('blob', 'null') AND length({column}) = 32)",
    serial="INTEGER PRIMARY KEY AUTOINCREMENT",
    clustered=" WITHOUT ROWID",
)


class SqliteStore:
    """A ``SettlementStore`` in one file (or ":memory:").  Threads take turns; after a fork, open it anew.

    Raises (on every use):
        StoreError: the file is locked for longer than the timeout, full, damaged, or of another program or version.
    """

    def __init__(self, path: str | os.PathLike[str], *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self._path = str(path)
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._busy_timeout_s = busy_timeout_s
        try:
            self._connection = sqlite3.connect(
                self._path, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise StoreError(f"{self._path}: {error}") from error
        try:
            self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> SqliteStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def pin(self, settings: Mapping[str, str]) -> dict[str, str]:
        with self._transaction("BEGIN IMMEDIATE") as connection:
            connection.executemany("INSERT OR IGNORE INTO settings VALUES (?, ?)", sorted(settings.items()))
            rows = dict(connection.execute("SELECT name, value FROM settings"))
        return {name: rows[name] for name in settings}

    @contextmanager
    def write(self) -> Iterator[SqliteTransaction]:
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield SqliteTransaction(connection)

    @contextmanager
    def read(self) -> Iterator[SqliteTransaction]:
        with self._transaction("BEGIN") as connection:
            connection.execute("PRAGMA query_only = ON")
            try:
                yield SqliteTransaction(connection)
            finally:
                connection.execute("PRAGMA query_only = OFF")

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        if os.getpid() != self._pid:
            raise StoreError(f"{self._path}: SQLite does not survive a fork; open the store in each process")
        with self._lock:
            connection = self._connection
            try:
                connection.execute(begin)
                try:
                    yield connection
                    connection.execute("COMMIT")
                except BaseException:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise StoreError(f"{self._path}: {error}") from error

    def _prepare(self) -> None:
        """Check that the file is ours before changing anything; then the settings, and the schema of a new one."""
        connection = self._connection
        with self._transaction("BEGIN"):
            self._is_new()
        try:
            mode = self._write_ahead()
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
        except sqlite3.Error as error:
            raise StoreError(f"{self._path}: {error}") from error
        if mode not in ("wal", "memory"):
            raise StoreError(f"{self._path}: this file system does not support write-ahead logging")
        with self._transaction("BEGIN IMMEDIATE"):
            if self._is_new():
                for statement in _SCHEMA:
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")

    def _write_ahead(self) -> str:
        """Switch to WAL; returns the mode that the file is in then.

        The switch upgrades a read lock, for which SQLite does not wait (it might wait for ever): the wait for whoever
        holds the file, another opener of a new one above all, is ours.
        """
        deadline = time.monotonic() + self._busy_timeout_s
        while True:
            try:
                (mode,) = self._connection.execute("PRAGMA journal_mode = WAL").fetchone()
                return str(mode)
            except sqlite3.OperationalError as error:
                if str(error) != "database is locked" or time.monotonic() > deadline:  # the code: from Python 3.11 on
                    raise
            time.sleep(_RETRY_S)

    def _is_new(self) -> bool:
        """Whether the file holds nothing yet; raises ``StoreError`` when it holds something of another program.

        Called inside a transaction: its three questions must meet one state of the file.
        """
        connection = self._connection
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        (application_id,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if (tables, application_id, version) == (0, 0, 0):
            return True
        if (application_id, version) != (_APPLICATION_ID, _SCHEMA_VERSION):
            raise StoreError(f"{self._path} is not a zkrelay ledger of schema version {_SCHEMA_VERSION}")
        return False


class SqliteTransaction(SqlTransaction):
    """A ``StoreTransaction``; lives between BEGIN and COMMIT of its store."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        super().__init__()

    def _run(self, statement: str, *parameters: object) -> sqlite3.Cursor:
        return self._connection.execute(statement, parameters)

    def _run_many(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        self._connection.executemany(statement, rows)
