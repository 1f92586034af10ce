"""What a settlement keeps, as a small protocol: notes and their tree, roots, commitments, nullifiers, stakes, money.

Leaves, tickets and tokens, which outlive a note tree, are in ``store_funding``.

A store gives transactions; the rules live in ``settlement``.  Uniqueness is the database's own constraint, never a
look-up before an insert: ``insert_note``, ``insert_nullifiers`` and ``insert_stake`` tell the second of two equal rows
from the first, whoever wrote that.  Three stores keep the same promises, and one suite of tests holds them to it:
``store_memory`` (one process, lost at its end), ``store_sqlite`` (one file) and ``store_postgres`` (one server).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from .merkle import TreeNodes
from .share import Share
from .store_funding import FundingStore, TokenTransaction


class PaymentKind(str, Enum):
    """Why money left the escrow."""

    CLAIM = "claim"
    BATCH = "batch"
    REFUND = "refund"
    STAKE = "stake"
    SLASH = "slash"
    BURN = "burn"
    FEE = "fee"  # of a note that a ticket or a token opened
    MOVE = "move"  # the money behind unspent tickets, to the next ledger


@dataclass(frozen=True)
class Payment:
    """Money that left: ``money`` went to ``recipient`` and ``fee`` to ``relayer``, in the ledger's smallest coin.

    ``nf`` is the nullifier of the claimed or refunded note, of a batch its first; None for all else, and after pruning.
    """

    nf: int | None
    recipient: int
    money: int
    relayer: int
    fee: int
    epoch: int
    kind: PaymentKind = PaymentKind.CLAIM


@dataclass(frozen=True)
class StoredNote:
    """A deposited note: its place in the tree and the epoch it came in."""

    position: int
    cm: int
    cap: int
    expiry: int
    epoch: int


@dataclass(frozen=True)
class StoredRoot:
    """A root that the tree had while it held ``size`` notes, first in ``epoch``."""

    root: int
    size: int
    epoch: int


@dataclass(frozen=True)
class StoredStake:
    """``amount`` held for ``payee`` since ``epoch``; ``exit_epoch`` is when its owner asked for it, None before."""

    payee: int
    address: int
    amount: int
    epoch: int
    exit_epoch: int | None = None


class StoreTransaction(TokenTransaction, Protocol):
    """One atomic view; everything written through it is kept together or not at all."""

    @property
    def funding(self) -> FundingStore:
        """Leaves and tickets."""

    @property
    def nodes(self) -> TreeNodes:
        """The note tree's nodes."""

    def num_notes(self) -> int: ...

    def insert_note(self, note: StoredNote) -> None:
        """Raises ``DuplicateNote`` when the ledger already holds the note's cm."""

    def note(self, cm: int) -> StoredNote | None: ...

    def last_expiry(self) -> int | None:
        """The latest expiry of all notes; None without notes."""

    def insert_root(self, root: StoredRoot) -> None:
        """Roots are only ever added; a root that is there stays as it is."""

    def root(self, root: int) -> StoredRoot | None: ...

    def newest_root(self, epoch: int) -> StoredRoot | None:
        """The last root that was recorded in ``epoch`` or before."""

    def record_commitment(self, handle: int, epoch: int) -> int:
        """Keep the *first* epoch that the handle was recorded in, and return it."""

    def first_recorded(self, handle: int) -> int | None: ...

    def insert_nullifiers(self, nullifiers: Iterable[tuple[int, int]]) -> set[int]:
        """Insert pairs (nf, epoch) in the order of nf, and return those nf that were not there; the others stay."""

    def is_spent(self, nf: int) -> bool: ...

    def num_nullifiers(self) -> int: ...

    def nullifiers(self, after: int, limit: int) -> list[tuple[int, int]]:
        """Up to ``limit`` pairs (nf, epoch) with nf > ``after`` (-1 for all), in ascending order."""

    def insert_shares(self, shares: Sequence[Share]) -> None:
        """A share's nf must be in the set, and no two shares have the same."""

    def share(self, nf: int) -> Share | None: ...

    def prune(self, epoch: int) -> int:
        """Forget all nullifiers, shares, commitments, notes, roots and nodes of the note tree, but no money, for ever.

        Leaves, tickets and tokens stay: they are not the note tree's.

        Returns the number of nullifiers that were there, and keeps the first epoch that this was done in.
        """

    def pruned_in(self) -> int | None:
        """The epoch in which the store was pruned; None before."""

    def insert_payments(self, payments: Sequence[Payment]) -> None:
        """A payment's nf must be in the set, and no two payments have the same."""

    def payments(self) -> list[Payment]:
        """All payments, oldest first."""

    def insert_stake(self, stake: StoredStake) -> bool:
        """False, and nothing done, when the payee has one."""

    def stake(self, payee: int) -> StoredStake | None: ...

    def set_exit(self, payee: int, epoch: int) -> None:
        """Write the epoch in which the owner of a stake asked for it."""

    def delete_stake(self, payee: int) -> None: ...

    def stakes(self) -> list[StoredStake]:
        """All stakes, in the order of their payees."""

    def pots(self) -> dict[str, int]:
        """Money that waits to become notes, by what it waits for; no pot is empty."""

    def set_pot(self, name: str, money: int) -> None:
        """Any integer from 0, however large; a pot of 0 is none."""

    def balance(self) -> int:
        """Money behind the notes: deposited and not paid out.  Stakes and pots are not in it."""

    def set_balance(self, balance: int) -> None:
        """Any integer from 0, however large."""


class SettlementStore(Protocol):
    """Opened once per process, closed by ``with`` or ``close``; safe to share between the threads of that process."""

    def __enter__(self) -> SettlementStore: ...

    def __exit__(self, *_: object) -> None: ...

    def pin(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Write each setting that is new, change none, and return what the store holds under these names."""

    def write(self) -> AbstractContextManager[StoreTransaction]:
        """A transaction that excludes all other writers from its start; committed on exit, rolled back on any error."""

    def read(self) -> AbstractContextManager[StoreTransaction]:
        """A consistent snapshot, for reading only."""

    def close(self) -> None: ...
