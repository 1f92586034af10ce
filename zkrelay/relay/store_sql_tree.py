"""Numbers and trees in SQL: field elements are 32 bytes, big-endian, so that their order is that of the numbers."""

from __future__ import annotations

from typing import Any, Protocol


class Runs(Protocol):
    """What can run one statement of SQL, with ``?`` for parameters."""

    def _run(self, statement: str, *parameters: object) -> Any:
        """A cursor with ``rowcount`` and the fetch methods."""


class SqlNodes:
    """``TreeNodes`` in a table: an append touches one path, whatever the number of leaves."""

    def __init__(self, transaction: Runs, table: str) -> None:
        """``table`` is a name of our own, never one from outside."""
        self._run = transaction._run
        self._select = f"SELECT value FROM {table} WHERE level = ? AND position = ?"  # noqa: S608
        self._upsert = f"INSERT INTO {table} VALUES (?, ?, ?) ON CONFLICT (level, position) DO UPDATE SET value = ?"  # noqa: S608

    def get(self, level: int, position: int) -> int | None:
        row = self._run(self._select, level, position).fetchone()
        return None if row is None else to_int(row[0])

    def set(self, level: int, position: int, value: int) -> None:
        node = to_bytes(value)
        self._run(self._upsert, level, position, node, node)


def to_bytes(value: int) -> bytes:
    return value.to_bytes(32, "big")


def to_int(data: bytes) -> int:
    return int.from_bytes(data, "big")
