"""One SQLite file with one program's tables: durable, for any number of threads and processes on one machine.

WAL and synchronous=FULL: what was committed survives a power cut.  Writers use BEGIN IMMEDIATE, so that reading before
writing never meets SQLITE_BUSY.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar, TypeVar

from ..errors import StoreError

BUSY_TIMEOUT_S = 30.0
_RETRY_S = 0.005
_PRIVATE = 0o600
_File = TypeVar("_File", bound="SqliteFile")


class SqliteFile:
    """One file (or ":memory:"), open until ``close``.  Threads take turns; after a fork, open it anew.

    A class of files says what errors call them (``KIND``), which they are, and the statements that make a new one.

    Raises (on every use):
        StoreError: the file is locked for longer than the timeout, full, damaged, or of another program or version.
    """

    KIND: ClassVar[str]
    APPLICATION_ID: ClassVar[int]
    VERSION: ClassVar[int]
    SCHEMA: ClassVar[Sequence[str]]

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

    def __enter__(self: _File) -> _File:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def _transaction(self, begin: str = "BEGIN IMMEDIATE") -> Iterator[sqlite3.Connection]:
        """Excludes all other writers from its start; committed on exit, rolled back on any error."""
        if os.getpid() != self._pid:
            raise StoreError(f"{self._path}: SQLite does not survive a fork; open the {self.KIND} in each process")
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
        """Check that the file is ours before changing anything; then the settings, and the tables of a new one."""
        with self._transaction("BEGIN"):
            self._is_new()
        try:
            mode = self._write_ahead()
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA foreign_keys = ON")
        except sqlite3.Error as error:
            raise StoreError(f"{self._path}: {error}") from error
        if mode not in ("wal", "memory"):
            raise StoreError(f"{self._path}: this file system does not support write-ahead logging")
        with self._transaction() as connection:
            if self._is_new():
                for statement in self.SCHEMA:
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {self.APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {self.VERSION}")

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
        (tables,) = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        (application_id,) = self._connection.execute("PRAGMA application_id").fetchone()
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if (tables, application_id, version) == (0, 0, 0):
            return True
        if (application_id, version) != (self.APPLICATION_ID, self.VERSION):
            raise StoreError(f"{self._path} is not a zkrelay {self.KIND} of schema version {self.VERSION}")
        return False


class PrivateSqliteFile(SqliteFile):
    """A new file is made for its owner only, with mode 0600; it is always a file."""

    def __init__(self, path: str | os.PathLike[str], *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        path = os.path.abspath(path)  # SQLite keeps "" and ":memory:" in memory only
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, _PRIVATE))
        except OSError as error:
            raise StoreError(f"{path}: {error}") from error
        super().__init__(path, busy_timeout_s=busy_timeout_s)
