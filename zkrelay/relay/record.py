"""The protocol's objects as files: JSON with ``type`` and ``version``, one object a line.

    {"type": "zkrelay-note", "version": 1, ...the fields of the object's to_dict}

A file of many objects has one a line, so that files can be joined and cut with the tools of a shell.  A file of one
object may spread it over many lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import FormatError
from ..formats import Source
from ..formats.files import open_source
from ..formats.strict_json import read_json

VERSION = 1
MAX_FILE_BYTES = 1 << 30
MAX_RECORD_BYTES = 16 << 20


def to_record(kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """``fields`` under their type."""
    return {"type": kind, "version": VERSION, **fields}


def to_line(kind: str, fields: Mapping[str, Any]) -> str:
    """A record as one line of JSON, without the line's end."""
    return json.dumps(to_record(kind, fields), separators=(",", ":"))


def read_records(source: Source, *kinds: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The records of a file in order, as (type, fields); values appear in no error.

    Raises:
        FormatError: empty, too large, not JSON, or a record of another type or version; the record is named when there
            are many.
        OSError: the file cannot be opened.
    """
    opened = open_source(source, limit_bytes=MAX_FILE_BYTES)
    documents = _documents(bytes(opened.view))
    for number, data in enumerate(documents, start=1):
        section = f"record {number}" if len(documents) > 1 else ""
        if len(data) > MAX_RECORD_BYTES:
            raise FormatError(f"a record has more than {MAX_RECORD_BYTES} bytes", source=opened.name, section=section)
        try:
            value = read_json(data, limit_bytes=MAX_RECORD_BYTES).value
        except FormatError as error:
            reason = str(error).removeprefix(error.source).lstrip(":, ")
            raise FormatError(reason, source=opened.name, section=section) from None
        kind = value.pop("type", None) if isinstance(value, dict) else None
        if kind not in kinds:
            raise FormatError(f"expected a record of type {' or '.join(kinds)}", source=opened.name, section=section)
        if (version := value.pop("version", None)) != VERSION or isinstance(version, bool):
            raise FormatError(f"not version {VERSION} of {kind}", source=opened.name, section=section)
        yield kind, value


def read_record(source: Source, *kinds: str) -> tuple[str, dict[str, Any]]:
    """The only record of a file; raises as ``read_records``, and ``FormatError`` when there are more."""
    first, *others = read_records(source, *kinds)
    if others:
        raise FormatError(f"expected one record, found {1 + len(others)}", source=open_source(source).name)
    return first


def _documents(data: bytes) -> list[bytes]:
    """One for each line that is not blank, when every such line is an object by itself; else all of it is one."""
    lines = [line for line in map(bytes.strip, data.split(b"\n")) if line]
    return lines if all(line[:1] == b"{" and line[-1:] == b"}" for line in lines) and lines else [data]
