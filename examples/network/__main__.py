"""A network on this machine, from deposit to payment (extras ``tunnel`` and ``settlement``), in the folder above:

    python -m network                 eight sessions at the exit, batch8
    python -m network --quick         the smallest circuits, as the tests do
    python -m network --json          the result as one object, and nothing else

Exit code 0 when every line of the reckoning holds, 1 when one does not, 2 when something could not run, 130 on Ctrl-C.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import NoReturn

from zkrelay.errors import ZkrelayError

from .plan import full, quick
from .play import play
from .view import View

_HOLDS, _DOES_NOT_HOLD, _COULD_NOT_RUN, _INTERRUPTED = 0, 1, 2, 130


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m network", description="A paid network, all of it on this machine.")
    top.add_argument("--megabytes", type=int, default=4, choices=range(1, 65), metavar="1-64", help="of each file")
    top.add_argument("--quick", action="store_true", help="three files and the smallest circuits")
    top.add_argument("--json", action="store_true", help="print the result as JSON")
    top.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    top.add_argument("--keep", type=Path, metavar="FOLDER", help="make everything in this new folder, and leave it")
    return top


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    start = time.perf_counter()
    scale = quick() if options.quick else full(options.megabytes)
    view = View(scale, silent=options.json)
    try:
        if options.keep is not None:
            options.keep.mkdir(mode=0o700)
            lines = play(view, options.keep.resolve(), scale, options.threads)
        else:
            with tempfile.TemporaryDirectory(prefix="zkrelay-network-") as folder:
                lines = play(view, Path(folder), scale, options.threads)
    except KeyboardInterrupt:
        print("interrupted: all processes were stopped", file=sys.stderr)
        return _INTERRUPTED
    except (ZkrelayError, OSError) as error:
        print(f"error: {type(error).__name__}: {error}", file=sys.stderr)
        return _COULD_NOT_RUN
    seconds, holds = time.perf_counter() - start, all(line.holds for line in lines)
    if options.json:
        checks = [{"name": line.name, "text": line.text, "holds": line.holds} for line in lines]
        print(json.dumps({"version": 1, "holds": holds, "seconds": round(seconds, 2), "checks": checks}, indent=1))
    else:
        verdict = "OK: every byte and every coin is accounted for" if holds else "FAILED: a line does not hold"
        print(f"\n{verdict}, {seconds:.1f} s in all")
    return _HOLDS if holds else _DOES_NOT_HOLD


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
