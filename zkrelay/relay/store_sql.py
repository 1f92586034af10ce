"""What the SQL stores share: one schema and one set of statements, in the SQL that SQLite and PostgreSQL both speak.

Money is decimal text: sums may exceed 64 bits, and no database function ever computes with them.  Field elements are as
``store_sql_tree`` has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..errors import DuplicateNote
from .share import Share
from .store import Payment, PaymentKind, StoredNote, StoredRoot, StoredStake
from .store_funding import SpentToken
from .store_sql_funding import FUNDING_TABLES, SqlFunding, spend_token, tokens
from .store_sql_tree import SqlNodes, to_bytes, to_int

_TABLES = """
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL){clustered};
CREATE TABLE notes (
    position BIGINT PRIMARY KEY,
    cm {element[cm]} NOT NULL UNIQUE,
    cap TEXT NOT NULL,
    expiry BIGINT NOT NULL,
    epoch BIGINT NOT NULL
);
CREATE INDEX notes_by_expiry ON notes (expiry);
CREATE TABLE tree_nodes (
    level BIGINT NOT NULL,
    position BIGINT NOT NULL,
    value {element[value]} NOT NULL,
    PRIMARY KEY (level, position)
){clustered};
CREATE TABLE roots (
    root {element[root]} NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL,
    epoch BIGINT NOT NULL
){clustered};
CREATE INDEX roots_by_epoch ON roots (epoch, size);
CREATE TABLE commitments (
    handle {element[handle]} NOT NULL PRIMARY KEY,
    epoch BIGINT NOT NULL
){clustered};
CREATE TABLE nullifiers (
    nf {element[nf]} NOT NULL PRIMARY KEY,
    epoch BIGINT NOT NULL
){clustered};
CREATE TABLE shares (
    nf {element[nf]} NOT NULL PRIMARY KEY REFERENCES nullifiers (nf),
    x {element[x]} NOT NULL,
    y {element[y]} NOT NULL
){clustered};
CREATE TABLE payments (
    number {serial},
    nf {element[nf]} UNIQUE REFERENCES nullifiers (nf) ON DELETE SET NULL,
    recipient {element[recipient]} NOT NULL,
    money TEXT NOT NULL CHECK (money NOT LIKE '-%'),
    relayer {element[relayer]} NOT NULL,
    fee TEXT NOT NULL CHECK (fee NOT LIKE '-%'),
    epoch BIGINT NOT NULL,
    kind TEXT NOT NULL
);
CREATE TABLE stakes (
    payee {element[payee]} NOT NULL PRIMARY KEY,
    address {element[address]} NOT NULL,
    amount TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    exit_epoch BIGINT
){clustered};
CREATE TABLE pots (
    name TEXT NOT NULL PRIMARY KEY,
    money TEXT NOT NULL CHECK (money NOT LIKE '-%')
){clustered};
CREATE TABLE escrow (
    only_row BIGINT PRIMARY KEY CHECK (only_row = 1),
    balance TEXT NOT NULL CHECK (balance NOT LIKE '-%')
);
INSERT INTO escrow VALUES (1, '0')
"""
_PRUNED = ("shares", "nullifiers", "commitments", "notes", "tree_nodes", "roots")
_PRUNED_IN = "pruned in epoch"


class _ElementType:
    """``{element[column]}`` in the schema: the type, and the check that one number has one form."""

    def __init__(self, type_and_check: str) -> None:
        self._text = type_and_check

    def __getitem__(self, column: str) -> str:
        return self._text.format(column=column)


def schema(element: str, serial: str, clustered: str = "") -> list[str]:
    """The statements that make an empty ledger.

    Args:
        element: type and check of a 32-byte string in ``{column}``.
        serial: type of a key that counts upwards by itself.
        clustered: what follows a table whose rows should lie in its key's order.
    """
    return (
        (FUNDING_TABLES + _TABLES).format(element=_ElementType(element), serial=serial, clustered=clustered).split(";")
    )


class SqlTransaction:
    """A ``StoreTransaction`` over ``_run`` and ``_run_many`` of a database; statements have ``?`` for parameters."""

    def __init__(self) -> None:
        self.nodes = SqlNodes(self, "tree_nodes")
        self.funding = SqlFunding(self)

    def _run(self, statement: str, *parameters: object) -> Any:
        """A cursor with ``rowcount`` and the fetch methods."""
        raise NotImplementedError

    def _run_many(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        raise NotImplementedError

    def execute(self, statement: str, *parameters: object) -> Any:
        """Run a statement over tables of the caller's own, which are kept or rolled back together with the ledger's."""
        return self._run(statement, *parameters)

    def num_notes(self) -> int:
        return self._number("SELECT coalesce(max(position) + 1, 0) FROM notes")

    def insert_note(self, note: StoredNote) -> None:
        cursor = self._run(
            "INSERT INTO notes VALUES (?, ?, ?, ?, ?) ON CONFLICT (cm) DO NOTHING",
            *(note.position, to_bytes(note.cm), str(note.cap), note.expiry, note.epoch),
        )
        if cursor.rowcount != 1:
            raise DuplicateNote("the ledger already holds this note")

    def note(self, cm: int) -> StoredNote | None:
        row = self._row("SELECT position, cap, expiry, epoch FROM notes WHERE cm = ?", to_bytes(cm))
        return row and StoredNote(row[0], cm, int(row[1]), row[2], row[3])

    def last_expiry(self) -> int | None:
        (expiry,) = self._run("SELECT max(expiry) FROM notes").fetchone()
        return None if expiry is None else int(expiry)

    def insert_root(self, root: StoredRoot) -> None:
        row = (to_bytes(root.root), root.size, root.epoch)
        self._run("INSERT INTO roots VALUES (?, ?, ?) ON CONFLICT DO NOTHING", *row)

    def root(self, root: int) -> StoredRoot | None:
        row = self._row("SELECT size, epoch FROM roots WHERE root = ?", to_bytes(root))
        return row and StoredRoot(root, *row)

    def newest_root(self, epoch: int) -> StoredRoot | None:
        query = "SELECT root, size, epoch FROM roots WHERE epoch <= ? ORDER BY epoch DESC, size DESC LIMIT 1"
        row = self._row(query, epoch)
        return row and StoredRoot(to_int(row[0]), row[1], row[2])

    def record_commitment(self, handle: int, epoch: int) -> int:
        self._run("INSERT INTO commitments VALUES (?, ?) ON CONFLICT DO NOTHING", to_bytes(handle), epoch)
        first = self.first_recorded(handle)
        assert first is not None
        return first

    def first_recorded(self, handle: int) -> int | None:
        row = self._row("SELECT epoch FROM commitments WHERE handle = ?", to_bytes(handle))
        return None if row is None else int(row[0])

    def insert_nullifiers(self, nullifiers: Iterable[tuple[int, int]]) -> set[int]:
        statement = "INSERT INTO nullifiers VALUES (?, ?) ON CONFLICT DO NOTHING"
        return {nf for nf, epoch in sorted(nullifiers) if self._run(statement, to_bytes(nf), epoch).rowcount == 1}

    def is_spent(self, nf: int) -> bool:
        return self._row("SELECT 1 FROM nullifiers WHERE nf = ?", to_bytes(nf)) is not None

    def num_nullifiers(self) -> int:
        return self._number("SELECT count(*) FROM nullifiers")

    def nullifiers(self, after: int, limit: int) -> list[tuple[int, int]]:
        lowest = to_bytes(after + 1)
        rows = self._run("SELECT nf, epoch FROM nullifiers WHERE nf >= ? ORDER BY nf LIMIT ?", lowest, limit)
        return [(to_int(nf), int(epoch)) for nf, epoch in rows.fetchall()]

    def insert_shares(self, shares: Sequence[Share]) -> None:
        rows = [(to_bytes(share.nf), to_bytes(share.x), to_bytes(share.y)) for share in shares]
        self._run_many("INSERT INTO shares VALUES (?, ?, ?)", rows)

    def share(self, nf: int) -> Share | None:
        row = self._row("SELECT nf, x, y FROM shares WHERE nf = ?", to_bytes(nf))
        return row and Share(*map(to_int, row))

    def prune(self, epoch: int) -> int:
        count = self.num_nullifiers()
        for table in _PRUNED:
            self._run(f"DELETE FROM {table}")  # noqa: S608 (names of our own)
        self._run("INSERT INTO settings VALUES (?, ?) ON CONFLICT DO NOTHING", _PRUNED_IN, str(epoch))
        return count

    def pruned_in(self) -> int | None:
        row = self._row("SELECT value FROM settings WHERE name = ?", _PRUNED_IN)
        return None if row is None else int(row[0])

    def insert_payments(self, payments: Sequence[Payment]) -> None:
        self._run_many(
            "INSERT INTO payments (nf, recipient, money, relayer, fee, epoch, kind) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    None if p.nf is None else to_bytes(p.nf),
                    *(to_bytes(p.recipient), str(p.money), to_bytes(p.relayer), str(p.fee), p.epoch, p.kind.value),
                )
                for p in payments
            ],
        )

    def payments(self) -> list[Payment]:
        rows = self._run("SELECT nf, recipient, money, relayer, fee, epoch, kind FROM payments ORDER BY number")
        return [
            Payment(
                None if nf is None else to_int(nf),
                *(to_int(recipient), int(money), to_int(relayer), int(fee), int(epoch), PaymentKind(kind)),
            )
            for nf, recipient, money, relayer, fee, epoch, kind in rows.fetchall()
        ]

    def insert_stake(self, stake: StoredStake) -> bool:
        cursor = self._run(
            "INSERT INTO stakes VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            *(to_bytes(stake.payee), to_bytes(stake.address), str(stake.amount), stake.epoch, stake.exit_epoch),
        )
        return bool(cursor.rowcount == 1)

    def stake(self, payee: int) -> StoredStake | None:
        row = self._row("SELECT * FROM stakes WHERE payee = ?", to_bytes(payee))
        return row and _stake(row)

    def set_exit(self, payee: int, epoch: int) -> None:
        self._run("UPDATE stakes SET exit_epoch = ? WHERE payee = ?", epoch, to_bytes(payee))

    def delete_stake(self, payee: int) -> None:
        self._run("DELETE FROM stakes WHERE payee = ?", to_bytes(payee))

    def stakes(self) -> list[StoredStake]:
        return [_stake(row) for row in self._run("SELECT * FROM stakes ORDER BY payee").fetchall()]

    def spend_token(self, token: SpentToken) -> SpentToken | None:
        return spend_token(self, token)

    def tokens(self, after: bytes, count: int) -> list[SpentToken]:
        return tokens(self, after, count)

    def pots(self) -> dict[str, int]:
        return {name: int(money) for name, money in self._run("SELECT name, money FROM pots").fetchall()}

    def set_pot(self, name: str, money: int) -> None:
        if money == 0:
            self._run("DELETE FROM pots WHERE name = ?", name)
            return
        statement = "INSERT INTO pots VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET money = ?"
        self._run(statement, name, str(money), str(money))

    def balance(self) -> int:
        return self._number("SELECT balance FROM escrow")

    def set_balance(self, balance: int) -> None:
        self._run("UPDATE escrow SET balance = ?", str(balance))

    def _row(self, query: str, *parameters: object) -> Any:
        return self._run(query, *parameters).fetchone()

    def _number(self, query: str) -> int:
        return int(self._row(query)[0])


def _stake(row: Sequence[Any]) -> StoredStake:
    payee, address, amount, epoch, exit_epoch = row
    return StoredStake(to_int(payee), to_int(address), int(amount), epoch, exit_epoch)
