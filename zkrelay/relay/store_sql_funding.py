"""Leaves, tickets and tokens in SQL, in the dialect that SQLite and PostgreSQL share: see ``store_sql``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from .share import Share
from .store_funding import FundedLeaf, FundingMove, SpentTicket, SpentToken
from .store_sql_tree import Runs, SqlNodes, to_bytes, to_int

FUNDING_TABLES = """
CREATE TABLE funding_leaves (
    position BIGINT PRIMARY KEY,
    identity {element[identity]} NOT NULL UNIQUE,
    num_tickets BIGINT NOT NULL
);
CREATE TABLE funding_nodes (
    level BIGINT NOT NULL,
    position BIGINT NOT NULL,
    value {element[value]} NOT NULL,
    PRIMARY KEY (level, position)
){clustered};
CREATE TABLE funding_roots (root {element[root]} NOT NULL PRIMARY KEY){clustered};
CREATE TABLE tickets (
    nf {element[nf]} NOT NULL PRIMARY KEY,
    x {element[x]} NOT NULL,
    y {element[y]} NOT NULL,
    cm {element[cm]}
){clustered};
CREATE TABLE tokens (
    token_key {element[token_key]} NOT NULL PRIMARY KEY,
    cm {element[cm]} NOT NULL
){clustered};
"""
_MOVED, _CAME_FROM = "funding moved", "funding came from domain"


class SqlFunding:
    """A ``FundingStore`` over a transaction."""

    def __init__(self, transaction: Runs) -> None:
        self.nodes = SqlNodes(transaction, "funding_nodes")
        self._run = transaction._run

    def num_leaves(self) -> int:
        return int(self._row("SELECT coalesce(max(position) + 1, 0) FROM funding_leaves")[0])

    def insert_leaf(self, leaf: FundedLeaf) -> bool:
        cursor = self._run(
            "INSERT INTO funding_leaves VALUES (?, ?, ?) ON CONFLICT (identity) DO NOTHING",
            *(leaf.position, to_bytes(leaf.identity), leaf.limit),
        )
        return bool(cursor.rowcount == 1)

    def leaf(self, identity: int) -> FundedLeaf | None:
        row = self._row(
            "SELECT identity, num_tickets, position FROM funding_leaves WHERE identity = ?", to_bytes(identity)
        )
        return None if row is None else _leaf(row)

    def leaves(self, first: int, count: int) -> list[FundedLeaf]:
        rows = self._run(
            "SELECT identity, num_tickets, position FROM funding_leaves WHERE position >= ? ORDER BY position LIMIT ?",
            *(first, count),
        )
        return [_leaf(row) for row in rows.fetchall()]

    def insert_root(self, root: int) -> None:
        self._run("INSERT INTO funding_roots VALUES (?) ON CONFLICT DO NOTHING", to_bytes(root))

    def has_root(self, root: int) -> bool:
        return self._row("SELECT 1 FROM funding_roots WHERE root = ?", to_bytes(root)) is not None

    def spend(self, ticket: SpentTicket) -> SpentTicket | None:
        share, cm = ticket.share, None if ticket.cm is None else to_bytes(ticket.cm)
        row = (to_bytes(share.nf), to_bytes(share.x), to_bytes(share.y), cm)
        cursor = self._run("INSERT INTO tickets VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", *row)
        return None if cursor.rowcount == 1 else self.ticket(share.nf)

    def ticket(self, nf: int) -> SpentTicket | None:
        row = self._row("SELECT nf, x, y, cm FROM tickets WHERE nf = ?", to_bytes(nf))
        return None if row is None else _ticket(row)

    def tickets(self, after: int, count: int) -> list[SpentTicket]:
        rows = self._run(
            "SELECT nf, x, y, cm FROM tickets WHERE nf >= ? ORDER BY nf LIMIT ?", to_bytes(after + 1), count
        )
        return [_ticket(row) for row in rows.fetchall()]

    def moved(self) -> FundingMove | None:
        row = self._row("SELECT value FROM settings WHERE name = ?", _MOVED)
        if row is None:
            return None
        data = json.loads(row[0])
        return FundingMove(int(data["domain"]), {name: int(money) for name, money in data["pots"].items()})

    def set_moved(self, move: FundingMove) -> None:
        data = {"domain": str(move.domain), "pots": {name: str(money) for name, money in sorted(move.pots.items())}}
        self._run("INSERT INTO settings VALUES (?, ?) ON CONFLICT DO NOTHING", _MOVED, json.dumps(data))

    def came_from(self) -> int | None:
        row = self._row("SELECT value FROM settings WHERE name = ?", _CAME_FROM)
        return None if row is None else int(row[0])

    def set_came_from(self, domain: int) -> None:
        self._run("INSERT INTO settings VALUES (?, ?) ON CONFLICT DO NOTHING", _CAME_FROM, str(domain))

    def _row(self, query: str, *parameters: object) -> Any:
        return self._run(query, *parameters).fetchone()


def spend_token(transaction: Runs, token: SpentToken) -> SpentToken | None:
    """As ``TokenTransaction.spend_token``."""
    cursor = transaction._run(
        "INSERT INTO tokens VALUES (?, ?) ON CONFLICT DO NOTHING", token.token_key, to_bytes(token.cm)
    )
    if cursor.rowcount == 1:
        return None
    (cm,) = transaction._run("SELECT cm FROM tokens WHERE token_key = ?", token.token_key).fetchone()
    return SpentToken(token.token_key, to_int(cm))


def tokens(transaction: Runs, after: bytes, count: int) -> list[SpentToken]:
    """As ``TokenTransaction.tokens``."""
    query = "SELECT token_key, cm FROM tokens WHERE token_key > ? ORDER BY token_key LIMIT ?"
    return [SpentToken(bytes(key), to_int(cm)) for key, cm in transaction._run(query, after, count).fetchall()]


def _leaf(row: Sequence[Any]) -> FundedLeaf:
    identity, num_tickets, position = row
    return FundedLeaf(to_int(identity), int(num_tickets), int(position))


def _ticket(row: Sequence[Any]) -> SpentTicket:
    nf, x, y, cm = row
    return SpentTicket(Share(to_int(nf), to_int(x), to_int(y)), None if cm is None else to_int(cm))
