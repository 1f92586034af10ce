"""Where text goes: results to stdout, everything for people to stderr; colours and bars on terminals only.

NO_COLOR (https://no-color.org) is honoured here, and by rich where rich draws.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TextIO

JSON_VERSION = 1
Progress = Callable[[str, int, int], None]
_RED, _YELLOW = "31", "33"
_as_json = False


def use_json(flag: bool) -> None:
    """Whether this command prints one JSON object on stdout; errors then print one, too."""
    global _as_json
    _as_json = flag


def result(text: str) -> None:
    """A line of the result, on stdout.  Flushed at once, so that a reader who left is noticed inside the command."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def result_json(fields: Mapping[str, Any]) -> None:
    """The one object of ``--json``."""
    result(json.dumps({"version": JSON_VERSION, **fields}, indent=1))


def note(text: str) -> None:
    """A line for people, on stderr."""
    print(text, file=sys.stderr, flush=True)


def warn(text: str) -> None:
    note(f"{_styled('warning:', _YELLOW)} {text}")


def failure(kind: str, message: str, exit_code: int) -> None:
    """Why the command ends, on stderr; with ``--json`` also as an object on stdout."""
    note(f"{_styled('error:', _RED)} {message}")
    if _as_json:
        with contextlib.suppress(BrokenPipeError):
            result_json({"error": kind, "message": message, "exit_code": exit_code})


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


def is_terminal(stream: TextIO) -> bool:
    return stream.isatty()


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
