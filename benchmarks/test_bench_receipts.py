"""What a node does all day: receipts signed, and verified one by one, in bulk for one session, in bulk for many.

The bulk figures are for packed receipts of 105 bytes: hashing the message, unpacking R8 and all bookkeeping are in.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from zkrelay.algebra.eddsa import PreparedPublicKey
from zkrelay.relay.acknowledgement import Acknowledgement
from zkrelay.relay.identity import SessionKey
from zkrelay.relay.receipt import Receipt
from zkrelay.relay.receipt_many import verify_receipts, verify_session_receipts

CM = 4711
MANY = 256
KEY = SessionKey.from_seed(b"client")


@cache
def receipts() -> list[bytes]:
    return [Receipt.sign(KEY, CM, n << 20, ctx=n).pack() for n in range(MANY)]


@pytest.mark.benchmark(group="receipts")
def test_sign(benchmark: Any) -> None:
    receipt = benchmark(Receipt.sign, KEY, CM, 1 << 30)
    receipt.verify(KEY.public)


@pytest.mark.benchmark(group="receipts")
def test_unpack_and_verify(benchmark: Any) -> None:
    data = receipts()[5]
    benchmark(lambda: Receipt.unpack(data, CM).verify(KEY.public))


@pytest.mark.benchmark(group="receipts")
def test_prepare_key(benchmark: Any) -> None:
    benchmark(PreparedPublicKey, KEY.public)


@pytest.mark.benchmark(group="receipts")
def test_unpack_and_verify_under_a_prepared_key(benchmark: Any) -> None:
    data, key = receipts()[5], PreparedPublicKey(KEY.public)
    benchmark(lambda: Receipt.unpack(data, CM).verify(key))


@pytest.mark.benchmark(group="receipts")
def test_verify_256_of_one_session(benchmark: Any, threads: int) -> None:
    data, key = b"".join(receipts()), PreparedPublicKey(KEY.public)
    assert benchmark(verify_session_receipts, data, CM, key, threads=threads).all_true


@pytest.mark.benchmark(group="receipts")
def test_verify_256_of_many_sessions(benchmark: Any, threads: int) -> None:
    items = [(data, CM, KEY.public) for data in receipts()]
    assert benchmark(verify_receipts, items, threads=threads).all_true


@pytest.mark.benchmark(group="receipts")
def test_acknowledge(benchmark: Any) -> None:
    signing = pytest.importorskip("nacl.signing")
    receipt = Receipt.unpack(receipts()[5], CM)
    benchmark(Acknowledgement.sign, signing.SigningKey.generate(), 2, receipt)
