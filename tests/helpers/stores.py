"""The three stores by name, for tests that hold all of them to the same promises."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from zkrelay.relay.store import SettlementStore
from zkrelay.relay.store_memory import MemoryStore
from zkrelay.relay.store_sql import _PRUNED
from zkrelay.relay.store_sqlite import SqliteStore

_FUNDING = ("funding_leaves", "funding_nodes", "funding_roots", "tickets", "tokens", "pots")
KINDS = ("memory", "sqlite", "postgres")
SHARED_LEDGER = "shared_by_tests"
_SCHEMA_VERSION_NAME = "zkrelay schema version"


def store_opener(kind: str, request: pytest.FixtureRequest, folder: Path) -> Callable[[], SettlementStore]:
    """A function that opens one new ledger: the first time empty, then as it was left.  Memory gives itself again."""
    if kind == "memory":
        store = MemoryStore()

        def reopen() -> SettlementStore:
            store._is_open = True
            return store

        return reopen
    if kind == "sqlite":
        return lambda: SqliteStore(folder / "ledger.sqlite")
    server = request.getfixturevalue("postgres_server")  # started for the first test that wants it
    clear_postgres(server.conninfo)
    return lambda: open_postgres(server.conninfo, SHARED_LEDGER)


def open_postgres(conninfo: str, ledger: str) -> SettlementStore:
    from zkrelay.relay.store_postgres import PostgresStore

    return PostgresStore(conninfo, ledger=ledger)


def clear_postgres(conninfo: str) -> None:
    """Make the ledger that tests share new again: ten times faster than to make another."""
    with open_postgres(conninfo, SHARED_LEDGER) as store, store.write() as transaction:  # type: ignore[attr-defined]
        for table in ("payments", "stakes", *_FUNDING, *_PRUNED):
            transaction._run(f"DELETE FROM {table}")
        transaction._run("DELETE FROM settings WHERE name <> ?", _SCHEMA_VERSION_NAME)
        transaction.set_balance(0)


def dump(store: SettlementStore) -> object:
    """Everything that the store holds."""
    with store.read() as transaction:
        if isinstance(store, MemoryStore):
            return {name: dict(rows) for name, rows in store._tables.items()}
        tables = ["settings", "payments", "stakes", "escrow", *_FUNDING, *_PRUNED]
        run = transaction._run  # type: ignore[attr-defined]
        return {name: sorted(map(str, run(f"SELECT * FROM {name}").fetchall())) for name in tables}
