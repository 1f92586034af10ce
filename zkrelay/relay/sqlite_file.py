"""One SQLite file with one program's tables: durable, for any number of threads and processes on one machine.

WAL and synchronous=FULL: what was committed survives a power cut.  Writers use BEGIN IMMEDIATE, so that reading before
writing never meets SQLITE_BUSY.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ..errors import StoreError

BUSY_TIMEOUT_S = 30.0
_MODE = 0o600


class SqliteFile:
    """Threads take turns; after a fork, open it anew.  A new file is made for its owner only, with mode 0600.

    Raises (on every use):
        StoreError: the file is locked for longer than the timeout, full, damaged, or of another program or version.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        kind: str,
        application_id: int,
        version: int,
        schema: Sequence[str],
        busy_timeout_s: float = BUSY_TIMEOUT_S,
    ) -> None:
        """``kind`` is what errors call the file; ``schema`` are the statements that make the tables of a new one."""
        self._path = os.path.abspath(path)  # SQLite keeps "" and ":memory:" in memory only
        self._kind = kind
        self._identity = (application_id, version)
        self._lock = threading.Lock()
        self._pid = os.getpid()
        try:
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, _MODE))
            self._connection = sqlite3.connect(
                self._path, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False
            )
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"{self._path}: {error}") from error
        try:
            self._prepare(schema)
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Excludes all other writers from its start; committed on exit, rolled back on any error."""
        if os.getpid() != self._pid:
            raise StoreError(f"{self._path}: SQLite does not survive a fork; open the {self._kind} in each process")
        with self._lock:
            connection = self._connection
            try:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                    connection.execute("COMMIT")
                except BaseException:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise StoreError(f"{self._path}: {error}") from error

    def _prepare(self, schema: Sequence[str]) -> None:
        """Check that the file is ours before changing anything; then the settings, and the tables of a new one."""
        with self.transaction():
            self._is_new()
        try:
            (mode,) = self._connection.execute("PRAGMA journal_mode = WAL").fetchone()
            self._connection.execute("PRAGMA synchronous = FULL")
        except sqlite3.Error as error:
            raise StoreError(f"{self._path}: {error}") from error
        if mode != "wal":
            raise StoreError(f"{self._path}: this file system does not support write-ahead logging")
        with self.transaction() as connection:
            if self._is_new():
                for statement in schema:
                    connection.execute(statement)
                application_id, version = self._identity
                connection.execute(f"PRAGMA application_id = {application_id}")
                connection.execute(f"PRAGMA user_version = {version}")

    def _is_new(self) -> bool:
        """Whether the file holds nothing yet; raises ``StoreError`` when it holds something of another program.

        Called inside a transaction: its three questions must meet one state of the file.
        """
        (tables,) = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        (application_id,) = self._connection.execute("PRAGMA application_id").fetchone()
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if (tables, application_id, version) == (0, 0, 0):
            return True
        if (application_id, version) != self._identity:
            raise StoreError(f"{self._path} is not a zkrelay {self._kind} of schema version {self._identity[1]}")
        return False
