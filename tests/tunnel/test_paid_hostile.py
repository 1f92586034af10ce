"""Clients and nodes that break the rules of a paid session: each is refused by name, and nothing changes."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from paid_world import DOMAIN, EXPIRY, UNIT, PaidWorld, paid_world, until
from tunnel import wire
from tunnel.errors import AcknowledgementRefused, ControlKind, Reason, StrangeReceipt, TunnelError
from tunnel.sessions import EMPTY
from tunnel.stream import CLOSE, DATA, RESET, SecureStream
from tunnel.tab import Tab
from tunnel.wallet import FundedNote
from tunnel_world import run

from zkrelay.curves import bn254
from zkrelay.errors import MalformedInput
from zkrelay.relay.acknowledgement import Acknowledgement
from zkrelay.relay.binding import ChannelBinding
from zkrelay.relay.identity import SessionKey
from zkrelay.relay.receipt import Receipt
from zkrelay.relay.receipt_context import ChallengeResult, ReceiptContext

CAP = 100 * UNIT
RESULT = ChallengeResult(7, 8)
SIGNED = 7 * UNIT


@dataclass(frozen=True)
class Hostile:
    """A client by hand, whose session is open and has a receipt for ``SIGNED`` bytes."""

    world: PaidWorld
    stream: SecureStream
    funded: FundedNote

    @property
    def ctx(self) -> int:
        return ReceiptContext(self.stream.handshake_hash, DOMAIN.price_per_unit).ctx

    def receipt(self, num_bytes: int, *, key: SessionKey | None = None, ctx: int | None = None) -> bytes:
        signed = Receipt.sign(key or self.funded.key, self.funded.note.cm, num_bytes, self.ctx if ctx is None else ctx)
        return wire.receipt(signed.pack())


def opening(funded: FundedNote, stream: SecureStream) -> wire.Opening:
    note = funded.note
    binding = ChannelBinding.sign(funded.key, note.cm, stream.handshake_hash).pack()
    return wire.Opening(note.public_key, note.rho, note.cap, note.expiry, funded.position, binding)


async def opened(w: PaidWorld, funded: FundedNote, *, sign: bool = True) -> Hostile:
    stream = await w.client.connect()
    await stream.send_control(opening(funded, stream).pack())
    wire.Opened.unpack(await stream.receive_control())
    hostile = Hostile(w, stream, funded)
    if sign:
        await stream.send_control(hostile.receipt(SIGNED))
        wire.read_acknowledgement(await stream.receive_control())
    return hostile


def changed(packed: bytes, place: int, value: int) -> bytes:
    return packed[:place] + bytes([value]) + packed[place + 1 :]


MESSAGES: dict[str, tuple[Callable[[Hostile], bytes], str]] = {
    "replayed": (lambda h: h.receipt(SIGNED), "ReceiptReplayed"),  # first: on the connection that it was sent on
    "empty": (lambda h: b"", "ControlLength"),
    "unknown": (lambda h: b"\x63" + bytes(105), "ControlKind"),
    "opened again": (lambda h: opening(h.funded, h.stream).pack(), "ControlKind"),
    "an acknowledgement": (lambda h: wire.acknowledgement(bytes(73)), "ControlKind"),
    "the node's end": (lambda h: wire.ended(Reason.CAP), "ControlKind"),
    "cut short": (lambda h: h.receipt(8 * UNIT)[:-1], "ControlLength"),
    "too long": (lambda h: h.receipt(8 * UNIT) + b"\0", "ControlLength"),
    "oversized": (lambda h: h.receipt(8 * UNIT) + bytes(60_000), "ControlLength"),
    "more than the end": (lambda h: wire.FINISH + b"\0", "ControlLength"),
    "version": (lambda h: changed(h.receipt(8 * UNIT), 1, 2), "ReceiptVersion"),
    "as many bytes again": (lambda h: h.receipt(SIGNED), "ReceiptConflict"),
    "decreasing": (lambda h: h.receipt(SIGNED - 1), "ReceiptLower"),
    "over the cap": (lambda h: h.receipt(CAP + 1), "ReceiptOverCap"),
    "another key": (lambda h: h.receipt(8 * UNIT, key=SessionKey.generate()), "InvalidSignature"),
    "more bytes than signed": (lambda h: changed(h.receipt(8 * UNIT), 9, 1), "Receipt"),
    "another channel": (lambda h: h.receipt(8 * UNIT, ctx=5), "ReceiptContextMismatch"),
    "no field element": (lambda h: wire.receipt(b"\1" + bytes(8) + b"\xff" * 32 + bytes(64)), "NonCanonicalNumber"),
    "a result cut short": (lambda h: wire.result(RESULT)[:-1], "ControlLength"),
    "a result of no field element": (lambda h: wire.result(RESULT)[:1] + b"\xff" * 40, "NonCanonicalNumber"),
    "a result by the node's kind": (lambda h: wire.acknowledgement(wire.result(RESULT)[1:]), "ControlKind"),
    "S out of range": (lambda h: h.receipt(8 * UNIT)[:-32] + b"\xff" * 32, "NonCanonicalNumber"),
}


RECORDS = {"DATA": (DATA, b"x"), "RESET": (RESET, b""), "unknown": (9, b""), "closed": (CLOSE, b"")}


async def is_cut(stream: SecureStream) -> None:
    """Read until the node hangs up."""
    try:
        while True:
            await stream.receive_control()
    except (TunnelError, OSError):
        stream.abort()


def test_what_the_node_refuses_in_a_session(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """By name, and the session goes on on the next connection as if nothing had come."""

    async def test() -> None:
        async with paid_world(tmp_path, caps=[]) as w:
            funded = w.wallet.fund(w.escrow, w.identity.payee, CAP, EXPIRY)
            await w.vanish()
            hostile = await opened(w, funded)
            before = w.sessions.find(funded.note.cm)
            for name, (make, error) in MESSAGES.items():
                caplog.clear()
                await hostile.stream.send_control(make(hostile))
                await is_cut(hostile.stream)
                await until(lambda: "node: cut" in caplog.text)
                assert error in caplog.text, name
                hostile = await opened(w, funded, sign=False)
            for kind, payload in RECORDS.values():
                await hostile.stream._send_record(kind, payload)
                await is_cut(hostile.stream)
                hostile = await opened(w, funded, sign=False)
            assert w.sessions.find(funded.note.cm) == before
            await hostile.stream.send_control(hostile.receipt(9 * UNIT))
            answer = wire.read_acknowledgement(await hostile.stream.receive_control())
            assert Acknowledgement.unpack(answer).num_bytes == 9 * UNIT
            hostile.stream.abort()

    run(test())


OTHER = SessionKey.from_seed(b"somebody else")
OPENINGS: dict[str, Callable[[wire.Opening, FundedNote, SecureStream], bytes]] = {
    "another handshake": lambda o, f, s: replace(
        o, binding=ChannelBinding.sign(f.key, f.note.cm, bytes(32)).pack()
    ).pack(),
    "another's signature": lambda o, f, s: replace(
        o, binding=ChannelBinding.sign(OTHER, f.note.cm, s.handshake_hash).pack()
    ).pack(),
    "a higher cap": lambda o, f, s: replace(o, cap=o.cap + 1).pack(),
    "another position": lambda o, f, s: replace(o, position=1).pack(),
    "a position far away": lambda o, f, s: replace(o, position=(1 << 64) - 1).pack(),
    "a key of small order": lambda o, f, s: replace(o, public_key=(0, 1)).pack(),
    "rho is no field element": lambda o, f, s: replace(o, rho=bn254.FR.modulus).pack(),
    "no point": lambda o, f, s: o.pack()[:1] + b"\xff" * 32 + o.pack()[33:],
    "cut short": lambda o, f, s: o.pack()[:-1],
    "too long": lambda o, f, s: o.pack() + b"\0",
    "nothing but the kind": lambda o, f, s: o.pack()[:1],
}


def test_what_the_node_refuses_to_open(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        async with paid_world(tmp_path, caps=[]) as w:
            funded = w.wallet.fund(w.escrow, w.identity.payee, CAP, EXPIRY)
            await w.vanish()
            for name, make in OPENINGS.items():
                stream = await w.client.connect()
                await stream.send_control(make(opening(funded, stream), funded, stream))
                assert wire.read_reason(await stream.receive_control()) == Reason.REFUSED, name
                stream.abort()
            assert w.sessions.statistics()["open"] == 0 and str(funded.note.rho) not in caplog.text
            hostile = await opened(w, funded)
            await hostile.stream.send_control(wire.FINISH)
            assert wire.kind_of(await hostile.stream.receive_control()) == wire.Kind.ACK
            assert wire.read_reason(await hostile.stream.receive_control()) == Reason.FINISHED
            hostile.stream.abort()
            stream = await w.client.connect()
            await stream.send_control(opening(funded, stream).pack())
            assert wire.read_reason(await stream.receive_control()) == Reason.USED
            stream.abort()

    run(test())


def test_noise_of_any_kind_ends_no_more_than_its_connection(tmp_path: Path) -> None:
    rng = random.Random(20261129)

    async def test() -> None:
        async with paid_world(tmp_path, caps=[]) as w:
            funded = w.wallet.fund(w.escrow, w.identity.payee, CAP, EXPIRY)
            await w.vanish()
            for number in range(30):
                hostile = await opened(w, funded, sign=number == 0)
                message = bytes([rng.choice(list(wire.Kind))]) + rng.randbytes(
                    rng.choice([0, 1, 73, 104, 105, 149, 3000])
                )
                if message[:1] == wire.FINISH and len(message) == 1:
                    message += b"\0"
                await hostile.stream.send_control(message)
                await is_cut(hostile.stream)
            stored = w.sessions.find(funded.note.cm)
            assert stored is not None and stored.best is not None and stored.best.num_bytes == SIGNED

    run(test())


def test_a_flood_of_receipts_waits_for_the_disk(tmp_path: Path) -> None:
    """Unsaved receipts are bounded, whatever the client sends."""

    async def test() -> None:
        async with paid_world(tmp_path, caps=[]) as w:
            funded = w.wallet.fund(w.escrow, w.identity.payee, CAP, EXPIRY)
            await w.vanish()
            hostile = await opened(w, funded)
            account = w.cashier.account(w.client_key)
            for num_bytes in range(SIGNED + 1, SIGNED + 101):
                await hostile.stream.send_control(hostile.receipt(num_bytes))
            await until(lambda: account.credited == SIGNED + 100)
            acknowledged = 0
            while acknowledged < SIGNED + 100:
                answer = wire.read_acknowledgement(await hostile.stream.receive_control())
                acknowledged = Acknowledgement.unpack(answer).num_bytes
            hostile.stream.abort()

    run(test())


def test_what_is_signed_after_the_end_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client opens its next session, and signs in the old one while the node writes down how that ended.

    What came between the two writes was in the session's stage and not in its state: a claim without a receipt.
    """

    async def test() -> None:
        async with paid_world(tmp_path, caps=[]) as w:
            old, new = (w.wallet.fund(w.escrow, w.identity.payee, CAP, EXPIRY) for _ in range(2))
            await w.vanish()
            hostile = await opened(w, old, sign=False)
            account, save, was_read = w.cashier.account(w.client_key), w.sessions.save, threading.Event()

            def save_slowly(states: Mapping[int, Mapping[str, Any]]) -> None:
                save(states)
                was_read.wait(30)

            monkeypatch.setattr(w.sessions, "save", save_slowly)
            following = await opened(w, new, sign=False)
            assert account.ended is not None and num_listening() == 2
            await hostile.stream.send_control(hostile.receipt(SIGNED))
            await until(lambda: num_listening() == 1 or account.acceptor.meter.best is not None)
            was_read.set()
            assert wire.read_reason(await hostile.stream.receive_control()) == Reason.REPLACED
            stored = w.sessions.find(old.note.cm)
            assert stored is not None and (stored.stage, stored.best) == (EMPTY, None)
            for stream in (hostile.stream, following.stream):
                stream.abort()

    run(test())


def num_listening() -> int:
    """Sessions' connections that the node reads."""
    return sum(task.get_coro().__qualname__ == "_Channel.listen" for task in asyncio.all_tasks())  # type: ignore[union-attr]


@given(st.binary(max_size=200))
@example(b"")
@example(bytes([wire.Kind.OPEN]) + bytes(149))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for read in (
        wire.Opening.unpack,
        wire.Opened.unpack,
        wire.read_receipt,
        wire.read_acknowledgement,
        wire.read_reason,
        wire.kind_of,
    ):
        for message in (data, bytes([wire.Kind.OPEN]) + data, bytes([wire.Kind.OPENED]) + data):
            try:
                read(message)  # type: ignore[operator]
            except (TunnelError, MalformedInput):
                continue


@given(relayed=st.integers(0, 2**64 - 1), window=st.integers(0, 2**64 - 1), key=st.binary(min_size=32, max_size=32))
def test_what_is_packed_is_unpacked(relayed: int, window: int, key: bytes) -> None:
    for receipt in (b"", bytes(105)):
        message = wire.Opened(relayed, window, key, receipt)
        assert wire.Opened.unpack(message.pack()) == message
    with pytest.raises(ControlKind):
        wire.read_reason(message.pack())


def test_what_the_client_refuses_of_a_node(tmp_path: Path) -> None:
    async def test() -> None:
        async with paid_world(tmp_path, caps=[]) as w:
            funded = w.wallet.fund(w.escrow, w.identity.payee, CAP, EXPIRY)
            key = bytes(w.acknowledging.verify_key)
            tab = Tab(funded, window_bytes=1 << 20, patience_s=1)
            forged = Receipt.sign(OTHER, funded.note.cm, 5).pack()
            for receipt in (forged, bytes(105), changed(forged, 0, 9)):
                with pytest.raises(StrangeReceipt):
                    tab.take_up(wire.Opened(0, 1 << 20, key, receipt))
            tab.take_up(wire.Opened(0, 1 << 20, key, b""))
            assert await tab.charge(5) == 5
            packed = tab.sign(ReceiptContext(bytes(32), 0))
            assert packed is not None and tab.signed == 5 and tab.sign(ReceiptContext(bytes(32), 0)) is None
            receipt = Receipt.unpack(packed, funded.note.cm)
            payee = funded.note.payee
            good = Acknowledgement.sign(w.acknowledging, payee, receipt).pack()
            for answer in (
                Acknowledgement.sign(w.acknowledging, payee + 1, receipt).pack(),
                Acknowledgement.sign(w.acknowledging, payee, Receipt.sign(funded.key, funded.note.cm, 4)).pack(),
                changed(good, 0, 2),
                changed(good, 72, good[72] ^ 1),
            ):
                with pytest.raises(AcknowledgementRefused):
                    tab.acknowledge(answer)
            assert tab.acknowledged == 0
            tab.acknowledge(good)
            tab.acknowledge(good)  # it may come again after a reconnect
            assert tab.acknowledged == 5

    run(test())


def test_no_secret_is_shown(tmp_path: Path) -> None:
    async def test() -> None:
        async with paid_world(tmp_path, caps=[]) as w:
            funded = w.wallet.fund(w.escrow, w.identity.payee, CAP, EXPIRY)
            stream = await w.client.connect()
            shown = repr(opening(funded, stream)) + repr(funded) + repr(w.sessions)
            stream.abort()
            assert str(funded.note.rho) not in shown and str(funded.key._secret) not in shown
            for name in ("sessions.sqlite", "wallet.sqlite"):
                assert (tmp_path / name).stat().st_mode & 0o077 == 0
            await asyncio.sleep(0)

    run(test())
