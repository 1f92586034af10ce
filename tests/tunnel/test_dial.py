"""A connection that is cut before its first answer is made again, a few times; one that was refused is not."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from circuit_world import circuit_world
from paid_world import EXPIRY, paid_world, until
from tunnel import dial, wallet, wire
from tunnel.address import NOT_ALLOWED, Address
from tunnel.errors import ExitRefused, HandshakeRefused, Reason, StreamTruncated
from tunnel.listener import Limits
from tunnel.noise_ik import SECOND_MESSAGE_BYTES
from tunnel.payer import _opening
from tunnel.stream import abort
from tunnel_world import LOOPBACK, destination, echo, exchange, run, world

CUT_AFTER = [-1, 0, SECOND_MESSAGE_BYTES]  # bytes that come back; at once for -1, else when something came


class Cutter:
    """Lies before a node: cuts the first ``cuts`` connections once ``after`` bytes have come back."""

    def __init__(self, cuts: int, after: int) -> None:
        self.cuts, self.after, self.visits = cuts, after, 0
        self.node: tuple[str, int] | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits += 1
        if self.visits <= self.cuts and self.after < 0:
            abort(writer)
            return
        assert self.node is not None
        back, forth = await asyncio.open_connection(*self.node)
        try:
            if self.visits <= self.cuts:
                forth.write(await reader.read(1 << 16))
                writer.write(await back.readexactly(self.after))
                await reader.read(1 << 16) if self.after else None
                abort(writer)
                return
            await asyncio.gather(_copy(reader, forth), _copy(back, writer))
        finally:
            abort(forth)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()
    writer.write_eof()


@contextlib.asynccontextmanager
async def before(node: tuple[str, int], cutter: Cutter) -> AsyncIterator[tuple[str, int]]:
    cutter.node = node
    async with destination(cutter.serve) as port:
        yield LOOPBACK, port


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dial, "_FIRST_PAUSE_S", 0.001)


@pytest.mark.parametrize("after", CUT_AFTER)
def test_a_cut_before_the_answer_is_none_for_the_program(after: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")

    async def test() -> None:
        cutter = Cutter(3, after)
        async with destination(echo) as port, world(port) as w, before(w.client._node, cutter) as w.client._node:
            await exchange(w, port, b"all of it")
            await w.is_quiet()
            assert cutter.visits == 4 and w.counts == (9, 9)
        assert caplog.text.count("client: cut before an answer") == 3

    run(test())


@pytest.mark.parametrize("after", CUT_AFTER)
def test_the_tries_have_an_end(after: int) -> None:
    async def test() -> None:
        cutter = Cutter(1000, after)
        limits = Limits(num_tries=3)
        async with world(80, client_limits=limits) as w, before(w.client._node, cutter) as w.client._node:
            with pytest.raises((StreamTruncated, ConnectionError)):
                await w.client.open(Address(LOOPBACK, 80))
            assert cutter.visits == 3

    run(test())


def test_a_refusal_is_final() -> None:
    async def test() -> None:
        cutter = Cutter(0, -1)
        async with world(80) as w, before(w.client._node, cutter) as w.client._node:
            with pytest.raises(ExitRefused) as refusal:
                await w.client.open(Address(LOOPBACK, 81))
            assert refusal.value.reply == NOT_ALLOWED and cutter.visits == 1

    run(test())


def test_an_answer_that_is_no_nodes_is_final_and_so_is_nobody() -> None:
    visits: list[None] = []

    async def impostor(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visits.append(None)
        await reader.read(1 << 16)
        writer.write(bytes(SECOND_MESSAGE_BYTES))
        await reader.read()

    async def test() -> None:
        async with world(80) as w:
            async with destination(impostor) as port:
                w.client._node = (LOOPBACK, port)
                with pytest.raises(HandshakeRefused):
                    await w.client.open(Address(LOOPBACK, 80))
                assert len(visits) == 1
            with pytest.raises(ExitRefused, match="cannot be reached"):
                await w.client.open(Address(LOOPBACK, 80))

    run(test())


def test_pauses_grow_to_a_bound_and_are_drawn() -> None:
    drawn: list[float] = []

    async def test() -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(dial, "_FIRST_PAUSE_S", 1.0)
            patch.setattr(dial, "_LONGEST_PAUSE_S", 5.0)
            patch.setattr(dial.random, "uniform", lambda low, high: drawn.append(high) or low)  # type: ignore[func-returns-value]

            async def cut() -> None:
                raise ConnectionResetError

            with pytest.raises(ConnectionResetError):
                await dial.again(cut, "test", num_tries=6)

    run(test())
    assert drawn == [1.0, 2.0, 4.0, 5.0, 5.0]


@pytest.mark.parametrize("cut_hop", [0, 1, 2])
@pytest.mark.parametrize("after", CUT_AFTER)
def test_every_hop_of_a_circuit_is_dialled_again(cut_hop: int, after: int) -> None:
    """The first by the client, the others by the relay before them: the client itself is cut once at most."""

    async def test() -> None:
        async with contextlib.AsyncExitStack() as stack:
            cutter = Cutter(2, after)

            async def tap(hop: int, port: int) -> int:
                if hop != cut_hop:
                    return port
                return (await stack.enter_async_context(before((LOOPBACK, port), cutter)))[1]

            tries = Limits(num_tries=3 if cut_hop == 0 else 1)
            port = await stack.enter_async_context(destination(echo))
            w = await stack.enter_async_context(circuit_world(port, client_limits=tries, tap=tap))
            await exchange(w, port, b"through all hops")  # type: ignore[arg-type]
            assert cutter.visits == 3

    run(test())


@pytest.mark.parametrize("after", CUT_AFTER)
def test_a_paid_session_is_opened_again_and_its_program_waits(after: int, tmp_path: Path) -> None:
    async def test() -> None:
        cutter = Cutter(2, after)
        async with destination(echo) as port, paid_world(tmp_path, port) as w:
            await until(lambda: w.payer._is_open)
            assert w.payer._runner is not None
            w.payer._runner.cancel()
            await until(lambda: not w.payer._is_open)
            async with before(w.client._node, cutter) as w.client._node:
                w.payer.start(w.client.connect)
                await exchange(w, port, b"paid for")
                assert cutter.visits == 4  # twice cut, the session, and the program's own
                assert w.wallet.counts()[wallet.REFUSED] == 0
                await w.front.stop()

    run(test())


def test_a_note_that_comes_again_while_it_is_being_opened_is_not_refused_for_good(tmp_path: Path) -> None:
    """Its first connection may be gone without the node having seen that; a refusal would cost the client the note."""

    async def test() -> None:
        async with paid_world(tmp_path, caps=[]) as w:
            funded = w.wallet.fund(w.escrow, w.identity.payee, 1 << 20, EXPIRY)
            await w.vanish()
            admit, may_go_on = w.cashier._view.admit, threading.Event()

            def slowly(*arguments: object, **named: object) -> None:
                assert may_go_on.wait(30)
                admit(*arguments, **named)  # type: ignore[arg-type]

            w.cashier._view.admit = slowly  # type: ignore[method-assign]
            first, second = await w.client.connect(), await w.client.connect()
            await first.send_control(_opening(funded, first.handshake_hash).pack())
            await until(lambda: w.cashier._opening)
            await second.send_control(_opening(funded, second.handshake_hash).pack())
            assert wire.read_reason(await second.receive_control()) == Reason.LATER
            may_go_on.set()
            assert wire.Opened.unpack(await first.receive_control()).relayed == 0
            for stream in (first, second):
                stream.abort()

    run(test())
