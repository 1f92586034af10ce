"""The nullifier set as a whole: copied out, merged in, and forgotten at the end of a domain."""

from __future__ import annotations

from typing import BinaryIO

from ...errors import Retired, StillRedeemable, WrongDomain
from ..nullifier_file import read_nullifiers, write_nullifiers
from ..numbers import check_element
from .ledger import Ledger


class NullifierSet(Ledger):
    """The part of the settlement that moves nullifiers between ledgers of one domain."""

    def export_nullifiers(self, file: BinaryIO) -> int:
        """Write the whole set as one consistent snapshot in ascending order; return how many there are."""
        with self._store.read() as transaction:
            return write_nullifiers(file, self.domain.value, transaction.num_nullifiers(), transaction.nullifiers)

    def import_nullifiers(self, file: BinaryIO) -> int:
        """Merge a set that was exported from a ledger of this domain; return how many were new.

        All or nothing, and doing it again changes nothing: a note that is spent anywhere is spent here.

        Raises:
            FormatError: the file is cut short, damaged, out of order or of another version.
            WrongDomain: it is another domain's.
            Retired: this ledger was pruned.
        """
        with self._store.write() as transaction:
            if transaction.pruned_in() is not None:
                raise Retired("the ledger has forgotten its nullifiers for good")
            return sum(len(transaction.insert_nullifiers(chunk)) for chunk in read_nullifiers(file, self.domain.value))

    def prune(self, domain: int) -> int:
        """Forget the nullifiers, notes and commitments of this domain for ever; return how many nullifiers there were.

        What is left is the money: payments, balance, stakes.  The ledger takes no more notes.

        Args:
            domain: the value of the domain that is meant, written out so that no ledger is pruned by mistake.

        Raises:
            WrongDomain: this is another domain's ledger.
            StillRedeemable: a note of it may still be claimed, or is still promised a refund.
        """
        check_element("domain", domain)
        if domain != self.domain.value:
            raise WrongDomain("this is the ledger of another domain")
        with self._store.write() as transaction:
            now, expiry = self._now(), transaction.last_expiry()
            if expiry is not None and now <= expiry + self.window + self.refund_period:
                raise StillRedeemable(
                    f"it is epoch {now}; the last note is promised a refund until"
                    f" {expiry + self.window + self.refund_period}"
                )
            return transaction.prune(now)
