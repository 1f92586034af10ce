"""Between Python integers and the kernel's buffers: field vectors (canonical) and affine points (Montgomery).

Shapes and byte orders are those of ``native/include/zkrelay.h``.  Everything that enters is checked here: ranges and
lengths; curve and subgroup membership are the kernel's ``g1_check``/``g2_check``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..curves import CURVES, PairingCurve, PrimeField
from ..errors import InvalidPoint, MalformedInput, NonCanonicalNumber

G1Point = tuple[int, int] | None
G2Point = tuple[tuple[int, int], tuple[int, int]] | None


def pack_field(field: PrimeField, values: Iterable[int]) -> bytes:
    """Canonical little-endian buffer of ``values``.

    Raises:
        NonCanonicalNumber: a value is outside [0, field.modulus); the message gives its index.
    """
    size, modulus = field.num_bytes, field.modulus
    out = bytearray()
    for index, value in enumerate(values):
        if not 0 <= value < modulus:
            raise NonCanonicalNumber(f"element {index} is not a canonical element of {field.name}")
        out += value.to_bytes(size, "little")
    return bytes(out)


def unpack_field(field: PrimeField, data: bytes | bytearray | memoryview) -> list[int]:
    """Integers of a canonical buffer; raises ``MalformedInput`` for a length that is no multiple of the element
    size.
    """
    size = field.num_bytes
    if len(data) % size:
        raise MalformedInput(f"{len(data)} bytes are not a whole number of {size}-byte elements")
    view = memoryview(data)
    return [int.from_bytes(view[i : i + size], "little") for i in range(0, len(data), size)]


def pack_g1(points: Sequence[G1Point], curve: str = "bn254") -> bytes:
    """Kernel form of G1 points ``(x, y)`` of the named curve; ``None`` is infinity.  Membership is not checked here.

    Raises:
        NonCanonicalNumber: a coordinate is outside [0, p).
    """
    shape = CURVES[curve]
    return b"".join(bytes(shape.g1_bytes) if point is None else _coordinates(shape, point) for point in points)


def pack_g2(points: Sequence[G2Point], curve: str = "bn254") -> bytes:
    """As ``pack_g1`` for G2 points ``((x.c0, x.c1), (y.c0, y.c1))``."""
    shape = CURVES[curve]
    return b"".join(
        bytes(shape.g2_bytes) if point is None else _coordinates(shape, (*point[0], *point[1])) for point in points
    )


def unpack_g1(data: bytes | bytearray | memoryview, curve: str = "bn254") -> list[G1Point]:
    """Inverse of ``pack_g1``; raises ``InvalidPoint`` for a wrong length."""
    shape = CURVES[curve]
    return [None if c is None else (c[0], c[1]) for c in _points(shape.fp, data, shape.g1_bytes, "G1")]


def unpack_g2(data: bytes | bytearray | memoryview, curve: str = "bn254") -> list[G2Point]:
    """Inverse of ``pack_g2``; raises ``InvalidPoint`` for a wrong length."""
    shape = CURVES[curve]
    return [None if c is None else ((c[0], c[1]), (c[2], c[3])) for c in _points(shape.fp, data, shape.g2_bytes, "G2")]


def _coordinates(curve: PairingCurve, values: Sequence[int]) -> bytes:
    """Montgomery form of the coordinates of one point."""
    p = curve.fp.modulus
    if not all(0 <= value < p for value in values):
        raise NonCanonicalNumber(f"a coordinate is not below the base field modulus of {curve.name}")
    return b"".join(curve.fp.to_bytes(value * curve.fp.montgomery_r % p) for value in values)


def _points(fp: PrimeField, data: bytes | bytearray | memoryview, size: int, group: str) -> Iterator[list[int] | None]:
    """The coordinates of each point, None for infinity."""
    if len(data) % size:
        raise InvalidPoint(f"{len(data)} bytes are not a whole number of {size}-byte {group} points")
    view, r_inverse = memoryview(data), pow(fp.montgomery_r, -1, fp.modulus)
    for at in range(0, len(data), size):
        chunk = view[at : at + size]
        yield [c * r_inverse % fp.modulus for c in unpack_field(fp, chunk)] if any(chunk) else None
