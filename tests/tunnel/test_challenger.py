"""Bandwidth challenges through a real tunnel; attestations that somebody changed; challengers that cheat."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey
from tunnel.address import Address
from tunnel.challenger import ATTESTATION_BYTES, MAX_SIZE, Attestation, ChallengeServer, take_challenge
from tunnel.errors import ChallengeRefused, StreamTruncated, TooSlow, TunnelError, UntrustedChallenger
from tunnel.listener import within
from tunnel_world import LOOPBACK, destination, never_reads, run, world

from zkrelay.curves import bn254
from zkrelay.errors import InvalidSignature, ZkrelayError
from zkrelay.relay.identity import SessionKey

KEY, CHALLENGER = SessionKey.generate(), SigningKey.generate()
PUBLIC = bytes(CHALLENGER.verify_key)
TRUSTED = frozenset([PUBLIC])
CM = 1234567


@contextlib.asynccontextmanager
async def challenger(**options: object) -> AsyncIterator[int]:
    """A challenger while it listens; yields its port."""
    server = ChallengeServer(CHALLENGER, host=LOOPBACK, **options)  # type: ignore[arg-type]
    await server.start()
    try:
        yield server.port
    finally:
        await server.stop()


def taken(size: int = 300_000, **options: object) -> Attestation:
    async def test() -> Attestation:
        async with challenger(**options) as port, world(port) as w:
            return await attempt(w, port, size)

    return asyncio.run(asyncio.wait_for(test(), 60))


async def attempt(w, port: int, size: int = 5000, patience_s: float = 30.0) -> Attestation:
    stream = await w.client.open(Address(LOOPBACK, port))
    try:
        return await within(patience_s, "a challenge", take_challenge(stream, KEY, CM, size, PUBLIC))
    finally:
        stream.abort()


@pytest.fixture(scope="module")
def attestation() -> Attestation:
    return taken()


def test_an_attestation_holds_for_both_who_signed_it(attestation: Attestation) -> None:
    attestation.verify(KEY.public, TRUSTED)
    assert attestation.size == 300_000
    assert attestation.bytes_a_second == 300_000 * 10**6 // attestation.microseconds
    packed = attestation.pack()
    assert len(packed) == ATTESTATION_BYTES and Attestation.unpack(packed) == attestation


def test_no_two_challenges_have_one_name() -> None:
    assert taken(100).result.challenge != taken(100).result.challenge


def test_a_challenger_must_be_trusted(attestation: Attestation) -> None:
    with pytest.raises(UntrustedChallenger):
        attestation.verify(KEY.public, frozenset())


@pytest.mark.parametrize(
    ("name", "value"), [("microseconds", 1), ("size", MAX_SIZE), ("cm", CM + 1), ("id", bytes(32))]
)
def test_no_number_can_be_changed(attestation: Attestation, name: str, value: object) -> None:
    with pytest.raises(InvalidSignature, match="challenger"):
        replace(attestation, **{name: value}).verify(KEY.public, TRUSTED)


def test_the_client_s_signature_is_over_all_of_it(attestation: Attestation) -> None:
    """Also where the challenger is in league: it signs anew, the client does not."""
    message = b"zkrelay/v1/bandwidth" + attestation.id + CM.to_bytes(32, "little")
    message += attestation.size.to_bytes(8, "little") + (1).to_bytes(8, "little")
    forged = replace(attestation, microseconds=1, challenger_signature=CHALLENGER.sign(message).signature)
    with pytest.raises(InvalidSignature):
        forged.verify(KEY.public, TRUSTED)


def test_another_session_s_key_did_not_sign(attestation: Attestation) -> None:
    with pytest.raises(InvalidSignature):
        attestation.verify(SessionKey.generate().public, TRUSTED)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 8 * ATTESTATION_BYTES - 1))
def test_no_bit_can_be_changed(attestation: Attestation, bit: int) -> None:
    packed = bytearray(attestation.pack())
    packed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(ZkrelayError):
        Attestation.unpack(bytes(packed)).verify(KEY.public, TRUSTED)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=2 * ATTESTATION_BYTES))
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(ZkrelayError):
        Attestation.unpack(data).verify(KEY.public, TRUSTED)


@pytest.mark.parametrize("size", [0, -1, MAX_SIZE + 1])
def test_sizes_that_no_challenge_has(size: int) -> None:
    with pytest.raises(ChallengeRefused, match="bytes"):
        taken(size)


def test_a_challenger_sends_no_more_than_it_is_set_to() -> None:
    with pytest.raises(TunnelError):
        taken(2000, max_size=1999)


@pytest.mark.parametrize(
    "request_bytes",
    [
        bytes(41),
        b"\2" + bytes(32) + b"\1" + bytes(7),
        b"\1" + bn254.FR.modulus.to_bytes(32, "little") + b"\1" + bytes(7),
    ],
    ids=["version 0", "version 2", "cm out of range"],
)
def test_a_malformed_request_is_cut(request_bytes: bytes) -> None:
    async def test() -> None:
        async with challenger() as port:
            reader, writer = await asyncio.open_connection(LOOPBACK, port)
            writer.write(request_bytes)
            with pytest.raises(ConnectionResetError):
                await reader.read()
            writer.close()

    run(test())


def test_a_wrong_digest_gets_no_certificate() -> None:
    async def test() -> None:
        async with challenger() as port:
            reader, writer = await asyncio.open_connection(LOOPBACK, port)
            writer.write(b"\1" + bytes(32) + (100).to_bytes(8, "little"))
            await reader.readexactly(132)
            writer.write(bytes(32))
            with pytest.raises(ConnectionResetError):
                await reader.read()
            writer.close()

    run(test())


async def signs_with_another_key(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readexactly(41)
    writer.write(bytes(32 + 5000))
    await reader.readexactly(32)
    writer.write((9).to_bytes(8, "little") + bytes(64))
    writer.write_eof()


async def stops_in_the_middle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readexactly(41)
    writer.write(bytes(32 + 4999))
    writer.write_eof()


@pytest.mark.parametrize(
    ("serve", "error"), [(signs_with_another_key, InvalidSignature), (stops_in_the_middle, StreamTruncated)]
)
def test_a_challenger_that_cheats_gets_no_signature(serve, error: type[Exception]) -> None:
    async def test() -> None:
        async with destination(serve) as port, world(port) as w:
            with pytest.raises(error):
                await attempt(w, port)

    run(test())


def test_a_challenger_that_is_silent_keeps_nobody() -> None:
    async def test() -> None:
        async with destination(never_reads) as port, world(port) as w:
            with pytest.raises(TooSlow):
                await attempt(w, port, patience_s=0.1)

    run(test())
