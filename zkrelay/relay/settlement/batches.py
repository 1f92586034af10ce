"""Batches are paid: one proof, one total, one transaction for all their nullifiers.

Only the total is known, so a batch is paid whole or not at all: one note of it that was spent before refuses it all,
and the node claims the others again.  The circuit does not compare the slots; the statement and the store do.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import EntryPointClosed, NullifierSpent
from ...groth16 import Proof
from ..batch_statement import BatchStatement
from ..context import ClaimContext
from ..store import Payment, PaymentKind
from .claims import Claims, claim_payment


class Batches(Claims):
    """The part of the settlement that pays many notes of one payee under one proof."""

    def verify_batch(self, vector: Sequence[int], h: int, context: ClaimContext, proof: Proof) -> BatchStatement:
        """Everything about a batch that needs neither store nor clock; returns what it states.

        Args:
            vector: v of the statement, which has one nullifier for each slot of the circuit.
            h: the prover's own; alpha and e are computed here.

        Raises:
            MalformedInput, NonCanonicalNumber, InvalidPoint: vector, h or proof are not well formed.
            InvalidBatch, DuplicateNullifier: the slots contradict each other or the totals.
            EntryPointClosed: the ledger has no key for batches of so many slots.
            WrongDomain, WrongVenue, WrongContext, FeeTooHigh, InvalidProof: as ``verify``.
        """
        statement = BatchStatement.from_vector(vector, h)
        verifier = self._batch_verifiers.get(statement.num_slots)
        if verifier is None:
            raise EntryPointClosed(f"this ledger was opened without a key for batches of {statement.num_slots} slots")
        self._check_border(statement.domain, statement.venue, statement.aux, statement.total, context)
        verifier.verify(statement.public_inputs, proof)
        return statement

    def redeem_batch(self, vector: Sequence[int], h: int, context: ClaimContext, proof: Proof) -> Payment:
        """Pay a batch, whole and once.  A refusal changes nothing.

        With commit-now it is h that ``commit`` recorded.

        Raises:
            NullifierSpent: a note of the batch was redeemed or refunded before.
            UnknownRoot, NotFinal, NotCommitted, Expired, InsufficientEscrow: as ``redeem``.
            Everything that ``verify_batch`` raises; ``StoreError`` from the store.
        """
        statement = self.verify_batch(vector, h, context, proof)
        with self._store.write() as transaction:
            now = self._now()
            self._check_root(transaction.root(statement.root), now)
            self._check_epoch(transaction, statement.epoch, statement.h, now)
            unspent = transaction.insert_nullifiers([(nf, now) for nf in statement.spent])
            if len(unspent) != statement.count:
                raise NullifierSpent(f"{statement.count - len(unspent)} notes of the batch were redeemed before")
            total = self.domain.price(statement.total)
            payment = claim_payment(statement.spent[0], context, total, now, PaymentKind.BATCH)
            self._pay(transaction, [payment])
        return payment
