"""The random generator of iden3's ceremonies: ChaCha with 20 rounds, a zero nonce and a counter of 128 bits.

Its outputs are part of the protocol: from a hash they make the point that a contribution proves its knowledge against,
and from a beacon the secrets themselves.  So everything here reproduces ffjavascript's numbers exactly.
"""

from __future__ import annotations

from ..curves import PairingCurve, PrimeField
from ..kernel import current
from .square_roots import fp2_square_root, fp_square_root, is_negative

_CONSTANTS = (0x61707865, 0x3320646E, 0x79622D32, 0x6B206574)
_MASK = 0xFFFFFFFF
SEED_BYTES = 32
_QUARTERS = (
    (0, 4, 8, 12),
    (1, 5, 9, 13),
    (2, 6, 10, 14),
    (3, 7, 11, 15),
    (0, 5, 10, 15),
    (1, 6, 11, 12),
    (2, 7, 8, 13),
    (3, 4, 9, 14),
)


class ChaCha:
    """A stream of 32-bit words from the first 32 bytes of ``seed``, read as big-endian words; never printed."""

    def __init__(self, seed: bytes) -> None:
        words = [int.from_bytes(seed[i : i + 4], "big") for i in range(0, SEED_BYTES, 4)]
        self._state = [*_CONSTANTS, *words, 0, 0, 0, 0]
        self._block: list[int] = []

    def __repr__(self) -> str:
        return "ChaCha(hidden)"

    def word(self) -> int:
        if not self._block:
            self._block = self._next_block()
        return self._block.pop(0)

    def wide_word(self) -> int:
        """64 bits, the high half first."""
        return self.word() << 32 | self.word()

    def flag(self) -> bool:
        return self.word() & 1 == 1

    def wipe(self) -> None:
        """Forget the seed and what is left of the block, as far as Python lets one."""
        self._state[:] = [0] * 16
        self._block.clear()

    def _next_block(self) -> list[int]:
        x = list(self._state)
        for _ in range(10):
            for a, b, c, d in _QUARTERS:
                x[a] = (x[a] + x[b]) & _MASK
                x[d] = _rotate_left(x[d] ^ x[a], 16)
                x[c] = (x[c] + x[d]) & _MASK
                x[b] = _rotate_left(x[b] ^ x[c], 12)
                x[a] = (x[a] + x[b]) & _MASK
                x[d] = _rotate_left(x[d] ^ x[a], 8)
                x[c] = (x[c] + x[d]) & _MASK
                x[b] = _rotate_left(x[b] ^ x[c], 7)
        block = [(after + before) & _MASK for after, before in zip(x, self._state, strict=True)]
        for i in range(12, 16):
            self._state[i] = (self._state[i] + 1) & _MASK
            if self._state[i]:
                break
        return block


def _rotate_left(word: int, bits: int) -> int:
    return (word << bits | word >> (32 - bits)) & _MASK


def montgomery_element(rng: ChaCha, field: PrimeField) -> int:
    """A uniform integer below the modulus, by rejection.  iden3 takes it for the *Montgomery form* of the element."""
    mask = (1 << field.num_bits) - 1
    while True:
        value = sum(rng.wide_word() << 64 * i for i in range(field.num_bytes // 8)) & mask
        if value < field.modulus:
            return value


def element(rng: ChaCha, field: PrimeField) -> int:
    """The element whose Montgomery form is drawn."""
    return montgomery_element(rng, field) * pow(field.montgomery_r, -1, field.modulus) % field.modulus


def g1_point(rng: ChaCha, curve: PairingCurve) -> bytes:
    """A point of the group: x drawn until it belongs to a point, then which of the two, times the cofactor."""
    fp = curve.fp
    while True:
        x, greatest = element(rng, fp), rng.flag()
        y = fp_square_root((x * x * x + curve.b) % fp.modulus, fp)
        if y is not None:
            break
    if greatest != is_negative(fp, y):
        y = -y % fp.modulus
    point = b"".join(fp.to_bytes(c * fp.montgomery_r % fp.modulus) for c in (x, y))
    return point if curve.g1_cofactor == 1 else _times(curve, point, curve.g1_cofactor, in_g2=False)


def g2_point(rng: ChaCha, curve: PairingCurve) -> bytes:
    """As ``g1_point`` over the twist: c0 of x is drawn first."""
    fp = curve.fp
    while True:
        c0, c1 = element(rng, fp), element(rng, fp)
        x, greatest = (c0, c1), rng.flag()
        cube = curve.fp2_mul(curve.fp2_mul(x, x), x)
        right = ((cube[0] + curve.twist_b[0]) % fp.modulus, (cube[1] + curve.twist_b[1]) % fp.modulus)
        y = fp2_square_root(right, curve)
        if y is not None:
            break
    if greatest != is_negative(fp, *y):
        y = (-y[0] % fp.modulus, -y[1] % fp.modulus)
    point = b"".join(fp.to_bytes(c * fp.montgomery_r % fp.modulus) for c in (*x, *y))
    return _times(curve, point, curve.g2_cofactor, in_g2=True)


def _times(curve: PairingCurve, point: bytes, factor: int, *, in_g2: bool) -> bytes:
    """factor·point by doubling and adding, as the factor is no scalar and the point in no group of order r yet."""
    kernel = current()
    add = kernel.g2_add if in_g2 else kernel.g1_add
    total = bytes(len(point))
    for bit in bin(factor)[2:]:
        total = add(curve.name, total, total)
        if bit == "1":
            total = add(curve.name, total, point)
    return total
