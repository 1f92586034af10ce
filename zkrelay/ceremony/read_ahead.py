"""A difference of two points of which one is none: part of the circuit hash of large circuits (``new_key``).

snarkjs reads 2^14 points at a time, whatever the domain.  In a file of exactly the circuit's size the last read goes
past the section: what it takes for τ^(2n-1) is the head of the next section and the beginning of its first point.
Coordinates above the modulus then meet sums that reduce once only, so the result depends on the word size and is
computed here as snarkjs's arithmetic computes it.
"""

from __future__ import annotations

import struct

from ..curves import PrimeField
from ..errors import MalformedInput
from ..formats.ptau import TAU_G1, PowersOfTau
from ..kernel import Buffer

_SECTION_HEAD = struct.Struct("<IQ")


def difference_past_the_end(ptau: PowersOfTau, last: Buffer) -> bytes:
    """(what follows the τ section in the file) - ``last``, as a point of a file.

    Raises:
        MalformedInput: nothing follows, or too little: snarkjs cannot read such a file either.
    """
    return raw_difference(ptau.curve.fp, _bytes_after(ptau, 2 * ptau.curve.fp.num_bytes), last)


def raw_difference(fp: PrimeField, minuend: Buffer, point: Buffer) -> bytes:
    """minuend - point by the addition formulas, where the minuend is any bytes and need not be a point."""
    x2, y2 = _words(fp, point)
    arithmetic = _OnceReduced(fp)
    x, y, z = arithmetic.sum(_words(fp, minuend), (x2, arithmetic.subtract(0, y2)))
    p, radix = fp.modulus, fp.montgomery_r
    inverse = pow(z, -1, p)  # X and Z are Montgomery forms: X/Z² is (X·R⁻¹)/(Z·R⁻¹)², times R again
    return b"".join(fp.to_bytes(c) for c in (x * inverse**2 * radix**2 % p, y * inverse**3 * radix**3 % p))


def _bytes_after(ptau: PowersOfTau, count: int) -> bytes:
    container = ptau.container
    end = container.offsets[TAU_G1] + len(container.sections[TAU_G1])
    following = next((k for k, at in container.offsets.items() if at == end + _SECTION_HEAD.size), None)
    if following is not None:
        payload = container.sections[following]
        found = _SECTION_HEAD.pack(following, len(payload)) + bytes(payload[: count - _SECTION_HEAD.size])
        if len(found) == count:
            return found
    raise MalformedInput(
        "the circuit hash takes in bytes that this file does not have: use powers of tau of twice the size, or a file "
        "with its sections in ascending order"
    )


def _words(fp: PrimeField, data: Buffer) -> tuple[int, int]:
    view = memoryview(data)
    return int.from_bytes(view[: fp.num_bytes], "little"), int.from_bytes(view[fp.num_bytes :], "little")


class _OnceReduced:
    """Sums and Montgomery products of any integers below R that subtract the modulus at most once, modulo R."""

    def __init__(self, fp: PrimeField) -> None:
        self._q = fp.modulus
        self._radix = fp.montgomery_r
        self._negative_inverse = -pow(self._q, -1, self._radix) % self._radix

    def add(self, x: int, y: int) -> int:
        return self._reduce(x + y)

    def subtract(self, x: int, y: int) -> int:
        return (x - y) % self._radix if x >= y else (x - y + self._q) % self._radix

    def multiply(self, x: int, y: int) -> int:
        product = x * y
        factor = product * self._negative_inverse % self._radix
        return self._reduce((product + factor * self._q) // self._radix)

    def _reduce(self, value: int) -> int:
        return (value - self._q) % self._radix if value >= self._q else value

    def sum(self, one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int, int]:
        """Jacobian coordinates of the chord's third point, [EFD] mmadd-2007-bl, step for step."""
        add, subtract, multiply = self.add, self.subtract, self.multiply
        (x1, y1), (x2, y2) = one, other
        h = subtract(x2, x1)
        rise = subtract(y2, y1)
        hh = multiply(h, h)
        i = add(hh, hh)
        i = add(i, i)
        j = multiply(h, i)
        r = add(rise, rise)
        v = multiply(x1, i)
        x3 = subtract(subtract(multiply(r, r), j), add(v, v))
        y1j = multiply(y1, j)
        y3 = subtract(multiply(subtract(v, x3), r), add(y1j, y1j))
        return x3, y3, add(h, h)
