"""Baby Jubjub points as 32 bytes, circomlib's packPoint: y little-endian, the sign of x in the top bit.

x is "negative" when it is above (p-1)/2.  Exactly one byte string stands for each point; everything else is refused.
"""

from __future__ import annotations

from ..curves.embedded import BABY_JUBJUB, EdwardsCurve, Point
from ..errors import InvalidPoint, MalformedInput, NonCanonicalNumber
from ..kernel import SignatureVerdict
from .eddsa_scheme import scheme
from .encoding import unpack_field

POINT_BYTES = 32
_SIGN_BIT = 1 << 255


def pack_point(point: Point, curve: EdwardsCurve = BABY_JUBJUB) -> bytes:
    """32 bytes of a point of the curve; raises ``NonCanonicalNumber`` or ``InvalidPoint`` for anything else."""
    check_point(point, curve)
    x, y = point
    sign = _SIGN_BIT if x > (curve.field.modulus - 1) // 2 else 0
    return (y | sign).to_bytes(POINT_BYTES, "little")


def unpack_point(data: bytes) -> Point:
    """The point of Baby Jubjub with these bytes.  Membership in the prime-order subgroup is not checked here.

    Raises:
        MalformedInput: not 32 bytes.
        NonCanonicalNumber: y is not below the modulus.
        InvalidPoint: no x belongs to this y, or x = 0 with the sign bit set.
    """
    if len(data) != POINT_BYTES:
        raise MalformedInput(f"a packed point has {POINT_BYTES} bytes, not {len(data)}")
    point, (verdict,) = scheme().unpack(data)
    if verdict == SignatureVerdict.NOT_CANONICAL:
        raise NonCanonicalNumber("the y coordinate of a packed point is not below the modulus")
    if verdict != SignatureVerdict.TRUE:
        y = int.from_bytes(data, "little") & (_SIGN_BIT - 1)
        is_zero = y in (1, BABY_JUBJUB.field.modulus - 1)
        raise InvalidPoint("x = 0 has no negative form" if is_zero else "no point of the curve has this y coordinate")
    x, y = unpack_field(BABY_JUBJUB.field, point)
    return x, y


def check_point(point: Point, curve: EdwardsCurve = BABY_JUBJUB) -> None:
    """Raise ``NonCanonicalNumber`` or ``InvalidPoint`` unless ``point`` is a canonical pair on the curve."""
    if any(not 0 <= coordinate < curve.field.modulus for coordinate in point):
        raise NonCanonicalNumber(f"a coordinate is not below the modulus of {curve.field.name}")
    if not curve.is_on_curve(point):
        raise InvalidPoint(f"the point is not on {curve.name}")
