"""Batches at the ledger: whole or not at all, and the same nullifiers as single claims."""

from __future__ import annotations

import dataclasses

import pytest
from fake_verifier import fake_proof

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
    UnknownRoot,
    WrongContext,
    WrongDomain,
    WrongVenue,
)
from zkrelay.relay.batch_statement import BATCH_NAMES
from zkrelay.relay.context import ClaimContext
from zkrelay.relay.store import Payment, PaymentKind

from .ledger import SLOTS, START, WINDOW, Ledger
from .parties import CONTEXT, DOMAIN

R = bn254.FR.modulus


def test_one_payment_for_all(ledger: Ledger) -> None:
    ledger.fund(units=1000)
    payment = ledger.redeem_batch()
    assert payment == Payment(11, CONTEXT.payout_address, 295, CONTEXT.relayer, 5, START, PaymentKind.BATCH)
    assert ledger.settlement.payments() == [payment]
    assert ledger.settlement.balance == 3000 - 300
    assert [ledger.settlement.is_spent(nf) for nf in (11, 12, 13, 0)] == [True, True, True, False]


def test_dummy_slots_spend_nothing(ledger: Ledger) -> None:
    """0 is no note's nullifier, and stays free for ever."""
    ledger.fund()
    ledger.redeem_batch(ledger.batch((11,)))
    ledger.redeem_batch(ledger.batch((12,)))
    with ledger.store.read() as transaction:
        assert [nf for nf, _ in transaction.nullifiers(-1, 9)] == [11, 12]


def test_a_batch_is_paid_once(ledger: Ledger) -> None:
    ledger.fund()
    ledger.redeem_batch()
    ledger.refuses(NullifierSpent, ledger.redeem_batch, match="3 notes")


@pytest.mark.parametrize("spent", [11, 12, 13])
def test_one_spent_note_refuses_the_whole(ledger: Ledger, spent: int) -> None:
    """The proof shows the total only: there is no part of it to pay."""
    ledger.fund()
    ledger.redeem(ledger.statement(nf=spent))
    ledger.refuses(NullifierSpent, ledger.redeem_batch, match="1 notes")
    others = tuple(nf for nf in (11, 12, 13) if nf != spent)
    ledger.redeem_batch(ledger.batch(others))


def test_a_note_of_a_batch_is_not_claimed_again(ledger: Ledger) -> None:
    ledger.fund()
    ledger.redeem_batch()
    for nf in (11, 12, 13):
        ledger.refuses(NullifierSpent, lambda nf=nf: ledger.redeem(ledger.statement(nf=nf)))  # type: ignore[misc]


def test_batch_duplicate_nf(ledger: Ledger) -> None:
    """The circuit would allow it: sent as it is, past our own classes."""
    ledger.fund()
    batch = ledger.batch()
    vector = [*batch.vector[:-2], 11, 0]
    proof = fake_proof(batch.public_inputs)
    ledger.refuses(DuplicateNullifier, lambda: ledger.settlement.redeem_batch(vector, batch.h, CONTEXT, proof))


@pytest.mark.parametrize(("slots", "count"), [((11, 12, 13, 14), 3), ((11, 0, 12, 0), 2), ((11, 0, 0, 0), 2)])
def test_batch_dummy_nonzero(ledger: Ledger, slots: tuple[int, ...], count: int) -> None:
    ledger.fund()
    batch = ledger.batch()
    head = dict(zip(BATCH_NAMES, batch.vector, strict=False))
    vector = [*{**head, "count": count}.values(), *slots]
    proof = fake_proof(batch.public_inputs)
    ledger.refuses(InvalidBatch, lambda: ledger.settlement.redeem_batch(vector, batch.h, CONTEXT, proof))


@pytest.mark.parametrize("index", range(len(BATCH_NAMES) + SLOTS))
def test_batch_public_alias(ledger: Ledger, index: int) -> None:
    ledger.fund()
    batch = ledger.batch()
    vector = batch.vector
    vector[index] += R
    proof = fake_proof(batch.public_inputs)
    ledger.refuses(MalformedInput, lambda: ledger.settlement.redeem_batch(vector, batch.h, CONTEXT, proof))


def test_alias_of_h(ledger: Ledger) -> None:
    ledger.fund()
    batch = ledger.batch()
    proof = fake_proof(batch.public_inputs)
    ledger.refuses(
        NonCanonicalNumber, lambda: ledger.settlement.redeem_batch(batch.vector, batch.h + R, CONTEXT, proof)
    )


@pytest.mark.parametrize("name", ["root", "epoch", "payee", "total", "nullifiers", "h"])
def test_proof_of_another_batch(ledger: Ledger, name: str) -> None:
    ledger.fund()
    ledger.fund(inner=2)
    batch = ledger.batch()
    change = (12, 11, 13, 0) if name == "nullifiers" else getattr(batch, name) - 1
    changed = dataclasses.replace(batch, **{name: change})
    ledger.refuses(InvalidProof, lambda: ledger.redeem_batch(changed, proof=fake_proof(batch.public_inputs)))


def test_every_size_has_its_own_key(ledger: Ledger) -> None:
    """Moved to another number of slots, or to the entry point of single claims, a proof is worth nothing."""
    ledger.fund()
    ledger.refuses(EntryPointClosed, lambda: ledger.redeem_batch(ledger.batch(num_slots=SLOTS + 1)))
    batch, statement = ledger.batch(), ledger.statement()
    claim_proof, batch_proof = fake_proof(statement), fake_proof(batch.public_inputs)
    ledger.refuses(InvalidProof, lambda: ledger.redeem_batch(batch, proof=claim_proof))
    ledger.refuses(InvalidProof, lambda: ledger.redeem(statement, proof=batch_proof))


@pytest.mark.parametrize("size", [0, len(BATCH_NAMES) - 1, len(BATCH_NAMES)])
def test_short_vectors(ledger: Ledger, size: int) -> None:
    batch = ledger.batch()
    proof = fake_proof(batch.public_inputs)
    ledger.refuses(MalformedInput, lambda: ledger.settlement.redeem_batch(batch.vector[:size], batch.h, CONTEXT, proof))


def test_rules_that_batches_share_with_claims(ledger: Ledger) -> None:
    ledger.fund()
    ledger.refuses(WrongDomain, lambda: ledger.redeem_batch(ledger.batch(domain=5)))
    ledger.refuses(WrongVenue, lambda: ledger.redeem_batch(ledger.batch(venue=1)))
    ledger.refuses(UnknownRoot, lambda: ledger.redeem_batch(ledger.batch(root=5)))
    ledger.refuses(InsufficientEscrow, lambda: ledger.redeem_batch(ledger.batch(total=1001)))
    thief = dataclasses.replace(CONTEXT, payout_address=1)
    ledger.refuses(WrongContext, lambda: ledger.redeem_batch(context=thief))


def test_fee_cannot_mint(ledger: Ledger) -> None:
    ledger.fund()
    greedy = ClaimContext(payout_address=1, relayer=2, relayer_fee=100 * DOMAIN.price_per_unit + 1)
    ledger.refuses(FeeTooHigh, lambda: ledger.redeem_batch(ledger.batch(aux=greedy.aux), greedy))
    whole = dataclasses.replace(greedy, relayer_fee=greedy.relayer_fee - 1)
    assert ledger.redeem_batch(ledger.batch(aux=whole.aux), whole).money == 0


class TestEpochs:
    """h is what is committed."""

    @pytest.mark.parametrize("late", range(WINDOW + 1))
    def test_commit_now_prove_later(self, ledger: Ledger, late: int) -> None:
        ledger.fund()
        batch = ledger.batch()
        ledger.settlement.commit(batch.h)
        ledger.now = START + late
        ledger.redeem_batch(batch)

    def test_window_closes(self, ledger: Ledger) -> None:
        ledger.fund()
        batch = ledger.batch()
        ledger.settlement.commit(batch.h)
        ledger.now = START + WINDOW + 1
        ledger.refuses(Expired, lambda: ledger.redeem_batch(batch))

    @pytest.mark.parametrize("age", [2, WINDOW])
    def test_not_committed(self, ledger: Ledger, age: int) -> None:
        """Nor is the commitment of another batch, or one that came after the epoch."""
        ledger.fund()
        batch = ledger.batch()
        ledger.settlement.commit(ledger.batch(total=99).h)
        ledger.now = START + 1
        ledger.settlement.commit(batch.h)
        ledger.now = START + age
        ledger.refuses(NotCommitted, lambda: ledger.redeem_batch(batch))
