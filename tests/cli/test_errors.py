"""The one table from exceptions to exit codes; unknown errors show where, and not what they say."""

from __future__ import annotations

import errno
import inspect

import pytest
from command_line import verify_arguments

from zkrelay import errors
from zkrelay.cli.errors import ExitCode, explain

CODES = {
    "InvalidProof": 1,
    "InvalidSignature": 1,
    "UnderConstrained": 1,
    "CircuitError": 3,
    "NoteRefused": 1,
    "SettlementRefused": 1,
    "NullifierSpent": 1,
    "DevelopmentKeyRefused": 1,
    "MalformedInput": 3,
    "FormatError": 3,
    "InvalidKey": 3,
    "InvalidPoint": 3,
    "InvalidClaim": 3,
    "UnsatisfiedConstraint": 3,
    "KernelUnavailable": 4,
    "KernelError": 4,
    "StoreError": 4,
}


def make(kind):
    if kind is errors.ProvingFailed:
        return kind(7, "what happened")
    return kind(7) if kind is errors.UnsatisfiedConstraint else kind("what happened")


@pytest.mark.parametrize("name", CODES)
def test_codes(name):
    code, message = explain(make(getattr(errors, name)))
    assert code == CODES[name] and ("what happened" in message or "constraint 7" in message)


def test_every_error_of_the_library_has_a_row():
    """4 is what an error without a row gets: only those that belong there may."""
    kinds = [k for _, k in inspect.getmembers(errors, inspect.isclass) if issubclass(k, errors.ZkrelayError)]
    unmapped = {k.__name__ for k in kinds if explain(make(k))[0] == ExitCode.ENVIRONMENT}
    assert unmapped == {
        *("ZkrelayError", "KernelUnavailable", "KernelError", "Closed", "StoreError", "WorkerLost", "Cancelled")
    }


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "a.json"), 3, "a.json: no such file"),
        (PermissionError(errno.EACCES, "Permission denied", "a.json"), 3, "a.json: permission denied"),
        (IsADirectoryError(errno.EISDIR, "Is a directory", "a"), 3, "a: is a directory"),
        (FileExistsError(errno.EEXIST, "File exists", "a"), 2, "a exists: --force replaces it"),
        (OSError(errno.ENOSPC, "No space left on device", "a"), 4, "a: no space left"),
        (OSError(errno.EROFS, "Read-only file system", "a"), 4, "read-only"),
        (MemoryError(), 4, "out of memory"),
        (ModuleNotFoundError("No module named 'x'", name="x"), 4, "missing: x"),
    ],
)
def test_the_system(error, code, words):
    found, message = explain(error)
    assert found == code and words in message


def test_a_bug_of_ours_quotes_nothing_unless_asked(cli, files, monkeypatch):
    def broken(*_: object) -> None:
        raise RuntimeError("the witness is 42424242")

    monkeypatch.setattr("zkrelay.formats.read_public", broken)
    outcome = cli(*verify_arguments(files))
    assert outcome.exit_code == 4 and "42424242" not in outcome.text
    assert "internal error (RuntimeError at test_errors.py:" in outcome.stderr
    assert "Traceback" not in outcome.stderr and "ZKRELAY_TRACEBACK=1" in outcome.stderr
    monkeypatch.setenv("ZKRELAY_TRACEBACK", "1")
    assert "42424242" in cli(*verify_arguments(files)).stderr


def test_interrupted(cli, files, monkeypatch):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("zkrelay.formats.read_public", interrupt)
    outcome = cli(*verify_arguments(files))
    assert (outcome.exit_code, outcome.stdout) == (130, "") and outcome.stderr.endswith("interrupted\n")
