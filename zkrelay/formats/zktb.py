"""``.zktb``: multiples of the points of a proving key, to prove faster (docs/formats.md, ".zktb").

Opening maps the file; the tables are views over it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable

from ..curves import CURVES, PairingCurve
from ..errors import InvalidTables
from ..groth16 import Tables
from ..groth16.tables import QUERIES
from ..kernel import MAX_FACTOR, Buffer
from .container import Container, read_container, write_container
from .cursor import Cursor
from .elements import field_header
from .files import Source

HEADER = 1
SECTIONS = dict(zip(QUERIES, range(2, 7), strict=True))
SECTION_NAMES = {HEADER: "header", **dict(zip(SECTIONS.values(), ("A", "B1", "B2", "C", "H"), strict=True))}
_DIGEST_BYTES = 32


def read_zktb(source: Source, *, check: bool = True) -> Tables:
    """Tables as views over the file (or buffer), which ``owner`` keeps alive.

    ``Tables.check`` says whether they are a key's; a ``Prover`` calls it.

    Args:
        check: compare the digest of the multiples; reads the whole file.

    Raises:
        FormatError: the file does not follow the format.
        InvalidTables: the multiples do not have the digest that the header tells.
    """
    container = read_container(source, "zktb", (1,), SECTION_NAMES)
    header = container.cursor(HEADER)
    curve = _read_curve(header)
    at = header.position
    factor = header.u32("the factor")
    if not 2 <= factor <= MAX_FACTOR:
        raise header.error(f"a factor of {factor} is outside the limits (2 to {MAX_FACTOR})", at=at)
    key_digest, digest = (bytes(header.take(_DIGEST_BYTES, name)) for name in ("the key's digest", "the digest"))
    header.end()
    multiples = {f"{query}_multiples": _points(container, query, curve, factor) for query in QUERIES}
    if check and _digest(multiples.values()) != digest:
        raise InvalidTables(
            f"{container.source}: the multiples do not have the digest of the header: the file is damaged"
        )
    return Tables(curve.name, factor, key_digest.hex(), **multiples, owner=container)


def write_zktb(path: str | os.PathLike[str], tables: Tables, *, overwrite: bool = False) -> None:
    """Write tables, sections ascending.

    Raises:
        FileExistsError: ``path`` exists and ``overwrite`` was not asked for.
    """
    multiples = [tables.of(query) for query in QUERIES]
    header = b"".join(
        (
            field_header(CURVES[tables.curve].fp),
            tables.factor.to_bytes(4, "little"),
            bytes.fromhex(tables.key_digest),
            _digest(multiples),
        )
    )
    sections: list[tuple[int, list[Buffer]]] = [(HEADER, [header])]
    sections += [(kind, [data]) for kind, data in zip(SECTIONS.values(), multiples, strict=True)]
    write_container(path, "zktb", 1, sections, overwrite=overwrite)


def _read_curve(cursor: Cursor) -> PairingCurve:
    start = cursor.position
    size = cursor.u32("the size of the base field")
    prime = int.from_bytes(cursor.take(size, "the prime"), "little")
    for curve in CURVES.values():
        if (curve.fp.num_bytes, curve.fp.modulus) == (size, prime):
            return curve
    raise cursor.error(f"the base field is not that of {' or '.join(CURVES)}", at=start)


def _points(container: Container, query: str, curve: PairingCurve, factor: int) -> memoryview:
    cursor = container.cursor(SECTIONS[query])
    row_bytes = (factor - 1) * (curve.g2_bytes if query == "b_g2" else curve.g1_bytes)
    if cursor.remaining % row_bytes:
        raise cursor.error(f"{cursor.remaining} bytes are not {factor - 1} multiples for each of some points")
    return cursor.take(cursor.remaining, "the multiples")


def _digest(multiples: Iterable[Buffer]) -> bytes:
    """SHA-256 of the payloads of sections 2 to 6, each behind its number of bytes (u64)."""
    digest = hashlib.sha256()
    for data in multiples:
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.digest()
