"""Throughput, CPU time and latency of the tunnel, in the folder above this one:

    python -m tunnel.measure --mib 1024                          unpaid, paid, paid with the prover beside it, plain TLS
    python -m tunnel.measure --ways paid --clients 200 --minutes 10      many clients: memory flat, nothing lost

Everything runs on this machine, over loopback, in processes of its own; CPU seconds are what the kernel counted for
client and node.  Plain TLS is the same way through two small relays over Python's ``ssl``: what a tunnel costs that
counts nothing.  One JSON object for each way.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ipaddress
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

WAYS = ("unpaid", "paid", "proving", "tls")
HOST = "127.0.0.1"
BLOCK = 1 << 18
PING = 100


def cpu_seconds(pid: int) -> float:
    """User and system time of a process that lives."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def serve_destination(listener: socket.socket) -> None:
    """Eight bytes ask for so many; none of them asks for an echo of everything that follows."""

    def serve(connection: socket.socket) -> None:
        block = memoryview(bytes(BLOCK))
        with connection, contextlib.suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            left = int.from_bytes(connection.recv(8, socket.MSG_WAITALL), "big")
            while left:
                left -= connection.send(block[: min(left, BLOCK)])
            while data := connection.recv(BLOCK):
                connection.sendall(data)

    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection,), daemon=True).start()
