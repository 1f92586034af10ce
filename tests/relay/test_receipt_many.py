"""Many receipts at once: exactly the receipts that are refused alone are refused, with the same errors."""

from __future__ import annotations

import pytest
from curve_points import small_order_point
from hypothesis import given, settings
from hypothesis import strategies as st

from zkrelay.algebra.eddsa import ORDER, PreparedPublicKey, Signature
from zkrelay.curves import bn254
from zkrelay.curves.embedded import BABY_JUBJUB
from zkrelay.errors import (
    InvalidPoint,
    InvalidSignature,
    MalformedInput,
    NonCanonicalNumber,
    ReceiptLength,
    ReceiptVersion,
)
from zkrelay.relay.identity import SessionKey
from zkrelay.relay.receipt import RECEIPT_BYTES, Receipt
from zkrelay.relay.receipt_many import ReceiptVerdict, verify_receipts, verify_session_receipts

R = bn254.FR.modulus
KEY, OTHER = SessionKey.from_seed(b"client"), SessionKey.from_seed(b"other")
PREPARED = PreparedPublicKey(KEY.public)
CM = 4711
COUNTS = [0, 1, 1 << 20, 5 << 30, (1 << 64) - 1]
GOOD = [Receipt.sign(KEY, CM, count, ctx).pack() for count in COUNTS for ctx in (0, 9, R - 1)]


def _x_squared(y: int) -> int:
    return (1 - y * y) * pow(BABY_JUBJUB.a - BABY_JUBJUB.d * y * y, -1, R) % R


def replaced(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


ORPHAN = next(y for y in range(2, 100) if pow(_x_squared(y), (R - 1) // 2, R) != 1)
S = int.from_bytes(GOOD[0][73:], "little")
BAD = {
    "version": (replaced(GOOD[0], 0, b"\x02"), ReceiptVersion),
    "bytes": (replaced(GOOD[0], 1, b"\x07"), InvalidSignature),
    "ctx": (replaced(GOOD[0], 9, b"\x07"), InvalidSignature),
    "ctx + r": (replaced(GOOD[0], 9, R.to_bytes(32, "little")), NonCanonicalNumber),
    "largest ctx": (replaced(GOOD[0], 9, b"\xff" * 32), NonCanonicalNumber),
    "R8": (GOOD[0][:41] + GOOD[1][41:73] + GOOD[0][73:], InvalidSignature),
    "R8 off the curve": (replaced(GOOD[0], 41, ORPHAN.to_bytes(32, "little")), InvalidPoint),
    "R8 not canonical": (replaced(GOOD[0], 41, R.to_bytes(32, "little")), NonCanonicalNumber),
    "S + l": (replaced(GOOD[0], 73, (S + ORDER).to_bytes(32, "little")), NonCanonicalNumber),
    "another key": (Receipt.sign(OTHER, CM, 5).pack(), InvalidSignature),
    "another note": (Receipt.sign(KEY, CM + 1, 5).pack(), InvalidSignature),
}


def decide(rows: list[bytes], threads: int = 1) -> tuple[ReceiptVerdict, ReceiptVerdict]:
    """By the key of one session, and by a key for each."""
    together = verify_session_receipts(b"".join(rows), CM, PREPARED, threads=threads)
    each = verify_receipts([(row, CM, KEY.public) for row in rows], threads=threads)
    return together, each


def test_good_ones() -> None:
    for threads in (1, 2):
        for verdict in decide(GOOD, threads):
            assert verdict.all_true
            assert (verdict.num_items, dict(verdict.refused)) == (len(GOOD), {})


def test_none() -> None:
    for verdict in decide([]):
        assert (verdict.num_items, verdict.all_true) == (0, True)


def test_bad_ones_are_named_and_do_not_spoil_the_others() -> None:
    rows = [row for bad, _ in BAD.values() for row in (bad, GOOD[4])]
    for verdict in decide(rows):
        assert not verdict.all_true
        assert sorted(verdict.refused) == list(range(0, 2 * len(BAD), 2))
        for index, (name, (_, error)) in enumerate(BAD.items()):
            assert type(verdict.refused[2 * index]) is error, name


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(GOOD), st.integers(0, RECEIPT_BYTES * 8 - 1) | st.none()), max_size=6))
def test_the_same_decision_as_alone(choices: list[tuple[bytes, int | None]]) -> None:
    rows = []
    for data, bit in choices:
        row = bytearray(data)
        if bit is not None:
            row[bit // 8] ^= 1 << bit % 8
        rows.append(bytes(row))
    alone: dict[int, str] = {}
    for index, row in enumerate(rows):
        try:
            Receipt.unpack(row, CM).verify(KEY.public)
        except (MalformedInput, InvalidSignature) as error:
            alone[index] = repr(error)
    for verdict in decide(rows):
        assert {index: repr(error) for index, error in verdict.refused.items()} == alone


def test_many_sessions() -> None:
    items = [(Receipt.sign(key, cm, 7).pack(), cm, key.public) for key in (KEY, OTHER) for cm in (1, 2, R - 1)]
    assert verify_receipts(items, threads=2).all_true
    crossed = [(data, cm, other[2]) for (data, cm, _), other in zip(items, reversed(items), strict=True)]
    assert list(verify_receipts(crossed).refused) == list(range(6))


@pytest.mark.parametrize("order", [1, 2, 4, 8])
def test_keys_of_small_order(order: int) -> None:
    """Under such a key anybody's S and R8 = S·B8 satisfy the equation."""
    public = small_order_point(order)
    with pytest.raises(InvalidPoint, match="small order"):
        PreparedPublicKey(public)
    generator_signature = Signature(KEY.public, 1)
    forged = Receipt(CM, 5, 0, generator_signature).pack()
    verdict = verify_receipts([(GOOD[0], CM, KEY.public), (forged, CM, public)])
    assert {index: type(error) for index, error in verdict.refused.items()} == {1: InvalidPoint}


def test_a_verdict_is_not_a_truth_value() -> None:
    with pytest.raises(TypeError):
        bool(decide(GOOD[:1])[0])


def test_lengths() -> None:
    with pytest.raises(ReceiptLength):
        verify_session_receipts(GOOD[0] + GOOD[1][:-1], CM, PREPARED)
    with pytest.raises(ReceiptLength, match="receipt 1 "):
        verify_receipts([(GOOD[0], CM, KEY.public), (GOOD[1] + b"\0", CM, KEY.public)])
    with pytest.raises(NonCanonicalNumber):
        verify_session_receipts(GOOD[0], R, PREPARED)
    with pytest.raises(MalformedInput):
        verify_session_receipts(GOOD[0], CM, PREPARED, threads=0)
