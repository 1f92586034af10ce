"""Points on their way into a file: they are needed twice, for hash and file, and may not fit into memory."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from ..kernel import Buffer

_READ_BYTES = 1 << 24


class Spool:
    """Sections that are written once, in any chunks, and read as often as need be.

    They lie in one nameless file beside the target, which is gone with this object; the points in it are public.
    """

    def __init__(self, target: str | os.PathLike[str]) -> None:
        self._file = tempfile.TemporaryFile(dir=Path(target).parent)  # noqa: SIM115 - closed by __exit__
        self._spans: dict[int, tuple[int, int]] = {}

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def append(self, section: int, chunk: Buffer) -> None:
        """More of a section; one section is finished before the next begins."""
        end = self._file.seek(0, os.SEEK_END)
        start = self._spans.get(section, (end, end))[0]
        self._file.write(chunk)
        self._spans[section] = (start, end + len(chunk))

    def read(self, section: int, multiple_of: int = 1) -> Iterator[bytes]:
        """The section in chunks of whole points of ``multiple_of`` bytes."""
        position, end = self._spans[section]
        step = _READ_BYTES // multiple_of * multiple_of
        while position < end:
            self._file.seek(position)
            chunk = self._file.read(min(step, end - position))
            position += len(chunk)
            yield chunk

    def sections(self) -> dict[int, Iterator[bytes]]:
        return {section: self.read(section) for section in self._spans}
