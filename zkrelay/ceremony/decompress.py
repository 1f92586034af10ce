"""From the forms that ceremonies hash (``transcript``) back to points of a file.  Membership is the caller's check."""

from __future__ import annotations

import numpy as np

from ..curves import PairingCurve
from ..errors import InvalidPoint, NonCanonicalNumber
from ..kernel import Buffer, current
from .square_roots import fp2_square_root, fp_square_root, is_negative
from .transcript import INFINITY_BIT, NEGATIVE_BIT


def from_uncompressed(curve: PairingCurve, data: Buffer, *, in_g2: bool) -> bytes:
    """Points of a file from x and y; infinity, all zero, is refused.

    Raises:
        InvalidPoint: a coordinate is not below the modulus, or a point is infinity.
    """
    size, coordinate = curve.g2_bytes if in_g2 else curve.g1_bytes, curve.fp.num_bytes
    points = np.frombuffer(data, dtype=np.uint8).reshape(-1, size)
    infinite = np.flatnonzero(~points.any(axis=1))
    if len(infinite):
        raise InvalidPoint(f"point {infinite[0]} is infinity")
    reversed_bytes = points.reshape(-1, 2 * coordinate if in_g2 else coordinate)[:, ::-1].tobytes()
    try:
        return current().to_montgomery(curve.fp.name, reversed_bytes)
    except NonCanonicalNumber as error:
        raise InvalidPoint(f"a coordinate is not below the modulus: {error}") from None


def decompressed(curve: PairingCurve, data: Buffer, *, in_g2: bool) -> bytes:
    """Points of a file from x and a sign; infinity is refused.

    Raises:
        InvalidPoint: x is not below the modulus or belongs to no point, a bit is set that means nothing, or a point is
            infinity.
    """
    size = (curve.g2_bytes if in_g2 else curve.g1_bytes) // 2
    out = bytearray()
    for start in range(0, len(data), size):
        packed, index = bytearray(data[start : start + size]), start // size
        if packed[0] & INFINITY_BIT:
            raise InvalidPoint(f"point {index} is infinity")
        negative = bool(packed[0] & NEGATIVE_BIT)
        packed[0] &= ~NEGATIVE_BIT
        x = _coefficients(curve, bytes(packed), index)
        y = _y_of(curve, x)
        if y is None:
            raise InvalidPoint(f"point {index}: no point of the curve has this x coordinate")
        if is_negative(curve.fp, *y) != negative:
            y = tuple(-c % curve.fp.modulus for c in y)
        out += _montgomery(curve, x) + _montgomery(curve, y)
    return bytes(out)


def _y_of(curve: PairingCurve, x: tuple[int, ...]) -> tuple[int, ...] | None:
    p = curve.fp.modulus
    if len(x) == 1:
        root = fp_square_root((x[0] ** 3 + curve.b) % p, curve.fp)
        return None if root is None else (root,)
    c0, c1 = x
    cube = curve.fp2_mul(curve.fp2_mul((c0, c1), (c0, c1)), (c0, c1))
    return fp2_square_root(((cube[0] + curve.twist_b[0]) % p, (cube[1] + curve.twist_b[1]) % p), curve)


def _coefficients(curve: PairingCurve, data: bytes, index: int) -> tuple[int, ...]:
    """c0, c1 of a big-endian coordinate, where c1 stands first."""
    size = curve.fp.num_bytes
    found = tuple(int.from_bytes(data[i : i + size], "big") for i in range(0, len(data), size))[::-1]
    if any(c >= curve.fp.modulus for c in found):
        raise InvalidPoint(f"point {index}: a coordinate is not below the modulus")
    return found


def _montgomery(curve: PairingCurve, coefficients: tuple[int, ...]) -> bytes:
    fp = curve.fp
    return b"".join(fp.to_bytes(c * fp.montgomery_r % fp.modulus) for c in coefficients)
