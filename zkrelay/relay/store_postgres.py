"""The settlement's store on PostgreSQL, for several settlement processes on several machines (extra ``postgres``).

One ledger is one schema of a database.  A writer's first act is to lock the ledger's escrow row, so that writers take
turns: no transaction meets another one half way, none can deadlock (there is one lock, taken first), and none fails to
serialize, so nothing has to be retried.  Readers see a snapshot and wait for nobody.

What may still fail is the connection.  A transaction whose commit was not confirmed may have happened or not: send the
claim again, and it is either paid or ``NullifierSpent``.  A connection lost between transactions is made anew.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from ..errors import MalformedInput, StoreError
from .store_sql import SqlTransaction, schema
from .store_sql_tree import to_bytes, to_int

try:
    import psycopg
    from psycopg import sql
except ImportError as error:
    raise ImportError("PostgresStore needs psycopg: pip install 'zkrelay[postgres]'") from error

LOCK_TIMEOUT_S = 30.0
DEFAULT_LEDGER = "zkrelay"
_SCHEMA_VERSION = "4"
_SCHEMA = schema(
    element="BYTEA CHECK (length({column}) = 32)",
    serial="BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
)
_SCHEMA_VERSION_NAME = "zkrelay schema version"
_OPENING_LOCK = 0x7A6B7279  # "zkry": whoever makes a schema holds it
_LEDGER_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)


class PostgresStore:
    """A ``SettlementStore`` in the schema ``ledger`` of a database.  Threads take turns; after a fork, open it anew.

    Raises (on every use):
        StoreError: no connection, a lock held for longer than the timeout, a damaged database, or a schema that
            belongs to another program or version.
    """

    def __init__(
        self, conninfo: str = "", *, ledger: str = DEFAULT_LEDGER, lock_timeout_s: float = LOCK_TIMEOUT_S
    ) -> None:
        """Open the ledger, made now if it is not there.

        Args:
            conninfo: as libpq has it, e.g. ``"dbname=relay host=/run/postgresql"``.  It may hold a password: errors
                never quote it.
            ledger: lower-case letters, digits and underscores.

        Raises:
            MalformedInput: ``conninfo`` or the ledger's name is not of that form.
            StoreError: as on every use; also when the server gives up durability (``fsync`` is off).
        """
        if not _LEDGER_NAME.fullmatch(ledger):
            raise MalformedInput("a ledger's name has 1 to 63 lower-case letters, digits and underscores")
        try:
            psycopg.conninfo.conninfo_to_dict(conninfo)
        except psycopg.ProgrammingError:
            raise MalformedInput("not a connection string that libpq can read") from None  # its words quote passwords
        self._conninfo = conninfo
        self._ledger = ledger
        self._lock_timeout_s = lock_timeout_s
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._is_open = True
        self._connection = self._connect()
        try:
            self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> PostgresStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with self._lock:
            self._is_open = False
            if os.getpid() == self._pid:
                self._connection.close()

    def pin(self, settings: Mapping[str, str]) -> dict[str, str]:
        with self.write() as transaction:
            statement = "INSERT INTO settings VALUES (?, ?) ON CONFLICT DO NOTHING"
            transaction._run_many(statement, sorted(settings.items()))
            rows = dict(transaction._run("SELECT name, value FROM settings").fetchall())
        return {name: rows[name] for name in settings}

    @contextmanager
    def write(self) -> Iterator[PostgresTransaction]:
        with self._transaction("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE") as connection:
            if connection.execute("SELECT 1 FROM escrow FOR UPDATE").fetchone() is None:
                raise StoreError(f"ledger {self._ledger}: the escrow's row is missing")
            yield PostgresTransaction(connection)

    @contextmanager
    def read(self) -> Iterator[PostgresTransaction]:
        with self._transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") as connection:
            yield PostgresTransaction(connection)

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[psycopg.Connection[Any]]:
        if os.getpid() != self._pid:
            raise StoreError(f"ledger {self._ledger}: a connection does not survive a fork; open one in each process")
        with self._lock:
            if not self._is_open:
                raise StoreError(f"ledger {self._ledger}: the store was closed")
            try:
                connection = self._begin(begin.encode())
                try:
                    yield connection
                    if connection.execute("COMMIT").statusmessage != "COMMIT":  # a failed transaction says ROLLBACK
                        raise StoreError(f"ledger {self._ledger}: a statement of this transaction had failed")
                except BaseException:
                    self._roll_back(connection)
                    raise
            except psycopg.Error as error:
                raise self._failure(error) from error

    def _begin(self, statement: bytes) -> psycopg.Connection[Any]:
        """Nothing has happened yet, so a connection that was lost since the last transaction is simply made again."""
        if not self._connection.closed:
            with suppress(psycopg.OperationalError):
                self._connection.execute(statement)
                return self._connection
            self._connection.close()
        self._connection = self._connect()
        self._connection.execute(statement)
        return self._connection

    def _roll_back(self, connection: psycopg.Connection[Any]) -> None:
        """Back to no transaction; a connection that cannot get there is given up, and the server rolls back."""
        with suppress(psycopg.Error):
            connection.execute("ROLLBACK")
            return
        connection.close()

    def _connect(self) -> psycopg.Connection[Any]:
        try:
            connection = psycopg.connect(self._conninfo, autocommit=True)
        except psycopg.Error as error:
            raise self._failure(error) from None  # libpq's own words name host and user, and no password
        try:
            (fsync,) = connection.execute("SELECT current_setting('fsync')").fetchone() or ("",)
            if fsync != "on":
                raise StoreError(f"ledger {self._ledger}: the server runs without fsync and forgets what it confirmed")
            milliseconds = round(self._lock_timeout_s * 1000)
            settings = {"synchronous_commit": "on", "lock_timeout": str(milliseconds), "search_path": self._ledger}
            for name, value in settings.items():
                connection.execute("SELECT set_config(%s, %s, false)", (name, value))
        except psycopg.Error as error:
            connection.close()
            raise self._failure(error) from error
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self) -> None:
        """The schema of a new ledger, or the check that the one that is there is ours."""
        with self._transaction("BEGIN") as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_OPENING_LOCK,))
            if connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (self._ledger,)).fetchone() is None:
                connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(self._ledger)))
                for statement in _SCHEMA:
                    connection.execute(statement.encode())
                connection.execute("INSERT INTO settings VALUES (%s, %s)", (_SCHEMA_VERSION_NAME, _SCHEMA_VERSION))
            if self._schema_version(connection) != _SCHEMA_VERSION:
                raise StoreError(f"schema {self._ledger} is not a zkrelay ledger of schema version {_SCHEMA_VERSION}")

    def _schema_version(self, connection: psycopg.Connection[Any]) -> str | None:
        query = sql.SQL("SELECT value FROM {}.settings WHERE name = %s").format(sql.Identifier(self._ledger))
        try:
            row = connection.execute(query, (_SCHEMA_VERSION_NAME,)).fetchone()
        except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
            return None
        return None if row is None else str(row[0])

    def _failure(self, error: psycopg.Error) -> StoreError:
        return StoreError(f"ledger {self._ledger}: {str(error).strip() or type(error).__name__}")


class PostgresTransaction(SqlTransaction):
    """A ``StoreTransaction``; lives between BEGIN and COMMIT of its store."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        super().__init__()

    def insert_nullifiers(self, nullifiers: Iterable[tuple[int, int]]) -> set[int]:
        """One statement for all.  Sorted, so that even writers without the ledger's lock could not deadlock."""
        pairs = sorted(nullifiers)
        rows = self._connection.execute(
            "INSERT INTO nullifiers SELECT * FROM unnest(%s::bytea[], %s::bigint[])"
            " ON CONFLICT DO NOTHING RETURNING nf",
            ([to_bytes(nf) for nf, _ in pairs], [epoch for _, epoch in pairs]),
        )
        return {to_int(nf) for (nf,) in rows}

    def _run(self, statement: str, *parameters: object) -> psycopg.Cursor[Any]:
        return self._connection.execute(statement.replace("?", "%s").encode(), parameters)

    def _run_many(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(statement.replace("?", "%s").encode(), rows)
