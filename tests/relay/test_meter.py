"""The node's meter: what replaces the best receipt, when forwarding stops, and what survives a restart."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zkrelay.algebra.eddsa import ORDER, Signature
from zkrelay.errors import InvalidReceipt, InvalidSignature, MalformedInput, NonCanonicalNumber
from zkrelay.relay.identity import SessionKey
from zkrelay.relay.meter import ReceiptMeter
from zkrelay.relay.note import Note
from zkrelay.relay.receipt import Receipt

KEY = SessionKey.from_seed(b"client")
NOTE = Note(domain=1, payee=2, public_key=KEY.public, rho=3, cap=10_000, expiry=100)
OTHER_NOTE = Note(domain=1, payee=2, public_key=KEY.public, rho=4, cap=10_000, expiry=100)


def receipt(num_bytes: int, ctx: int = 0, note: Note = NOTE) -> Receipt:
    return Receipt.sign(KEY, note.cm, num_bytes, ctx)


def metered(*counts: int, window_bytes: int = 1000) -> ReceiptMeter:
    meter = ReceiptMeter(NOTE, window_bytes=window_bytes)
    for count in counts:
        meter.accept(receipt(count))
    return meter


def test_receipts_are_cumulative() -> None:
    meter = metered(100, 250, 900)
    assert meter.acknowledged == 900
    assert meter.best == receipt(900)


def test_packed_receipts_are_taken() -> None:
    meter = ReceiptMeter(NOTE)
    meter.accept(receipt(5).pack())
    meter.accept(bytearray(receipt(6).pack()))  # type: ignore[arg-type]
    assert meter.best == receipt(6)


FORGED = Receipt(NOTE.cm, 600, 0, receipt(601).signature)
MALLEABLE = Receipt(NOTE.cm, 600, 0, Signature(receipt(600).signature.r8, receipt(600).signature.s + ORDER))


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        (receipt(499), InvalidReceipt, "fewer"),
        (receipt(0), InvalidReceipt, "fewer"),
        (receipt(500, ctx=1), InvalidReceipt, "different receipt"),
        (receipt(10_001), InvalidReceipt, "above the note's cap"),
        (receipt((1 << 64) - 1), InvalidReceipt, "above the note's cap"),
        (receipt(600, note=OTHER_NOTE), InvalidReceipt, "another note"),
        (receipt(600, note=OTHER_NOTE).pack(), InvalidSignature, "differs"),
        (FORGED, InvalidSignature, "differs"),
        (MALLEABLE, NonCanonicalNumber, "S "),
        (b"", InvalidReceipt, "105 bytes"),
        (b"\x02" + receipt(600).pack()[1:], InvalidReceipt, "version"),
    ],
)
def test_refused_receipt_changes_nothing(bad: Receipt | bytes, error: type[Exception], message: str) -> None:
    """A receipt that no claim could use must not replace one that a claim can: receipt_over_cap_refused."""
    meter = metered(500)
    before = meter.state()
    with pytest.raises(error, match=message):
        meter.accept(bad)
    assert meter.state() == before
    assert meter.best == receipt(500)


def test_receipt_at_the_cap_is_the_last() -> None:
    meter = metered(10_000)
    assert meter.acknowledged == NOTE.cap
    assert not meter.may_forward(1)


def test_repeated_datagram_is_no_error() -> None:
    meter = metered(500)
    meter.accept(receipt(500))
    meter.accept(receipt(500).pack())
    assert meter.acknowledged == 500


def test_forwarding_stops_at_the_window() -> None:
    meter = metered(window_bytes=1000)
    assert meter.may_forward(1000)
    assert not meter.may_forward(1001)
    meter.record(1000)
    assert not meter.may_forward(1)
    meter.accept(receipt(700))
    assert meter.unacknowledged == 300
    assert meter.may_forward(700)
    assert not meter.may_forward(701)


def test_forwarding_stops_at_the_cap() -> None:
    meter = metered(9_500, window_bytes=1000)
    meter.record(0)
    assert meter.relayed == 9_500
    assert meter.may_forward(500)
    assert not meter.may_forward(501)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(1, 600), st.booleans()), max_size=20))
def test_never_unpaid_for_more_than_the_window(steps: list[tuple[int, bool]]) -> None:
    meter = ReceiptMeter(NOTE, window_bytes=1000)
    for num_bytes, acknowledge in steps:
        if meter.may_forward(num_bytes):
            meter.record(num_bytes)
        if acknowledge and meter.relayed:
            meter.accept(receipt(meter.relayed))
        assert meter.unacknowledged <= 1000
        assert meter.relayed <= NOTE.cap


def test_signature_for_more_than_was_counted_lifts_the_counter() -> None:
    """After a crash the persisted counter may lag behind what the client already received and signed for."""
    meter = ReceiptMeter(NOTE)
    meter.record(100)
    meter.accept(receipt(300))
    assert (meter.relayed, meter.acknowledged, meter.unacknowledged) == (300, 300, 0)


def test_resume_loses_and_doubles_nothing() -> None:
    meter = metered(400)
    meter.record(250)
    state = json.loads(json.dumps(meter.state()))
    again = ReceiptMeter.resume(NOTE, state, window_bytes=1000)
    assert (again.relayed, again.acknowledged, again.best) == (650, 400, meter.best)
    with pytest.raises(InvalidReceipt, match="fewer"):
        again.accept(receipt(399))
    again.accept(receipt(650))
    assert again.unacknowledged == 0


def test_resume_of_a_session_without_receipts() -> None:
    meter = ReceiptMeter(NOTE)
    meter.record(77)
    again = ReceiptMeter.resume(NOTE, meter.state())
    assert (again.relayed, again.best) == (77, None)


STATE = {"version": 1, "cm": str(NOTE.cm), "relayed": "600", "receipt": receipt(500).pack().hex()}


@pytest.mark.parametrize(
    ("broken", "error"),
    [
        ({**STATE, "version": 2}, MalformedInput),
        ({**STATE, "extra": 1}, MalformedInput),
        ({k: v for k, v in STATE.items() if k != "relayed"}, MalformedInput),
        ({**STATE, "cm": str(OTHER_NOTE.cm)}, MalformedInput),
        ({**STATE, "relayed": "499"}, MalformedInput),
        ({**STATE, "relayed": 600}, MalformedInput),
        ({**STATE, "relayed": str(1 << 64)}, MalformedInput),
        ({**STATE, "receipt": "00"}, InvalidReceipt),
        ({**STATE, "receipt": "zz" * 105}, InvalidReceipt),
        ({**STATE, "receipt": receipt(500, note=OTHER_NOTE).pack().hex()}, InvalidSignature),
    ],
)
def test_resume_trusts_nothing(broken: dict[str, object], error: type[Exception]) -> None:
    assert ReceiptMeter.resume(NOTE, STATE).acknowledged == 500
    with pytest.raises(error):
        ReceiptMeter.resume(NOTE, broken)


@pytest.mark.parametrize("count", [-1, 1 << 64])
def test_counts_are_checked(count: int) -> None:
    meter = ReceiptMeter(NOTE)
    for use in (meter.record, meter.may_forward):
        with pytest.raises(MalformedInput):
            use(count)
    with pytest.raises(MalformedInput):
        ReceiptMeter(NOTE, window_bytes=0)
