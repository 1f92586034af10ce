"""The escrow's rules: take deposits, record commitments, pay each note once.

    deposit(inner, cap, expiry)      lock price(cap), compute cm, put it into the tree
    commit(handle)                   remember the first epoch it was seen in: commit now, prove later
    verify(...)                      pure: reads no store and no clock
    redeem(...), redeem_many(...)    verify, then in one transaction: root, epoch, nullifier, payment
    redeem_batch(...)                many notes of one payee under one proof, all or none
    refund(...)                      give back a note that nobody claimed, with the same nullifier
    fund, open, slash_tickets        tickets, which open notes without a name
    fund_tokens, redeem_token        blind tokens, which do so too
    take_over(before)                the next note tree's ledger goes on with tickets and tokens
    register, leave, withdraw, slash a node's stake
    export_nullifiers, import_nullifiers, prune

Conservation: each cm is inserted once and funded with its cap, has one nf, and each nf is paid once for at most cap.
So any coalition of nodes and clients takes out at most what was put in.  The unspent rest of a claimed note stays with
the escrow.  An opened note's money comes out of the pot that its ticket or token was paid into.  The unique key is nf,
never the proof's bytes: anybody can make another proof of the same statement.

One idea a file: ``ledger`` is what all of them stand on.
"""

from __future__ import annotations

from .batches import Batches
from .claims import Submission
from .deposits import Deposit
from .ledger import DEFAULT_REFUND_PERIOD, DEFAULT_WINDOW
from .nullifier_set import NullifierSet
from .refunds import Refunds
from .rules import StakeRules
from .stakes import Stakes
from .succession import Succession

__all__ = [
    "DEFAULT_REFUND_PERIOD",
    "DEFAULT_WINDOW",
    "Deposit",
    "Settlement",
    "StakeRules",
    "Submission",
]


class Settlement(Batches, Refunds, Stakes, Succession, NullifierSet):
    """The rules of one domain over one store.  Safe to use from many threads; many processes open the same store."""
