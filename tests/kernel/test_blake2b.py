"""BLAKE2b's state between two updates, under every kernel: against hashlib, which knows the digest only."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkrelay.errors import MalformedInput
from zkrelay.kernel import Kernel, available, get

BLOCK = 128
IV = [0x6A09E667F3BCC908, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B, 0xA54FF53A5F1D36F1]
IV += [0x510E527FADE682D1, 0x9B05688C2B3E6C1F, 0x1F83D9ABFB41BD6B, 0x5BE0CD19137E2179]
INITIAL = b"".join(word.to_bytes(8, "little") for word in [IV[0] ^ 0x01010040, *IV[1:]])


@pytest.mark.parametrize("size", [0, 1, 127, 128, 129, 255, 256, 257, 1000])
def test_the_digest(kernel: Kernel, size: int) -> None:
    data = bytes(range(256)) * 4
    assert kernel.blake2b(INITIAL, 0, data[:size], last=True) == hashlib.blake2b(data[:size]).digest()


@given(data=st.binary(max_size=600), cut=st.integers(0, 4))
def test_it_goes_on_where_it_stopped(data: bytes, cut: int) -> None:
    at = min(cut * BLOCK, len(data) // BLOCK * BLOCK)
    expected = hashlib.blake2b(data).digest()
    for name in available():
        kernel = get(name)
        state = kernel.blake2b(INITIAL, 0, data[:at])
        if at < len(data) or not data:
            assert kernel.blake2b(state, at, data[at:], last=True) == expected


@pytest.mark.parametrize(
    ("state", "offset", "data", "last"),
    [
        (INITIAL[:-1], 0, bytes(BLOCK), False),
        (INITIAL, 1, bytes(BLOCK), False),
        (INITIAL, -BLOCK, bytes(BLOCK), False),
        (INITIAL, 1 << 64, bytes(BLOCK), True),
        (INITIAL, (1 << 64) - BLOCK, bytes(2 * BLOCK), True),
        (INITIAL, 0, bytes(BLOCK - 1), False),
    ],
)
def test_refusals(kernel: Kernel, state: bytes, offset: int, data: bytes, last: bool) -> None:
    with pytest.raises(MalformedInput):
        kernel.blake2b(state, offset, data, last=last)
