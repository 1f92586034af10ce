"""Secrets on disk: a small JSON object with ``type``, ``version`` and the secret in hex, for the owner's eyes only.

    {"type": "zkrelay-session-key", "version": 1, "secret": "<64 hex digits: 32 bytes, little-endian>"}

A file that anyone but its owner can read, or that is not a plain file of this user's, is refused before it is parsed.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from ..errors import FormatError, InvalidKey

VERSION = 1
SECRET_BYTES = 32
_MAX_FILE_BYTES = 4096
_MODE = 0o600


def write_key_file(path: str | os.PathLike[str], kind: str, secret: int, *, overwrite: bool = False) -> None:
    """Write ``secret`` to a new file of mode 0600; the bytes are on disk when this returns.

    Raises:
        FileExistsError: the file is there and ``overwrite`` is False.
    """
    data = json.dumps({"type": kind, "version": VERSION, "secret": secret.to_bytes(SECRET_BYTES, "little").hex()})
    write_private_file(path, data.encode("ascii") + b"\n", overwrite=overwrite)


def write_private_file(path: str | os.PathLike[str], data: bytes, *, overwrite: bool = False) -> None:
    """``data`` in a new file of mode 0600; raises as ``write_key_file``."""
    target = Path(path)
    # A fresh file beside the target: never a moment with open permissions, half a key, or a followed link.
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _MODE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if overwrite:
            temporary.replace(target)
        else:
            os.link(temporary, target)  # refuses an existing target, without a race
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name, too, survives a power cut
    finally:
        os.close(folder)


def read_key_file(path: str | os.PathLike[str], kind: str) -> int:
    """The secret of a file written by ``write_key_file`` with the same ``kind``.  Its range is the caller's to check.

    Raises:
        InvalidKey: others can read the file, or it is not a plain file.
        FormatError: not the expected JSON; the message never quotes the file.
        OSError: the file cannot be opened.
    """
    return read_any_key_file(path, (kind,))[1]


def read_any_key_file(path: str | os.PathLike[str], kinds: Sequence[str]) -> tuple[str, int]:
    """(kind, secret) of a key file of one of ``kinds``; raises as ``read_key_file``."""
    source = str(path)
    raw = read_private_file(path, _MAX_FILE_BYTES)
    try:
        data = json.loads(raw)
    except ValueError:
        # The parser's own message and chain would quote the text of a secret file.
        data = None
    if not isinstance(data, dict) or set(data) != {"type", "version", "secret"}:
        raise FormatError('a key file is a JSON object with "type", "version" and "secret"', source=source)
    if data["type"] not in kinds or data["version"] != VERSION or isinstance(data["version"], bool):
        raise FormatError(f"not a version {VERSION} file of type {' or '.join(kinds)}", source=source)
    return data["type"], _parse_secret(data["secret"], source)


def read_private_file(path: str | os.PathLike[str], max_bytes: int) -> bytes:
    """The bytes of a plain file that only its owner can read.

    Raises:
        InvalidKey: others can read the file, or it is not a plain file.
        FormatError: the file is longer than ``max_bytes``.
        OSError: the file cannot be opened.
    """
    source = str(path)
    with open(path, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise InvalidKey(f"{source} is not a plain file")
        if stat.S_IMODE(status.st_mode) & 0o077:
            raise InvalidKey(
                f"{source} can be read or written by others: chmod 600 it, and replace the key if it was used"
            )
        raw = file.read(max_bytes + 1)
    if len(raw) > max_bytes:
        raise FormatError("too long for a key file", source=source)
    return raw


def _parse_secret(text: object, source: str) -> int:
    secret = None
    if isinstance(text, str) and len(text) == 2 * SECRET_BYTES and text.isascii() and text.isalnum():
        try:
            secret = bytes.fromhex(text)
        except ValueError:
            secret = None
    if secret is None:
        raise FormatError(f'"secret" must be {2 * SECRET_BYTES} hex digits', source=source)
    return int.from_bytes(secret, "little")
