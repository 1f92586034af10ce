"""A process with everything imported, which forks one that runs the tunnel's command line for each line it is given.

Starting an interpreter for each kill of a test would take most of its time.  A line is a JSON list of arguments; the
answer is the child's process id.  Nothing is opened before the fork: neither SQLite nor an event loop survives it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


class Zygote:
    def __init__(self, folder: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": str(EXAMPLES)}
        self._log = (folder / "children.log").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self._alive: set[int] = set()

    def __enter__(self) -> Zygote:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()
        for pid in self._alive:
            os.kill(pid, signal.SIGKILL)
        self._log.close()

    def start(self, *arguments: object) -> int:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps([str(argument) for argument in arguments]) + "\n")
        self._process.stdin.flush()
        pid = int(self._process.stdout.readline())
        self._alive.add(pid)
        return pid

    def kill(self, pid: int) -> None:
        self._alive.discard(pid)
        os.kill(pid, signal.SIGKILL)

    def end(self, pid: int, number: int | None = signal.SIGTERM) -> int:
        """Send the signal, wait until the child is gone, and return its exit code."""
        assert self._process.stdin is not None and self._process.stdout is not None
        if number is not None:
            os.kill(pid, number)
        self._process.stdin.write(f"{pid}\n")
        self._process.stdin.flush()
        self._alive.discard(pid)
        return int(self._process.stdout.readline())


def main() -> None:
    from tunnel.__main__ import main as tunnel

    for line in sys.stdin:
        told = json.loads(line)
        if isinstance(told, int):
            print(os.waitstatus_to_exitcode(os.waitpid(told, 0)[1]), flush=True)
            continue
        pid = os.fork()
        if pid == 0:
            sys.argv = ["tunnel", *told]
            os.dup2(2, 1)
            status = 1
            try:
                tunnel()
                status = 0
            finally:
                sys.stdout.flush()
                os._exit(status)
        print(pid, flush=True)


if __name__ == "__main__":
    main()
