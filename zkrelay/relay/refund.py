"""The client asks for the money behind a note that nobody claimed:

    M = P4(T.refund, cm, recipient, 0),   signed (R8, S) under A

The request opens the note to the ledger, which recomputes inner, cm and nf from it: a plain refund shows payee, key and
secret of the session to everybody.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..algebra.eddsa import PACKED_BYTES, Signature, verify
from ..algebra.edwards_encoding import pack_point, unpack_point
from ..algebra.hash_to_field import T
from ..algebra.poseidon import poseidon
from ..curves.embedded import Point
from ..errors import MalformedInput
from .domain import CAP_BITS, EPOCH_BITS, Domain
from .identity import SessionKey
from .note import Note
from .nullifier import note_nullifier
from .numbers import check_element, check_range, parse_decimal, parse_fields
from .receipt_context import parse_hex

_NUMBERS = ("payee", "rho", "cap", "expiry", "recipient")


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

    def to_dict(self) -> dict[str, str]:
        """Decimal strings, the key and the signature packed in hex.  Opens the note to whoever reads it."""
        numbers = {name: str(getattr(self, name)) for name in _NUMBERS}
        return {**numbers, "public_key": pack_point(self.public_key).hex(), "signature": self.signature.pack().hex()}

    @classmethod
    def from_dict(cls, data: object) -> RefundRequest:
        """Inverse of ``to_dict``; raises ``MalformedInput`` (or a child) for anything else.  Nothing is verified."""
        found = parse_fields("a refund request", data, (*_NUMBERS, "public_key", "signature"))
        key = parse_hex("public_key", found["public_key"])
        signature = parse_hex("signature", found["signature"])
        if (len(key), len(signature)) != (32, PACKED_BYTES):
            raise MalformedInput(f"a refund request has a key of 32 bytes and a signature of {PACKED_BYTES}")
        numbers = {name: parse_decimal(name, found[name]) for name in _NUMBERS}
        for name in ("payee", "rho", "recipient"):
            check_element(name, numbers[name])
        check_range("cap", numbers["cap"], 0, 1 << CAP_BITS)
        check_range("expiry", numbers["expiry"], 0, 1 << EPOCH_BITS)
        s = int.from_bytes(signature[32:], "little")
        return cls(public_key=unpack_point(key), signature=Signature(unpack_point(signature[:32]), s), **numbers)

    def note(self, domain: Domain) -> Note:
        """The note that this opens in ``domain``; raises as ``Note``."""
        return Note(domain.value, self.payee, self.public_key, self.rho, self.cap, self.expiry)

    def nullifier(self, domain: Domain) -> int:
        """What the note is spent by, the same as a claim's."""
        return note_nullifier(self.note(domain).cm, self.rho)

    def verify(self, domain: Domain) -> None:
        """Raises as ``Note``, ``refund_message`` and ``eddsa.verify``."""
        verify(self.public_key, refund_message(self.note(domain).cm, self.recipient), self.signature)
