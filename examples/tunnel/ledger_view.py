"""What a node knows of the ledger by itself: a note tree of its own, and an epoch that goes on while nobody answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from zkrelay.errors import MalformedInput, NoteRefused, TreeFull
from zkrelay.relay.admission import admit_note
from zkrelay.relay.identity import NodeIdentity
from zkrelay.relay.merkle import MemoryNodes, MerkleProof, MerkleTree, PrefixNodes
from zkrelay.relay.note import Note

from .errors import LedgerUnavailable
from .ledger import Settlement


class LedgerView:
    """Blocks, and is safe to use from several threads.  Before the first ``refresh`` it is in epoch 0."""

    def __init__(self, settlement: Settlement, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._settlement = settlement
        self._monotonic = monotonic
        self._lock = threading.Lock()
        domain = settlement.domain
        self._nodes = MemoryNodes(domain.depth)
        self._tree = MerkleTree(domain.arity, domain.depth, self._nodes)
        self._seen = (0, 1, monotonic())
        self.window = 0

    @property
    def now(self) -> int:
        """The epoch: the ledger's when it was last asked, and the seconds since then."""
        epoch, seconds, at = self._seen
        return epoch + int(self._monotonic() - at) // seconds

    @property
    def size(self) -> int:
        return len(self._tree)

    def refresh(self) -> None:
        """Ask for the epoch; raises ``LedgerUnavailable``."""
        state = self._settlement.state()
        self._seen, self.window = (state.epoch, state.epoch_seconds, self._monotonic()), state.window

    def grow(self) -> None:
        """Append all notes that are final by now; raises ``LedgerUnavailable``, also for what is no tree's leaves."""
        with self._lock:
            while leaves := self._settlement.final_leaves(len(self._tree)):
                try:
                    self._tree.extend(leaves)
                except (MalformedInput, TreeFull) as error:
                    raise LedgerUnavailable(f"it shows leaves that no tree can have: {error}") from error

    def admit(self, note: Note, position: int, node: NodeIdentity, *, margin: int, minimum_cap: int | None) -> None:
        """Raises ``NoteRefused`` as ``admit_note``, or ``LedgerUnavailable``."""
        self.refresh()
        if position >= self.size:
            self.grow()
        with self._lock:
            admit_note(
                note,
                node,
                self._settlement.domain,
                self._tree,
                position,
                now=self.now,
                is_spent=self._settlement.is_spent,
                margin=margin,
                minimum_cap=minimum_cap,
            )

    def proof(self, position: int, size: int) -> MerkleProof:
        """Membership under the root that the tree had with ``size`` notes; raises ``NoteRefused`` for one beyond."""
        with self._lock:
            if not position < size <= len(self._tree):
                raise NoteRefused("the tree has no leaf at this position")
            nodes = PrefixNodes(self._nodes, self._tree.arity, size)
            return MerkleTree(self._tree.arity, self._tree.depth, nodes, size).proof(position)
