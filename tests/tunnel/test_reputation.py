"""Reputation: only paid sessions add to it, each once, and never more than they paid."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey
from tunnel import challenger
from tunnel.canary import LOST
from tunnel.challenger import Attestation
from tunnel.errors import TestimonyRefused
from tunnel.reputation import MAX_ATTESTATIONS, Reputation, Testimony, paid_claims

from zkrelay.relay.identity import SessionKey
from zkrelay.relay.note import Note
from zkrelay.relay.nullifier import note_nullifier
from zkrelay.relay.receipt import Receipt
from zkrelay.relay.receipt_context import ChallengeResult, ReceiptContext
from zkrelay.relay.store import Payment, PaymentKind

PAYEE, DOMAIN = 77, 5
KEY = SessionKey.from_seed(bytes(64))
CHALLENGER = SigningKey(bytes(range(32)))
PUBLIC = bytes(CHALLENGER.verify_key)


def note(number: int = 1, **changes: int) -> Note:
    numbers = {"domain": DOMAIN, "payee": PAYEE, "cap": 1 << 30, "expiry": 9, "rho": number, **changes}
    return Note(public_key=KEY.public, **numbers)


def attested(cm: int, *, size: int = 10**6, microseconds: int = 500_000, number: int = 0) -> Attestation:
    """As a challenger and the client make it, without the bytes between."""
    identifier = number.to_bytes(32, "big")
    certificate = CHALLENGER.sign(challenger._certified(identifier, cm, size, microseconds)).signature
    result = ChallengeResult(challenger._challenge(PUBLIC, identifier, size), microseconds)
    signature = KEY.sign(challenger._attested(cm, result))
    return Attestation(PUBLIC, identifier, cm, size, microseconds, certificate, signature)


def told(note: Note, values: tuple[int, ...] = (900, 1100, LOST, 1000), *attestations: Attestation) -> Testimony:
    results = tuple(ChallengeResult(n, value) for n, value in enumerate(values))
    context = ReceiptContext(bytes(32), 3, results + tuple(attestation.result for attestation in attestations))
    return Testimony(note, Receipt.sign(KEY, note.cm, 10 << 20, context.ctx), context, attestations)


def nf(note: Note) -> int:
    return note_nullifier(note.cm, note.rho)


def reputation(paid: dict[int, int]) -> Reputation:
    return Reputation(PAYEE, DOMAIN, paid, challengers=[PUBLIC])


def state(of: Reputation) -> tuple[Any, ...]:
    return of.score, of.paid, of.num_probes, of.num_lost, of.bytes_a_second


def test_a_paid_session_counts_as_far_as_its_probes_were_answered() -> None:
    of = reputation({nf(note()): 1001})
    assert of.add(told(note())) == 1001 * 3 // 4
    assert state(of) == (750, 1001, 4, 1, None)


def test_without_a_probe_nothing_is_said() -> None:
    of = reputation({nf(note()): 1000})
    assert of.add(told(note(), ())) == 0
    assert state(of) == (0, 1000, 0, 0, None)


def test_rates_are_weighted_by_money() -> None:
    notes = [note(number) for number in range(1, 4)]
    of = reputation({nf(notes[0]): 10, nf(notes[1]): 10, nf(notes[2]): 100})
    for one, microseconds in zip(notes, (1000, 2000, 10_000), strict=True):
        of.add(told(one, (1,), attested(one.cm, microseconds=microseconds)))
    assert of.bytes_a_second == 10**6 * 10**6 // 10_000


def test_an_attested_result_is_no_canary() -> None:
    of = reputation({nf(note()): 100})
    assert of.add(told(note(), (LOST,), attested(note().cm))) == 0
    assert (of.num_probes, of.num_lost) == (1, 1)


def test_a_ledger_s_payments_of_single_claims_are_what_weighs() -> None:
    payments = [
        Payment(1, 9, 90, 8, 10, 3),
        Payment(2, 9, 90, 8, 10, 3, PaymentKind.REFUND),
        Payment(3, 9, 90, 8, 10, 3, PaymentKind.BATCH),
        Payment(None, 9, 90, 8, 10, 3, PaymentKind.STAKE),
    ]
    assert paid_claims(payments) == {1: 100}


def other_key(t: Testimony) -> Testimony:
    return replace(t, receipt=Receipt.sign(SessionKey.generate(), t.note.cm, 10 << 20, t.context.ctx))


def other_context(t: Testimony) -> Testimony:
    better = tuple(ChallengeResult(result.challenge, 1) for result in t.context.challenges)
    return replace(t, context=replace(t.context, challenges=better))


def fewer_losses(t: Testimony) -> Testimony:
    kept = tuple(result for result in t.context.challenges if result.value != LOST)
    return replace(t, context=replace(t.context, challenges=kept))


def other_note_s_receipt(t: Testimony) -> Testimony:
    return replace(t, receipt=Receipt.sign(KEY, note(5).cm, 10 << 20, t.context.ctx))


def unsigned_attestation(t: Testimony) -> Testimony:
    return replace(t, attestations=(attested(t.note.cm),))


def signing(*attestations: Attestation) -> Testimony:
    return told(note(), (1,), *attestations)


def other_session_s_attestation(t: Testimony) -> Testimony:
    return signing(attested(note(5).cm))


def attestation_twice(t: Testimony) -> Testimony:
    return signing(attested(t.note.cm), attested(t.note.cm))


def faster(t: Testimony) -> Testimony:
    return signing(replace(attested(t.note.cm), microseconds=1))


def of_nobody(t: Testimony) -> Testimony:
    return signing(replace(attested(t.note.cm), challenger=bytes(32)))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (other_key, "not signed"),
        (other_context, "does not sign this context"),
        (fewer_losses, "does not sign this context"),
        (other_note_s_receipt, "another note"),
        (unsigned_attestation, "does not sign the result"),
        (other_session_s_attestation, "another session"),
        (attestation_twice, "comes twice"),
        (faster, "not signed"),
        (of_nobody, "not signed: .* not trusted"),
        (lambda t: told(note(payee=78)), "another node"),
        (lambda t: told(note(domain=6)), "another domain"),
        (lambda t: told(note(2)), "no claim of this note was paid"),
    ],
)
def test_what_is_refused_changes_nothing(change: Callable[[Testimony], Testimony], why: str) -> None:
    of = reputation({nf(note()): 100, nf(note(payee=78)): 100, nf(note(domain=6)): 100})
    with pytest.raises(TestimonyRefused, match=why):
        of.add(change(told(note())))
    assert state(of) == (0, 0, 0, 0, None)
    assert of.add(told(note())) == 75, "the honest one still counts"


def test_a_note_counts_once_whatever_is_said_of_it_later() -> None:
    of = reputation({nf(note()): 100})
    of.add(told(note(), (LOST,)))
    with pytest.raises(TestimonyRefused, match="before"):
        of.add(told(note(), (1,)))
    assert of.score == 0


CASES = st.lists(
    st.tuples(st.integers(1, 6), st.lists(st.sampled_from([1, 500, LOST]), max_size=4), st.booleans()), max_size=12
)
MONEY = st.dictionaries(st.integers(1, 6), st.integers(0, 1 << 64), max_size=6)


@settings(max_examples=60, deadline=None)
@given(MONEY, CASES)
def test_a_score_is_never_above_the_money_and_never_falls(money: dict[int, int], cases: list[Any]) -> None:
    """Whoever sends whatever, in any order: sybils, repetitions, forgeries, notes that nobody funded."""
    of = reputation({nf(note(number)): paid for number, paid in money.items()})
    for number, values, honest in cases:
        before = of.score
        said = told(note(number), tuple(values))
        try:
            of.add(said if honest else other_key(said))
        except TestimonyRefused:
            assert of.score == before
        assert of.score >= before
    assert of.score <= of.paid <= sum(money.values())


def test_a_testimony_survives_json() -> None:
    said = told(note(), (1, LOST), attested(note().cm))
    assert Testimony.from_dict(json.loads(json.dumps(said.to_dict()))) == said


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: None,
        lambda d: [],
        lambda d: {**d, "more": 1},
        lambda d: {**d, "note": 3},
        lambda d: {**d, "note": {**d["note"], "rho": str(1 << 255)}},
        lambda d: {**d, "note": {**d["note"], "public_key": "zz"}},
        lambda d: {**d, "receipt": d["receipt"][:-2]},
        lambda d: {**d, "receipt": "02" + d["receipt"][2:]},
        lambda d: {**d, "receipt": 7},
        lambda d: {**d, "context": {}},
        lambda d: {**d, "attestations": ["00"]},
        lambda d: {**d, "attestations": [None]},
        lambda d: {**d, "attestations": {}},
        lambda d: {**d, "attestations": d["attestations"] * (MAX_ATTESTATIONS + 1)},
    ],
)
def test_anything_else_is_no_testimony(spoil: Callable[[dict[str, Any]], Any]) -> None:
    data = told(note(), (1,), attested(note().cm)).to_dict()
    with pytest.raises(TestimonyRefused):
        Testimony.from_dict(spoil(data))
