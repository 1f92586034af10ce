"""What the tunnel asks of whoever holds the money: one small protocol, and one implementation over a ledger on disk.

    state          what epoch it is, how long one lasts, how long a committed claim may still be proved
    final_leaves   the notes that count, in the tree's order: each node computes its own tree from them
    is_spent       whether a note was redeemed or refunded
    commit         record a claim's handle now, and prove it later
    redeem         pay a proved claim or batch, once
    deposit        put a note into the tree (the client's part)

Everything blocks, so that a worker process can use it as it is; the node calls it in threads.  Two kinds of answer are
no answer's fault: ``LedgerUnavailable`` says to ask again later.  Any other error is a refusal of what was asked.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from zkrelay.errors import StoreError
from zkrelay.relay import settlement
from zkrelay.relay.domain import Domain
from zkrelay.relay.ledger_file import LedgerFile
from zkrelay.relay.submission import BatchSubmission, ClaimSubmission

from .errors import LedgerUnavailable


@dataclass(frozen=True)
class LedgerState:
    """``epoch`` is the ledger's own; ``window`` as in its rules: epochs in which a committed claim may be proved."""

    epoch: int
    epoch_seconds: int
    window: int


class Settlement(Protocol):
    """Safe to use from several threads.  Every call may raise ``LedgerUnavailable``: then nobody knows its effect."""

    domain: Domain

    def state(self) -> LedgerState: ...

    def final_leaves(self, first: int) -> list[int]:
        """Commitments of final notes from position ``first`` on, without gaps; a part of them will do, an empty list
        says that there are no more."""

    def is_spent(self, nf: int) -> bool:
        """Raises ``NonCanonicalNumber`` unless nf is a field element."""

    def commit(self, handle: int) -> int:
        """Record cc of a claim or h of a batch; the first epoch that it was recorded in.  Again changes nothing."""

    def redeem(self, submission: ClaimSubmission | BatchSubmission) -> int:
        """The money paid, the relayer's fee left out.

        Raises:
            NullifierSpent: a note of it was redeemed or refunded before.
            Expired, NotCommitted: the claim's epoch is too old; one of a later epoch may be paid.
            UnknownRoot, NotFinal, InsufficientEscrow and other ``SettlementRefused``, InvalidProof, MalformedInput: as
                ``zkrelay.relay.settlement``.
        """

    def deposit(self, inner: int, cap: int, expiry: int) -> int:
        """Lock the cap's price behind a note; its position in the tree.  Raises as ``Settlement.deposit`` there."""


class LocalSettlement(Settlement):
    """The ledger of a ``zkrelay ledger init`` file, opened by this process too."""

    def __init__(self, ledger: settlement.Settlement, clock: Callable[[], int], epoch_seconds: int) -> None:
        """``clock`` is the ledger's own."""
        self._ledger, self._clock, self._epoch_seconds = ledger, clock, epoch_seconds
        self.domain = ledger.domain

    @classmethod
    @contextlib.contextmanager
    def open(cls, path: str | Path) -> Iterator[LocalSettlement]:
        """Raises as ``LedgerFile.read`` and ``open``."""
        file = LedgerFile.read(Path(path).resolve())
        with file.open(create=True) as ledger:
            yield cls(ledger, file.epoch, file.epoch_seconds)

    def state(self) -> LedgerState:
        return LedgerState(self._clock(), self._epoch_seconds, self._ledger.window)

    def final_leaves(self, first: int) -> list[int]:
        with _available():
            return self._ledger.final_leaves(first)

    def is_spent(self, nf: int) -> bool:
        with _available():
            return self._ledger.is_spent(nf)

    def commit(self, handle: int) -> int:
        with _available():
            return self._ledger.commit(handle)

    def redeem(self, submission: ClaimSubmission | BatchSubmission) -> int:
        with _available():
            if isinstance(submission, BatchSubmission):
                statement = submission.statement
                return self._ledger.redeem_batch(
                    statement.vector, statement.h, submission.context, submission.proof
                ).money
            return self._ledger.redeem(submission.statement.public_inputs, submission.context, submission.proof).money

    def deposit(self, inner: int, cap: int, expiry: int) -> int:
        with _available():
            return self._ledger.deposit(inner, cap, expiry).position


@contextlib.contextmanager
def open_settlement(where: str) -> Iterator[Settlement]:
    """The ledger that ``where`` names: a file of ``zkrelay ledger init``, or the URL of a settlement service.

    Raises as ``LocalSettlement.open`` and ``ServiceSettlement``.
    """
    if where.startswith(("http://", "https://")):
        from .service_ledger import ServiceSettlement  # which lies beside this package, and not in it

        yield ServiceSettlement(where)
        return
    with LocalSettlement.open(where) as local:
        yield local


@contextlib.contextmanager
def _available() -> Iterator[None]:
    try:
        yield
    except (StoreError, OSError) as error:
        raise LedgerUnavailable(str(error)) from error
