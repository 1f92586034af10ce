"""A peer that does nothing, well or badly: ``python fake_peer.py FAULT`` (see ``main`` for the faults)."""

from __future__ import annotations

import json
import sys
import time


def say(line: object) -> None:
    print(json.dumps(line), flush=True)


def main(fault: str, factor: float) -> None:
    """Runs take ``factor`` milliseconds each by its own account."""
    if fault == "silent":
        time.sleep(60)
    if fault == "dies at once":
        sys.exit("no library")
    if fault == "no json":
        print("hello", flush=True)
    if fault == "no hello":
        say({"peer": "fake"})
    if fault == "list":
        say([1])
    say({"peer": "fake", "version": "1", "toolchain": "python", "works": ["prove", "msm"]})
    for line in sys.stdin:
        request = json.loads(line)
        op = request["op"]
        if op == "quit":
            return
        if op == fault:
            say({"ok": False, "error": f"cannot {op}"})
        elif fault == "dies" and op == "run":
            sys.exit("out of memory")
        elif fault == "slow" and op == "run":
            time.sleep(60)
        elif op == "prepare":
            items = {"no items": 0, "many items": 1000}.get(fault, 1)
            say({"ok": True, "items": items, "prepare_ms": 1.5, "notes": {"setup_ms": 1.0}})
        elif op == "run":
            wall = -1.0 if fault == "negative" else factor * request["count"]
            say({"ok": True, "wall_ms": wall, "cpu_ms": 2 * factor * request["count"]})
        else:
            say({"ok": True})


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 1.0)
