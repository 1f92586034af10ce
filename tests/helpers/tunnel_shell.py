"""The tunnel's commands as processes."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@contextlib.contextmanager
def started(*arguments: str, folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The command while it runs, and the port that it says it listens on."""
    command = [sys.executable, "-m", "tunnel", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(EXAMPLES)}
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, json.loads(process.stdout.readline())["port"]
        finally:
            process.kill()


def make_key(name: str, folder: Path) -> str:
    made = subprocess.run(
        [sys.executable, "-m", "tunnel", "key", name],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(EXAMPLES)},
        capture_output=True,
        text=True,
        check=True,
    )
    return made.stdout.strip()
