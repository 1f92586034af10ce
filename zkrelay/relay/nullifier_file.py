"""The nullifier set of one domain in a file: sorted, versioned, checksummed.

    magic        8   "zkrnulls"
    version      4   u32 little-endian, 1
    domain      32   big-endian
    count        8   u64 little-endian
    records          count times: nf 32 big-endian, epoch u32 little-endian; nf strictly ascending and below r
    checksum    32   SHA-256 of everything before

Nothing in it is secret.  The checksum finds damage, not forgery: take files from those whose ledger you would trust.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import BinaryIO

from ..curves import bn254
from ..errors import FormatError, WrongDomain

MAGIC = b"zkrnulls"
VERSION = 1
_HEADER = struct.Struct("<8sI32sQ")
_RECORD_BYTES = 36
_CHECKSUM_BYTES = 32
_CHUNK = 10_000  # records
_R = bn254.FR.modulus


def write_nullifiers(file: BinaryIO, domain: int, count: int, page: Callable[[int, int], list[tuple[int, int]]]) -> int:
    """Write the ``count`` records that ``page(after, limit)`` gives in ascending order, like a store."""
    digest = hashlib.sha256()

    def write(data: bytes) -> None:
        digest.update(data)
        file.write(data)

    write(_HEADER.pack(MAGIC, VERSION, domain.to_bytes(32, "big"), count))
    last, written = -1, 0
    while pairs := page(last, _CHUNK):
        write(b"".join(nf.to_bytes(32, "big") + epoch.to_bytes(4, "little") for nf, epoch in pairs))
        last, written = pairs[-1][0], written + len(pairs)
    assert written == count
    file.write(digest.digest())
    return count


def read_nullifiers(file: BinaryIO, domain: int) -> Iterator[list[tuple[int, int]]]:
    """The records in ascending chunks.  The checksum comes last: undo everything if this raises in the end.

    Raises:
        FormatError: cut short, trailing bytes, damaged, out of order, not canonical, or of another version.
        WrongDomain: the set of another domain.
    """
    digest = hashlib.sha256()
    offset = 0

    def read(num_bytes: int, section: str) -> bytes:
        nonlocal offset
        data = file.read(num_bytes)
        if len(data) != num_bytes:
            raise _error("the file ends too early", section, offset + len(data))
        offset += num_bytes
        return data

    header = read(_HEADER.size, "header")
    digest.update(header)
    magic, version, owner, count = _HEADER.unpack(header)
    if magic != MAGIC:
        raise _error("not a nullifier set", "header", 0)
    if version != VERSION:
        raise _error(f"version {version} is not {VERSION}", "header", len(MAGIC))
    if int.from_bytes(owner, "big") != domain:
        raise WrongDomain("the nullifiers of another domain")
    last = -1
    while count:
        start, size = offset, min(count, _CHUNK)
        data = read(size * _RECORD_BYTES, "records")
        digest.update(data)
        pairs = [_record(data, place) for place in range(0, len(data), _RECORD_BYTES)]
        ascending = all(a < b for a, b in pairwise([last, *(nf for nf, _ in pairs)]))
        if not ascending or pairs[-1][0] >= _R:
            raise _error("nullifiers must be canonical and strictly ascending", "records", start)
        last, count = pairs[-1][0], count - size
        yield pairs
    if read(_CHECKSUM_BYTES, "checksum") != digest.digest():
        raise _error("the checksum does not match", "checksum", offset - _CHECKSUM_BYTES)
    if file.read(1):
        raise _error("bytes after the end", "checksum", offset)


def _record(data: bytes, place: int) -> tuple[int, int]:
    end = place + _RECORD_BYTES
    return int.from_bytes(data[place : end - 4], "big"), int.from_bytes(data[end - 4 : end], "little")


def _error(message: str, section: str, offset: int) -> FormatError:
    return FormatError(message, source="nullifier set", section=section, offset=offset)
