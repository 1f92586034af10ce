"""One session's bytes for an auditor: opened in one way only, without rho; a receipt counts under a known key only."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from zkrelay.errors import InvalidClaim, InvalidReceipt, InvalidSignature, MalformedInput, ReceiptContextMismatch
from zkrelay.relay.claim import session_commitment
from zkrelay.relay.disclosure import Disclosure
from zkrelay.relay.identity import SessionKey
from zkrelay.relay.nullifier import note_nullifier
from zkrelay.relay.receipt import Receipt
from zkrelay.relay.receipt_context import ChallengeResult, ReceiptContext

from .parties import make_session

SESSION = make_session()
NOTE = SESSION.note
CONTEXT = ReceiptContext(bytes(range(32)), 3, (ChallengeResult(9, 1),))
RECEIPT = Receipt.sign(SESSION.key, NOTE.cm, 123_456, CONTEXT.ctx)
CC = session_commitment(NOTE, RECEIPT)
PLAIN = Disclosure.of_session(NOTE, RECEIPT)
FULL = Disclosure.of_session(NOTE, RECEIPT, with_receipt=True, context=CONTEXT)
MALLORY = SessionKey.from_seed(b"mallory")


def test_the_claim_s_own_commitment_is_opened() -> None:
    assert SESSION.claim(receipt=RECEIPT).statement.cc == CC
    assert PLAIN.verify(CC) == 123_456
    assert FULL.verify(CC, public_key=NOTE.public_key) == 123_456


def test_no_other_bytes_open_it() -> None:
    for change in ({"num_bytes": 123_455}, {"num_bytes": 0}, {"cm": NOTE.cm - 1}, {"blind": PLAIN.blind + 1}):
        with pytest.raises(InvalidClaim, match="does not open"):
            replace(PLAIN, **change).verify(CC)
    with pytest.raises(InvalidClaim):
        PLAIN.verify(CC + 1)


def test_nothing_of_rho_is_given() -> None:
    """Neither rho nor what only rho gives: the nullifier, and the blinding of another session."""
    text = json.dumps(FULL.to_dict())
    for secret in (NOTE.rho, note_nullifier(NOTE.cm, NOTE.rho)):
        assert f'"{secret}"' not in text
        assert f"{secret:064x}" not in text
    assert str(PLAIN.blind) not in repr(PLAIN)


def test_a_receipt_is_verified_under_the_auditor_s_key_only() -> None:
    """A node can sign any receipt for this cm under a key of its own: it proves nothing."""
    forged = Disclosure(NOTE.cm, 123_456, PLAIN.blind, Receipt.sign(MALLORY, NOTE.cm, 123_456))
    with pytest.raises(InvalidSignature):
        forged.verify(CC, public_key=NOTE.public_key)
    with pytest.raises(InvalidReceipt, match="key"):
        FULL.verify(CC)
    with pytest.raises(InvalidReceipt, match="key"):
        PLAIN.verify(CC, public_key=NOTE.public_key)


def test_parts_must_belong_together() -> None:
    other = Receipt.sign(SESSION.key, NOTE.cm, 123_455)
    with pytest.raises(InvalidReceipt, match="disclosed"):
        Disclosure(NOTE.cm, 123_456, PLAIN.blind, other)
    with pytest.raises(InvalidReceipt, match="another note"):
        Disclosure.of_session(NOTE, replace(RECEIPT, cm=NOTE.cm - 1))
    with pytest.raises(InvalidReceipt, match="together"):
        Disclosure.of_session(NOTE, RECEIPT, context=CONTEXT)
    with pytest.raises(ReceiptContextMismatch):
        replace(FULL, context=replace(CONTEXT, price=2))


@pytest.mark.parametrize("disclosure", [PLAIN, FULL, Disclosure.of_session(NOTE, RECEIPT, with_receipt=True)])
def test_json_round_trip(disclosure: Disclosure) -> None:
    assert Disclosure.from_dict(json.loads(json.dumps(disclosure.to_dict()))) == disclosure


DATA = FULL.to_dict()


@pytest.mark.parametrize(
    "broken",
    [
        {},
        None,
        {**DATA, "rho": "5"},
        {**DATA, "version": 2},
        {**DATA, "version": True},
        {**DATA, "bytes": str(1 << 64)},
        {**DATA, "bytes": 5},
        {**DATA, "cm": str(1 << 255)},
        {**DATA, "blind": "-1"},
        {**DATA, "receipt": DATA["receipt"][:-2]},
        {**DATA, "receipt": "02" + DATA["receipt"][2:]},
        {**DATA, "receipt": None},
        {**DATA, "bytes": "123455"},
        {**DATA, "context": {**DATA["context"], "price": "4"}},
        {**DATA, "context": 5},
    ],
)
def test_broken_files(broken: object) -> None:
    with pytest.raises(MalformedInput):
        Disclosure.from_dict(broken)  # type: ignore[arg-type]
