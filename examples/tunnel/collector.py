"""Closed sessions become money: grouped, committed, proved and redeemed, with every step on disk before the next.

    closed session --> group of one proof --> commit(handle) --> proof on disk --> redeem --> claimed

A group's claims are made of what the session file holds, so that a collector that was killed makes the same ones again.
Whatever it does not know, it asks the ledger: a note that is spent, and could not be refunded yet, was paid to us, for
nobody else can claim it.

A ledger that gives no answer, or refuses for a reason that is not the claim's, is asked again after a pause that
doubles.  A claim whose epoch has passed is made anew in a later one, for as long as the note allows.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from zkrelay.errors import Expired, MalformedInput, NotCommitted, NullifierSpent, UnknownRoot, ZkrelayError
from zkrelay.groth16 import Proof, Prover
from zkrelay.relay.batch import Batch
from zkrelay.relay.claim import Claim
from zkrelay.relay.context import ClaimContext
from zkrelay.relay.domain import SINGLE_VENUE
from zkrelay.relay.identity import NodeIdentity
from zkrelay.relay.nullifier import note_nullifier
from zkrelay.relay.proving import prove_batch, prove_claim
from zkrelay.relay.submission import BatchSubmission, ClaimSubmission

from .errors import LedgerUnavailable
from .ledger import Settlement
from .ledger_view import LedgerView
from .priority import DutyCycle
from .sessions import CLAIMED, LOST, Group, SessionFile, StoredSession

log = logging.getLogger("tunnel")


class Proving(Protocol):
    """Whoever makes proofs, for groups of at most ``num_slots`` sessions; 1 for single claims."""

    num_slots: int

    def prove(self, work: Claim | Batch) -> Proof: ...


class LibraryProving(Proving):
    """Proofs by the library's ``Prover``: of the claim circuit, or of a batch circuit with ``num_slots`` slots."""

    def __init__(self, prover: Prover, num_slots: int = 1, *, threads: int = 1) -> None:
        self._prover, self.num_slots, self._threads = prover, num_slots, threads

    def prove(self, work: Claim | Batch) -> Proof:
        if isinstance(work, Batch):
            return prove_batch(work, self._prover, threads=self._threads)
        return prove_claim(work, self._prover, threads=self._threads)


class Collector:
    """One at a time for a session file.  Call ``step`` for as long as the node lives."""

    def __init__(
        self,
        settlement: Settlement,
        sessions: SessionFile,
        identity: NodeIdentity,
        proving: Proving,
        context: ClaimContext,
        *,
        gather_s: float = 0.0,
        pause_s: tuple[float, float] = (1.0, 60.0),
        duty: DutyCycle | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """
        Args:
            context: where the money goes.
            gather_s: how long sessions wait for others that fill their batch.
            pause_s: the shortest and the longest pause before something is tried again.
            duty: of proving, by default without pauses.  Claims of an epoch that is over do not wait for it: their
                time may run out.

        Raises ``MalformedInput`` for a domain with several venues, whose claims need a journal.
        """
        if settlement.domain.mode != SINGLE_VENUE:
            raise MalformedInput("the collector claims in domains with a single venue")
        self._settlement, self._domain, self._sessions = settlement, settlement.domain, sessions
        self._identity, self._proving, self._context = identity, proving, context
        self._gather_s, self._pause_s, self._clock = gather_s, pause_s, clock
        self._duty = duty or DutyCycle()
        self._view = LedgerView(settlement)
        self._committed: set[int] = set()
        self._gathering_since: float | None = None
        self._silences, self._ask_again_at = 0, 0.0

    def step(self) -> bool:
        """Do the next thing that can be done; False when there is nothing to do now.  Raises ``StoreError``."""
        if self._clock() < self._ask_again_at:
            return False
        try:
            did = self._step()
        except LedgerUnavailable as error:
            log.warning("collector: the ledger gives no answer: %s", error)
            self._ask_again_at = self._clock() + self._pause(self._silences)
            self._silences += 1
            return False
        self._silences = 0
        return did

    def _step(self) -> bool:
        if self._form_group():
            return True
        due = [group for group in self._sessions.groups() if group.next_at <= self._clock()]
        for group in due:
            if group.submission is not None:
                self._redeem(group, group.submission)
                return True
        for group in due:
            if group.id not in self._committed:
                self._commit(group)
                return True
        for group in due:
            if group.epoch < self._view.now or self._duty.pause_s == 0:
                with self._duty.work():
                    self._prove(group)
                return True
        return False

    def _form_group(self) -> bool:
        """Sessions that can be claimed in the same epoch, as many as one proof takes."""
        waiting = self._sessions.ungrouped(self._proving.num_slots)
        if not waiting:
            self._gathering_since = None
            return False
        if self._gathering_since is None:
            self._gathering_since = self._clock()
        if len(waiting) < self._proving.num_slots and self._clock() < self._gathering_since + self._gather_s:
            return False
        self._view.refresh()
        self._view.grow()
        now = self._view.now
        epoch = min(now, waiting[0].note.expiry)
        cms = [session.note.cm for session in waiting if min(now, session.note.expiry) == epoch]
        self._sessions.group(cms, epoch, self._view.size)
        self._gathering_since = None
        return True

    def _commit(self, group: Group) -> None:
        """Record the handle; a group whose epoch is no longer paid is formed anew, or lost."""
        work = self._build(group)
        if work is None:
            return
        handle = work.statement.h if isinstance(work, Batch) else work.statement.cc
        recorded = self._settlement.commit(handle)
        self._view.refresh()
        now, epoch = self._view.now, group.epoch
        if now - 1 <= epoch <= now or (recorded <= epoch and now <= epoch + self._view.window):
            self._committed.add(group.id)
            return
        members = self._sessions.members(group.id)
        late = [session for session in members if min(now, session.note.expiry) == epoch]
        if late:
            log.error("collector: %d sessions could not be claimed before their notes expired", len(late))
        self._sessions.settle(group.id, {session.note.cm: (LOST, 0) for session in late})

    def _prove(self, group: Group) -> None:
        work = self._build(group)
        if work is None:
            return
        try:
            proof = self._proving.prove(work)
        except ZkrelayError as error:
            self._postpone(group, error)
            return
        if isinstance(work, Batch):
            fields = BatchSubmission(work.statement, self._context, proof).to_dict()
        else:
            fields = ClaimSubmission(work.statement, self._context, proof).to_dict()
        self._sessions.proved(group.id, fields)

    def _redeem(self, group: Group, fields: Mapping[str, Any]) -> None:
        kind = BatchSubmission if "nullifiers" in fields["statement"] else ClaimSubmission
        try:
            money = self._settlement.redeem(kind.from_dict(fields))
        except LedgerUnavailable:
            raise
        except NullifierSpent:
            self._settle_spent(group)
        except (Expired, NotCommitted):
            self._sessions.settle(group.id, {})
        except UnknownRoot as error:
            self._view = LedgerView(self._settlement)
            self._sessions.settle(group.id, {})
            raise LedgerUnavailable("its tree is not the one that it showed before") from error
        except ZkrelayError as error:
            self._postpone(group, error)
        else:
            members = self._sessions.members(group.id)
            self._sessions.settle(group.id, {session.note.cm: (CLAIMED, self._units(session)) for session in members})
            log.info("collector: paid %d for %d sessions", money, len(members))

    def _settle_spent(self, group: Group) -> None:
        """A note that is spent was paid to us, unless its client could have had it back."""
        self._view.refresh()
        outcomes = {}
        for session in self._sessions.members(group.id):
            note = session.note
            if self._settlement.is_spent(note_nullifier(note.cm, note.rho)):
                is_ours = self._view.now <= note.expiry + self._view.window
                if not is_ours:
                    log.error("collector: a note is spent, by a claim of ours or by its refund")
                outcomes[note.cm] = (CLAIMED, self._units(session)) if is_ours else (LOST, 0)
        self._sessions.settle(group.id, outcomes)

    def _build(self, group: Group) -> Claim | Batch | None:
        """The group's claim; None when there is none any more, or none can be made now."""
        members = self._sessions.members(group.id)
        if not 1 <= len(members) <= self._proving.num_slots:
            self._sessions.settle(group.id, {})
            return None
        if self._view.size < group.tree_size:
            self._view.grow()
        try:
            claims = [self._claim(session, group) for session in members]
            return claims[0] if self._proving.num_slots == 1 else Batch.build(claims, self._proving.num_slots)
        except ZkrelayError as error:
            self._postpone(group, error)
            return None

    def _claim(self, session: StoredSession, group: Group) -> Claim:
        proof = self._view.proof(session.position, group.tree_size)
        best = session.best
        assert best is not None  # a session without a receipt is never closed as one to claim
        return Claim.build(self._domain, session.note, best, self._identity, proof, self._context, epoch=group.epoch)

    def _units(self, session: StoredSession) -> int:
        best = session.best
        return 0 if best is None else min(self._domain.units(best.num_bytes), self._domain.max_amount)

    def _postpone(self, group: Group, error: ZkrelayError) -> None:
        log.error("collector: tried again later: %s: %s", type(error).__name__, error)
        self._sessions.postpone(group.id, self._clock() + self._pause(group.attempts))

    def _pause(self, failures: int) -> float:
        """Doubled with each failure, and never the same for all who wait for one ledger."""
        shortest, longest = self._pause_s
        return float(min(shortest * 2.0 ** min(failures, 32), longest)) * random.uniform(0.75, 1.25)
