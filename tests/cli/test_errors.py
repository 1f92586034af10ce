"""The one table from exceptions to exit codes; unknown errors show where, and not what they say."""

from __future__ import annotations

import errno
import inspect
import os
import re
from pathlib import Path

import pytest
from command_line import verify_arguments

from zkrelay import errors
from zkrelay.cli.errors import _EXTRAS, ExitCode, explain, naming

PROJECT = Path(__file__).parents[2] / "pyproject.toml"

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


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (errors.FormatError("cut short", source="p.json", offset=7), "a/p.json, offset 7: cut short"),
        (errors.FormatError("cut short", source="<bytes>", section="x"), "a/p.json, section x: cut short"),
        (errors.FormatError("cut short", source="other.json"), "other.json: cut short"),
        (errors.FormatError("cut short", source="a\nOK"), r"a\x0aOK: cut short"),
        (errors.MalformedInput("p.json can be read by others"), "a/p.json can be read by others"),
        (errors.MalformedInput("half a point"), "a/p.json: half a point"),
    ],
)
def test_the_whole_name_of_a_file_once(error, message):
    """Readers know the last part of a path at most, and two folders may both have a public.json."""
    with pytest.raises(errors.MalformedInput) as caught, naming("a/p.json"):
        raise error
    assert explain(caught.value) == (ExitCode.INPUT, message)


def test_without_a_file_it_is_standard_input():
    assert explain(errors.FormatError("cut short", source="<bytes>"))[1] == "<stdin>: cut short"


def test_a_record_names_its_own_file(cli, tmp_path):
    (tmp_path / "n.json").write_bytes(b"\xff")
    outcome = cli("note", "show", tmp_path / "n.json")
    assert outcome.exit_code == 3 and f"error: {tmp_path / 'n.json'}: offset 0: not UTF-8 text" in outcome.stderr


@pytest.mark.parametrize(
    "arguments", [["verify"], ["verify", "a", "b", "c", "--nonsense"], ["info"], ["ptau", "new", "99", "-o", "x"]]
)
def test_usage_errors_are_json_too(cli, arguments):
    outcome = cli(*arguments, "--json")
    facts = outcome.json()
    assert outcome.exit_code == facts["exit_code"] == 2 and facts["error"] and facts["message"]
    assert cli(*arguments).stdout == ""


@pytest.mark.parametrize("value", ["nan", "-nan"])
@pytest.mark.parametrize(
    "arguments",
    [
        ["audit", "u.r1cs", "--timeout"],
        ["compile", "usage_limit", "--audit-seconds"],
        ["witness", "u.zkwp", "--input", "input.json", "--wasm-seconds"],
        ["prove", "u.zkey", "--input", "input.json", "--wasm-seconds"],
    ],
)
def test_a_limit_is_a_number(cli, files, monkeypatch, arguments, value):
    """NaN is neither below the least nor above the most, and no clock ever passes it."""
    monkeypatch.chdir(files)
    outcome = cli(*arguments, value)
    assert outcome.exit_code == 2 and "no number of seconds" in " ".join(outcome.stderr.split())


def test_a_folder_that_takes_no_file_is_told_before_the_work(cli, files, monkeypatch):
    """The superuser may write everywhere, so the system's answer is ours here."""
    monkeypatch.setattr("zkrelay.cli.files.os.access", lambda _, mode: not mode & os.W_OK)
    monkeypatch.setattr("zkrelay.groth16.setup", None)  # would be called
    outcome = cli("setup", files / "u.r1cs", "-o", files / "new.zkey", "--vk", files / "new.json")
    assert outcome.exit_code == 3 and "new.zkey: the folder cannot be written to" in outcome.stderr


def test_names_of_files_do_nothing_to_a_terminal(cli, files):
    """A folder of proofs may come from others, and so do their names."""
    forged = files / "x\nOK\n\x1b[2J.proof.json"
    (files / "proof.json").rename(forged)
    outcome = cli("verify-many", files / "verification_key.json", files)
    assert outcome.exit_code == 3 and "OK" not in outcome.stdout.splitlines() and "\x1b" not in outcome.text
    assert r"x\x0aOK\x0a\x1b[2J.proof.json" in outcome.stdout
    outcome = cli("info", files / "\x1b[2J\n.r1cs")
    assert "\x1b" not in outcome.text and outcome.stderr.count("\n") == 1


def test_what_is_not_installed_is_told_with_its_extra():
    wanted = ModuleNotFoundError("No module named 'psycopg'", name="psycopg")
    with pytest.raises(ImportError) as caught:
        raise ImportError("a sentence") from wanted
    for error in (wanted, caught.value, ImportError("half there", name="psycopg.pq")):
        code, message = explain(error)
        assert code == 4 and "missing: psycopg" in message and message.endswith(": pip install 'zkrelay[postgres]'")
    extras = re.findall(r"^(\w+) = \[", PROJECT.read_text().partition("[project.optional-dependencies]")[2], re.M)
    assert set(_EXTRAS.values()) <= set(extras)


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
