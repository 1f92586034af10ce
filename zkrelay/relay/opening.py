"""Opening a note with a ticket: which note, under which deposit's tree, and nothing about whose deposit.

    x = H2F("open-msg", domain, inner, D, expiry)      y = a0 + a1·x      public: y, root, nf, x, ext

The ledger computes x and ext itself.  The message is signed by the share: another message with the same ticket gives
a0 away.  So a stuck opening is sent again byte for byte, and never made anew for another note: see ``journal``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..algebra.hash_to_field import hash_to_field
from ..errors import InvalidClaim, MalformedInput
from .domain import CAP_BITS, EPOCH_BITS
from .funding import FundingDomain, FundingKey, check_limit, funding_leaf, ticket_nullifiers, ticket_slope
from .merkle import MerkleProof
from .numbers import check_element, check_range
from .share import Share, share_y

OPEN_NAMES = ("y", "root", "nf", "x", "ext")


@dataclass(frozen=True)
class OpenMessage:
    """The note that a ticket is spent on.  ``domain`` is the note tree's, ``ticket_bytes`` is D.

    Raises (on construction):
        MalformedInput, NonCanonicalNumber: a number is out of range.
    """

    domain: int
    inner: int
    ticket_bytes: int
    expiry: int

    def __post_init__(self) -> None:
        check_element("domain", self.domain)
        check_element("inner", self.inner)
        check_range("ticket_bytes", self.ticket_bytes, 1, 1 << CAP_BITS)
        check_range("expiry", self.expiry, 0, 1 << EPOCH_BITS)

    @cached_property
    def x(self) -> int:
        return hash_to_field("open-msg", self.domain, self.inner, self.ticket_bytes, self.expiry)


@dataclass(frozen=True)
class OpenStatement:
    """What an opening's proof shows to everyone.  Raises ``NonCanonicalNumber`` unless all five are in [0, r)."""

    y: int
    root: int
    nf: int
    x: int
    ext: int

    def __post_init__(self) -> None:
        for name in OPEN_NAMES:
            check_element(name, getattr(self, name))

    @property
    def public_inputs(self) -> list[int]:
        """The vector that the verifier takes, in the circuit's order."""
        return [getattr(self, name) for name in OPEN_NAMES]

    @classmethod
    def from_public_inputs(cls, values: Sequence[int]) -> OpenStatement:
        """Inverse of ``public_inputs``; raises ``MalformedInput`` for a wrong count, and as the class."""
        if len(values) != len(OPEN_NAMES):
            raise MalformedInput(f"an opening has {len(OPEN_NAMES)} public inputs, not {len(values)}")
        return cls(**dict(zip(OPEN_NAMES, values, strict=True)))

    @property
    def share(self) -> Share:
        """What convicts the client, together with another share of the same ticket."""
        return Share(self.nf, self.x, self.y)


@dataclass(frozen=True)
class Ticket:
    """Number ``number`` of a leaf with ``limit`` tickets.

    Raises (on construction):
        MalformedInput: the limit is out of range, or the number not below it.
    """

    number: int
    limit: int

    def __post_init__(self) -> None:
        check_limit(self.limit)
        check_range("ticket", self.number, 0, self.limit)

    def nullifier(self, key: FundingKey, funding: FundingDomain) -> int:
        """By which the ledger knows that the ticket is spent."""
        return ticket_nullifiers(key.a0, funding.ext, [self.number])[0]


@dataclass(frozen=True)
class Opening:
    """``statement`` is for everyone; ``inputs`` holds a0 and the leaf's place and is left out of the repr."""

    statement: OpenStatement
    message: OpenMessage
    inputs: dict[str, Any] = field(repr=False)

    @classmethod
    def build(
        cls, funding: FundingDomain, key: FundingKey, ticket: Ticket, proof: MerkleProof, message: OpenMessage
    ) -> Opening:
        """The opening of ``message``'s note with ``ticket``, checked against all that the circuit states.

        Args:
            proof: membership of the leaf under any root that the funding tree ever had.  An old root narrows down whose
                leaf it can be: take the newest.

        Raises:
            InvalidClaim: the leaf in the proof is not that of this key and limit, or D is not the funding tree's.
            MalformedInput, NonCanonicalNumber: the path has another shape, or a child is no field element.
        """
        if proof.leaf != funding_leaf(key.identity, ticket.limit):
            raise InvalidClaim("the Merkle proof is not for a leaf of this key with this limit")
        if len(proof.path) != funding.depth or any(len(children) != 2 for children in proof.path):
            raise MalformedInput(f"the path must be {funding.depth} levels of 2 children")
        if message.ticket_bytes != funding.ticket_bytes:
            raise InvalidClaim(f"a ticket of this tree is worth {funding.ticket_bytes} bytes")
        slope = ticket_slope(key.a0, funding.ext, ticket.number)
        statement = OpenStatement(
            y=share_y(key.a0, slope, message.x),
            root=proof.root,
            nf=ticket.nullifier(key, funding),
            x=message.x,
            ext=funding.ext,
        )
        inputs: dict[str, Any] = {
            **dict(zip(OPEN_NAMES, statement.public_inputs, strict=True)),
            "a0": key.a0,
            "limit": ticket.limit,
            "ticket": ticket.number,
            "path": [list(children) for children in proof.path],
        }
        return cls(statement, message, inputs)
