"""The client's notes in one file, each with its session key.  The file holds secrets: mode 0600.

    fresh     funded, not used yet
    open      in use: its session goes on with the node that it pays
    used      its session ended; what it left is here, with the node's acknowledgement
    refused   the node would not take it

A session key is made for one note and never leaves this file.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field

from zkrelay.relay.domain import Domain
from zkrelay.relay.identity import SessionKey
from zkrelay.relay.note import Note, random_rho
from zkrelay.relay.sqlite_file import PrivateSqliteFile

from .ledger import Settlement

FRESH, OPEN, USED, REFUSED = "fresh", "open", "used", "refused"
_SEED_BYTES = 32


@dataclass(frozen=True)
class FundedNote:
    """``id`` is the wallet's own number for it."""

    id: int
    note: Note
    key: SessionKey = field(repr=False)
    position: int


class Wallet(PrivateSqliteFile):
    """For threads and processes of one client."""

    KIND = "wallet"
    APPLICATION_ID = 0x7A6B7277  # "zkrw"
    VERSION = 1
    SCHEMA = (
        "CREATE TABLE notes (id INTEGER PRIMARY KEY AUTOINCREMENT, note TEXT NOT NULL, seed BLOB NOT NULL, "
        "position INTEGER, stage TEXT NOT NULL, receipt BLOB, acknowledgement BLOB, node_key BLOB)",
    )

    def fund(self, settlement: Settlement, payee: int, cap: int, expiry: int) -> FundedNote:
        """A new note for the node ``payee``, deposited.

        It is written down before the ledger is asked: money that was locked without an answer is not lost, as the note
        can be refunded.  Raises as ``Settlement.deposit``.
        """
        seed = secrets.token_bytes(_SEED_BYTES)
        key = SessionKey.from_seed(seed)
        note = Note(settlement.domain.value, payee, key.public, random_rho(), cap, expiry)
        with self._transaction() as connection:
            number = connection.execute(
                "INSERT INTO notes (note, seed, stage) VALUES (?, ?, ?)", (json.dumps(note.to_dict()), seed, FRESH)
            ).lastrowid
        assert number is not None
        position = settlement.deposit(note.inner, cap, expiry)
        with self._transaction() as connection:
            connection.execute("UPDATE notes SET position = ? WHERE id = ?", (position, number))
        return FundedNote(number, note, key, position)

    def next_note(self, domain: Domain) -> FundedNote | None:
        """The open note, so that its session goes on; else the oldest fresh one, which is open from now on."""
        with self._transaction() as connection:
            rows = connection.execute(
                "SELECT id, note, seed, position FROM notes WHERE stage IN (?, ?) AND position IS NOT NULL "
                "ORDER BY stage = ?, id",
                (OPEN, FRESH, FRESH),
            ).fetchall()
            for number, text, seed, position in rows:
                note = Note.from_dict(json.loads(text))
                if note.domain == domain.value:
                    connection.execute("UPDATE notes SET stage = ? WHERE id = ?", (OPEN, number))
                    return FundedNote(number, note, SessionKey.from_seed(seed), position)
        return None

    def finish(
        self, number: int, stage: str, receipt: bytes | None, acknowledgement: bytes | None, node_key: bytes | None
    ) -> None:
        """The note is not used again; the last receipt and the node's acknowledgement of it are kept for a dispute."""
        with self._transaction() as connection:
            connection.execute(
                "UPDATE notes SET stage = ?, receipt = ?, acknowledgement = ?, node_key = ? WHERE id = ?",
                (stage, receipt, acknowledgement, node_key, number),
            )

    def left_over(self, number: int) -> tuple[bytes | None, bytes | None, bytes | None]:
        """Of a used note: the last receipt, the node's acknowledgement of it, and the node's key for these."""
        with self._transaction() as connection:
            row = connection.execute(
                "SELECT receipt, acknowledgement, node_key FROM notes WHERE id = ?", (number,)
            ).fetchone()
        return (None, None, None) if row is None else row

    def counts(self) -> dict[str, int]:
        """Notes by stage."""
        with self._transaction() as connection:
            found = dict(connection.execute("SELECT stage, count(*) FROM notes GROUP BY stage").fetchall())
        return {stage: found.get(stage, 0) for stage in (FRESH, OPEN, USED, REFUSED)}
