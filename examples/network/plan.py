"""Who is there, and who fetches what through whom."""

from __future__ import annotations

import random
from dataclasses import dataclass

MEBIBYTE = 1 << 20
UNIT = MEBIBYTE
NODES = ("relay-1", "relay-2", "exit")  # each takes circuits from the one before it
CLIENTS = ("alice", "bob")
SINGLE = 1  # slots of a claim that is proved by itself


@dataclass(frozen=True)
class Journey:
    """One file for ``client`` through the last ``hops`` of the nodes."""

    client: str
    hops: int
    file_bytes: int

    @property
    def way(self) -> tuple[str, ...]:
        return NODES[len(NODES) - self.hops :]


@dataclass(frozen=True)
class Scale:
    """How large all of it is.

    ``journeys`` of each client are made one after the other.  ``slots`` are those of the batch circuit, over a note
    tree of ``arity`` and ``depth``; ``singly`` are the nodes that prove each claim by itself.
    """

    arity: int
    depth: int
    slots: int
    journeys: tuple[Journey, ...]
    singly: frozenset[str] = frozenset({"relay-1"})

    def of_client(self, client: str) -> list[Journey]:
        return [journey for journey in self.journeys if journey.client == client]

    def slots_of(self, node: str) -> int:
        return SINGLE if node in self.singly else self.slots

    @property
    def file_bytes(self) -> int:
        return sum(journey.file_bytes for journey in self.journeys)


def full(megabytes: int = 4) -> Scale:
    """Eight sessions at the exit, which fill one batch8; five at relay 2; three at relay 1, claimed one by one."""
    hops = {"alice": (1, 1, 2, 1, 2), "bob": (3, 3, 3)}
    return Scale(4, 4, 8, _journeys(hops, megabytes * MEBIBYTE))


def quick() -> Scale:
    """The same with the smallest circuits, for a test."""
    return Scale(2, 4, 2, _journeys({"alice": (1, 2), "bob": (3,)}, MEBIBYTE))


def _journeys(hops: dict[str, tuple[int, ...]], least: int) -> tuple[Journey, ...]:
    """Files of odd sizes, so that no session ends at a whole unit."""
    return tuple(
        Journey(client, number, least + random.randrange(1, UNIT)) for client, ways in hops.items() for number in ways
    )


def note_cap(journey: Journey) -> int:
    """What a note for one hop of a journey is good for: the file, what circuits and HTTP add, and some to spare."""
    return (journey.file_bytes * 5 // 4 // UNIT + 2) * UNIT
