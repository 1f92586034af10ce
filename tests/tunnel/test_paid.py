"""Sessions that are paid for: what is counted, signed and kept, when nothing moves any more, and how it goes on."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
from paid_world import DOMAIN, EPOCH, UNIT, Clock, Escrow, PaidWorld, paid_world, until
from tunnel import wallet as wallets
from tunnel.address import FAILED, PAYMENT_DUE, Address
from tunnel.cashier import Terms
from tunnel.errors import ExitRefused, Reason
from tunnel.payer import Payer
from tunnel.sessions import CLOSED, EMPTY, OPEN
from tunnel.stream import MAX_PAYLOAD, abort
from tunnel_world import Pair, destination, echo, opened, run, socks

from zkrelay.errors import MalformedInput
from zkrelay.relay.acknowledgement import Acknowledgement
from zkrelay.relay.receipt import Receipt

MEBIBYTE = 1 << 20
WINDOW = 4 * MEBIBYTE
FAST = Terms(patience_s=2.5, refresh_s=0.05)


async def pours(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A destination that sends for ever."""
    block = bytes(1 << 16)
    while True:
        writer.write(block)
        await writer.drain()


async def drink(ends: Pair, most: int = 1 << 60) -> int:
    """Read until the connection ends, or at least ``most`` bytes came; returns how many."""
    num_bytes = 0
    try:
        while num_bytes < most and (data := await ends[0].read(1 << 16)):
            num_bytes += len(data)
    except ConnectionResetError:
        pass
    if num_bytes < most:
        ends[1].close()
    return num_bytes


def stop_signing(w: PaidWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    tab = w.payer._tab
    assert tab is not None
    monkeypatch.setattr(tab, "sign", lambda ctx: None)
    monkeypatch.setattr(tab, "_window", 1 << 60)  # a client that cheats, and does not stop itself


def test_what_is_carried_is_signed_for_to_the_byte(tmp_path: Path) -> None:
    """Of both directions of many connections: carried = signed = kept, and the note holds what is needed to dispute."""

    async def one(w: PaidWorld, port: int, message: bytes) -> None:
        reader, writer = await opened(w, port)
        writer.write(message)
        writer.write_eof()
        assert await reader.read() == message
        writer.close()

    async def test() -> None:
        messages = [random.Random(n).randbytes(n * 123_457) for n in range(1, 9)]
        async with destination(echo) as port, paid_world(tmp_path, port) as w:
            await asyncio.gather(*(one(w, port, message) for message in messages))
            await w.front.stop()
            (stored,) = w.sessions.of_stage(CLOSED)
            total = 2 * sum(map(len, messages))
            assert stored.best is not None
            assert stored.best.num_bytes == total == w.payer.signed_bytes == w.client.traffic.received * 2
            assert w.cashier.unpaid_bytes == 0 and w.wallet.counts()[wallets.USED] == 1
            receipt, answer, key = w.wallet.left_over(1)
            assert Receipt.unpack(receipt, stored.note.cm) == stored.best
            Acknowledgement.unpack(answer).verify(key, stored.note.payee, stored.best)

    run(test())


def test_programs_that_break_off_strand_nothing_in_the_window(tmp_path: Path) -> None:
    """What was on its way to them is counted by both ends all the same."""

    async def test() -> None:
        terms = Terms(patience_s=2.5)
        async with destination(pours) as port, paid_world(tmp_path, port, terms=terms) as w:
            for _ in range(5):
                reader, writer = await opened(w, port)
                await reader.readexactly(MEBIBYTE)
                abort(writer)
            await until(lambda: w.node.transport.peer_statistics(w.client_key).num_connections == 1)
            here, there = w.client.traffic, w.node.transport.peer_statistics(w.client_key)
            await until(lambda: here.received == there.sent)  # some of it is still on its way to us
            assert there.sent == w.cashier.account(w.client_key).charged >= 5 * MEBIBYTE
            await w.front.stop()
            assert w.cashier.unpaid_bytes == 0 and w.payer.signed_bytes == here.received

    run(test())


def test_nothing_is_carried_without_a_session(tmp_path: Path) -> None:
    async def test() -> None:
        async with destination(echo) as port, paid_world(tmp_path, port, caps=()) as w:
            assert (await socks(w, port))[0] == FAILED  # the wallet is empty
            w.client.payer = None
            with pytest.raises(ExitRefused) as refusal:
                await w.client.open(Address("127.0.0.1", port))
            assert refusal.value.reply == PAYMENT_DUE
            assert w.counts == (0, 0)

    run(test())


def test_a_client_that_stops_signing_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The node's loss is at most the window; what the client signed before is still claimed."""

    async def test() -> None:
        async with destination(pours) as port, paid_world(tmp_path, port, terms=FAST) as w:
            ends = await opened(w, port)
            await drink(ends, 6 * MEBIBYTE)
            stop_signing(w, monkeypatch)
            await drink(ends)
            await until(lambda: w.cashier.unpaid_bytes)  # counted once the end is on disk
            (stored,) = w.sessions.of_stage(CLOSED)
            assert stored.best is not None and stored.best.num_bytes >= 6 * MEBIBYTE - WINDOW
            carried = w.node.transport.peer_statistics(w.client_key).sent
            assert 0 < carried - stored.best.num_bytes == w.cashier.unpaid_bytes <= WINDOW
            assert "the client signs no more" in caplog.text

    run(test())


def test_a_node_that_acknowledges_nothing_gets_no_more_than_the_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test() -> None:
        terms = Terms(patience_s=1.0, window_bytes=1 << 40)
        async with destination(pours) as port, paid_world(tmp_path, port, terms=terms) as w:
            ends = await opened(w, port)
            await drink(ends, 3 * MEBIBYTE)

            async def never(cm: int, state: object) -> None:
                await asyncio.Event().wait()

            monkeypatch.setattr(w.cashier._saver, "save", never)
            tab = w.payer._tab
            assert tab is not None
            await drink(ends, MEBIBYTE)
            drinking = asyncio.ensure_future(drink(ends))
            await asyncio.wait({drinking}, timeout=0.5)
            assert tab.signed - tab.acknowledged <= tab.counted - tab.acknowledged <= WINDOW
            monkeypatch.undo()
            await w.vanish()
            await drinking

    run(test())


def test_a_note_is_used_up_to_its_cap_and_the_next_one_follows(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caps = [3 * MEBIBYTE + 17, MEBIBYTE, 64 * MEBIBYTE]

    async def test() -> None:
        async with destination(pours) as port, paid_world(tmp_path, port, caps=caps, terms=FAST) as w:
            assert await drink(await opened(w, port)) == caps[0]
            await until(lambda: len(w.sessions.of_stage(CLOSED)) == 1)
            assert await drink(await opened(w, port)) == caps[1]
            await until(lambda: len(w.sessions.of_stage(CLOSED)) == 2)
            ends = await opened(w, port)
            assert await drink(ends, 4 * MEBIBYTE) >= 4 * MEBIBYTE
            ends[1].close()
            signed = [session.best.num_bytes for session in w.sessions.of_stage(CLOSED) if session.best]
            assert sorted(signed) == sorted(caps[:2]) and w.cashier.unpaid_bytes == 0
            assert "the note's cap of" in caplog.text

    run(test())


def test_service_ends_before_the_note_expires(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        escrow = Escrow(Clock())
        terms = Terms(patience_s=2.5, refresh_s=0.05, margin=3)
        async with (
            destination(pours) as port,
            paid_world(tmp_path, port, caps=[1 << 40], terms=terms, escrow=escrow, expiry=EPOCH + 5) as w,
        ):
            drinking = asyncio.ensure_future(drink(await opened(w, port)))
            escrow.clock.epoch += 2
            await asyncio.sleep(0.2)
            assert not drinking.done()
            escrow.clock.epoch += 1
            carried = await drinking
            await until(lambda: w.sessions.of_stage(CLOSED))
            (stored,) = w.sessions.of_stage(CLOSED)
            assert stored.best is not None and stored.best.num_bytes == carried and w.cashier.unpaid_bytes == 0
            assert "expires within 3 epochs" in caplog.text

    run(test())


@pytest.mark.parametrize("cut", ["connection", "node"])
def test_a_session_goes_on_after_a_reset(tmp_path: Path, cut: str) -> None:
    """The same note, the counters of both ends, and nothing signed twice."""

    async def exchange(w: PaidWorld, port: int, size: int) -> None:
        reader, writer = await opened(w, port)
        writer.write(bytes(size))
        writer.write_eof()
        assert len(await reader.read()) == size
        writer.close()

    async def test() -> None:
        async with destination(echo) as port, paid_world(tmp_path, port) as w:
            total = 0
            for size in (1_000_003, 700_001, 2_500_000):
                await exchange(w, port, size)
                total += 2 * size
                if cut == "connection":
                    account = w.cashier.account(w.client_key)
                    await until(lambda: account.channel is not None)  # noqa: B023, it is back from the last time
                    assert account.channel is not None
                    account.channel.cancel()
                else:
                    w = await w.restarted()
                assert w.payer._tab is not None and w.payer._tab.counted == total
            await exchange(w, port, 5)
            await w.front.stop()
            (stored,) = w.sessions.of_stage(CLOSED)
            assert stored.best is not None and stored.best.num_bytes == total + 10 == w.payer.signed_bytes
            assert w.cashier.unpaid_bytes == 0

    run(test())


def test_a_wallet_that_starts_anew_goes_on_where_its_receipts_are(tmp_path: Path) -> None:
    """The client's process died: the node shows it what it signed."""

    async def test() -> None:
        async with destination(echo) as port, paid_world(tmp_path, port) as w:
            reader, writer = await opened(w, port)
            writer.write(bytes(1_500_000))
            await reader.readexactly(1_500_000)
            tab = w.payer._tab
            assert tab is not None
            await until(lambda: tab.acknowledged == 3_000_000)
            await w.vanish()
            payer = Payer(w.wallet, DOMAIN, answer_s=30.0, retry_s=(0.02, 0.1))
            w.client.payer = payer
            payer.start(w.client.connect)
            assert (await payer.tab()).counted == 3_000_000
            await payer.stop()
            (stored,) = w.sessions.of_stage(CLOSED)
            assert stored.best is not None and stored.best.num_bytes == 3_000_000

    run(test())


def test_a_session_of_less_than_a_unit_is_nothing_to_claim(tmp_path: Path) -> None:
    async def test() -> None:
        async with destination(echo) as port, paid_world(tmp_path, port) as w:
            reader, writer = await opened(w, port)
            writer.write(bytes(UNIT // 2 - 1))
            await reader.readexactly(UNIT // 2 - 1)
            await w.front.stop()
            assert len(w.sessions.of_stage(EMPTY)) == 1 and not w.sessions.of_stage(CLOSED)

    run(test())


def test_a_client_that_does_not_come_back_is_claimed(tmp_path: Path) -> None:
    async def test() -> None:
        terms = Terms(patience_s=1.0, linger_s=0.3)
        async with destination(echo) as port, paid_world(tmp_path, port, terms=terms) as w:
            reader, writer = await opened(w, port)
            writer.write(bytes(UNIT))
            await reader.readexactly(UNIT)
            tab = w.payer._tab
            assert tab is not None
            await until(lambda: tab.acknowledged == 2 * UNIT)
            await w.vanish()
            assert len(w.sessions.of_stage(OPEN)) == 1
            await until(lambda: w.sessions.of_stage(CLOSED))

    run(test())


def test_a_ledger_that_is_down_at_the_opening_is_waited_for(tmp_path: Path) -> None:
    async def test() -> None:
        escrow = Escrow(Clock())
        async with destination(echo) as port, paid_world(tmp_path, port, escrow=escrow, down=True) as w:
            assert (await socks(w, port))[0] == FAILED
            escrow.is_down = False
            await until(lambda: w.payer._is_open)
            _, writer = await opened(w, port)
            assert w.wallet.counts()[wallets.REFUSED] == 0
            writer.close()

    run(test())


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [({"expiry": EPOCH + 1}, Reason.REFUSED), ({"caps": [UNIT]}, None), ({"payee": 5}, Reason.REFUSED)],
    ids=["short-lived", "smallest", "another's"],
)
def test_what_the_node_admits(tmp_path: Path, spoil: dict, reason: Reason | None) -> None:
    async def test() -> None:
        async with destination(echo) as port, paid_world(tmp_path, port, **spoil) as w:
            reply, _ = await socks(w, port)
            assert (reply == FAILED) == (reason is not None)
            await until(lambda: w.wallet.counts()[wallets.REFUSED] == (reason is not None))

    run(test())


def test_a_window_that_holds_no_record_is_refused(tmp_path: Path) -> None:
    with wallets.Wallet(tmp_path / "wallet") as wallet, pytest.raises(MalformedInput):
        Payer(wallet, DOMAIN, window_bytes=2 * MAX_PAYLOAD - 1)
