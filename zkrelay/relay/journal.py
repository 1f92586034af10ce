"""What a party has committed itself to, written down before it proves anything: an honest retry is never an offence.

    claims    nf -> (venue, amount)        a node in a domain with several venues
    tickets   nf -> the open message       a client with a funding key

A second, different value for one nullifier would give the secret away, so it is refused here, before there is a proof
or even a share outside.  What ``record_...`` returned from survives a power cut.  A journal that is lost or restored
from an old copy protects nobody: then ask the ledger which nullifiers are spent, and use none that may be under way.
"""

from __future__ import annotations

from ..errors import Equivocation
from .funding import FundingDomain, FundingKey, check_limit, ticket_nullifiers
from .opening import Opening, OpenMessage, Ticket
from .sqlite_file import PrivateSqliteFile
from .statement import SharedClaimStatement

_BATCH = 1024


class Journal(PrivateSqliteFile):
    """One file, for any number of threads and processes of one party.  It says which sessions are that party's."""

    KIND = "journal"
    APPLICATION_ID = 0x7A6B726A  # "zkrj"
    VERSION = 1
    SCHEMA = (
        "CREATE TABLE claims (nf BLOB PRIMARY KEY, venue INTEGER NOT NULL, amount TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE tickets (nf BLOB PRIMARY KEY, domain BLOB NOT NULL, inner BLOB NOT NULL, "
        "ticket_bytes TEXT NOT NULL, expiry INTEGER NOT NULL) WITHOUT ROWID",
    )

    def record_claim(self, statement: SharedClaimStatement) -> None:
        """Write down venue and amount of a claim; returning means that they are on disk.

        Raises:
            Equivocation: this note was claimed at another venue or with another amount.
        """
        value = (statement.venue, str(statement.amount))
        with self._transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO claims VALUES (?, ?, ?)", (_blob(statement.nf), *value))
            held = connection.execute(
                "SELECT venue, amount FROM claims WHERE nf = ?", (_blob(statement.nf),)
            ).fetchone()
        if held != value:
            raise Equivocation(
                f"this note was claimed at venue {held[0]} with {held[1]} units: another venue or amount would give "
                "the node's secret away"
            )

    def record_opening(self, opening: Opening) -> None:
        """Write down which note a ticket opens; returning means that it is on disk.

        Raises:
            Equivocation: the ticket was used for another note.
        """
        message, nf = opening.message, _blob(opening.statement.nf)
        value = (_blob(message.domain), _blob(message.inner), str(message.ticket_bytes), message.expiry)
        with self._transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO tickets VALUES (?, ?, ?, ?, ?)", (nf, *value))
            held = connection.execute(
                "SELECT domain, inner, ticket_bytes, expiry FROM tickets WHERE nf = ?", (nf,)
            ).fetchone()
        if held != value:
            raise Equivocation("this ticket was used for another note: send that message again, or take another ticket")

    def message(self, ticket: Ticket, key: FundingKey, funding: FundingDomain) -> OpenMessage | None:
        """The message that the ticket was used for, to be sent again; None for an unused ticket."""
        nf = _blob(ticket.nullifier(key, funding))
        with self._transaction() as connection:
            row = connection.execute(
                "SELECT domain, inner, ticket_bytes, expiry FROM tickets WHERE nf = ?", (nf,)
            ).fetchone()
        return None if row is None else OpenMessage(_int(row[0]), _int(row[1]), int(row[2]), row[3])

    def unused_ticket(self, key: FundingKey, funding: FundingDomain, limit: int) -> Ticket | None:
        """The first ticket of the leaf that this journal has not seen; None when all were used.

        Nothing is reserved: of two callers that get the same ticket the second to record another note is refused.
        """
        check_limit(limit)
        for first in range(0, limit, _BATCH):
            numbers = range(first, min(first + _BATCH, limit))
            nullifiers = ticket_nullifiers(key.a0, funding.ext, numbers)
            with self._transaction() as connection:
                for number, nf in zip(numbers, nullifiers, strict=True):
                    if connection.execute("SELECT 1 FROM tickets WHERE nf = ?", (_blob(nf),)).fetchone() is None:
                        return Ticket(number, limit)
        return None


def _blob(value: int) -> bytes:
    return value.to_bytes(32, "big")


def _int(data: bytes) -> int:
    return int.from_bytes(data, "big")
