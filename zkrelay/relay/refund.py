"""The client asks for the money behind a note that nobody claimed:

    M = P4(T.refund, cm, recipient, 0),   signed (R8, S) under A

The request opens the note to the ledger, which recomputes inner, cm and nf from it: a plain refund shows payee, key and
secret of the session to everybody.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..algebra.eddsa import Signature, verify
from ..algebra.hash_to_field import T
from ..algebra.poseidon import poseidon
from ..curves.embedded import Point
from .domain import Domain
from .identity import SessionKey
from .note import Note
from .nullifier import note_nullifier
from .numbers import check_element


def refund_message(cm: int, recipient: int) -> int:
    """What the client signs; raises ``NonCanonicalNumber`` unless both are field elements."""
    check_element("cm", cm)
    check_element("recipient", recipient)
    return poseidon([T.refund, cm, recipient, 0])


@dataclass(frozen=True)
class RefundRequest:
    """``recipient`` is a field element: every EVM address is one."""

    public_key: Point
    payee: int
    rho: int = field(repr=False)
    cap: int
    expiry: int
    recipient: int
    signature: Signature

    @classmethod
    def sign(cls, key: SessionKey, note: Note, recipient: int) -> RefundRequest:
        """The request of the client who holds ``key``; raises ``NonCanonicalNumber`` for a bad recipient."""
        signature = key.sign(refund_message(note.cm, recipient))
        return cls(note.public_key, note.payee, note.rho, note.cap, note.expiry, recipient, signature)

    def note(self, domain: Domain) -> Note:
        """The note that this opens in ``domain``; raises as ``Note``."""
        return Note(domain.value, self.payee, self.public_key, self.rho, self.cap, self.expiry)

    def nullifier(self, domain: Domain) -> int:
        """What the note is spent by, the same as a claim's."""
        return note_nullifier(self.note(domain).cm, self.rho)

    def verify(self, domain: Domain) -> None:
        """Raises as ``Note``, ``refund_message`` and ``eddsa.verify``."""
        verify(self.public_key, refund_message(self.note(domain).cm, self.recipient), self.signature)
