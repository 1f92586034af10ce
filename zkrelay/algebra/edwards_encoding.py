"""Baby Jubjub points as 32 bytes, circomlib's packPoint: y little-endian, the sign of x in the top bit.

x is "negative" when it is above (p-1)/2.  Exactly one byte string stands for each point; everything else is refused.
"""

from __future__ import annotations

from ..curves.embedded import BABY_JUBJUB, EdwardsCurve, Point
from ..curves.fields import square_root_vartime
from ..errors import InvalidPoint, MalformedInput, NonCanonicalNumber

POINT_BYTES = 32
_SIGN_BIT = 1 << 255


def pack_point(point: Point, curve: EdwardsCurve = BABY_JUBJUB) -> bytes:
    """32 bytes of a point of the curve; raises ``NonCanonicalNumber`` or ``InvalidPoint`` for anything else."""
    check_point(point, curve)
    x, y = point
    sign = _SIGN_BIT if x > (curve.field.modulus - 1) // 2 else 0
    return (y | sign).to_bytes(POINT_BYTES, "little")


def unpack_point(data: bytes, curve: EdwardsCurve = BABY_JUBJUB) -> Point:
    """The point of ``pack_point``'s bytes.  Membership in the prime-order subgroup is not checked here.

    Raises:
        MalformedInput: not 32 bytes.
        NonCanonicalNumber: y is not below the modulus.
        InvalidPoint: no x belongs to this y, or x = 0 with the sign bit set.
    """
    if len(data) != POINT_BYTES:
        raise MalformedInput(f"a packed point has {POINT_BYTES} bytes, not {len(data)}")
    number = int.from_bytes(data, "little")
    negative, y = bool(number & _SIGN_BIT), number & (_SIGN_BIT - 1)
    p = curve.field.modulus
    if y >= p:
        raise NonCanonicalNumber("the y coordinate of a packed point is not below the modulus")
    # a*x^2 + y^2 = 1 + d*x^2*y^2.  The denominator is never zero: a is a square and d is not.
    y2 = y * y % p
    x = square_root_vartime((1 - y2) * pow(curve.a - curve.d * y2, -1, p) % p, curve.field)
    if x is None:
        raise InvalidPoint("no point of the curve has this y coordinate")
    if x == 0 and negative:
        raise InvalidPoint("x = 0 has no negative form")
    if (x > (p - 1) // 2) != negative:
        x = p - x
    return x, y


def check_point(point: Point, curve: EdwardsCurve = BABY_JUBJUB) -> None:
    """Raise ``NonCanonicalNumber`` or ``InvalidPoint`` unless ``point`` is a canonical pair on the curve."""
    if any(not 0 <= coordinate < curve.field.modulus for coordinate in point):
        raise NonCanonicalNumber(f"a coordinate is not below the modulus of {curve.field.name}")
    if not curve.is_on_curve(point):
        raise InvalidPoint(f"the point is not on {curve.name}")
