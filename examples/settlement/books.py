"""The service's own tables in the ledger's database: events in order, money in and out, answers by idempotency key.

All of it is written in the transaction of the rule it tells about.  Numbers of events have no gaps, because writers
take turns: a reader that asks for what came after N misses nothing.

Conservation, at every moment: paid in = balance + pots + stakes + paid out.  The right side's first three are the
ledger's own; "paid in" and "paid out" are counted here, request by request, so that the two sides check each other.
A ledger that something else wrote to (``zkrelay nullifier redeem``, for one) does not balance here any more.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from zkrelay.relay.store import Payment, PaymentKind

from .unit import SqlStoreTransaction, Written

_TABLES = (
    "CREATE TABLE IF NOT EXISTS service_events"
    " (number BIGINT PRIMARY KEY, epoch BIGINT NOT NULL, kind TEXT NOT NULL, fields TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS service_events_by_kind ON service_events (kind, number)",
    "CREATE TABLE IF NOT EXISTS service_money (name TEXT PRIMARY KEY, money TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS service_answers"
    " (name TEXT PRIMARY KEY, digest TEXT NOT NULL, status BIGINT NOT NULL, body TEXT NOT NULL, epoch BIGINT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS service_answers_by_epoch ON service_answers (epoch)",
)
_PAID_IN = "paid in"


@dataclass(frozen=True)
class Answer:
    """What was answered to a request that was carried out; ``digest`` is of the request."""

    digest: str
    status: int
    body: str


@dataclass(frozen=True)
class Event:
    """``fields`` as decimal strings, by the kind of the event."""

    number: int
    epoch: int
    kind: str
    fields: dict[str, str]


@dataclass(frozen=True)
class Balances:
    """``locked`` is behind notes, ``pots`` behind tickets; ``paid_out`` by kind of payment."""

    locked: int
    pots: int
    stakes: int
    paid_in: int
    paid_out: dict[str, int]

    @property
    def conserved(self) -> bool:
        return self.paid_in == self.locked + self.pots + self.stakes + sum(self.paid_out.values())


def make_tables(transaction: SqlStoreTransaction) -> None:
    """Once for each ledger.  One that has money already is taken over as it stands: that much was paid in."""
    for statement in _TABLES:
        transaction.execute(statement)
    if _PAID_IN in _money(transaction):
        return
    for payment in transaction.payments():
        _add(transaction, payment.kind.value, payment.money + payment.fee)
    held = transaction.balance() + sum(transaction.pots().values()) + _stakes(transaction)
    _add(transaction, _PAID_IN, held + sum(_money(transaction).values()))


def write_events(transaction: SqlStoreTransaction, epoch: int, events: Iterable[Written]) -> None:
    for kind, fields in events:
        transaction.execute(
            "INSERT INTO service_events SELECT coalesce(max(number), 0) + 1, ?, ?, ? FROM service_events",
            *(epoch, kind, json.dumps(fields)),
        )


def events_after(transaction: SqlStoreTransaction, after: int, limit: int, kind: str | None) -> list[Event]:
    """Up to ``limit`` events with a number above ``after``, in their order."""
    of_kind, parameters = ("", ()) if kind is None else ("AND kind = ?", (kind,))
    rows = transaction.execute(
        f"SELECT number, epoch, kind, fields FROM service_events WHERE number > ? {of_kind} ORDER BY number LIMIT ?",  # noqa: S608 (words of our own)
        *(after, *parameters, limit),
    ).fetchall()
    return [Event(int(number), int(epoch), name, json.loads(text)) for number, epoch, name, text in rows]


def last_event(transaction: SqlStoreTransaction) -> int:
    """The number of the last event; 0 without one."""
    (number,) = transaction.execute("SELECT coalesce(max(number), 0) FROM service_events").fetchone()
    return int(number)


def book(transaction: SqlStoreTransaction, paid_in: int, paid_out: Iterable[Payment]) -> None:
    """Count the money of one request."""
    if paid_in:
        _add(transaction, _PAID_IN, paid_in)
    for payment in paid_out:
        _add(transaction, payment.kind.value, payment.money + payment.fee)


def balances(transaction: SqlStoreTransaction) -> Balances:
    money = _money(transaction)
    return Balances(
        locked=transaction.balance(),
        pots=sum(transaction.pots().values()),
        stakes=_stakes(transaction),
        paid_in=money.get(_PAID_IN, 0),
        paid_out={kind.value: money.get(kind.value, 0) for kind in PaymentKind},
    )


def answer_under(transaction: SqlStoreTransaction, name: str) -> Answer | None:
    """What was answered under an idempotency key."""
    row = transaction.execute("SELECT digest, status, body FROM service_answers WHERE name = ?", name).fetchone()
    return None if row is None else Answer(row[0], int(row[1]), row[2])


def keep_answer(transaction: SqlStoreTransaction, name: str, answer: Answer, epoch: int, keep_epochs: int) -> None:
    """Keep an answer, and forget those that are older than ``keep_epochs``."""
    transaction.execute("DELETE FROM service_answers WHERE epoch < ?", epoch - keep_epochs)
    transaction.execute(
        "INSERT INTO service_answers VALUES (?, ?, ?, ?, ?)", name, answer.digest, answer.status, answer.body, epoch
    )


def _money(transaction: SqlStoreTransaction) -> dict[str, int]:
    rows = transaction.execute("SELECT name, money FROM service_money").fetchall()
    return {name: int(money) for name, money in rows}


def _add(transaction: SqlStoreTransaction, name: str, money: int) -> None:
    """Sums are Python's: they may exceed what a database counts in."""
    row = transaction.execute("SELECT money FROM service_money WHERE name = ?", name).fetchone()
    total = str(money + (int(row[0]) if row else 0))
    transaction.execute(
        "INSERT INTO service_money VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET money = ?", name, total, total
    )


def _stakes(transaction: SqlStoreTransaction) -> int:
    return sum(stake.amount for stake in transaction.stakes())
