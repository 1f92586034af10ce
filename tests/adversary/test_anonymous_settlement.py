"""Tickets, tokens and several venues at the ledger, with real proofs: from a leaf to a paid claim, and cheats."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from zkrelay.circuits.claim import Claim as ClaimCircuit
from zkrelay.circuits.claim_x1 import ClaimX1
from zkrelay.circuits.open import Open
from zkrelay.errors import (
    InvalidEvidence,
    InvalidProof,
    InvalidSignature,
    NullifierSpent,
    TicketSpent,
    WrongContext,
    ZkrelayError,
)
from zkrelay.groth16 import Proof, Prover, rerandomize, setup
from zkrelay.kernel import current
from zkrelay.r1cs import Circuit, compile_circuit
from zkrelay.relay.blind_rsa import BlindSigner
from zkrelay.relay.blind_token import TokenIssuer, TokenRequest
from zkrelay.relay.claim import Claim
from zkrelay.relay.context import ClaimContext
from zkrelay.relay.domain import SEVERAL_VENUES, Domain
from zkrelay.relay.funding import FundingDomain, FundingKey
from zkrelay.relay.identity import NodeIdentity, SessionKey
from zkrelay.relay.journal import Journal
from zkrelay.relay.merkle import MerkleTree
from zkrelay.relay.note import Note
from zkrelay.relay.opening import Opening, OpenMessage, Ticket
from zkrelay.relay.proving import prove_claim, prove_opening
from zkrelay.relay.receipt import Receipt
from zkrelay.relay.settlement import Settlement
from zkrelay.relay.slash import recover, recover_funding, slash_handle
from zkrelay.relay.statement import SharedClaimStatement
from zkrelay.relay.store_memory import MemoryStore
from zkrelay.relay.store_sqlite import SqliteStore

pytestmark = pytest.mark.skipif(
    current().name == "reference", reason="a setup of thousands of rows takes minutes in Python integers"
)
MIB = 1 << 20
DOMAIN = Domain(chain_id=31337, contract=0xC0FFEE, tree_no=1, price_per_unit=3, arity=2, depth=3)
NEXT = dataclasses.replace(DOMAIN, tree_no=2)
FUNDING = FundingDomain(31337, 0xC0FFEE, 1, ticket_bytes=50 * MIB, fee_bytes=2 * MIB, depth=3)
NODE = NodeIdentity(20261121)
KEY, OTHER = FundingKey(20261128), FundingKey(7)
CONTEXT = ClaimContext(payout_address=0xA11CE, relayer=0xCA44, relayer_fee=3)
START, EXPIRY, FEE_RECIPIENT = 100, 120, 0xFEE
LIMIT, PRICE = 3, 150


def prover_of(circuit: Circuit) -> Prover:
    compiled = compile_circuit(circuit)
    return Prover(setup(compiled.r1cs), compiled)


@pytest.fixture(scope="module")
def open_prover() -> Iterator[Prover]:
    with prover_of(Open(depth=FUNDING.depth)) as prover:
        yield prover


@pytest.fixture(scope="module")
def claim_prover() -> Iterator[Prover]:
    with prover_of(ClaimCircuit(arity=2, depth=3)) as prover:
        yield prover


class World:
    """A ledger with two leaves, the client's journal, and the proofs of its openings."""

    def __init__(self, opener: Prover, claimer: Prover, folder: Path) -> None:
        self.now = START
        self.opener, self.claimer = opener, claimer
        self.journal = Journal(folder / "journal.sqlite")
        self.ledger = self.settlement(DOMAIN, folder / "ledger.sqlite")
        self.ledger.fund(OTHER.identity, 2)
        self.ledger.fund(KEY.identity, LIMIT)
        self.paid_in = (2 + LIMIT) * PRICE

    def settlement(self, domain: Domain, path: Path) -> Settlement:
        return Settlement(
            SqliteStore(path),
            domain,
            self.claimer.verifying_key,
            clock=lambda: self.now,
            funding=FUNDING,
            open_verifier=self.opener.verifying_key,
            fee_recipient=FEE_RECIPIENT,
            allow_development=True,
        )

    def note(self, rho: int, domain: Domain = DOMAIN) -> tuple[SessionKey, Note]:
        session = SessionKey.generate()
        return session, Note(domain.value, NODE.payee, session.public, rho, FUNDING.cap, EXPIRY)

    def opening(self, number: int, note: Note, key: FundingKey = KEY, ticket_bytes: int = 50 * MIB) -> Opening:
        tree = FUNDING.tree()
        tree.extend(self.ledger.funding_leaves())
        position, limit = (1, LIMIT) if key is KEY else (0, 2)
        message = OpenMessage(note.domain, note.inner, ticket_bytes, note.expiry)
        return Opening.build(FUNDING, key, Ticket(number, limit), tree.proof(position), message)

    def prove(self, opening: Opening) -> Proof:
        return prove_opening(opening, self.opener, self.journal)

    def equivocate(self, opening: Opening) -> Proof:
        """Prove without looking into the journal: what a cheat does."""
        return self.opener.prove_inputs(opening.inputs).proof

    def send(self, opening: Opening, proof: Proof) -> object:
        return self.ledger.open(opening.message, opening.statement.public_inputs, proof)

    def money(self) -> int:
        paid_out = sum(payment.money + payment.fee for payment in self.ledger.payments())
        return self.ledger.balance + sum(self.ledger.pots().values()) + paid_out

    def refuses(self, error: type[ZkrelayError], call: Callable[[], object]) -> None:
        def state() -> object:
            ledger = self.ledger
            return ledger.root, ledger.funding_root, ledger.balance, ledger.pots(), ledger.payments()

        before = state()
        with pytest.raises(error):
            call()
        assert state() == before


@pytest.fixture
def world(open_prover: Prover, claim_prover: Prover, tmp_path: Path) -> Iterator[World]:
    world = World(open_prover, claim_prover, tmp_path)
    yield world
    world.ledger._store.close()
    world.journal.close()


def test_from_a_leaf_to_a_paid_claim(world: World) -> None:
    """fund, open, session, claim, redeem; and two clients' openings differ in nothing but nullifier and note."""
    (session, note), (_, other_note) = world.note(rho=1), world.note(rho=2)
    opening, others = world.opening(0, note), world.opening(1, other_note, key=OTHER)
    for sent in (opening, others):
        proof = world.prove(sent)
        answer = world.send(sent, proof)
        assert world.send(sent, rerandomize(world.opener.verifying_key, proof)) == answer
    # y lies on a secret line at x, and x is a hash of the note: besides these the root and ext, which all share
    public, other_public = opening.statement, others.statement
    assert (public.root, public.ext) == (other_public.root, other_public.ext)
    assert dataclasses.replace(public, nf=0, x=0, y=0) == dataclasses.replace(other_public, nf=0, x=0, y=0)
    assert dataclasses.replace(opening.message, inner=0) == dataclasses.replace(others.message, inner=0)
    first_fee, second_fee = world.ledger.payments()
    assert first_fee == second_fee and first_fee.recipient == FEE_RECIPIENT

    tree = MerkleTree(DOMAIN.arity, DOMAIN.depth)
    tree.extend(world.ledger.final_leaves())
    assert world.ledger.final_leaves() == [note.cm, other_note.cm]
    receipt = Receipt.sign(session, note.cm, 20 * MIB + 7)
    claim = Claim.build(DOMAIN, note, receipt, NODE, tree.proof(0), CONTEXT, epoch=START)
    proof = prove_claim(claim, world.claimer)
    payment = world.ledger.redeem(claim.statement.public_inputs, CONTEXT, proof)
    assert payment.money + payment.fee == 20 * DOMAIN.price_per_unit
    world.refuses(NullifierSpent, lambda: world.ledger.redeem(claim.statement.public_inputs, CONTEXT, proof))
    assert world.money() == world.paid_in


def test_fee_cannot_mint(world: World) -> None:
    """No message and no number of openings locks more than D - fee a ticket, or takes more than D."""
    for number in range(LIMIT):
        opening = world.opening(number, world.note(rho=number)[1])
        proof = world.prove(opening)
        lie = dataclasses.replace(opening.message, ticket_bytes=60 * MIB)
        world.refuses(
            WrongContext,
            lambda o=opening, m=lie, p=proof: world.ledger.open(m, o.statement.public_inputs, p),  # type: ignore[misc]
        )
        world.send(opening, proof)
        assert world.ledger.balance == (number + 1) * DOMAIN.price(48)
        assert world.money() == world.paid_in
    assert world.ledger.pots() == {"tickets": 2 * PRICE}
    assert [payment.money for payment in world.ledger.payments()] == [DOMAIN.price(2)] * LIMIT


def test_self_slash_conserves(world: World) -> None:
    """Open one ticket, cheat with it, convict oneself: the other tickets come back, less the burnt part, and once."""
    first = world.opening(0, world.note(rho=1)[1])
    world.send(first, world.prove(first))
    second = world.opening(0, world.note(rho=2)[1])
    proof = world.equivocate(second)
    world.refuses(TicketSpent, lambda: world.send(second, proof))
    held = world.ledger.ticket(first.statement.nf)
    assert held is not None
    evidence = recover_funding(held.share, second.statement.share)
    assert evidence.secret == KEY.a0
    world.ledger.commit(slash_handle(FUNDING.value, evidence.identity, evidence.secret, 0x51A5, 99))
    world.now += 1
    shares = held.share, second.statement.share
    reward, burnt = world.ledger.slash_tickets(*shares, 0x51A5, 99)
    assert reward.money + burnt.money == (LIMIT - 1) * PRICE
    assert burnt.money > 0
    world.refuses(TicketSpent, lambda: world.ledger.slash_tickets(*shares, 0x51A5, 99))
    third = world.opening(1, world.note(rho=3)[1])
    proof = world.prove(third)
    world.refuses(TicketSpent, lambda: world.send(third, proof))
    assert world.money() == world.paid_in


def test_open_ticket_not_revived(world: World, tmp_path: Path) -> None:
    """A new note tree is a new domain with a new ledger; a ticket that was spent under the old one is spent there."""
    first = world.opening(0, world.note(rho=1)[1])
    world.send(first, world.prove(first))
    old, world.ledger = world.ledger, world.settlement(NEXT, tmp_path / "next.sqlite")
    money = world.ledger.take_over(old)
    again, fresh = (world.opening(number, world.note(rho=2, domain=NEXT)[1]) for number in (0, 1))
    proof = world.equivocate(again)
    world.refuses(TicketSpent, lambda: world.send(again, proof))
    assert recover_funding(first.statement.share, again.statement.share).secret == KEY.a0
    world.send(fresh, world.prove(fresh))
    assert world.money() == money
    old._store.close()


def test_token_redirect(claim_prover: Prover) -> None:
    """A copied token opens its owner's note or none, and the issuer's money is behind it."""
    signer = BlindSigner.generate(2048)
    issuer = TokenIssuer(signer.public, value_bytes=50 * MIB, fee_bytes=MIB)
    ledger = Settlement(
        MemoryStore(),
        DOMAIN,
        claim_prover.verifying_key,
        clock=lambda: START,
        token_issuers=[issuer],
        allow_development=True,
    )
    request = TokenRequest(issuer)
    token = request.finish(signer.sign(request.request))
    ledger.fund_tokens(issuer.key.digest, 1)
    session = SessionKey.generate()
    note = Note(DOMAIN.value, NODE.payee, session.public, 5, issuer.cap, EXPIRY)
    honest = token.redeem(DOMAIN.value, note.inner, EXPIRY)
    for change in ({"inner": 666}, {"expiry": EXPIRY + 1}):
        with pytest.raises(InvalidSignature):
            ledger.redeem_token(issuer.key.digest, dataclasses.replace(honest, **change))
    assert ledger.balance == 0
    assert ledger.redeem_token(issuer.key.digest, honest).cm == note.cm
    receipt = Receipt.sign(session, note.cm, issuer.cap)
    claim = Claim.build(DOMAIN, note, receipt, NODE, ledger.proof(note.cm), CONTEXT, epoch=START)
    payment = ledger.redeem(claim.statement.public_inputs, CONTEXT, prove_claim(claim, claim_prover))
    assert payment.money + payment.fee == DOMAIN.price(49)
    assert (ledger.balance, ledger.pots()) == (0, {})


def test_a_double_claim_at_two_venues_convicts(tmp_path: Path) -> None:
    """Both pay, each a true claim; whoever reads the two statements has the node's secret, and with one nobody has."""
    domain = dataclasses.replace(DOMAIN, mode=SEVERAL_VENUES)
    clock = [START]
    session = SessionKey.generate()
    note = Note(domain.value, NODE.payee, session.public, 9, 30 * MIB, EXPIRY)
    receipt = Receipt.sign(session, note.cm, 12 * MIB)
    with prover_of(ClaimX1(arity=2, depth=3)) as prover:
        venues = [
            Settlement(
                SqliteStore(tmp_path / f"venue{number}.sqlite"),
                domain,
                prover.verifying_key,
                clock=lambda: clock[0],
                venue=number,
                allow_development=True,
            )
            for number in range(2)
        ]
        statements, proofs = [], []
        for number, venue in enumerate(venues):
            venue.deposit(note.inner, note.cap, note.expiry)
            claim = Claim.build(domain, note, receipt, NODE, venue.proof(note.cm), CONTEXT, epoch=START, venue=number)
            with Journal(tmp_path / f"journal{number}.sqlite") as journal:  # two, as a cheat would keep them
                proofs.append(prove_claim(claim, prover, journal=journal))
            assert isinstance(claim.statement, SharedClaimStatement)
            statements.append(claim.statement)
        for venue, statement, proof in zip(venues, statements, proofs, strict=True):
            assert venue.redeem(statement.public_inputs, CONTEXT, proof).nf == statements[0].nf
        with pytest.raises(InvalidProof):
            venues[0].verify(dataclasses.replace(statements[0], y=statements[1].y).public_inputs, CONTEXT, proofs[0])
    with pytest.raises(InvalidEvidence, match="no offence"):
        recover(statements[0], statements[0])
    evidence = recover(*statements)
    assert (evidence.secret, evidence.identity) == (NODE.kn, NODE.payee)
    for venue in venues:
        venue._store.close()
