"""The settlement's store on SQLite: one file, durable, for any number of threads and processes on one machine.

WAL and synchronous=FULL: what was committed survives a power cut.  Writers use BEGIN IMMEDIATE, so that reading before
writing never meets SQLITE_BUSY.  Field elements are 32-byte big-endian blobs; money is decimal text, because it may
exceed SQLite's 64-bit integers.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from ..errors import DuplicateNote, NullifierSpent, StoreError
from .store import Payment

BUSY_TIMEOUT_S = 30.0
_APPLICATION_ID = 0x7A6B7279  # "zkry"
_SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE notes (
    position INTEGER PRIMARY KEY,
    cm BLOB NOT NULL CHECK (typeof(cm) = 'blob' AND length(cm) = 32) UNIQUE,
    cap TEXT NOT NULL,
    expiry INTEGER NOT NULL,
    epoch INTEGER NOT NULL
);
CREATE TABLE tree_nodes (
    level INTEGER NOT NULL,
    position INTEGER NOT NULL,
    value BLOB NOT NULL CHECK (typeof(value) = 'blob' AND length(value) = 32),
    PRIMARY KEY (level, position)
) WITHOUT ROWID;
CREATE TABLE roots (
    root BLOB NOT NULL CHECK (typeof(root) = 'blob' AND length(root) = 32) PRIMARY KEY,
    epoch INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE commitments (
    cc BLOB NOT NULL CHECK (typeof(cc) = 'blob' AND length(cc) = 32) PRIMARY KEY,
    epoch INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE nullifiers (
    nf BLOB NOT NULL CHECK (typeof(nf) = 'blob' AND length(nf) = 32) PRIMARY KEY,
    epoch INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE payments (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    nf BLOB NOT NULL CHECK (typeof(nf) = 'blob' AND length(nf) = 32) UNIQUE REFERENCES nullifiers (nf),
    recipient BLOB NOT NULL CHECK (typeof(recipient) = 'blob' AND length(recipient) = 32),
    money TEXT NOT NULL,
    relayer BLOB NOT NULL CHECK (typeof(relayer) = 'blob' AND length(relayer) = 32),
    fee TEXT NOT NULL,
    epoch INTEGER NOT NULL
);
CREATE TABLE escrow (only INTEGER PRIMARY KEY CHECK (only = 1), balance TEXT NOT NULL);
INSERT INTO escrow VALUES (1, '0');
"""


class SqliteStore:
    """A ``SettlementStore`` in one file (or ":memory:").  Threads take turns; after a fork, open it anew.

    Raises (on every use):
        StoreError: the file is locked for longer than the timeout, full, damaged, or of another program or version.
    """

    def __init__(self, path: str | os.PathLike[str], *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self._path = str(path)
        self._lock = threading.Lock()
        self._pid = os.getpid()
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
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
        except sqlite3.Error as error:
            raise StoreError(f"{self._path}: {error}") from error
        if mode not in ("wal", "memory"):
            raise StoreError(f"{self._path}: this file system does not support write-ahead logging")
        with self._transaction("BEGIN IMMEDIATE"):
            if self._is_new():
                for statement in _SCHEMA.split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")

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


class SqliteTransaction:
    """A ``StoreTransaction``; lives between BEGIN and COMMIT of its store."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.nodes = _SqliteNodes(connection)

    def num_notes(self) -> int:
        (count,) = self._connection.execute("SELECT coalesce(max(position) + 1, 0) FROM notes").fetchone()
        return int(count)

    def insert_note(self, position: int, cm: int, cap: int, expiry: int, epoch: int) -> None:
        cursor = self._connection.execute(
            "INSERT INTO notes VALUES (?, ?, ?, ?, ?) ON CONFLICT (cm) DO NOTHING",
            (position, _blob(cm), str(cap), expiry, epoch),
        )
        if cursor.rowcount != 1:
            raise DuplicateNote("the ledger already holds this note")

    def position_of(self, cm: int) -> int | None:
        row = self._connection.execute("SELECT position FROM notes WHERE cm = ?", (_blob(cm),)).fetchone()
        return None if row is None else int(row[0])

    def insert_root(self, root: int, epoch: int) -> None:
        self._connection.execute("INSERT OR IGNORE INTO roots VALUES (?, ?)", (_blob(root), epoch))

    def has_root(self, root: int) -> bool:
        return self._has("SELECT 1 FROM roots WHERE root = ?", root)

    def record_commitment(self, cc: int, epoch: int) -> int:
        self._connection.execute("INSERT OR IGNORE INTO commitments VALUES (?, ?)", (_blob(cc), epoch))
        first = self.first_recorded(cc)
        assert first is not None
        return first

    def first_recorded(self, cc: int) -> int | None:
        row = self._connection.execute("SELECT epoch FROM commitments WHERE cc = ?", (_blob(cc),)).fetchone()
        return None if row is None else int(row[0])

    def insert_nullifier(self, nf: int, epoch: int) -> None:
        cursor = self._connection.execute(
            "INSERT INTO nullifiers VALUES (?, ?) ON CONFLICT (nf) DO NOTHING", (_blob(nf), epoch)
        )
        if cursor.rowcount != 1:
            raise NullifierSpent("this note was already redeemed")

    def is_spent(self, nf: int) -> bool:
        return self._has("SELECT 1 FROM nullifiers WHERE nf = ?", nf)

    def insert_payment(self, payment: Payment) -> None:
        self._connection.execute(
            "INSERT INTO payments (nf, recipient, money, relayer, fee, epoch) VALUES (?, ?, ?, ?, ?, ?)",
            (
                _blob(payment.nf),
                _blob(payment.recipient),
                str(payment.money),
                _blob(payment.relayer),
                str(payment.fee),
                payment.epoch,
            ),
        )

    def payments(self) -> list[Payment]:
        rows = self._connection.execute(
            "SELECT nf, recipient, money, relayer, fee, epoch FROM payments ORDER BY number"
        )
        return [
            Payment(_int(nf), _int(to), int(m), _int(by), int(fee), int(epoch)) for nf, to, m, by, fee, epoch in rows
        ]

    def balance(self) -> int:
        (text,) = self._connection.execute("SELECT balance FROM escrow").fetchone()
        return int(text)

    def set_balance(self, balance: int) -> None:
        self._connection.execute("UPDATE escrow SET balance = ?", (str(balance),))

    def _has(self, query: str, element: int) -> bool:
        return self._connection.execute(query, (_blob(element),)).fetchone() is not None


class _SqliteNodes:
    """``TreeNodes`` in a table: a deposit touches one path, whatever the number of notes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def get(self, level: int, position: int) -> int | None:
        row = self._connection.execute(
            "SELECT value FROM tree_nodes WHERE level = ? AND position = ?", (level, position)
        ).fetchone()
        return None if row is None else _int(row[0])

    def set(self, level: int, position: int, value: int) -> None:
        self._connection.execute("INSERT OR REPLACE INTO tree_nodes VALUES (?, ?, ?)", (level, position, _blob(value)))


def _blob(value: int) -> bytes:
    return value.to_bytes(32, "big")


def _int(data: bytes) -> int:
    return int.from_bytes(data, "big")
