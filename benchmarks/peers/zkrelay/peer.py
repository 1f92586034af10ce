"""Ourselves as a peer: the same protocol as gnark, arkworks and snarkjs (benchmarks/peers/README.md).

The kernel is the one in use (``ZKRELAY_KERNEL=name`` forces another).
"""

from __future__ import annotations

import json
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(1, str(Path(__file__).resolve().parents[2]))  # for house

from circuit_works import CIRCUIT_WORKS
from kernel_works import KERNEL_WORKS
from work import Work, WrongResult

from zkrelay import __version__
from zkrelay.errors import ZkrelayError
from zkrelay.kernel import current

WORKS: dict[str, Callable[[dict[str, Any], int], Work]] = {**CIRCUIT_WORKS, **KERNEL_WORKS}


def main() -> None:
    say(
        {"peer": "zkrelay", "version": f"{__version__} ({current().name})", "toolchain": toolchain(), "works": [*WORKS]}
    )
    work: Work | None = None
    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "quit":
            return
        try:
            if request["op"] == "prepare":
                work = None
                start = time.perf_counter()
                work = WORKS[request["work"]](request["params"], request["threads"])
                elapsed = 1e3 * (time.perf_counter() - start)
                say({"ok": True, "items": work.items, "prepare_ms": elapsed, "notes": work.notes})
            elif work is None:
                raise ValueError("nothing is prepared")
            elif request["op"] == "run":
                say({"ok": True, **timed(work, request["count"])})
            elif request["op"] == "check":
                work.check()
                say({"ok": True})
            else:
                raise ValueError(f"unknown op {request['op']!r}")
        except (ZkrelayError, WrongResult, ValueError, KeyError, OSError, RuntimeError, MemoryError) as error:
            say({"ok": False, "error": f"{type(error).__name__}: {error}"})


def timed(work: Work, count: int) -> dict[str, float]:
    """Wall time, and CPU time of all threads, of ``count`` runs in a row."""
    run = work.run
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(count):
        run()
    return {"wall_ms": 1e3 * (time.perf_counter() - wall), "cpu_ms": 1e3 * (time.process_time() - cpu)}


def say(line: dict[str, Any]) -> None:
    print(json.dumps(line), flush=True)


def toolchain() -> str:
    return f"{platform.python_implementation()} {platform.python_version()}"


if __name__ == "__main__":
    main()
