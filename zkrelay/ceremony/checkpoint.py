"""Work that a power cut, a signal or a full disk may end, and that the next run takes up: finished pieces in one file.

    "zkrelay checkpoint 1\\n" | task (32 bytes) | { length u64 | BLAKE2b-256 of task, number, piece | piece }*

For computations without secrets only: the pieces of one task are the same whoever computes them.  ``task`` names
input and parameters, so pieces of another input are never taken; a piece that was written in part, or that a disk
has lost, does not have its hash and is computed again with all that follow.  The hashes are no seal: whoever may write
the file can put other pieces into it, as they could change the result itself, which ``verify`` is for.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from ..errors import FormatError, MalformedInput
from ..kernel import Buffer

_MAGIC = b"zkrelay checkpoint 1\n"
_DIGEST_BYTES = 32
_READ_BYTES = 1 << 20


class Checkpoint:
    """Pieces of one task in the order in which they are made.  The file stays behind unless ``finish`` is called."""

    def __init__(self, path: str | os.PathLike[str], task: bytes) -> None:
        """Take up the file's pieces when it is of ``task``, which has 32 bytes, and begin anew otherwise.

        Raises:
            FormatError: something else than a checkpoint stands there; it is left as it is.
            MalformedInput: another process works on it.
        """
        self._path, self._task = Path(path), task
        self._file = _open_alone(self._path)
        try:
            self._ends = self._begin()
        except BaseException:
            self._file.close()
            raise
        self.found = len(self._ends) - 1
        """How many pieces were there."""
        self._next = 0

    def __enter__(self) -> Checkpoint:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    @property
    def has_next(self) -> bool:
        """Whether the next piece was there."""
        return self._next < self.found

    def piece(self, num_bytes: int, make: Callable[[], bytes]) -> bytes:
        """The next piece, of ``num_bytes``: from the file if it is there, else made now and written.

        Raises:
            FormatError: the piece in the file has another length, or has changed.
        """
        number, is_there = self._next, self.has_next
        self._next += 1
        self._file.seek(self._ends[number])
        if is_there:
            return self._read_piece(number, num_bytes)
        made = make()
        self._file.write(len(made).to_bytes(8, "little") + self._hash(number, made) + made)
        self._file.flush()
        self._ends.append(self._file.tell())
        return made

    def finish(self) -> None:
        """The result is written: forget the pieces."""
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()

    def _begin(self) -> list[int]:
        """Where the header and each whole piece ends; what follows the last is cut off."""
        head = _MAGIC + self._task
        begins = self._file.read(len(head))
        if begins and not begins.startswith(_MAGIC[: len(begins)]):
            raise FormatError("no checkpoint of zkrelay: move it away first", source=self._path.name, offset=0)
        if begins == head:
            ends = self._whole_pieces(len(head))
        else:
            self._file.seek(0)
            self._file.truncate()
            self._file.write(head)
            self._file.flush()
            ends = [len(head)]
        self._file.truncate(ends[-1])
        return ends

    def _whole_pieces(self, end: int) -> list[int]:
        ends, size = [end], os.fstat(self._file.fileno()).st_size
        while size - end >= 8 + _DIGEST_BYTES:
            length, expected = int.from_bytes(self._file.read(8), "little"), self._file.read(_DIGEST_BYTES)
            end += 8 + _DIGEST_BYTES + length
            if end > size or self._hash_in_file(len(ends) - 1, length) != expected:
                break
            ends.append(end)
        return ends

    def _read_piece(self, number: int, num_bytes: int) -> bytes:
        length, expected = int.from_bytes(self._file.read(8), "little"), self._file.read(_DIGEST_BYTES)
        piece = self._file.read(length) if length == num_bytes else b""
        if length != num_bytes or self._hash(number, piece) != expected:
            where = self._ends[number]
            raise FormatError(f"piece {number} is not what it was or should be", source=self._path.name, offset=where)
        return piece

    def _hash(self, number: int, piece: Buffer) -> bytes:
        digest = self._hasher(number)
        digest.update(piece)
        return digest.digest()

    def _hash_in_file(self, number: int, length: int) -> bytes:
        digest = self._hasher(number)
        while length:
            part = self._file.read(min(length, _READ_BYTES))
            digest.update(part)
            length -= len(part)
        return digest.digest()

    def _hasher(self, number: int) -> hashlib.blake2b:
        return hashlib.blake2b(self._task + number.to_bytes(8, "little"), digest_size=_DIGEST_BYTES)


def task_digest(*parts: Buffer) -> bytes:
    """The name of a task: of each part its length and bytes, so that no two lists give the same."""
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    for part in parts:
        digest.update(memoryview(part).nbytes.to_bytes(8, "little"))
        digest.update(part)
    return digest.digest()


def _open_alone(path: Path) -> BinaryIO:
    """The file, made if need be, and locked where the system can: two runs would write over each other's pieces."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # no link; no wait at a named pipe
    descriptor = os.open(path, flags, 0o666)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise FormatError("not a regular file", source=path.name)
        _lock(descriptor, path)
        return os.fdopen(descriptor, "r+b")
    except BaseException:
        os.close(descriptor)
        raise


def _lock(descriptor: int, path: Path) -> None:
    try:
        import fcntl
    except ImportError:  # no POSIX
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise MalformedInput(f"another process works on {path}") from None
