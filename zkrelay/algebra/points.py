"""BN254 points in kernel form (affine, Montgomery): generators, negation, and checks that name what they check."""

from __future__ import annotations

from ..curves import bn254
from ..errors import InvalidPoint, MalformedInput
from ..kernel import Buffer, current
from .encoding import G1_BYTES, G2_BYTES, pack_g1, pack_g2

G1_GENERATOR = pack_g1([bn254.G1_GENERATOR])
G2_GENERATOR = pack_g2([bn254.G2_GENERATOR])

_P = bn254.FP.modulus


def _negate(point: Buffer, size: int, what: str) -> bytes:
    """(x, -y): the second half of the coordinates, each c becomes p - c (Montgomery form is linear), and 0 stays 0."""
    if len(point) != size:
        raise InvalidPoint(f"a {what} point has {size} bytes, not {len(point)}")
    out = bytearray(point)
    for at in range(size // 2, size, 32):
        coordinate = int.from_bytes(out[at : at + 32], "little")
        out[at : at + 32] = (-coordinate % _P).to_bytes(32, "little")
    return bytes(out)


def negate_g1(point: Buffer) -> bytes:
    """-P of one G1 point; infinity stays infinity."""
    return _negate(point, G1_BYTES, "G1")


def negate_g2(point: Buffer) -> bytes:
    """-P of one G2 point; infinity stays infinity."""
    return _negate(point, G2_BYTES, "G2")


def check_g1(curve: str, name: str, points: Buffer, *, allow_infinity: bool = False, threads: int = 1) -> None:
    """Coordinates canonical and on the curve (the cofactor is 1); errors begin with ``name``.

    Raises:
        NonCanonicalNumber: a coordinate is not below p.
        InvalidPoint: a point is off the curve, or infinity while ``allow_infinity`` is False.
    """
    try:
        current().g1_check(curve, points, allow_infinity=allow_infinity, threads=threads)
    except MalformedInput as error:
        raise type(error)(f"{name}: {error}") from None


def check_g2(curve: str, name: str, points: Buffer, *, allow_infinity: bool = False, threads: int = 1) -> None:
    """As ``check_g1``, and membership in the subgroup of order r (the twist has cofactor 2p - r)."""
    try:
        current().g2_check(curve, points, allow_infinity=allow_infinity, threads=threads)
    except MalformedInput as error:
        raise type(error)(f"{name}: {error}") from None
