"""Where text goes: results to stdout, everything for people to stderr; colours and bars on terminals only.

NO_COLOR (https://no-color.org) is honoured here, and by rich where rich draws.  Names of files and of signals come from
others: control characters in them are shown, and do nothing to a terminal.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TextIO

JSON_VERSION = 1
Progress = Callable[[str, int, int], None]
_RED, _YELLOW = "31", "33"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_as_json = False


def use_json(flag: bool) -> None:
    """Whether this command prints one JSON object on stdout; errors then print one, too."""
    global _as_json
    _as_json = flag


def result(text: str, *, styled: bool = False) -> None:
    """A line of the result, on stdout.  Flushed at once, so that a reader who left is noticed inside the command.

    Args:
        styled: rich drew it, colours included, of names that are printable.

    Raises:
        OSError: it cannot be written, or the process was started without a standard output.
    """
    if sys.stdout is None:
        raise OSError(errno.EBADF, "standard output is closed")
    line = (text if styled else _harmless(text)) + "\n"
    # a file's name need not be text, and a terminal's encoding need not be UTF-8
    sys.stdout.write(line.encode(sys.stdout.encoding, "backslashreplace").decode(sys.stdout.encoding))
    sys.stdout.flush()


def result_json(fields: Mapping[str, Any]) -> None:
    """The one object of ``--json``."""
    result(json.dumps({"version": JSON_VERSION, **fields}, indent=1))


def note(text: str) -> None:
    """A line for people, on stderr."""
    _tell(_harmless(text))


def warn(text: str) -> None:
    _tell(f"{_styled('warning:', _YELLOW)} {_harmless(text)}")


def failure(kind: str, message: str, exit_code: int) -> None:
    """Why the command ends, on stderr; with ``--json`` also as an object on stdout."""
    _tell(f"{_styled('error:', _RED)} {_harmless(message)}")
    failure_json(kind, message, exit_code)


def failure_json(kind: str, message: str, exit_code: int) -> None:
    """The object of an error, where one was asked for; a standard output that takes nothing changes no exit code."""
    if _as_json:
        with contextlib.suppress(OSError):
            result_json({"error": kind, "message": message, "exit_code": exit_code})


def one_line(name: object) -> str:
    """The name of a file, within a line that says more: one in two lines could say what we never said."""
    return _CONTROL.sub(_shown, str(name))


def table(rows: Mapping[str, str]) -> str:
    """Two aligned columns, without trailing spaces."""
    width = max(map(len, rows), default=0)
    lines = [f"{name.ljust(width)}  {line}" for name, text in rows.items() for line in (text or "-").split("\n")]
    return "\n".join(line.rstrip() for line in lines)


def number(value: int) -> str:
    return f"{value:,}"


def plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def size(num_bytes: int) -> str:
    """Bytes for people: 805 B, 6.6 MB."""
    if num_bytes < 1000:
        return f"{num_bytes} B"
    return f"{num_bytes / 1000:.1f} kB" if num_bytes < 1_000_000 else f"{num_bytes / 1_000_000:.1f} MB"


def duration(seconds: float) -> str:
    """Time for people: 3.2 ms, 1.4 s."""
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.1f} s"


def is_terminal(stream: TextIO | None) -> bool:
    """None is a stream that was closed when the process began."""
    return stream is not None and stream.isatty()


@contextlib.contextmanager
def progress(title: str) -> Iterator[Progress | None]:
    """A bar on stderr while the block runs: a callback (step, done, total), or None when nobody would see it."""
    if not is_terminal(sys.stderr):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[step]}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, step="", total=None)
        yield lambda step, done, total: bar.update(task, completed=done, total=total, step=step)


@contextlib.contextmanager
def counter(title: str) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on stderr with rate and remaining time: a callback (done, total), or None when nobody would see it."""
    if not is_terminal(sys.stderr):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class RateColumn(ProgressColumn):
        """Rich measures over the last minutes; before the first step there is nothing to say."""

        def render(self, task: Any) -> Text:
            speed = task.finished_speed or task.speed
            return Text("" if speed is None else f"{speed:.2f}/s" if speed >= 0.1 else f"{speed * 60:.2f}/min")

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), RateColumn(), TimeRemainingColumn())
    # hours, not seconds: a proof of a large batch takes longer than rich's own window of 30 s
    with Progress(*columns, console=Console(stderr=True), transient=True, speed_estimate_period=3600) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _styled(text: str, colour: str) -> str:
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not is_terminal(sys.stderr)
    return text if plain else f"\x1b[1;{colour}m{text}\x1b[0m"


def _tell(line: str) -> None:
    if sys.stderr is not None:  # print() would take standard output instead
        print(line, file=sys.stderr, flush=True)


def _harmless(text: str) -> str:
    """Lines and tabs stay; what else moves a cursor or colours a terminal is shown."""
    return _CONTROL.sub(lambda found: found[0] if found[0] in "\n\t" else _shown(found), text)


def _shown(found: re.Match[str]) -> str:
    return f"\\x{ord(found[0]):02x}"
