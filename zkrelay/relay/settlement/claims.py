"""Claims are paid: ``verify`` is pure, ``redeem`` is one transaction, and the key is the nullifier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ...errors import (
    Expired,
    FeeTooHigh,
    InvalidProof,
    MalformedInput,
    NotCommitted,
    NotStaked,
    NullifierSpent,
    SettlementRefused,
    UnknownRoot,
    WrongContext,
    WrongDomain,
    WrongVenue,
)
from ...groth16 import Proof
from ..context import ClaimContext
from ..numbers import check_element
from ..share import Share
from ..statement import ClaimStatement, SharedClaimStatement
from ..store import Payment, PaymentKind, StoredRoot, StoreTransaction
from .ledger import Ledger


class Submission(NamedTuple):
    """A claim as it is sent to the ledger."""

    public_inputs: Sequence[int]
    context: ClaimContext
    proof: Proof


Refusal = SettlementRefused | InvalidProof | MalformedInput


class Claims(Ledger):
    """The part of the settlement that pays single claims."""

    def commit(self, handle: int) -> int:
        """Record cc of a claim, h of a batch or a slasher's handle; return the first epoch it was recorded in.

        Recording again changes nothing, and anybody may record anything here: a copied or early commitment helps and
        harms nobody.  Raises ``NonCanonicalNumber`` unless the handle is a field element.
        """
        check_element("a commitment", handle)
        with self._store.write() as transaction:
            return transaction.record_commitment(handle, self._now())

    def verify(self, public_inputs: Sequence[int], context: ClaimContext, proof: Proof) -> ClaimStatement:
        """Everything about a claim that needs neither store nor clock; returns what it states.

        Raises:
            MalformedInput, NonCanonicalNumber, InvalidPoint: the inputs or the proof are not well formed.
            WrongDomain, WrongVenue: the claim is for another ledger.
            WrongContext: payout address, relayer or fee are not those the proof is bound to.
            FeeTooHigh: the relayer's fee exceeds the payment.
            InvalidProof: the proof is false.
        """
        statement = self._read(public_inputs, context)
        self._verifier.verify(statement.public_inputs, proof)
        return statement

    def redeem(self, public_inputs: Sequence[int], context: ClaimContext, proof: Proof) -> Payment:
        """Pay a claim, once.  A refusal changes nothing.

        Raises:
            UnknownRoot, NotFinal: the tree never had this root, or has it not for long enough.
            NotCommitted: neither the present nor the last epoch, and not committed by its epoch.
            Expired: committed in time, but the window has passed.
            NullifierSpent: the note was redeemed before.
            NotStaked: the payee has no stake of ``min_stake``, or is leaving.
            InsufficientEscrow: the escrow cannot pay (see the error).
            Everything that ``verify`` raises; ``StoreError`` from the store.
        """
        statement = self.verify(public_inputs, context, proof)
        with self._store.write() as transaction:
            (outcome,) = self._settle(transaction, [(statement, context)])
            if not isinstance(outcome, Payment):
                raise outcome
        return outcome

    def redeem_many(self, submissions: Sequence[Submission]) -> list[Payment | Refusal]:
        """Redeem many claims as ``redeem`` would one after the other, with one transaction: one wait for the disk.

        Returns what ``redeem`` returns or raises for each, in order.  Only what no claim is to blame for is raised:
        ``InsufficientEscrow`` and ``StoreError``, and then nothing was paid.
        """
        outcomes: list[Payment | Refusal | None] = [None] * len(submissions)
        read: dict[int, ClaimStatement] = {}
        for index, (public_inputs, context, _) in enumerate(submissions):
            try:
                read[index] = self._read(public_inputs, context)
            except (SettlementRefused, MalformedInput) as error:
                outcomes[index] = error
        order = list(read)
        false = self._verifier.verify_many([(read[i].public_inputs, submissions[i].proof) for i in order])
        for place, reason in false.items():
            outcomes[order[place]] = reason
        true = [index for place, index in enumerate(order) if place not in false]
        if true:
            with self._store.write() as transaction:
                settled = self._settle(transaction, [(read[index], submissions[index].context) for index in true])
            for index, outcome in zip(true, settled, strict=True):
                outcomes[index] = outcome
        return [outcome for outcome in outcomes if outcome is not None]

    def is_spent(self, nf: int) -> bool:
        """Whether a note was redeemed or refunded; raises ``NonCanonicalNumber`` unless nf is a field element."""
        check_element("nf", nf)
        with self._store.read() as transaction:
            return transaction.is_spent(nf)

    def share(self, nf: int) -> Share | None:
        """What is kept of a claim that was paid here, in a domain with several venues: its share convicts the node,
        together with another venue's.  None for a note without one; ``NonCanonicalNumber`` as ``is_spent``.
        """
        check_element("nf", nf)
        with self._store.read() as transaction:
            return transaction.share(nf)

    def _read(self, public_inputs: Sequence[int], context: ClaimContext) -> ClaimStatement:
        """What a claim states, checked against this ledger and the call's own fields."""
        statement = self._statement_type.from_public_inputs(public_inputs)
        self._check_border(statement.domain, statement.venue, statement.aux, statement.amount, context)
        return statement

    def _check_border(self, domain: int, venue: int, aux: int, units: int, context: ClaimContext) -> None:
        """What a statement says about this ledger and the call's own fields must be true."""
        if domain != self.domain.value:
            raise WrongDomain("the claim belongs to another chain, contract, tree or version")
        if venue != self.venue:
            raise WrongVenue(f"venue {venue} is not served here")
        if aux != context.aux:
            raise WrongContext("the proof is bound to another payout address, relayer or fee")
        if context.relayer_fee > self.domain.price(units):
            raise FeeTooHigh(f"a fee of {context.relayer_fee} exceeds the payment")

    def _settle(
        self, transaction: StoreTransaction, claims: Sequence[tuple[ClaimStatement, ClaimContext]]
    ) -> list[Payment | SettlementRefused]:
        """Pay verified claims whose root, epoch and nullifier are good; of two with one nullifier the first."""
        now = self._now()
        roots = {root: transaction.root(root) for root in {statement.root for statement, _ in claims}}
        refusals: list[SettlementRefused | None] = []
        for statement, _ in claims:
            try:
                self._check_root(roots[statement.root], now)
                self._check_epoch(transaction, statement.epoch, statement.cc, now)
                self._check_staked(transaction, statement.payee)
            except SettlementRefused as error:
                refusals.append(error)
            else:
                refusals.append(None)
        good = [s.nf for (s, _), refusal in zip(claims, refusals, strict=True) if refusal is None]
        unspent = transaction.insert_nullifiers((nf, now) for nf in good)
        outcomes: list[Payment | SettlementRefused] = []
        shares: list[Share] = []
        for (statement, context), refusal in zip(claims, refusals, strict=True):
            if refusal is not None:
                outcomes.append(refusal)
            elif statement.nf in unspent:
                unspent.remove(statement.nf)
                total = self.domain.price(statement.amount)
                outcomes.append(claim_payment(statement.nf, context, total, now))
                if isinstance(statement, SharedClaimStatement):
                    shares.append(statement.share)
            else:
                outcomes.append(NullifierSpent("this note was already redeemed or refunded"))
        self._pay(transaction, [outcome for outcome in outcomes if isinstance(outcome, Payment)])
        transaction.insert_shares(shares)
        return outcomes

    def _check_root(self, known: StoredRoot | None, now: int) -> None:
        if known is None:
            raise UnknownRoot("the note tree of this domain never had this root")
        self._check_final("the root", known.epoch, now)

    def _check_staked(self, transaction: StoreTransaction, payee: int) -> None:
        """A payee that has asked for its stake back has claimed for the last time: the lock is left for slashers."""
        if not self.min_stake:
            return
        stake = transaction.stake(payee)
        if stake is None or stake.amount < self.min_stake or stake.exit_epoch is not None:
            raise NotStaked(f"claims are paid here to nodes that stake at least {self.min_stake} and are not leaving")

    def _check_epoch(self, transaction: StoreTransaction, epoch: int, handle: int, now: int) -> None:
        """Without a commitment, the present or the last epoch; with one recorded by its epoch, until epoch + window.

        The first recording counts, so nobody can spoil a commitment by repeating it.
        """
        if now - 1 <= epoch <= now:
            return
        recorded = transaction.first_recorded(handle)
        if recorded is None or recorded > epoch:
            raise NotCommitted(f"it is epoch {now}; a claim of epoch {epoch} needs a commitment recorded by that epoch")
        if now > epoch + self.window:
            raise Expired(f"it is epoch {now}; a claim of epoch {epoch} ends at {epoch + self.window}")


def claim_payment(
    nf: int, context: ClaimContext, total: int, epoch: int, kind: PaymentKind = PaymentKind.CLAIM
) -> Payment:
    """``total`` to the payout address, less the relayer's fee."""
    fee = context.relayer_fee
    return Payment(nf, context.payout_address, total - fee, context.relayer, fee, epoch, kind)
