"""Points in kernel form (affine, Montgomery): generators, negation, and checks that name what they check."""

from __future__ import annotations

from functools import cache

from ..curves import CURVES
from ..errors import InvalidPoint, MalformedInput
from ..kernel import Buffer, current
from .encoding import pack_g1, pack_g2


@cache
def g1_generator(curve: str = "bn254") -> bytes:
    """The generator of the named curve's G1."""
    return pack_g1([CURVES[curve].g1_generator], curve)


@cache
def g2_generator(curve: str = "bn254") -> bytes:
    """The generator of the named curve's G2."""
    return pack_g2([CURVES[curve].g2_generator], curve)


def negate_g1(point: Buffer, curve: str = "bn254") -> bytes:
    """-P of one G1 point; infinity stays infinity.  Raises ``InvalidPoint`` for a wrong length."""
    return _negate(curve, point, CURVES[curve].g1_bytes, "G1")


def negate_g2(point: Buffer, curve: str = "bn254") -> bytes:
    """-P of one G2 point; infinity stays infinity.  Raises ``InvalidPoint`` for a wrong length."""
    return _negate(curve, point, CURVES[curve].g2_bytes, "G2")


def _negate(curve: str, point: Buffer, size: int, what: str) -> bytes:
    """(x, -y): the second half of the coordinates, each c becomes p - c (Montgomery form is linear), and 0 stays 0."""
    if len(point) != size:
        raise InvalidPoint(f"a {what} point of {curve} has {size} bytes, not {len(point)}")
    fp, out = CURVES[curve].fp, bytearray(point)
    for at in range(size // 2, size, fp.num_bytes):
        coordinate = int.from_bytes(out[at : at + fp.num_bytes], "little")
        out[at : at + fp.num_bytes] = fp.to_bytes(-coordinate % fp.modulus)
    return bytes(out)


def check_g1(curve: str, name: str, points: Buffer, *, allow_infinity: bool = False, threads: int = 1) -> None:
    """Coordinates canonical, points on the curve and in the subgroup of order r; errors begin with ``name``.

    BN254's G1 has cofactor 1: there the curve is the group, and the third check costs nothing.  BLS12-381's has not.

    Raises:
        NonCanonicalNumber: a coordinate is not below p.
        InvalidPoint: a point is off the curve, outside the subgroup, or infinity while ``allow_infinity`` is False.
    """
    try:
        current().g1_check(curve, points, allow_infinity=allow_infinity, threads=threads)
    except MalformedInput as error:
        raise type(error)(f"{name}: {error}") from None


def check_g2(curve: str, name: str, points: Buffer, *, allow_infinity: bool = False, threads: int = 1) -> None:
    """As ``check_g1``; the twists of both curves have cofactors."""
    try:
        current().g2_check(curve, points, allow_infinity=allow_infinity, threads=threads)
    except MalformedInput as error:
        raise type(error)(f"{name}: {error}") from None
