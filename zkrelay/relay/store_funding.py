"""What a ledger keeps of the anonymous ways in: leaves, their tree and its roots, spent tickets, spent tokens.

It is the part of a ``store`` that outlives a note tree: a ticket that was spent once is spent in every tree to come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from .merkle import TreeNodes
from .share import Share


@dataclass(frozen=True)
class FundedLeaf:
    """``limit`` tickets of ``identity``, at ``position`` of the funding tree."""

    identity: int
    limit: int
    position: int


@dataclass(frozen=True)
class SpentTicket:
    """What a ledger keeps of a spent ticket, for ever: its share, and the note ``cm`` (None when it was slashed)."""

    share: Share
    cm: int | None


@dataclass(frozen=True)
class SpentToken:
    """What a ledger keeps of a redeemed token, for ever: its one-time key and its note."""

    token_key: bytes
    cm: int


@dataclass(frozen=True)
class FundingMove:
    """Leaves, tickets, tokens and ``pots`` went to the ledger of ``domain``."""

    domain: int
    pots: dict[str, int]


class FundingTransaction(Protocol):
    """One atomic view of one funding tree.  Uniqueness is the store's own constraint, as in ``store``."""

    @property
    def nodes(self) -> TreeNodes:
        """The funding tree's nodes."""

    def num_leaves(self) -> int: ...

    def insert_leaf(self, leaf: FundedLeaf) -> bool:
        """False, and nothing done, when the identity has a leaf already."""

    def leaf(self, identity: int) -> FundedLeaf | None: ...

    def insert_root(self, root: int) -> None:
        """Roots are only ever added."""

    def has_root(self, root: int) -> bool: ...

    def spend(self, ticket: SpentTicket) -> SpentTicket | None:
        """Keep the ticket, or change nothing and return the one with this nullifier that is there."""


class FundingStore(FundingTransaction, Protocol):
    """A ``FundingTransaction`` that can also be read as a whole, to move the tree to the next ledger."""

    def leaves(self, first: int, count: int) -> Sequence[FundedLeaf]:
        """Up to ``count`` leaves from position ``first`` on, in their order."""

    def ticket(self, nf: int) -> SpentTicket | None: ...

    def tickets(self, after: int, count: int) -> Sequence[SpentTicket]:
        """Up to ``count`` spent tickets with a nullifier above ``after`` (-1 for all), in ascending order."""

    def moved(self) -> FundingMove | None:
        """Whether the next ledger took all this over; None before."""

    def set_moved(self, move: FundingMove) -> None:
        """Write that down, once and for ever."""

    def came_from(self) -> int | None:
        """The domain whose ledger all this was taken over from; None unless it was."""

    def set_came_from(self, domain: int) -> None:
        """Write that down, once and for ever."""


class TokenTransaction(Protocol):
    """The part of a ledger's transaction that knows tokens."""

    def spend_token(self, token: SpentToken) -> SpentToken | None:
        """Keep the token, or change nothing and return the one with this key that is there."""

    def tokens(self, after: bytes, count: int) -> Sequence[SpentToken]:
        """Up to ``count`` spent tokens with a key above ``after`` (b"" for all), in ascending order."""
