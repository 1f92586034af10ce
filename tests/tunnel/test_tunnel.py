"""Client and node together: bytes and counts, and what ends a connection."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from tools import tool_missing
from tunnel.address import FAILED, HOST_UNREACHABLE, NOT_ALLOWED, REFUSED, Address
from tunnel.errors import DuplicatePeer, ExitRefused, HandshakeRefused, StreamTruncated, UnknownPeer
from tunnel.listener import Limits
from tunnel.noise_ik import FIRST_MESSAGE_BYTES, SECOND_MESSAGE_BYTES
from tunnel.stream import DATA, Traffic, abort, connect
from tunnel_world import LOOPBACK, World, destination, echo, never_reads, run, world

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
MEBIBYTE = 1 << 20
SHORT_GREETING, SHORT_IDLE = Limits(greeting_s=1.0), Limits(idle_s=1.0)


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


async def is_cut(reader: asyncio.StreamReader) -> bool:
    """Whether the connection ends without a clean end of file: the node resets what it cuts."""
    try:
        await reader.read()
    except ConnectionResetError:
        return True
    return False


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
    seen: list[bool] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await is_cut(reader))

    async def test() -> None:
        async with destination(serve) as port, world(port) as w:
            _, writer = await opened(w, port)
            writer.write(b"x")
            await writer.drain()
            abort(writer)
            while not seen:
                await asyncio.sleep(0.005)
            assert seen == [True]

    run(test())


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


# ---- what the node refuses to open


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "192.0.2.1"])
def test_a_node_without_a_filter_opens_nothing(host: str) -> None:
    async def test() -> None:
        async with destination(echo) as port, world() as w:
            with pytest.raises(ExitRefused) as refusal:
                await w.client.open(Address(host, port))
            assert refusal.value.reply == NOT_ALLOWED

    run(test())


@pytest.mark.parametrize("host", ["::1", "10.0.0.1", "::ffff:10.0.0.1", "169.254.169.254", "0.0.0.0"])
def test_private_destinations_stay_closed_though_the_port_is_open(host: str) -> None:
    async def test() -> None:
        async with world(80) as w:
            with pytest.raises(ExitRefused) as refusal:
                await w.client.open(Address(host, 80))
            assert refusal.value.reply == NOT_ALLOWED

    run(test())


def test_replies_say_why_nothing_was_opened() -> None:
    async def test() -> None:
        async with destination(echo) as port:
            pass  # nobody listens there now
        async with world(port) as w:
            assert (await socks(w, port))[0] == REFUSED
            assert (await socks(w, port + 1 if port < 65535 else 1))[0] == NOT_ALLOWED
            unresolvable = bytes([3, 64]) + b"a" * 64  # labels end at 63
            assert (await socks(w, port, unresolvable))[0] == HOST_UNREACHABLE
            assert w.counts == (0, 0)

    run(test())


# ---- what the SOCKS front refuses

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


# ---- what the node does with strangers, the slow, and the recorded


def test_a_handshake_that_stalls_is_cut() -> None:
    async def test() -> None:
        async with world(limits=SHORT_GREETING) as w:
            for sent in (b"", bytes(1), bytes(FIRST_MESSAGE_BYTES - 1)):
                reader, writer = await asyncio.open_connection(LOOPBACK, w.node.transport.port)
                writer.write(sent)
                assert await is_cut(reader)

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
    limits = Limits(greeting_s=60.0, max_half_open=2)

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


# ---- curl, and the command line


def start(*arguments: str, folder: Path) -> tuple[subprocess.Popen[str], int]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tunnel", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(EXAMPLES)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())["port"]


def make_key(name: str, folder: Path) -> str:
    made = subprocess.run(
        [sys.executable, "-m", "tunnel", "key", name],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(EXAMPLES)},
        capture_output=True,
        text=True,
        check=True,
    )
    return made.stdout.strip()


def test_curl_through_the_command_line(tmp_path: Path) -> None:
    curl = shutil.which("curl")
    if curl is None:
        tool_missing("there is no curl")
    page = random.Random(3).randbytes(3 * MEBIBYTE + 1)
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(page))
        writer.write(page)
        await writer.drain()

    async def fetch(way: str, socks_port: int, url: str) -> bytes:
        command = (curl, "-sS", "--noproxy", "", way, f"127.0.0.1:{socks_port}", url)
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        body, _ = await process.communicate()
        assert process.returncode == 0
        return body

    async def test() -> None:
        async with destination(serve) as port:
            open_port = ("--open-port", str(port), "--open-network", "127.0.0.0/8")
            node, node_port = start(
                "node", "node.key", "--listen", "127.0.0.1:0", "--peer", client_key, *open_port, folder=tmp_path
            )
            there = ("--node", f"127.0.0.1:{node_port}", "--node-key", node_key, "--socks", "127.0.0.1:0")
            client, socks_port = start("client", "client.key", *there, folder=tmp_path)
            for way, host in (("--socks5-hostname", "localhost"), ("--socks5", "127.0.0.1")):
                assert await fetch(way, socks_port, f"http://{host}:{port}/") == page
            assert len(heads) == 2
            told = []
            for process in (client, node):
                process.send_signal(signal.SIGTERM)
                out, _ = await asyncio.to_thread(process.communicate)
                assert process.returncode == 0
                told.append(json.loads(out))
            head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(page)
            assert told[0] == {"received": 2 * len(head + page), "sent": sum(map(len, heads))}
            assert told[1] == {client_key: {"received": told[0]["sent"], "sent": told[0]["received"]}}

    node_key, client_key = make_key("node.key", tmp_path), make_key("client.key", tmp_path)
    assert (tmp_path / "node.key").stat().st_mode & 0o077 == 0
    run(test())
