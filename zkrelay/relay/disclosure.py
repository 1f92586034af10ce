"""Selective disclosure: one session's bytes, shown to an auditor who holds the session's commitment cc.

    opening    cc = P4(T.commit, cm, bytes, blind),  blind = H2F("blind", rho, cm)

The auditor learns the note, the bytes and the blinding of this session, and of no other: ``blind`` is a hash of rho,
from which neither rho nor the nullifier follows.  The commitment is binding: no other bytes open the same cc.

The receipt behind the bytes, and the opening of its ctx, may come along.  cm hides the session's key A behind rho, so
the auditor must know A from elsewhere (an ``IdentityBinding`` names both): under a key that the discloser chose, a
receipt shows nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..curves.embedded import Point
from ..errors import InvalidClaim, InvalidReceipt, MalformedInput, ReceiptContextMismatch
from .domain import CAP_BITS
from .note import Note
from .nullifier import claim_blind, claim_commitment
from .numbers import check_element, check_range, parse_decimal
from .receipt import Receipt
from .receipt_context import ReceiptContext, parse_hex

DISCLOSURE_VERSION = 1
_NAMES = {"version", "cm", "bytes", "blind", "receipt", "context"}


@dataclass(frozen=True)
class Disclosure:
    """What is handed to the auditor.  It opens cc for whoever reads it: ``blind`` is left out of the repr.

    Raises (on construction):
        MalformedInput, NonCanonicalNumber: a number is out of range.
        InvalidReceipt: the receipt is for another note or other bytes; or a context comes without a receipt.
        ReceiptContextMismatch: the receipt does not sign the context.
    """

    cm: int
    num_bytes: int
    blind: int = field(repr=False)
    receipt: Receipt | None = None
    context: ReceiptContext | None = None

    def __post_init__(self) -> None:
        check_element("cm", self.cm)
        check_element("blind", self.blind)
        check_range("bytes", self.num_bytes, 0, 1 << CAP_BITS)
        if self.receipt is not None and (self.receipt.cm, self.receipt.num_bytes) != (self.cm, self.num_bytes):
            raise InvalidReceipt("the receipt is not for the note and the bytes that are disclosed")
        if self.context is not None:
            if self.receipt is None:
                raise InvalidReceipt("a context is opened together with the receipt that signs it")
            if self.context.ctx != self.receipt.ctx:
                raise ReceiptContextMismatch("the receipt does not sign this context")

    @classmethod
    def of_session(
        cls, note: Note, receipt: Receipt, *, with_receipt: bool = False, context: ReceiptContext | None = None
    ) -> Disclosure:
        """The opening of ``session_commitment(note, receipt)``; no more than that unless asked for."""
        if receipt.cm != note.cm:
            raise InvalidReceipt("the receipt is for another note")
        blind = claim_blind(note.rho, note.cm)
        return cls(note.cm, receipt.num_bytes, blind, receipt if with_receipt else None, context)

    def verify(self, cc: int, *, public_key: Point | None = None) -> int:
        """The bytes of the session that committed to ``cc``.

        Args:
            cc: from the ledger, or from the claim's public inputs: never from the discloser.
            public_key: A, as the auditor knows it; required when a receipt is disclosed.

        Raises:
            InvalidClaim: cc is not opened by this.
            InvalidReceipt: there is a receipt, and no key to verify it under; or a key, and no receipt.
            InvalidPoint, NonCanonicalNumber, InvalidSignature: as ``Receipt.verify``.
        """
        check_element("cc", cc)
        if claim_commitment(self.cm, self.num_bytes, self.blind) != cc:
            raise InvalidClaim("the disclosure does not open this commitment")
        if (self.receipt is None) != (public_key is None):
            raise InvalidReceipt("a receipt is verified under a key that the auditor knows, and a key is for a receipt")
        if self.receipt is not None and public_key is not None:
            self.receipt.verify(public_key)
        return self.num_bytes

    def to_dict(self) -> dict[str, Any]:
        """For JSON: decimal strings, the receipt packed in hex."""
        return {
            "version": DISCLOSURE_VERSION,
            "cm": str(self.cm),
            "bytes": str(self.num_bytes),
            "blind": str(self.blind),
            "receipt": self.receipt.pack().hex() if self.receipt else None,
            "context": self.context.to_dict() if self.context else None,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Disclosure:
        """Inverse of ``to_dict``; raises ``MalformedInput`` or a child for anything else."""
        if not isinstance(data, Mapping) or set(data) != _NAMES:
            raise MalformedInput(f"a disclosure has exactly the fields {', '.join(sorted(_NAMES))}")
        if data["version"] != DISCLOSURE_VERSION or isinstance(data["version"], bool):
            raise MalformedInput(f"the version of a disclosure must be {DISCLOSURE_VERSION}")
        cm, num_bytes, blind = (parse_decimal(name, data[name]) for name in ("cm", "bytes", "blind"))
        packed, context = data["receipt"], data["context"]
        return cls(
            cm,
            num_bytes,
            blind,
            None if packed is None else Receipt.unpack(parse_hex("receipt", packed), cm),
            None if context is None else ReceiptContext.from_dict(context),
        )
