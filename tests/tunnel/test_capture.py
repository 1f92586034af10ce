"""What each node of a circuit gets to see: the bytes on its sockets, and all that its process decrypts or encrypts.

The view of a node is recorded under its own keys: every plaintext that goes through a cipher, and every address that
its listener is told.  That the same recorder finds at the exit what it must not find at the relays shows that it works.
"""

from __future__ import annotations

import asyncio
import contextvars
import random
import socket
from collections import defaultdict

import pytest
from circuit_world import CircuitWorld, circuit_world
from tunnel import noise_ik
from tunnel.listener import Listener
from tunnel.noise_ik import public_bytes
from tunnel.stream import BUFFER_BYTES
from tunnel_world import LOOPBACK, destination, run, socks

CLIENT_ADDRESS = "127.9.8.7"
NAME = b"localhost"
QUESTION, ANSWER = b"a question that only the exit may read", b"an answer that only the client and the exit may read"
CLIENT = -1


class Views:
    """``plain[hop]``: what the node's ciphers saw in the clear; ``wire[hop]``: what came and went on its socket."""

    def __init__(self) -> None:
        self.plain: defaultdict[int, bytearray] = defaultdict(bytearray)
        self.wire: defaultdict[int, bytearray] = defaultdict(bytearray)
        self.told: defaultdict[int, set[str]] = defaultdict(set)
        self.here = contextvars.ContextVar("here", default=CLIENT)


@pytest.fixture
def views(monkeypatch: pytest.MonkeyPatch) -> Views:
    seen = Views()
    encrypt, decrypt, run_one = noise_ik.CipherState.encrypt, noise_ik.CipherState.decrypt, Listener._run
    connect = asyncio.open_connection

    def spy_encrypt(self: noise_ik.CipherState, plaintext: bytes, ad: bytes = b"") -> bytes:
        seen.plain[seen.here.get()] += plaintext
        return encrypt(self, plaintext, ad)

    def spy_decrypt(self: noise_ik.CipherState, ciphertext: bytes, ad: bytes = b"") -> bytes:
        plaintext = decrypt(self, ciphertext, ad)
        seen.plain[seen.here.get()] += plaintext
        return plaintext

    async def spy_run(self: Listener, endpoint: socket.socket) -> None:
        seen.told[seen.here.get()].add(endpoint.getpeername()[0])
        await run_one(self, endpoint)

    async def from_own_address(*place: object, **options: object) -> object:
        own = {"local_addr": (CLIENT_ADDRESS, 0)} if seen.here.get() == CLIENT else {}
        return await connect(*place, **options, **own)  # type: ignore[arg-type]

    monkeypatch.setattr(asyncio, "open_connection", from_own_address)
    monkeypatch.setattr(noise_ik.CipherState, "encrypt", spy_encrypt)
    monkeypatch.setattr(noise_ik.CipherState, "decrypt", spy_decrypt)
    monkeypatch.setattr(Listener, "_run", spy_run)
    return seen


async def converse(views: Views, hops: int, wires: bool) -> CircuitWorld:
    """A question and its answer over ``hops`` nodes, with a recorded wire before each node or without any."""
    taps: list[asyncio.Server] = []

    async def tap(hop: int, port: int) -> int:
        async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            there = await asyncio.open_connection(LOOPBACK, port, limit=BUFFER_BYTES)

            async def one_way(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
                while data := await source.read(1 << 16):
                    views.wire[hop] += data
                    sink.write(data)
                sink.write_eof()

            await asyncio.gather(one_way(reader, there[1]), one_way(there[0], writer), return_exceptions=True)
            for end in (writer, there[1]):
                end.close()

        server = await asyncio.start_server(carry, LOOPBACK, 0)
        taps.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(len(QUESTION)) == QUESTION
        writer.write(ANSWER + random.Random(1).randbytes(200_000))
        writer.write_eof()

    options = {"tap": tap} if wires else {}
    async with (
        destination(serve) as port,
        circuit_world(port, hops=hops, starting=views.here.set, **options) as w,  # type: ignore[arg-type]
    ):
        reply, (reader, writer) = await socks(w, port, b"\x03" + bytes([len(NAME)]) + NAME)  # type: ignore[arg-type]
        assert reply == 0
        writer.write(QUESTION)
        writer.write_eof()
        assert (await reader.read()).startswith(ANSWER)
        writer.close()
        while any(peer.tasks for node in w.nodes for peer in node.transport._peers.values()):
            await asyncio.sleep(0.005)
    for server in taps:
        server.close()
    return w


@pytest.mark.parametrize("hops", [2, 3])
def test_wires_carry_neither_content_nor_destination(views: Views, hops: int) -> None:
    w: list[CircuitWorld] = []

    async def test() -> None:
        w.append(await converse(views, hops, wires=True))

    run(test())
    secrets = [QUESTION, ANSWER, NAME, *w[0].keys[1:], public_bytes(w[0].client_static)]
    for hop in range(hops):
        assert len(views.wire[hop]) > 200_000  # the answer went through here, and back
        assert [secret for secret in secrets if secret in views.wire[hop]] == []


@pytest.mark.parametrize("hops", [2, 3])
def test_relays_see_neither_content_nor_destination_after_decrypting_what_they_can(views: Views, hops: int) -> None:
    w: list[CircuitWorld] = []

    async def test() -> None:
        w.append(await converse(views, hops, wires=False))

    run(test())
    keys, last = w[0].keys, hops - 1
    for hop in range(last):
        view = views.plain[hop]
        assert len(view) > 200_000 and keys[hop + 1] in view  # it is told where to go on
        assert [trace for trace in (QUESTION, ANSWER, NAME) if trace in view] == []
        assert not any(key in view for key in keys[hop + 2 :])  # and not where that one goes on
    # the same recorder at the exit: there is all of it
    assert all(trace in views.plain[last] for trace in (QUESTION, ANSWER, NAME))


@pytest.mark.parametrize("hops", [2, 3])
def test_the_exit_sees_no_client(views: Views, hops: int) -> None:
    w: list[CircuitWorld] = []

    async def test() -> None:
        w.append(await converse(views, hops, wires=False))

    run(test())
    client = public_bytes(w[0].client_static)
    traces = [CLIENT_ADDRESS.encode(), bytes(map(int, CLIENT_ADDRESS.split("."))), client, client.hex().encode()]
    for hop in range(1, hops):
        assert views.told[hop] == {LOOPBACK}  # the relay before it
        assert [trace for trace in traces if trace in views.plain[hop]] == []
        assert all(key not in views.plain[hop] for key in w[0].keys[: hop - 1])
    # the same recorder at the first hop: address and key are there
    assert views.told[0] == {CLIENT_ADDRESS} and client in views.plain[0]
