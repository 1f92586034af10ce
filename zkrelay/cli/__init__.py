"""The command line: one command a file, logic in the library.  ``main`` is the entry point ``zkrelay``.

typer and rich are imported in this package and nowhere else, and the library only inside the commands that use it, so
that ``zkrelay --version`` and shell completion stay quick.  docs/cli.md is the reference.
"""

from __future__ import annotations

import gc
import os

__all__ = ["main"]


def main() -> None:
    """Run the command in ``sys.argv`` and end the process with its exit code."""
    # numpy's linear algebra, which nothing here uses, would start a thread for each processor
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # to look for cycles among the many objects of a circuit would take a fifth of its compilation
    gc.set_threshold(100_000)
    try:
        from .app import app

        app(prog_name="zkrelay")
    except KeyboardInterrupt:  # before or after the command itself, which maps it in errors.py
        raise SystemExit(130) from None
