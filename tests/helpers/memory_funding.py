"""A funding tree and a note ledger in memory, whose transactions roll back as a database's would."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager

from zkrelay.errors import DuplicateNote, Expired
from zkrelay.relay.domain import Domain
from zkrelay.relay.merkle import MemoryNodes
from zkrelay.relay.note import note_commitment
from zkrelay.relay.store_funding import FundedLeaf, SpentTicket


class MemoryFunding:
    """A ``FundingTransaction``, and the settlement's insertion of notes in several note trees beside it."""

    def __init__(self, depth: int, now: int = 100) -> None:
        self.nodes = MemoryNodes(depth)
        self.leaves: dict[int, FundedLeaf] = {}
        self.roots: set[int] = set()
        self.spent: dict[int, SpentTicket] = {}
        self.notes: dict[int, int] = {}  # cm -> cap
        self.now = now

    @contextmanager
    def transaction(self) -> Iterator[MemoryFunding]:
        before = copy.deepcopy(vars(self))
        try:
            yield self
        except BaseException:
            vars(self).update(before)
            raise

    def state(self) -> dict[str, object]:
        """All that the ledger holds, comparable."""
        return copy.deepcopy({**vars(self), "nodes": self.nodes._levels})

    def num_leaves(self) -> int:
        return len(self.leaves)

    def insert_leaf(self, leaf: FundedLeaf) -> bool:
        return self.leaves.setdefault(leaf.identity, leaf) is leaf

    def leaf(self, identity: int) -> FundedLeaf | None:
        return self.leaves.get(identity)

    def insert_root(self, root: int) -> None:
        self.roots.add(root)

    def has_root(self, root: int) -> bool:
        return root in self.roots

    def spend(self, ticket: SpentTicket) -> SpentTicket | None:
        held = self.spent.setdefault(ticket.share.nf, ticket)
        return None if held is ticket else held

    def insert_note(self, domain: Domain, inner: int, cap: int, expiry: int) -> int:
        """What a settlement's deposit does with a note: refuses old and known ones."""
        if expiry < self.now:
            raise Expired("born expired")
        cm = note_commitment(domain.value, inner, cap, expiry)
        if cm in self.notes:
            raise DuplicateNote("known")
        self.notes[cm] = cap
        return cm
