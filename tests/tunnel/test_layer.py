"""A stream inside a stream, as the exit has it: what the relay between can do to it, how it ends, what it holds."""

from __future__ import annotations

import asyncio

import pytest
from circuit_world import circuit_world, guest_on, is_cut_with_data, link_to_exit
from tunnel.address import Address
from tunnel.errors import RecordRefused, StreamClosed, StreamTruncated
from tunnel.layer import Layer
from tunnel.request import ask
from tunnel_world import LOOPBACK, destination, echo, run


def test_the_end_of_the_relays_stream_is_no_end_of_the_guests() -> None:
    """A relay that closes in order what lies below cannot make a part look like the whole."""
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            seen.append(await reader.read())
        except ConnectionResetError:
            seen.append(b"reset")

    async def test() -> None:
        async with destination(serve) as port, circuit_world(port, hops=2) as w:
            link = await link_to_exit(w)
            guest = await guest_on(link, w)
            await ask(guest, Address(LOOPBACK, port).pack())
            await guest.send(b"a part")
            await link.close_sending()
            while not seen:
                await asyncio.sleep(0.005)
            assert seen == [b"reset"]
            with pytest.raises(StreamClosed):
                await guest.send(b"more")

    run(test())


@pytest.mark.parametrize("what", ["changed", "dropped", "repeated", "control"])
def test_records_that_the_relay_tampered_with_are_refused_by_the_exit(
    what: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def test() -> None:
        async with destination(echo) as port, circuit_world(port, hops=2) as w:
            link = await link_to_exit(w)
            guest = await guest_on(link, w)
            await ask(guest, Address(LOOPBACK, port).pack())
            first, second = (guest._outgoing.seal(0, text) for text in (b"one", b"two"))
            if what == "changed":
                await link.send(first[:-1] + bytes([first[-1] ^ 1]))
            elif what == "dropped":
                await link.send(second)
            elif what == "repeated":
                await link.send(first + first)
            else:
                await link.send_control(first)
            assert await is_cut_with_data(link)
            assert RecordRefused.__name__ in caplog.text

    run(test())


def test_a_layer_may_be_closed_while_somebody_still_reads_from_it() -> None:
    async def test() -> None:
        async with circuit_world(80, hops=2) as w:
            link = await link_to_exit(w)
            layer = Layer(link)
            reading = asyncio.ensure_future(layer.readexactly(1))
            await asyncio.sleep(0)
            await layer.wait_closed()  # the exit cuts it: there was no handshake
            with pytest.raises((asyncio.IncompleteReadError, StreamTruncated)):
                await reading

    run(test())


def test_what_follows_the_end_of_the_stream_inside_is_refused() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async def test() -> None:
        async with destination(serve) as port, circuit_world(port, hops=2) as w:
            link = await link_to_exit(w)
            guest = await guest_on(link, w)
            await ask(guest, Address(LOOPBACK, port).pack())
            assert await guest.receive() == b""
            layer = guest._writer
            assert isinstance(layer, Layer)
            layer._unread += b"more"
            with pytest.raises(RecordRefused):
                await layer.wait_closed()

    run(test())


def test_who_does_not_read_stops_the_whole_circuit() -> None:
    """Memory at each hop stays bounded: what the client could send is what sockets and one record a hop hold."""

    async def test() -> None:
        stuck = asyncio.Event()

        async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await stuck.wait()

        async with destination(never) as port, circuit_world(port) as w:
            stream = await w.client.open(Address(LOOPBACK, port))

            async def pump() -> None:
                while True:
                    await stream.send(bytes(1 << 16))

            task = asyncio.ensure_future(pump())
            last = -1
            while w.client.traffic.sent != last:
                last = w.client.traffic.sent
                await asyncio.sleep(0.3)
            layers = [stream]
            while isinstance(layers[-1]._writer, Layer):
                layer = layers[-1]._writer
                assert len(layer._unread) + len(layer._unsent) < 1 << 18
                layers.append(layer._outer)
            assert len(layers) == 3
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            stream.abort()
            stuck.set()

    run(test())
