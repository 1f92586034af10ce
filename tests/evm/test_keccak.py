"""Keccak-256 against ``hashlib``'s SHA-3, of which only the padding differs, and selectors that everybody knows."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkrelay.evm.keccak import RATE_BYTES, SHA3_PADDING, keccak256, selector


@given(st.binary(max_size=3 * RATE_BYTES))
def test_the_sponge_is_that_of_sha3(data: bytes) -> None:
    assert keccak256(data, padding=SHA3_PADDING) == hashlib.sha3_256(data).digest()


@pytest.mark.parametrize("size", [0, 1, RATE_BYTES - 1, RATE_BYTES, RATE_BYTES + 1, 2 * RATE_BYTES])
def test_the_edges_of_a_block(size: int) -> None:
    data = bytes(range(256))[:size] + bytes(max(0, size - 256))
    assert keccak256(data, padding=SHA3_PADDING) == hashlib.sha3_256(data).digest()
    assert keccak256(data) != hashlib.sha3_256(data).digest()


def test_the_empty_hash() -> None:
    """The hash of no code, which is in the state of every account."""
    assert keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"


@pytest.mark.parametrize(
    ("signature", "code"),
    [
        ("transfer(address,uint256)", 0xA9059CBB),
        ("balanceOf(address)", 0x70A08231),
        ("approve(address,uint256)", 0x095EA7B3),
        ("Error(string)", 0x08C379A0),
        ("Panic(uint256)", 0x4E487B71),
    ],
)
def test_selectors(signature: str, code: int) -> None:
    assert selector(signature) == code
