"""The node's co-signature is on exactly one receipt, by one node, for one payee."""

from __future__ import annotations

from dataclasses import replace

import pytest
from nacl.signing import SigningKey

from zkrelay.curves import bn254
from zkrelay.errors import InvalidSignature, NonCanonicalNumber, ReceiptLength, ReceiptVersion
from zkrelay.relay.acknowledgement import ACKNOWLEDGEMENT_BYTES, Acknowledgement, acknowledgement_message
from zkrelay.relay.identity import SessionKey
from zkrelay.relay.receipt import Receipt

KEY = SessionKey.from_seed(b"client")
NODE = SigningKey(bytes(range(32)))
NODE_KEY = bytes(NODE.verify_key)
PAYEE, CM = 77, 4711
RECEIPT = Receipt.sign(KEY, CM, 1 << 20, 9)
GOOD = Acknowledgement.sign(NODE, PAYEE, RECEIPT)


def test_message_and_layout() -> None:
    expected = b"zkrelay/v1/ack" + PAYEE.to_bytes(32, "little") + CM.to_bytes(32, "little") + RECEIPT.pack()
    assert acknowledgement_message(PAYEE, RECEIPT) == expected
    data = GOOD.pack()
    assert (len(data), data[0], ACKNOWLEDGEMENT_BYTES) == (73, 1, 73)
    assert int.from_bytes(data[1:9], "little") == 1 << 20
    again = Acknowledgement.unpack(data)
    assert again == GOOD
    again.verify(NODE_KEY, PAYEE, RECEIPT)


def test_nothing_else_was_acknowledged() -> None:
    others = [replace(RECEIPT, num_bytes=5), replace(RECEIPT, ctx=8), replace(RECEIPT, cm=5), Receipt.sign(KEY, CM, 5)]
    for receipt in others:
        with pytest.raises(InvalidSignature):
            GOOD.verify(NODE_KEY, PAYEE, receipt)
    with pytest.raises(InvalidSignature):
        GOOD.verify(NODE_KEY, PAYEE + 1, RECEIPT)
    with pytest.raises(InvalidSignature):
        GOOD.verify(bytes(SigningKey(bytes(32)).verify_key), PAYEE, RECEIPT)
    for signature in (bytes(64), GOOD.signature[:63], GOOD.signature + b"\0", b""):
        with pytest.raises(InvalidSignature):
            replace(GOOD, signature=signature).verify(NODE_KEY, PAYEE, RECEIPT)


def test_packed_form_is_exact() -> None:
    data = GOOD.pack()
    for wrong in (b"", data[:-1], data + b"\0"):
        with pytest.raises(ReceiptLength, match="73"):
            Acknowledgement.unpack(wrong)
    for version in (0, 2, 255):
        with pytest.raises(ReceiptVersion):
            Acknowledgement.unpack(bytes([version]) + data[1:])


def test_payee_must_be_canonical() -> None:
    with pytest.raises(NonCanonicalNumber):
        acknowledgement_message(bn254.FR.modulus, RECEIPT)
