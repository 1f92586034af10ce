"""Files on a command line: ``-``, what must not be replaced, and several outputs that appear together or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from .errors import CommandError, ExitCode, writing

STDIN_LIMIT_BYTES = 1 << 30
Writer = Callable[[Path], None]


def source(path: str) -> Path | bytes:
    """What a reader of ``formats`` takes: the path, or all of standard input for ``-``."""
    if path != "-":
        return Path(path)
    if sys.stdin is None:
        raise CommandError(ExitCode.INPUT, "<stdin>: standard input is closed")
    data = sys.stdin.buffer.read(STDIN_LIMIT_BYTES + 1)
    if len(data) > STDIN_LIMIT_BYTES:
        raise CommandError(ExitCode.INPUT, f"<stdin>: more than the limit of {STDIN_LIMIT_BYTES} bytes")
    return data


def only_one_stdin(paths: Iterable[str]) -> None:
    if list(paths).count("-") > 1:
        raise CommandError(ExitCode.USAGE, "standard input (-) can be read once only")


def check_targets(paths: Iterable[Path], *, force: bool) -> None:
    """Before any work: every folder exists, and nothing is there that must not be replaced.

    Raises:
        FileNotFoundError, IsADirectoryError, PermissionError, FileExistsError: each naming the target.
        CommandError: the target is a device or a pipe.
    """
    for path in paths:
        if not path.parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, "the folder does not exist", str(path))
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "is a folder", str(path))
        if path.exists() and not path.is_file():
            raise CommandError(ExitCode.USAGE, f"{path} is no regular file, and a rename would replace it")
        if not force and (path.exists() or path.is_symlink()):
            raise FileExistsError(errno.EEXIST, "exists", str(path))
        if not os.access(path.parent, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "the folder cannot be written to", str(path))


def write_together(writers: Iterable[tuple[Path, Writer]]) -> None:
    """Run the writers (each atomic); when one fails, remove what this call has newly created."""
    created: list[Path] = []
    try:
        for path, write in writers:
            was_there = path.exists()
            with writing(path):
                write(path)
            if not was_there:
                created.append(path)
    except BaseException:
        for path in created:
            with contextlib.suppress(OSError):
                path.unlink()
        raise
