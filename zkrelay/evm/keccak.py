"""Keccak-256 as the EVM has it: the sponge of [FIPS-202] with the padding of the first submission, not SHA-3's.

Only selectors and the like are hashed here, so that it is plain Python and no dependency.
"""

from __future__ import annotations

RATE_BYTES = 136
KECCAK_PADDING, SHA3_PADDING = 0x01, 0x06
_MASK = (1 << 64) - 1


def _lfsr_bit(t: int) -> int:
    """rc(t) of [FIPS-202] §3.2.5, the bits of the round constants."""
    state = 1
    for _ in range(t % 255):
        state <<= 1
        if state & 0x100:
            state ^= 0x171
    return state & 1


_ROUND_CONSTANTS = [sum(_lfsr_bit(7 * i + j) << (2**j - 1) for j in range(7)) for i in range(24)]


def keccak256(data: bytes, *, padding: int = KECCAK_PADDING) -> bytes:
    """32 bytes; with ``padding=SHA3_PADDING`` it is SHA3-256, by which the tests hold it against ``hashlib``."""
    padded = bytearray(data) + bytes(RATE_BYTES - len(data) % RATE_BYTES)
    padded[len(data)] ^= padding
    padded[-1] ^= 0x80
    lanes = [0] * 25  # lane (x, y) at x + 5y
    for at in range(0, len(padded), RATE_BYTES):
        for i in range(RATE_BYTES // 8):
            lanes[i] ^= int.from_bytes(padded[at + 8 * i : at + 8 * i + 8], "little")
        lanes = _permute(lanes)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


def selector(signature: str) -> int:
    """The first four bytes of a function's or an error's hash, such as of ``transfer(address,uint256)``."""
    return int.from_bytes(keccak256(signature.encode("ascii"))[:4], "big")


def _permute(a: list[int]) -> list[int]:
    """Keccak-f[1600]: theta, rho and pi, chi, iota, 24 times ([FIPS-202] §3.2)."""
    for constant in _ROUND_CONSTANTS:
        columns = [a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20] for x in range(5)]
        a = [lane ^ columns[(i - 1) % 5] ^ _rotate(columns[(i + 1) % 5], 1) for i, lane in enumerate(a)]
        moved = [a[0]] * 25
        x, y = 1, 0
        for t in range(24):
            moved[y + 5 * ((2 * x + 3 * y) % 5)] = _rotate(a[x + 5 * y], (t + 1) * (t + 2) // 2 % 64)
            x, y = y, (2 * x + 3 * y) % 5
        a = [
            lane ^ (~moved[(i + 1) % 5 + i // 5 * 5] & moved[(i + 2) % 5 + i // 5 * 5] & _MASK)
            for i, lane in enumerate(moved)
        ]
        a[0] ^= constant
    return a


def _rotate(lane: int, by: int) -> int:
    return (lane << by | lane >> (64 - by)) & _MASK
