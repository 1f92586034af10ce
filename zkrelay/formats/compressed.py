"""Compressed points in files: what arkworks's and gnark's encodings share; errors name the point and its offset."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..algebra.compressed_points import PointEncoding, compress_g1, compress_g2, decompress_g1, decompress_g2
from ..curves import CURVES
from ..errors import MalformedInput
from ..groth16.keys import Proof, curve_named
from ..kernel import Buffer
from .cursor import Cursor
from .files import Source, open_source

MAX_BYTES = 1 << 20  # as for JSON; no file of these formats says how large it is
Encodings = Mapping[str, PointEncoding]
"""By the name of the curve."""


class PointReader:
    """Takes points from a cursor, each in kernel form and in the subgroup of order r, never infinity unless asked.

    Raises ``FormatError`` with the offset of the point's first byte, and ``MalformedInput`` for an unknown curve.
    """

    def __init__(self, source: Source, part: str, curve: str, encodings: Encodings) -> None:
        self.num_bytes = curve_named(curve).fp.num_bytes  # of a G1 point
        self.curve = curve
        self._encoding = encodings[curve]
        opened = open_source(source, limit_bytes=MAX_BYTES)
        self.cursor = Cursor(opened.view, opened.name, part, 0)

    def g1(self, name: str, *, allow_infinity: bool = False) -> bytes:
        return self._point(name, self.num_bytes, decompress_g1, allow_infinity)

    def g2(self, name: str) -> bytes:
        return self._point(name, 2 * self.num_bytes, decompress_g2, False)

    def g1_array(self, count: int, name: str) -> bytes:
        """``count`` points, held against the bytes that are left before any is read."""
        if count * self.num_bytes > self.cursor.remaining:
            raise self.cursor.error(f"{count} points do not fit into the {self.cursor.remaining} bytes left")
        return b"".join(self.g1(f"{name}[{index}]") for index in range(count))

    def proof(self) -> Proof:
        """A, B, C, in the order of both libraries."""
        return Proof(self.g1("a"), self.g2("b"), self.g1("c"), self.curve)

    def _point(self, name: str, size: int, decompress: Callable[..., bytes], allow_infinity: bool) -> bytes:
        at = self.cursor.position
        data = self.cursor.take(size, name)
        try:
            return decompress(self._encoding, self.curve, data, allow_infinity=allow_infinity)
        except MalformedInput as error:
            raise self.cursor.error(f"{name}: {error}", at=at) from None


class PointWriter:
    """Compresses points in kernel form, which the caller has checked."""

    def __init__(self, curve: str, encodings: Encodings) -> None:
        self._curve = curve
        self._encoding = encodings[curve]

    def g1(self, point: Buffer) -> bytes:
        return compress_g1(self._encoding, self._curve, point)

    def g2(self, *points: Buffer) -> bytes:
        return b"".join(compress_g2(self._encoding, self._curve, point) for point in points)

    def g1_array(self, points: Buffer) -> list[bytes]:
        size = CURVES[self._curve].g1_bytes
        return [self.g1(points[at : at + size]) for at in range(0, len(points), size)]

    def infinity(self) -> bytes:
        return self.g1(bytes(CURVES[self._curve].g1_bytes))

    def proof(self, proof: Proof) -> bytes:
        """A, B, C; raises as ``Proof.check``."""
        proof.check()
        return self.g1(proof.a) + self.g2(proof.b) + self.g1(proof.c)
