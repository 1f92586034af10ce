"""The escrow's rules: take deposits, record commitments, pay each note once.

    deposit(inner, cap, expiry)      lock price(cap), compute cm, put it into the tree
    commit(cc)                       remember the first epoch it was seen in: commit now, prove later
    verify(...)                      pure: reads no store and no clock
    redeem(...)                      verify, then in one transaction: root, epoch, nullifier, payment

Conservation: each cm is inserted once and funded with its cap, has one nf, and each nf is paid once for at most cap.
So any coalition of nodes and clients takes out at most what was put in.  The unspent rest of a claimed note stays with
the escrow.  The unique key is nf, never the proof's bytes: anybody can make another proof of the same statement.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..errors import (
    DevelopmentKeyRefused,
    Expired,
    FeeTooHigh,
    InsufficientEscrow,
    InvalidKey,
    MalformedInput,
    NotCommitted,
    OverCap,
    StoreError,
    UnknownRoot,
    WrongContext,
    WrongDomain,
    WrongVenue,
)
from ..groth16 import Proof, VerifyingKey
from .context import ClaimContext
from .domain import CAP_BITS, EPOCH_BITS, SINGLE_STORE_VENUE, SINGLE_VENUE, Domain
from .merkle import MerkleProof, MerkleTree
from .note import note_commitment
from .numbers import check_element, check_range
from .statement import ClaimStatement
from .store import Payment, SettlementStore, StoreTransaction
from .verifier import ClaimVerifier, Groth16Verifier

DEFAULT_WINDOW = 2


@dataclass(frozen=True)
class Deposit:
    """``position`` of the note's leaf, the tree's ``root`` after it, and the money ``locked`` for it."""

    cm: int
    position: int
    root: int
    locked: int


class Settlement:
    """The rules of one domain over one store.  Safe to use from many threads; many processes open the same store."""

    def __init__(
        self,
        store: SettlementStore,
        domain: Domain,
        verifier: VerifyingKey | ClaimVerifier,
        *,
        clock: Callable[[], int],
        window: int = DEFAULT_WINDOW,
        allow_development: bool = False,
    ) -> None:
        """Open the ledger; the first opening pins domain, prices, window and key in the store, later ones must agree.

        Args:
            clock: the present epoch.
            window: epochs after its own in which a committed claim may still be proved; at least 1.
            allow_development: let a key without ceremony contributions move (test) money.

        Raises:
            DevelopmentKeyRefused: the key is a development key and this was not allowed.
            InvalidKey, InvalidPoint: the key cannot be sound, is not a claim's, or is not the pinned one.
            MalformedInput: the domain has several venues (it takes other claims), or the window is out of range.
            StoreError: the store belongs to a ledger with other settings.
        """
        if domain.mode != SINGLE_VENUE:
            raise MalformedInput("this ledger is the only venue of its domain: the domain's mode must be 0")
        check_range("window", window, 1, 1 << EPOCH_BITS)
        self._verifier = Groth16Verifier(verifier) if isinstance(verifier, VerifyingKey) else verifier
        if self._verifier.development and not allow_development:
            raise DevelopmentKeyRefused("the verifying key has no ceremony behind it: whoever made it can forge claims")
        self._store = store
        self._clock = clock
        self.domain = domain
        self.window = window
        self._pin()

    def deposit(self, inner: int, cap: int, expiry: int) -> Deposit:
        """Insert the note of ``inner``; the caller has taken ``domain.price(domain.units(cap))`` from the depositor.

        Raises:
            OverCap: the cap is below one unit or not below 2^64.
            Expired: the note would be born expired.
            DuplicateNote, TreeFull: the ledger holds this note, or no more notes.
            MalformedInput, NonCanonicalNumber: expiry or inner is out of range.
        """
        check_element("inner", inner)
        check_range("expiry", expiry, 0, 1 << EPOCH_BITS)
        if isinstance(cap, bool) or not isinstance(cap, int) or not self.domain.unit <= cap < 1 << CAP_BITS:
            raise OverCap(f"the cap of a note must be in [{self.domain.unit}, 2^{CAP_BITS}) bytes")
        cm = note_commitment(self.domain.value, inner, cap, expiry)
        locked = self.domain.price(self.domain.units(cap))
        with self._store.write() as transaction:
            now = self._now()
            if expiry < now:
                raise Expired(f"the note expires in epoch {expiry}, and it is epoch {now}")
            tree = self._tree(transaction)
            position = len(tree)
            transaction.insert_note(position, cm, cap, expiry, now)
            tree.append(cm)
            transaction.insert_root(tree.root, now)
            transaction.set_balance(transaction.balance() + locked)
        return Deposit(cm, position, tree.root, locked)

    def commit(self, cc: int) -> int:
        """Record a claim's commitment and return the first epoch it was recorded in; recording again changes nothing.

        Anybody may record anything here: a copied or early commitment helps and harms nobody.
        Raises ``NonCanonicalNumber`` unless cc is a field element.
        """
        check_element("cc", cc)
        with self._store.write() as transaction:
            return transaction.record_commitment(cc, self._now())

    def verify(self, public_inputs: Sequence[int], context: ClaimContext, proof: Proof) -> ClaimStatement:
        """Everything about a claim that needs neither store nor clock; returns what it states.

        Raises:
            MalformedInput, NonCanonicalNumber, InvalidPoint: the inputs or the proof are not well formed.
            WrongDomain, WrongVenue: the claim is for another ledger.
            WrongContext: payout address, relayer or fee are not those the proof is bound to.
            FeeTooHigh: the relayer's fee exceeds the payment.
            InvalidProof: the proof is false.
        """
        statement = ClaimStatement.from_public_inputs(public_inputs)
        if statement.domain != self.domain.value:
            raise WrongDomain("the claim belongs to another chain, contract, tree or version")
        if statement.venue != SINGLE_STORE_VENUE:
            raise WrongVenue(f"venue {statement.venue} is not served here")
        if statement.aux != context.aux:
            raise WrongContext("the proof is bound to another payout address, relayer or fee")
        if context.relayer_fee > self.domain.price(statement.amount):
            raise FeeTooHigh(f"a fee of {context.relayer_fee} exceeds the payment")
        self._verifier.verify(statement.public_inputs, proof)
        return statement

    def redeem(self, public_inputs: Sequence[int], context: ClaimContext, proof: Proof) -> Payment:
        """Pay a claim, once.  A refusal changes nothing.

        Raises:
            UnknownRoot: the tree never had this root.
            NotCommitted: neither the present nor the last epoch, and not committed by its epoch.
            Expired: committed in time, but the window has passed.
            NullifierSpent: the note was redeemed before.
            InsufficientEscrow: the escrow cannot pay (see the error).
            Everything that ``verify`` raises; ``StoreError`` from the store.
        """
        statement = self.verify(public_inputs, context, proof)
        total = self.domain.price(statement.amount)
        with self._store.write() as transaction:
            now = self._now()
            if not transaction.has_root(statement.root):
                raise UnknownRoot("the note tree of this domain never had this root")
            self._check_epoch(transaction, statement, now)
            transaction.insert_nullifier(statement.nf, now)
            balance = transaction.balance()
            if total > balance:
                raise InsufficientEscrow(f"{total} is due and {balance} is in escrow")
            transaction.set_balance(balance - total)
            payment = Payment(
                nf=statement.nf,
                recipient=context.payout_address,
                money=total - context.relayer_fee,
                relayer=context.relayer,
                fee=context.relayer_fee,
                epoch=now,
            )
            transaction.insert_payment(payment)
        return payment

    def proof(self, cm: int) -> MerkleProof:
        """Membership of a note under the present root; raises ``MalformedInput`` when the tree does not hold it."""
        check_element("cm", cm)
        with self._store.read() as transaction:
            position = transaction.position_of(cm)
            if position is None:
                raise MalformedInput("the note tree does not hold this note")
            return self._tree(transaction).proof(position)

    @property
    def root(self) -> int:
        """The present root."""
        with self._store.read() as transaction:
            return self._tree(transaction).root

    @property
    def balance(self) -> int:
        """Money in escrow."""
        with self._store.read() as transaction:
            return transaction.balance()

    def payments(self) -> list[Payment]:
        """All payments, oldest first."""
        with self._store.read() as transaction:
            return transaction.payments()

    def is_spent(self, nf: int) -> bool:
        """Whether a note was redeemed; raises ``NonCanonicalNumber`` unless nf is a field element."""
        check_element("nf", nf)
        with self._store.read() as transaction:
            return transaction.is_spent(nf)

    def _check_epoch(self, transaction: StoreTransaction, statement: ClaimStatement, now: int) -> None:
        """Without a commitment, the present or the last epoch; with one recorded by its epoch, until epoch + window.

        The first recording counts, so nobody can spoil a commitment by repeating it.
        """
        if now - 1 <= statement.epoch <= now:
            return
        recorded = transaction.first_recorded(statement.cc)
        if recorded is None or recorded > statement.epoch:
            raise NotCommitted(
                f"it is epoch {now}; a claim of epoch {statement.epoch} needs a commitment recorded by that epoch"
            )
        if now > statement.epoch + self.window:
            raise Expired(
                f"it is epoch {now}; a claim of epoch {statement.epoch} ends at {statement.epoch + self.window}"
            )

    def _tree(self, transaction: StoreTransaction) -> MerkleTree:
        return MerkleTree(self.domain.arity, self.domain.depth, transaction.nodes, transaction.num_notes())

    def _now(self) -> int:
        """Read inside the transaction: waiting for other writers must not make a claim younger."""
        now = self._clock()
        check_range("the clock's epoch", now, 0, 1 << EPOCH_BITS)
        return now

    def _pin(self) -> None:
        settings = {
            "domain": json.dumps(self.domain.to_dict(), sort_keys=True),
            "window": str(self.window),
            "claim_key": self._verifier.digest,
        }
        held = self._store.pin(settings)
        if held["claim_key"] != settings["claim_key"]:
            raise InvalidKey("the ledger pins another verifying key")
        for name in ("domain", "window"):
            if held[name] != settings[name]:
                raise StoreError(f"the ledger was made with another {name}: {held[name]}")
