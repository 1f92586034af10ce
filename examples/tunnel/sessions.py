"""The node's sessions in one file: what each client signed, and how far its claim has come.  It survives SIGKILL.

    open      its client may come back; the counters and the best receipt are here
    closed    over: its best receipt is to be claimed
    claimed   paid by the ledger, for ``units``
    empty     over, and signed for less than one unit: nothing to claim
    lost      could not be claimed any more, with a reason in the log

Closed sessions are claimed in groups of one proof.  A group remembers what its proof is about (epoch and size of the
note tree), so that a worker that was killed goes on with the same claim.

The file holds notes with their secrets: mode 0600.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from zkrelay.relay.meter import ReceiptMeter
from zkrelay.relay.note import Note
from zkrelay.relay.receipt import Receipt
from zkrelay.relay.sqlite_file import PrivateSqliteFile

OPEN, CLOSED, CLAIMED, EMPTY, LOST = "open", "closed", "claimed", "empty", "lost"


@dataclass(frozen=True)
class StoredSession:
    """``state`` is a ``SessionAcceptor``'s."""

    note: Note = field(repr=False)
    position: int
    state: Mapping[str, Any] = field(repr=False)
    stage: str
    units: int

    @property
    def best(self) -> Receipt | None:
        return ReceiptMeter.resume(self.note, self.state["meter"]).best


@dataclass(frozen=True)
class Group:
    """Sessions to be claimed by one proof, under the root that the tree had with ``tree_size`` notes."""

    id: int
    epoch: int
    tree_size: int
    submission: Mapping[str, Any] | None
    attempts: int
    next_at: float


class SessionFile(PrivateSqliteFile):
    """For any number of threads and processes of one node.  What a call wrote is on disk when it returns."""

    KIND = "session file"
    APPLICATION_ID = 0x7A6B7273  # "zkrs"
    VERSION = 1
    SCHEMA = (
        "CREATE TABLE sessions (cm BLOB PRIMARY KEY, note TEXT NOT NULL, position INTEGER NOT NULL, "
        "state TEXT NOT NULL, stage TEXT NOT NULL, batch INTEGER, units TEXT) WITHOUT ROWID",
        "CREATE INDEX stages ON sessions (stage, batch)",
        "CREATE TABLE batches (id INTEGER PRIMARY KEY AUTOINCREMENT, epoch INTEGER NOT NULL, "
        "tree_size INTEGER NOT NULL, submission TEXT, attempts INTEGER NOT NULL, next_at REAL NOT NULL)",
    )

    # the node's part

    def add(self, note: Note, position: int, state: Mapping[str, Any]) -> None:
        """A session that was admitted; one that is there already stays as it is."""
        row = (_blob(note.cm), json.dumps(note.to_dict()), position, json.dumps(state), OPEN)
        with self._transaction() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO sessions (cm, note, position, state, stage) VALUES (?, ?, ?, ?, ?)", row
            )

    def save(self, states: Mapping[int, Mapping[str, Any]]) -> None:
        """The states of open sessions by cm, in one transaction: one wait for the disk."""
        rows = [(json.dumps(state), _blob(cm), OPEN) for cm, state in states.items()]
        with self._transaction() as connection:
            connection.executemany("UPDATE sessions SET state = ? WHERE cm = ? AND stage = ?", rows)

    def end(self, cm: int, *, claimable: bool) -> None:
        """The session is over, and its receipt final."""
        row = (CLOSED if claimable else EMPTY, _blob(cm), OPEN)
        with self._transaction() as connection:
            connection.execute("UPDATE sessions SET stage = ? WHERE cm = ? AND stage = ?", row)

    def find(self, cm: int) -> StoredSession | None:
        return next(self._sessions("cm = ?", _blob(cm)), None)

    def of_stage(self, stage: str) -> list[StoredSession]:
        return list(self._sessions("stage = ?", stage))

    # the collector's part

    def ungrouped(self, limit: int) -> list[StoredSession]:
        """Closed sessions that are in no group yet."""
        return list(self._sessions("stage = ? AND batch IS NULL LIMIT ?", CLOSED, limit))

    def group(self, cms: Sequence[int], epoch: int, tree_size: int) -> int:
        """Put closed sessions into a new group; all or none.  Returns its id."""
        with self._transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO batches (epoch, tree_size, attempts, next_at) VALUES (?, ?, 0, 0)", (epoch, tree_size)
            )
            number = cursor.lastrowid
            assert number is not None
            connection.executemany(
                "UPDATE sessions SET batch = ? WHERE cm = ? AND stage = ? AND batch IS NULL",
                [(number, _blob(cm), CLOSED) for cm in cms],
            )
        return number

    def groups(self) -> list[Group]:
        """All that are not settled, oldest first."""
        with self._transaction() as connection:
            rows = connection.execute(
                "SELECT id, epoch, tree_size, submission, attempts, next_at FROM batches ORDER BY id"
            ).fetchall()
        return [Group(i, e, size, None if text is None else json.loads(text), a, t) for i, e, size, text, a, t in rows]

    def members(self, group: int) -> list[StoredSession]:
        return list(self._sessions("batch = ? ORDER BY position", group))

    def proved(self, group: int, submission: Mapping[str, Any]) -> None:
        with self._transaction() as connection:
            connection.execute("UPDATE batches SET submission = ? WHERE id = ?", (json.dumps(submission), group))

    def postpone(self, group: int, until: float) -> None:
        """One more attempt failed."""
        with self._transaction() as connection:
            connection.execute("UPDATE batches SET attempts = attempts + 1, next_at = ? WHERE id = ?", (until, group))

    def settle(self, group: int, outcomes: Mapping[int, tuple[str, int]]) -> None:
        """The group is done: (stage, units) of members by cm; those that are not named go into another group."""
        with self._transaction() as connection:
            for cm, (stage, units) in outcomes.items():
                connection.execute(
                    "UPDATE sessions SET stage = ?, units = ? WHERE cm = ? AND batch = ?",
                    (stage, str(units), _blob(cm), group),
                )
            connection.execute("UPDATE sessions SET batch = NULL WHERE batch = ? AND stage = ?", (group, CLOSED))
            connection.execute("DELETE FROM batches WHERE id = ?", (group,))

    def statistics(self) -> dict[str, int]:
        """Bytes that were relayed (as of the last write) and signed for, units that were paid, sessions by stage."""
        found = {
            "relayed_bytes": 0,
            "receipted_bytes": 0,
            "claimed_units": 0,
            OPEN: 0,
            CLOSED: 0,
            CLAIMED: 0,
            EMPTY: 0,
            LOST: 0,
        }
        with self._transaction() as connection:
            rows = connection.execute("SELECT state, stage, units FROM sessions").fetchall()
        for state, stage, units in rows:
            meter = json.loads(state)["meter"]
            packed = meter["receipt"]
            found["relayed_bytes"] += int(meter["relayed"])
            found["receipted_bytes"] += 0 if packed is None else int.from_bytes(bytes.fromhex(packed)[1:9], "little")
            found["claimed_units"] += int(units or 0)
            found[stage] += 1
        return found

    def _sessions(self, where: str, *parameters: object) -> Iterator[StoredSession]:
        query = f"SELECT note, position, state, stage, units FROM sessions WHERE {where}"  # noqa: S608, ours
        with self._transaction() as connection:
            rows = connection.execute(query, parameters).fetchall()
        for note, position, state, stage, units in rows:
            yield StoredSession(Note.from_dict(json.loads(note)), position, json.loads(state), stage, int(units or 0))


def _blob(cm: int) -> bytes:
    return cm.to_bytes(32, "big")
