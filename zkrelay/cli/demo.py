"""``zkrelay demo``: one paid session from deposit to payment, and four attempts at fraud that are refused."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from . import output
from .errors import ExitCode
from .options import Json, Threads, usable_cpus


def play_session(
    megabytes: Annotated[
        int, typer.Option("--megabytes", "-m", min=1, max=1 << 16, help="MiB to relay; the client signs for each.")
    ] = 64,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Play a paid session over loopback sockets, from deposit to payment, and four attempts at fraud.

    Each attempt is refused and the reason shown. Exit code 1 when anything differs from the story.
    """
    output.use_json(as_json)
    from .demo_play import play
    from .demo_story import Story

    start = time.perf_counter()
    story = Story(silent=as_json)
    with tempfile.TemporaryDirectory(prefix="zkrelay-demo-") as folder:
        play(story, Path(folder), megabytes, threads or usable_cpus())
    seconds = time.perf_counter() - start
    if as_json:
        facts = {"as_expected": story.as_expected, "megabytes": megabytes, "seconds": round(seconds, 4)}
        output.result_json({**facts, **story.facts})
    else:
        verdict = "OK: all as expected" if story.as_expected else "FAILED: something was not as expected"
        output.result(f"\n{verdict}, {output.duration(seconds)} in all")
    if not story.as_expected:
        raise typer.Exit(ExitCode.REFUSED)
