"""What only a real process shows: exit codes, signals, terminals, and what is imported when."""

from __future__ import annotations

import functools
import json
import os
import re
import signal
import subprocess
import sys

import pytest

ENTRY = [sys.executable, "-c", "from zkrelay.cli import main; main()"]
COMMANDS = ("compile", "setup", "witness", "prove", "verify", "info", "demo", "vectors")


def zkrelay(folder, *arguments, **environment):
    return subprocess.run(
        [*ENTRY, *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
    )


def test_version_is_quick_and_imports_no_library(tmp_path):
    code = (
        "import sys\n"
        "from zkrelay.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    assert end.code == 0\n"
        "print(sorted(n for n in sys.modules if n in ('numpy', 'nacl', 'zkrelay.kernel', 'zkrelay.r1cs', 'galois')))"
    )
    done = subprocess.run([sys.executable, "-c", code, "--version"], cwd=tmp_path, capture_output=True, text=True)
    version, modules = done.stdout.splitlines()
    assert re.fullmatch(r"zkrelay \d+\.\d+\.\d+\S*", version) and modules == "[]"


def test_help_of_every_command(tmp_path):
    listing = zkrelay(tmp_path, "--help")
    assert listing.returncode == 0
    for command in COMMANDS:
        assert command in listing.stdout
        shown = zkrelay(tmp_path, command, "-h")
        assert shown.returncode == 0 and f"zkrelay {command}" in shown.stdout and shown.stderr == ""
        assert "\x1b" not in shown.stdout


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["verify"], ["verify", "--nonsense"], ["setup", "x", "--threads", "a"]]
)
def test_usage_is_2(tmp_path, arguments):
    done = zkrelay(tmp_path, *arguments)
    assert done.returncode == 2 and done.stdout == "" and "Traceback" not in done.stderr


def test_completion_script(tmp_path):
    done = zkrelay(tmp_path, "--show-completion", "bash", _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert done.returncode == 0 and "_ZKRELAY_COMPLETE" in done.stdout


def test_kernel_that_does_not_exist_is_4(made_once):
    files = [made_once / name for name in ("verification_key.json", "public.json", "proof.json")]
    done = zkrelay(made_once, "verify", *files, "--json", ZKRELAY_KERNEL="abacus")
    assert done.returncode == 4 and "abacus" in done.stderr
    assert json.loads(done.stdout)["error"] == "KernelUnavailable"


@pytest.mark.parametrize("arguments", [["vectors", "claim"], ["--help"], ["audit", "--help"]])
def test_a_reader_that_leaves(tmp_path, arguments):
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run([*ENTRY, *arguments], cwd=tmp_path, stdout=write_end, stderr=subprocess.PIPE, text=True)
    os.close(write_end)
    assert (done.returncode, done.stderr) == (141, "")


def without(folder, redirection, *arguments):
    """A command whose shell closed a stream, or sent it where nothing can be written."""
    line = f'exec "$@" {redirection}'
    return subprocess.run(
        ["/bin/sh", "-c", line, "sh", *ENTRY, *map(str, arguments)], cwd=folder, capture_output=True, text=True
    )


def test_no_standard_output(made_once):
    done = without(made_once, ">&-", "info", "u.zkwp")
    assert done.returncode == 4 and done.stderr == "error: standard output is closed\n"


def test_no_standard_error(made_once):
    """What is for people does not end in what is for programs."""
    done = without(made_once, "2>&-", "verify", "verification_key.json", "public.json", "proof.json", "--json")
    assert done.returncode == 0 and json.loads(done.stdout)["valid"] is True


def test_no_standard_input(made_once):
    done = without(made_once, "<&-", "info", "-")
    assert done.returncode == 3 and done.stderr == "error: <stdin>: standard input is closed\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_an_error_that_cannot_be_told_in_json_keeps_its_code(tmp_path):
    done = without(tmp_path, ">/dev/full", "verify", "a", "b", "c", "--json")
    assert done.returncode == 3 and done.stderr == "error: a: no such file or directory\n"


def test_a_name_that_is_no_text(made_once, tmp_path):
    path = os.fsencode(tmp_path) + b"/\xff.sym"
    with open(path, "wb") as file:
        file.write((made_once / "u.sym").read_bytes())
    done = subprocess.run([*ENTRY, "info", path], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 and r"\udcff.sym" in done.stdout


def test_paragraphs_of_help_end_at_the_width_of_the_terminal(tmp_path):
    """Not where lines of the source end: then every second line would be short."""
    wide = zkrelay(tmp_path, "verify-many", "--help", COLUMNS="400").stdout
    paragraph = next(line for line in wide.splitlines() if "its public inputs" in line)
    assert "A proof file" in paragraph and "all proof files in it." in paragraph
    narrow = zkrelay(tmp_path, "verify-many", "--help", COLUMNS="60").stdout
    assert max(map(len, narrow.splitlines())) <= 60


def test_ctrl_c(made_once):
    """While it waits for inputs that never end; the warning says that it has come so far.  A suite that a script runs
    in the background ignores the signal, and its children would too."""
    command = [*ENTRY, "prove", "u.zkey", "--input", "-", "-", "public.json"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    heed = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(command, cwd=made_once, text=True, preexec_fn=heed, **pipes) as process:
        assert "development key" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
        assert (process.wait(timeout=30), said, process.stdout.read()) == (130, "interrupted\n", "")


def under_a_terminal(folder, *arguments, **environment):
    """Everything that the command writes to a terminal."""
    pty = pytest.importorskip("pty")
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [*ENTRY, *map(str, arguments)],
        cwd=folder,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env={**os.environ, "TERM": "xterm", **environment},
    ) as process:
        os.close(follower)
        shown = b""
        while True:
            try:
                piece = os.read(leader, 4096)
            except OSError:  # Linux: the last follower was closed
                break
            if not piece:
                break
            shown += piece
    os.close(leader)
    return process.returncode, shown.decode()


COLOUR = re.compile(r"\x1b\[[0-9;]*[1-9][0-9;]*m")


def test_colours_and_bars_on_a_terminal_only(made_once, tmp_path):
    arguments = ["setup", made_once / "u.r1cs", "-o", tmp_path / "k.zkey", "--force"]
    code, shown = under_a_terminal(tmp_path, *arguments, NO_COLOR="")
    assert code == 0 and COLOUR.search(shown) and "━" in shown, "a bar and a coloured warning"
    code, shown = under_a_terminal(tmp_path, *arguments, NO_COLOR="1")
    assert code == 0 and "warning:" in shown and not COLOUR.search(shown)
    code, shown = under_a_terminal(tmp_path, "audit", made_once / "u.r1cs", NO_COLOR="")
    assert code == 0 and COLOUR.search(shown) and r"\x1b" not in shown, "a coloured verdict"
    piped = zkrelay(tmp_path, *arguments)
    assert piped.returncode == 0 and "\x1b" not in piped.stderr and "━" not in piped.stderr
