"""Throughput, CPU time and latency of the tunnel, in the folder above this one:

    python -m tunnel.measure --mib 1024                      unpaid, paid, paid with the prover beside it, plain TLS
    python -m tunnel.measure --way paid --clients 200 --minutes 10       many clients: nothing lost, memory flat

Everything runs on this machine over loopback, each party in a process of its own.  CPU seconds are what the kernel
counted for client and node; wall time wants a quiet machine.  Plain TLS is the same way through two relays that do
nothing but ``splice`` over Python's ``ssl``.  One JSON object for each way.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import measure_destination as far
from . import measure_parts as parts
from .measure_crowd import measure_crowd

WAYS = ("unpaid", "paid", "proving", "tls")
PING_BYTES = 100
_MAX_CONNECTIONS = 100  # a peer has 256, and each program may need two, and two more that are closing


@dataclass
class World:
    """``port`` is where SOCKS is spoken; ``told`` is filled with what the processes say in the end."""

    port: int
    processes: dict[str, subprocess.Popen[str]]
    told: dict[str, Any] = field(default_factory=dict)

    def cpu_seconds(self) -> dict[str, float]:
        return {name: parts.cpu_seconds(process) for name, process in self.processes.items()}


@contextlib.contextmanager
def world(way: str, folder: Path, target: int) -> Iterator[World]:
    """Node and client of one way, until the block ends."""
    told: dict[str, Any] = {}
    with contextlib.ExitStack() as stack:

        def start(name: str, *command: str) -> tuple[subprocess.Popen[str], int]:
            return stack.enter_context(parts.started(command, told.setdefault(name, {})))

        if way == "tls":
            from . import measure_tls as tls

            node, node_port = start("node", *tls.node(folder, target))
            client, port = start("client", *tls.client(folder, node_port))
        else:
            node_key, client_key = (folder / "node.key", folder / "client.key")
            node_public, client_public = parts.make_key(node_key), parts.make_key(client_key)
            paid_node: tuple[str, ...] = ()
            paid_client: tuple[str, ...] = ()
            if way != "unpaid":
                from .measure_paid import PaidFolder

                paid, wallet = PaidFolder(folder, num_notes=1), folder / "wallet"
                paid.fund([wallet])
                paid_node, paid_client = paid.node_options, paid.client_options(wallet)
            node, node_port = start("node", *parts.node(node_key, [client_public], target), *paid_node)
            client, port = start(
                "client", *parts.TUNNEL, *parts.client(client_key, node_port, node_public), *paid_client
            )
        if way == "proving":
            from .measure_paid import prover

            start("prove", *prover(folder, folder / "wallet"))
        yield World(port, {"client": client, "node": node}, told)


def download(port: int, target: int, num_bytes: int) -> int:
    """Ask the destination for ``num_bytes`` through the SOCKS port; returns how many came."""
    came, block = 0, bytearray(far.BLOCK)
    with far.through_socks(port, target) as connection:
        connection.sendall(far.asked(0, num_bytes))
        while came < num_bytes and (size := connection.recv_into(block)):
            came += size
    return came


def latencies(port: int, target: int, until: threading.Event) -> list[float]:
    """Seconds of round trips of ``PING_BYTES`` on one connection, one after the other."""
    found = []
    with far.through_socks(port, target) as connection:
        connection.sendall(far.asked(0, 0))
        while not until.is_set():
            start = time.perf_counter()
            connection.sendall(bytes(PING_BYTES))
            connection.recv(PING_BYTES, socket.MSG_WAITALL)
            found.append(time.perf_counter() - start)
            time.sleep(0.002)
    return found


def bulk(world: World, target: int, mib: int) -> dict[str, Any]:
    """One download of so many MiB, with pings on a second connection."""
    download(world.port, target, 1 << 20)
    before = world.cpu_seconds()
    stop, pings = threading.Event(), []
    pinging = threading.Thread(target=lambda: pings.extend(latencies(world.port, target, stop)))
    pinging.start()
    start = time.perf_counter()
    came = download(world.port, target, mib << 20)
    seconds = time.perf_counter() - start
    stop.set()
    pinging.join()
    spent = {name: world.cpu_seconds()[name] - before[name] for name in before}
    gib = came / (1 << 30)
    pings.sort()
    return {
        "mib": came >> 20,
        "gbit_per_s": round(8 * came / seconds / 1e9, 3),
        **{f"{name}_cpu_s_per_gib": round(value / gib, 3) for name, value in spent.items()},
        "p50_ms": round(1e3 * pings[len(pings) // 2], 2),
        "p99_ms": round(1e3 * pings[len(pings) * 99 // 100], 2),
    }


def measure_bulk(folder: Path, way: str, mib: int) -> dict[str, Any]:
    """``bulk`` in a world of its own, and what its processes said in the end."""
    with contextlib.ExitStack() as stack:
        _, target = stack.enter_context(parts.started(parts.script("measure_destination"), {}))
        opened = stack.enter_context(world(way, folder, target))
        found = bulk(opened, target, mib)
    return found | opened.told


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tunnel.measure", description="Measure the reference tunnel.")
    parser.add_argument("--way", choices=WAYS, action="append")
    parser.add_argument("--mib", type=int, default=256)
    parser.add_argument("--clients", type=int, help="so many paying clients at once, in place of one download")
    parser.add_argument("--connections", type=int, default=1, help="programs of each client")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long the clients are busy")
    options = parser.parse_args()
    if options.clients is not None and (options.way != ["paid"] or options.clients < 1):
        parser.error("--clients is at least 1, and needs --way paid and no other")
    if not 1 <= options.connections <= _MAX_CONNECTIONS:
        parser.error(f"--connections is 1 to {_MAX_CONNECTIONS}")
    for way in options.way or WAYS:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            if options.clients is not None:
                found = measure_crowd(folder, options.clients, options.connections, options.minutes)
            else:
                found = measure_bulk(folder, way, options.mib)
            print(json.dumps({"way": way, **found}), flush=True)


if __name__ == "__main__":
    main()
