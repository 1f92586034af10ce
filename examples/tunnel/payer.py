"""The client's part of paid sessions: hands a note over, signs for what was counted, comes back after a broken line.

A note's ``Tab`` lives as long as its session; its connection may be made anew.  Receipts go out every ``EVERY_BYTES``
or every second, whichever is first.  When a session is over, the next note of the wallet follows.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Awaitable, Callable

from zkrelay.errors import MalformedInput, StoreError, ZkrelayError
from zkrelay.relay.binding import ChannelBinding
from zkrelay.relay.domain import Domain
from zkrelay.relay.meter import DEFAULT_WINDOW_BYTES
from zkrelay.relay.receipt_context import ChallengeResult, ReceiptContext

from . import wire
from .challenger import Attestation, take_challenge
from .dial import again
from .errors import ControlKind, NoNote, Reason, SessionEnded, TunnelError
from .listener import log, within
from .reputation import Testimony
from .splice import cancel
from .stream import SecureStream
from .tab import EVERY_SECONDS, MINIMUM_WINDOW_BYTES, Tab
from .wallet import REFUSED, USED, FundedNote, Wallet
from .wire import Kind

Connect = Callable[[Tab], Awaitable[SecureStream]]


class Payer:
    """Pays one node out of one wallet."""

    def __init__(
        self,
        wallet: Wallet,
        domain: Domain,
        *,
        window_bytes: int = DEFAULT_WINDOW_BYTES,
        answer_s: float = 15.0,
        retry_s: tuple[float, float] = (0.2, 10.0),
        keep: Callable[[Testimony], None] | None = None,
    ) -> None:
        """
        Args:
            window_bytes: how much may be counted and not acknowledged.
            answer_s: how long the node may take for an answer; longer than its patience with the client.
            retry_s: the shortest and the longest pause before the next try.
            keep: is given what each session says of its node when it ends; it holds the note's secret.
        """
        if window_bytes < MINIMUM_WINDOW_BYTES:
            raise MalformedInput(f"a client's window has at least {MINIMUM_WINDOW_BYTES} bytes")
        self._wallet, self._domain = wallet, domain
        self._window, self._answer_s, self._retry_s = window_bytes, answer_s, retry_s
        self._keep = keep
        self._pause_s = retry_s[0]
        self._tab: Tab | None = None
        self._is_open = False
        self._failure: TunnelError | None = None
        self._changed = asyncio.Event()
        self._runner: asyncio.Task[None] | None = None
        self._is_stopping = False
        self.ended_bytes = 0  # signed for, in sessions that are over

    @property
    def signed_bytes(self) -> int:
        return self.ended_bytes + (self._tab.signed if self._tab else 0)

    def start(self, connect: Connect) -> None:
        """``connect`` gives a stream to the node on which nothing was asked for yet, for the session of a tab."""
        self._runner = asyncio.get_running_loop().create_task(self._run(connect))

    async def stop(self) -> None:
        """Sign for all that was counted, tell the node that the session is over, and wait for its answer."""
        self._is_stopping = True
        if self._runner is None:
            return
        tab = self._tab
        if tab is not None and (self._is_open or tab.counted > tab.acknowledged):
            tab.finish()
            await asyncio.wait({self._runner}, timeout=self._answer_s)
        await cancel(self._runner)

    async def tab(self) -> Tab:
        """What a new connection is charged to; waits for a session, and raises why there is none."""
        while not self._is_open or self._tab is None:
            if self._failure is not None:
                raise self._failure
            await self._changed.wait()
        return self._tab

    def record(self, result: ChallengeResult) -> None:
        """Let the open session's receipts sign a result from now on; without one it is lost."""
        if self._tab is not None:
            self._tab.record(result)

    async def take_challenge(self, stream: SecureStream, size: int, challenger: bytes) -> Attestation:
        """As ``challenger.take_challenge``, for the open session, whose receipts sign what comes of it."""
        tab = await self.tab()
        attestation = await take_challenge(stream, tab.funded.key, tab.funded.note.cm, size, challenger)
        tab.attestations.append(attestation)
        tab.record(attestation.result)
        return attestation

    async def is_over(self, tab: Tab) -> None:
        """Wait until there is another session than ``tab``'s, or none."""
        while self._is_open and self._tab is tab:
            await self._changed.wait()

    async def _run(self, connect: Connect) -> None:
        while self._tab is not None or not self._is_stopping:
            try:
                tab = self._tab = await self._next_tab()
                stream, answer = await again(functools.partial(self._enter, connect, tab), "client")
                reason = await self._converse(stream, answer, tab)
            except (ZkrelayError, OSError) as error:
                await self._failed(error)
                continue
            finally:
                self._is_open = False
                self._wake()
            ended = SessionEnded(f"the node ended the session: {reason.name}", reason)
            if reason in (Reason.LATER, Reason.REPLACED):
                await self._failed(ended)
                continue
            log.warning("client: %s after %d signed bytes", ended, tab.signed)
            tab.end(ended)
            testimony = tab.testimony()
            if testimony is not None and self._keep is not None:
                self._keep(testimony)
            self.ended_bytes += tab.signed
            self._tab = None
            stage = REFUSED if reason == Reason.REFUSED else USED
            left = (tab.best, tab.acknowledgement, tab.node_key)
            try:
                await asyncio.to_thread(self._wallet.finish, tab.funded.id, stage, *left)
            except StoreError as error:  # the note is tried once more, and the node will say that it is used
                await self._failed(error)

    async def _next_tab(self) -> Tab:
        if self._tab is not None:
            return self._tab
        funded = await asyncio.to_thread(self._wallet.next_note, self._domain)
        if funded is None:
            raise NoNote("the wallet has no note for this domain: fund one")
        return Tab(funded, window_bytes=self._window, patience_s=self._answer_s)

    async def _failed(self, error: Exception) -> None:
        """Tell whoever waits, and pause."""
        if str(error) != str(self._failure):  # once, not with each try
            log.warning("client: no session: %s: %s", type(error).__name__, error)
        self._failure = error if isinstance(error, TunnelError) else NoNote(f"{type(error).__name__}: {error}")
        self._wake()
        await asyncio.sleep(self._pause_s)
        self._pause_s = min(2 * self._pause_s, self._retry_s[1])

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _enter(self, connect: Connect, tab: Tab) -> tuple[SecureStream, bytes]:
        """Hand the note over: a connection, and the node's first message on it."""
        stream = await within(self._answer_s, "reaching the node", connect(tab))
        try:
            await stream.send_control(_opening(tab.funded, stream.handshake_hash).pack())
            return stream, await within(self._answer_s, "opening a session", stream.receive_control())
        except BaseException:
            stream.abort()
            raise

    async def _converse(self, stream: SecureStream, answer: bytes, tab: Tab) -> Reason:
        """One connection of a session: why the node ended it; raises what broke the connection."""
        try:
            if wire.kind_of(answer) == Kind.ENDED:
                return wire.read_reason(answer)
            tab.take_up(wire.Opened.unpack(answer))
            self._is_open, self._failure, self._pause_s = True, None, self._retry_s[0]
            self._wake()
            context = ReceiptContext(stream.handshake_hash, self._domain.price_per_unit)
            reason = await _serve(stream, tab, context)
            with contextlib.suppress(TunnelError, OSError):
                # in order, so that whoever carries this stream has counted what we have
                await within(self._answer_s, "closing", stream.close())
            return reason
        finally:
            stream.abort()


async def _serve(stream: SecureStream, tab: Tab, context: ReceiptContext) -> Reason:
    loop = asyncio.get_running_loop()

    async def tick() -> None:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            if tab.is_full:
                tab.finish()
            tab.due.set()

    async def sign() -> None:
        nonlocal context
        while True:
            await tab.due.wait()
            tab.due.clear()
            for result in tab.results[len(context.challenges) :]:
                await stream.send_control(wire.result(result))
                context = context.with_result(result)
            receipt = tab.sign(context)
            if receipt is not None:
                await stream.send_control(wire.receipt(receipt))
            if tab.is_finishing and tab.signed == tab.counted:
                await stream.send_control(wire.FINISH)
                return

    async def listen() -> Reason:
        while True:
            message = await stream.receive_control()
            kind = wire.kind_of(message)
            if kind == Kind.ENDED:
                return wire.read_reason(message)
            if kind != Kind.ACK:
                raise ControlKind(f"{kind.name} came where an acknowledgement was due")
            tab.acknowledge(wire.read_acknowledgement(message))

    signing, listening = loop.create_task(sign()), loop.create_task(listen())
    ticking = loop.create_task(tick())
    try:
        await asyncio.wait({signing, listening, ticking}, return_when=asyncio.FIRST_COMPLETED)
        if signing.done():
            signing.result()
        return await listening
    finally:
        await cancel(signing, listening, ticking)


def _opening(funded: FundedNote, handshake_hash: bytes) -> wire.Opening:
    note = funded.note
    binding = ChannelBinding.sign(funded.key, note.cm, handshake_hash).pack()
    return wire.Opening(note.public_key, note.rho, note.cap, note.expiry, funded.position, binding)
