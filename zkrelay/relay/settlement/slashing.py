"""What taking a node's stake and taking a client's tickets have in common: commit, reveal, and a part that is burnt."""

from __future__ import annotations

from ...errors import NotCommitted
from ..store import Payment, PaymentKind, StoreTransaction
from .ledger import Ledger


class Slashing(Ledger):
    """The part of the settlement that knows slashers."""

    def _check_revealed(self, transaction: StoreTransaction, handle: int, now: int) -> None:
        """Raise ``NotCommitted`` unless ``commit`` recorded the handle in an earlier epoch."""
        recorded = transaction.first_recorded(handle)
        if recorded is None or recorded >= now:
            raise NotCommitted("commit to the slashing in one epoch and reveal it in a later one")

    def _reward(self, money: int, slasher: int, now: int) -> list[Payment]:
        """The slasher's part and the burnt part (recipient 0), which is rounded up."""
        burnt = -(-money * self.stake_rules.burn_percent // 100)
        return [
            Payment(None, slasher, money - burnt, 0, 0, now, PaymentKind.SLASH),
            Payment(None, 0, burnt, 0, 0, now, PaymentKind.BURN),
        ]
