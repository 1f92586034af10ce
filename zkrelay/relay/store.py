"""What a settlement keeps, as a small protocol: notes and their tree, roots, commitments, nullifiers, money.

A store gives transactions; the rules live in ``settlement``.  Uniqueness is the database's own constraint, never a
look-up before an insert: ``insert_note`` and ``insert_nullifier`` raise for the second of two equal rows, whoever wrote
the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from .merkle import TreeNodes


@dataclass(frozen=True)
class Payment:
    """One redeemed claim: ``money`` went to ``recipient`` and ``fee`` to ``relayer``, in the ledger's smallest coin."""

    nf: int
    recipient: int
    money: int
    relayer: int
    fee: int
    epoch: int


class StoreTransaction(Protocol):
    """One atomic view; everything written through it is kept together or not at all."""

    @property
    def nodes(self) -> TreeNodes:
        """The note tree's nodes."""

    def num_notes(self) -> int: ...

    def insert_note(self, position: int, cm: int, cap: int, expiry: int, epoch: int) -> None:
        """Raises ``DuplicateNote`` when the ledger already holds cm."""

    def position_of(self, cm: int) -> int | None: ...

    def insert_root(self, root: int, epoch: int) -> None:
        """Roots are only ever added."""

    def has_root(self, root: int) -> bool: ...

    def record_commitment(self, cc: int, epoch: int) -> int:
        """Keep the *first* epoch that cc was recorded in, and return it."""

    def first_recorded(self, cc: int) -> int | None: ...

    def insert_nullifier(self, nf: int, epoch: int) -> None:
        """Raises ``NullifierSpent`` when nf is already there."""

    def is_spent(self, nf: int) -> bool: ...

    def insert_payment(self, payment: Payment) -> None: ...

    def payments(self) -> list[Payment]:
        """All payments, oldest first."""

    def balance(self) -> int:
        """Money in escrow: deposited and not paid out."""

    def set_balance(self, balance: int) -> None: ...


class SettlementStore(Protocol):
    """Opened once per process; safe to share between the threads of that process."""

    def pin(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Write each setting that is new, change none, and return what the store holds under these names."""

    def write(self) -> AbstractContextManager[StoreTransaction]:
        """A transaction that excludes all other writers from its start; committed on exit, rolled back on any error."""

    def read(self) -> AbstractContextManager[StoreTransaction]:
        """A consistent snapshot, for reading only."""

    def close(self) -> None: ...
