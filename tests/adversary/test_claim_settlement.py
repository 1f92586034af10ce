"""The ledger against cheats, with real proofs: pays once, pays the right one, and a refusal changes nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from claim_world import AMOUNT, CAP, CONTEXT, EPOCH, EXPIRY, MIB, World

from zkrelay.curves import bn254
from zkrelay.errors import (
    DevelopmentKeyRefused,
    DuplicateNote,
    Expired,
    FeeTooHigh,
    InvalidKey,
    InvalidProof,
    InvalidReceipt,
    InvalidSignature,
    MalformedInput,
    NonCanonicalNumber,
    NotBound,
    NotCommitted,
    NotYetRefundable,
    NullifierSpent,
    UnknownRoot,
    WrongContext,
    WrongDomain,
    ZkrelayError,
)
from zkrelay.groth16 import Proof, ProvingKey, VerifyingKey, prove, rerandomize
from zkrelay.r1cs import CompiledCircuit
from zkrelay.relay.acceptor import SessionAcceptor
from zkrelay.relay.binding import ChannelBinding
from zkrelay.relay.domain import Domain
from zkrelay.relay.meter import ReceiptMeter
from zkrelay.relay.receipt import Receipt
from zkrelay.relay.refund import RefundRequest
from zkrelay.relay.settlement import Settlement, Submission
from zkrelay.relay.store import Payment
from zkrelay.relay.store_sqlite import SqliteStore

R = bn254.FR.modulus
WINDOW = 2


class Ledger:
    """A settlement with the world's notes deposited, at an epoch that the test sets."""

    def __init__(self, world: World, vk: VerifyingKey, path: str = ":memory:", domain: Domain | None = None) -> None:
        self.now = EPOCH
        self.store = SqliteStore(path)
        try:
            self.settlement = Settlement(
                self.store, domain or world.domain, vk, clock=lambda: self.now, window=WINDOW, allow_development=True
            )
        except ZkrelayError:
            self.store.close()
            raise

    def state(self) -> tuple[object, ...]:
        return self.settlement.root, self.settlement.balance, tuple(self.settlement.payments())

    def refuses(self, error: type[ZkrelayError], *arguments: object) -> None:
        before = self.state()
        with pytest.raises(error):
            self.settlement.redeem(*arguments)  # type: ignore[arg-type]
        assert self.state() == before


@pytest.fixture
def ledger(world: World, vk: VerifyingKey) -> Iterator[Ledger]:
    ledger = Ledger(world, vk)
    ledger.settlement.deposit(world.note.inner, CAP, EXPIRY)
    yield ledger
    ledger.store.close()


@pytest.fixture(scope="session")
def paid_claim(world: World, circuit: CompiledCircuit, pk: ProvingKey, vk: VerifyingKey) -> tuple[list[int], Proof]:
    """The honest claim over the tree that the ledger will have after one deposit."""
    tree = type(world.tree)()
    tree.append(world.note.cm)
    claim = world.make_claim(proof=tree.proof(0))
    return claim.statement.public_inputs, prove(pk, circuit.assign(claim.inputs))


def test_honest_claim_is_paid(ledger: Ledger, paid_claim: tuple[list[int], Proof]) -> None:
    public, proof = paid_claim
    before = ledger.settlement.balance
    payment = ledger.settlement.redeem(public, CONTEXT, proof)
    assert payment.money + payment.fee == AMOUNT * ledger.settlement.domain.price_per_unit
    assert payment.recipient == CONTEXT.payout_address
    assert ledger.settlement.balance == before - AMOUNT


def test_proof_rerandomized_double_redeem(ledger: Ledger, vk: VerifyingKey, paid_claim) -> None:  # type: ignore[no-untyped-def]
    public, proof = paid_claim
    ledger.settlement.redeem(public, CONTEXT, proof)
    other = rerandomize(vk, proof)
    assert other != proof
    ledger.refuses(NullifierSpent, public, CONTEXT, proof)
    ledger.refuses(NullifierSpent, public, CONTEXT, other)


def test_replay_in_a_later_epoch(ledger: Ledger, world: World, circuit, pk: ProvingKey, paid_claim) -> None:  # type: ignore[no-untyped-def]
    """Another amount, another epoch, a fresh proof: the note has one nullifier."""
    ledger.settlement.redeem(*paid_claim[:1], CONTEXT, paid_claim[1])
    ledger.now += 1
    claim = world.make_claim(proof=ledger.settlement.proof(world.note.cm), epoch=EPOCH + 1, amount=5)
    ledger.refuses(NullifierSpent, claim.statement.public_inputs, CONTEXT, prove(pk, circuit.assign(claim.inputs)))


def test_nf_alias_plus_r(ledger: Ledger, paid_claim) -> None:  # type: ignore[no-untyped-def]
    public, proof = paid_claim
    ledger.settlement.redeem(public, CONTEXT, proof)
    ledger.refuses(NonCanonicalNumber, [*public[:4], public[4] + R, *public[5:]], CONTEXT, proof)


def test_tampered_public_input(ledger: Ledger, paid_claim) -> None:  # type: ignore[no-untyped-def]
    public, proof = paid_claim
    ledger.refuses(InvalidProof, [*public[:3], public[3] + 1, *public[4:]], CONTEXT, proof)
    ledger.refuses(InvalidProof, [*public[:4], public[4] ^ 1, *public[5:]], CONTEXT, proof)


def test_domain_swap(ledger: Ledger, world: World, vk: VerifyingKey, paid_claim) -> None:  # type: ignore[no-untyped-def]
    """The same claim at a ledger of another chain, contract, tree, unit: refused, whichever domain it writes."""
    public, proof = paid_claim
    for change in ({"chain_id": 1}, {"contract": 0xDEAD}, {"tree_no": 2}, {"unit": 1 << 21}):
        other = Ledger(world, vk, domain=replace(world.domain, **change))
        other.settlement.deposit(world.note.inner, CAP, EXPIRY)
        other.refuses(WrongDomain, public, CONTEXT, proof)
        other.refuses(InvalidProof, [other.settlement.domain.value, *public[1:]], CONTEXT, proof)
        other.store.close()


def test_payee_swap(ledger: Ledger, paid_claim) -> None:  # type: ignore[no-untyped-def]
    public, proof = paid_claim
    ledger.refuses(InvalidProof, [*public[:2], public[2] ^ 1, *public[3:]], CONTEXT, proof)


def test_payout_frontrun(ledger: Ledger, paid_claim) -> None:  # type: ignore[no-untyped-def]
    """A relayer with the claim in hand cannot redirect it; delivered as it is, it pays the node."""
    public, proof = paid_claim
    thief = replace(CONTEXT, payout_address=0xBAD)
    ledger.refuses(WrongContext, public, thief, proof)
    ledger.refuses(InvalidProof, [*public[:6], thief.aux], thief, proof)
    assert ledger.settlement.redeem(public, CONTEXT, proof).recipient == CONTEXT.payout_address


def test_fee_cannot_mint(ledger: Ledger, world: World, circuit, pk: ProvingKey) -> None:  # type: ignore[no-untyped-def]
    greedy = replace(CONTEXT, relayer_fee=AMOUNT * world.domain.price_per_unit + 1)
    claim = world.make_claim(proof=ledger.settlement.proof(world.note.cm), context=greedy)
    ledger.refuses(FeeTooHigh, claim.statement.public_inputs, greedy, prove(pk, circuit.assign(claim.inputs)))


def test_root_stale(ledger: Ledger, world: World, proof: Proof) -> None:
    """A true proof over a tree that the ledger never had."""
    ledger.refuses(UnknownRoot, world.claim.statement.public_inputs, CONTEXT, proof)


def test_root_eviction_by_dust(ledger: Ledger, paid_claim) -> None:  # type: ignore[no-untyped-def]
    """Deposits made after the claim was fixed do not push its root out."""
    for inner in range(1, 40):
        ledger.settlement.deposit(inner, MIB, EXPIRY)
    ledger.settlement.redeem(paid_claim[0], CONTEXT, paid_claim[1])


def test_epoch_rules(ledger: Ledger, paid_claim) -> None:  # type: ignore[no-untyped-def]
    public, proof = paid_claim
    for now in (EPOCH - 1, EPOCH + 2, EPOCH + 50):
        ledger.now = now
        ledger.refuses(NotCommitted, public, CONTEXT, proof)
    ledger.now = EPOCH + 1
    ledger.settlement.redeem(public, CONTEXT, proof)


def test_commitment_copied_or_early(ledger: Ledger, world: World, paid_claim) -> None:  # type: ignore[no-untyped-def]
    """Somebody records the same commitment first, and again later: the claim still redeems within its window."""
    public, proof = paid_claim
    cc = public[5]
    ledger.now = EPOCH - 3
    first = ledger.settlement.commit(cc)
    ledger.now = EPOCH
    assert ledger.settlement.commit(cc) == first == EPOCH - 3
    ledger.now = EPOCH + WINDOW + 1
    ledger.refuses(Expired, public, CONTEXT, proof)
    ledger.now = EPOCH + WINDOW
    ledger.settlement.redeem(public, CONTEXT, proof)


def test_epoch_after_expiry(ledger: Ledger) -> None:
    """No note is born expired; that no proof exists after expiry is the circuit's test of the same name."""
    ledger.now = EXPIRY + 1
    with pytest.raises(Expired):
        ledger.settlement.deposit(5, CAP, EXPIRY)


def test_refund_before_expiry(ledger: Ledger, world: World, paid_claim) -> None:  # type: ignore[no-untyped-def]
    """While a committed claim may still come, and on the very last epoch that it may, there is no refund."""
    public, proof = paid_claim
    request = RefundRequest.sign(world.client, world.note, recipient=0xC11E47)
    for now in (EPOCH, EXPIRY, EXPIRY + 1, EXPIRY + WINDOW):
        ledger.now = now
        before = ledger.state()
        with pytest.raises(NotYetRefundable):
            ledger.settlement.refund(request)
        assert ledger.state() == before
    ledger.now = EXPIRY + WINDOW + 1
    ledger.refuses(NotCommitted, public, CONTEXT, proof)
    assert ledger.settlement.refund(request).money == ledger.settlement.domain.price(CAP // MIB)
    ledger.now = EPOCH
    ledger.refuses(NullifierSpent, public, CONTEXT, proof)


def test_refund_after_claim(ledger: Ledger, world: World, paid_claim) -> None:  # type: ignore[no-untyped-def]
    public, proof = paid_claim
    ledger.settlement.redeem(public, CONTEXT, proof)
    ledger.now = EXPIRY + WINDOW + 1
    before = ledger.state()
    with pytest.raises(NullifierSpent):
        ledger.settlement.refund(RefundRequest.sign(world.client, world.note, recipient=0xC11E47))
    assert ledger.state() == before


def test_the_node_cannot_take_the_refund(ledger: Ledger, world: World) -> None:
    """It knows everything about the note but the client's key."""
    ledger.now = EXPIRY + WINDOW + 1
    with pytest.raises(InvalidSignature):
        ledger.settlement.refund(RefundRequest.sign(world.mallory, world.note, recipient=0xBAD))


def test_many_claims_with_one_equation(ledger: Ledger, vk: VerifyingKey, paid_claim) -> None:  # type: ignore[no-untyped-def]
    """Real proofs, verified together: the false one is named, and of one note's two proofs the first is paid."""
    public, proof = paid_claim
    wrong = [*public[:3], public[3] + 1, *public[4:]]
    outcomes = ledger.settlement.redeem_many(
        [
            Submission(wrong, CONTEXT, proof),
            Submission(public, CONTEXT, proof),
            Submission(public, CONTEXT, rerandomize(vk, proof)),
            Submission(public[:6], CONTEXT, proof),
        ]
    )
    assert [type(outcome) for outcome in outcomes] == [InvalidProof, Payment, NullifierSpent, MalformedInput]
    assert ledger.settlement.payments() == [outcomes[1]]


def test_duplicate_leaf(ledger: Ledger, world: World) -> None:
    before = ledger.state()
    with pytest.raises(DuplicateNote):
        ledger.settlement.deposit(world.note.inner, CAP, EXPIRY)
    assert ledger.state() == before


def test_concurrency_double_redeem(world: World, vk: VerifyingKey, paid_claim, tmp_path) -> None:  # type: ignore[no-untyped-def]
    """Eight threads, each with its own connection to one file and its own proof of the same statement: one is paid."""
    path = str(tmp_path / "ledger.sqlite")
    first = Ledger(world, vk, path)
    first.settlement.deposit(world.note.inner, CAP, EXPIRY)
    public, proof = paid_claim
    proofs = [rerandomize(vk, proof) for _ in range(8)]
    barrier = threading.Barrier(8)

    def race(mine: Proof) -> str:
        ledger = Ledger(world, vk, path)
        barrier.wait()
        try:
            ledger.settlement.redeem(public, CONTEXT, mine)
        except NullifierSpent:
            return "spent"
        finally:
            ledger.store.close()
        return "paid"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(race, proofs))
    assert sorted(outcomes) == ["paid", *["spent"] * 7]
    assert len(first.settlement.payments()) == 1
    first.store.close()


def test_other_circuit_key(world: World, vk: VerifyingKey, tmp_path) -> None:  # type: ignore[no-untyped-def]
    """A ledger pins its key: it does not open again under another one."""
    path = str(tmp_path / "ledger.sqlite")
    Ledger(world, vk, path).store.close()
    other = replace(vk, alpha_g1=vk.gamma_abc_g1[:64])
    with pytest.raises(InvalidKey, match="pins another"):
        Ledger(world, other, path)


def test_development_key_refused(world: World, vk: VerifyingKey) -> None:
    """Who made a single-party key can forge claims: it moves no money unless that is asked for."""
    assert vk.development
    with SqliteStore(":memory:") as store, pytest.raises(DevelopmentKeyRefused):
        Settlement(store, world.domain, vk, clock=lambda: EPOCH)


def test_receipt_over_cap_refused(world: World) -> None:
    """The node keeps the last good receipt: one above the cap could never be claimed."""
    meter = ReceiptMeter(world.note, window_bytes=1 << 40)
    meter.accept(world.receipt)
    with pytest.raises(InvalidReceipt, match="above the note's cap"):
        meter.accept(Receipt.sign(world.client, world.note.cm, CAP + 1))
    assert meter.best == world.receipt


def test_resume_after_reset(world: World) -> None:
    """A node that restarts neither loses nor doubles a byte, refuses a state of another note, and goes on only with the
    same A and a new T.bind.
    """
    first, second = bytes(32), bytes(31) + b"\1"
    session = SessionAcceptor(world.note, window_bytes=1 << 40)
    session.bind(first, ChannelBinding.sign(world.client, world.note.cm, first).pack())
    session.accept(world.receipt.pack())
    session.meter.record(MIB)
    again = SessionAcceptor.resume(world.note, session.state(), window_bytes=1 << 40)
    found, expected = again.meter, session.meter
    assert (found.relayed, found.acknowledged, found.best) == (expected.relayed, expected.acknowledged, world.receipt)
    with pytest.raises(ZkrelayError):
        SessionAcceptor.resume(world.other_note, session.state())
    for key, signed, channel in (
        (world.client, first, first),  # the old channel again
        (world.client, first, second),  # its binding on a new one
        (world.mallory, second, second),  # another key
    ):
        with pytest.raises(ZkrelayError):
            again.bind(channel, ChannelBinding.sign(key, world.note.cm, signed).pack())
        with pytest.raises(NotBound):
            again.accept(world.receipt.pack())
    again.bind(second, ChannelBinding.sign(world.client, world.note.cm, second).pack())
    again.accept(Receipt.sign(world.client, world.note.cm, found.relayed).pack())
    assert found.unacknowledged == 0
