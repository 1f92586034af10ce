"""What a node has to lose: a stake, held until its owner has asked for it and ``lock`` epochs have passed.

    register(payee, address, amount, proof)    the proof of kN is bound to address and amount: no front-running
    leave(payee, proof)                        the lock begins; the proof is bound to the stake's epoch: no replay
    withdraw(payee)                            the stake goes to its address, whoever calls
    slash(payee, kn, slasher, salt)            kN itself is the evidence: it comes out of two claims of one note

A slasher first commits to ``slash_handle`` and reveals in a later epoch, so that nobody who sees the reveal can take
its place.  Part of the stake is burnt, because the offender could slash itself.  Stakes are kept apart from the money
behind the notes: no claim can reach them.
"""

from __future__ import annotations

from ...algebra.hash_to_field import T
from ...algebra.poseidon import poseidon
from ...errors import (
    DuplicateStake,
    StakeLocked,
    StakeTooSmall,
    UnknownStake,
    WrongEvidence,
)
from ...groth16 import Proof
from ..numbers import check_element, check_range
from ..registration import leave_context, register_context
from ..slash import slash_handle
from ..store import Payment, PaymentKind, StoredStake, StoreTransaction
from .ledger import entry_point
from .slashing import Slashing

ADDRESS_BITS = 256
STAKE_BITS = 256


class Stakes(Slashing):
    """The part of the settlement that holds the nodes' stakes."""

    def register(self, payee: int, address: int, amount: int, proof: Proof) -> StoredStake:
        """Hold ``amount``, which the caller has taken from the node, for ``payee``; it will go back to ``address``.

        Raises:
            EntryPointClosed: the ledger has no key for registrations.
            InvalidProof: not a proof of the payee's secret for this address and amount.
            StakeTooSmall, DuplicateStake: below the minimum, or the payee has a stake.
            MalformedInput, NonCanonicalNumber, InvalidPoint: a number or the proof is not well formed.
        """
        verifier = entry_point(self._registration_verifier, "registrations")
        check_element("payee", payee)
        check_range("address", address, 0, 1 << ADDRESS_BITS)
        check_range("amount of a stake", amount, 0, 1 << STAKE_BITS)
        if amount < self.stake_rules.minimum:
            raise StakeTooSmall(f"a stake of {amount} is below the minimum of {self.stake_rules.minimum}")
        verifier.verify([payee, register_context(self.domain, payee, address, amount)], proof)
        with self._store.write() as transaction:
            stake = StoredStake(payee, address, amount, self._now())
            if not transaction.insert_stake(stake):
                raise DuplicateStake("this payee has a stake already")
        return stake

    def leave(self, payee: int, proof: Proof) -> StoredStake:
        """Ask for the stake of ``payee``; asking again changes nothing.

        Raises:
            EntryPointClosed, InvalidProof, NonCanonicalNumber, InvalidPoint: as ``register``.
            UnknownStake: the payee has none.
        """
        verifier = entry_point(self._registration_verifier, "registrations")
        stake = self.stake(payee)
        verifier.verify([payee, leave_context(self.domain, payee, stake.epoch, self.venue)], proof)
        with self._store.write() as transaction:
            present = self._stake(transaction, payee)
            if present.epoch != stake.epoch:
                raise UnknownStake("this stake has gone, and the payee has a newer one")
            if present.exit_epoch is None:
                transaction.set_exit(payee, self._now())
            return self._stake(transaction, payee)

    def withdraw(self, payee: int) -> Payment:
        """Pay the stake to its address.

        Raises:
            UnknownStake: the payee has none.
            StakeLocked: its owner has not asked for it, or not ``lock`` epochs ago.
        """
        check_element("payee", payee)
        with self._store.write() as transaction:
            now = self._now()
            stake = self._stake(transaction, payee)
            if stake.exit_epoch is None:
                raise StakeLocked("the owner of this stake has not asked for it")
            free = stake.exit_epoch + self.stake_rules.lock
            if now < free:
                raise StakeLocked(f"it is epoch {now}; this stake is locked until {free}")
            payment = Payment(None, stake.address, stake.amount, 0, 0, now, PaymentKind.STAKE)
            transaction.delete_stake(payee)
            transaction.insert_payments([payment])
        return payment

    def slash(self, payee: int, kn: int, slasher: int, salt: int) -> list[Payment]:
        """Take the stake of a node whose secret came to light: part to ``slasher``, part burnt (recipient 0).

        Raises:
            WrongEvidence: kn is not the secret of payee.
            NotCommitted: the handle of exactly these values was not recorded by ``commit`` in an earlier epoch.
            UnknownStake: the payee has none.
            MalformedInput, NonCanonicalNumber: a number is out of range.
        """
        check_element("payee", payee)
        check_element("kn", kn)
        check_range("slasher", slasher, 0, 1 << ADDRESS_BITS)
        check_range("salt", salt, 0, 1 << 256)
        if poseidon([T.node_id, kn]) != payee:
            raise WrongEvidence("this is not the secret of the payee")
        handle = slash_handle(self.domain.value, payee, kn, slasher, salt)
        with self._store.write() as transaction:
            now = self._now()
            self._check_revealed(transaction, handle, now)
            stake = self._stake(transaction, payee)
            payments = self._reward(stake.amount, slasher, now)
            transaction.delete_stake(payee)
            transaction.insert_payments(payments)
        return payments

    def stake(self, payee: int) -> StoredStake:
        """Raises ``UnknownStake`` when the payee has none."""
        check_element("payee", payee)
        with self._store.read() as transaction:
            return self._stake(transaction, payee)

    def stakes(self) -> list[StoredStake]:
        """All stakes, in the order of their payees."""
        with self._store.read() as transaction:
            return transaction.stakes()

    def _stake(self, transaction: StoreTransaction, payee: int) -> StoredStake:
        stake = transaction.stake(payee)
        if stake is None:
            raise UnknownStake("this payee has no stake")
        return stake
