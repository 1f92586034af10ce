"""From exceptions to exit codes, in one place: a command never ends in a traceback.

| code | meaning                                                                                    |
|------|--------------------------------------------------------------------------------------------|
| 0    | ok                                                                                         |
| 1    | checked and refused, and nothing else: false proof, circuit under-constrained, ledger rule |
| 2    | usage: the command line itself must change (``--force`` included)                          |
| 3    | input missing, unreadable or malformed, or a witness that does not satisfy its circuit     |
| 4    | environment: missing extra, kernel unavailable, disk full, out of memory, a bug of ours    |
| 5    | undecided                                                                                  |
| 130  | interrupted (Ctrl-C)                                                                       |
| 141  | the reader of our standard output went away (as a shell reports SIGPIPE)                   |
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import traceback
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from types import TracebackType
from typing import Any, cast

import typer

from ..errors import (
    AuditError,
    CalculatorRefused,
    Cancelled,
    CeremonyRefused,
    CircuitError,
    Closed,
    Equivocation,
    FormatError,
    InvalidProof,
    InvalidSignature,
    KernelError,
    KernelUnavailable,
    MalformedInput,
    NotBound,
    NoteRefused,
    ProvingFailed,
    SettlementRefused,
    StoreError,
    UnderConstrained,
    UnsatisfiedConstraint,
    WorkerLost,
    ZkrelayError,
)
from . import output

TRACEBACK_VARIABLE = "ZKRELAY_TRACEBACK"
_ABOUT = "_zkrelay_about"  # attribute of an exception: the file it is about


class ExitCode(IntEnum):
    OK = 0
    REFUSED = 1
    USAGE = 2
    INPUT = 3
    ENVIRONMENT = 4
    UNDECIDED = 5
    INTERRUPTED = 130
    BROKEN_PIPE = 141


class CommandError(Exception):
    """What only a command can find wrong; ``exit_code`` says which kind it is."""

    def __init__(self, exit_code: ExitCode, message: str) -> None:
        self.exit_code = exit_code
        super().__init__(message)


# The first row that fits decides; children stand before their parents.
_CODES: tuple[tuple[type[ZkrelayError], ExitCode], ...] = (
    (InvalidProof, ExitCode.REFUSED),
    (InvalidSignature, ExitCode.REFUSED),
    (UnderConstrained, ExitCode.REFUSED),
    (CeremonyRefused, ExitCode.REFUSED),
    (Equivocation, ExitCode.REFUSED),
    (CircuitError, ExitCode.INPUT),
    (AuditError, ExitCode.INPUT),
    (NotBound, ExitCode.REFUSED),
    (NoteRefused, ExitCode.REFUSED),
    (SettlementRefused, ExitCode.REFUSED),
    (UnsatisfiedConstraint, ExitCode.INPUT),
    (CalculatorRefused, ExitCode.INPUT),
    (ProvingFailed, ExitCode.INPUT),
    (MalformedInput, ExitCode.INPUT),
    (KernelUnavailable, ExitCode.ENVIRONMENT),
    (KernelError, ExitCode.ENVIRONMENT),
    (Closed, ExitCode.ENVIRONMENT),
    (StoreError, ExitCode.ENVIRONMENT),
    (WorkerLost, ExitCode.ENVIRONMENT),
    (Cancelled, ExitCode.ENVIRONMENT),
)
# module -> the extra of pyproject.toml that brings it
_EXTRAS = {"wasmtime": "wasm", "psycopg": "postgres", "cryptography": "tokens", "ray": "ray", "z3": "smt"}
_MACHINE_ERRNOS = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO, errno.EBADF}
)
# typer vendors click since 0.26: its own exceptions are the only names that both worlds share
_CLICK_ERROR: type[BaseException] = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")


@contextlib.contextmanager
def mapped() -> Iterator[None]:
    """Turn whatever the block raises into a message on stderr and ``typer.Exit``; usage errors are typer's own."""
    try:
        yield
    except KeyboardInterrupt:
        output.note("interrupted")
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except BrokenPipeError:
        _discard_stdout()
        raise typer.Exit(ExitCode.BROKEN_PIPE) from None
    except SystemExit as end:  # rich, which writes the help, makes a reader who left a failure of ours
        if isinstance(end.__context__, BrokenPipeError):
            raise typer.Exit(ExitCode.BROKEN_PIPE) from None
        raise
    except Exception as error:
        if isinstance(error, (typer.Exit, typer.Abort)):
            raise
        if isinstance(error, _CLICK_ERROR):
            output.failure_json(type(error).__name__, cast(Any, error).format_message(), int(ExitCode.USAGE))
            raise
        if os.environ.get(TRACEBACK_VARIABLE):
            traceback.print_exc()
        code, message = explain(error)
        output.failure(type(error).__name__, message, int(code))
        raise typer.Exit(code) from None


@contextlib.contextmanager
def naming(path: str | Path) -> Iterator[None]:
    """Malformed input in this block comes from ``path``, unless the error names its file itself."""
    try:
        yield
    except MalformedInput as error:
        if not getattr(error, _ABOUT, ""):
            setattr(error, _ABOUT, "<stdin>" if str(path) == "-" else output.one_line(path))
        raise


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Whatever the system refuses in this block is about ``path``, not about a temporary file beside it."""
    try:
        yield
    except OSError as error:
        setattr(error, _ABOUT, output.one_line(path))
        raise


def explain(error: Exception) -> tuple[ExitCode, str]:
    """Exit code and message for people.  Messages of unknown errors are left out: they might quote a secret."""
    about = getattr(error, _ABOUT, "")
    if isinstance(error, CommandError):
        return error.exit_code, str(error)
    if isinstance(error, ProvingFailed) and isinstance(error.__cause__, ZkrelayError):
        return explain(error.__cause__)[0], str(error)
    if isinstance(error, ZkrelayError):
        code = next((code for kind, code in _CODES if isinstance(error, kind)), ExitCode.ENVIRONMENT)
        text = str(error)
        if isinstance(error, FormatError) and error.source:
            return code, _whole_name(error, about) + text[len(error.source) :]
        if about and text.startswith(f"{Path(about).name} "):  # a sentence about the file
            return code, about + text[len(Path(about).name) :]
        return code, f"{about}: {text}" if about else text
    if isinstance(error, OSError):
        return _explain_os_error(error, about)
    if isinstance(error, MemoryError):
        return ExitCode.ENVIRONMENT, "out of memory"
    if isinstance(error, ImportError):
        cause = error.__cause__
        name = error.name or (cause.name if isinstance(cause, ImportError) else None) or "unknown module"
        extra = _EXTRAS.get(name.partition(".")[0])
        remedy = f": pip install 'zkrelay[{extra}]'" if extra else ""
        return ExitCode.ENVIRONMENT, f"a part of the installation is missing: {name}{remedy}"
    where = _innermost(error.__traceback__)
    return ExitCode.ENVIRONMENT, (
        f"internal error ({type(error).__name__} at {where}): please report it; "
        f"{TRACEBACK_VARIABLE}=1 shows the whole traceback, which may quote inputs"
    )


def _whole_name(error: FormatError, about: str) -> str:
    """Readers know the last part of a path, or nothing of what they were handed as bytes; the command knows it all."""
    if error.source == "<bytes>":
        return about or "<stdin>"
    name = output.one_line(error.source)
    return about if Path(about).name == name else name


def _explain_os_error(error: OSError, about: str) -> tuple[ExitCode, str]:
    name = about or (output.one_line(error.filename) if error.filename is not None else "")
    reason = (error.strerror or str(error) or type(error).__name__).lower()
    message = f"{name}: {reason}" if name else reason
    if isinstance(error, FileExistsError):
        return ExitCode.USAGE, f"{name} exists: --force replaces it" if name else message
    return (ExitCode.ENVIRONMENT if error.errno in _MACHINE_ERRNOS else ExitCode.INPUT), message


def _innermost(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown place"


def _discard_stdout() -> None:
    """What is still buffered goes nowhere, so that the interpreter does not complain on its way out."""
    with contextlib.suppress(OSError, ValueError):
        descriptor = os.open(os.devnull, os.O_WRONLY)
        os.dup2(descriptor, sys.stdout.fileno())
        os.close(descriptor)
