"""Batches: one proof about a vector that the contract reads in full, all nullifiers or none."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from chain_world import CONTEXT, SLOTS, START, WINDOW, ChainWorld, keys, outcome, public_of

from zkrelay.algebra.compression import chain
from zkrelay.curves import bn254
from zkrelay.errors import (
    DuplicateNullifier,
    EntryPointClosed,
    Expired,
    FeeTooHigh,
    InsufficientEscrow,
    InvalidBatch,
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
from zkrelay.relay.batch_statement import BATCH_NAMES

R = bn254.FR.modulus
PLACES = {name: index for index, name in enumerate(BATCH_NAMES)}
MONEY = 30 * 3
VALUES = [*BATCH_NAMES, *(f"nf_{i}" for i in range(SLOTS))]


def changed(vector: list[int], **values: int) -> list[int]:
    """By name, or by nf_i."""
    return [values.get(name, value) for name, value in zip(VALUES, vector, strict=True)]


def test_a_batch_is_paid_once(world: ChainWorld) -> None:
    world.deposit(1)
    batch = world.batch()
    proof = keys()["batch"].prove(batch.public_inputs)
    assert world.escrow.redeem_batch(batch.vector, batch.h, CONTEXT, proof).money == MONEY
    assert world.escrow.owed(CONTEXT.payout_address) == MONEY - 5
    assert all(map(world.escrow.is_spent, batch.spent))
    assert not world.escrow.is_spent(0)
    assert world.escrow.balance == 120 - MONEY
    again = outcome(lambda: world.escrow.redeem_batch(batch.vector, batch.h, CONTEXT, proof))
    assert type(again) is NullifierSpent


def test_the_same_note_in_a_batch_and_alone(world: ChainWorld) -> None:
    """One nullifier set: whichever comes second is refused, and a refused batch spends none of its others."""
    world.deposit(1)
    world.deposit(2)
    world.send(world.redeem_data(world.statement(nf=21).public_inputs))
    batch = world.batch((20, 21))
    world.refuses(NullifierSpent, world.batch_data(batch.vector, batch.h))
    assert not world.escrow.is_spent(20)
    other = world.batch((20, 22))
    world.send(world.batch_data(other.vector, other.h))
    world.refuses(NullifierSpent, world.redeem_data(world.statement(nf=22).public_inputs))


def test_a_note_twice_in_one_batch(world: ChainWorld) -> None:
    """The circuit does not see it; the client refuses it, and so does the contract."""
    world.deposit(1)
    batch = world.batch((21, 22))
    twice = changed(batch.vector, nf_1=21)
    proof = keys()["batch"].prove(public_of(twice, batch.h))
    error = outcome(lambda: world.escrow.redeem_batch(twice, batch.h, CONTEXT, proof))
    assert type(error) is DuplicateNullifier
    world.refuses(NullifierSpent, world.batch_data(twice, batch.h))
    assert not world.escrow.is_spent(21)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (InvalidBatch, {"nf_0": 0}),
        (InvalidBatch, {"nf_1": 0}),
        (InvalidBatch, {"nf_2": 7}),
        (InvalidBatch, {"count": 0}),
        (InvalidBatch, {"count": 1}),
        (InvalidBatch, {"count": 3}),
        (InvalidBatch, {"count": SLOTS + 1}),
        (InvalidBatch, {"count": (1 << 256) - 1}),
        (InvalidBatch, {"total": 1}),
        (InvalidBatch, {"total": 0}),
        (InvalidBatch, {"total": 2 << 64}),
        (InvalidBatch, {"total": R - 1}),
        (InsufficientEscrow, {"total": 41}),
        (InsufficientEscrow, {"total": (2 << 64) - 1}),
        (FeeTooHigh, {"total": 2, "count": 2, "aux": -1}),
        (MalformedInput, {"epoch": 1 << 32}),
        (MalformedInput, {"venue": 1 << 32}),
        (WrongVenue, {"venue": 1}),
        (WrongDomain, {"domain": 1}),
        (WrongContext, {"aux": 1}),
        (UnknownRoot, {"root": 1}),
        (NotCommitted, {"epoch": START - 2}),
    ],
)
def test_what_is_refused_with_a_true_proof(world: ChainWorld, kind: type[Exception], values: dict[str, int]) -> None:
    """The proof is true for exactly the vector that is sent."""
    world.deposit(1)
    batch = world.batch()
    context = CONTEXT
    if values.get("aux") == -1:
        context = type(CONTEXT)(CONTEXT.payout_address, CONTEXT.relayer, 7)
        values = {**values, "aux": context.aux}
    vector = changed(batch.vector, **values)
    if max(vector) >= R:  # an integer that no proof is about; the range is looked at first
        data = world.batch_data(vector, batch.h, context, keys()["batch"].prove(batch.public_inputs))
    else:
        data = world.batch_data(vector, batch.h, context)
    world.refuses(kind, data)
    assert not any(map(world.escrow.is_spent, (21, 22, 0)))
    assert world.escrow.balance == 120


@pytest.mark.parametrize("name", VALUES)
def test_an_alias_of_a_value_is_refused(world: ChainWorld, name: str) -> None:
    """v + r and the largest v + kr, with a proof true for v, and one true for the (h, alpha, e) of the alias."""
    world.deposit(1)
    batch = world.batch((21, 22, 23))
    proof = keys()["batch"].prove(batch.public_inputs)
    index = VALUES.index(name)
    value = batch.vector[index]
    for alias in (value + R, value + ((1 << 256) - 1 - value) // R * R):
        vector = changed(batch.vector, **{name: alias})
        proofs = [proof, keys()["batch"].prove(public_of(vector, batch.h))]
        for each in proofs:  # the second is true for the (h, alpha, e) of the alias
            error = outcome(lambda v=vector, p=each: world.send(world.batch_data(v, batch.h, proof=p)))
            assert isinstance(error, (NonCanonicalNumber, MalformedInput, WrongDomain, WrongVenue, WrongContext)), error
    world.refuses(NonCanonicalNumber, world.batch_data(batch.vector, batch.h + R, proof=proof))
    assert not any(map(world.escrow.is_spent, batch.spent))


BITS = [
    pytest.param((0, 1, 64, 200, 252, 255), id="some"),
    pytest.param(range(256), id="all", marks=[pytest.mark.long, pytest.mark.timeout(1800)]),
]


@pytest.mark.parametrize("bits", BITS)
def test_every_value_and_every_bit_matters(world: ChainWorld, bits: Sequence[int]) -> None:
    """With the proof of the honest vector, each changed bit of v, of h and of the proof is refused."""
    world.deposit(1)
    batch = world.batch((21, 22, 23))
    words = proof_words(keys()["batch"].prove(batch.public_inputs))
    good = [*words, batch.h, *batch.vector]
    assert len(good) == 8 + 1 + len(VALUES)
    changes = [(index, bit) for index in range(len(good)) for bit in bits]
    wrong = [[word ^ (1 << bit if i == index else 0) for i, word in enumerate(good)] for index, bit in changes]
    errors = world.refusals([world.batch_data(w[9:], w[8], proof=w[:8]) for w in wrong])
    for change, error in zip(changes, errors, strict=True):
        assert isinstance(error, MalformedInput | InvalidProof | SettlementRefused), change
    world.send(world.batch_data(batch.vector, batch.h, proof=words))


def test_slots_exchanged(world: ChainWorld) -> None:
    world.deposit(1)
    batch = world.batch((21, 22, 23))
    proof = keys()["batch"].prove(batch.public_inputs)
    exchanged = changed(batch.vector, nf_0=22, nf_1=21)
    world.refuses(InvalidProof, world.batch_data(exchanged, batch.h, proof=proof))


def test_another_number_of_slots(world: ChainWorld) -> None:
    world.deposit(1)
    for num_slots in (2, 4):
        batch = world.batch((21, 22), num_slots=num_slots)
        world.refuses(EntryPointClosed, world.batch_data(batch.vector, batch.h))
    world.refuses(EntryPointClosed, world.batch_data([], 1))


def test_who_sends_it_changes_nothing(world: ChainWorld) -> None:
    world.deposit(1)
    batch = world.batch()
    proof = keys()["batch"].prove(batch.public_inputs)
    stolen = type(CONTEXT)(0xBAD, CONTEXT.relayer, CONTEXT.relayer_fee)
    thief = world.other_account()
    data = world.batch_data(batch.vector, batch.h, stolen, proof)
    assert type(outcome(lambda: thief.send(world.escrow.address, data))) is WrongContext
    mine = changed(batch.vector, aux=stolen.aux)
    data = world.batch_data(mine, batch.h, stolen, proof)
    assert type(outcome(lambda: thief.send(world.escrow.address, data))) is InvalidProof
    thief.send(world.escrow.address, world.batch_data(batch.vector, batch.h, CONTEXT, proof))
    assert world.escrow.owed(CONTEXT.payout_address) == MONEY - 5


@pytest.mark.parametrize(("later", "kind"), [(WINDOW, None), (WINDOW + 1, Expired)])
def test_h_is_what_is_committed(world: ChainWorld, later: int, kind: type[Exception] | None) -> None:
    world.deposit(1)
    batch = world.batch()
    assert batch.h == chain(SLOTS, batch.vector)
    world.escrow.commit(batch.h)
    world.twin.commit(batch.h)
    world.set_epoch(START + later)
    proof = keys()["batch"].prove(batch.public_inputs)
    for ledger in (world.escrow, world.twin):
        error = outcome(lambda ledger=ledger: ledger.redeem_batch(batch.vector, batch.h, CONTEXT, proof))
        assert error is None if kind is None else type(error) is kind
