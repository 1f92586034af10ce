"""Between Python integers and the kernel's buffers: field vectors (canonical) and affine points (Montgomery).

Shapes and byte orders are those of ``native/include/zkrelay.h``.  Everything that enters is checked here: ranges and
lengths; curve and subgroup membership are the kernel's ``g1_check``/``g2_check``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..curves import PrimeField, bn254
from ..errors import InvalidPoint, MalformedInput, NonCanonicalNumber

G1Point = tuple[int, int] | None
G2Point = tuple[tuple[int, int], tuple[int, int]] | None
G1_BYTES = 64
G2_BYTES = 128

_FP = bn254.FP
_R = _FP.montgomery_r % _FP.modulus
_R_INV = pow(_R, -1, _FP.modulus)


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


def _fp(value: int) -> bytes:
    if not 0 <= value < _FP.modulus:
        raise NonCanonicalNumber("coordinate is not below the base field modulus")
    return (value * _R % _FP.modulus).to_bytes(32, "little")


def _fp_int(data: bytes | memoryview) -> int:
    return int.from_bytes(data, "little") * _R_INV % _FP.modulus


def pack_g1(points: Sequence[G1Point]) -> bytes:
    """Kernel form of BN254 G1 points ``(x, y)``; ``None`` is infinity.  Membership is not checked here."""
    return b"".join(bytes(G1_BYTES) if point is None else _fp(point[0]) + _fp(point[1]) for point in points)


def pack_g2(points: Sequence[G2Point]) -> bytes:
    """Kernel form of BN254 G2 points ``((x.c0, x.c1), (y.c0, y.c1))``; ``None`` is infinity."""
    return b"".join(
        bytes(G2_BYTES) if point is None else b"".join(_fp(c) for coordinate in point for c in coordinate)
        for point in points
    )


def unpack_g1(data: bytes | bytearray | memoryview) -> list[G1Point]:
    """Inverse of ``pack_g1``; raises ``InvalidPoint`` for a wrong length."""
    if len(data) % G1_BYTES:
        raise InvalidPoint(f"{len(data)} bytes are not a whole number of {G1_BYTES}-byte G1 points")
    view = memoryview(data)
    out: list[G1Point] = []
    for i in range(0, len(data), G1_BYTES):
        chunk = view[i : i + G1_BYTES]
        out.append((_fp_int(chunk[:32]), _fp_int(chunk[32:])) if any(chunk) else None)
    return out


def unpack_g2(data: bytes | bytearray | memoryview) -> list[G2Point]:
    """Inverse of ``pack_g2``; raises ``InvalidPoint`` for a wrong length."""
    if len(data) % G2_BYTES:
        raise InvalidPoint(f"{len(data)} bytes are not a whole number of {G2_BYTES}-byte G2 points")
    view = memoryview(data)
    out: list[G2Point] = []
    for i in range(0, len(data), G2_BYTES):
        chunk = view[i : i + G2_BYTES]
        c = [_fp_int(chunk[j : j + 32]) for j in range(0, G2_BYTES, 32)]
        out.append(((c[0], c[1]), (c[2], c[3])) if any(chunk) else None)
    return out
