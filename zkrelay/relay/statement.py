"""The public side of a claim: seven field elements in a fixed order, or nine in a domain with several venues.

    domain, root, payee, meta, nf, cc, aux [, x, y]      meta = amount + 2^64*epoch + 2^96*venue

meta stands for one triple only because each part is held to its range, here and in the circuit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import ClassVar, TypeVar

from ..errors import MalformedInput
from .domain import EPOCH_BITS, SEVERAL_VENUES, Domain
from .numbers import check_element, check_range, parse_decimals
from .share import Share

AMOUNT_BITS, VENUE_BITS = 64, 32
EPOCH_SHIFT = AMOUNT_BITS
VENUE_SHIFT = AMOUNT_BITS + EPOCH_BITS
_META_BITS = AMOUNT_BITS + EPOCH_BITS + VENUE_BITS

PUBLIC_NAMES = ("domain", "root", "payee", "meta", "nf", "cc", "aux")
SHARE_NAMES = ("x", "y")

_Statement = TypeVar("_Statement", bound="ClaimStatement")


def pack_meta(amount: int, epoch: int, venue: int) -> int:
    """meta of 1 <= amount < 2^64, epoch < 2^32, venue < 2^32; ``MalformedInput`` outside of these."""
    check_range("amount", amount, 1, 1 << AMOUNT_BITS)
    check_range("epoch", epoch, 0, 1 << EPOCH_BITS)
    check_range("venue", venue, 0, 1 << VENUE_BITS)
    return amount | epoch << EPOCH_SHIFT | venue << VENUE_SHIFT


def unpack_meta(meta: int) -> tuple[int, int, int]:
    """(amount, epoch, venue); raises ``MalformedInput`` for a meta that ``pack_meta`` does not give."""
    check_range("meta", meta, 0, 1 << _META_BITS)
    amount = meta & ((1 << AMOUNT_BITS) - 1)
    check_range("amount", amount, 1, 1 << AMOUNT_BITS)
    return amount, meta >> EPOCH_SHIFT & ((1 << EPOCH_BITS) - 1), meta >> VENUE_SHIFT


@dataclass(frozen=True)
class ClaimStatement:
    """What a claim's proof shows to everyone.  ``amount`` is in units of the domain, never in bytes.

    Raises (on construction):
        NonCanonicalNumber: domain, root, payee, nf, cc or aux is not in [0, r): x + r is never taken for x.
        MalformedInput: amount, epoch or venue is out of range.
    """

    names: ClassVar[tuple[str, ...]] = PUBLIC_NAMES

    domain: int
    root: int
    payee: int
    amount: int
    epoch: int
    venue: int
    nf: int
    cc: int
    aux: int

    def __post_init__(self) -> None:
        for name in self.names:
            if name != "meta":
                check_element(name, getattr(self, name))
        pack_meta(self.amount, self.epoch, self.venue)

    @property
    def meta(self) -> int:
        return pack_meta(self.amount, self.epoch, self.venue)

    @property
    def public_inputs(self) -> list[int]:
        """The vector that the verifier takes, in the circuit's order."""
        return [getattr(self, name) for name in self.names]

    @classmethod
    def from_public_inputs(cls: type[_Statement], values: Sequence[int]) -> _Statement:
        """Inverse of ``public_inputs``; raises ``MalformedInput`` for a wrong count, and as the class."""
        if len(values) != len(cls.names):
            raise MalformedInput(f"a claim has {len(cls.names)} public inputs here, not {len(values)}")
        named = dict(zip(cls.names, values, strict=True))
        amount, epoch, venue = unpack_meta(named.pop("meta"))
        return cls(amount=amount, epoch=epoch, venue=venue, **named)

    def to_dict(self) -> dict[str, str]:
        """Decimal strings by name, for JSON; nothing in it is secret."""
        return {part.name: str(getattr(self, part.name)) for part in fields(self)}

    @classmethod
    def from_dict(cls: type[_Statement], data: object) -> _Statement:
        """Inverse of ``to_dict``; raises ``MalformedInput`` for anything else, and as the class."""
        return cls(**parse_decimals("a claim's statement", data, (part.name for part in fields(cls))))


@dataclass(frozen=True)
class SharedClaimStatement(ClaimStatement):
    """A claim that also shows a share (x, y) of the node's secret (X1).  Raises as ``ClaimStatement``."""

    names: ClassVar[tuple[str, ...]] = PUBLIC_NAMES + SHARE_NAMES

    x: int
    y: int

    @property
    def share(self) -> Share:
        """What convicts the node, together with another share of the same nullifier."""
        return Share(self.nf, self.x, self.y)


def statement_type(domain: Domain) -> type[ClaimStatement]:
    """What a ledger of ``domain`` takes: with several venues nothing but claims with a share."""
    return SharedClaimStatement if domain.mode == SEVERAL_VENUES else ClaimStatement
