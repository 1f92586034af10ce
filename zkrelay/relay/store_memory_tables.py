"""Dictionaries whose changes can be undone, the ground of ``store_memory``, and the funding part of that store."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from ..errors import StoreError
from .store_funding import FundedLeaf, FundingMove, SpentTicket

_MOVED, _CAME_FROM = "funding moved", "funding came from domain"
ABSENT = object()


class Tables:
    """Named dictionaries, and a log that holds the inverse of every change."""

    def __init__(self, tables: dict[str, dict[Any, Any]], *, read_only: bool) -> None:
        self.rows = tables
        self._read_only = read_only
        self._log: list[tuple[dict[Any, Any], Any, Any]] = []

    def insert(self, table: str, key: Any, value: Any) -> bool:
        """Whether the key was new; the value of one that is there stays."""
        if key in self.rows[table]:
            return False
        self.set(table, key, value)
        return True

    def set(self, table: str, key: Any, value: Any) -> None:
        """``ABSENT`` takes the key away."""
        if self._read_only:
            raise StoreError("attempt to write in a readonly transaction")
        rows = self.rows[table]
        self._log.append((rows, key, rows.get(key, ABSENT)))
        _put(rows, key, value)

    def undo(self) -> None:
        for rows, key, value in reversed(self._log):
            _put(rows, key, value)


class MemoryTreeNodes:
    """``TreeNodes`` in one of the tables."""

    def __init__(self, tables: Tables, name: str) -> None:
        self._tables = tables
        self._name = name

    def get(self, level: int, position: int) -> int | None:
        return self._tables.rows[self._name].get((level, position))

    def set(self, level: int, position: int, value: int) -> None:
        self._tables.set(self._name, (level, position), value)


class MemoryFunding:
    """A ``FundingStore`` over the tables of a transaction."""

    def __init__(self, tables: Tables) -> None:
        self.nodes = MemoryTreeNodes(tables, "funding_nodes")
        self._tables = tables

    def num_leaves(self) -> int:
        return len(self._tables.rows["funding_leaves"])

    def insert_leaf(self, leaf: FundedLeaf) -> bool:
        return self._tables.insert("funding_leaves", leaf.identity, leaf)

    def leaf(self, identity: int) -> FundedLeaf | None:
        return self._tables.rows["funding_leaves"].get(identity)

    def leaves(self, first: int, count: int) -> Sequence[FundedLeaf]:
        return list(islice(self._tables.rows["funding_leaves"].values(), first, first + count))

    def insert_root(self, root: int) -> None:
        self._tables.insert("funding_roots", root, True)

    def has_root(self, root: int) -> bool:
        return root in self._tables.rows["funding_roots"]

    def spend(self, ticket: SpentTicket) -> SpentTicket | None:
        return None if self._tables.insert("tickets", ticket.share.nf, ticket) else self.ticket(ticket.share.nf)

    def ticket(self, nf: int) -> SpentTicket | None:
        return self._tables.rows["tickets"].get(nf)

    def tickets(self, after: int, count: int) -> Sequence[SpentTicket]:
        rows = self._tables.rows["tickets"]
        return [rows[nf] for nf in sorted(nf for nf in rows if nf > after)[:count]]

    def moved(self) -> FundingMove | None:
        return self._tables.rows["settings"].get(_MOVED)

    def set_moved(self, move: FundingMove) -> None:
        self._tables.insert("settings", _MOVED, move)

    def came_from(self) -> int | None:
        return self._tables.rows["settings"].get(_CAME_FROM)

    def set_came_from(self, domain: int) -> None:
        self._tables.insert("settings", _CAME_FROM, domain)


def _put(rows: dict[Any, Any], key: Any, value: Any) -> None:
    if value is ABSENT:
        rows.pop(key, None)
    else:
        rows[key] = value
