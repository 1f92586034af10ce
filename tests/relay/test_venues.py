"""One venue among several: claims with a share only, a stake behind them, and a double claim that costs it."""

from __future__ import annotations

import dataclasses

import pytest
from fake_verifier import FakeVerifier, fake_proof

from zkrelay.errors import (
    EntryPointClosed,
    InvalidEvidence,
    InvalidProof,
    MalformedInput,
    NonCanonicalNumber,
    NotStaked,
    NullifierSpent,
    StoreError,
    WrongVenue,
)
from zkrelay.groth16 import Proof
from zkrelay.relay.domain import SEVERAL_VENUES
from zkrelay.relay.identity import SessionKey
from zkrelay.relay.merkle import MerkleTree
from zkrelay.relay.note import Note
from zkrelay.relay.receipt import Receipt
from zkrelay.relay.refund import RefundRequest
from zkrelay.relay.registration import leave_context, register_context
from zkrelay.relay.settlement import Submission
from zkrelay.relay.slash import recover, recover_node, slash_handle
from zkrelay.relay.statement import ClaimStatement, SharedClaimStatement
from zkrelay.relay.store import Payment

from .ledger import SLOTS, STAKES, START, Ledger
from .parties import CONTEXT, DOMAIN, FUNDING, Session, make_session

MODE_1 = dataclasses.replace(DOMAIN, mode=SEVERAL_VENUES)
STAKE = 500
SESSION = make_session(domain=MODE_1)


def venue_ledger(venue: int, **settings: object) -> Ledger:
    closed = {"batch_verifiers": None, "funding": None, "open_verifier": None}
    return Ledger(**{"domain": MODE_1, "venue": venue, **closed, **settings})  # type: ignore[arg-type]


@pytest.fixture
def venues() -> tuple[Ledger, Ledger]:
    """Two venues that took the same deposit, at which the session's node has a stake each."""
    ledgers = venue_ledger(0, min_stake=STAKE), venue_ledger(1, min_stake=STAKE)
    for ledger in ledgers:
        ledger.settlement.deposit(SESSION.note.inner, SESSION.note.cap, SESSION.note.expiry)
        register(ledger, STAKE)
    return ledgers


def register(ledger: Ledger, amount: int) -> None:
    payee = SESSION.node.payee
    context = register_context(MODE_1, payee, 0xADD, amount)
    ledger.settlement.register(payee, 0xADD, amount, fake_proof([payee, context]))


def claim(session: Session = SESSION, **changes: object) -> SharedClaimStatement:
    tree = MerkleTree(MODE_1.arity, MODE_1.depth)
    tree.append(session.note.cm)
    found = session.claim(**{"domain": MODE_1, "proof": tree.proof(0), "epoch": START, **changes}).statement
    assert isinstance(found, SharedClaimStatement)
    return found


def redeem(ledger: Ledger, statement: ClaimStatement) -> Payment:
    return redeem_with(ledger, statement, fake_proof(statement))


def redeem_with(ledger: Ledger, statement: ClaimStatement, proof: Proof) -> Payment:
    return ledger.settlement.redeem(statement.public_inputs, CONTEXT, proof)


def test_a_double_claim_is_paid_by_both_and_costs_both_stakes(venues: tuple[Ledger, Ledger]) -> None:
    statements = [claim(venue=venue) for venue in (0, 1)]
    paid = [redeem(ledger, statement) for ledger, statement in zip(venues, statements, strict=True)]
    assert [payment.nf for payment in paid] == [statements[0].nf] * 2
    evidence = recover(*statements)
    assert (evidence.identity, evidence.secret) == (SESSION.node.payee, SESSION.node.kn)
    kept = [ledger.settlement.share(statements[0].nf) for ledger in venues]
    assert kept == [statement.share for statement in statements]
    assert recover_node(*kept) == evidence  # type: ignore[arg-type]
    handle = slash_handle(MODE_1.value, evidence.identity, evidence.secret, 0x51A5, 99)
    for ledger in venues:
        ledger.settlement.commit(handle)
        ledger.now += 1
        reward, burnt = ledger.settlement.slash(evidence.identity, evidence.secret, 0x51A5, 99)
        assert (reward.recipient, reward.money + burnt.money) == (0x51A5, STAKE)
        other = claim(make_session(domain=MODE_1, key=SessionKey.from_seed(b"another")), venue=ledger.settlement.venue)
        ledger.settlement.deposit(5, 5000, START + 9)
        fresh = dataclasses.replace(other, root=ledger.settlement.root)
        ledger.refuses(NotStaked, lambda led=ledger, s=fresh: redeem(led, s))  # type: ignore[misc]


def test_what_two_venues_keep_convicts_nobody_else(venues: tuple[Ledger, Ledger]) -> None:
    """A share that was refused is not kept, and shares that are not on one node's line are no evidence."""
    first, second = claim(), claim(venue=1)
    venues[0].refuses(InvalidProof, lambda: redeem_with(venues[0], first, fake_proof(second)))
    venues[0].refuses(WrongVenue, lambda: redeem(venues[0], second))
    assert venues[0].settlement.share(first.nf) is None
    redeem(venues[0], first)
    venues[0].refuses(NullifierSpent, lambda: redeem(venues[0], claim(amount=first.amount - 1)))
    kept = venues[0].settlement.share(first.nf)
    assert kept == first.share
    moved = dataclasses.replace(second.share, y=second.y - 1)
    foreign = dataclasses.replace(second.share, nf=second.nf - 1)
    for other in (kept, moved, foreign):
        with pytest.raises(InvalidEvidence):
            recover_node(kept, other)
    with pytest.raises(NonCanonicalNumber):
        venues[0].settlement.share(-1)


def test_slash_honest_retry_safe(venues: tuple[Ledger, Ledger]) -> None:
    """The same venue and amount again, in another epoch: refused as spent, and no offence."""
    first = claim()
    redeem(venues[0], first)
    venues[0].now += 1
    again = claim(epoch=START + 1)
    venues[0].refuses(NullifierSpent, lambda: redeem(venues[0], again))
    with pytest.raises(InvalidEvidence, match="no offence"):
        recover(first, again)


def test_a_second_amount_at_one_venue_is_refused_and_convicts(venues: tuple[Ledger, Ledger]) -> None:
    first, second = claim(), claim(amount=5)
    redeem(venues[0], first)
    venues[0].refuses(NullifierSpent, lambda: redeem(venues[0], second))
    assert recover(first, second).secret == SESSION.node.kn


def test_each_venue_pays_its_own_claims(venues: tuple[Ledger, Ledger]) -> None:
    venues[1].refuses(WrongVenue, lambda: redeem(venues[1], claim(venue=0)))
    venues[0].refuses(WrongVenue, lambda: redeem(venues[0], claim(venue=2)))


def test_no_claim_without_a_share(venues: tuple[Ledger, Ledger]) -> None:
    shared = claim()
    bare = shared.public_inputs[:7]
    venues[0].refuses(MalformedInput, lambda: venues[0].settlement.redeem(bare, CONTEXT, fake_proof(bare)))
    single = Ledger()
    single.refuses(MalformedInput, lambda: redeem(single, shared), match="7 public inputs here, not 9")
    moved = dataclasses.replace(shared, x=shared.x ^ 1)
    venues[0].refuses(
        InvalidProof, lambda: venues[0].settlement.redeem(moved.public_inputs, CONTEXT, fake_proof(shared))
    )


class TestMinStake:
    def test_unregistered(self) -> None:
        ledger = venue_ledger(0, min_stake=STAKE)
        ledger.settlement.deposit(SESSION.note.inner, SESSION.note.cap, SESSION.note.expiry)
        ledger.refuses(NotStaked, lambda: redeem(ledger, claim()), match="at least 500")
        register(ledger, STAKE - 1)
        ledger.refuses(NotStaked, lambda: redeem(ledger, claim()))

    def test_a_leaving_node_has_claimed_for_the_last_time(self, venues: tuple[Ledger, Ledger]) -> None:
        """The lock is what slashers have left: no claim may come in its last epoch."""
        leave(venues[0])
        venues[0].refuses(NotStaked, lambda: redeem(venues[0], claim()))

    def test_many_at_once(self) -> None:
        ledger = venue_ledger(0, min_stake=STAKE)
        ledger.settlement.deposit(SESSION.note.inner, SESSION.note.cap, SESSION.note.expiry)
        statement = claim()
        submission = Submission(statement.public_inputs, CONTEXT, fake_proof(statement))
        (outcome,) = ledger.settlement.redeem_many([submission])
        assert isinstance(outcome, NotStaked)

    def test_none_asked_for(self) -> None:
        ledger = venue_ledger(7)
        ledger.settlement.deposit(SESSION.note.inner, SESSION.note.cap, SESSION.note.expiry)
        redeem(ledger, claim(venue=7))


def leave(ledger: Ledger, venue: int | None = None) -> None:
    payee, venue = SESSION.node.payee, ledger.settlement.venue if venue is None else venue
    context = leave_context(MODE_1, payee, START, venue)
    ledger.settlement.leave(payee, fake_proof([payee, context]))


def test_leaving_one_venue_is_not_leaving_the_other(venues: tuple[Ledger, Ledger]) -> None:
    """Somebody who saw the proof at venue 0 cannot make the node leave venue 1."""
    venues[1].refuses(InvalidProof, lambda: leave(venues[1], venue=0))
    leave(venues[1])
    venues[1].now += STAKES.lock
    assert venues[1].settlement.withdraw(SESSION.node.payee).money == STAKE


def test_no_refunds_among_several_venues() -> None:
    """Another venue may have paid the note, and a refund shows no share."""
    ledger = venue_ledger(0)
    key = SessionKey.from_seed(b"a client")
    note = Note(MODE_1.value, 7, key.public, rho=1, cap=5000, expiry=START)
    ledger.deposit(note)
    ledger.now += 1000
    request = RefundRequest.sign(key, note, recipient=9)
    ledger.refuses(EntryPointClosed, lambda: ledger.settlement.refund(request), match="no refunds")


def test_no_batch_among_several_venues() -> None:
    with pytest.raises(MalformedInput, match="shows no share"):
        venue_ledger(0, batch_verifiers={SLOTS: FakeVerifier()})
    ledger = venue_ledger(0)
    ledger.fund()
    batch = ledger.batch(domain=MODE_1.value)
    ledger.refuses(EntryPointClosed, lambda: ledger.redeem_batch(batch))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"domain": DOMAIN, "venue": 1}, "only venue"),
        ({"domain": DOMAIN, "min_stake": 1}, "single venue"),
        ({"venue": -1}, "venue"),
        ({"venue": 1 << 32}, "venue"),
        ({"min_stake": -1}, "min_stake"),
        ({"min_stake": 1 << 192}, "min_stake"),
        ({"venue": 1, "funding": FUNDING}, "spent at venue 0"),
    ],
)
def test_rules_that_a_venue_cannot_keep(settings: dict[str, object], message: str) -> None:
    with pytest.raises(MalformedInput, match=message):
        venue_ledger(**{"venue": 0, **settings})  # type: ignore[arg-type]


@pytest.mark.parametrize("settings", [{"venue": 2}, {"venue": 1, "min_stake": 5}])
def test_venue_and_stake_are_pinned(settings: dict[str, int]) -> None:
    store = venue_ledger(1).store
    venue_ledger(1, store=store)
    with pytest.raises(StoreError, match="another"):
        venue_ledger(**settings, store=store)


def test_receipts_beyond_the_session_change_nothing() -> None:
    """A better receipt for the same amount is the same point."""
    better = Receipt.sign(SESSION.key, SESSION.note.cm, SESSION.receipt.num_bytes + 1)
    with pytest.raises(InvalidEvidence, match="no offence"):
        recover(claim(), claim(receipt=better))
