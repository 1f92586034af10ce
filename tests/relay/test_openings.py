"""Tickets at the ledger: sold, spent on notes, taken by slashers, and the money of each."""

from __future__ import annotations

import dataclasses

import pytest
from fake_verifier import FakeVerifier, fake_proof

from zkrelay.curves import bn254
from zkrelay.errors import (
    DuplicateLeaf,
    DuplicateNote,
    EntryPointClosed,
    Expired,
    InsufficientEscrow,
    InvalidEvidence,
    InvalidProof,
    MalformedInput,
    NonCanonicalNumber,
    NotCommitted,
    OverCap,
    Retired,
    TicketSpent,
    TreeFull,
    UnknownRoot,
    WrongContext,
    WrongDomain,
)
from zkrelay.relay.funding import FundingKey, funding_leaf
from zkrelay.relay.opening import Opening, Ticket
from zkrelay.relay.share import Share
from zkrelay.relay.slash import recover_funding, slash_handle
from zkrelay.relay.store import Payment, PaymentKind
from zkrelay.relay.store_funding import SpentTicket

from .ledger import FEE_RECIPIENT, REFUND_PERIOD, STAKES, START, WINDOW, Ledger
from .parties import DOMAIN, FUNDING

R = bn254.FR.modulus
KEY, OTHER = FundingKey(20261128), FundingKey(7)
LIMIT, PRICE = 4, 30  # ten units of 1000 bytes at 3
LOCKED = 24  # 8,500 bytes pay for eight units; the fee is the rest
SLASHER, SALT = 0x51A5, 99


@pytest.fixture
def funded(ledger: Ledger) -> Ledger:
    ledger.settlement.fund(OTHER.identity, 1)
    ledger.settlement.fund(KEY.identity, LIMIT)
    return ledger


def two_notes(ledger: Ledger, number: int = 0) -> tuple[Share, Share]:
    """One ticket, two messages."""
    first, second = (ledger.opening(KEY, number, inner=inner).statement.share for inner in (1001, 1002))
    return first, second


def commit_to_slash(ledger: Ledger, slasher: int = SLASHER) -> None:
    handle = slash_handle(FUNDING.value, KEY.identity, KEY.a0, slasher, SALT)
    ledger.settlement.commit(handle)


class TestFund:
    def test_the_money_waits_in_the_pot(self, funded: Ledger) -> None:
        assert funded.settlement.pots() == {"tickets": (1 + LIMIT) * PRICE}
        assert (funded.settlement.balance, funded.money()) == (0, (1 + LIMIT) * PRICE)

    def test_leaves_by_pages(self, funded: Ledger) -> None:
        funded.settlement.fund(5, 1)
        leaves = funded.settlement.funding_leaves()
        assert [funded.settlement.funding_leaves(first, 1) for first in range(len(leaves))] == [[it] for it in leaves]
        assert funded.settlement.funding_leaves(1, 100) == leaves[1:]
        with pytest.raises(MalformedInput):
            funded.settlement.funding_leaves(0, -1)

    def test_everybody_computes_the_tree(self, funded: Ledger) -> None:
        tree = FUNDING.tree()
        tree.extend(funded.settlement.funding_leaves())
        assert tree.root == funded.settlement.funding_root
        assert funded.settlement.funding_leaves(1) == [funding_leaf(KEY.identity, LIMIT)]
        with pytest.raises(MalformedInput):
            funded.settlement.funding_leaves(3)

    @pytest.mark.parametrize(
        ("identity", "limit", "error"),
        [(KEY.identity, 9, DuplicateLeaf), (R, 1, NonCanonicalNumber), (-1, 1, NonCanonicalNumber)]
        + [(5, limit, MalformedInput) for limit in (0, -1, (1 << 16) + 1, True)],
    )
    def test_refuses(self, funded: Ledger, identity: int, limit: int, error: type[Exception]) -> None:
        funded.refuses(error, lambda: funded.settlement.fund(identity, limit))  # type: ignore[arg-type]

    def test_full(self, funded: Ledger) -> None:
        for n in range(6):
            funded.settlement.fund(100 + n, 1)
        funded.refuses(TreeFull, lambda: funded.settlement.fund(5, 1))

    def test_closed(self) -> None:
        ledger = Ledger(funding=None)
        ledger.refuses(EntryPointClosed, lambda: ledger.settlement.fund(5, 1))
        ledger.refuses(EntryPointClosed, lambda: ledger.settlement.funding_root)
        ledger.refuses(EntryPointClosed, lambda: ledger.settlement.slash_tickets(Share(1, 1, 1), Share(1, 2, 1), 1, 1))

    @pytest.mark.parametrize("changes", [{"ticket_bytes": 999, "fee_bytes": 0}, {"fee_bytes": 9_001}])
    def test_a_ticket_must_buy_a_unit(self, changes: dict[str, int]) -> None:
        with pytest.raises(MalformedInput, match="less than one unit"):
            Ledger(funding=dataclasses.replace(FUNDING, **changes))

    @pytest.mark.parametrize("value", [-1, 1 << 256])
    def test_fee_recipient_is_an_address(self, value: int) -> None:
        with pytest.raises(MalformedInput, match="fee_recipient"):
            Ledger(fee_recipient=value)


class TestOpen:
    def test_pot_note_and_fee(self, funded: Ledger) -> None:
        """D leaves the pot: what the cap costs is locked, and not counted again; the rest is the fee."""
        opening = funded.opening(KEY)
        ticket = funded.open(opening)
        assert ticket == SpentTicket(opening.statement.share, ticket.cm)
        assert funded.settlement.pots() == {"tickets": LIMIT * PRICE}
        assert funded.settlement.balance == LOCKED
        fee = Payment(None, FEE_RECIPIENT, PRICE - LOCKED, 0, 0, START, PaymentKind.FEE)
        assert funded.settlement.payments() == [fee]
        assert funded.money() == (1 + LIMIT) * PRICE
        assert funded.settlement.ticket(opening.statement.nf) == ticket
        assert ticket.cm is not None
        assert funded.settlement.proof(ticket.cm).root == funded.settlement.root

    def test_no_fee_no_payment(self) -> None:
        ledger = Ledger(funding=dataclasses.replace(FUNDING, fee_bytes=0))
        ledger.settlement.fund(KEY.identity, 1)
        ledger.open(ledger.opening(KEY))
        assert (ledger.settlement.payments(), ledger.settlement.pots(), ledger.settlement.balance) == ([], {}, PRICE)

    def test_a_stuck_opening_is_sent_again(self, funded: Ledger) -> None:
        """Byte for byte, under a newer root, after the note's expiry and after pruning: the same answer, no change."""
        opening = funded.opening(KEY)
        answer = funded.open(opening)
        funded.settlement.fund(99, 1)
        newer = funded.opening(KEY)
        assert newer.statement.root != opening.statement.root
        for now in (START, START + 51, START + 50 + WINDOW + REFUND_PERIOD + 1):
            funded.now = now
            before = funded.dump()
            assert [funded.open(opening), funded.open(newer)] == [answer, answer]
            assert funded.dump() == before
        funded.settlement.prune(DOMAIN.value)
        assert funded.open(opening) == answer

    def test_one_ticket_one_note(self, funded: Ledger) -> None:
        funded.open(funded.opening(KEY))
        for changes in ({"inner": 2}, {"expiry": START + 51}):
            funded.refuses(TicketSpent, lambda c=changes: funded.open(funded.opening(KEY, **c)))  # type: ignore[misc]

    def test_a_ticket_is_not_lost_by_a_refusal(self, funded: Ledger) -> None:
        """Duplicate, expired, full, without money: the ticket opens another note afterwards."""
        funded.settlement.deposit(1, FUNDING.cap, START + 50)
        opening = funded.opening(KEY)
        funded.refuses(DuplicateNote, lambda: funded.open(opening))
        late = funded.opening(KEY, expiry=START - 1)
        funded.refuses(Expired, lambda: funded.open(late))
        with funded.store.write() as transaction:
            transaction.set_pot("tickets", PRICE - 1)
        other = funded.opening(KEY, inner=2)
        funded.refuses(InsufficientEscrow, lambda: funded.open(other))
        with funded.store.write() as transaction:
            transaction.set_pot("tickets", PRICE)
        for n in range(DOMAIN.arity**DOMAIN.depth - 1):
            funded.settlement.deposit(100 + n, 1000, START)
        funded.refuses(TreeFull, lambda: funded.open(other))

    def test_refuses(self, funded: Ledger) -> None:
        opening = funded.opening(KEY)
        message, inputs, proof = opening.message, opening.statement.public_inputs, fake_proof(opening.statement)

        def send(**changes: int) -> object:
            return funded.settlement.open(dataclasses.replace(message, **changes), inputs, proof)

        funded.refuses(WrongContext, lambda: send(inner=2))
        funded.refuses(WrongContext, lambda: send(ticket_bytes=20_000))
        funded.refuses(WrongDomain, lambda: send(domain=5))
        funded.refuses(InvalidProof, lambda: funded.open(opening, fake_proof([1])))
        unknown = dataclasses.replace(opening.statement, root=5)
        funded.refuses(UnknownRoot, lambda: funded.settlement.open(message, unknown.public_inputs, fake_proof(unknown)))
        for index in range(5):
            alias = [*inputs[:index], inputs[index] + R, *inputs[index + 1 :]]
            funded.refuses(NonCanonicalNumber, lambda a=alias: funded.settlement.open(message, a, proof))  # type: ignore[misc]
        for short in (inputs[:4], [*inputs, 0]):
            funded.refuses(MalformedInput, lambda s=short: funded.settlement.open(message, s, proof))  # type: ignore[misc]

    def test_closed(self, funded: Ledger) -> None:
        opening = funded.opening(KEY)
        closed = Ledger(open_verifier=None)
        closed.refuses(EntryPointClosed, lambda: closed.open(opening))

    def test_no_note_after_pruning(self, funded: Ledger) -> None:
        funded.now += 100
        funded.settlement.prune(DOMAIN.value)
        opening = funded.opening(KEY, expiry=funded.now)
        funded.refuses(Retired, lambda: funded.open(opening))
        funded.refuses(Retired, lambda: funded.settlement.fund(5, 1))

    def test_verify_opening_is_pure(self, funded: Ledger) -> None:
        opening = funded.opening(KEY)
        funded.store.close()
        found = funded.settlement.verify_opening(
            opening.message, opening.statement.public_inputs, fake_proof(opening.statement)
        )
        assert found == opening.statement

    def test_a_bad_cap_never_reaches_the_verifier(self) -> None:
        class Never(FakeVerifier):
            def verify(self, *_: object) -> None:
                raise AssertionError("asked to verify")

        ledger = Ledger(open_verifier=Never())
        ledger.settlement.fund(KEY.identity, 1)
        opening = ledger.opening(KEY)
        object.__setattr__(ledger.settlement, "funding", dataclasses.replace(FUNDING, fee_bytes=9_500))
        ledger.refuses(OverCap, lambda: ledger.open(opening))


class TestSlashTickets:
    def test_unspent_tickets_and_part_burnt(self, funded: Ledger) -> None:
        funded.open(funded.opening(KEY, 3))
        commit_to_slash(funded)
        funded.now += 1
        payments = funded.settlement.slash_tickets(*two_notes(funded), SLASHER, SALT)
        money = (LIMIT - 1) * PRICE
        burnt = money * STAKES.burn_percent // 100
        assert payments == [
            Payment(None, SLASHER, money - burnt, 0, 0, START + 1, PaymentKind.SLASH),
            Payment(None, 0, burnt, 0, 0, START + 1, PaymentKind.BURN),
        ]
        assert funded.settlement.pots() == {"tickets": PRICE}  # the other leaf's
        assert funded.money() == (1 + LIMIT) * PRICE
        for number in range(LIMIT):
            funded.refuses(TicketSpent, lambda n=number: funded.open(funded.opening(KEY, n, inner=50)))  # type: ignore[misc]
        funded.refuses(TicketSpent, lambda: funded.settlement.slash_tickets(*two_notes(funded), SLASHER, SALT))
        funded.open(funded.opening(OTHER, inner=3))

    def test_the_ledger_holds_the_first_share(self, funded: Ledger) -> None:
        """A refused second use and the ledger's own record convict."""
        first = funded.opening(KEY)
        funded.open(first)
        second = funded.opening(KEY, inner=2)
        held = funded.settlement.ticket(first.statement.nf)
        assert held is not None
        assert recover_funding(held.share, second.statement.share).secret == KEY.a0

    def test_needs_an_earlier_commitment_to_this_slasher(self, funded: Ledger) -> None:
        shares = two_notes(funded)
        funded.refuses(NotCommitted, lambda: funded.settlement.slash_tickets(*shares, SLASHER, SALT))
        commit_to_slash(funded)
        funded.refuses(NotCommitted, lambda: funded.settlement.slash_tickets(*shares, SLASHER, SALT))
        funded.now += 1
        commit_to_slash(funded, slasher=0xBAD)
        funded.refuses(NotCommitted, lambda: funded.settlement.slash_tickets(*shares, 0xBAD, SALT))
        funded.settlement.slash_tickets(*shares, SLASHER, SALT)

    def test_convicts_nobody_else(self, funded: Ledger) -> None:
        first, second = two_notes(funded)
        commit_to_slash(funded)
        stranger = FundingKey(404)
        funded.now += 1
        for pair in (
            (first, first),
            (first, dataclasses.replace(second, y=second.y ^ 1)),
            (first, dataclasses.replace(second, nf=5)),
        ):
            funded.refuses(InvalidEvidence, lambda p=pair: funded.settlement.slash_tickets(*p, SLASHER, SALT))  # type: ignore[misc]
        tree = FUNDING.tree()
        tree.append(funding_leaf(stranger.identity, 1))
        own = [
            Opening.build(
                FUNDING,
                stranger,
                Ticket(0, 1),
                tree.proof(0),
                funded.opening(KEY, inner=inner).message,
            ).statement.share
            for inner in (1, 2)
        ]
        funded.settlement.commit(slash_handle(FUNDING.value, stranger.identity, stranger.a0, SLASHER, SALT))
        funded.now += 1
        funded.refuses(InvalidEvidence, lambda: funded.settlement.slash_tickets(*own, SLASHER, SALT), match="no leaf")

    @pytest.mark.parametrize(("slasher", "salt"), [(-1, 1), (1 << 256, 1), (1, -1), (1, 1 << 256)])
    def test_malformed(self, funded: Ledger, slasher: int, salt: int) -> None:
        shares = two_notes(funded)
        funded.refuses(MalformedInput, lambda: funded.settlement.slash_tickets(*shares, slasher, salt))
