"""A position in a section: take the next bytes, or say exactly where the file is too short."""

from __future__ import annotations

from ..errors import FormatError


class Cursor:
    """Reads a section from front to back; ``base`` is the file offset of its first byte, for errors."""

    def __init__(self, view: memoryview, source: str, section: str, base: int) -> None:
        self.view = view
        self.source = source
        self.section = section
        self.base = base
        self.position = 0

    @property
    def remaining(self) -> int:
        return len(self.view) - self.position

    def error(self, message: str, *, at: int | None = None) -> FormatError:
        """A ``FormatError`` at byte ``at`` of the section (by default the current one)."""
        offset = self.base + (self.position if at is None else at)
        return FormatError(message, source=self.source, section=self.section, offset=offset)

    def take(self, num_bytes: int, what: str) -> memoryview:
        """The next bytes as a view (no copy)."""
        if num_bytes > self.remaining:
            raise self.error(f"{what} needs {num_bytes} bytes, the section has {self.remaining} left")
        start = self.position
        self.position += num_bytes
        return self.view[start : self.position]

    def take_array(self, count: int, item_bytes: int, what: str) -> memoryview:
        """``count`` items; the error of a count that lies tells the count."""
        if count * item_bytes > self.remaining:
            raise self.error(f"{count} {what} of {item_bytes} bytes do not fit into the {self.remaining} bytes left")
        return self.take(count * item_bytes, what)

    def u8(self, what: str) -> int:
        return self.take(1, what)[0]

    def u32(self, what: str) -> int:
        return int.from_bytes(self.take(4, what), "little")

    def u32_big_endian(self, what: str) -> int:
        return int.from_bytes(self.take(4, what), "big")

    def u64(self, what: str) -> int:
        return int.from_bytes(self.take(8, what), "little")

    def end(self) -> None:
        """Refuse bytes after the last field."""
        if self.remaining:
            raise self.error(f"{self.remaining} bytes follow the last field of the section")
