"""What the record of a contribution says about its maker: the tail that ``.zkey`` and ``.ptau`` share.

    kind u32 (0 a person, 1 a beacon) | length u32 | { tag u8 | value }*

Tags ascend: 1 the name (length u8, UTF-8), 2 log2 of the beacon's iterations (u8), 3 the beacon's hash (length u8).
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import MalformedInput
from .cursor import Cursor

PERSON, BEACON = 0, 1
MAX_NAME_CHARACTERS = 64
_NAME, _ITERATIONS, _BEACON = 1, 2, 3


@dataclass(frozen=True)
class Maker:
    """``name`` is safe to print: what is not printable was replaced."""

    kind: int = PERSON
    name: str = ""
    iterations_log2: int | None = None
    beacon_hash: bytes = b""


def read_maker(cursor: Cursor) -> Maker:
    """Raises ``FormatError`` for another kind, and for parameters that are unknown, out of order or too long."""
    kind = cursor.u32("the kind of the contribution")
    if kind > BEACON:
        raise cursor.error(f"a contribution of kind {kind}: expected 0 (person) or 1 (beacon)")
    length = cursor.u32("the length of the parameters")
    start = cursor.position
    parameters = Cursor(cursor.take(length, "the parameters"), cursor.source, cursor.section, cursor.base + start)
    name, iterations, beacon, last = "", None, b"", 0
    while parameters.remaining:
        tag = parameters.u8("a parameter")
        if tag <= last or tag > _BEACON:
            raise parameters.error(f"parameter {tag} is unknown or out of order")
        last = tag
        if tag == _NAME:
            raw = bytes(parameters.take(parameters.u8("the length of the name"), "the name"))
            name = "".join(c if c.isprintable() else "\ufffd" for c in raw.decode("utf-8", errors="replace"))
        elif tag == _ITERATIONS:
            iterations = parameters.u8("the iterations of the beacon")
        else:
            beacon = bytes(parameters.take(parameters.u8("the length of the beacon"), "the beacon"))
    return Maker(kind, name, iterations, beacon)


def pack_maker(maker: Maker) -> bytes:
    """What ``read_maker`` reads, as snarkjs writes it.

    Raises:
        MalformedInput: a name of more than 64 UTF-16 units, where snarkjs would cut it, or with what is not printable;
            a beacon without hash or iterations.
    """
    encoded = maker.name.encode("utf-16-le", errors="replace")
    if len(encoded) > 2 * MAX_NAME_CHARACTERS or not all(c.isprintable() for c in maker.name):
        raise MalformedInput(f"a contributor's name is at most {MAX_NAME_CHARACTERS} printable characters")
    parameters = b""
    if maker.name:
        name = maker.name.encode()
        parameters += bytes([_NAME, len(name)]) + name
    if maker.kind == BEACON:
        if maker.iterations_log2 is None or not 0 < len(maker.beacon_hash) < 256:
            raise MalformedInput("a beacon has a hash of 1 to 255 bytes and a number of iterations")
        parameters += bytes([_ITERATIONS, maker.iterations_log2, _BEACON, len(maker.beacon_hash)]) + maker.beacon_hash
    return maker.kind.to_bytes(4, "little") + len(parameters).to_bytes(4, "little") + parameters
