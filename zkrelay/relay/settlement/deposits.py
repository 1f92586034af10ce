"""Notes come in: each cm once, funded with its cap, in a tree of which every root stays known.

A deposit counts ``finality`` epochs after it came: a chain may still forget it before.  ``final_leaves`` is what a node
builds its own tree from, and ``proof`` leads to a root that the ledger already redeems under.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import Expired, MalformedInput, NotFinal, OverCap, Retired
from ..domain import CAP_BITS, EPOCH_BITS
from ..merkle import MerkleProof
from ..note import note_commitment
from ..numbers import check_element, check_range
from ..store import Payment, PaymentKind, StoredNote, StoredRoot, StoreTransaction
from .ledger import Ledger

MAX_LEAVES = 1 << 64  # more than any tree holds


@dataclass(frozen=True)
class Deposit:
    """``position`` of the note's leaf, the tree's ``root`` after it, and the money ``locked`` for it."""

    cm: int
    position: int
    root: int
    locked: int


class Deposits(Ledger):
    """The part of the settlement that notes come in by."""

    def deposit(self, inner: int, cap: int, expiry: int) -> Deposit:
        """Insert the note of ``inner``; the caller has taken ``domain.price(domain.units(cap))`` from the depositor.

        Raises:
            OverCap: the cap is below one unit or not below 2^64.
            Expired: the note would be born expired.
            DuplicateNote, TreeFull: the ledger holds this note, or no more notes.
            Retired: the ledger was pruned.
            MalformedInput, NonCanonicalNumber: expiry or inner is out of range.
        """
        self._check_note(inner, cap, expiry)
        with self._store.write() as transaction:
            return self._insert_note(transaction, inner, cap, expiry, self._now())

    def proof(self, cm: int) -> MerkleProof:
        """Membership of a note under the newest final root.

        Raises:
            MalformedInput: the tree does not hold the note.
            NotFinal: it does, but not yet for long enough.
        """
        check_element("cm", cm)
        with self._store.read() as transaction:
            note = transaction.note(cm)
            if note is None:
                raise MalformedInput("the note tree does not hold this note")
            size = self._final_size(transaction)
            if note.position >= size:
                raise NotFinal(f"the note of epoch {note.epoch} is final {self.finality} epochs later")
            return self._tree(transaction, size).proof(note.position)

    def final_leaves(self, first: int = 0, count: int = MAX_LEAVES) -> list[int]:
        """The final notes from position ``first`` on, in the tree's order: a node appends them to a tree of its own.

        At most ``count`` of them, all when not given.
        """
        with self._store.read() as transaction:
            size = self._final_size(transaction)
            check_range("first", first, 0, size + 1)
            check_range("count", count, 0, MAX_LEAVES + 1)
            leaves = (transaction.nodes.get(0, position) for position in range(first, min(size, first + count)))
            return [leaf for leaf in leaves if leaf is not None]

    def num_final_notes(self) -> int:
        """How many leaves ``final_leaves`` has."""
        with self._store.read() as transaction:
            return self._final_size(transaction)

    def root_at(self, epoch: int) -> int | None:
        """The root at the end of an epoch; None while there was none.  The present epoch may still have another."""
        check_range("epoch", epoch, 0, 1 << EPOCH_BITS)
        with self._store.read() as transaction:
            newest = transaction.newest_root(epoch)
            return None if newest is None else newest.root

    @property
    def root(self) -> int:
        """The present root, final or not."""
        with self._store.read() as transaction:
            return self._tree(transaction).root

    def _check_note(self, inner: int, cap: int, expiry: int) -> None:
        check_element("inner", inner)
        check_range("expiry", expiry, 0, 1 << EPOCH_BITS)
        if isinstance(cap, bool) or not isinstance(cap, int) or not self.domain.unit <= cap < 1 << CAP_BITS:
            raise OverCap(f"the cap of a note must be in [{self.domain.unit}, 2^{CAP_BITS}) bytes")

    def _insert_note(self, transaction: StoreTransaction, inner: int, cap: int, expiry: int, now: int) -> Deposit:
        """The one way into the tree, whatever paid for the note; arguments as ``_check_note`` left them."""
        cm = note_commitment(self.domain.value, inner, cap, expiry)
        locked = self.domain.price(self.domain.units(cap))
        if transaction.pruned_in() is not None:
            raise Retired("the ledger has forgotten its nullifiers: a new tree is a new domain")
        if expiry < now:
            raise Expired(f"the note expires in epoch {expiry}, and it is epoch {now}")
        tree = self._tree(transaction)
        position = len(tree)
        transaction.insert_note(StoredNote(position, cm, cap, expiry, now))
        tree.append(cm)
        transaction.insert_root(StoredRoot(tree.root, position + 1, now))
        transaction.set_balance(transaction.balance() + locked)
        return Deposit(cm, position, tree.root, locked)

    def _insert_from(
        self, transaction: StoreTransaction, pot: str, value: int, inner: int, cap: int, expiry: int
    ) -> int:
        """Insert a note that ``value`` bytes of ``pot`` pay for; what its cap leaves of them is the fee.  Returns cm.

        price(value) leaves the pot, price(cap) of it is locked for the note, the rest is paid out: cap <= value, and
        the price does not fall with the bytes, so the fee is never below 0.
        """
        self._check_not_moved(transaction)
        now = self._now()
        price = self.domain.price(self.domain.units(value))
        self._take_out(transaction, pot, price)
        deposit = self._insert_note(transaction, inner, cap, expiry, now)
        fee = price - deposit.locked
        if fee:
            payment = Payment(None, self.fee_recipient, fee, 0, 0, now, PaymentKind.FEE)
            transaction.insert_payments([payment])
        return deposit.cm

    def _final_size(self, transaction: StoreTransaction) -> int:
        """How many notes are final; they are a prefix of the tree, and its root was recorded with the last of them."""
        if self.finality == 0:
            return transaction.num_notes()
        newest = transaction.newest_root(self._now() - self.finality)
        return 0 if newest is None else newest.size
