"""Notes come in by blind tokens: the issuer pays in beforehand, and each token takes its value out of that.

An issuer could sign any number of tokens.  So the ledger opens a note only as long as the issuer's own pot pays for it:
what an issuer prints beyond that is refused, and is nobody's money but its own clients'.
"""

from __future__ import annotations

from ...errors import EntryPointClosed, IssuerUnfunded
from ..blind_token import Redemption, TokenIssuer, redeem_token, verify_redemption
from ..numbers import check_range
from ..store_funding import SpentToken
from .openings import Openings
from .rules import MONEY_BITS


class Tokens(Openings):
    """The part of the settlement that takes blind tokens for notes."""

    def fund_tokens(self, issuer: str, count: int) -> int:
        """Put the price of ``count`` tokens, which the caller has taken from the issuer, into its pot; return the pot.

        It comes out again as notes only: nobody can tell which tokens will never come.

        Args:
            issuer: ``digest`` of its key.

        Raises:
            EntryPointClosed: the ledger was opened without this issuer.
            Retired: the note tree was pruned, or the tokens went to the next ledger.
            MalformedInput: count is out of range.
        """
        found = self._issuer(issuer)
        check_range("count of tokens", count, 1, 1 << MONEY_BITS)
        with self._store.write() as transaction:
            self._check_serves_tickets(transaction)
            return self._put_in(transaction, tokens_pot(issuer), count * self._value(found))

    def redeem_token(self, issuer: str, redemption: Redemption) -> SpentToken:
        """Open the note of a token, once; the same redemption again gets the same answer.

        Raises:
            EntryPointClosed: the ledger was opened without this issuer.
            MalformedInput, NonCanonicalNumber, InvalidSignature, WrongDomain: as ``verify_redemption``.
            TokenSpent: the token opened another note, here or in an earlier note tree.
            IssuerUnfunded: the issuer has not paid in enough; the token stays unspent.
            DuplicateNote, TreeFull, Expired, Retired: as ``deposit``; the token stays unspent.
        """
        found = self._issuer(issuer)
        self._check_note(redemption.inner, found.cap, redemption.expiry)
        verify_redemption(found, self.domain, redemption)
        with self._store.write() as transaction:

            def insert(inner: int, cap: int, expiry: int) -> int:
                self._check_not_moved(transaction)
                pot = tokens_pot(issuer)
                if transaction.pots().get(pot, 0) < self._value(found):
                    raise IssuerUnfunded("the issuer of this token has to pay in before it can open a note")
                return self._insert_from(transaction, pot, found.value_bytes, inner, cap, expiry)

            return redeem_token(transaction, found, redemption, insert)

    def _issuer(self, digest: str) -> TokenIssuer:
        issuer = self._token_issuers.get(digest)
        if issuer is None:
            raise EntryPointClosed("this ledger was opened without this issuer of tokens")
        return issuer

    def _value(self, issuer: TokenIssuer) -> int:
        return self.domain.price(self.domain.units(issuer.value_bytes))


def tokens_pot(issuer: str) -> str:
    """Each issuer's money is its own."""
    return f"tokens of {issuer}"
