"""Circuits of one to three hops: what is carried and counted, and how each end of one is told."""

from __future__ import annotations

import asyncio
import random

import pytest
from circuit_world import CircuitWorld, circuit_world
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from tunnel.address import FAILED, HOST_UNREACHABLE, NOT_ALLOWED, REFUSED, Address
from tunnel.circuit import CircuitClient, Hop
from tunnel.errors import ExitRefused, InvalidCircuit, StreamTruncated
from tunnel.listener import Limits
from tunnel.noise_ik import public_bytes
from tunnel.request import pack_extend
from tunnel.stream import RECORD_OVERHEAD, abort
from tunnel_world import (
    LOOPBACK,
    a_broken_program_is_no_end_of_file,
    destination,
    echo,
    exchange,
    is_cut,
    never_reads,
    opened,
    run,
    socks,
)

MEBIBYTE = 1 << 20


async def is_quiet(w: CircuitWorld) -> None:
    """Wait until no node has a connection."""
    while any(peer.tasks for node in w.nodes for peer in node.transport._peers.values()):
        await asyncio.sleep(0.005)


@pytest.mark.parametrize("hops", [1, 2, 3])
def test_bytes_arrive_and_each_hop_counts_what_it_was_handed(hops: int) -> None:
    data = random.Random(hops).randbytes(4 * MEBIBYTE + 123)

    async def test() -> None:
        async with destination(echo) as port, circuit_world(port, hops=hops) as w:
            await exchange(w, port, data)  # type: ignore[arg-type]
            await is_quiet(w)
            assert (w.client.traffic.received, w.client.traffic.sent) == (len(data), len(data))
            for hop, (node, here) in enumerate(zip(w.nodes, w.client.hop_traffic, strict=True)):
                peer = w.keys[hop - 1] if hop else public_bytes(w.client_static)
                there = node.transport.peer_statistics(peer)
                # a relay's link carries what the layer around it carries, to the byte
                outer = w.client.hop_traffic[max(hop - 1, 0)]
                assert (there.received, there.sent) == (outer.sent, outer.received)
                assert hop == 0 or here.sent < outer.sent < 1.02 * here.sent + 1000

    run(test())


def test_a_record_fits_into_one_record_of_each_layer_below() -> None:
    async def test() -> None:
        async with destination(never_reads) as port, circuit_world(port) as w:
            stream = await w.client.open(Address(LOOPBACK, port))
            first, second, _ = (traffic.sent for traffic in w.client.hop_traffic)
            await stream.send(bytes(stream.max_payload))
            sizes = [t.sent - before for t, before in zip(w.client.hop_traffic, (first, second, 0), strict=True)]
            inner = stream.max_payload
            assert sizes == [inner + 2 * RECORD_OVERHEAD, inner + RECORD_OVERHEAD, inner]
            stream.abort()

    run(test())


def test_every_circuit_shows_the_exit_another_key() -> None:
    seen: list[bytes] = []

    async def test() -> None:
        async with destination(echo) as port, circuit_world(port, hops=2) as w:
            serve = w.nodes[1]._carry

            async def spy(stream, *rest) -> None:  # type: ignore[no-untyped-def]
                seen.append(stream.remote_static)
                await serve(stream, *rest)

            w.nodes[1]._carry = spy  # type: ignore[method-assign]
            for _ in range(3):
                (await opened(w, port))[1].close()  # type: ignore[arg-type]
            assert len(set(seen)) == 3 and public_bytes(w.client_static) not in seen and w.keys[0] not in seen

    run(test())


def test_a_program_that_has_said_all_still_gets_its_answer() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"%d bytes" % len(await reader.read()))

    async def test() -> None:
        async with destination(serve) as port, circuit_world(port) as w:
            reader, writer = await opened(w, port)  # type: ignore[arg-type]
            writer.write(bytes(1234))
            writer.write_eof()
            assert await reader.read() == b"1234 bytes"
            writer.close()
            await is_quiet(w)

    run(test())


def test_an_orderly_end_is_one_for_every_hop(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        async with destination(echo) as port, circuit_world(port) as w:
            for _ in range(5):
                reader, writer = await opened(w, port)  # type: ignore[arg-type]
                writer.write(b"x")
                writer.write_eof()
                assert await reader.read() == b"x"
                writer.close()
            await is_quiet(w)
        assert caplog.text == ""

    run(test())


@pytest.mark.parametrize("broken", [0, 1, 2, 3], ids=["hop 1", "hop 2", "hop 3", "destination"])
def test_whoever_breaks_off_is_no_end_of_file(broken: int) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(2)
        abort(writer)

    async def test() -> None:
        async with destination(serve if broken == 3 else echo) as port, circuit_world(port) as w:
            reader, writer = await opened(w, port)  # type: ignore[arg-type]
            writer.write(b"x")
            if broken == 3:
                writer.write(b"y")
            else:
                assert await reader.readexactly(1) == b"x"
                await w.nodes[broken].stop()
            assert await is_cut(reader)

    run(test())


def test_a_program_that_breaks_off_is_no_end_of_file_at_the_destination() -> None:
    run(a_broken_program_is_no_end_of_file(circuit_world))


def test_a_circuit_on_which_nothing_moves_is_cut_by_its_exit() -> None:
    async def test() -> None:
        short, long = Limits(idle_s=1.0), Limits()
        async with destination(never_reads) as port, circuit_world(port, limits=long) as w:
            w.nodes[2]._limits = short
            reader, _ = await opened(w, port)  # type: ignore[arg-type]
            assert await is_cut(reader)
            await is_quiet(w)

    run(test())


def test_what_the_exit_refuses_is_told_through_all_hops() -> None:
    async def test() -> None:
        async with destination(echo) as port:
            pass  # nobody listens there now
        async with circuit_world(port, blocked=("blocked.example",)) as w:
            assert (await socks(w, port))[0] == REFUSED  # type: ignore[arg-type]
            assert (await socks(w, port % 65535 + 1))[0] == NOT_ALLOWED  # type: ignore[arg-type]
            with pytest.raises(ExitRefused) as refusal:
                await w.client.open(Address("a.BLOCKED.example.", port))
            assert refusal.value.reply == NOT_ALLOWED
            await is_quiet(w)

    run(test())


@pytest.mark.parametrize("gone", [1, 2])
def test_a_hop_that_is_gone_is_reported_by_the_one_before(gone: int) -> None:
    async def test() -> None:
        async with circuit_world(80) as w:
            await w.nodes[gone].stop()
            with pytest.raises(ExitRefused) as refusal:
                await w.client.open(Address(LOOPBACK, 80))
            assert refusal.value.reply == HOST_UNREACHABLE

    run(test())


def test_a_node_in_the_place_of_another_is_found_out_by_the_relay_and_gets_nothing() -> None:
    """The relay's table has the right key and a wrong place: an impostor answers there, with a key of its own."""

    async def test() -> None:
        async with circuit_world(80, hops=2) as w, circuit_world(80, hops=2) as impostor:
            w.nodes[0]._neighbours.next_nodes[w.keys[1]] = (LOOPBACK, impostor.links[1])  # type: ignore[index]
            with pytest.raises(ExitRefused) as refusal:
                await w.client.open(Address(LOOPBACK, 80))
            assert refusal.value.reply == FAILED

    run(test())


def test_a_relay_cannot_lead_the_client_to_another_exit() -> None:
    """Whatever key the client names, this relay opens a node that it likes: the client's own handshake fails there."""

    async def test() -> None:
        async with circuit_world(80, hops=3) as w:
            claimed = public_bytes(X25519PrivateKey.generate())
            relay_as_asked = w.nodes[0]._relay

            async def relay_elsewhere(stream, request, *rest):  # type: ignore[no-untyped-def]
                assert request == pack_extend(claimed)
                await relay_as_asked(stream, pack_extend(w.keys[1]), *rest)

            w.nodes[0]._relay = relay_elsewhere  # type: ignore[method-assign]
            client = CircuitClient(w.client_static, [Hop(w.keys[0], (LOOPBACK, w.links[0])), Hop(claimed)])
            with pytest.raises(StreamTruncated):
                await client.open(Address(LOOPBACK, 80))

    run(test())


KEYS = [bytes([n]) * 32 for n in range(1, 6)]
FIRST = Hop(KEYS[0], (LOOPBACK, 1))


@pytest.mark.parametrize(
    "hops",
    [
        [],
        [FIRST, *(Hop(key) for key in KEYS[1:4])],
        [FIRST, Hop(KEYS[1]), Hop(KEYS[0])],
        [Hop(KEYS[0])],
        [FIRST, Hop(KEYS[1], (LOOPBACK, 2))],
        [FIRST, Hop(KEYS[1][:-1])],
        [Hop(b"", (LOOPBACK, 1))],
    ],
    ids=["none", "four", "a node twice", "no address", "two addresses", "short key", "no key"],
)
def test_circuits_that_are_none(hops: list[Hop]) -> None:
    with pytest.raises(InvalidCircuit):
        CircuitClient(X25519PrivateKey.generate(), hops)
