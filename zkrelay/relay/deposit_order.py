"""What a depositor tells the ledger: enough to make the note, and not whose it is, nor its secret."""

from __future__ import annotations

from dataclasses import dataclass

from .domain import CAP_BITS, EPOCH_BITS
from .note import Note, note_commitment
from .numbers import check_element, check_range, parse_decimals

DEPOSIT_TYPE = "zkrelay-deposit"
_NAMES = ("domain", "inner", "cap", "expiry")


@dataclass(frozen=True)
class DepositOrder:
    """``domain`` is the domain's field element: in another tree the note would be another, and the money lost.

    Raises (on construction):
        NonCanonicalNumber: domain or inner is no field element.
        MalformedInput: cap or expiry is out of range.
    """

    domain: int
    inner: int
    cap: int
    expiry: int

    def __post_init__(self) -> None:
        check_element("domain", self.domain)
        check_element("inner", self.inner)
        check_range("cap", self.cap, 0, 1 << CAP_BITS)
        check_range("expiry", self.expiry, 0, 1 << EPOCH_BITS)

    @classmethod
    def of_note(cls, note: Note) -> DepositOrder:
        """The part of the note that its client hands over."""
        return cls(note.domain, note.inner, note.cap, note.expiry)

    @property
    def cm(self) -> int:
        """The commitment that the ledger will compute."""
        return note_commitment(self.domain, self.inner, self.cap, self.expiry)

    def to_dict(self) -> dict[str, str]:
        """Decimal strings, for JSON."""
        return {name: str(getattr(self, name)) for name in _NAMES}

    @classmethod
    def from_dict(cls, data: object) -> DepositOrder:
        """Inverse of ``to_dict``; raises ``MalformedInput`` for anything else, and as the class."""
        return cls(**parse_decimals("a deposit", data, _NAMES))
