"""Refunds: the client's own, after every possible claim, once, and never beside a claim."""

from __future__ import annotations

import dataclasses
import itertools

import pytest
from curve_points import small_order_point

from zkrelay.algebra.eddsa import ORDER, Signature
from zkrelay.algebra.hash_to_field import T
from zkrelay.algebra.poseidon import poseidon
from zkrelay.curves import bn254
from zkrelay.errors import (
    InvalidPoint,
    InvalidSignature,
    MalformedInput,
    NonCanonicalNumber,
    NotCommitted,
    NotFinal,
    NotYetRefundable,
    NullifierSpent,
    SettlementRefused,
    UnknownNote,
    ZkrelayError,
)
from zkrelay.relay.identity import SessionKey
from zkrelay.relay.note import Note
from zkrelay.relay.nullifier import note_nullifier
from zkrelay.relay.receipt import Receipt
from zkrelay.relay.refund import RefundRequest, refund_message
from zkrelay.relay.store import Payment, PaymentKind

from .ledger import START, WINDOW, Ledger
from .parties import DOMAIN

R = bn254.FR.modulus
KEY = SessionKey.from_seed(b"a client")
EXPIRY = START + 5
NOTE = Note(DOMAIN.value, payee=7, public_key=KEY.public, rho=77, cap=10 * DOMAIN.unit + 1, expiry=EXPIRY)
NF = note_nullifier(NOTE.cm, NOTE.rho)
REQUEST = RefundRequest.sign(KEY, NOTE, recipient=0xC11E47)
FIRST = EXPIRY + WINDOW + 1  # the first epoch of a refund


def test_the_whole_price_goes_to_the_recipient(ledger: Ledger) -> None:
    ledger.deposit(NOTE)
    ledger.now = FIRST
    payment = ledger.settlement.refund(REQUEST)
    assert payment == Payment(NF, 0xC11E47, 30, 0, 0, FIRST, PaymentKind.REFUND)
    assert ledger.settlement.payments() == [payment]
    assert (ledger.settlement.balance, ledger.settlement.is_spent(NF)) == (0, True)


@pytest.mark.parametrize("now", [START, EXPIRY, EXPIRY + 1, FIRST - 1])
def test_refund_before_expiry_and_window(ledger: Ledger, now: int) -> None:
    ledger.deposit(NOTE)
    ledger.now = now
    ledger.refuses(NotYetRefundable, lambda: ledger.settlement.refund(REQUEST))


def test_a_note_is_refunded_once(ledger: Ledger) -> None:
    ledger.deposit(NOTE)
    ledger.now = FIRST
    ledger.settlement.refund(REQUEST)
    ledger.refuses(NullifierSpent, lambda: ledger.settlement.refund(REQUEST))
    other = RefundRequest.sign(KEY, NOTE, recipient=5)
    ledger.refuses(NullifierSpent, lambda: ledger.settlement.refund(other))


def test_refund_after_claim(ledger: Ledger) -> None:
    ledger.deposit(NOTE)
    ledger.redeem(ledger.statement(nf=NF, amount=2))
    ledger.now = FIRST
    ledger.refuses(NullifierSpent, lambda: ledger.settlement.refund(REQUEST))


def test_claim_after_refund(ledger: Ledger) -> None:
    """Even of an epoch that no proof exists for."""
    ledger.deposit(NOTE)
    ledger.now = FIRST
    ledger.settlement.refund(REQUEST)
    ledger.refuses(NullifierSpent, lambda: ledger.redeem(ledger.statement(nf=NF, amount=2)))


@pytest.mark.parametrize("now", range(START, FIRST + 3))
@pytest.mark.parametrize("committed", [False, True])
def test_at_no_time_can_both_be_paid(now: int, committed: bool) -> None:
    """A claim of any epoch that the circuit allows, against a refund, in every epoch."""
    possible = []
    for epoch in (None, *range(START, EXPIRY + 1)):
        ledger = Ledger()
        ledger.deposit(NOTE)
        if committed:
            ledger.settlement.commit(12)
        ledger.now = now
        try:
            if epoch is None:
                ledger.settlement.refund(REQUEST)
            else:
                ledger.redeem(ledger.statement(nf=NF, amount=2, epoch=epoch))
        except SettlementRefused:
            continue
        possible.append("refund" if epoch is None else "claim")
    assert set(possible) == ({"refund"} if now >= FIRST else {"claim"} if claim_is_possible(now, committed) else set())


def claim_is_possible(now: int, committed: bool) -> bool:
    return now <= EXPIRY + (WINDOW if committed else 1)


def test_the_last_claim_and_the_first_refund(ledger: Ledger) -> None:
    ledger.deposit(NOTE)
    ledger.now = EXPIRY
    ledger.settlement.commit(12)
    last = ledger.statement(nf=NF, amount=2, epoch=EXPIRY)
    ledger.now = FIRST - 1
    ledger.refuses(NotYetRefundable, lambda: ledger.settlement.refund(REQUEST))
    ledger.redeem(last)


def test_a_claim_that_was_not_committed_in_time_loses_to_the_refund(ledger: Ledger) -> None:
    ledger.deposit(NOTE)
    ledger.now = FIRST
    ledger.refuses(NotCommitted, lambda: ledger.redeem(ledger.statement(nf=NF, amount=2, epoch=EXPIRY)))
    ledger.settlement.refund(REQUEST)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"payee": 8}, InvalidSignature),
        ({"rho": 78}, InvalidSignature),
        ({"cap": NOTE.cap + 1}, InvalidSignature),
        ({"expiry": EXPIRY - 5}, InvalidSignature),
        ({"recipient": 5}, InvalidSignature),
        ({"public_key": SessionKey.from_seed(b"thief").public}, InvalidSignature),
        ({"public_key": (1, 1)}, InvalidPoint),
        ({"public_key": small_order_point(4)}, InvalidPoint),
        ({"signature": dataclasses.replace(REQUEST.signature, s=REQUEST.signature.s + ORDER)}, ZkrelayError),
        ({"signature": Signature((0, 1), 0)}, ZkrelayError),
        ({"payee": 7 + R}, NonCanonicalNumber),
        ({"rho": 77 + R}, NonCanonicalNumber),
        ({"recipient": 0xC11E47 + R}, NonCanonicalNumber),
        ({"recipient": -1}, NonCanonicalNumber),
        ({"cap": 1 << 64}, MalformedInput),
        ({"expiry": -1}, MalformedInput),
    ],
    ids=str,
)
def test_only_the_client_itself(ledger: Ledger, change: dict[str, object], error: type[ZkrelayError]) -> None:
    ledger.deposit(NOTE)
    ledger.now = FIRST + 100
    request = dataclasses.replace(REQUEST, **change)  # type: ignore[arg-type]
    ledger.refuses(error, lambda: ledger.settlement.refund(request))


def test_unfunded_notes_are_unknown(ledger: Ledger) -> None:
    """Another secret, payee, cap or expiry, signed by the same client, is another note."""
    ledger.deposit(NOTE)
    ledger.now = FIRST + 100
    for change in ({"rho": 78}, {"payee": 8}, {"cap": NOTE.cap + 1}, {"expiry": EXPIRY - 1}):
        other = dataclasses.replace(NOTE, **change)
        request = RefundRequest.sign(KEY, other, recipient=5)
        ledger.refuses(UnknownNote, lambda request=request: ledger.settlement.refund(request))  # type: ignore[misc]


def test_request_for_another_domain(ledger: Ledger) -> None:
    ledger.deposit(NOTE)
    ledger.now = FIRST
    foreign = RefundRequest.sign(KEY, dataclasses.replace(NOTE, domain=NOTE.domain + 1), recipient=5)
    ledger.refuses(InvalidSignature, lambda: ledger.settlement.refund(foreign))


def test_a_receipt_or_a_bind_is_no_refund(ledger: Ledger) -> None:
    """The tag keeps messages apart: what the client signs for its node cannot be sent as a refund."""
    ledger.deposit(NOTE)
    ledger.now = FIRST
    receipt = Receipt.sign(KEY, NOTE.cm, 5)
    ledger.refuses(
        InvalidSignature, lambda: ledger.settlement.refund(dataclasses.replace(REQUEST, signature=receipt.signature))
    )
    messages = [poseidon([tag, NOTE.cm, 5, 0]) for tag in (T.refund, T.receipt, T.commit)]
    assert refund_message(NOTE.cm, 5) == messages[0]
    assert all(a != b for a, b in itertools.combinations(messages, 2))


def test_a_deposit_that_is_not_final_is_not_refunded() -> None:
    """Only with a finality above the window can a note expire before it is final."""
    ledger = Ledger(finality=WINDOW + 10)
    born_late = dataclasses.replace(NOTE, expiry=START)
    ledger.deposit(born_late)
    request = RefundRequest.sign(KEY, born_late, recipient=5)
    ledger.now = START + WINDOW + 9
    ledger.refuses(NotFinal, lambda: ledger.settlement.refund(request))
    ledger.now += 1
    ledger.settlement.refund(request)


def test_the_request_hides_rho() -> None:
    assert "rho" not in repr(REQUEST)
