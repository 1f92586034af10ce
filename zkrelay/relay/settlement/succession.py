"""The next note tree's ledger takes over what outlives a tree: leaves, spent tickets, spent tokens, and their money.

A ticket is spent under fdomain, whatever the note tree, and so is a token under its key.  So of all ledgers of one
deployment only one may serve them.  The old one first writes down where they went, and serves them no more; then the
new one copies.  A crash in between loses nothing: taking over again goes on, and after the copy it changes nothing.
"""

from __future__ import annotations

from ...errors import MalformedInput, Retired
from ..funding import FUNDING_ARITY, funding_leaf
from ..merkle import MerkleTree
from ..store import Payment, PaymentKind, StoreTransaction
from ..store_funding import FundingMove
from .tokens import Tokens

_PAGE = 4096


class Succession(Tokens):
    """The part of the settlement that follows another one."""

    def take_over(self, before: Succession) -> int:
        """Take over from the ledger of an earlier note tree, and return the money that came with it.

        Nothing may have been sold or spent here yet.  ``before`` goes on with claims and refunds, and answers openings
        that it answered before.

        Raises:
            MalformedInput: the ledgers differ in funding tree, issuers or the price of a ticket or token, are of one
                domain, or this one has sold or spent something, or took over from another.
            Retired: another ledger took over from ``before``, or from this one.
        """
        self._check_follows(before)
        with self._store.read() as transaction:  # nothing is closed there for a ledger that cannot take it
            self._comes_from(transaction, before)
        move = before._hand_over(self.domain.value)
        with before._store.read() as old, self._store.write() as new:
            if not self._comes_from(new, before):
                self._copy(old, new, move)
                new.funding.set_came_from(before.domain.value)
        return sum(move.pots.values())

    def _check_follows(self, before: Succession) -> None:
        if before.domain.value == self.domain.value:
            raise MalformedInput("a ledger is followed by one of another domain")
        if before.funding != self.funding or before._token_issuers != self._token_issuers:
            raise MalformedInput("the next ledger has the same funding tree and issuers")
        values = [issuer.value_bytes for issuer in self._token_issuers.values()]
        values += [] if self.funding is None else [self.funding.ticket_bytes]
        for value in values:
            if self.domain.price(self.domain.units(value)) != before.domain.price(before.domain.units(value)):
                raise MalformedInput("a ticket or token would have another price in the next ledger")

    def _comes_from(self, transaction: StoreTransaction, before: Succession) -> bool:
        """Whether the copy was made before; raises when it must not be made."""
        funding = transaction.funding
        self._check_not_moved(transaction)
        if funding.came_from() is not None:
            if funding.came_from() != before.domain.value:
                raise MalformedInput("this ledger took over from another one")
            return True
        if funding.num_leaves() or funding.tickets(-1, 1) or transaction.tokens(b"", 1) or transaction.pots():
            raise MalformedInput("this ledger has sold or spent tickets or tokens of its own")
        return False

    def _hand_over(self, domain: int) -> FundingMove:
        """Close the tickets and tokens of this ledger for good, and say what goes to the ledger of ``domain``."""
        with self._store.write() as transaction:
            move = transaction.funding.moved()
            if move is None:
                move = FundingMove(domain, transaction.pots())
                transaction.funding.set_moved(move)
                for name in move.pots:
                    transaction.set_pot(name, 0)
                if move.pots:
                    money = sum(move.pots.values())
                    transaction.insert_payments([Payment(None, domain, money, 0, 0, self._now(), PaymentKind.MOVE)])
            if move.domain != domain:
                raise Retired("another ledger took over the tickets and tokens of that one")
        return move

    def _copy(self, old: StoreTransaction, new: StoreTransaction, move: FundingMove) -> None:
        """Every root comes again by appending leaf by leaf, so that proofs under way stay good."""
        if self.funding is not None:
            tree = MerkleTree(FUNDING_ARITY, self.funding.depth, new.funding.nodes, 0)
            for first in range(0, old.funding.num_leaves(), _PAGE):
                for leaf in old.funding.leaves(first, _PAGE):
                    new.funding.insert_leaf(leaf)
                    tree.append(funding_leaf(leaf.identity, leaf.limit))
                    new.funding.insert_root(tree.root)
        nf = -1
        while tickets := old.funding.tickets(nf, _PAGE):
            for ticket in tickets:
                new.funding.spend(ticket)
            nf = tickets[-1].share.nf
        key = b""
        while tokens := old.tokens(key, _PAGE):
            for token in tokens:
                new.spend_token(token)
            key = tokens[-1].token_key
        for name, money in move.pots.items():
            new.set_pot(name, money)
