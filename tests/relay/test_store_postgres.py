"""The PostgreSQL store alone: durability settings, the database's own constraints, servers and schemas that fail us."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from postgres_server import PostgresServer

from zkrelay.errors import MalformedInput, StoreError
from zkrelay.relay.store import Payment, StoredNote

psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed (extra postgres)")
from zkrelay.relay.store_postgres import PostgresStore, PostgresTransaction  # noqa: E402


@pytest.fixture
def store(postgres_server: PostgresServer) -> Iterator[PostgresStore]:
    with PostgresStore(postgres_server.conninfo, ledger=postgres_server.ledger()) as store:
        yield store


def connect(store: PostgresStore) -> Any:
    """A connection that knows nothing of our code, to the store's own tables."""
    connection = psycopg.connect(store._conninfo, autocommit=True)
    connection.execute(f"SET search_path TO {store._ledger}")
    return connection


def test_commits_are_durable_whatever_the_role_s_default(postgres_server: PostgresServer, store: PostgresStore) -> None:
    loose = f"{postgres_server.conninfo} options='-c synchronous_commit=off'"
    with PostgresStore(loose, ledger=store._ledger) as again:
        assert again._connection.execute("SHOW synchronous_commit").fetchone() == ("on",)


def test_uniqueness_is_the_database_s(store: PostgresStore) -> None:
    with store.write() as transaction:
        transaction.insert_note(StoredNote(0, 5, 100, 1, 1))
        transaction.insert_nullifiers([(7, 1)])
        transaction.insert_payments([Payment(7, 1, 1, 1, 1, 1)])
    with connect(store) as connection:
        rows = {
            "notes": "INSERT INTO notes SELECT position + 1, cm, cap, expiry, epoch FROM notes",
            "nullifiers": "INSERT INTO nullifiers SELECT * FROM nullifiers",
            "payments": "INSERT INTO payments (nf, recipient, money, relayer, fee, epoch, kind)"
            " SELECT nf, nf, '1', nf, '1', 1, 'claim' FROM payments",
        }
        for query in rows.values():
            with pytest.raises(psycopg.errors.UniqueViolation):
                connection.execute(query)
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("INSERT INTO nullifiers VALUES (%s, 1)", (bytes(31),))


def test_second_writer_waits_and_then_says_so(store: PostgresStore) -> None:
    with PostgresStore(store._conninfo, ledger=store._ledger, lock_timeout_s=0.05) as waiter:
        with store.write() as transaction:
            transaction.insert_nullifiers([(7, 1)])
            with pytest.raises(StoreError, match="lock timeout"), waiter.write():
                pass
            with waiter.read() as snapshot:
                assert not snapshot.is_spent(7)
        with waiter.write() as transaction:
            assert transaction.is_spent(7)


def test_ledgers_of_one_database_do_not_see_each_other(postgres_server: PostgresServer, store: PostgresStore) -> None:
    with store.write() as transaction:
        transaction.insert_nullifiers([(7, 1)])
    with (
        PostgresStore(postgres_server.conninfo, ledger=postgres_server.ledger()) as other,
        other.write() as transaction,
    ):
        assert transaction.insert_nullifiers([(7, 1)]) == {7}


@pytest.mark.parametrize("name", ["", "Relay", "1relay", "re lay", 're"lay', "re;lay", "r" * 64, "relay\n", "rélay"])
def test_names_of_ledgers(postgres_server: PostgresServer, name: str) -> None:
    with pytest.raises(MalformedInput, match="name"):
        PostgresStore(postgres_server.conninfo, ledger=name)


def test_no_error_quotes_a_password(postgres_server: PostgresServer) -> None:
    secret = "hunter2"
    with pytest.raises(MalformedInput) as malformed:
        PostgresStore(f"host=/tmp {secret}")
    with pytest.raises(StoreError) as unreachable:
        PostgresStore(f"{postgres_server.conninfo} dbname=nowhere password={secret}")
    for error in (malformed.value, unreachable.value):
        assert secret not in str(error) and error.__suppress_context__


def other_program(connection: Any, ledger: str) -> None:
    connection.execute(f"CREATE SCHEMA {ledger}")
    connection.execute(f"CREATE TABLE {ledger}.settings (colour TEXT)")


def empty_schema(connection: Any, ledger: str) -> None:
    connection.execute(f"CREATE SCHEMA {ledger}")


def newer_version(connection: Any, ledger: str) -> None:
    connection.execute(f"CREATE SCHEMA {ledger}")
    connection.execute(f"CREATE TABLE {ledger}.settings (name TEXT, value TEXT)")
    connection.execute(f"INSERT INTO {ledger}.settings VALUES ('zkrelay schema version', '5')")


@pytest.mark.parametrize("make", [other_program, empty_schema, newer_version])
def test_schemas_that_are_not_ours(postgres_server: PostgresServer, make: Callable[[Any, str], None]) -> None:
    ledger = postgres_server.ledger()
    tables = "SELECT count(*) FROM pg_tables WHERE schemaname = %s"
    with psycopg.connect(postgres_server.conninfo, autocommit=True) as connection:
        make(connection, ledger)
        before = connection.execute(tables, (ledger,)).fetchone()
        with pytest.raises(StoreError, match="not a zkrelay ledger"):
            PostgresStore(postgres_server.conninfo, ledger=ledger)
        assert connection.execute(tables, (ledger,)).fetchone() == before


def test_a_ledger_without_its_escrow_row_is_damaged(store: PostgresStore) -> None:
    with connect(store) as connection:
        connection.execute("DELETE FROM escrow")
    with pytest.raises(StoreError, match="escrow"), store.write():
        pass


def test_a_failed_statement_cannot_be_overlooked(store: PostgresStore) -> None:
    """PostgreSQL answers COMMIT with ROLLBACK, and no error, after somebody has swallowed one."""

    def swallow() -> None:
        with store.write() as transaction:
            transaction.insert_nullifiers([(7, 1)])
            with contextlib.suppress(psycopg.Error):
                transaction._run("SELECT nonsense")

    with pytest.raises(StoreError, match="had failed"):
        swallow()
    with store.read() as transaction:
        assert not transaction.is_spent(7)


def test_a_lost_connection_is_an_error_once(store: PostgresStore) -> None:
    """What was not committed is gone, and the next transaction connects by itself."""

    def lose_the_connection() -> None:
        with store.write() as transaction:
            transaction.insert_nullifiers([(7, 1)])
            with connect(store) as other:
                other.execute("SELECT pg_terminate_backend(%s)", (store._connection.info.backend_pid,))
            transaction.insert_nullifiers([(8, 1)])

    with pytest.raises(StoreError):
        lose_the_connection()
    with store.write() as transaction:
        assert transaction.insert_nullifiers([(7, 1), (8, 1)]) == {7, 8}


def test_a_crash_of_the_server_loses_nothing_that_was_committed() -> None:
    """And a server that may forget what it confirmed is refused."""
    server = PostgresServer()
    try:
        with PostgresStore(server.conninfo) as store:
            with store.write() as transaction:
                transaction.insert_nullifiers([(7, 1)])
                transaction.set_balance(5)
            server.stop(signal.SIGQUIT)
            with pytest.raises(StoreError), store.write():
                pass
            server.start()
            with store.write() as transaction:
                assert transaction.insert_nullifiers([(7, 1), (8, 1)]) == {8}
                assert transaction.balance() == 5
            server.stop(signal.SIGQUIT)
            server.settings["fsync"] = "off"
            server.start()
            with pytest.raises(StoreError, match="without fsync"), store.write():
                pass
    finally:
        server.close()


def test_store_refuses_to_work_after_a_fork(store: PostgresStore) -> None:
    store._pid = os.getpid() + 1  # what the child of a fork would see
    try:
        with pytest.raises(StoreError, match="fork"), store.write():
            pass
    finally:
        store._pid = os.getpid()


def test_opening_a_new_ledger_together(postgres_server: PostgresServer) -> None:
    """Nobody sees half a schema, and nobody is sent away."""
    count, ledger = 8, postgres_server.ledger()
    barrier = threading.Barrier(count)

    def work(_: int) -> dict[str, str]:
        barrier.wait()
        with PostgresStore(postgres_server.conninfo, ledger=ledger) as store:
            return store.pin({"who": "came first"})

    with ThreadPoolExecutor(count) as pool:
        assert list(pool.map(work, range(count))) == [{"who": "came first"}] * count


def test_sorted_nullifiers_do_not_deadlock(store: PostgresStore) -> None:
    """Even without the ledger's lock.  In the order in which they come, most of these transactions would fail."""
    count, numbers = 4, list(range(1000))
    barrier = threading.Barrier(count)

    def work(seed: int) -> int:
        mine = random.Random(seed)
        with connect(store) as connection:
            barrier.wait()
            won = 0
            for _ in range(5):
                with connection.transaction():
                    transaction = PostgresTransaction(connection)
                    won += len(transaction.insert_nullifiers((nf, 1) for nf in mine.sample(numbers, 500)))
            return won

    with ThreadPoolExecutor(count) as pool:
        won = sum(pool.map(work, range(count)))
    with store.read() as transaction:
        assert transaction.num_nullifiers() == won
