"""One request is one transaction: what a rule wrote, the events of it and the answer are kept together or not at all.

``Settlement`` opens a transaction of its store when everything that needs none has been checked.  In a ``unit`` that
transaction stays open when the rule is done, so that the service can add to it; it is committed when the unit ends, and
rolled back by whatever is raised in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from threading import local
from typing import Any, Protocol, cast

from zkrelay.relay.store import Payment, SettlementStore, StoredNote, StoredStake, StoreTransaction
from zkrelay.relay.store_funding import FundedLeaf, FundingStore, SpentTicket


class SqlStoreTransaction(StoreTransaction, Protocol):
    """A transaction of the stores over a database, which keep tables of the service's own too."""

    def execute(self, statement: str, *parameters: object) -> Any: ...


Written = tuple[str, dict[str, str]]
"""Kind and fields of an event that has no number yet."""


class RecordedFunding:
    """The funding tree's part of a transaction, with what is written remembered."""

    def __init__(self, inner: FundingStore, events: list[Written]) -> None:
        self._inner, self._events = inner, events

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def insert_leaf(self, leaf: FundedLeaf) -> bool:
        inserted = self._inner.insert_leaf(leaf)
        if inserted:
            self._events.append(("leaf", _strings(identity=leaf.identity, limit=leaf.limit, position=leaf.position)))
        return inserted

    def spend(self, ticket: SpentTicket) -> SpentTicket | None:
        before = self._inner.spend(ticket)
        if before is None:
            self._events.append(("ticket", {"nf": str(ticket.share.nf), "slashed": str(ticket.cm is None).lower()}))
        return before


class Recorded:
    """A transaction whose writes are remembered as ``events``, in order; all else goes straight to the store.

    Payments are remembered as they are, too: their sums are part of the books.
    """

    def __init__(self, inner: SqlStoreTransaction) -> None:
        self._inner = inner
        self.events: list[Written] = []
        self.paid: list[Payment] = []
        self.funding = RecordedFunding(inner.funding, self.events)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def insert_note(self, note: StoredNote) -> None:
        self._inner.insert_note(note)
        fields = _strings(position=note.position, cm=note.cm, cap=note.cap, expiry=note.expiry)
        self.events.append(("note", fields))

    def record_commitment(self, handle: int, epoch: int) -> int:
        is_new = self._inner.first_recorded(handle) is None
        first = self._inner.record_commitment(handle, epoch)
        if is_new:
            self.events.append(("commitment", _strings(handle=handle)))
        return first

    def insert_nullifiers(self, nullifiers: Iterable[tuple[int, int]]) -> set[int]:
        unspent = self._inner.insert_nullifiers(nullifiers)
        self.events += [("nullifier", _strings(nf=nf)) for nf in sorted(unspent)]
        return unspent

    def insert_payments(self, payments: Sequence[Payment]) -> None:
        self._inner.insert_payments(payments)
        self.paid += payments
        self.events += [("payment", payment_fields(payment)) for payment in payments]

    def insert_stake(self, stake: StoredStake) -> bool:
        inserted = self._inner.insert_stake(stake)
        if inserted:
            fields = _strings(payee=stake.payee, address=stake.address, amount=stake.amount)
            self.events.append(("stake", fields))
        return inserted

    def set_exit(self, payee: int, epoch: int) -> None:
        self._inner.set_exit(payee, epoch)
        self.events.append(("stake-exit", _strings(payee=payee)))

    def delete_stake(self, payee: int) -> None:
        self._inner.delete_stake(payee)
        self.events.append(("stake-end", _strings(payee=payee)))


class Unit:
    """One request's transaction; ``transaction`` is None until a rule begins to write.

    ``on_begin`` is called with it before anything is written, and may raise.
    """

    def __init__(self, store: SettlementStore) -> None:
        self._store = store
        self._stack = ExitStack()
        self.transaction: Recorded | None = None
        self.on_begin: Callable[[SqlStoreTransaction], None] = lambda _: None

    def begin(self) -> Recorded:
        """The unit's transaction, opened at the first call: from then on there is no other writer."""
        if self.transaction is None:
            opened = cast(SqlStoreTransaction, self._stack.enter_context(self._store.write()))
            self.on_begin(opened)
            self.transaction = Recorded(opened)
        return self.transaction

    def __enter__(self) -> Unit:
        return self

    def __exit__(self, *reason: Any) -> None:
        self._stack.__exit__(*reason)  # commits, or rolls back for a reason


class UnitStore:
    """A ``SettlementStore`` over SQLite or PostgreSQL that knows units; without one it is the store itself.

    ``reader`` is another opening of the same store, so that who reads does not wait for who writes; without it they
    take turns.
    """

    def __init__(self, store: SettlementStore, reader: SettlementStore | None = None) -> None:
        self._store, self._reader = store, reader or store
        self._present = local()

    def __enter__(self) -> UnitStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._store.close()
        self._reader.close()

    def pin(self, settings: Mapping[str, str]) -> dict[str, str]:
        return self._store.pin(settings)

    @contextmanager
    def unit(self) -> Iterator[Unit]:
        """What this thread does with the store in the block is one transaction, committed at the end of the block."""
        with Unit(self._store) as unit:
            self._present.unit = unit
            try:
                yield unit
            finally:
                self._present.unit = None

    @contextmanager
    def write(self) -> Iterator[SqlStoreTransaction]:
        unit = self._unit()
        if unit is not None:
            yield cast(SqlStoreTransaction, unit.begin())
        else:
            with self._store.write() as transaction:
                yield cast(SqlStoreTransaction, transaction)

    @contextmanager
    def read(self) -> Iterator[SqlStoreTransaction]:
        unit = self._unit()
        if unit is not None and unit.transaction is not None:
            yield cast(SqlStoreTransaction, unit.transaction)
        else:
            with self._reader.read() as transaction:
                yield cast(SqlStoreTransaction, transaction)

    def _unit(self) -> Unit | None:
        return getattr(self._present, "unit", None)


def payment_fields(payment: Payment) -> dict[str, str]:
    """Decimal strings; without ``nf`` when the payment is for no note."""
    fields = _strings(
        recipient=payment.recipient,
        money=payment.money,
        relayer=payment.relayer,
        fee=payment.fee,
        epoch=payment.epoch,
    )
    return {**fields, "kind": payment.kind.value} | ({} if payment.nf is None else {"nf": str(payment.nf)})


def _strings(**numbers: int) -> dict[str, str]:
    return {name: str(value) for name, value in numbers.items()}
