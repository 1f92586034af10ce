"""Notes come in without a name: by a ticket of a funding leaf, with a proof that shows neither leaf nor wallet.

    fund(identity, limit)        limit·D go into the pot of the tickets, a leaf into the funding tree
    open(message, inputs, proof) D leave the pot: the price of the cap goes behind the note, the rest to fee_recipient
    slash_tickets(...)           D leave the pot for each unspent ticket of a client that used one twice

The pot holds D for each ticket that is neither spent nor slashed, and no other money ever stands for a ticket.  The
rules of tree and ticket are ``funding_ledger``'s; here is the money, and one transaction for each.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import EntryPointClosed, Retired
from ...groth16 import Proof
from ..funding import FUNDING_ARITY, FundingDomain, check_limit, funding_leaf
from ..funding_ledger import buy_leaf, open_note, slash_tickets, verify_opening
from ..merkle import MerkleTree
from ..numbers import check_element, check_range
from ..opening import OpenMessage, OpenStatement
from ..share import Share
from ..slash import recover_funding, slash_handle
from ..store import Payment, StoreTransaction
from ..store_funding import FundedLeaf, SpentTicket
from .deposits import MAX_LEAVES, Deposits
from .ledger import entry_point
from .slashing import Slashing

TICKETS_POT = "tickets"


class Openings(Deposits, Slashing):
    """The part of the settlement that sells tickets and takes them back for notes."""

    def fund(self, identity: int, limit: int) -> FundedLeaf:
        """Sell a leaf of ``limit`` tickets; the caller has taken ``funding.price(limit, domain)`` from the buyer.

        Raises:
            EntryPointClosed: the ledger was opened without a funding tree.
            DuplicateLeaf, TreeFull: the identity has a leaf, or the funding tree no free one.
            Retired: the note tree was pruned, or the funding tree went to the next ledger.
            MalformedInput, NonCanonicalNumber: limit or identity is out of range.
        """
        funding = self._funding()
        check_element("identity", identity)
        check_limit(limit)
        with self._store.write() as transaction:
            self._check_serves_tickets(transaction)
            leaf = buy_leaf(transaction.funding, funding, identity, limit)
            self._put_in(transaction, TICKETS_POT, funding.price(limit, self.domain))
        return leaf

    def verify_opening(self, message: OpenMessage, public_inputs: Sequence[int], proof: Proof) -> OpenStatement:
        """Everything about an opening that needs neither store nor clock; returns what it states.

        Raises ``EntryPointClosed``, and as ``funding_ledger.verify_opening``.
        """
        verifier = entry_point(self._open_verifier, "openings")
        return verify_opening(self._funding(), self.domain, verifier, message, public_inputs, proof)

    def open(self, message: OpenMessage, public_inputs: Sequence[int], proof: Proof) -> SpentTicket:
        """Spend a ticket on the note of ``message``, once; the same message again gets the same answer.

        Raises:
            EntryPointClosed: the ledger was opened without a funding tree or a key for openings.
            UnknownRoot: the funding tree never had this root.
            TicketSpent: the ticket opened another note, here or in an earlier note tree, or was slashed.
            DuplicateNote, TreeFull, Expired, Retired: as ``deposit``; the ticket stays unspent.
            Everything that ``verify_opening`` raises; ``StoreError`` from the store.
        """
        funding = self._funding()
        self._check_note(message.inner, funding.cap, message.expiry)
        statement = self.verify_opening(message, public_inputs, proof)
        with self._store.write() as transaction:

            def insert(inner: int, cap: int, expiry: int) -> int:
                return self._insert_from(transaction, TICKETS_POT, funding.ticket_bytes, inner, cap, expiry)

            return open_note(transaction.funding, funding, statement, message, insert)

    def slash_tickets(self, first: Share, second: Share, slasher: int, salt: int) -> list[Payment]:
        """Take the unspent tickets of a client that used one of them twice: part to ``slasher``, part burnt.

        ``slash_handle`` of the funding domain, the identity, its secret, ``slasher`` and ``salt`` is committed before.

        Raises:
            EntryPointClosed: the ledger was opened without a funding tree.
            InvalidEvidence: the shares convict nobody, or nobody with a leaf here.
            NotCommitted: the handle of exactly these values was not recorded by ``commit`` in an earlier epoch.
            TicketSpent: no ticket of the leaf is left.
            Retired: the funding tree went to the next ledger.
            MalformedInput: a number is out of range.
        """
        funding = self._funding()
        evidence = recover_funding(first, second)
        handle = slash_handle(funding.value, evidence.identity, evidence.secret, slasher, salt)
        with self._store.write() as transaction:
            now = self._now()
            self._check_not_moved(transaction)
            self._check_revealed(transaction, handle, now)
            taken = slash_tickets(transaction.funding, funding, evidence)
            money = funding.price(taken, self.domain)
            self._take_out(transaction, TICKETS_POT, money)
            payments = self._reward(money, slasher, now)
            transaction.insert_payments(payments)
        return payments

    def ticket(self, nf: int) -> SpentTicket | None:
        """What is kept of a spent ticket: its share convicts, together with another one.  None for an unspent one."""
        check_element("nf", nf)
        with self._store.read() as transaction:
            return transaction.funding.ticket(nf)

    def funding_leaves(self, first: int = 0, count: int = MAX_LEAVES) -> list[int]:
        """The leaves from position ``first`` on: a client appends them to a tree of its own, and asks for no path.

        Who asks for the path of one leaf says which one is his.  At most ``count`` leaves, all when not given.
        """
        with self._store.read() as transaction:
            size = transaction.funding.num_leaves()
            check_range("first", first, 0, size + 1)
            check_range("count", count, 0, MAX_LEAVES + 1)
            leaves = transaction.funding.leaves(first, min(count, size - first))
            return [funding_leaf(leaf.identity, leaf.limit) for leaf in leaves]

    @property
    def funding_root(self) -> int:
        """The funding tree's present root."""
        depth = self._funding().depth
        with self._store.read() as transaction:
            funding = transaction.funding
            return MerkleTree(FUNDING_ARITY, depth, funding.nodes, funding.num_leaves()).root

    def _funding(self) -> FundingDomain:
        if self.funding is None:
            raise EntryPointClosed("this ledger was opened without a funding tree")
        return self.funding

    def _check_serves_tickets(self, transaction: StoreTransaction) -> None:
        """What is sold must be good for a note: no tickets and tokens when no note can come in any more."""
        self._check_not_moved(transaction)
        if transaction.pruned_in() is not None:
            raise Retired("the ledger was pruned: the next tree's ledger sells tickets and takes tokens")
