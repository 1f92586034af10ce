"""The node's end of a session: each hostile receipt has its own error and changes nothing, in any order of events."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey

from zkrelay.algebra.eddsa import ORDER
from zkrelay.errors import (
    InvalidBinding,
    InvalidReceipt,
    InvalidSignature,
    MalformedInput,
    NonCanonicalNumber,
    NotBound,
    ReceiptConflict,
    ReceiptContextMismatch,
    ReceiptLength,
    ReceiptLower,
    ReceiptOverCap,
    ReceiptReplayed,
    ReceiptVersion,
    ZkrelayError,
)
from zkrelay.relay.acceptor import SessionAcceptor
from zkrelay.relay.acknowledgement import Acknowledgement
from zkrelay.relay.binding import ChannelBinding, IdentityBinding
from zkrelay.relay.identity import SessionKey
from zkrelay.relay.note import Note
from zkrelay.relay.receipt import Receipt
from zkrelay.relay.receipt_context import ReceiptContext

KEY, OTHER = SessionKey.from_seed(b"client"), SessionKey.from_seed(b"other")
CAP = 10_000
NOTE = Note(domain=1, payee=2, public_key=KEY.public, rho=3, cap=CAP, expiry=100)
OTHER_NOTE = Note(domain=1, payee=2, public_key=KEY.public, rho=4, cap=CAP, expiry=100)
NODE, IDENTITY = SigningKey(bytes(32)), SigningKey(bytes(range(32)))
HASHES = [hashlib.sha256(bytes([i])).digest() for i in range(4)]


def packed(num_bytes: int, ctx: int = 0, key: SessionKey = KEY, note: Note = NOTE) -> bytes:
    return Receipt.sign(key, note.cm, num_bytes, ctx).pack()


def binding(handshake: bytes, key: SessionKey = KEY, note: Note = NOTE) -> bytes:
    return ChannelBinding.sign(key, note.cm, handshake).pack()


def bound(**settings: Any) -> SessionAcceptor:
    session = SessionAcceptor(NOTE, **settings)
    session.bind(HASHES[0], binding(HASHES[0]))
    return session


def malleable(data: bytes) -> bytes:
    return data[:73] + (int.from_bytes(data[73:], "little") + ORDER).to_bytes(32, "little")


HOSTILE = {
    "replayed": (packed(500), ReceiptReplayed),
    "lower": (packed(499), ReceiptLower),
    "zero": (packed(0), ReceiptLower),
    "conflicting": (packed(500, ctx=1), ReceiptConflict),
    "over the cap": (packed(CAP + 1), ReceiptOverCap),
    "far over the cap": (packed((1 << 64) - 1), ReceiptOverCap),
    "of another note": (packed(600, note=OTHER_NOTE), InvalidSignature),
    "of another key": (packed(600, key=OTHER), InvalidSignature),
    "forged bytes": (packed(600)[:1] + (601).to_bytes(8, "little") + packed(600)[9:], InvalidSignature),
    "malleable": (malleable(packed(600)), NonCanonicalNumber),
    "version 0": (b"\x00" + packed(600)[1:], ReceiptVersion),
    "version 2": (b"\x02" + packed(600)[1:], ReceiptVersion),
    "empty": (b"", ReceiptLength),
    "short": (packed(600)[:-1], ReceiptLength),
    "long": (packed(600) + b"\0", ReceiptLength),
    "two": (packed(600) + packed(700), ReceiptLength),
}


@pytest.mark.parametrize(("data", "error"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_receipts_change_nothing(data: bytes, error: type[Exception]) -> None:
    stored: list[Any] = []
    session = bound(acknowledge_with=NODE, store=stored.append)
    session.accept(packed(500))
    before, best, writes = session.state(), session.meter.best, len(stored)
    with pytest.raises(error) as refusal:
        session.accept(data)
    assert refusal.type is error
    assert (session.state(), session.meter.best, len(stored)) == (before, best, writes)
    session.accept(packed(CAP))
    assert session.meter.acknowledged == CAP


def test_errors_of_receipts_are_one_family() -> None:
    family = (ReceiptReplayed, ReceiptLower, ReceiptConflict, ReceiptOverCap, ReceiptVersion, ReceiptLength)
    assert all(issubclass(error, InvalidReceipt) for error in family)


def test_nothing_is_accepted_before_the_channel_is_bound() -> None:
    session = SessionAcceptor(NOTE)
    with pytest.raises(NotBound):
        session.accept(packed(500))
    for bad in (binding(HASHES[1]), binding(HASHES[0], key=OTHER), binding(HASHES[0], note=OTHER_NOTE)):
        with pytest.raises(InvalidSignature):
            session.bind(HASHES[0], bad)
    for bad in (b"", binding(HASHES[0])[:-1], b"\x02" + binding(HASHES[0])[1:]):
        with pytest.raises(InvalidBinding):
            session.bind(HASHES[0], bad)
    assert not session.is_bound
    session.bind(HASHES[0], binding(HASHES[0]))
    session.accept(packed(500))


def test_a_binding_is_for_one_channel() -> None:
    session = bound()
    with pytest.raises(InvalidBinding, match="bound before"):
        session.bind(HASHES[0], binding(HASHES[0]))
    with pytest.raises(InvalidSignature):
        session.bind(HASHES[1], binding(HASHES[0]))
    assert session.is_bound
    session.bind(HASHES[1], binding(HASHES[1]))
    session.unbind()
    with pytest.raises(NotBound):
        session.accept(packed(500))


def test_the_node_may_demand_an_identity() -> None:
    expected = bytes(IDENTITY.verify_key)

    def vouch(by: SigningKey, expiry: int = NOTE.expiry, handshake: bytes = HASHES[0]) -> bytes:
        return IdentityBinding.sign(by, KEY.public, NOTE.cm, handshake, expiry).pack()

    session = SessionAcceptor(NOTE)
    good = binding(HASHES[0])
    for identity, error in (
        (None, InvalidBinding),
        (vouch(NODE), InvalidBinding),
        (vouch(IDENTITY, expiry=99), InvalidSignature),
        (vouch(IDENTITY, handshake=HASHES[1]), InvalidSignature),
        (vouch(IDENTITY)[:-1], InvalidBinding),
    ):
        with pytest.raises(error):
            session.bind(HASHES[0], good, identity=identity, expected=expected)
        assert not session.is_bound
    session.bind(HASHES[0], good, identity=vouch(IDENTITY), expected=expected)
    assert session.is_bound


def test_acknowledgements_follow_the_store() -> None:
    """First kept, then acknowledged: a store that fails leaves the client without an acknowledgement."""
    stored: list[Any] = []
    session = bound(acknowledge_with=NODE, store=stored.append)
    answer = session.accept(packed(500))
    assert answer is not None
    Acknowledgement.unpack(answer).verify(bytes(NODE.verify_key), NOTE.payee, Receipt.unpack(packed(500), NOTE.cm))
    assert stored == [session.state()]
    assert session.acknowledgement() == answer
    assert bound().accept(packed(500)) is None

    def full(state: object) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        bound(acknowledge_with=NODE, store=full).accept(packed(500))


def test_the_context_that_both_hold_must_be_signed() -> None:
    context = ReceiptContext(HASHES[0], 3)
    session = bound()
    with pytest.raises(ReceiptContextMismatch):
        session.accept(packed(500), context)
    session.accept(packed(500, ctx=context.ctx), context)
    assert session.meter.acknowledged == 500


def test_resume_after_reset() -> None:
    """After a crash: same A, a new handshake, a new binding; no byte is lost or counted twice."""
    stored: list[Any] = []
    session = bound(store=stored.append)
    session.meter.record(700)
    session.accept(packed(500))
    again = SessionAcceptor.resume(NOTE, json.loads(json.dumps(stored[-1])), acknowledge_with=NODE)
    assert (again.meter.relayed, again.meter.acknowledged, again.is_bound) == (700, 500, False)
    with pytest.raises(NotBound):
        again.accept(packed(600))
    with pytest.raises(InvalidBinding):
        again.bind(HASHES[0], binding(HASHES[0]))  # the old channel, replayed
    with pytest.raises(InvalidSignature):
        again.bind(HASHES[1], binding(HASHES[0]))
    with pytest.raises(InvalidSignature):
        again.bind(HASHES[1], binding(HASHES[1], key=OTHER))
    again.bind(HASHES[1], binding(HASHES[1]))
    for data, error in ((packed(500), ReceiptReplayed), (packed(499), ReceiptLower)):
        with pytest.raises(error):
            again.accept(data)
    again.accept(packed(700))
    assert again.meter.unacknowledged == 0


STATE = {"version": 1, "meter": SessionAcceptor(NOTE).meter.state(), "last_handshake": None}


@pytest.mark.parametrize(
    "broken",
    [
        None,
        {},
        {**STATE, "version": 2},
        {**STATE, "more": 1},
        {**STATE, "last_handshake": 5},
        {**STATE, "last_handshake": "xy"},
        {**STATE, "meter": {}},
        {**STATE, "meter": SessionAcceptor(OTHER_NOTE).meter.state()},
    ],
)
def test_resume_trusts_nothing(broken: Any) -> None:
    SessionAcceptor.resume(NOTE, STATE)
    with pytest.raises(MalformedInput):
        SessionAcceptor.resume(NOTE, broken)


EVENTS = st.one_of(
    st.tuples(st.just("receipt"), st.integers(0, CAP + 50), st.integers(0, 1)),
    st.tuples(st.just("hostile"), st.sampled_from(sorted(HOSTILE)), st.just(0)),
    st.tuples(st.just("bind"), st.integers(0, 3), st.integers(0, 3)),
    st.tuples(st.just("reset"), st.just(0), st.just(0)),
    st.tuples(st.just("forward"), st.integers(1, 4000), st.just(0)),
)


@settings(max_examples=60)
@given(st.lists(EVENTS, max_size=14))
def test_any_order_of_events(events: list[tuple[str, Any, Any]]) -> None:
    """Against a model of three numbers: what is acknowledged never falls, and a refusal leaves the state as it was."""
    session, best, last, is_bound = SessionAcceptor(NOTE, window_bytes=4000), None, None, False
    relayed = 0
    for kind, first, second in events:
        before = session.state()
        try:
            if kind == "receipt":
                session.accept(packed(first, ctx=second))
                assert is_bound
                assert first <= CAP
                assert best is None or first > best[0]
                best, relayed = (first, second), max(relayed, first)
            elif kind == "hostile":
                data, _ = HOSTILE[first]
                session.accept(data)
                receipt = Receipt.unpack(data, NOTE.cm)  # harmless here: the best was lower
                receipt.verify(KEY.public)
                best, relayed = (receipt.num_bytes, receipt.ctx), max(relayed, receipt.num_bytes)
            elif kind == "bind":
                session.bind(HASHES[first], binding(HASHES[second]))
                assert first == second != last
                last, is_bound = first, True
            elif kind == "reset":
                session = SessionAcceptor.resume(NOTE, json.loads(json.dumps(session.state())), window_bytes=4000)
                is_bound = False
            elif session.meter.may_forward(first):
                session.meter.record(first)
                relayed += first
        except ZkrelayError:
            assert session.state() == before
        assert session.is_bound == is_bound
        assert session.meter.acknowledged == (best[0] if best else 0) <= CAP
        assert session.meter.relayed == relayed <= CAP
        assert session.meter.unacknowledged <= 4000
