"""Records over real sockets: what is carried, what is counted, and what ends a stream."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from tunnel.errors import (
    HandshakeRefused,
    RecordRefused,
    StreamClosed,
    StreamReset,
    StreamTruncated,
    TunnelError,
    UnknownPeer,
)
from tunnel.noise_ik import public_bytes
from tunnel.stream import (
    CLOSE,
    CONTROL,
    DATA,
    FIRST_MESSAGE_BYTES,
    MAX_PAYLOAD,
    REKEY_BYTES,
    SecureStream,
    Traffic,
    accept,
    connect,
)
from tunnel_world import Pair, connected, run

NODE, CLIENT = X25519PrivateKey.generate(), X25519PrivateKey.generate()


async def shake_hands(near: Pair, far: Pair) -> tuple[SecureStream, SecureStream]:
    peers = {public_bytes(CLIENT): Traffic()}
    return await asyncio.gather(
        connect(*near, CLIENT, public_bytes(NODE), Traffic()),
        accept(*far, NODE, peers.get),
    )


@contextlib.asynccontextmanager
async def streams(rekey_bytes: int = REKEY_BYTES) -> AsyncIterator[tuple[SecureStream, SecureStream, Pair, Pair]]:
    """Both ends of a stream, and the sockets below them."""
    async with connected() as (near, far):
        client, node = await shake_hands(near, far)
        for stream in (client, node):
            for direction in (stream._outgoing, stream._incoming):
                direction._rekey_bytes = direction._left = rekey_bytes
        yield client, node, near, far


async def receive_all(stream: SecureStream) -> bytes:
    parts = []
    while data := await stream.receive():
        parts.append(data)
    return b"".join(parts)


@pytest.mark.parametrize("size", [0, 1, MAX_PAYLOAD - 1, MAX_PAYLOAD, MAX_PAYLOAD + 1, 5 * MAX_PAYLOAD + 7])
def test_both_directions_carry_and_count_to_the_byte(size: int) -> None:
    async def test() -> None:
        async with streams() as (client, node, _, _):
            assert client.handshake_hash == node.handshake_hash
            assert node.remote_static == public_bytes(CLIENT)
            up, down = random.Random(size).randbytes(size), random.Random(-size - 1).randbytes(size // 2)

            async def send(stream: SecureStream, data: bytes) -> None:
                await stream.send(data)
                await stream.close_sending()

            _, _, got_up, got_down = await asyncio.gather(
                send(client, up), send(node, down), receive_all(node), receive_all(client)
            )
            assert (got_up, got_down) == (up, down)
            assert client.traffic == Traffic(received=len(down), sent=len(up))
            assert node.traffic == Traffic(received=len(up), sent=len(down))
            assert await node.receive() == b""  # closed stays closed

    run(test())


@pytest.mark.parametrize("rekey_bytes", [1, 17, 40, 1000])
def test_both_ends_rekey_at_the_same_record(rekey_bytes: int) -> None:
    async def test() -> None:
        async with streams(rekey_bytes) as (client, node, _, _):
            before = client._outgoing._cipher._aead
            for index in range(50):
                message = bytes(1 + index)
                await client.send(message)
                assert await node.receive() == message
                await node.send_control(message)
                assert await client.receive_control() == message
            assert client._outgoing._cipher._aead is not before

    run(test())


def test_ends_that_rekey_at_different_records_part() -> None:
    async def test() -> None:
        async with streams(100) as (client, node, _, _):
            node._incoming._left = 1000
            await client.send(bytes(100))
            await client.send(bytes(100))
            await node.receive()
            with pytest.raises(RecordRefused):
                await node.receive()

    run(test())


def test_half_closed_streams_still_carry_the_other_way() -> None:
    async def test() -> None:
        async with streams() as (client, node, _, _):
            await client.close_sending()
            assert await node.receive() == b""
            await node.send(b"still here")
            assert await client.receive() == b"still here"
            for refused in (client.send(b"more"), client.send_control(b""), client.close_sending()):
                with pytest.raises(StreamClosed):
                    await refused
            assert client.traffic.sent == 0

    run(test())


def test_a_cut_connection_is_not_the_end_of_the_data() -> None:
    async def test() -> None:
        async with streams() as (client, node, near, _):
            await client.send(b"part of it")
            near[1].write_eof()  # a plain end of file, without a close record
            assert await node.receive() == b"part of it"
            with pytest.raises(StreamTruncated):
                await node.receive()

    run(test())


def test_a_record_that_is_cut_short_is_not_delivered() -> None:
    async def test() -> None:
        async with streams() as (client, node, near, _):
            record = client._outgoing.seal(DATA, b"whole")
            near[1].write(record[:-1])
            near[1].write_eof()
            with pytest.raises(StreamTruncated):
                await node.receive()
            assert node.traffic.received == 0

    run(test())


def changed(records: list[bytes]) -> list[bytes]:
    return [records[0][:-1] + bytes([records[0][-1] ^ 1]), *records[1:]]


def longer(records: list[bytes]) -> list[bytes]:
    """A length field that takes bytes of the next record along."""
    size = int.from_bytes(records[0][:2], "big") + 1
    return [size.to_bytes(2, "big") + records[0][2:], *records[1:]]


def shorter(records: list[bytes]) -> list[bytes]:
    size = int.from_bytes(records[0][:2], "big") - 1
    return [size.to_bytes(2, "big") + records[0][2:], *records[1:]]


ATTACKS = {
    "changed": changed,
    "longer": longer,
    "shorter": shorter,
    "dropped": lambda records: records[1:],
    "swapped": lambda records: [records[1], records[0], *records[2:]],
    "largest of zeros": lambda records: [b"\xff\xff" + bytes(65535)],
    "length 0": lambda records: [b"\0\0", *records],
    "length 16": lambda records: [b"\0\x10" + bytes(16), *records],
    "smallest": lambda records: [b"\0\x11" + bytes(17), *records],
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_records_that_are_not_the_next_are_refused(attack) -> None:  # type: ignore[no-untyped-def]
    async def test() -> None:
        async with streams() as (client, node, near, _):
            records = [client._outgoing.seal(DATA, bytes([n]) * 20) for n in range(3)]
            near[1].write(b"".join(attack(records)))
            with pytest.raises(RecordRefused):
                await node.receive()
            assert node.traffic.received == 0

    run(test())


def test_a_repeated_record_is_refused() -> None:
    async def test() -> None:
        async with streams() as (client, node, near, _):
            record = client._outgoing.seal(DATA, b"once")
            near[1].write(record + record)
            assert await node.receive() == b"once"
            with pytest.raises(RecordRefused):
                await node.receive()
            assert node.traffic.received == 4

    run(test())


def test_a_record_sent_back_is_refused() -> None:
    """Each direction has its own key."""

    async def test() -> None:
        async with streams() as (client, _, _, far):
            far[1].write(client._outgoing.seal(DATA, b"reflected"))
            with pytest.raises(RecordRefused):
                await client.receive()

    run(test())


@pytest.mark.parametrize(
    ("kind", "payload"), [(DATA, b""), (CLOSE, b"x"), (CONTROL, b""), (CONTROL, b"x"), (3, b"x"), (255, b"")]
)
def test_authentic_records_of_the_wrong_kind_are_refused(kind: int, payload: bytes) -> None:
    async def test() -> None:
        async with streams() as (client, node, near, _):
            near[1].write(client._outgoing.seal(kind, payload))
            with pytest.raises(RecordRefused):
                await node.receive()

    run(test())


def test_a_reset_is_no_end_of_file_before_and_after_the_close() -> None:
    async def test() -> None:
        async with streams() as (client, node, _, _):
            await client.send(b"part")
            await client.send_reset()
            assert await node.receive() == b"part"
            with pytest.raises(StreamReset):
                await node.receive()
            with pytest.raises(StreamClosed):
                await client.send(b"more")
        async with streams() as (client, node, near, _):
            await client.close_sending()
            assert await node.receive() == b""
            waiting = asyncio.ensure_future(node.until_reset())
            await client.send_reset()
            with pytest.raises(StreamReset):
                await waiting
            near[1].close()
            await node.until_reset()  # whoever hangs up after its close has sent all

    run(test())


def test_a_receiver_that_is_cancelled_has_taken_nothing() -> None:
    async def test() -> None:
        async with streams() as (client, node, near, _):
            record = client._outgoing.seal(DATA, b"whole")
            for end in (1, 6, 2):
                near[1].write(record[:end])
                receiving = asyncio.ensure_future(node.receive())
                await asyncio.sleep(0.02)
                receiving.cancel()
                await asyncio.gather(receiving, return_exceptions=True)
                record = record[end:]
            near[1].write(record)
            assert await node.receive() == b"whole"

    run(test())


@pytest.mark.parametrize("kind", [DATA, CLOSE, 3])
def test_control_is_due_where_it_is_due(kind: int) -> None:
    async def test() -> None:
        async with streams() as (client, node, near, _):
            near[1].write(client._outgoing.seal(kind, b""))
            with pytest.raises(RecordRefused):
                await node.receive_control()

    run(test())


def test_a_control_message_that_fits_into_no_record_is_refused() -> None:
    async def test() -> None:
        async with streams() as (client, node, _, _):
            with pytest.raises(RecordRefused):
                await client.send_control(bytes(MAX_PAYLOAD + 1))
            await client.send_control(bytes(MAX_PAYLOAD))
            assert len(await node.receive_control()) == MAX_PAYLOAD

    run(test())


def test_who_does_not_read_stops_who_writes() -> None:
    """The sender's memory: once the sockets are full, ``send`` waits with its buffer below a bound."""

    async def test() -> None:
        async with streams() as (client, node, near, _):
            block = bytes(1 << 16)

            async def pump() -> None:
                while True:
                    await client.send(block)

            task = asyncio.ensure_future(pump())
            last = -1
            while client.traffic.sent != last:  # until nothing moves between two looks
                last = client.traffic.sent
                await asyncio.sleep(0.2)
            assert near[1].transport.get_write_buffer_size() < 1 << 18
            assert len(node._reader._buffer) < 1 << 20  # type: ignore[attr-defined]
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    run(test())


def test_only_known_keys_get_an_answer() -> None:
    async def test() -> None:
        async with connected() as (near, far):
            stranger = connect(*near, X25519PrivateKey.generate(), public_bytes(NODE), Traffic())
            task = asyncio.ensure_future(stranger)
            with pytest.raises(UnknownPeer):
                await accept(*far, NODE, {public_bytes(CLIENT): Traffic()}.get)
            far[1].close()
            with pytest.raises(StreamTruncated):
                await task

    run(test())


def test_a_client_that_takes_another_key_for_the_nodes_is_refused() -> None:
    async def test() -> None:
        async with connected() as (near, far):
            task = asyncio.ensure_future(connect(*near, CLIENT, public_bytes(CLIENT), Traffic()))
            with pytest.raises(HandshakeRefused):
                await accept(*far, NODE, {public_bytes(CLIENT): Traffic()}.get)
            far[1].close()
            with pytest.raises(StreamTruncated):
                await task

    run(test())


@pytest.mark.parametrize("seed", range(20))
def test_noise_instead_of_records_is_refused(seed: int) -> None:
    async def test() -> None:
        async with streams() as (_, node, near, _):
            draw = random.Random(seed)
            near[1].write(draw.randbytes(draw.randrange(1, 70000)))
            near[1].write_eof()
            with pytest.raises(TunnelError):
                await node.receive()
            assert node.traffic == Traffic()

    run(test())


@pytest.mark.parametrize("size", [0, 1, FIRST_MESSAGE_BYTES - 1])
def test_a_handshake_that_is_cut_short_is_refused(size: int) -> None:
    async def test() -> None:
        async with connected() as (near, far):
            near[1].write(bytes(size))
            near[1].write_eof()
            with pytest.raises(StreamTruncated):
                await accept(*far, NODE, {}.get)

    run(test())
