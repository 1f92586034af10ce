"""A program behind a SOCKS5 server: fetches one file over HTTP, hashes it, and counts each byte that it moved."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from zkrelay.errors import ZkrelayError

_PIECE_BYTES = 1 << 16
_HEAD_BYTES = 1 << 14


class FetchFailed(ZkrelayError):
    """No tunnel was opened, or what came is not the whole file."""


@dataclass(frozen=True)
class Fetched:
    """``sent`` and ``received`` are all bytes that went into the tunnel and came out of it; ``file_bytes`` and
    ``sha256`` are of the file alone."""

    sent: int
    received: int
    file_bytes: int
    sha256: str


async def fetch(
    socks_port: int, host: str, port: int, path: str, progress: Callable[[int], None] = lambda num_bytes: None
) -> Fetched:
    """Raises ``FetchFailed``, and ``OSError`` where the connection breaks."""
    reader, writer = await asyncio.open_connection("127.0.0.1", socks_port, limit=_HEAD_BYTES)
    try:
        name = host.encode("ascii")
        writer.write(b"\5\1\0" + b"\5\1\0\3" + bytes([len(name)]) + name + port.to_bytes(2, "big"))
        try:
            answer = await reader.readexactly(2 + 10)
        except asyncio.IncompleteReadError:
            raise FetchFailed("no answer of SOCKS") from None
        if answer[:2] != b"\5\0" or answer[3] != 0:
            raise FetchFailed(f"the tunnel was not opened: SOCKS code {answer[3]}")
        request = f"GET {path} HTTP/1.0\r\nHost: {host}:{port}\r\n\r\n".encode("ascii")
        writer.write(request)
        await writer.drain()
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            raise FetchFailed("no answer of HTTP") from None
        status, *lines = head.decode("latin-1").split("\r\n")
        if status.split()[1:2] != ["200"]:
            raise FetchFailed(f"the answer is {status!r}")
        fields = {name: value.strip() for name, _, value in (line.lower().partition(":") for line in lines)}
        digest, num_bytes = hashlib.sha256(), 0
        while data := await reader.read(_PIECE_BYTES):
            digest.update(data)
            num_bytes += len(data)
            progress(num_bytes)
        if fields.get("content-length") != str(num_bytes):
            raise FetchFailed(f"{num_bytes} bytes came, not {fields.get('content-length')}")
        writer.close()
        await writer.wait_closed()
        return Fetched(len(request), len(head) + num_bytes, num_bytes, digest.hexdigest())
    finally:
        writer.close()
