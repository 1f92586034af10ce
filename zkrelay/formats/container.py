"""The iden3 container that .r1cs, .wtns, .zkey and .zkwp share (docs/formats.md, "The container").

    magic (4 bytes) | version u32 | number of sections u32 | { type u32 | size u64 | payload }*

All numbers little-endian.  Sections may come in any order, so a file is indexed first and then read by type.  Nothing
is believed: every size is held against the bytes that are there before anything is taken from it.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from ..errors import FormatError
from ..kernel import Buffer
from .cursor import Cursor
from .files import Source, create, open_source

_HEAD = struct.Struct("<4sII")
_SECTION = struct.Struct("<IQ")


@dataclass(frozen=True)
class Container:
    """An indexed file: ``sections[type]`` is a view of the payload, ``offsets[type]`` its first byte in the file."""

    source: str
    magic: str
    version: int
    names: Mapping[int, str]
    sections: Mapping[int, memoryview] = field(repr=False)
    offsets: Mapping[int, int] = field(repr=False)

    def cursor(self, section: int) -> Cursor:
        """Read a section from its first byte; ``FormatError`` naming it when the file has none of that type."""
        if section not in self.sections:
            raise FormatError(f"section {self.label(section)} is missing", source=self.source)
        return Cursor(self.sections[section], self.source, self.label(section), self.offsets[section])

    def label(self, section: int) -> str:
        return f"{section} ({self.names[section]})" if section in self.names else str(section)


def read_container(
    source: Source, magic: str, versions: Collection[int], names: Mapping[int, str], *, ignore_unknown: bool = False
) -> Container:
    """Index a container.

    Args:
        names: the section types that the format knows, with the names used in errors.
        ignore_unknown: keep sections of other types unread (.r1cs says so); otherwise they are refused.

    Raises:
        FormatError: wrong magic or version, a duplicate or unknown section, a size beyond the file, or bytes after the
            last section.
    """
    opened = open_source(source)
    view, name, end = opened.view, opened.name, len(opened.view)
    if end < _HEAD.size:
        raise FormatError(f"{end} bytes cannot hold the header of a .{magic} file", source=name, offset=end)
    found, version, count = _HEAD.unpack_from(view)
    if found != magic.encode():
        raise FormatError(f"not a .{magic} file: it begins with {found!r}", source=name, offset=0)
    if version not in versions:
        known = ", ".join(map(str, sorted(versions)))
        raise FormatError(f"version {version} of .{magic} is not supported (known: {known})", source=name, offset=4)
    if count * _SECTION.size > end - _HEAD.size:
        raise FormatError(f"{count} sections cannot fit into {end} bytes", source=name, offset=8)
    sections: dict[int, memoryview] = {}
    offsets: dict[int, int] = {}
    result = Container(name, magic, version, names, sections, offsets)
    position = _HEAD.size
    for _ in range(count):
        if end - position < _SECTION.size:
            raise FormatError("the file ends inside a section header", source=name, offset=position)
        kind, size = _SECTION.unpack_from(view, position)
        if kind in sections:
            raise FormatError(f"section {result.label(kind)} appears twice", source=name, offset=position)
        if kind not in names and not ignore_unknown:
            raise FormatError(f"section type {kind} does not belong into a .{magic} file", source=name, offset=position)
        position += _SECTION.size
        if size > end - position:
            raise FormatError(
                f"the section claims {size} bytes, the file has {end - position} left",
                source=name,
                section=result.label(kind),
                offset=position,
            )
        sections[kind] = view[position : position + size]
        offsets[kind] = position
        position += size
    if position != end:
        raise FormatError(f"{end - position} bytes follow the last section", source=name, offset=position)
    return result


def write_container(
    path: str | os.PathLike[str],
    magic: str,
    version: int,
    sections: Iterable[tuple[int, Iterable[Buffer]]],
    *,
    overwrite: bool = False,
    private: bool = False,
) -> None:
    """Write sections in the order given, each streamed from its chunks; the file appears whole or not at all.

    Raises:
        FileExistsError: ``path`` exists and ``overwrite`` was not asked for.
    """
    with create(path, overwrite=overwrite, private=private) as handle:
        handle.write(_HEAD.pack(magic.encode(), version, 0))
        count = 0
        for kind, chunks in sections:
            start = handle.tell()
            handle.write(_SECTION.pack(kind, 0))
            for chunk in chunks:
                handle.write(chunk)
            end = handle.tell()
            handle.seek(start)
            handle.write(_SECTION.pack(kind, end - start - _SECTION.size))
            handle.seek(end)
            count += 1
        handle.seek(0)
        handle.write(_HEAD.pack(magic.encode(), version, count))
