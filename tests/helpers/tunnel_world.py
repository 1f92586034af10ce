"""Two ends of everything, joined over real sockets on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from tunnel.client import Socks5Front, TunnelClient
from tunnel.exit_filter import ExitFilter
from tunnel.listener import Limits
from tunnel.node import Node
from tunnel.noise_ik import public_bytes
from tunnel.stream import BUFFER_BYTES, abort

LOOPBACK = "127.0.0.1"
OPEN_LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]
TIME_LIMIT_S = 120


@contextlib.asynccontextmanager
async def connected() -> AsyncIterator[tuple[Pair, Pair]]:
    """The two ends of one TCP connection."""
    arrived: asyncio.Queue[Pair] = asyncio.Queue()
    server = await asyncio.start_server(lambda *ends: arrived.put_nowait(ends), LOOPBACK, 0, limit=BUFFER_BYTES)
    near = await asyncio.open_connection(*server.sockets[0].getsockname(), limit=BUFFER_BYTES)
    far = await arrived.get()
    try:
        yield near, far
    finally:
        server.close()
        for _, writer in (near, far):
            writer.transport.abort()
        await server.wait_closed()


@contextlib.asynccontextmanager
async def destination(serve: Callable[..., Awaitable[None]]) -> AsyncIterator[int]:
    """A server beyond the tunnel, in which ``serve(reader, writer)`` runs for each connection; yields its port."""
    tasks = set()

    async def run(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            return  # the test decides whether that was right
        finally:
            writer.close()

    def accept(*ends: object) -> None:
        task = asyncio.ensure_future(run(*ends))  # type: ignore[arg-type]
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(accept, LOOPBACK, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()
    writer.write_eof()


async def never_reads(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


@dataclass(frozen=True)
class World:
    """One node, one client that it knows, and the client's SOCKS front."""

    node: Node
    node_static: X25519PrivateKey
    client_static: X25519PrivateKey
    client: TunnelClient
    front: Socks5Front

    @property
    def client_key(self) -> bytes:
        return public_bytes(self.client_static)

    @property
    def counts(self) -> tuple[int, int]:
        """(received, sent) of the client, held equal to what the node says it sent and received."""
        there = self.node.transport.peer_statistics(self.client_key)
        here = self.client.traffic
        assert (here.received, here.sent) == (there.sent, there.received)
        return here.received, here.sent

    async def is_quiet(self) -> None:
        """Wait until the node has no connection of the client."""
        while self.node.transport.peer_statistics(self.client_key).num_connections:
            await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def world(*ports: int, limits: Limits | None = None, client_limits: Limits | None = None) -> AsyncIterator[World]:
    node_static, client_static = X25519PrivateKey.generate(), X25519PrivateKey.generate()
    rules = ExitFilter(frozenset(ports), OPEN_LOOPBACK)
    node = Node(node_static, host=LOOPBACK, exit_filter=rules, limits=limits)
    node.transport.add_peer(public_bytes(client_static))
    await node.start()
    address = (LOOPBACK, node.transport.port)
    client = TunnelClient(client_static, address, public_bytes(node_static), limits=client_limits or limits)
    front = Socks5Front(client)
    await front.start()
    try:
        yield World(node, node_static, client_static, client, front)
    finally:
        await front.stop()
        await node.stop()


async def socks(world: World, port: int, host: bytes = b"\x01\x7f\0\0\1") -> tuple[int, tuple]:
    """CONNECT through the front: (reply, (reader, writer))."""
    reader, writer = await asyncio.open_connection(LOOPBACK, world.front.port)
    writer.write(b"\5\1\0" + b"\5\1\0" + host + port.to_bytes(2, "big"))
    assert await reader.readexactly(2) == b"\5\0"
    answer = await reader.readexactly(10)
    assert answer[0] == 5 and answer[2:] == b"\0\1" + bytes(6)
    if answer[1]:
        writer.close()
    return answer[1], (reader, writer)


async def opened(world: World, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reply, ends = await socks(world, port)
    assert reply == 0
    return ends


async def exchange(world: World, port: int, data: bytes) -> None:
    """Send ``data`` to an echo, and have it back."""
    reader, writer = await opened(world, port)

    async def pump() -> None:
        writer.write(data)
        await writer.drain()
        writer.write_eof()

    _, got = await asyncio.gather(pump(), reader.read())
    assert got == data
    writer.close()
    await writer.wait_closed()


async def a_broken_program_is_no_end_of_file(open_world: Callable[[int], AbstractAsyncContextManager[Any]]) -> None:
    """Whatever lies between them: a destination sees that its program broke off."""
    seen: list[bool] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await is_cut(reader))

    async with destination(serve) as port, open_world(port) as w:
        _, writer = await opened(w, port)
        writer.write(b"x")
        await writer.drain()
        abort(writer)
        while not seen:
            await asyncio.sleep(0.005)
        assert seen == [True]


async def is_cut(reader: asyncio.StreamReader) -> bool:
    """Whether the connection ends without a clean end of file: the node resets what it cuts."""
    try:
        await reader.read()
    except ConnectionResetError:
        return True
    return False


def run(test: Awaitable[None]) -> None:
    """A test of coroutines, with a limit that a hanging one reaches before pytest's."""
    asyncio.run(asyncio.wait_for(test, TIME_LIMIT_S))  # type: ignore[arg-type]
