"""What kind of file something is, by its first bytes: a suffix may lie, and a truncated file still has a kind."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path

from ..errors import FormatError

_HEAD_BYTES = 4096


class Kind(str, Enum):
    R1CS = "r1cs"
    SYM = "sym"
    WTNS = "wtns"
    ZKEY = "zkey"
    PTAU = "ptau"
    ZKTB = "zktb"
    ZKWP = "zkwp"
    WASM = "wasm"
    PROOF = "proof"
    PUBLIC = "public"
    VERIFICATION_KEY = "verification_key"
    INPUT = "input"
    RECORD = "record"
    ZKDL = "zkdl"


_MAGIC = {kind.value.encode(): kind for kind in (Kind.R1CS, Kind.WTNS, Kind.ZKEY, Kind.PTAU, Kind.ZKTB, Kind.ZKWP)}
_MAGIC |= {b"\0asm": Kind.WASM, b"zkdl ": Kind.ZKDL}
_FIELDS = ((b'"pi_a"', Kind.PROOF), (b'"vk_alpha_1"', Kind.VERIFICATION_KEY))
_RECORD = re.compile(rb'"type"\s*:\s*"zkrelay-')
_SYM_LINE = re.compile(rb"[0-9]{1,19},(-1|[0-9]{1,10}),[0-9]{1,19},")


def kind_of(source: Path | bytes) -> Kind | None:
    """The kind of a file or buffer, or None.  Nothing is checked beyond what tells the kinds apart.

    Raises:
        OSError: the file cannot be opened.
        FormatError: not a regular file.
    """
    head = _head(source)
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    text = head.lstrip(b" \t\r\n")
    if text.startswith(b"["):
        return Kind.PUBLIC
    if text.startswith(b"{") and _RECORD.search(text):
        return Kind.RECORD
    if text.startswith(b"{"):
        return next((kind for field, kind in _FIELDS if field in text), Kind.INPUT)
    return Kind.SYM if _SYM_LINE.match(head) else None


def _head(source: Path | bytes) -> bytes:
    if isinstance(source, bytes):
        return source[:_HEAD_BYTES]
    if source.exists() and not (source.is_file() or source.is_dir()):
        raise FormatError("not a regular file", source=source.name)
    with source.open("rb") as file:
        return file.read(_HEAD_BYTES)
