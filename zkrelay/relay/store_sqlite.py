"""The settlement's store on SQLite: one file, durable, for any number of threads and processes on one machine."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from .sqlite_file import SqliteFile
from .store_sql import SqlTransaction, schema


class SqliteStore(SqliteFile):
    """A ``SettlementStore`` in one file (or ":memory:"); raises as ``SqliteFile``."""

    KIND = "ledger"
    APPLICATION_ID = 0x7A6B7279  # "zkry"
    VERSION = 4
    SCHEMA = schema(
        # typeof: text, integers and short blobs would be other keys for the same number
        element="BLOB CHECK (typeof({column}) IN ('blob', 'null') AND length({column}) = 32)",
        serial="INTEGER PRIMARY KEY AUTOINCREMENT",
        clustered=" WITHOUT ROWID",
    )

    def pin(self, settings: Mapping[str, str]) -> dict[str, str]:
        with self._transaction() as connection:
            connection.executemany("INSERT OR IGNORE INTO settings VALUES (?, ?)", sorted(settings.items()))
            rows = dict(connection.execute("SELECT name, value FROM settings"))
        return {name: rows[name] for name in settings}

    @contextmanager
    def write(self) -> Iterator[SqliteTransaction]:
        with self._transaction() as connection:
            yield SqliteTransaction(connection)

    @contextmanager
    def read(self) -> Iterator[SqliteTransaction]:
        with self._transaction("BEGIN") as connection:
            connection.execute("PRAGMA query_only = ON")
            try:
                yield SqliteTransaction(connection)
            finally:
                connection.execute("PRAGMA query_only = OFF")


class SqliteTransaction(SqlTransaction):
    """A ``StoreTransaction``; lives between BEGIN and COMMIT of its store."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        super().__init__()

    def _run(self, statement: str, *parameters: object) -> sqlite3.Cursor:
        return self._connection.execute(statement, parameters)

    def _run_many(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        self._connection.executemany(statement, rows)
