"""What the SOCKS front refuses."""

from __future__ import annotations

import asyncio

import pytest
from tunnel.listener import Limits
from tunnel.stream import Traffic
from tunnel_world import LOOPBACK, is_cut, run, world

SHORT_GREETING = Limits(greeting_s=1.0)


REQUESTS = {
    "SOCKS4": (b"\4\1\0\x50\x7f\0\0\1user\0", b""),
    "HTTP": (b"GET / HTTP/1.1\r\n\r\n", b""),
    "no method": (b"\5\0", b"\5\xff"),
    "passwords only": (b"\5\1\2", b"\5\xff"),
    "many methods, not ours": (b"\5\xff" + bytes(range(1, 256)), b"\5\xff"),
    "BIND": (b"\5\1\0\5\2\0\1\x7f\0\0\1\0\x50", b"\5\0\5\7"),
    "UDP ASSOCIATE": (b"\5\1\0\5\3\0\1\x7f\0\0\1\0\x50", b"\5\0\5\7"),
    "command 0": (b"\5\1\0\5\0\0\1\x7f\0\0\1\0\x50", b"\5\0\5\7"),
    "kind 2": (b"\5\1\0\5\1\0\2\x7f\0\0\1\0\x50", b"\5\0\5\x08"),
    "version in the request": (b"\5\1\0\4\1\0\1\x7f\0\0\1\0\x50", b"\5\0\5\1"),
    "reserved byte": (b"\5\1\0\5\1\1\1\x7f\0\0\1\0\x50", b"\5\0\5\1"),
    "empty name": (b"\5\1\0\5\1\0\3\0\0\x50", b"\5\0\5\1"),
    "name with a NUL": (b"\5\1\0\5\1\0\3\3a\0b\0\x50", b"\5\0\5\1"),
    "port 0": (b"\5\1\0\5\1\0\1\x7f\0\0\1\0\0", b"\5\0\5\1"),
    "cut short": (b"\5\1\0\5\1\0\1\x7f\0", b"\5\0"),
}


@pytest.mark.parametrize(("request_bytes", "answer"), REQUESTS.values(), ids=REQUESTS)
def test_socks_requests_that_are_refused(request_bytes: bytes, answer: bytes) -> None:
    async def test() -> None:
        async with world(80) as w:
            reader, writer = await asyncio.open_connection(LOOPBACK, w.front.port)
            writer.write(request_bytes)
            writer.write_eof()
            got = b""
            try:
                while byte := await reader.read(1):
                    got += byte
            except ConnectionResetError:
                pass  # cut with or without an answer
            assert got[:4] == answer and len(got) in (len(answer), 12)
            writer.close()
            assert w.client.traffic == Traffic()

    run(test())


def test_slow_socks_clients_are_cut() -> None:
    async def test() -> None:
        async with world(80, limits=SHORT_GREETING) as w:
            reader, writer = await asyncio.open_connection(LOOPBACK, w.front.port)
            writer.write(b"\5")
            assert await is_cut(reader)

    run(test())
