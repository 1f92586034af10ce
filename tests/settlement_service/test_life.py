"""Every operation once, over HTTP, with real proofs; all money accounted for after each step."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from settlement.client import SettlementClient

from zkrelay.errors import NullifierSpent, StakeLocked, UnknownStake
from zkrelay.relay.batch import Batch
from zkrelay.relay.claim import session_commitment
from zkrelay.relay.deposit_order import DepositOrder
from zkrelay.relay.funding import FundingKey
from zkrelay.relay.merkle import MerkleTree
from zkrelay.relay.opening import Opening, OpenMessage, Ticket
from zkrelay.relay.proving import prove_batch, prove_statement
from zkrelay.relay.refund import RefundRequest
from zkrelay.relay.registration import leave_context, prove_registration, register_context
from zkrelay.relay.slash import recover_funding, slash_handle
from zkrelay.relay.store import PaymentKind
from zkrelay.relay.submission import BatchSubmission

from .world import CONTEXT, DOMAIN, FUNDING, MIB, SLOTS, START, Running, World, running, sqlite_service


@pytest.fixture
def full(world: World) -> Iterator[Running]:
    """A service with all entry points."""
    with sqlite_service(world, **world.everything()) as service, running(service) as served:
        yield served


def check_books(client: SettlementClient) -> dict[str, int]:
    sums = client.balances()
    assert sums["conserved"] is True
    return {kind: int(money) for kind, money in sums["paid_out"].items()} | {
        name: int(sums[name]) for name in ("locked", "pots", "stakes", "paid_in")
    }


def test_a_claim_from_deposit_to_payment(world: World, served: Running, client: SettlementClient) -> None:
    key, note, receipt = world.session()
    deposit = client.deposit(DepositOrder.of_note(note))
    assert (deposit.cm, deposit.position, deposit.locked) == (note.cm, 0, 150)
    assert client.root_at(START) == deposit.root == client.ledger().root
    assert client.root_at(START - 1) is None
    assert client.ledger().domain == DOMAIN
    claim = world.prove(world.claim(client, note, receipt))
    assert not client.is_spent(claim.statement.nf)
    payment = client.redeem(claim)
    assert (payment.money, payment.fee, payment.kind, payment.nf) == (35, 1, PaymentKind.CLAIM, claim.statement.nf)
    assert client.is_spent(claim.statement.nf)
    with pytest.raises(NullifierSpent):
        client.redeem(claim)
    assert check_books(client)["claim"] == 36
    events = list(client.events())
    assert [event.kind for event in events] == ["note", "nullifier", "payment"]
    assert [event.number for event in events] == [1, 2, 3]
    assert [event.number for event in client.events(after=2)] == [3]
    assert [event.kind for event in client.events(kind="nullifier")] == ["nullifier"]
    tree = MerkleTree(DOMAIN.arity, DOMAIN.depth)
    assert client.extend(tree) == deposit.root == client.extend(tree)


def test_commit_now_and_prove_later(world: World, client: SettlementClient) -> None:
    _, note, receipt = world.session()
    client.deposit(DepositOrder.of_note(note))
    handle = session_commitment(note, receipt)
    assert client.commit(handle) == START
    claim = world.prove(world.claim(client, note, receipt))
    world.now += 2
    assert client.commit(handle) == START
    assert [event.kind for event in client.events()] == ["note", "commitment"]  # the second recording was none
    assert client.redeem(claim).money == 35


def test_a_batch(world: World, full: Running) -> None:
    client = full.client()
    sessions = [world.session(megabytes) for megabytes in (3, 4)]
    for _, note, _ in sessions:
        client.deposit(DepositOrder.of_note(note))
    batch = Batch.build([world.claim(client, note, receipt) for _, note, receipt in sessions], num_slots=SLOTS)
    sent = BatchSubmission(batch.statement, CONTEXT, prove_batch(batch, world.keys.batch[1]))
    assert client.commit(batch.statement.h) == START
    payment = client.redeem_batch(sent)
    assert (payment.money + payment.fee, payment.kind) == (7 * 3, PaymentKind.BATCH)
    assert all(client.is_spent(nf) for nf in sent.nullifiers)
    with pytest.raises(NullifierSpent):
        client.redeem_batch(sent)
    assert check_books(client)["batch"] == 21


def test_a_refund(world: World, served: Running, client: SettlementClient) -> None:
    key, note, _ = world.session()
    client.deposit(DepositOrder.of_note(note))
    world.now = note.expiry + 3
    request = RefundRequest.sign(key, note, recipient=0xC11E47)
    assert client.refund(request).money == 150
    assert check_books(client) | {"refund": 150, "locked": 0} == check_books(client)
    with pytest.raises(NullifierSpent):
        client.refund(request)


def test_a_stake_comes_and_goes(world: World, full: Running) -> None:
    client, node, prover = full.client(), world.node, world.keys.registration[1]
    proof = prove_registration(node, register_context(DOMAIN, node.payee, 0xADD, 1000), prover)
    stake = client.register(node.payee, 0xADD, 1000, proof)
    assert client.stake(node.payee) == stake
    assert check_books(client)["stakes"] == 1000
    leaving = client.leave(node.payee, prove_registration(node, leave_context(DOMAIN, node.payee, START), prover))
    assert leaving.exit_epoch == START
    with pytest.raises(StakeLocked):
        client.withdraw(node.payee)
    world.now += 3
    key = secrets.token_urlsafe(16)
    payment = client.withdraw(node.payee, key=key)
    assert (payment.recipient, payment.money, payment.nf) == (0xADD, 1000, None)
    assert client.withdraw(node.payee, key=key) == payment  # nothing but the key can tell that it is the same request
    with pytest.raises(UnknownStake):
        client.withdraw(node.payee)
    assert check_books(client)["stake"] == 1000
    assert [event.kind for event in client.events()] == ["stake", "stake-exit", "stake-end", "payment"]


def test_a_slashed_stake(world: World, full: Running) -> None:
    client, node = full.client(), world.node
    context = register_context(DOMAIN, node.payee, 0xADD, 1000)
    client.register(node.payee, 0xADD, 1000, prove_registration(node, context, world.keys.registration[1]))
    client.commit(slash_handle(DOMAIN.value, node.payee, node.kn, 0x51A5, 7))
    world.now += 1
    reward, burnt = client.slash(node.payee, node.kn, 0x51A5, 7)
    assert (reward.money, burnt.money, burnt.recipient) == (600, 400, 0)
    assert check_books(client) | {"slash": 600, "burn": 400, "stakes": 0} == check_books(client)


def test_tickets_open_notes_and_are_slashed(world: World, full: Running) -> None:
    client, funding_key, prover = full.client(), FundingKey.generate(), world.keys.open[1]
    leaf = client.fund(funding_key.identity, 3)
    assert check_books(client)["pots"] == 3 * 30
    tree = FUNDING.tree()
    tree.extend(list(client.funding_leaves()))

    def opening(inner: int) -> Opening:
        message = OpenMessage(DOMAIN.value, inner, FUNDING.ticket_bytes, START + 30)
        return Opening.build(FUNDING, funding_key, Ticket(0, 3), tree.proof(leaf.position), message)

    first = opening(1)
    proof = prove_statement(first.statement.public_inputs, first.inputs, prover)
    cm = client.open(first.message, first.statement, proof)
    assert client.open(first.message, first.statement, proof) == cm  # another key, the same message
    assert list(client.leaves()) == [cm]
    assert check_books(client) | {"pots": 60, "locked": 27, "fee": 3} == check_books(client)
    assert client.ticket(first.statement.nf) == first.statement.share
    assert [event.kind for event in client.events()] == ["leaf", "ticket", "note", "payment"]

    second = opening(2)
    evidence = recover_funding(first.statement.share, second.statement.share)
    client.commit(slash_handle(FUNDING.value, evidence.identity, evidence.secret, 0x51A5, 7))
    world.now += 1
    reward, burnt = client.slash_tickets(first.statement.share, second.statement.share, 0x51A5, 7)
    assert (reward.money, burnt.money) == (36, 24)
    assert check_books(client)["pots"] == 0


def test_the_path_of_one_note(world: World, served: Running, client: SettlementClient) -> None:
    _, note, _ = world.session(cap=MIB)
    root = client.deposit(DepositOrder.of_note(note)).root
    path = client._get(f"/v1/notes/{note.cm}/path")
    assert (int(path["leaf"]), int(path["root"]), len(path["path"])) == (note.cm, root, DOMAIN.depth)
    assert served.refusal("GET", "/v1/notes/5/path") == (422, "malformed-input")
