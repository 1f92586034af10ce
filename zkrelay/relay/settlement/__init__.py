"""The escrow's rules: take deposits, record commitments, pay each note once.

    deposit(inner, cap, expiry)      lock price(cap), compute cm, put it into the tree
    commit(handle)                   remember the first epoch it was seen in: commit now, prove later
    verify(...)                      pure: reads no store and no clock
    redeem(...), redeem_many(...)    verify, then in one transaction: root, epoch, nullifier, payment
    redeem_batch(...)                many notes of one payee under one proof, all or none
    refund(...)                      give back a note that nobody claimed, with the same nullifier
    register, leave, withdraw, slash a node's stake
    export_nullifiers, import_nullifiers, prune

Conservation: each cm is inserted once and funded with its cap, has one nf, and each nf is paid once for at most cap.
So any coalition of nodes and clients takes out at most what was put in.  The unspent rest of a claimed note stays with
the escrow.  The unique key is nf, never the proof's bytes: anybody can make another proof of the same statement.

One idea a file: ``ledger`` is what all of them stand on.
"""

from __future__ import annotations

from .batches import Batches
from .claims import Submission
from .deposits import Deposit, Deposits
from .ledger import DEFAULT_REFUND_PERIOD, DEFAULT_WINDOW, StakeRules
from .nullifier_set import NullifierSet
from .refunds import Refunds
from .stakes import Stakes

__all__ = [
    "DEFAULT_REFUND_PERIOD",
    "DEFAULT_WINDOW",
    "Deposit",
    "Settlement",
    "StakeRules",
    "Submission",
]


class Settlement(Deposits, Batches, Refunds, Stakes, NullifierSet):
    """The rules of one domain over one store.  Safe to use from many threads; many processes open the same store."""
