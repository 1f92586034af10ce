"""Opening and creating files: what every format shares before its first byte means anything.

Reading maps a regular file read-only, so that opening a large key costs nothing; a map must not be truncated by another
process while it is in use.  Writing is atomic: a temporary file in the same folder, then one rename, so that a reader
never sees half a file and a failure leaves nothing behind; on Linux not even a killed process does, as the temporary
file has no name before it is whole.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..errors import FormatError

Source = str | os.PathLike[str] | bytes | bytearray | memoryview


@dataclass(frozen=True)
class Opened:
    """The bytes of a source as a flat read-only view, and the name to use in errors; contents never enter a repr."""

    view: memoryview
    name: str

    def __repr__(self) -> str:
        return f"Opened({self.name!r}, {len(self.view)} bytes)"


def open_source(source: Source, *, limit_bytes: int | None = None) -> Opened:
    """View a path (memory-mapped) or a buffer.

    Args:
        limit_bytes: refuse anything larger before it is read.

    Raises:
        FormatError: not a regular file, empty, or above the limit.
        OSError: the file cannot be opened.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        view = memoryview(source).cast("B") if memoryview(source).nbytes else memoryview(b"")
        opened = Opened(view.toreadonly(), "<bytes>")
    else:
        opened = _map(Path(source))
    if not opened.view.nbytes:
        raise FormatError("the file is empty", source=opened.name)
    if limit_bytes is not None and opened.view.nbytes > limit_bytes:
        raise FormatError(f"{opened.view.nbytes} bytes are more than the limit of {limit_bytes}", source=opened.name)
    return opened


def _map(path: Path) -> Opened:
    # O_NONBLOCK: opening a named pipe must not wait for a writer before we can see that it is no regular file
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise FormatError("not a regular file", source=path.name)
        if status.st_size == 0:
            return Opened(memoryview(b""), path.name)
        return Opened(memoryview(mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)), path.name)
    finally:
        os.close(descriptor)


def check_absent(path: str | os.PathLike[str], *, overwrite: bool) -> None:
    """Raise ``FileExistsError`` for a file that may not be replaced: before long work, not only at its end."""
    if not overwrite and os.path.lexists(path):
        raise FileExistsError(f"{Path(path)} exists; it is not overwritten unless that is asked for")


@contextlib.contextmanager
def create(path: str | os.PathLike[str], *, overwrite: bool = False, private: bool = False) -> Iterator[BinaryIO]:
    """A binary file that appears under ``path`` only when the block ends without an error.

    Args:
        overwrite: replace an existing file; otherwise ``FileExistsError``, before anything is written.
        private: mode 0600, for files that hold secrets (a witness); others get what the umask allows.
    """
    check_absent(path, overwrite=overwrite)
    target, mode = Path(path), 0o600 if private else 0o666
    temporary = target.with_name(f".{target.name[:80]}.{secrets.token_hex(8)}.tmp")
    descriptor = _open_nameless(target.parent, mode)
    is_nameless = descriptor is not None
    if descriptor is None:
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_BINARY", 0)
        descriptor = os.open(temporary, flags, mode)
    try:
        with os.fdopen(descriptor, "w+b") as handle:
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
            if is_nameless:
                _name(handle, temporary, mode)
        _publish(temporary, target, overwrite)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        raise


def _open_nameless(folder: Path, mode: int) -> int | None:
    """A file that is gone with the process, even one that was killed; None where the system knows no such files."""
    flag = getattr(os, "O_TMPFILE", None)
    if flag is None or not os.path.isdir("/proc/self/fd"):
        return None
    try:
        return os.open(folder, flag | os.O_RDWR, mode)
    except OSError:  # this file system has none; what else may be wrong, opening by name says
        return None


def _name(handle: BinaryIO, path: Path, mode: int) -> None:
    """Give a nameless file a name, or its bytes to a file that has one where links are refused."""
    folder, nameless = os.open(path.parent, os.O_PATH), f"/proc/self/fd/{handle.fileno()}"
    try:  # with a folder's descriptor it is linkat(2), which alone follows the link in /proc to the file
        os.link(nameless, path.name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=True)
    except OSError:
        handle.seek(0)
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "wb") as named:
            shutil.copyfileobj(handle, named)
            named.flush()
            os.fsync(named.fileno())
    finally:
        os.close(folder)


def _publish(temporary: Path, target: Path, overwrite: bool) -> None:
    if overwrite:
        os.replace(temporary, target)
        return
    try:
        os.link(temporary, target)  # fails when the target appeared meanwhile; a rename would replace it
    except FileExistsError:
        raise FileExistsError(f"{target} was created by somebody else meanwhile; it is left as it is") from None
    except OSError:  # a file system without hard links: the check at the start is all we have
        os.replace(temporary, target)
    else:
        temporary.unlink()


def write_bytes(path: str | os.PathLike[str], data: bytes, *, overwrite: bool = False, private: bool = False) -> None:
    """``create`` for a file that is already in memory."""
    with create(path, overwrite=overwrite, private=private) as handle:
        handle.write(data)
