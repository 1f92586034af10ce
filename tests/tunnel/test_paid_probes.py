"""Probes and challenges of a paid session: its receipts sign what came of them, and only those who paid are heard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from nacl.signing import SigningKey
from paid_world import DOMAIN, UNIT, PaidWorld, paid_world, until
from tunnel import wire
from tunnel.address import Address
from tunnel.canary import LOST, Canary, CanaryServer, Prober
from tunnel.challenger import ChallengeServer
from tunnel.errors import TestimonyRefused
from tunnel.reputation import Reputation, Testimony
from tunnel.sessions import CLOSED
from tunnel_world import LOOPBACK, destination, echo, opened, run

from zkrelay.relay.nullifier import note_nullifier
from zkrelay.relay.receipt import Receipt
from zkrelay.relay.receipt_context import ChallengeResult, ReceiptContext

KEY = SigningKey.generate()
PUBLIC = bytes(KEY.verify_key)
RESULTS = [ChallengeResult(5, 900), ChallengeResult(6, LOST), ChallengeResult(7, 1100)]


async def echoed(w: PaidWorld, port: int, num_bytes: int = 2 * UNIT) -> None:
    reader, writer = await opened(w, port)
    writer.write(bytes(num_bytes))
    writer.write_eof()
    assert len(await reader.read()) == num_bytes
    writer.close()


async def ended(w: PaidWorld, kept: list[Testimony]) -> tuple[Testimony, Receipt]:
    """The client stops; what it keeps of its session, and the receipt on the node's disk."""
    await w.front.stop()
    (testimony,) = kept
    (stored,) = w.sessions.of_stage(CLOSED)
    assert stored.best is not None
    return testimony, stored.best


def reputation(w: PaidWorld, testimony: Testimony, money: int) -> Reputation:
    nf = note_nullifier(testimony.note.cm, testimony.note.rho)
    return Reputation(w.identity.payee, DOMAIN.value, {nf: money}, challengers=[PUBLIC])


def test_receipts_sign_the_results_of_probes_and_challenges(tmp_path: Path) -> None:
    async def test() -> None:
        canary, challenger = CanaryServer(KEY, host=LOOPBACK), ChallengeServer(KEY, host=LOOPBACK)
        await canary.start()
        await challenger.start()
        kept: list[Testimony] = []
        async with paid_world(tmp_path, canary.port, challenger.port, keep=kept.append) as w:
            there = Canary(Address(LOOPBACK, canary.port), PUBLIC)
            prober = Prober(w.client.open, [there], w.payer.record)
            for _ in range(2):
                w.payer.record(await prober.probe(there))
            w.payer.record(await prober.probe(replace(there, public_key=bytes(32))))
            stream = await w.client.open(Address(LOOPBACK, challenger.port))
            attestation = await w.payer.take_challenge(stream, 2 * UNIT, PUBLIC)
            stream.abort()
            testimony, best = await ended(w, kept)
            assert testimony.receipt == best and best.ctx == testimony.context.ctx
            assert [result.value == LOST for result in testimony.context.challenges] == [False, False, True, False]
            assert testimony.attestations == (attestation,)
            of = reputation(w, testimony, 300)
            assert of.add(testimony) == 200 and of.bytes_a_second == attestation.bytes_a_second
            with pytest.raises(TestimonyRefused, match="no claim"):
                reputation(w, replace(testimony, note=replace(testimony.note, rho=1)), 0).add(testimony)
        await canary.stop()
        await challenger.stop()

    run(test())


def test_results_go_on_over_a_new_connection(tmp_path: Path) -> None:
    """Each connection has a context of its own, and all results of the session are in it."""

    async def test() -> None:
        kept: list[Testimony] = []
        async with destination(echo) as port, paid_world(tmp_path, port, keep=kept.append) as w:
            await echoed(w, port)
            w.payer.record(RESULTS[0])
            w.payer.record(RESULTS[1])
            await echoed(w, port)
            await until(lambda: w.payer._tab is not None and w.payer._tab.acknowledged == 8 * UNIT)
            again = await w.restarted()
            again.payer.record(RESULTS[2])
            await echoed(again, port)
            testimony, best = await ended(again, kept)
            assert testimony.context.challenges == tuple(RESULTS)
            assert best.ctx == testimony.context.ctx and best.num_bytes == 12 * UNIT

    run(test())


def test_a_session_without_results_signs_channel_and_price(tmp_path: Path) -> None:
    async def test() -> None:
        kept: list[Testimony] = []
        async with destination(echo) as port, paid_world(tmp_path, port, keep=kept.append) as w:
            await echoed(w, port)
            testimony, best = await ended(w, kept)
            assert testimony.context.challenges == () and testimony.receipt == best
            assert reputation(w, testimony, 300).add(testimony) == 0

    run(test())


def test_a_result_that_no_receipt_signs_is_refused_with_the_next_receipt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A client that tells the node one result and signs another: the receipt is worth nothing, and is not kept."""

    async def test() -> None:
        async with destination(echo) as port, paid_world(tmp_path, port) as w:
            await echoed(w, port)
            tab = w.payer._tab
            assert tab is not None
            await until(lambda: tab.acknowledged == 4 * UNIT)
            honest = ReceiptContext.with_result
            monkeypatch.setattr(wire, "result", lambda found: bytes([wire.Kind.RESULT]) + bytes(40))
            w.payer.record(RESULTS[0])
            await echoed(w, port)
            await until(lambda: "ReceiptContextMismatch" in caplog.text)
            monkeypatch.undo()
            assert ReceiptContext.with_result is honest
            await until(lambda: tab.acknowledged == 8 * UNIT)  # told rightly on the next connection

    run(test())


def test_there_is_a_bound_to_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog) -> None:
    async def test() -> None:
        monkeypatch.setattr("tunnel.tab.MAX_RESULTS", 3)
        monkeypatch.setattr(wire, "MAX_RESULTS", 2)
        async with destination(echo) as port, paid_world(tmp_path, port) as w:
            await echoed(w, port)
            for result in [*RESULTS, RESULTS[0]]:
                w.payer.record(result)
            assert "left out" in caplog.text and w.payer._tab is not None and len(w.payer._tab.results) == 3
            await until(lambda: "not one more" in caplog.text)
            monkeypatch.setattr(wire, "MAX_RESULTS", 3)  # or the client tries for half a minute to close its session

    run(test())


def test_without_a_session_a_result_is_lost(tmp_path: Path) -> None:
    async def test() -> None:
        async with paid_world(tmp_path, caps=[]) as w:
            w.payer.record(RESULTS[0])
            assert w.payer._tab is None

    run(test())
