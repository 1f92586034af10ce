"""What must hold in the end.  Everything is read where it lies: clients' words, nodes' files, the service's books.

program -> client -> node -> receipt on disk -> units claimed -> money paid -> what is left behind notes
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from settlement.client import SettlementClient
from tunnel.sessions import CLAIMED, SessionFile, StoredSession
from tunnel.wallet import FundedNote

from zkrelay.relay.nullifier import note_nullifier

from .plan import CLIENTS, NODES, SINGLE
from .stage import Stage


@dataclass(frozen=True)
class Line:
    """``name`` is short, ``text`` says what was compared, with the numbers."""

    name: str
    text: str
    holds: bool


@dataclass(frozen=True)
class Travelled:
    """What a client said of one journey; ``number`` is the journey's in the scale."""

    number: int
    fetched: Mapping[str, Any]
    hops: Sequence[Mapping[str, Any]]


class Reckoning:
    """``most_unsigned`` is the highest count of unsigned bytes that each node ever reported."""

    def __init__(
        self,
        stage: Stage,
        notes: Sequence[FundedNote],
        travelled: Sequence[Travelled],
        client: SettlementClient,
        most_unsigned: Mapping[str, int],
        window_bytes: int,
    ) -> None:
        self._stage, self._notes, self._travelled = stage, notes, travelled
        self._most_unsigned, self._window = most_unsigned, window_bytes
        self._sessions = {node: _sessions(stage.sessions_path(node)) for node in NODES}
        self._paid = [event.fields for event in client.events(kind="payment")]
        self._spent = {note.note.cm: client.is_spent(note_nullifier(note.note.cm, note.note.rho)) for note in notes}
        self._books = client.balances()

    def lines(self) -> Iterator[Line]:
        yield self._files()
        yield self._exit()
        yield self._hops()
        yield self._window_line()
        yield self._tiers()
        yield self._payments()
        yield self._proofs()
        yield self._notes_line()
        yield from self._money()

    def _files(self) -> Line:
        right = sum(trip.fetched["sha256"] == self._stage.sha256[trip.number] for trip in self._travelled)
        num_bytes = sum(trip.fetched["file_bytes"] for trip in self._travelled)
        total, planned = len(self._stage.scale.journeys), self._stage.scale.file_bytes
        text = f"{right} of {total} arrived with their SHA-256, {num_bytes:,} of {planned:,} bytes"
        return Line("files", text, right == total and num_bytes == planned)

    def _exit(self) -> Line:
        moved = sum(trip.fetched["sent"] + trip.fetched["received"] for trip in self._travelled)
        carried = sum(trip.hops[-1]["carried"] for trip in self._travelled)
        signed = sum(_signed(session) for session in self._sessions["exit"].values())
        each = all(
            trip.fetched["sent"] + trip.fetched["received"] == trip.hops[-1]["carried"] == self._receipt(trip, -1)
            for trip in self._travelled
        )
        text = f"programs moved {moved:,} bytes = clients counted {carried:,} = receipts at the exit {signed:,}"
        return Line("exit", text, each and moved == carried == signed)

    def _hops(self) -> Line:
        compared = [
            (hop["carried"], hop["counted"], hop["signed"], hop["acknowledged"], self._receipt(trip, place), relayed)
            for trip in self._travelled
            for place, hop in enumerate(trip.hops)
            for relayed in [self._relayed(trip, place)]
        ]
        planned = sum(journey.hops for journey in self._stage.scale.journeys)
        kept = sum(len(sessions) for sessions in self._sessions.values())
        total = sum(counts[0] for counts in compared)
        text = (
            f"{len(compared)} sessions, {total:,} bytes: carried = signed = acknowledged = receipted = relayed in each"
        )
        return Line(
            "hops", text, all(len(set(counts)) == 1 for counts in compared) and len(compared) == planned == kept
        )

    def _window_line(self) -> Line:
        most = max(self._most_unsigned.values())
        left = sum(self._relayed_of(s) - _signed(s) for found in self._sessions.values() for s in found.values())
        bound = self._window * len(CLIENTS)  # each has one session at a time with a node
        text = f"at most {most:,} bytes were seen unsigned at a node, of {bound:,} allowed; in the end {left}"
        return Line("window", text, most <= bound and left == 0)

    def _tiers(self) -> Line:
        unit = self._stage.domain.unit
        sessions = [session for found in self._sessions.values() for session in found.values()]
        units = sum(session.units for session in sessions)
        rest = sum(_signed(session) - session.units * unit for session in sessions)
        signed = sum(map(_signed, sessions))
        holds = all(session.units == _signed(session) // unit >= 1 for session in sessions)
        text = f"{signed:,} receipted bytes = {units} paid units of {unit:,} and {rest:,} over, below a unit a session"
        return Line("tiers", text, holds and signed == units * unit + rest)

    def _payments(self) -> Line:
        """By node: what the ledger paid to its address is the price of the units that its file says were claimed."""
        holds, parts = True, []
        for node in NODES:
            units = sum(session.units for session in self._sessions[node].values())
            payout = str(self._stage.parties[node].payout)
            money = sum(int(paid["money"]) for paid in self._paid if paid["recipient"] == payout)
            holds &= money == self._stage.domain.price(units)
            parts.append(f"{node} {money} for {units}")
        return Line("payments", f"{', '.join(parts)} units at {self._stage.domain.price_per_unit}", holds)

    def _proofs(self) -> Line:
        """Sessions of a node that proves in batches came in as few proofs as they fit into."""
        due = {"claim": 0, "batch": 0}
        for node in NODES:
            slots, count = self._stage.scale.slots_of(node), len(self._sessions[node])
            due["claim" if slots == SINGLE else "batch"] += -(-count // slots)
        found = {kind: sum(paid["kind"] == kind for paid in self._paid) for kind in due}
        sessions = sum(len(found) for found in self._sessions.values())
        slots = self._stage.scale.slots
        text = f"{found['batch']} of batch{slots} and {found['claim']} single ones for {sessions} sessions"
        return Line("proofs", text, found == due and len(self._paid) == sum(due.values()))

    def _notes_line(self) -> Line:
        claimed = {cm for found in self._sessions.values() for cm in found}
        holds = all(self._spent[note.note.cm] == (note.note.cm in claimed) for note in self._notes)
        known = claimed <= set(self._spent)
        text = f"{len(claimed)} spent, one for each session; {len(self._notes) - len(claimed)} unspent"
        return Line("notes", text, holds and known)

    def _money(self) -> Iterator[Line]:
        """``paid`` is from the ledger's books, ``refundable`` from its nullifiers, ``forfeited`` from the nodes' files.

        What is forfeited of a session's note is what it was worth beyond the units that were claimed.
        """
        domain = self._stage.domain
        claimed = {cm: session.units for found in self._sessions.values() for cm, session in found.items()}
        units = {note.note.cm: domain.units(note.note.cap) for note in self._notes}
        worth = sum(domain.price(count) for count in units.values())
        paid = sum(int(money) for money in self._books["paid_out"].values())
        refundable = sum(domain.price(count) for cm, count in units.items() if not self._spent[cm])
        forfeited = sum(domain.price(count - claimed[cm]) for cm, count in units.items() if cm in claimed)
        paid_in, locked = int(self._books["paid_in"]), int(self._books["locked"])
        text = f"{paid_in} locked = {paid} paid + {refundable} refundable + {forfeited} forfeited to the pool"
        yield Line("money", text, paid_in == worth == paid + refundable + forfeited)
        text = (
            f"{locked} still in escrow = {refundable} refundable + {forfeited} forfeited; the service's books balance"
        )
        yield Line("escrow", text, locked == refundable + forfeited and self._books["conserved"] is True)

    def _receipt(self, trip: Travelled, place: int) -> int | None:
        session = self._session(trip, place)
        return None if session is None else _signed(session)

    def _relayed(self, trip: Travelled, place: int) -> int | None:
        session = self._session(trip, place)
        return None if session is None else self._relayed_of(session)

    def _session(self, trip: Travelled, place: int) -> StoredSession | None:
        node = self._stage.scale.journeys[trip.number].way[place]
        return self._sessions[node].get(int(trip.hops[place]["cm"]))

    @staticmethod
    def _relayed_of(session: StoredSession) -> int:
        return int(session.state["meter"]["relayed"])


def _sessions(path: Path) -> dict[int, StoredSession]:
    """Those that were claimed; there must be no others, and who counts them finds out."""
    with SessionFile(path) as file:
        return {session.note.cm: session for session in file.of_stage(CLAIMED)}


def _signed(session: StoredSession) -> int:
    best = session.best
    return 0 if best is None else best.num_bytes
