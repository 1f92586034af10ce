"""Single claims: what ``Settlement.redeem`` accepts is paid once, and everything else reverts with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from chain_world import CONTEXT, SLOTS, START, WINDOW, ChainWorld, keys, outcome, public_of
from settlement.chain import RevertedWithoutReason
from settlement.chain.abi import call

from zkrelay.curves import bn254
from zkrelay.errors import (
    Expired,
    FeeTooHigh,
    InsufficientEscrow,
    InvalidPoint,
    InvalidProof,
    MalformedInput,
    NonCanonicalNumber,
    NotCommitted,
    NullifierSpent,
    SettlementRefused,
    UnknownRoot,
    WrongContext,
    WrongDomain,
    WrongVenue,
)
from zkrelay.evm.words import proof_words
from zkrelay.groth16 import rerandomize
from zkrelay.relay.context import ClaimContext
from zkrelay.relay.statement import PUBLIC_NAMES

R, P = bn254.FR.modulus, bn254.FP.modulus
INPUTS = {name: index for index, name in enumerate(PUBLIC_NAMES)}
MONEY = 30 * 3


def test_a_claim_is_paid_once(world: ChainWorld) -> None:
    world.deposit(1)
    statement = world.statement()
    proof = keys()["claim"].prove(statement.public_inputs)
    paid = world.escrow.redeem(statement.public_inputs, CONTEXT, proof)
    assert paid.money == MONEY
    assert world.escrow.owed(CONTEXT.payout_address) == MONEY - 5
    assert world.escrow.owed(CONTEXT.relayer) == 5
    assert world.escrow.balance == 40 * 3 - MONEY
    assert world.escrow.is_spent(statement.nf)
    for again in (proof, rerandomize(keys()["claim"].vk, proof)):
        error = outcome(lambda proof=again: world.escrow.redeem(statement.public_inputs, CONTEXT, proof))
        assert type(error) is NullifierSpent
    world.escrow.withdraw(CONTEXT.payout_address)
    world.escrow.withdraw(CONTEXT.relayer)
    assert (world.money(CONTEXT.payout_address), world.money(CONTEXT.relayer)) == (MONEY - 5, 5)
    assert world.money(world.escrow.address) == world.escrow.balance
    assert type(outcome(lambda: world.escrow.withdraw(CONTEXT.relayer))) is SettlementRefused


@pytest.mark.parametrize("name", PUBLIC_NAMES)
def test_an_alias_of_an_input_is_refused(world: ChainWorld, name: str) -> None:
    """x + r and the largest x + kr for each public input, with x's proof: before and after x was redeemed."""
    world.deposit(1)
    public = world.statement().public_inputs
    proof = keys()["claim"].prove(public)
    kinds = {"domain": WrongDomain, "aux": WrongContext, "meta": MalformedInput}

    def refused() -> None:
        value = public[INPUTS[name]]
        for alias in (value + R, value + ((1 << 256) - 1 - value) // R * R):
            changed = [*public]
            changed[INPUTS[name]] = alias
            world.refuses(kinds.get(name, NonCanonicalNumber), world.redeem_data(changed, proof=proof))

    refused()
    world.send(world.redeem_data(public, proof=proof))
    refused()


@pytest.mark.parametrize("name", PUBLIC_NAMES)
def test_another_input_is_refused(world: ChainWorld, name: str) -> None:
    world.deposit(1)
    public = world.statement().public_inputs
    changed = [*public]
    changed[INPUTS[name]] ^= 1
    kinds = {"domain": WrongDomain, "aux": WrongContext}
    proof = keys()["claim"].prove(public)
    world.refuses(kinds.get(name, InvalidProof), world.redeem_data(changed, proof=proof))


def test_who_sends_it_changes_nothing(world: ChainWorld) -> None:
    """A thief who copies the call pays the node; one who changes any field of it is refused."""
    world.deposit(1)
    public = world.statement().public_inputs
    proof = keys()["claim"].prove(public)
    thief = world.other_account()
    for stolen in (
        replace(CONTEXT, payout_address=0xBAD),
        replace(CONTEXT, relayer=0xBAD),
        replace(CONTEXT, relayer_fee=6),
        ClaimContext(0xBAD),
    ):
        data = world.redeem_data(public, stolen, proof)
        assert type(outcome(lambda data=data: thief.send(world.escrow.address, data))) is WrongContext
    thief.send(world.escrow.address, world.redeem_data(public, CONTEXT, proof))
    assert world.escrow.owed(CONTEXT.payout_address) == MONEY - 5
    assert world.escrow.owed(int(thief.account, 16)) == 0


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (WrongDomain, {"domain": 5}),
        (WrongVenue, {"venue": 1}),
        (WrongVenue, {"venue": (1 << 32) - 1}),
        (UnknownRoot, {"root": 5}),
        (NotCommitted, {"epoch": START - 2}),
        (NotCommitted, {"epoch": START + 1}),
        (NotCommitted, {"epoch": (1 << 32) - 1}),
        (InsufficientEscrow, {"amount": 41}),
        (InsufficientEscrow, {"amount": (1 << 64) - 1}),
        (FeeTooHigh, {"amount": 1}),
    ],
)
def test_rules_of_the_ledger(world: ChainWorld, kind: type[Exception], changes: dict[str, int]) -> None:
    """On the chain as in Python; in both nothing has changed afterwards."""
    world.deposit(1)
    statement = world.statement(**changes)
    proof = keys()["claim"].prove(statement.public_inputs)
    for ledger in (world.escrow, world.twin):
        error = outcome(lambda ledger=ledger: ledger.redeem(statement.public_inputs, CONTEXT, proof))
        assert type(error) is kind
        assert not ledger.is_spent(statement.nf)
        assert ledger.balance == 40 * 3


@pytest.mark.parametrize("meta", [0, START << 64, 1 << 128, (1 << 128) + (START << 64) + 1, R - 1])
def test_what_is_no_meta(world: ChainWorld, meta: int) -> None:
    """An amount of zero, and what lies above the venue."""
    world.deposit(1)
    public = world.statement().public_inputs
    public[INPUTS["meta"]] = meta
    world.refuses(MalformedInput, world.redeem_data(public))


def test_a_fee_may_take_all_and_no_more(world: ChainWorld) -> None:
    world.deposit(1)
    for fee, kind in ((MONEY + 1, FeeTooHigh), ((1 << 256) - 1, FeeTooHigh), (MONEY, None)):
        context = replace(CONTEXT, relayer_fee=fee)
        public = world.statement(aux=context.aux).public_inputs
        error = outcome(lambda public=public, context=context: world.send(world.redeem_data(public, context)))
        assert error is None if kind is None else type(error) is kind
    assert (world.escrow.owed(CONTEXT.payout_address), world.escrow.owed(CONTEXT.relayer)) == (0, MONEY)


def test_every_root_stays_good(world: ChainWorld) -> None:
    """Deposits after a claim was built, dust or not, do not take its root away."""
    world.deposit(1)
    old = world.statement()
    for rho in range(2, 8):
        world.deposit(rho, units=1)
    assert world.escrow.root != old.root
    world.send(world.redeem_data(old.public_inputs))


@pytest.mark.parametrize(
    ("recorded", "claimed", "redeemed", "kind"),
    [
        (None, 0, 0, None),
        (None, -1, 0, None),
        (None, -2, 0, NotCommitted),
        (0, 0, WINDOW, None),
        (0, 0, WINDOW + 1, Expired),
        (0, 2, WINDOW + 2, None),
        (0, 2, 0, None),  # an epoch that comes: it is a lower bound of the note's expiry
        (1, 0, 3, NotCommitted),
        (1, 1, WINDOW + 1, None),
    ],
)
def test_commit_now_prove_later(
    world: ChainWorld, recorded: int | None, claimed: int, redeemed: int, kind: type[Exception] | None
) -> None:
    world.deposit(1, expiry=START + 20)
    statement = world.statement(epoch=START + claimed)
    if recorded is not None:
        world.set_epoch(START + recorded)
        assert world.escrow.commit(statement.cc) == world.twin.commit(statement.cc) == START + recorded
        world.set_epoch(START + recorded + 1)
        assert world.escrow.commit(statement.cc) == START + recorded, "only the first time counts"
    if START + redeemed > world.escrow.epoch:
        world.set_epoch(START + redeemed)
    proof = keys()["claim"].prove(statement.public_inputs)
    for ledger in (world.twin, world.escrow):
        error = outcome(lambda ledger=ledger: ledger.redeem(statement.public_inputs, CONTEXT, proof))
        assert error is None if kind is None else type(error) is kind


def test_a_commitment_is_an_element(world: ChainWorld) -> None:
    world.refuses(NonCanonicalNumber, call("commit(uint256)", R))
    assert world.escrow.commit(R - 1) == START


BITS = [
    pytest.param((0, 1, 128, 253, 255), id="some"),
    pytest.param(range(256), id="all", marks=[pytest.mark.long, pytest.mark.timeout(1800)]),
]


@pytest.mark.parametrize("bits", BITS)
def test_every_bit_of_proof_and_inputs_matters(world: ChainWorld, bits: Sequence[int]) -> None:
    world.deposit(1)
    public = world.statement().public_inputs
    words = proof_words(keys()["claim"].prove(public))
    good = [*words, *public]
    changes = [(index, bit) for index in range(len(good)) for bit in bits]
    wrong = [[word ^ (1 << bit if i == index else 0) for i, word in enumerate(good)] for index, bit in changes]
    errors = world.refusals([world.redeem_data(w[8:], proof=w[:8]) for w in wrong])
    for change, error in zip(changes, errors, strict=True):
        assert isinstance(error, MalformedInput | InvalidProof | SettlementRefused), change
    for index in range(8):
        alias = [word + P if i == index else word for i, word in enumerate(words)]
        data = world.redeem_data(public, proof=alias)
        assert type(outcome(lambda data=data: world.rpc.call(world.escrow.address, data))) is InvalidPoint
    world.send(world.redeem_data(public, proof=words))


def test_an_entry_point_pins_its_key(world: ChainWorld) -> None:
    """Proofs under another key, of the batch's entry point among them."""
    world.deposit(1)
    public = world.statement().public_inputs
    statement = world.batch()
    others = (keys()["batch"].prove(public_of(statement.vector, statement.h)), keys()["registration"].prove([1, 2]))
    for proof in others:
        world.refuses(InvalidProof, world.redeem_data(public, proof=proof))
    for proof in (keys()["claim"].prove(public), keys()["registration"].prove([1, 2])):
        world.refuses(InvalidProof, world.batch_data(statement.vector, statement.h, proof=proof))
    assert len(statement.nullifiers) == SLOTS


def test_too_little_gas_reverts(world: ChainWorld) -> None:
    """At any limit the claim is paid in full, or nothing has happened."""
    world.deposit(1)
    statement = world.statement()
    data = world.redeem_data(statement.public_inputs)
    estimate = int(
        world.rpc.request(
            "eth_estimateGas", {"from": world.rpc.account, "to": world.escrow.address, "data": hexed(data)}
        ),
        16,
    )
    for gas in (*range(60_000, estimate - 6_000, 25_000), estimate - 6_000):
        error = outcome(lambda gas=gas: world.rpc.call(world.escrow.address, data, gas))
        assert type(error) in (RevertedWithoutReason, InvalidPoint), gas
    assert not world.escrow.is_spent(statement.nf)
    world.send(data, estimate)
    assert world.escrow.owed(CONTEXT.payout_address) == MONEY - 5


def test_calldata_of_another_form(world: ChainWorld) -> None:
    world.deposit(1)
    data = world.redeem_data(world.statement().public_inputs)
    for wrong in (data[:-1], data[:-32], data[:4], b"", bytes(4) + data[4:]):
        assert type(outcome(lambda wrong=wrong: world.send(wrong))) is RevertedWithoutReason
    dirty = bytearray(data)
    dirty[-96] = 1  # an address of more than 20 bytes
    assert type(outcome(lambda: world.send(bytes(dirty)))) is RevertedWithoutReason
    assert type(outcome(lambda: world.rpc.send(world.escrow.address, data, value=1))) is RevertedWithoutReason


def hexed(data: bytes) -> str:
    return f"0x{data.hex()}"
