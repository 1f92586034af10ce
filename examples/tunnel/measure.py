"""Throughput, CPU time and latency of the tunnel, in the folder above this one:

    python -m tunnel.measure --mib 1024                      unpaid, paid, paid with the prover beside it, plain TLS
    python -m tunnel.measure --way paid --clients 200 --minutes 10       many connections: memory flat, nothing lost

Everything runs on this machine over loopback, each party in a process of its own.  CPU seconds are what the kernel
counted for client and node; wall time wants a quiet machine.  Plain TLS is the same way through two relays that do
nothing but ``splice`` over Python's ``ssl``.  One JSON object for each way.
"""

from __future__ import annotations

import argparse
import json
import socket
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from . import measure_parts as parts

WAYS = ("unpaid", "paid", "proving", "tls")


def download(port: int, target: int, num_bytes: int) -> int:
    """Ask the destination for ``num_bytes`` through the SOCKS port; returns how many came."""
    came, block = 0, bytearray(parts.BLOCK)
    with parts.through_socks(port, target) as connection:
        connection.sendall(num_bytes.to_bytes(8, "big"))
        while came < num_bytes and (size := connection.recv_into(block)):
            came += size
    return came


def latencies(port: int, target: int, until: threading.Event) -> list[float]:
    """Seconds of round trips of ``PING_BYTES`` on one connection, one after the other."""
    found = []
    with parts.through_socks(port, target) as connection:
        connection.sendall(bytes(8))
        while not until.is_set():
            start = time.perf_counter()
            connection.sendall(bytes(parts.PING_BYTES))
            connection.recv(parts.PING_BYTES, socket.MSG_WAITALL)
            found.append(time.perf_counter() - start)
            time.sleep(0.002)
    return found


def bulk(world: parts.World, target: int, mib: int) -> dict[str, Any]:
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


def load(world: parts.World, target: int, clients: int, minutes: float) -> dict[str, Any]:
    """So many connections that download a little again and again; what the node and the client hold in memory."""
    end = time.monotonic() + 60 * minutes
    carried, failures, memory = [0] * clients, [0] * clients, []

    def one(index: int) -> None:
        while time.monotonic() < end:
            try:
                carried[index] += download(world.port, target, 1 << 18)
            except OSError:
                failures[index] += 1
            time.sleep(0.5)

    threads = [threading.Thread(target=one, args=(index,)) for index in range(clients)]
    for thread in threads:
        thread.start()
        time.sleep(0.02)  # not more greetings at once than the node takes
    while any(thread.is_alive() for thread in threads):
        time.sleep(max(0.5, 60 * minutes / 20))
        memory.append(world.resident_mib())
    return {
        "clients": clients,
        "carried_bytes": sum(carried),
        "failures": sum(failures),
        **{f"{name}_mib": [sample[name] for sample in memory] for name in memory[0]},
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tunnel.measure", description="Measure the reference tunnel.")
    parser.add_argument("--way", choices=WAYS, action="append")
    parser.add_argument("--mib", type=int, default=256)
    parser.add_argument("--clients", type=int, default=0, help="so many at once, in place of one download")
    parser.add_argument("--minutes", type=float, default=10.0)
    options = parser.parse_args()
    for way in options.way or WAYS:
        with tempfile.TemporaryDirectory() as folder, parts.destination() as target:
            with parts.world(way, Path(folder), target) as world:
                if options.clients:
                    found = load(world, target, options.clients, options.minutes)
                else:
                    found = bulk(world, target, options.mib)
            print(json.dumps({"way": way, **found, **world.told}), flush=True)


if __name__ == "__main__":
    main()
