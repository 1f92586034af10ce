"""Points as their x coordinate and a few flags in its spare bits: the three encodings that other libraries write.

| encoding        | of                                  | coordinates             | smaller y, larger y, infinity |
|-----------------|-------------------------------------|-------------------------|-------------------------------|
| ``ZCASH``       | BLS12-381, everywhere ([BLS12-381]) | big-endian, c1 first    | 100, 101, 110                 |
| ``GNARK_BN254`` | gnark-crypto's ``marshal.go``       | big-endian, c1 first    | 10, 11, 01                    |
| ``ARK_BN254``   | ark-ec's ``serialization_flags.rs`` | little-endian, c0 first | 00, 10, 01                    |

The flags are the top bits of the most significant byte, the first one or the last.
Of y and -y the larger one is that of the larger integer, for pairs in Fp2 that of the larger c1, or c0 where c1 is 0.
So each point of the group has one encoding, and every other string of bytes is refused.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from ..curves import CURVES, PairingCurve
from ..curves.fields import square_root_vartime
from ..errors import InvalidPoint, MalformedInput, NonCanonicalNumber
from ..kernel import Buffer
from .encoding import pack_g1, pack_g2, unpack_g1, unpack_g2
from .points import check_g1, check_g2


@dataclass(frozen=True)
class PointEncoding:
    """Where the bits are; ``uncompressed`` are the flags of points with both coordinates, to be refused by name."""

    little_endian: bool
    num_flag_bits: int
    smaller: int
    larger: int
    infinity: int
    uncompressed: tuple[int, ...] = ()


ZCASH = PointEncoding(False, 3, 0b100, 0b101, 0b110, uncompressed=(0b000, 0b010))
GNARK_BN254 = PointEncoding(False, 2, 0b10, 0b11, 0b01, uncompressed=(0b00,))
ARK_BN254 = PointEncoding(True, 2, 0b00, 0b10, 0b01)

_Element = tuple[int, ...]  # of Fp or Fp2, c0 first


def compress_g1(encoding: PointEncoding, curve: str, point: Buffer) -> bytes:
    """``num_bytes`` of Fp for one G1 point in kernel form, which must be on the curve, or infinity.

    Raises:
        InvalidPoint: a wrong length.
    """
    affine = unpack_g1(point, curve)[0]
    return _compress(encoding, CURVES[curve], 1, None if affine is None else ((affine[0],), (affine[1],)))


def compress_g2(encoding: PointEncoding, curve: str, point: Buffer) -> bytes:
    """As ``compress_g1``, in twice as many bytes."""
    return _compress(encoding, CURVES[curve], 2, unpack_g2(point, curve)[0])


def decompress_g1(encoding: PointEncoding, curve: str, data: Buffer, *, allow_infinity: bool = False) -> bytes:
    """One G1 point in kernel form, in the subgroup of order r.

    Raises:
        MalformedInput: a wrong length, flags that the encoding does not have, or a point that is not compressed.
        NonCanonicalNumber: x is not below p.
        InvalidPoint: no point has this x, it is outside the subgroup, or infinity is refused or has other bits set.
    """
    shape = CURVES[curve]
    affine = _decompress(encoding, shape, 1, data, allow_infinity)
    if affine is None:
        return bytes(shape.g1_bytes)
    point = pack_g1([(affine[0][0], affine[1][0])], curve)
    with _only_the_subgroup_can_fail():
        check_g1(curve, "point", point)
    return point


def decompress_g2(encoding: PointEncoding, curve: str, data: Buffer, *, allow_infinity: bool = False) -> bytes:
    """As ``decompress_g1``."""
    shape = CURVES[curve]
    affine = _decompress(encoding, shape, 2, data, allow_infinity)
    if affine is None:
        return bytes(shape.g2_bytes)
    (x0, x1), (y0, y1) = affine
    point = pack_g2([((x0, x1), (y0, y1))], curve)
    with _only_the_subgroup_can_fail():
        check_g2(curve, "point", point)
    return point


@contextlib.contextmanager
def _only_the_subgroup_can_fail() -> Iterator[None]:
    """The point is canonical, on the curve and not infinity by its making."""
    try:
        yield
    except InvalidPoint:
        raise InvalidPoint("outside the subgroup of order r") from None


def _compress(
    encoding: PointEncoding, curve: PairingCurve, degree: int, affine: tuple[_Element, _Element] | None
) -> bytes:
    size = curve.fp.num_bytes
    assert encoding.num_flag_bits <= 8 * size - curve.fp.num_bits, "the flags fit above the coordinate"
    x, flags = (0,) * degree, encoding.infinity
    if affine is not None:
        x, flags = affine[0], encoding.larger if _is_larger(curve, affine[1]) else encoding.smaller
    out = bytearray(b"".join(c.to_bytes(size, "big") for c in reversed(x)))
    out[0] |= flags << (8 - encoding.num_flag_bits)
    return bytes(reversed(out)) if encoding.little_endian else bytes(out)


def _decompress(
    encoding: PointEncoding, curve: PairingCurve, degree: int, data: Buffer, allow_infinity: bool
) -> tuple[_Element, _Element] | None:
    """(x, y), on the curve and not yet known to be in the subgroup."""
    size = curve.fp.num_bytes
    if len(data) != degree * size:
        raise MalformedInput(f"a compressed point has {degree * size} bytes, not {len(data)}")
    digits = bytearray(reversed(data) if encoding.little_endian else data)  # most significant first, so c1 first
    shift = 8 - encoding.num_flag_bits
    flags = digits[0] >> shift
    digits[0] &= (1 << shift) - 1
    if flags in encoding.uncompressed:
        raise MalformedInput("the flags of a point that is not compressed")
    if flags == encoding.infinity:
        if any(digits):
            raise InvalidPoint("infinity, and other bits are set beside its flag")
        if not allow_infinity:
            raise InvalidPoint("a point at infinity")
        return None
    if flags not in (encoding.smaller, encoding.larger):
        raise MalformedInput("flags that no point has")
    x = tuple(int.from_bytes(digits[at : at + size], "big") for at in range(0, len(digits), size))[::-1]
    if any(c >= curve.fp.modulus for c in x):
        raise NonCanonicalNumber("x is not below the modulus of the base field")
    y = _y_of(curve, x)
    if y is None:
        raise InvalidPoint("no point of the curve has this x")
    wants_larger = flags == encoding.larger
    return x, y if _is_larger(curve, y) == wants_larger else _negative(curve, y)


def _y_of(curve: PairingCurve, x: _Element) -> _Element | None:
    """Some y with y^2 = x^3 + b over Fp, or x^3 + b' over Fp2."""
    p = curve.fp.modulus
    if len(x) == 1:
        root = square_root_vartime((x[0] ** 3 + curve.b) % p, curve.fp)
        return None if root is None else (root,)
    pair = (x[0], x[1])
    cube = curve.fp2_mul(curve.fp2_mul(pair, pair), pair)
    return curve.fp2_square_root_vartime(((cube[0] + curve.twist_b[0]) % p, (cube[1] + curve.twist_b[1]) % p))


def _negative(curve: PairingCurve, y: _Element) -> _Element:
    return tuple(-c % curve.fp.modulus for c in y)


def _is_larger(curve: PairingCurve, y: _Element) -> bool:
    return y[::-1] > _negative(curve, y)[::-1]
