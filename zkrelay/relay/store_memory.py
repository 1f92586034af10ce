"""The settlement's store in memory: for tests, simulations, and a node's own copy of a ledger; lost with its process.

One lock stands for all isolation: readers and writers take turns.  Every change is preceded by its inverse in a log,
and any error, an interrupt included, plays the log backwards.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from ..errors import DuplicateNote, StoreError
from .share import Share
from .store import Payment, StoredNote, StoredRoot, StoredStake
from .store_funding import SpentToken
from .store_memory_tables import ABSENT, MemoryFunding, MemoryTreeNodes, Tables

_PRUNED = ("notes", "nodes", "roots", "commitments", "nullifiers", "shares", "paid")
_FUNDING = ("funding_leaves", "funding_nodes", "funding_roots", "tickets", "tokens", "pots")
_TABLES = (*_PRUNED, *_FUNDING, "settings", "payments", "stakes", "escrow")
_PRUNED_IN = "pruned in epoch"


class MemoryStore:
    """A ``SettlementStore`` in dictionaries, shared by the threads of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tables: dict[str, dict[Any, Any]] = {name: {} for name in _TABLES}
        self._is_open = True

    def __enter__(self) -> MemoryStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with self._lock:
            self._is_open = False

    def pin(self, settings: Mapping[str, str]) -> dict[str, str]:
        with self.write() as transaction:
            for name, value in settings.items():
                transaction._insert("settings", name, value)
            return {name: self._tables["settings"][name] for name in settings}

    @contextmanager
    def write(self) -> Iterator[MemoryTransaction]:
        with self._open():
            transaction = MemoryTransaction(self._tables, read_only=False)
            try:
                yield transaction
            except BaseException:
                transaction._log.undo()
                raise

    @contextmanager
    def read(self) -> Iterator[MemoryTransaction]:
        with self._open():
            yield MemoryTransaction(self._tables, read_only=True)

    @contextmanager
    def _open(self) -> Iterator[None]:
        with self._lock:
            if not self._is_open:
                raise StoreError("the store was closed")
            yield


class MemoryTransaction:
    """A ``StoreTransaction``; lives while its store is locked."""

    def __init__(self, tables: dict[str, dict[Any, Any]], *, read_only: bool) -> None:
        self._log = Tables(tables, read_only=read_only)
        self._tables = tables
        self._insert = self._log.insert
        self._set = self._log.set
        self.nodes = MemoryTreeNodes(self._log, "nodes")
        self.funding = MemoryFunding(self._log)

    def num_notes(self) -> int:
        return len(self._tables["notes"])

    def insert_note(self, note: StoredNote) -> None:
        if not self._insert("notes", note.cm, note):
            raise DuplicateNote("the ledger already holds this note")

    def note(self, cm: int) -> StoredNote | None:
        return self._tables["notes"].get(cm)

    def last_expiry(self) -> int | None:
        return max((note.expiry for note in self._tables["notes"].values()), default=None)

    def insert_root(self, root: StoredRoot) -> None:
        self._insert("roots", root.root, root)

    def root(self, root: int) -> StoredRoot | None:
        return self._tables["roots"].get(root)

    def newest_root(self, epoch: int) -> StoredRoot | None:
        known = (root for root in self._tables["roots"].values() if root.epoch <= epoch)
        return max(known, key=lambda root: (root.epoch, root.size), default=None)

    def record_commitment(self, handle: int, epoch: int) -> int:
        self._insert("commitments", handle, epoch)
        return int(self._tables["commitments"][handle])

    def first_recorded(self, handle: int) -> int | None:
        return self._tables["commitments"].get(handle)

    def insert_nullifiers(self, nullifiers: Iterable[tuple[int, int]]) -> set[int]:
        return {nf for nf, epoch in sorted(nullifiers) if self._insert("nullifiers", nf, epoch)}

    def is_spent(self, nf: int) -> bool:
        return nf in self._tables["nullifiers"]

    def num_nullifiers(self) -> int:
        return len(self._tables["nullifiers"])

    def nullifiers(self, after: int, limit: int) -> list[tuple[int, int]]:
        return sorted(pair for pair in self._tables["nullifiers"].items() if pair[0] > after)[:limit]

    def insert_shares(self, shares: Sequence[Share]) -> None:
        for share in shares:
            if not self.is_spent(share.nf):
                raise StoreError("a share's nullifier is not in the set")
            if not self._insert("shares", share.nf, share):
                raise StoreError("two shares have the same nullifier")

    def share(self, nf: int) -> Share | None:
        return self._tables["shares"].get(nf)

    def prune(self, epoch: int) -> int:
        count = self.num_nullifiers()
        for name in _PRUNED:
            for key in list(self._tables[name]):
                self._set(name, key, ABSENT)
        for number, payment in list(self._tables["payments"].items()):
            self._set("payments", number, replace(payment, nf=None))
        self._insert("settings", _PRUNED_IN, epoch)
        return count

    def pruned_in(self) -> int | None:
        return self._tables["settings"].get(_PRUNED_IN)

    def insert_payments(self, payments: Sequence[Payment]) -> None:
        paid = self._tables["payments"]
        for payment in payments:
            if payment.nf is not None and not self.is_spent(payment.nf):
                raise StoreError("a payment's nullifier is not in the set")
            if payment.nf is not None and not self._insert("paid", payment.nf, True):
                raise StoreError("two payments have the same nullifier")
            self._set("payments", len(paid), payment)

    def payments(self) -> list[Payment]:
        return list(self._tables["payments"].values())

    def insert_stake(self, stake: StoredStake) -> bool:
        return self._insert("stakes", stake.payee, stake)

    def stake(self, payee: int) -> StoredStake | None:
        return self._tables["stakes"].get(payee)

    def set_exit(self, payee: int, epoch: int) -> None:
        self._set("stakes", payee, replace(self._tables["stakes"][payee], exit_epoch=epoch))

    def delete_stake(self, payee: int) -> None:
        self._set("stakes", payee, ABSENT)

    def stakes(self) -> list[StoredStake]:
        return [stake for _, stake in sorted(self._tables["stakes"].items())]

    def spend_token(self, token: SpentToken) -> SpentToken | None:
        return None if self._insert("tokens", token.token_key, token) else self._tables["tokens"][token.token_key]

    def tokens(self, after: bytes, count: int) -> Sequence[SpentToken]:
        rows = self._tables["tokens"]
        return [rows[key] for key in sorted(key for key in rows if key > after)[:count]]

    def pots(self) -> dict[str, int]:
        return dict(self._tables["pots"])

    def set_pot(self, name: str, money: int) -> None:
        if money < 0:
            raise StoreError("a pot is never negative")
        self._set("pots", name, money or ABSENT)

    def balance(self) -> int:
        return int(self._tables["escrow"].get("balance", 0))

    def set_balance(self, balance: int) -> None:
        if balance < 0:
            raise StoreError("a balance is never negative")
        self._set("escrow", "balance", balance)
