"""What a party has committed itself to, written down before it proves anything: an honest retry is never an offence.

    claims    nf -> (venue, amount)        a node in a domain with several venues
    tickets   nf -> the open message       a client with a funding key

A second, different value for one nullifier would give the secret away, so it is refused here, before there is a proof
or even a share outside.  One SQLite file, WAL and synchronous=FULL: what ``record_...`` returned from survives a power
cut.  A journal that is lost or restored from an old copy protects nobody: then ask the ledger which nullifiers are
spent, and use none that may be under way.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import Equivocation, StoreError
from .funding import FundingDomain, FundingKey, check_limit, ticket_nullifiers
from .opening import Opening, OpenMessage, Ticket
from .statement import SharedClaimStatement

BUSY_TIMEOUT_S = 30.0
_APPLICATION_ID = 0x7A6B726A  # "zkrj"
_SCHEMA_VERSION = 1
_SCHEMA = (
    "CREATE TABLE claims (nf BLOB PRIMARY KEY, venue INTEGER NOT NULL, amount TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE tickets (nf BLOB PRIMARY KEY, domain BLOB NOT NULL, inner BLOB NOT NULL, ticket_bytes TEXT NOT NULL, "
    "expiry INTEGER NOT NULL) WITHOUT ROWID",
)
_BATCH = 1024


class Journal:
    """One file, for any number of threads and processes of one party; after a fork, open it anew.

    It says which sessions belong to its owner: the file is made with mode 0600.

    Raises (on every use):
        StoreError: the file is locked for longer than the timeout, full, damaged, or no journal of this version.
    """

    def __init__(self, path: str | os.PathLike[str], *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self._path = str(path)
        self._lock = threading.Lock()
        self._pid = os.getpid()
        try:
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            self._connection = sqlite3.connect(
                self._path, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False
            )
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"{self._path}: {error}") from error
        try:
            self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def record_claim(self, statement: SharedClaimStatement) -> None:
        """Write down venue and amount of a claim; returning means that they are on disk.

        Raises:
            Equivocation: this note was claimed at another venue or with another amount.
        """
        value = (statement.venue, str(statement.amount))
        with self._transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO claims VALUES (?, ?, ?)", (_blob(statement.nf), *value))
            held = connection.execute(
                "SELECT venue, amount FROM claims WHERE nf = ?", (_blob(statement.nf),)
            ).fetchone()
        if held != value:
            raise Equivocation(
                f"this note was claimed at venue {held[0]} with {held[1]} units: another venue or amount would give "
                "the node's secret away"
            )

    def record_opening(self, opening: Opening) -> None:
        """Write down which note a ticket opens; returning means that it is on disk.

        Raises:
            Equivocation: the ticket was used for another note.
        """
        message, nf = opening.message, _blob(opening.statement.nf)
        value = (_blob(message.domain), _blob(message.inner), str(message.ticket_bytes), message.expiry)
        with self._transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO tickets VALUES (?, ?, ?, ?, ?)", (nf, *value))
            held = connection.execute(
                "SELECT domain, inner, ticket_bytes, expiry FROM tickets WHERE nf = ?", (nf,)
            ).fetchone()
        if held != value:
            raise Equivocation("this ticket was used for another note: send that message again, or take another ticket")

    def message(self, ticket: Ticket, key: FundingKey, funding: FundingDomain) -> OpenMessage | None:
        """The message that the ticket was used for, to be sent again; None for an unused ticket."""
        nf = _blob(ticket.nullifier(key, funding))
        with self._transaction() as connection:
            row = connection.execute(
                "SELECT domain, inner, ticket_bytes, expiry FROM tickets WHERE nf = ?", (nf,)
            ).fetchone()
        return None if row is None else OpenMessage(_int(row[0]), _int(row[1]), int(row[2]), row[3])

    def unused_ticket(self, key: FundingKey, funding: FundingDomain, limit: int) -> Ticket | None:
        """The first ticket of the leaf that this journal has not seen; None when all were used."""
        check_limit(limit)
        for first in range(0, limit, _BATCH):
            numbers = range(first, min(first + _BATCH, limit))
            nullifiers = ticket_nullifiers(key.a0, funding.ext, numbers)
            with self._transaction() as connection:
                for number, nf in zip(numbers, nullifiers, strict=True):
                    if connection.execute("SELECT 1 FROM tickets WHERE nf = ?", (_blob(nf),)).fetchone() is None:
                        return Ticket(number, limit)
        return None

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        if os.getpid() != self._pid:
            raise StoreError(f"{self._path}: SQLite does not survive a fork; open the journal in each process")
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

    def _prepare(self) -> None:
        """Check that the file is ours before changing anything; then the settings, and the tables of a new one."""
        with self._transaction():
            self._is_new()
        try:
            (mode,) = self._connection.execute("PRAGMA journal_mode = WAL").fetchone()
            self._connection.execute("PRAGMA synchronous = FULL")
        except sqlite3.Error as error:
            raise StoreError(f"{self._path}: {error}") from error
        if mode != "wal":
            raise StoreError(f"{self._path}: this file system does not support write-ahead logging")
        with self._transaction() as connection:
            if self._is_new():
                for statement in _SCHEMA:
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")

    def _is_new(self) -> bool:
        """Whether the file holds nothing yet; raises ``StoreError`` when it holds something of another program."""
        (tables,) = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        (application_id,) = self._connection.execute("PRAGMA application_id").fetchone()
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if (tables, application_id, version) == (0, 0, 0):
            return True
        if (application_id, version) != (_APPLICATION_ID, _SCHEMA_VERSION):
            raise StoreError(f"{self._path} is not a zkrelay journal of schema version {_SCHEMA_VERSION}")
        return False


def _blob(value: int) -> bytes:
    return value.to_bytes(32, "big")


def _int(data: bytes) -> int:
    return int.from_bytes(data, "big")
