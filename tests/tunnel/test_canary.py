"""Canary probes through a real tunnel, and nodes that lose, delay or answer them themselves."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from nacl.signing import SigningKey
from tunnel.address import Address
from tunnel.canary import ANSWER_BYTES, LOST, NONCE_BYTES, Canary, CanaryServer, Prober, ProbeSummary, canary_challenge
from tunnel_world import LOOPBACK, World, destination, never_reads, run, world

from zkrelay.relay.receipt_context import ChallengeResult, ReceiptContext

KEY = SigningKey.generate()


@contextlib.asynccontextmanager
async def canary() -> AsyncIterator[Canary]:
    server = CanaryServer(KEY, host=LOOPBACK)
    await server.start()
    try:
        yield at(server.port)
    finally:
        await server.stop()


def at(port: int) -> Canary:
    return Canary(Address(LOOPBACK, port), bytes(KEY.verify_key))


def prober(w: World, canary: Canary, record=lambda result: None, **options: float) -> Prober:
    return Prober(w.client.open, [canary], record, **{"patience_s": 5.0, **options})


def test_a_probe_is_answered_and_counted_as_any_traffic() -> None:
    async def test() -> None:
        async with canary() as there, world(there.address.port) as w:
            result = await prober(w, there).probe(there)
            assert 0 < result.value < LOST
            await w.is_quiet()
            assert w.counts == (ANSWER_BYTES, NONCE_BYTES)

    run(test())


def test_probes_at_random_moments_go_into_the_context_in_order() -> None:
    async def test() -> None:
        context = ReceiptContext(bytes(32), 3)
        results: list[ChallengeResult] = []
        enough = asyncio.Event()

        def record(result: ChallengeResult) -> None:
            nonlocal context
            context = context.with_result(result)
            results.append(result)
            if len(results) == 8:
                enough.set()

        async with canary() as there, world(there.address.port) as w:
            running = asyncio.ensure_future(prober(w, there, record, mean_s=0.01).run())
            await enough.wait()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        assert context.challenges == tuple(results) and len({result.challenge for result in results}) == len(results)
        assert context.ctx == ReceiptContext(bytes(32), 3, tuple(results)).ctx
        summary = ProbeSummary.of(results)
        assert summary.num_lost == 0 and 0 < summary.median_us <= summary.worst_us

    run(test())


async def answers_itself(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """What an exit can do that relays nothing: it knows the nonce, and not the canary's key."""
    nonce = await reader.readexactly(NONCE_BYTES)
    writer.write(SigningKey.generate().sign(b"zkrelay/v1/canary" + nonce).signature)
    writer.write_eof()


async def says_too_much(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    nonce = await reader.readexactly(NONCE_BYTES)
    writer.write(KEY.sign(b"zkrelay/v1/canary" + nonce).signature + b"\0")
    writer.write_eof()


async def another_nonce(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(KEY.sign(b"zkrelay/v1/canary" + bytes(32)).signature)
    writer.write_eof()


async def says_half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    nonce = await reader.readexactly(NONCE_BYTES)
    writer.write(KEY.sign(b"zkrelay/v1/canary" + nonce).signature[:40])
    writer.write_eof()


async def floods(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(bytes(1 << 16))
        await writer.drain()


@pytest.mark.parametrize("serve", [answers_itself, says_too_much, another_nonce, says_half, floods])
def test_a_wrong_answer_is_no_answer(serve) -> None:
    async def test() -> None:
        async with destination(serve) as port, world(port) as w:
            assert (await prober(w, at(port)).probe(at(port))).value == LOST

    run(test())


def test_silence_is_loss() -> None:
    async def test() -> None:
        async with destination(never_reads) as port, world(port) as w:
            assert (await prober(w, at(port), patience_s=0.1).probe(at(port))).value == LOST

    run(test())


def test_a_node_that_does_not_open_or_is_gone_is_loss() -> None:
    async def test() -> None:
        async with canary() as there, world(1) as w:  # the filter opens another port
            assert (await prober(w, there).probe(there)).value == LOST
            await w.node.stop()
            assert (await prober(w, there).probe(there)).value == LOST

    run(test())


def test_a_wrong_key_is_loss() -> None:
    async def test() -> None:
        async with canary() as there, world(there.address.port) as w:
            for key in (bytes(SigningKey.generate().verify_key), bytes(32), b"short"):
                assert (await prober(w, there).probe(replace(there, public_key=key))).value == LOST

    run(test())


def test_the_name_of_a_probe_binds_canary_and_nonce() -> None:
    names = {canary_challenge(key, nonce) for key in (bytes(32), b"\1" * 32) for nonce in (bytes(32), b"\1" * 32)}
    assert len(names) == 4


def test_a_summary_without_answers_has_no_delay() -> None:
    assert ProbeSummary.of([]) == ProbeSummary(0, 0, None, None)
    assert ProbeSummary.of([ChallengeResult(1, LOST)]) == ProbeSummary(1, 1, None, None)
    assert ProbeSummary.of([ChallengeResult(n, n) for n in (5, 1, 9)]) == ProbeSummary(3, 0, 5, 9)


def test_there_must_be_a_canary() -> None:
    with pytest.raises(ValueError, match="no canary"):
        Prober(None, [], print)  # type: ignore[arg-type]
