"""Relays and exits against guests, relays and clients that break the rules of circuits."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import pytest
from circuit_world import CircuitWorld, circuit_world, guest_on, is_cut_for, is_cut_with_data, link_to_exit, stream_to
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from tunnel.address import NOT_ALLOWED, Address
from tunnel.errors import (
    ConflictingRoles,
    ExitRefused,
    HandshakeRefused,
    InvalidAddress,
    InvalidRequest,
    NotARelay,
    StreamTruncated,
    TooManyHops,
    TooSlow,
    TunnelError,
)
from tunnel.exit_filter import ExitFilter
from tunnel.layer import Layer
from tunnel.listener import Limits
from tunnel.node import Node
from tunnel.noise_ik import FIRST_MESSAGE_BYTES
from tunnel.relay import CIRCUIT_PROLOGUE, Neighbours
from tunnel.request import CIRCUIT, EXTEND, MAX_HOPS, ask, pack_circuit, pack_extend, unpack_circuit, unpack_extend
from tunnel.stream import MAX_PAYLOAD, PROLOGUE, SecureStream, Traffic, connect
from tunnel_world import LOOPBACK, destination, echo, run

SHORT_GREETING = Limits(greeting_s=0.3)


def test_a_relay_opens_no_destination_for_anybody() -> None:
    async def test() -> None:
        async with destination(echo) as port, circuit_world(port) as w:
            for address in (Address(LOOPBACK, port), Address("localhost", port), Address("8.8.8.8", 443)):
                with pytest.raises(ExitRefused) as refusal:
                    await ask(await stream_to(w, 0, w.client_static), address.pack())
                assert refusal.value.reply == NOT_ALLOWED

    run(test())


@pytest.mark.parametrize("key", [bytes(32), bytes(range(32))])
def test_a_relay_connects_to_no_node_but_its_own(key: bytes) -> None:
    async def test() -> None:
        async with circuit_world(80) as w:
            with pytest.raises(ExitRefused) as refusal:
                await ask(await stream_to(w, 0, w.client_static), pack_extend(key))
            assert refusal.value.reply == NOT_ALLOWED

    run(test())


def test_an_exit_extends_to_nobody() -> None:
    async def test() -> None:
        async with circuit_world(80, hops=2) as w:
            with pytest.raises(ExitRefused) as refusal:
                await ask(await guest_on(await link_to_exit(w), w), pack_extend(w.keys[0]))
            assert refusal.value.reply == NOT_ALLOWED

    run(test())


def test_a_node_is_no_relay_and_exit_at_once() -> None:
    static = X25519PrivateKey.generate()
    following = Neighbours(next_nodes={bytes(32): (LOOPBACK, 1)})
    with pytest.raises(ConflictingRoles):
        Node(static, host=LOOPBACK, exit_filter=ExitFilter(frozenset({443})), neighbours=following)
    with pytest.raises(HandshakeRefused):
        Node(static, host=LOOPBACK, neighbours=Neighbours(relays=frozenset({b"short"})))


CUT: dict[str, tuple[Callable[[CircuitWorld], bytes], type[TunnelError]]] = {
    "extend without a key": (lambda w: EXTEND, InvalidRequest),
    "extend with half a key": (lambda w: EXTEND + bytes(31), InvalidRequest),
    "extend with more than a key": (lambda w: EXTEND + bytes(33), InvalidRequest),
    "extend of the largest size": (lambda w: EXTEND * MAX_PAYLOAD, InvalidRequest),
    "a circuit by no relay": (lambda w: pack_circuit(2), NotARelay),
    "nothing": (lambda w: b"", InvalidAddress),
    "no kind that there is": (lambda w: b"\x22" + bytes(32), InvalidAddress),
}


@pytest.mark.parametrize(("request_of", "error"), CUT.values(), ids=CUT)
def test_what_a_client_may_not_ask_for_is_cut(
    request_of: Callable[[CircuitWorld], bytes], error: type[TunnelError], caplog: pytest.LogCaptureFixture
) -> None:
    async def test() -> None:
        async with circuit_world(80, hops=2) as w:
            stream = await stream_to(w, 0, w.client_static)
            await stream.send_control(request_of(w))
            assert await is_cut_for(stream)
        assert error.__name__ in caplog.text

    run(test())


OF_RELAYS: dict[str, tuple[bytes, type[TunnelError]]] = {
    "a destination": (Address(LOOPBACK, 80).pack(), NotARelay),
    "extend": (pack_extend(bytes(32)), NotARelay),
    "nothing": (b"", NotARelay),
    "no number": (CIRCUIT, InvalidRequest),
    "two numbers": (CIRCUIT + b"\2\2", InvalidRequest),
    "hop 0": (CIRCUIT + b"\0", InvalidRequest),
    "hop 1": (CIRCUIT + b"\1", InvalidRequest),
    "hop 4": (CIRCUIT + b"\4", TooManyHops),
    "hop 255": (CIRCUIT + b"\xff", TooManyHops),
}


@pytest.mark.parametrize(("request_bytes", "error"), OF_RELAYS.values(), ids=OF_RELAYS)
def test_what_a_relay_may_not_ask_for_is_cut(
    request_bytes: bytes, error: type[TunnelError], caplog: pytest.LogCaptureFixture
) -> None:
    async def test() -> None:
        async with circuit_world(80, hops=2) as w:
            link = await stream_to(w, 1, w.statics[0])
            await link.send_control(request_bytes)
            assert await is_cut_for(link)
        assert error.__name__ in caplog.text

    run(test())


def test_a_relay_that_is_not_the_exits_own_brings_nobody() -> None:
    async def test() -> None:
        async with circuit_world(80, hops=2) as w:
            w.nodes[1].transport.remove_peer(w.keys[0])
            with pytest.raises(ExitRefused):
                await w.client.open(Address(LOOPBACK, 80))

    run(test())


def test_a_circuit_ends_after_three_hops_though_its_nodes_know_the_way_back(caplog: pytest.LogCaptureFixture) -> None:
    """Two relays that are each other's next node: no client can have them carry its bytes in circles."""

    async def test() -> None:
        async with circuit_world(80, hops=2) as w:
            w.nodes[1]._filter = ExitFilter()
            for node, other in ((0, 1), (1, 0)):
                node_of = w.nodes[node]
                node_of._neighbours = Neighbours(
                    frozenset({w.keys[other]}), {w.keys[other]: (LOOPBACK, w.links[other])}
                )
            w.nodes[0].transport.add_peer(w.keys[1])
            stream = await stream_to(w, 0, w.client_static)
            for key in (w.keys[1], w.keys[0]):
                await ask(stream, pack_extend(key))
                layer = Layer(stream)
                fresh = X25519PrivateKey.generate()
                stream = await connect(layer, layer, fresh, key, Traffic(), prologue=CIRCUIT_PROLOGUE)
            with pytest.raises(StreamTruncated):
                await ask(stream, pack_extend(w.keys[1]))
            assert "TooManyHops" in caplog.text

    run(test())


async def stalls(w: CircuitWorld, link: SecureStream) -> None:
    await link.send(bytes(FIRST_MESSAGE_BYTES - 1))


async def says_nothing(w: CircuitWorld, link: SecureStream) -> None:
    return


async def asks_for_nothing(w: CircuitWorld, link: SecureStream) -> None:
    await guest_on(link, w)


async def drips(w: CircuitWorld, link: SecureStream) -> None:
    """A byte of the handshake at a time: the limit is on the whole of it."""
    for _ in range(FIRST_MESSAGE_BYTES - 1):
        await link.send(b"\0")
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("slow", [says_nothing, stalls, drips, asks_for_nothing])
def test_slow_guests_are_cut(
    slow: Callable[[CircuitWorld, SecureStream], Awaitable[None]], caplog: pytest.LogCaptureFixture
) -> None:
    async def test() -> None:
        async with circuit_world(80, hops=2) as w:
            w.nodes[1]._limits = SHORT_GREETING  # of guests: the listener keeps its own
            link = await link_to_exit(w)
            with contextlib.suppress(OSError, StreamTruncated):  # it may be cut while it drips
                await slow(w, link)
            assert await is_cut_with_data(link)
            assert TooSlow.__name__ in caplog.text

    run(test())


def test_a_next_node_that_does_not_answer_is_given_up() -> None:
    async def test() -> None:
        async with destination(lambda *ends: asyncio.sleep(60)) as silent, circuit_world(80, hops=2) as w:
            w.nodes[0]._limits = Limits(connect_s=0.3)
            w.nodes[0]._neighbours.next_nodes[w.keys[1]] = (LOOPBACK, silent)  # type: ignore[index]
            with pytest.raises(ExitRefused):
                await w.client.open(Address(LOOPBACK, 80))

    run(test())


GREETINGS: dict[str, tuple[bytes, type[TunnelError]]] = {
    "noise": (bytes(range(96)), HandshakeRefused),
    "of low order": (bytes(FIRST_MESSAGE_BYTES), HandshakeRefused),
    "cut short": (bytes(FIRST_MESSAGE_BYTES - 1), StreamTruncated),
    "closed at once": (b"", StreamTruncated),
}


@pytest.mark.parametrize(("greeting", "error"), GREETINGS.values(), ids=GREETINGS)
def test_greetings_of_guests_that_are_none(
    greeting: bytes, error: type[TunnelError], caplog: pytest.LogCaptureFixture
) -> None:
    async def test() -> None:
        async with circuit_world(80, hops=2) as w:
            link = await link_to_exit(w)
            await link.send(greeting)
            await link.close_sending()
            with pytest.raises(StreamTruncated):
                await link.receive()
            assert error.__name__ in caplog.text

    run(test())


def test_a_clients_own_handshake_with_the_exit_is_none_of_a_guest() -> None:
    """A relay that recorded a direct handshake cannot play it as one of its guests."""

    async def test() -> None:
        async with circuit_world(80, hops=2) as w:
            with pytest.raises(StreamTruncated):
                await guest_on(await link_to_exit(w), w, PROLOGUE)

    run(test())


@pytest.mark.parametrize("brings_a_circuit", [False, True])
def test_a_guest_is_no_relay(brings_a_circuit: bool, caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        async with circuit_world(80, hops=2) as w:
            guest = await guest_on(await link_to_exit(w), w)
            await guest.send_control(pack_circuit(3) if brings_a_circuit else b"\x23")
            assert await is_cut_for(guest)
            assert (NotARelay if brings_a_circuit else InvalidAddress).__name__ in caplog.text

    run(test())


@given(st.binary(max_size=40))
def test_requests_are_read_or_refused(data: bytes) -> None:
    try:
        key = unpack_extend(data)
    except InvalidRequest:
        assert len(data) != 33
    else:
        assert pack_extend(key)[1:] == data[1:]
    try:
        number = unpack_circuit(data)
    except (InvalidRequest, TooManyHops):
        assert len(data) != 2 or not 2 <= data[1] <= MAX_HOPS
    else:
        assert pack_circuit(number)[1:] == data[1:]
