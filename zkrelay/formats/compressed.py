"""Reading compressed points from a file: what arkworks's and gnark's encodings share; errors name the point."""

from __future__ import annotations

from collections.abc import Callable

from ..algebra.compressed_points import PointEncoding, decompress_g1, decompress_g2
from ..errors import FormatError, MalformedInput
from ..groth16.keys import Proof, curve_named
from .cursor import Cursor
from .files import Source, open_source

MAX_BYTES = 1 << 20  # as for JSON; no file of these formats says how large it is


class PointReader:
    """Takes points from a cursor, each in kernel form and in the subgroup of order r, never infinity unless asked.

    Raises ``FormatError`` with the offset of the point's first byte.
    """

    def __init__(self, source: Source, part: str, curve: str, encoding: PointEncoding) -> None:
        shape = curve_named(curve)
        opened = open_source(source, limit_bytes=MAX_BYTES)
        self.cursor = Cursor(opened.view, opened.name, part, 0)
        self.curve = curve
        self.num_bytes = shape.fp.num_bytes  # of a G1 point
        self._encoding = encoding

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
        problem: MalformedInput
        try:
            return decompress(self._encoding, self.curve, data, allow_infinity=allow_infinity)
        except FormatError:
            raise
        except MalformedInput as error:
            problem = error
        raise self.cursor.error(f"{name}: {problem}", at=at)
