"""From closed sessions to money: ledgers that are down, answers that are lost, epochs that pass, workers that die."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from paid_world import DOMAIN, EPOCH, EXPIRY, UNIT, Clock, Escrow, point_proof
from tunnel.collector import Collector, Proving
from tunnel.priority import DutyCycle
from tunnel.sessions import CLAIMED, CLOSED, EMPTY, LOST, SessionFile
from tunnel.wallet import Wallet

from zkrelay.errors import MalformedInput, ZkrelayError
from zkrelay.groth16 import Proof
from zkrelay.relay.acceptor import SessionAcceptor
from zkrelay.relay.batch import Batch
from zkrelay.relay.claim import Claim
from zkrelay.relay.context import ClaimContext
from zkrelay.relay.identity import NodeIdentity
from zkrelay.relay.receipt import Receipt
from zkrelay.relay.refund import RefundRequest

CONTEXT = ClaimContext(payout_address=0xBEEF)
CAP = 100 * UNIT


class FakeProving(Proving):
    def __init__(self, num_slots: int) -> None:
        self.num_slots = num_slots
        self.made = 0
        self.dies_next = False
        self.fails_next = False

    def prove(self, work: Claim | Batch) -> Proof:
        self.made += 1
        if self.dies_next:
            self.dies_next = False
            raise Killed
        if self.fails_next:
            self.fails_next = False
            raise ZkrelayError("no memory")
        return point_proof(work.statement.public_inputs)


class Killed(BaseException):
    """What SIGKILL does to a process, for this process."""


@dataclass
class Till:
    """A session file with sessions to claim, a ledger, and the seconds that go by."""

    folder: Path
    escrow: Escrow
    sessions: SessionFile
    wallet: Wallet
    identity: NodeIdentity
    seconds: float = 0.0
    signed: list[int] = field(default_factory=list)

    def close_sessions(self, sizes: Sequence[int], expiry: int = EXPIRY) -> None:
        for size in sizes:
            funded = self.wallet.fund(self.escrow, self.identity.payee, CAP, expiry)
            acceptor = SessionAcceptor(funded.note)
            self.sessions.add(funded.note, funded.position, acceptor.state())
            acceptor.meter.accept(Receipt.sign(funded.key, funded.note.cm, size))
            self.sessions.save({funded.note.cm: acceptor.state()})
            self.sessions.end(funded.note.cm, claimable=size >= UNIT)
            self.signed.append(size)

    def collector(self, proving: FakeProving) -> Collector:
        return Collector(
            self.escrow, self.sessions, self.identity, proving, CONTEXT, clock=lambda: self.seconds, pause_s=(1, 60)
        )

    @property
    def due(self) -> int:
        """Whole units of each session, in money."""
        return sum(DOMAIN.price(size // UNIT) for size in self.signed)

    @property
    def paid(self) -> int:
        return sum(payment.money for payment in self.escrow.ledger.payments())

    def stages(self) -> dict[str, int]:
        found = self.sessions.statistics()
        return {stage: found[stage] for stage in (CLOSED, CLAIMED, EMPTY, LOST) if found[stage]}


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    with SessionFile(tmp_path / "sessions") as sessions, Wallet(tmp_path / "wallet") as wallet:
        yield Till(tmp_path, Escrow(Clock()), sessions, wallet, NodeIdentity.generate())


def run_down(collector: Collector, most: int = 200) -> int:
    steps = 0
    while collector.step():
        steps += 1
        assert steps < most, "it goes round in circles"
    return steps


SIZES = [UNIT, 5 * UNIT + 7, 100 * UNIT, UNIT - 1, 3 * UNIT, 42 * UNIT]
FEW = [5 * UNIT + 7, UNIT - 1, 3 * UNIT]
SLOTS = pytest.mark.parametrize("slots", [1, 4])


@SLOTS
def test_every_closed_session_is_paid_once_and_to_the_unit(till: Till, slots: int) -> None:
    till.close_sessions(SIZES)
    proving = FakeProving(slots)
    run_down(till.collector(proving))
    assert till.stages() == {CLAIMED: 5, EMPTY: 1}
    assert till.paid == till.due == 3 * till.sessions.statistics()["claimed_units"]
    assert proving.made == (5 if slots == 1 else 2)
    assert run_down(till.collector(proving)) == 0


@SLOTS
def test_a_ledger_that_is_down_for_hours_loses_no_claim(till: Till, slots: int) -> None:
    till.close_sessions(FEW)
    collector = till.collector(FakeProving(slots))
    assert collector.step()  # one group is formed
    till.escrow.is_down = True
    for _ in range(200):
        assert not collector.step()
        till.seconds += 30
        till.escrow.clock.epoch = EPOCH + int(till.seconds // 3600)
    assert till.escrow.asked < 150  # the pauses grow
    assert till.paid == 0
    till.escrow.is_down = False
    till.seconds += 100
    run_down(collector)
    assert till.stages() == {CLAIMED: 2, EMPTY: 1} and till.paid == till.due


@SLOTS
@pytest.mark.parametrize("epochs_later", [1, 3, 7])
def test_a_proof_that_came_too_late_is_made_anew(till: Till, slots: int, epochs_later: int) -> None:
    till.close_sessions(FEW)
    proving = FakeProving(slots)
    collector = till.collector(proving)
    while proving.made == 0:
        assert collector.step()
    till.escrow.clock.epoch += epochs_later
    run_down(collector)
    assert till.stages() == {CLAIMED: 2, EMPTY: 1} and till.paid == till.due


@SLOTS
def test_an_answer_that_was_lost_is_no_second_claim(till: Till, slots: int) -> None:
    till.close_sessions(FEW)
    collector = till.collector(FakeProving(slots))
    for _ in range(3):
        till.escrow.answers_lost = True
        while collector.step():
            pass
        till.seconds += 100
    run_down(collector)
    assert till.stages() == {CLAIMED: 2, EMPTY: 1} and till.paid == till.due


@SLOTS
def test_a_collector_that_dies_in_its_proof_makes_the_same_one_again(till: Till, slots: int) -> None:
    till.close_sessions(FEW)
    proving = FakeProving(slots)
    for _ in range(3):
        proving.dies_next = True
        with pytest.raises(Killed):
            run_down(till.collector(proving))
    run_down(till.collector(proving))
    assert till.stages() == {CLAIMED: 2, EMPTY: 1} and till.paid == till.due


def test_a_proof_that_fails_holds_up_no_other(till: Till) -> None:
    till.close_sessions(FEW)
    proving = FakeProving(1)
    proving.fails_next = True
    collector = till.collector(proving)
    run_down(collector)
    assert till.stages() == {CLAIMED: 1, CLOSED: 1, EMPTY: 1}
    till.seconds += 2
    run_down(collector)
    assert till.paid == till.due


def test_other_slots_than_before_form_other_groups(till: Till) -> None:
    till.close_sessions(FEW)
    collector = till.collector(FakeProving(4))
    assert collector.step() and collector.step()
    run_down(till.collector(FakeProving(1)))
    assert till.stages() == {CLAIMED: 2, EMPTY: 1} and till.paid == till.due


def test_a_batch_is_waited_for_no_longer_than_said(till: Till) -> None:
    till.close_sessions(FEW[::2])
    proving = FakeProving(4)
    collector = Collector(
        till.escrow, till.sessions, till.identity, proving, CONTEXT, gather_s=60, clock=lambda: till.seconds
    )
    assert not collector.step()
    till.seconds = 59
    assert not collector.step()
    till.seconds = 60
    run_down(collector)
    assert proving.made == 1 and till.paid == till.due


def paced(till: Till, proving: FakeProving) -> Collector:
    """Each proof takes ten seconds, a tenth of the time."""
    begun = iter(range(10**6))
    duty = DutyCycle(0.1, clock=lambda: till.seconds, spent=lambda: 10.0 * next(begun))
    return Collector(till.escrow, till.sessions, till.identity, proving, CONTEXT, duty=duty, clock=lambda: till.seconds)


def test_proofs_keep_their_pace_and_nothing_else_waits_for_it(till: Till) -> None:
    till.close_sessions(FEW[::2])
    proving = FakeProving(1)
    collector = paced(till, proving)
    run_down(collector)
    assert proving.made == 1 and till.stages() == {CLAIMED: 1, CLOSED: 1}
    till.close_sessions([7 * UNIT])
    run_down(collector)
    assert proving.made == 1 and len(till.sessions.groups()) == 2  # committed in time all the same
    till.seconds = 99
    assert not collector.step()
    till.seconds = 100
    run_down(collector)
    assert proving.made == 2
    till.seconds = 200
    run_down(collector)
    assert proving.made == 3 and till.stages() == {CLAIMED: 3} and till.paid == till.due


def test_claims_of_an_epoch_that_is_over_are_proved_at_once(till: Till) -> None:
    till.close_sessions([3 * UNIT, 5 * UNIT, 7 * UNIT])
    proving = FakeProving(1)
    collector = paced(till, proving)
    run_down(collector)
    assert proving.made == 1
    till.escrow.clock.epoch += 1
    till.close_sessions([9 * UNIT])  # of the new epoch: it has time
    run_down(collector)
    assert proving.made == 3 and till.stages() == {CLAIMED: 3, CLOSED: 1}


def test_committed_by_expiry_is_paid_after_it(till: Till) -> None:
    till.close_sessions([5 * UNIT], expiry=EPOCH)
    proving = FakeProving(1)
    proving.dies_next = True
    with pytest.raises(Killed):
        run_down(till.collector(proving))  # committed, not proved
    till.escrow.clock.epoch += 2
    run_down(till.collector(proving))
    assert till.stages() == {CLAIMED: 1} and till.paid == till.due


def test_not_committed_by_expiry_is_lost_and_said_so(till: Till, caplog: pytest.LogCaptureFixture) -> None:
    till.close_sessions([5 * UNIT], expiry=EPOCH)
    till.escrow.clock.epoch += 2
    run_down(till.collector(FakeProving(1)))
    assert till.stages() == {LOST: 1} and till.paid == 0
    assert "could not be claimed before their notes expired" in caplog.text


def test_a_note_that_its_client_got_back_is_not_called_claimed(till: Till) -> None:
    till.close_sessions([5 * UNIT], expiry=EPOCH)
    funded = till.wallet.next_note(DOMAIN)
    assert funded is not None
    proving = FakeProving(1)
    collector = till.collector(proving)
    while proving.made == 0:
        assert collector.step()
    till.escrow.clock.epoch += 3
    till.escrow.ledger.refund(RefundRequest.sign(funded.key, funded.note, recipient=7))
    run_down(collector)
    assert till.stages() == {LOST: 1}


def test_several_venues_are_refused(till: Till) -> None:
    class Elsewhere(Escrow):
        pass

    escrow = Elsewhere(Clock())
    escrow.domain = type(DOMAIN)(**{**DOMAIN.to_dict(), "mode": 1})
    with pytest.raises(MalformedInput):
        Collector(escrow, till.sessions, till.identity, FakeProving(1), CONTEXT)
