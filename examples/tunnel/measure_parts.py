"""What every measurement needs: processes and what the kernel counts for them, a destination, connections to it."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .__main__ import write_key
from .noise_ik import public_bytes

HOST = "127.0.0.1"
TUNNEL = (sys.executable, "-m", __package__ or "tunnel")
BLOCK = 1 << 18
_PERIOD = 1 << 16
_PATTERN = random.Random(20261129).randbytes(_PERIOD) * (BLOCK // _PERIOD + 1)


def cpu_seconds(process: subprocess.Popen[str]) -> float:
    """User and system time."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(*pids: int) -> float:
    """Of all together; pages that they share are counted for each."""
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    return round(pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20), 1)


def script(module: str, part: str) -> tuple[str, ...]:
    """A part of the measurement that runs as a process of its own."""
    return (sys.executable, "-m", f"{__package__}.{module}", part)


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


def asked(start: int, num_bytes: int) -> bytes:
    """What a program sends first: it is then sent so many bytes of the pattern from ``start`` on."""
    return (start % _PERIOD).to_bytes(2, "big") + num_bytes.to_bytes(6, "big")


def pattern(start: int, num_bytes: int) -> bytes:
    """``num_bytes``, up to ``BLOCK``, of what a destination sends."""
    return _PATTERN[start % _PERIOD :][:num_bytes]


def destination() -> tuple[str, ...]:
    """A server in a process of its own: eight bytes ask for so many; whatever follows them is echoed.

    In the end it prints how many it received and sent.
    """
    return script("measure_parts", "destination")


def _serve_destination() -> None:
    counts, lock = {"received": 0, "sent": 0}, threading.Lock()

    def count(name: str, num_bytes: int) -> None:
        with lock:
            counts[name] += num_bytes

    def serve(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            head = connection.recv(8, socket.MSG_WAITALL)
            count("received", len(head))
            position, left = int.from_bytes(head[:2], "big"), int.from_bytes(head[2:], "big")
            while left:
                sent = connection.send(memoryview(_PATTERN)[position % _PERIOD :][: min(left, BLOCK)])
                count("sent", sent)
                position, left = position + sent, left - sent
            while data := connection.recv(BLOCK):
                count("received", len(data))
                connection.sendall(data)
                count("sent", len(data))

    def stop(*_: object) -> None:
        raise SystemExit

    listener = socket.create_server((HOST, 0), backlog=1024)
    signal.signal(signal.SIGTERM, stop)
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    try:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection,), daemon=True).start()
    finally:
        with lock:
            print(json.dumps(counts), flush=True)


def through_socks(port: int, target: int, *, patience_s: float | None = None) -> socket.socket:
    """A connection to the destination; raises ``OSError``, as everything on it after ``patience_s`` seconds does."""
    connection = socket.create_connection((HOST, port), timeout=patience_s)
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(b"\5\1\0\5\1\0\1" + socket.inet_aton(HOST) + target.to_bytes(2, "big"))
        answer = receive(connection, 12)
        if answer[3] != 0:
            raise ConnectionError(f"the SOCKS server refused with {answer[3]}")
    except BaseException:
        connection.close()
        raise
    return connection


def receive(connection: socket.socket, num_bytes: int) -> bytes:
    """So many; raises ``OSError`` where the connection ends before."""
    came = bytearray()
    while len(came) < num_bytes:
        data = connection.recv(num_bytes - len(came))
        if not data:
            raise ConnectionError(f"the connection ended after {len(came)} of {num_bytes} bytes")
        came += data
    return bytes(came)


if __name__ == "__main__":
    _serve_destination()
