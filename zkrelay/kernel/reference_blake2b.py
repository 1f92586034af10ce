"""BLAKE2b (RFC 7693) over Python integers, for the reference kernel: its state between two updates."""

from __future__ import annotations

from ..errors import MalformedInput

BLOCK_BYTES, STATE_BYTES = 128, 64
_MASK = 0xFFFFFFFFFFFFFFFF
_IV = (
    0x6A09E667F3BCC908,
    0xBB67AE8584CAA73B,
    0x3C6EF372FE94F82B,
    0xA54FF53A5F1D36F1,
    0x510E527FADE682D1,
    0x9B05688C2B3E6C1F,
    0x1F83D9ABFB41BD6B,
    0x5BE0CD19137E2179,
)
_SIGMA = tuple(
    tuple(int(digit, 16) for digit in row)
    for row in (
        "0123456789abcdef",
        "ea489fd61c02b753",
        "b8c052fdae367194",
        "7931dcbe265a40f8",
        "905724afe1bc683d",
        "2c6a0b834d75fe19",
        "c51fed4a0763928b",
        "db7ec13950f4862a",
        "6fe9b308c2d714a5",
        "a2847615fb9e3cd0",
    )
)


def check_position(offset: int, num_bytes: int, *, last: bool) -> None:
    """Refuse (``MalformedInput``) what does not begin, or without being the end does not stop, at a block's border."""
    if offset < 0 or offset % BLOCK_BYTES or offset + num_bytes > _MASK or (not last and num_bytes % BLOCK_BYTES):
        raise MalformedInput(f"{num_bytes} bytes at offset {offset}: BLAKE2b goes on in blocks of {BLOCK_BYTES}")


def absorb(state: bytes, offset: int, data: bytes, *, last: bool) -> bytes:
    """The state after ``data``, of which the first byte is byte ``offset`` of the message; with ``last`` the digest."""
    h = [int.from_bytes(state[i : i + 8], "little") for i in range(0, STATE_BYTES, 8)]
    blocks = [data[i : i + BLOCK_BYTES] for i in range(0, len(data), BLOCK_BYTES)] or ([b""] if last else [])
    for number, block in enumerate(blocks, start=1):
        is_last = last and number == len(blocks)
        counter = offset + (len(data) if is_last else number * BLOCK_BYTES)
        h = _compress(h, block.ljust(BLOCK_BYTES, b"\0"), counter, is_last)
    return b"".join(word.to_bytes(8, "little") for word in h)


def _compress(h: list[int], block: bytes, counter: int, last: bool) -> list[int]:
    m = [int.from_bytes(block[i : i + 8], "little") for i in range(0, BLOCK_BYTES, 8)]
    v = [*h, *_IV]
    v[12] ^= counter
    if last:
        v[14] ^= _MASK
    for index in range(12):
        s = _SIGMA[index % 10]
        for i in range(4):
            _mix(v, (i, 4 + i, 8 + i, 12 + i), m[s[2 * i]], m[s[2 * i + 1]])
        for i in range(4):
            _mix(v, (i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4), m[s[8 + 2 * i]], m[s[9 + 2 * i]])
    return [word ^ v[i] ^ v[8 + i] for i, word in enumerate(h)]


def _mix(v: list[int], lanes: tuple[int, int, int, int], x: int, y: int) -> None:
    a, b, c, d = lanes
    for word, turn_d, turn_b in ((x, 32, 24), (y, 16, 63)):
        v[a] = (v[a] + v[b] + word) & _MASK
        v[d] = _rotate_right(v[d] ^ v[a], turn_d)
        v[c] = (v[c] + v[d]) & _MASK
        v[b] = _rotate_right(v[b] ^ v[c], turn_b)


def _rotate_right(word: int, bits: int) -> int:
    return (word >> bits | word << (64 - bits)) & _MASK
