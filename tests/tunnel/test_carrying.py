"""Client and node together: bytes and counts, and how a connection ends."""

from __future__ import annotations

import asyncio
import hashlib
import random

import pytest
from tunnel.address import FAILED
from tunnel.listener import Limits
from tunnel.stream import abort
from tunnel_world import (
    World,
    a_broken_program_is_no_end_of_file,
    destination,
    echo,
    is_cut,
    never_reads,
    opened,
    run,
    socks,
    world,
)

MEBIBYTE = 1 << 20
SHORT_IDLE = Limits(idle_s=1.0)


def test_64_mebibytes_each_way_arrive_and_are_counted_to_the_byte() -> None:
    size = 64 * MEBIBYTE + 12345
    data = random.Random(1).randbytes(MEBIBYTE)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hash what comes, and answer with as much and the hash of it."""
        seen = hashlib.sha256()
        while block := await reader.read(1 << 18):
            seen.update(block)
        await pump(writer)
        writer.write(seen.digest())
        writer.write_eof()

    async def pump(writer: asyncio.StreamWriter) -> None:
        for start in range(0, size, MEBIBYTE):
            writer.write(data[: size - start])
            await writer.drain()

    async def test() -> None:
        async with destination(serve) as port, world(port) as w:
            reader, writer = await opened(w, port)
            await pump(writer)
            writer.write_eof()
            there, tail, num_bytes = hashlib.sha256(), b"", 0
            while block := await reader.read(1 << 18):
                there.update((tail + block)[:-32])
                tail, num_bytes = (tail + block)[-32:], num_bytes + len(block)
            expected = hashlib.sha256()
            for start in range(0, size, MEBIBYTE):
                expected.update(data[: size - start])
            assert there.digest() == tail == expected.digest()
            writer.close()
            await w.is_quiet()
            assert w.counts == (num_bytes, size) == (size + 32, size)

    run(test())


def test_many_connections_of_one_peer_are_counted_together() -> None:
    async def one(w: World, port: int, size: int) -> None:
        reader, writer = await opened(w, port)
        message = random.Random(size).randbytes(size)
        writer.write(message)
        writer.write_eof()
        assert await reader.read() == message
        writer.close()

    async def test() -> None:
        sizes = [1000 + 37 * n for n in range(50)]
        async with destination(echo) as port, world(port) as w:
            await asyncio.gather(*(one(w, port, size) for size in sizes))
            await w.is_quiet()
            assert w.counts == (sum(sizes), sum(sizes))

    run(test())


@pytest.mark.parametrize("host", [b"\x01\x7f\0\0\1", b"\x03\x09localhost", b"\x03\x09127.0.0.1"])
def test_destinations_by_address_and_by_name(host: bytes) -> None:
    async def test() -> None:
        async with destination(echo) as port, world(port) as w:
            reply, (reader, writer) = await socks(w, port, host)
            assert reply == 0
            writer.write(b"hello")
            assert await reader.readexactly(5) == b"hello"
            writer.close()

    run(test())


def test_a_program_that_has_said_all_still_gets_its_answer() -> None:
    """Half-closed: the end of file crosses the tunnel, and the other direction lives on."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"%d bytes" % len(await reader.read()))

    async def test() -> None:
        async with destination(serve) as port, world(port) as w:
            reader, writer = await opened(w, port)
            writer.write(bytes(1234))
            writer.write_eof()
            assert await reader.read() == b"1234 bytes"
            writer.close()

    run(test())


def test_a_destination_that_breaks_off_is_no_end_of_file() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1)
        abort(writer)

    async def test() -> None:
        async with destination(serve) as port, world(port) as w:
            reader, writer = await opened(w, port)
            writer.write(b"x")
            assert await is_cut(reader)

    run(test())


def test_a_program_that_breaks_off_is_no_end_of_file() -> None:
    run(a_broken_program_is_no_end_of_file(world))


def test_a_node_that_stops_is_no_end_of_file() -> None:
    async def test() -> None:
        async with destination(echo) as port, world(port) as w:
            reader, writer = await opened(w, port)
            writer.write(b"x")
            await reader.readexactly(1)
            await w.node.stop()
            assert await is_cut(reader)
            reply, _ = await socks(w, port)
            assert reply == FAILED

    run(test())


@pytest.mark.parametrize("program_writes", [False, True], ids=["silent", "reads nothing"])
def test_a_connection_on_which_nothing_moves_is_cut(program_writes: bool) -> None:
    async def test() -> None:
        async with destination(never_reads) as port, world(port, limits=SHORT_IDLE, client_limits=Limits()) as w:
            reader, writer = await opened(w, port)
            if program_writes:
                writer.write(bytes(64 * MEBIBYTE))  # more than all sockets between hold
            assert await is_cut(reader)
            await w.is_quiet()
            assert w.node.transport.peer_statistics(w.client_key).received < 64 * MEBIBYTE

    run(test())
