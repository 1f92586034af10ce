"""What the node does with strangers, the slow, the recorded, and peers that break the rules."""

from __future__ import annotations

import asyncio
import random

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from tunnel.address import FAILED, Address
from tunnel.errors import DuplicatePeer, ExitRefused, HandshakeRefused, StreamTruncated, UnknownPeer
from tunnel.listener import Limits
from tunnel.noise_ik import FIRST_MESSAGE_BYTES, SECOND_MESSAGE_BYTES
from tunnel.stream import DATA, Traffic, connect
from tunnel_world import LOOPBACK, World, destination, echo, is_cut, opened, run, socks, world

SHORT_GREETING = Limits(greeting_s=1.0)


def test_a_handshake_that_stalls_is_cut() -> None:
    async def stall(w: World, sent: bytes) -> bool:
        reader, writer = await asyncio.open_connection(LOOPBACK, w.node.transport.port)
        writer.write(sent)
        return await is_cut(reader)

    async def test() -> None:
        async with world(limits=SHORT_GREETING) as w:
            stalled = (stall(w, bytes(size)) for size in (0, 1, FIRST_MESSAGE_BYTES - 1))
            assert await asyncio.gather(*stalled) == [True] * 3

    run(test())


def test_a_peer_that_sends_no_request_is_cut() -> None:
    async def test() -> None:
        async with world(limits=SHORT_GREETING, client_limits=Limits()) as w:
            reader, writer = await asyncio.open_connection(LOOPBACK, w.node.transport.port)
            stream = await connect(reader, writer, w.client_static, w.client._node_key, Traffic())
            with pytest.raises(StreamTruncated):
                await stream.receive_control()

    run(test())


def test_of_too_many_half_open_handshakes_the_oldest_is_cut() -> None:
    limits = Limits(greeting_s=60.0, round_trip_s=0.02, max_half_open=2)

    async def test() -> None:
        async with destination(echo) as port, world(port, limits=limits, client_limits=Limits()) as w:
            slow = [await asyncio.open_connection(LOOPBACK, w.node.transport.port) for _ in range(5)]
            reader, writer = await opened(w, port)  # an honest one comes through all the same
            writer.write(b"x")
            assert await reader.readexactly(1) == b"x"
            for stalled, _ in slow[:3]:
                assert await is_cut(stalled)
            for _, stalled in slow:
                stalled.close()

    run(test())


@pytest.mark.parametrize("size", [FIRST_MESSAGE_BYTES, 5000])
def test_strangers_get_no_answer(size: int) -> None:
    async def test() -> None:
        async with world() as w:
            reader, writer = await asyncio.open_connection(LOOPBACK, w.node.transport.port)
            writer.write(random.Random(size).randbytes(size))
            with pytest.raises(ConnectionResetError):
                assert await reader.read(1) == b"no answer is expected"

    run(test())


def test_a_recorded_session_opens_nothing_and_counts_nothing() -> None:
    visits: list[None] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visits.append(None)
        await echo(reader, writer)

    async def test() -> None:
        recorded = bytearray()
        async with destination(serve) as port, world(port) as w:

            async def tap(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                there = await asyncio.open_connection(LOOPBACK, w.node.transport.port)

                async def back() -> None:
                    while data := await there[0].read(1 << 16):
                        writer.write(data)

                task = asyncio.ensure_future(back())
                while data := await reader.read(1 << 16):
                    recorded.extend(data)
                    there[1].write(data)
                there[1].write_eof()
                await task
                there[1].close()

            async with destination(tap) as tapped:
                w.client._node = (LOOPBACK, tapped)
                stream = await w.client.open(Address(LOOPBACK, port))
                await stream.send(b"pay me")
                assert await stream.receive() == b"pay me"
                await stream.close_sending()
                assert await stream.receive() == b""
                await stream.close()
                await w.is_quiet()
            before = w.counts
            reader, writer = await asyncio.open_connection(LOOPBACK, w.node.transport.port)
            writer.write(bytes(recorded))
            answer = b""
            try:
                while data := await reader.read(1 << 16):
                    answer += data
            except ConnectionResetError:
                pass  # the second message may be lost by the reset
            writer.close()
            assert len(answer) in (0, SECOND_MESSAGE_BYTES)
            assert w.counts == before == (6, 6) and len(visits) == 1

    run(test())


@pytest.mark.parametrize("request_bytes", [b"", b"\1", bytes(300), Address("127.0.0.1", 80).pack() + b"\0"])
def test_malformed_requests_are_cut_without_an_answer(request_bytes: bytes) -> None:
    async def test() -> None:
        async with world(80) as w:
            ends = await asyncio.open_connection(LOOPBACK, w.node.transport.port)
            stream = await connect(*ends, w.client_static, w.client._node_key, Traffic())
            await stream.send_control(request_bytes)
            with pytest.raises(StreamTruncated):
                await stream.receive_control()

    run(test())


def test_data_before_a_request_is_cut_and_not_counted() -> None:
    async def test() -> None:
        async with world(80) as w:
            ends = await asyncio.open_connection(LOOPBACK, w.node.transport.port)
            stream = await connect(*ends, w.client_static, w.client._node_key, Traffic())
            ends[1].write(stream._outgoing.seal(DATA, b"early"))
            with pytest.raises(StreamTruncated):
                await stream.receive_control()
            assert w.counts == (0, 0)

    run(test())


def test_a_peer_has_no_more_connections_than_it_may() -> None:
    async def test() -> None:
        async with destination(echo) as port, world(port) as w:
            w.node.transport._max_per_peer = 2
            held = [await w.client.open(Address(LOOPBACK, port)) for _ in range(2)]
            with pytest.raises(StreamTruncated):
                await w.client.open(Address(LOOPBACK, port))
            for stream in held:
                stream.abort()

    run(test())


def test_a_full_node_takes_no_more_connections() -> None:
    async def test() -> None:
        async with destination(echo) as port, world(port, limits=Limits(max_connections=1)) as w:
            held = await w.client.open(Address(LOOPBACK, port))
            with pytest.raises((StreamTruncated, ConnectionError)):
                await w.client.open(Address(LOOPBACK, port))
            held.abort()

    run(test())


def test_a_removed_peer_is_cut_and_its_numbers_are_final() -> None:
    async def test() -> None:
        async with destination(echo) as port, world(port) as w:
            reader, writer = await opened(w, port)
            writer.write(b"12345")
            assert await reader.readexactly(5) == b"12345"
            transport = w.node.transport
            assert transport.peer_statistics(w.client_key).num_connections == 1
            last = transport.remove_peer(w.client_key)
            assert (last.received, last.sent) == (5, 5)
            assert await is_cut(reader)
            for use in (transport.peer_statistics, transport.remove_peer):
                with pytest.raises(UnknownPeer):
                    use(w.client_key)
            assert (await socks(w, port))[0] == FAILED
            transport.add_peer(w.client_key)
            assert transport.peer_statistics(w.client_key).received == 0
            (await opened(w, port))[1].close()

    run(test())


@pytest.mark.parametrize("comes_back", [False, True])
def test_a_peer_that_is_removed_during_its_handshake_is_cut(comes_back: bool) -> None:
    async def test() -> None:
        async with destination(echo) as port, world(port) as w:
            ends = await asyncio.open_connection(LOOPBACK, w.node.transport.port)
            stream = await connect(*ends, w.client_static, w.client._node_key, Traffic())
            w.node.transport.remove_peer(w.client_key)
            if comes_back:  # its counts are new, and the old connection would not be in them
                w.node.transport.add_peer(w.client_key)
            await stream.send_control(Address(LOOPBACK, port).pack())
            with pytest.raises(StreamTruncated):
                await stream.receive_control()

    run(test())


def test_peers_that_cannot_be_added() -> None:
    async def test() -> None:
        async with world() as w:
            with pytest.raises(DuplicatePeer):
                w.node.transport.add_peer(w.client_key)
            for size in (0, 31, 33):
                with pytest.raises(HandshakeRefused):
                    w.node.transport.add_peer(bytes(size))

    run(test())


def test_logs_say_why_and_name_no_key_and_no_destination(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        async with destination(echo) as port, world(port) as w:
            with pytest.raises(ExitRefused):
                await w.client.open(Address("secret-place.example", port + 1))
            w.client._static = X25519PrivateKey.generate()
            with pytest.raises(StreamTruncated):
                await w.client.open(Address("secret-place.example", port))
            assert "UnknownPeer" in caplog.text and "ExitRefused" in caplog.text
            assert "secret-place" not in caplog.text and w.client_key.hex() not in caplog.text

    run(test())
