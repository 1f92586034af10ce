"""The funding ledger's rules: a ticket opens one note in one deployment, and neither fees nor slashing make money."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from fake_verifier import FakeVerifier, fake_proof
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_funding import MemoryFunding
from open_world import EXPIRY, FEE_BYTES, LIMIT, TICKET_BYTES, OpenWorld

from zkrelay.curves import bn254
from zkrelay.errors import (
    DuplicateLeaf,
    DuplicateNote,
    Expired,
    InvalidEvidence,
    InvalidProof,
    MalformedInput,
    NonCanonicalNumber,
    OverCap,
    TicketSpent,
    TreeFull,
    UnknownRoot,
    WrongContext,
    WrongDomain,
    ZkrelayError,
)
from zkrelay.relay.domain import Domain
from zkrelay.relay.funding import MAX_LIMIT, FundingKey, funding_leaf
from zkrelay.relay.funding_ledger import buy_leaf, open_note, slash_tickets, verify_opening
from zkrelay.relay.opening import Opening, OpenMessage, Ticket
from zkrelay.relay.slash import recover_funding
from zkrelay.relay.store_funding import SpentTicket

R = bn254.FR.modulus
DEPTH = 4
NOW = 100


class Ledger:
    """One deployment: a funding tree, note trees, the money that came in and the most that can go out."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.world = OpenWorld(depth=DEPTH)
        self.store = MemoryFunding(DEPTH, NOW)
        self.verifier = FakeVerifier()
        self.money_in = 0
        self.rewards = 0
        self.buy(FundingKey(1), 3)  # the tree is never one leaf
        self.position = self.buy(self.world.key, limit)
        self.limit = limit

    @property
    def ticket_price(self) -> int:
        return self.world.domain.price(self.world.domain.units(TICKET_BYTES))

    def buy(self, key: FundingKey, limit: int) -> int:
        """The leaf's position; the client's own copy of the tree follows."""
        with self.store.transaction() as transaction:
            leaf = buy_leaf(transaction, self.world.funding, key.identity, limit)
        if leaf.position == 0:
            self.world.tree = self.world.funding.tree()
        self.world.tree.append(funding_leaf(key.identity, limit))
        self.money_in += self.world.funding.price(limit, self.world.domain)
        return leaf.position

    def opening(self, number: int = 0, message: OpenMessage | None = None, **changes: Any) -> Opening:
        return self.world.make_opening(
            ticket=Ticket(number, self.limit),
            proof=self.world.tree.proof(self.position),
            message=message or self.world.message,
            **changes,
        )

    def open(self, opening: Opening, domain: Domain | None = None, message: OpenMessage | None = None) -> SpentTicket:
        domain, message = domain or self.world.domain, message or opening.message
        statement = verify_opening(
            self.world.funding,
            domain,
            self.verifier,
            message,
            opening.statement.public_inputs,
            fake_proof(opening.statement),
        )
        with self.store.transaction() as transaction:
            return open_note(
                transaction,
                self.world.funding,
                statement,
                message,
                lambda inner, cap, expiry: transaction.insert_note(domain, inner, cap, expiry),
            )

    def slash(self, first: Opening, second: Opening) -> int:
        evidence = recover_funding(first.statement.share, second.statement.share)
        with self.store.transaction() as transaction:
            taken = slash_tickets(transaction, self.world.funding, evidence)
        self.rewards += taken * self.ticket_price
        return taken

    def most_that_can_be_paid(self) -> int:
        """Every note claimed to its cap, and the rewards already given."""
        domain = self.world.domain
        return sum(domain.price(domain.units(cap)) for cap in self.store.notes.values()) + self.rewards

    def refuses(self, error: type[ZkrelayError], message: str, action: Any) -> None:
        """By name, and nothing changes."""
        before = self.store.state()
        with pytest.raises(error, match=message):
            action()
        assert self.store.state() == before


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def test_a_ticket_opens_a_note_of_d_less_the_fee(ledger: Ledger) -> None:
    ticket = ledger.open(ledger.opening())
    assert ledger.store.notes == {ticket.cm: TICKET_BYTES - FEE_BYTES}


def test_a_stuck_opening_is_sent_again(ledger: Ledger) -> None:
    """Byte for byte, or proved again under a newer root, or after its expiry: one note, the same answer, no offence."""
    first = ledger.opening()
    answer = ledger.open(first)
    assert ledger.open(first) == answer
    ledger.buy(FundingKey(2), 1)
    newer = ledger.opening()
    assert newer.statement.root != first.statement.root
    assert newer.statement.share == first.statement.share
    assert ledger.open(newer) == answer
    ledger.store.now = EXPIRY + 1
    assert ledger.open(first) == answer
    assert len(ledger.store.notes) == 1
    with pytest.raises(InvalidEvidence, match="no offence"):
        ledger.slash(first, newer)


def test_open_ticket_not_revived(ledger: Ledger) -> None:
    """A new note tree is a new domain, and an old ticket there is as spent as here; what is more, it convicts."""
    first = ledger.opening()
    ledger.open(first)
    for tree_no in (2, 3):
        domain = dataclasses.replace(ledger.world.domain, tree_no=tree_no)
        second = ledger.opening(message=ledger.world.make_message(domain=domain.value))
        assert second.statement.nf == first.statement.nf
        ledger.refuses(TicketSpent, "another note", lambda d=domain, s=second: ledger.open(s, d))
        assert recover_funding(first.statement.share, second.statement.share).secret == ledger.world.key.a0


def test_one_ticket_pays_two_nodes_never(ledger: Ledger) -> None:
    """Another inner, or another expiry: refused, and the ledger's own record and the refused share give a0."""
    first = ledger.opening()
    ledger.open(first)
    for message in (ledger.world.make_message(inner=5), ledger.world.make_message(expiry=EXPIRY + 1)):
        second = ledger.opening(message=message)
        ledger.refuses(TicketSpent, "another note", lambda s=second: ledger.open(s))
        held = ledger.store.spent[first.statement.nf]
        evidence = recover_funding(held.share, second.statement.share)
        assert (evidence.secret, evidence.identity) == (ledger.world.key.a0, ledger.world.key.identity)


def test_fee_cannot_mint() -> None:
    """cap = D - fee, whatever the opener writes: the message holds D, the ledger computes the cap, and the sum of all
    notes is at most what the leaves cost.
    """
    ledger = Ledger()
    for number in range(LIMIT):
        ledger.open(ledger.opening(number, ledger.world.make_message(inner=number)))
    assert all(cap == TICKET_BYTES - FEE_BYTES for cap in ledger.store.notes.values())
    assert ledger.most_that_can_be_paid() < ledger.money_in
    for ticket_bytes in (TICKET_BYTES + FEE_BYTES, TICKET_BYTES - 1, (1 << 64) - 1):
        lie = ledger.world.make_message(ticket_bytes=ticket_bytes)
        funding = dataclasses.replace(ledger.world.funding, ticket_bytes=ticket_bytes)
        opening = ledger.opening(0, lie, funding=funding)
        ledger.refuses(WrongContext, "worth", lambda o=opening: ledger.open(o))
    for fee in (-1, TICKET_BYTES, TICKET_BYTES + 1):
        with pytest.raises(MalformedInput, match="fee_bytes"):
            dataclasses.replace(ledger.world.funding, fee_bytes=fee)


def test_self_slash_conserves() -> None:
    """Open k tickets, then convict oneself: only the tickets that are left are paid, however often it is tried."""
    for opened in range(4):
        ledger = Ledger(limit=3)
        openings = [ledger.opening(n, ledger.world.make_message(inner=n)) for n in range(opened)]
        for opening in openings:
            ledger.open(opening)
        pair = [ledger.opening(0, ledger.world.make_message(inner=n)) for n in (0, 99)]
        if opened == 3:
            ledger.refuses(TicketSpent, "no ticket", lambda led=ledger, two=pair: led.slash(*two))
        else:
            assert ledger.slash(*pair) == 3 - opened
            ledger.refuses(TicketSpent, "no ticket", lambda led=ledger, two=pair: led.slash(*two))
        assert ledger.most_that_can_be_paid() <= ledger.money_in
        for number in range(3):
            message = ledger.world.make_message(inner=1000 + number)
            ledger.refuses(
                TicketSpent, "this ticket", lambda led=ledger, n=number, m=message: led.open(led.opening(n, m))
            )


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["open", "slash", "buy"]), st.integers(0, 3), st.integers(0, 2)), max_size=12)
)
def test_no_order_of_openings_and_slashings_makes_money(steps: list[tuple[str, int, int]]) -> None:
    ledger = Ledger(limit=4)
    for kind, number, inner in steps:
        try:
            if kind == "open":
                ledger.open(ledger.opening(number, ledger.world.make_message(inner=inner)))
            elif kind == "slash":
                ledger.slash(*(ledger.opening(number, ledger.world.make_message(inner=i)) for i in (inner, inner + 1)))
            else:
                ledger.buy(FundingKey(100 + number), 1 + inner)
        except (TicketSpent, DuplicateNote, DuplicateLeaf):
            pass
        assert ledger.most_that_can_be_paid() <= ledger.money_in
        assert len(ledger.store.notes) + ledger.rewards // ledger.ticket_price == len(ledger.store.spent)


def test_slashing_needs_a_leaf_and_a_ticket_of_it(ledger: Ledger) -> None:
    stranger = FundingKey(404)
    world = OpenWorld(depth=DEPTH)
    position = world.fund(stranger, LIMIT)
    arguments = {"key": stranger, "ticket": Ticket(0, LIMIT), "proof": world.tree.proof(position)}
    pair = [world.make_opening(**arguments, message=world.make_message(inner=n)) for n in (1, 2)]
    ledger.refuses(InvalidEvidence, "no leaf", lambda: ledger.slash(*pair))
    beyond = [
        world.make_opening(
            ticket=Ticket(LIMIT, LIMIT + 1),
            proof=world.tree.proof(world.fund(ledger.world.key, LIMIT + 1)),
            message=world.make_message(inner=n),
        )
        for n in (1, 2)
    ]
    ledger.refuses(InvalidEvidence, "no ticket of this leaf", lambda: ledger.slash(*beyond))


def test_verify_opening_refuses(ledger: Ledger) -> None:
    opening, world = ledger.opening(), ledger.world
    other_domain = dataclasses.replace(world.domain, tree_no=9)
    ledger.refuses(WrongDomain, "another chain", lambda: ledger.open(opening, other_domain))
    other_funding = dataclasses.replace(world.funding, funding_tree_no=2)
    ledger.refuses(WrongDomain, "another funding tree", lambda: ledger.open(ledger.opening(funding=other_funding)))
    redirected = world.make_message(inner=666)
    ledger.refuses(WrongContext, "another note", lambda: ledger.open(opening, message=redirected))
    values = opening.statement.public_inputs
    for index in range(5):
        for bad, error in ((values[index] + R, NonCanonicalNumber), (values[index] + 1, ZkrelayError)):
            inputs = [*values[:index], bad, *values[index + 1 :]]
            with pytest.raises(error):
                verify_opening(
                    world.funding, world.domain, ledger.verifier, world.message, inputs, fake_proof(opening.statement)
                )
    changed = dataclasses.replace(opening.statement, nf=1)
    with pytest.raises(InvalidProof):
        verify_opening(
            world.funding,
            world.domain,
            ledger.verifier,
            world.message,
            changed.public_inputs,
            fake_proof(opening.statement),
        )
    tiny = dataclasses.replace(world.funding, fee_bytes=TICKET_BYTES - 1)
    with pytest.raises(OverCap, match="below one unit"):
        verify_opening(tiny, world.domain, ledger.verifier, world.message, values, fake_proof(opening.statement))


def test_open_note_refuses(ledger: Ledger) -> None:
    unknown = OpenWorld(depth=DEPTH).make_opening(ticket=Ticket(0, LIMIT))
    ledger.refuses(UnknownRoot, "funding tree", lambda: ledger.open(unknown))
    ledger.store.now = EXPIRY + 1
    ledger.refuses(Expired, "born", lambda: ledger.open(ledger.opening()))
    ledger.store.now = EXPIRY
    ledger.open(ledger.opening())
    ledger.refuses(DuplicateNote, "known", lambda: ledger.open(ledger.opening(1)))
    ledger.open(ledger.opening(1, ledger.world.make_message(inner=1)))


def test_buying_refuses(ledger: Ledger) -> None:
    funding, identity = ledger.world.funding, FundingKey(7).identity

    def buy(*arguments: int) -> Any:
        return lambda: buy_leaf(ledger.store, funding, *arguments)

    ledger.refuses(DuplicateLeaf, "already", buy(ledger.world.key.identity, 1))
    for bad in ((R, 1), (-1, 1), (identity, 0), (identity, MAX_LIMIT + 1)):
        ledger.refuses(MalformedInput, "identity|limit", buy(*bad))
    for n in range(2**DEPTH - 2):
        ledger.buy(FundingKey(1000 + n), 1)
    with pytest.raises(TreeFull), ledger.store.transaction() as transaction:
        buy_leaf(transaction, funding, identity, 1)
    assert ledger.store.leaf(identity) is None
