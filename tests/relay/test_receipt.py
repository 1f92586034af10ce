"""Receipts: the vectors, circomlibjs as a client, 105 bytes, and hostile ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from curve_points import small_order_point
from hypothesis import given, settings
from hypothesis import strategies as st

from zkrelay.algebra.eddsa import ORDER, Signature
from zkrelay.curves import bn254
from zkrelay.curves.embedded import BABY_JUBJUB
from zkrelay.errors import InvalidPoint, InvalidReceipt, InvalidSignature, MalformedInput, NonCanonicalNumber
from zkrelay.relay.identity import SessionKey
from zkrelay.relay.receipt import RECEIPT_BYTES, Receipt, receipt_message

R = bn254.FR.modulus
VECTORS = Path(__file__).parent.parent / "vectors"
PROTOCOL = json.loads((VECTORS / "protocol" / "protocol-v1.json").read_text())
CIRCOMLIBJS = json.loads((VECTORS / "circomlibjs" / "vectors.json").read_text())["receipt"]
KEY = SessionKey.from_seed(b"client")
CM = int(PROTOCOL["cms"][0])
GOOD = Receipt.sign(KEY, CM, 1_000_000, ctx=99)
PACKED = GOOD.pack()


@pytest.mark.parametrize("index", range(3))
def test_receipts_equal_the_protocol_s(index: int) -> None:
    key = SessionKey.from_seed(b"s%d" % index)
    receipt = Receipt.sign(key, int(PROTOCOL["cms"][index]), 100_000_000 * (index + 1) + 7)
    assert str(receipt.message) == PROTOCOL["messages"][index]
    assert [str(x) for x in (*receipt.signature.r8, receipt.signature.s)] == PROTOCOL["sigs"][index]
    receipt.verify(key.public)


def test_circomlibjs_receipt_vector() -> None:
    """A client that has only circomlibjs can sign receipts: its packSignature is our last 64 bytes."""
    case = {name: CIRCOMLIBJS[name] for name in ("cm", "bytes", "ctx", "ax", "ay", "message")}
    number = {name: int(value) for name, value in case.items()}
    head = b"\x01" + number["bytes"].to_bytes(8, "little") + number["ctx"].to_bytes(32, "little")
    receipt = Receipt.unpack(head + bytes.fromhex(CIRCOMLIBJS["signature"]), number["cm"])
    assert receipt.message == number["message"]
    receipt.verify((number["ax"], number["ay"]))


def test_layout() -> None:
    assert len(PACKED) == RECEIPT_BYTES == 105
    assert PACKED[0] == 1
    assert PACKED[1:9] == (1_000_000).to_bytes(8, "little")
    assert PACKED[9:41] == (99).to_bytes(32, "little")
    assert int.from_bytes(PACKED[41:73], "little") & ~(1 << 255) == GOOD.signature.r8[1]
    assert int.from_bytes(PACKED[73:], "little") == GOOD.signature.s


@settings(max_examples=20)
@given(st.integers(0, (1 << 64) - 1), st.integers(0, R - 1))
def test_round_trip(num_bytes: int, ctx: int) -> None:
    receipt = Receipt.sign(KEY, CM, num_bytes, ctx)
    again = Receipt.unpack(receipt.pack(), CM)
    assert again == receipt
    again.verify(KEY.public)


@settings(max_examples=60)
@given(st.integers(0, RECEIPT_BYTES * 8 - 1))
def test_every_bit_counts(bit: int) -> None:
    data = bytearray(PACKED)
    data[bit // 8] ^= 1 << bit % 8
    with pytest.raises((MalformedInput, InvalidSignature)):
        Receipt.unpack(bytes(data), CM).verify(KEY.public)


@pytest.mark.parametrize("length", [0, 1, 104, 106, 210])
def test_wrong_length(length: int) -> None:
    with pytest.raises(InvalidReceipt, match="105 bytes"):
        Receipt.unpack((PACKED * 2)[:length], CM)


@pytest.mark.parametrize("version", [0, 2, 255])
def test_wrong_version(version: int) -> None:
    with pytest.raises(InvalidReceipt, match=f"version {version}"):
        Receipt.unpack(bytes([version]) + PACKED[1:], CM)


@pytest.mark.parametrize("ctx", [R, 99 + R, (1 << 256) - 1])
def test_ctx_must_be_canonical(ctx: int) -> None:
    """ctx and ctx + r give one message: two receipts for the same bytes, both signed."""
    with pytest.raises(NonCanonicalNumber, match="ctx"):
        Receipt.unpack(PACKED[:9] + ctx.to_bytes(32, "little") + PACKED[41:], CM)


def test_r8_off_the_curve() -> None:
    y = next(y for y in range(2, 100) if not _has_point(y))
    with pytest.raises(InvalidPoint, match="no point"):
        Receipt.unpack(PACKED[:41] + y.to_bytes(32, "little") + PACKED[73:], CM)


def test_r8_not_canonical() -> None:
    with pytest.raises(NonCanonicalNumber, match="y coordinate"):
        Receipt.unpack(PACKED[:41] + R.to_bytes(32, "little") + PACKED[73:], CM)


@pytest.mark.parametrize("factor", [1, 2, 4])
def test_s_plus_l(factor: int) -> None:
    s = GOOD.signature.s + factor * ORDER
    with pytest.raises(NonCanonicalNumber, match="S "):
        Receipt.unpack(PACKED[:73] + s.to_bytes(32, "little"), CM).verify(KEY.public)


@pytest.mark.parametrize("order", [1, 2, 4, 8])
def test_small_order_key(order: int) -> None:
    with pytest.raises(InvalidPoint, match="small order"):
        GOOD.verify(small_order_point(order))


def test_key_off_the_curve() -> None:
    with pytest.raises(InvalidPoint, match="not on"):
        GOOD.verify((KEY.public[0], KEY.public[1] + 1))


def test_receipt_of_another_session_is_false() -> None:
    with pytest.raises(InvalidSignature):
        Receipt.unpack(PACKED, int(PROTOCOL["cms"][1])).verify(KEY.public)


@pytest.mark.parametrize("num_bytes", [-1, 1 << 64, True])
def test_bytes_out_of_range(num_bytes: int) -> None:
    with pytest.raises(InvalidReceipt, match="2\\^64"):
        receipt_message(CM, num_bytes, 0)
    with pytest.raises(InvalidReceipt, match="2\\^64"):
        Receipt(CM, num_bytes, 0, Signature((0, 1), 0)).verify(KEY.public)


def _has_point(y: int) -> bool:
    square = (1 - y * y) * pow(BABY_JUBJUB.a - BABY_JUBJUB.d * y * y, -1, R) % R
    return pow(square, (R - 1) // 2, R) == 1
