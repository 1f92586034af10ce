"""Notes that nobody claimed go back to their clients, after every possible claim.

A claim's epoch is at most the note's expiry, and it is paid at most ``window`` epochs after its own; a refund is paid
only when now > expiry + window.  The two share the nullifier too, so that neither a clock nor a race pays both.

A refund shows no share of anybody's secret.  Among several venues, where another one may have paid the note, nothing
would punish it, and so none is made there.
"""

from __future__ import annotations

from ...errors import EntryPointClosed, NotYetRefundable, NullifierSpent, UnknownNote
from ..domain import SINGLE_VENUE
from ..refund import RefundRequest
from ..store import Payment, PaymentKind
from .ledger import Ledger


class Refunds(Ledger):
    """The part of the settlement that gives back what was not claimed."""

    def refund(self, request: RefundRequest) -> Payment:
        """Pay the whole price of an unclaimed note's cap to the request's recipient, once.  A refusal changes nothing.

        Raises:
            InvalidSignature, InvalidPoint, MalformedInput, NonCanonicalNumber: the request is not the client's.
            EntryPointClosed: the domain has several venues.
            UnknownNote: the ledger holds no note of this key, payee, secret, cap and expiry.
            NotFinal: it does, but not yet for long enough.
            NotYetRefundable: a claim may still come.
            NullifierSpent: the note was claimed or refunded.
            InsufficientEscrow: the escrow cannot pay (see the error).
        """
        if self.domain.mode != SINGLE_VENUE:
            raise EntryPointClosed("one venue among several cannot know that no other one paid: there are no refunds")
        note = request.note(self.domain)
        request.verify(self.domain)
        nf = request.nullifier(self.domain)
        with self._store.write() as transaction:
            now = self._now()
            stored = transaction.note(note.cm)
            if stored is None:
                raise UnknownNote("the ledger holds no such note")
            self._check_final("the note", stored.epoch, now)
            if now <= note.expiry + self.window:
                raise NotYetRefundable(
                    f"it is epoch {now}; a note of expiry {note.expiry} is refunded after {note.expiry + self.window}"
                )
            if not transaction.insert_nullifiers([(nf, now)]):
                raise NullifierSpent("this note was already redeemed or refunded")
            money = self.domain.price(self.domain.units(note.cap))
            payment = Payment(nf, request.recipient, money, 0, 0, now, PaymentKind.REFUND)
            self._pay(transaction, [payment])
        return payment
