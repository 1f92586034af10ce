"""Many claims, one transaction: each gets what ``redeem`` would have given it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from fake_verifier import fake_proof
from hypothesis import given, settings
from hypothesis import strategies as st

from zkrelay.errors import (
    FeeTooHigh,
    InsufficientEscrow,
    InvalidProof,
    MalformedInput,
    NotCommitted,
    NullifierSpent,
    UnknownRoot,
    WrongContext,
    ZkrelayError,
)
from zkrelay.relay.context import ClaimContext
from zkrelay.relay.settlement import Submission
from zkrelay.relay.statement import ClaimStatement
from zkrelay.relay.store import Payment

from .ledger import START, Ledger
from .parties import CONTEXT


def submission(statement: ClaimStatement, context: ClaimContext = CONTEXT) -> Submission:
    return Submission(statement.public_inputs, context, fake_proof(statement))


def names(outcomes: list[object]) -> list[str]:
    return ["paid" if isinstance(outcome, Payment) else type(outcome).__name__ for outcome in outcomes]


def test_all_good(ledger: Ledger) -> None:
    ledger.fund()
    outcomes = ledger.settlement.redeem_many([submission(ledger.statement(nf=nf)) for nf in (5, 3, 4)])
    assert [outcome.nf for outcome in outcomes if isinstance(outcome, Payment)] == [5, 3, 4]
    assert ledger.settlement.payments() == outcomes
    assert ledger.settlement.balance == 3000 - 900


def test_none_at_all(ledger: Ledger) -> None:
    before = ledger.dump()
    assert ledger.settlement.redeem_many([]) == []
    assert ledger.dump() == before


def test_bad_ones_are_named_and_do_not_spoil_the_others(ledger: Ledger) -> None:
    ledger.fund()
    ledger.redeem(ledger.statement(nf=1))
    good = ledger.statement(nf=2)
    greedy = ClaimContext(payout_address=1, relayer_fee=301)
    outcomes = ledger.settlement.redeem_many(
        [
            submission(ledger.statement(nf=1)),
            submission(good),
            submission(ledger.statement(nf=3, root=5)),
            Submission(good.public_inputs[:6], CONTEXT, fake_proof(good)),
            Submission(ledger.statement(nf=4).public_inputs, CONTEXT, fake_proof(good)),
            submission(ledger.statement(nf=5, epoch=START - 2)),
            submission(ledger.statement(nf=6), dataclasses.replace(CONTEXT, relayer=0)),
            submission(ledger.statement(nf=7, aux=greedy.aux), greedy),
            submission(good),
            submission(ledger.statement(nf=8)),
        ]
    )
    expected = [NullifierSpent, None, UnknownRoot, MalformedInput, InvalidProof, NotCommitted, WrongContext, FeeTooHigh]
    assert names(outcomes) == ["paid" if e is None else e.__name__ for e in [*expected, NullifierSpent, None]]
    assert [payment.nf for payment in ledger.settlement.payments()] == [1, 2, 8]
    with ledger.store.read() as transaction:
        assert [nf for nf, _ in transaction.nullifiers(-1, 99)] == [1, 2, 8]


def test_of_two_with_one_nullifier_the_first_is_paid(ledger: Ledger) -> None:
    ledger.fund()
    twice = [submission(ledger.statement(nf=5, amount=amount)) for amount in (10, 20, 30)]
    assert names(ledger.settlement.redeem_many(twice)) == ["paid", "NullifierSpent", "NullifierSpent"]
    assert ledger.settlement.balance == 3000 - 30


def test_an_empty_escrow_pays_none_of_them(ledger: Ledger) -> None:
    """Only a broken proof system gets here."""
    ledger.fund(units=150)
    both = [submission(ledger.statement(nf=nf)) for nf in (1, 2)]
    ledger.refuses(InsufficientEscrow, lambda: ledger.settlement.redeem_many(both))


claims = st.fixed_dictionaries(
    {"nf": st.integers(1, 4), "amount": st.integers(2, 5), "epoch": st.integers(START - 3, START + 1)}
)


@settings(max_examples=30)
@given(st.lists(claims, max_size=8), st.integers(0, 8))
def test_as_one_after_the_other(changes: list[dict[str, int]], cut: int) -> None:
    def one_by_one(ledger: Ledger) -> list[object]:
        outcomes: list[object] = []
        for change in changes:
            try:
                outcomes.append(ledger.redeem(ledger.statement(**change)))
            except ZkrelayError as error:
                outcomes.append(error)
        return outcomes

    def many(ledger: Ledger) -> list[object]:
        submissions = [submission(ledger.statement(**change)) for change in changes]
        return [
            *ledger.settlement.redeem_many(submissions[:cut]),
            *ledger.settlement.redeem_many(submissions[cut:]),
        ]

    results = []
    for redeem in (one_by_one, many):
        ledger = Ledger()
        ledger.fund()
        outcomes = redeem(ledger)
        results.append((names(outcomes), ledger.settlement.payments(), ledger.settlement.balance))
    assert results[0] == results[1]


def test_one_wait_for_the_disk(tmp_path: Path) -> None:
    """All payments are in one transaction."""
    from zkrelay.relay.store_sqlite import SqliteStore

    with SqliteStore(tmp_path / "ledger.sqlite") as store:
        ledger = Ledger(store)
        ledger.fund()
        statements = []
        store._connection.set_trace_callback(statements.append)
        ledger.settlement.redeem_many([submission(ledger.statement(nf=nf)) for nf in range(1, 9)])
        store._connection.set_trace_callback(None)
        assert statements.count("BEGIN IMMEDIATE") == 1
