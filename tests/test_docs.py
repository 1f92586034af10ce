"""Every code block of README.md and docs/*.md runs, page by page, in an empty folder.

* A ``python`` block shares its namespace with the others of its page.  When its first line is ``# name.py`` it is also
  written to that file, so that a command further down can use it.
* A ``console`` block holds commands after ``$ ``, and after ``> `` where a command goes on.  A command must exit with
  0, or with the code that a following ``$ echo $?`` shows.  Output that the page shows must be printed, in that order;
  ``...`` stands for what may differ.

The ``zkrelay`` on the path of the commands is the installed one beside this Python, started once and forked for each
command (``tests/helpers/warm_program.py``); ``examples/`` is on Python's own.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import types
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from warm_program import WarmProgram

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE_NAME = re.compile(r"# ([\w/]+\.py)$")
SCRIPTS = Path(sysconfig.get_path("scripts"))
COMMAND_TIMEOUT_S = 120


@dataclass(frozen=True)
class Block:
    language: str
    text: str
    line: int


@dataclass(frozen=True)
class Command:
    """``shown`` is the output that the page prints below the command."""

    text: str
    shown: str
    line: int


def blocks_of(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [Block(m[1], m[2], text.count("\n", 0, m.start()) + 2) for m in FENCE.finditer(text)]


def commands_of(block: Block) -> list[Command]:
    found: list[Command] = []
    for number, line in enumerate(block.text.splitlines(), block.line):
        if line.startswith("$ "):
            found.append(Command(line[2:], "", number))
        elif line.startswith("> ") and found and not found[-1].shown:
            found[-1] = Command(f"{found[-1].text}\n{line[2:]}", "", found[-1].line)
        elif found:
            found[-1] = Command(found[-1].text, f"{found[-1].shown}{line}\n", found[-1].line)
        else:
            raise ValueError(f"line {number}: output before any command")
    return found


def matches(shown: str, printed: str) -> bool:
    """Whether the shown lines appear in what was printed; ``...`` in them stands for anything."""
    parts = [re.escape(part.strip("\n")) for part in shown.split("...")]
    return re.search(".*?".join(parts), printed, re.DOTALL) is not None


def run_python(block: Block, page: Path, folder: Path, namespace: dict[str, object]) -> None:
    if named := FILE_NAME.match(block.text.splitlines()[0]):
        (folder / named[1]).write_text(block.text, encoding="utf-8")
    source = "\n" * (block.line - 1) + block.text  # so that a traceback names the page's own line
    exec(compile(source, str(page), "exec"), namespace)


def environment_with(*programs: Path) -> dict[str, str]:
    """Of a command; ``PYTHONPATH`` is as pytest itself has it, for the Python blocks."""
    path = os.pathsep.join([*map(str, programs), str(SCRIPTS), os.environ["PATH"]])
    return {**os.environ, "NO_COLOR": "1", "COLUMNS": "200", "PATH": path, "PYTHONPATH": str(ROOT / "examples")}


def run_console(block: Block, page: Path, folder: Path, environment: dict[str, str]) -> None:
    commands = commands_of(block)
    for command, following in zip(commands, [*commands[1:], None], strict=True):
        if command.text == "echo $?":
            continue
        expected = int(following.shown) if following and following.text == "echo $?" else 0
        done = subprocess.run(
            ["bash", "-c", command.text],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT_S,
            check=False,
        )
        where = f"{page.name}:{command.line}: {command.text}"
        printed = done.stdout + done.stderr
        assert done.returncode == expected, f"{where}\nexit code {done.returncode}, not {expected}\n{printed}"
        assert matches(command.shown, printed), f"{where}\nthe page shows\n{command.shown}\nprinted was\n{printed}"


def run_page(page: Path, folder: Path, *programs: Path) -> int:
    """Run all blocks of a page in order, with these folders first on the path; returns how many ran."""
    environment = environment_with(*programs)
    module = types.ModuleType(f"docs_{page.stem}")
    sys.modules[module.__name__] = module  # classes defined on the page look their module up
    count = 0
    for block in blocks_of(page):
        if block.language == "python":
            run_python(block, page, folder, vars(module))
        elif block.language == "console":
            run_console(block, page, folder, environment)
        else:
            continue
        count += 1
    return count


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a ``zkrelay`` that is quick to start."""
    program = WarmProgram(tmp_path_factory.mktemp("warm"), environment_with())
    yield program.path
    program.close()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warm: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    run_page(page, tmp_path, warm)


@pytest.mark.parametrize(
    "command",
    [
        "zkrelay info --kernel --json",
        "ZKRELAY_KERNEL=reference zkrelay info --kernel",
        "cd inside && zkrelay receipt inspect - < nothing",
        "echo 5 | zkrelay receipt inspect -",
        "zkrelay nonsense",
        "zkrelay verify a b c",
    ],
)
def test_the_quick_program_is_the_installed_one(command: str, tmp_path: Path, warm: Path) -> None:
    """The same output on the same stream, and the same exit code."""
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "nothing").touch()
    outcomes = [
        subprocess.run(["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True, check=False)
        for environment in (environment_with(), environment_with(warm))
    ]
    outcomes = [(done.returncode, done.stdout, done.stderr) for done in outcomes]
    assert outcomes[0] == outcomes[1]
    assert any(outcomes[0][1:])


def test_blocks_were_found() -> None:
    languages = [block.language for page in PAGES for block in blocks_of(page)]
    assert languages.count("python") >= 2


def test_links_lead_somewhere() -> None:
    """Relative links of all pages name files that exist."""
    broken = []
    for page in [*PAGES, *ROOT.glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.name}: {target}")
    assert broken == []


def page_with(folder: Path, text: str) -> Path:
    page = folder / "page.md"
    page.write_text(text, encoding="utf-8")
    return page


@pytest.mark.parametrize(
    "text",
    [
        "```python\nassert 1 + 1 == 3\n```\n",
        "```console\n$ false\n```\n",
        "```console\n$ true\n$ echo $?\n1\n```\n",
        "```console\n$ echo one\ntwo\n```\n",
        "```console\n$ echo one; echo three\none\n...\ntwo\n```\n",
    ],
)
def test_a_wrong_page_fails(text: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        run_page(page_with(tmp_path, text), tmp_path)


def test_a_right_page_passes(tmp_path: Path) -> None:
    text = """
```python
# half.py
x = 4
```
```python
assert x == 4
```
```console
$ cat > note.txt <<'END'
> first
> second
> END
$ grep -c . note.txt half.py
note.txt:2
...
$ grep -q third note.txt
$ echo $?
1
$ python -c 'import sys; print(sys.executable)'
...
```
"""
    assert run_page(page_with(tmp_path, text), tmp_path) == 3


def test_the_commands_see_the_installed_program() -> None:
    """``zkrelay`` in a page must be the one of this environment, not one that happens to be on the path."""
    assert (SCRIPTS / "zkrelay").exists() or shutil.which("zkrelay") is None, f"{sys.executable} has no zkrelay script"
