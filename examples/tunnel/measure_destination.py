"""The far end of a measurement, a process of its own, and the connections that programs have to it.

    program -> destination      start u16 | num_bytes u48, then anything
    destination -> program      so many bytes of the pattern from ``start`` on, then what came, echoed

Whoever reads can say of each byte whether it is the one that was sent.
"""

from __future__ import annotations

import contextlib
import json
import random
import signal
import socket
import threading
import time

HOST = "127.0.0.1"
BLOCK = 1 << 18
_PERIOD = 1 << 16
_PARTING_S = 5.0
_PATTERN = random.Random(20261129).randbytes(_PERIOD) * (BLOCK // _PERIOD + 1)


def asked(start: int, num_bytes: int) -> bytes:
    """What a program sends first: it is then sent so many bytes of the pattern from ``start`` on."""
    return (start % _PERIOD).to_bytes(2, "big") + num_bytes.to_bytes(6, "big")


def pattern(start: int, num_bytes: int) -> bytes:
    """``num_bytes``, up to ``BLOCK``, of what a destination sends."""
    return _PATTERN[start % _PERIOD :][:num_bytes]


def main() -> None:
    """Print the port, serve until SIGTERM, then print how many bytes were received and sent."""
    counts, lock = {"received": 0, "sent": 0}, threading.Lock()
    serving: set[threading.Thread] = set()

    def count(name: str, num_bytes: int) -> None:
        with lock:
            counts[name] += num_bytes

    def serve(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            converse(connection)
        serving.discard(threading.current_thread())

    def converse(connection: socket.socket) -> None:
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
            thread = threading.Thread(target=serve, args=(connection,), daemon=True)
            serving.add(thread)
            thread.start()
    finally:
        until = time.monotonic() + _PARTING_S
        for thread in list(serving):  # what they sent is counted a moment after the other end may have it
            if thread.is_alive():
                thread.join(max(0.0, until - time.monotonic()))
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
    main()
