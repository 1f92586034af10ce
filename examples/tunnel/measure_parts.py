"""What every measurement needs: keys, the commands of the tunnel, processes, and what the kernel counts for them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .__main__ import write_key
from .measure_destination import HOST
from .noise_ik import public_bytes

TUNNEL = (sys.executable, "-m", __package__ or "tunnel")


def cpu_seconds(process: subprocess.Popen[str]) -> float:
    """User and system time."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(*pids: int) -> float:
    """Of all together; pages that they share are counted for each."""
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    return round(pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20), 1)


def script(module: str) -> tuple[str, ...]:
    """A part of the measurement that runs as a process of its own."""
    return (sys.executable, "-m", f"{__package__}.{module}")


def run(*command: str) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603, ours


def make_key(path: Path) -> str:
    """The public part."""
    return public_bytes(write_key(path)).hex()


def node(key: Path, peers: Sequence[str], target: int) -> tuple[str, ...]:
    """The command of a node that opens ``target`` for these."""
    named = [option for peer in peers for option in ("--peer", peer)]
    reach = ("--open-port", str(target), "--open-network", "127.0.0.0/8")
    return (*TUNNEL, "node", str(key), "--listen", f"{HOST}:0", *named, *reach)


def client(key: Path, node_port: int, node_key: str) -> tuple[str, ...]:
    """What follows ``TUNNEL`` for a client of that node."""
    there = ("--node", f"{HOST}:{node_port}", "--node-key", node_key, "--socks", f"{HOST}:0")
    return ("client", str(key), *there)


@contextlib.contextmanager
def started(command: Sequence[str], told: dict[str, Any]) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The process and the port in its first line, until the block ends; ``told`` gets what it then prints."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603, ours
        assert process.stdout is not None
        try:
            yield process, json.loads(process.stdout.readline())["port"]
            process.send_signal(signal.SIGTERM)
            last = process.communicate(timeout=60)[0].strip().rpartition("\n")[2]
            told |= json.loads(last) if last else {}
        finally:
            process.kill()
