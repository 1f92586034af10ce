"""The node's part of paid sessions: admits notes, keeps receipts on disk before it counts them, ends sessions.

    transport --> Cashier.serve      a connection whose first message is OPEN: notes and receipts
              --> Cashier.account    any other: whom to charge its bytes to

A peer has one session at a time, whatever the number of its connections.  A session outlives its connection: who comes
back within ``linger_s`` with the same note and a new binding goes on where the file says, also after the node was
killed.  One that ended is the collector's, and its note is not served again: claims are final.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

from nacl.signing import SigningKey

from zkrelay.errors import InvalidSignature, MalformedInput, NoteRefused, StoreError, ZkrelayError
from zkrelay.relay.acceptor import SessionAcceptor
from zkrelay.relay.admission import DEFAULT_MARGIN, may_serve
from zkrelay.relay.binding import ChannelBinding
from zkrelay.relay.identity import NodeIdentity
from zkrelay.relay.meter import DEFAULT_WINDOW_BYTES
from zkrelay.relay.note import Note
from zkrelay.relay.receipt_context import ReceiptContext

from . import wire
from .account import Account
from .address import PAYMENT_DUE
from .errors import (
    ControlKind,
    JournalFailed,
    LedgerUnavailable,
    NoteBusy,
    NoteUsed,
    OpeningRefused,
    Reason,
    ReceiptRefused,
    SessionEnded,
    TunnelError,
    Unpaid,
)
from .ledger import Settlement
from .ledger_view import LedgerView
from .listener import log, within
from .saver import Saver
from .sessions import OPEN, SessionFile
from .splice import cancel
from .stream import SecureStream
from .wire import Kind

_FAREWELL_S = 5.0
_SWEEP_S = 0.5
_UNSAVED_RECEIPTS = 8  # a client that sends receipts faster than the disk takes them waits


@dataclass(frozen=True)
class Terms:
    """What a node asks of sessions.

    ``window_bytes`` is W; ``margin`` in epochs, at least the longest time for which a claim could be delayed;
    ``minimum_cap`` in bytes, None for one unit; ``patience_s`` for how long the client may sign nothing while the node
    waits for it; ``linger_s`` for how long a session without a connection stays open; ``refresh_s`` how often the
    ledger is asked for its epoch.
    """

    window_bytes: int = DEFAULT_WINDOW_BYTES
    margin: int = DEFAULT_MARGIN
    minimum_cap: int | None = None
    patience_s: float = 10.0
    linger_s: float = 600.0
    refresh_s: float = 5.0


class Cashier:
    """``start`` before the node serves, ``stop`` after it."""

    def __init__(
        self,
        settlement: Settlement,
        sessions: SessionFile,
        identity: NodeIdentity,
        acknowledging_key: SigningKey,
        terms: Terms | None = None,
    ) -> None:
        self._domain = settlement.domain
        self._sessions, self._identity, self._key = sessions, identity, acknowledging_key
        self._terms = terms or Terms()
        self._view = LedgerView(settlement)
        self._saver = Saver(sessions)
        self._accounts: dict[int, Account] = {}  # by cm
        self._of_peer: dict[bytes, Account] = {}
        self._opening: set[int] = set()
        self._loops: list[asyncio.Task[None]] = []
        self._conclusions: set[asyncio.Task[None]] = set()
        self.unpaid_bytes = 0  # of sessions that ended

    @property
    def payee(self) -> int:
        """What clients make their notes out to."""
        return self._identity.payee

    def statistics(self) -> dict[str, int]:
        """What the session file says of all sessions, and what open ones have not signed for yet; reads the disk."""
        unpaid = sum(max(0, account.unpaid) for account in self._accounts.values())
        return {**self._sessions.statistics(), "unsigned_bytes": unpaid}

    async def start(self) -> None:
        """Take up the sessions that were open when the node stopped."""
        for stored in await asyncio.to_thread(self._sessions.of_stage, OPEN):
            acceptor = SessionAcceptor.resume(
                stored.note, stored.state, acknowledge_with=self._key, window_bytes=self._terms.window_bytes
            )
            self._add(acceptor)
        loop = asyncio.get_running_loop()
        self._loops = [loop.create_task(self._refresh()), loop.create_task(self._sweep())]

    async def stop(self) -> None:
        """Sessions stay open: their clients may come back."""
        await cancel(*self._loops)
        await asyncio.gather(*self._conclusions, return_exceptions=True)
        await self._saver.stop()

    def account(self, peer: bytes) -> Account:
        """Whom a connection of ``peer`` is charged to; raises ``Unpaid``."""
        account = self._of_peer.get(peer)
        if account is None or account.ended is not None:
            raise Unpaid("a connection is asked for without an open session", PAYMENT_DUE)
        return account

    async def serve(self, stream: SecureStream, request: bytes) -> None:
        """A session's connection from its first message on; raises what cut it."""
        try:
            account = await self._open(stream, request)
        except TunnelError as refusal:
            await self._tell(stream, _reason(refusal))
            raise
        task = asyncio.current_task()
        if account.channel is not None:
            account.channel.cancel()
        account.channel = task
        try:
            await self._run(stream, account)
        finally:
            if account.channel is task:
                account.channel = None
                account.acceptor.unbind()
                account.unbound_since = asyncio.get_running_loop().time()

    async def _open(self, stream: SecureStream, request: bytes) -> Account:
        """Raises ``ControlLength``, ``OpeningRefused``, ``NoteUsed``, ``NoteBusy``, ``LedgerUnavailable``."""
        try:
            opening = wire.Opening.unpack(request)
            note = Note(
                self._domain.value,
                self._identity.payee,
                opening.public_key,
                opening.rho,
                opening.cap,
                opening.expiry,
            )
            # a note costs the node and its ledger work only when its owner is at the other end of this connection
            ChannelBinding.unpack(opening.binding).verify(note.public_key, note.cm, stream.handshake_hash)
        except (MalformedInput, InvalidSignature) as error:
            raise OpeningRefused(f"{type(error).__name__}: {error}") from error
        if note.cm in self._opening:
            raise NoteBusy("this note is being opened on another connection")
        self._opening.add(note.cm)
        try:
            account = self._accounts.get(note.cm) or await self._admit(note, opening.position)
        finally:
            self._opening.discard(note.cm)
        if account.ended is not None:
            raise NoteUsed("the session of this note has ended")
        account.acceptor.bind(stream.handshake_hash, opening.binding)
        before = self._of_peer.get(stream.remote_static)
        if before is not None and before is not account:
            before.end(SessionEnded("the client opened another session", Reason.REPLACED))
        self._of_peer[stream.remote_static] = account
        return account

    async def _admit(self, note: Note, position: int) -> Account:
        try:
            if await asyncio.to_thread(self._sessions.find, note.cm) is not None:
                raise NoteUsed("the session of this note has ended")
            terms = self._terms
            await asyncio.to_thread(
                self._view.admit, note, position, self._identity, margin=terms.margin, minimum_cap=terms.minimum_cap
            )
            acceptor = SessionAcceptor(note, acknowledge_with=self._key, window_bytes=terms.window_bytes)
            await asyncio.to_thread(self._sessions.add, note, position, acceptor.state())
        except NoteRefused as error:
            raise OpeningRefused(str(error)) from error
        except StoreError as error:
            raise JournalFailed(str(error)) from error
        return self._add(acceptor)

    def _add(self, acceptor: SessionAcceptor) -> Account:
        account = Account(acceptor, patience_s=self._terms.patience_s, on_end=self._ended)
        self._accounts[account.cm] = account
        return account

    async def _run(self, stream: SecureStream, account: Account) -> None:
        meter = account.acceptor.meter
        best = b"" if meter.best is None else meter.best.pack()
        opened = wire.Opened(account.charged, meter.window_bytes, bytes(self._key.verify_key), best)
        await stream.send_control(opened.pack())
        channel = _Channel(stream, account, ReceiptContext(stream.handshake_hash, self._domain.price_per_unit))
        loop = asyncio.get_running_loop()
        tasks = [
            loop.create_task(channel.listen()),
            loop.create_task(channel.acknowledge(self._saver)),
            loop.create_task(account.is_over.wait()),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            await account.is_over.wait()
        finally:
            await cancel(*tasks)
        assert account.ended is not None
        await self._tell(stream, account.ended.reason)

    async def _tell(self, stream: SecureStream, reason: Reason) -> None:
        """Send ENDED and let it leave; a client that does not take it is none of our concern."""
        with contextlib.suppress(TunnelError, OSError):
            await within(_FAREWELL_S, "a farewell", _farewell(stream, reason))

    def _ended(self, account: Account) -> None:
        assert account.ended is not None
        log.warning("node: session ended: %s", account.ended)
        for peer in [peer for peer, held in self._of_peer.items() if held is account]:
            del self._of_peer[peer]
        task = asyncio.get_running_loop().create_task(self._conclude(account))
        self._conclusions.add(task)
        task.add_done_callback(self._conclusions.discard)

    async def _conclude(self, account: Account) -> None:
        """The last receipt, then the end, on disk; only then is the note forgotten here."""
        meter = account.acceptor.meter
        try:
            await self._saver.save(account.cm, account.state())
            claimable = self._domain.units(meter.acknowledged) > 0
            await asyncio.to_thread(self._sessions.end, account.cm, claimable=claimable)
        except (JournalFailed, StoreError) as error:
            log.error("node: the end of a session is not on disk: %s", error)
            return  # it is open in the file: the next start takes it up
        self.unpaid_bytes += max(0, account.charged - meter.acknowledged)
        del self._accounts[account.cm]
        account.is_over.set()

    async def _refresh(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self._view.refresh)
            except ZkrelayError as error:
                log.warning("node: the ledger gives no answer: %s", error)
            await asyncio.sleep(self._terms.refresh_s)

    async def _sweep(self) -> None:
        """Close what nears its expiry, and end what nobody came back to."""
        loop = asyncio.get_running_loop()
        while True:
            for account in list(self._accounts.values()):
                note, margin = account.acceptor.meter.note, self._terms.margin
                if not may_serve(note, self._view.now, margin):
                    account.close(SessionEnded(f"the note expires within {margin} epochs", Reason.EXPIRY))
                if account.channel is None and loop.time() - account.unbound_since > self._terms.linger_s:
                    account.end(SessionEnded("the client did not come back", Reason.SILENT))
            await asyncio.sleep(_SWEEP_S)


class _Channel:
    """One connection of a session: receipts come in, acknowledgements go out once the receipts are on disk."""

    def __init__(self, stream: SecureStream, account: Account, context: ReceiptContext) -> None:
        self._stream, self._account, self._context = stream, account, context
        self._unsaved = asyncio.Event()
        if account.acceptor.meter.acknowledged > account.credited:
            self._unsaved.set()  # the last connection was cut before these were on disk
        self._places = asyncio.Semaphore(_UNSAVED_RECEIPTS)
        self._taken = 0
        self._is_finished = False

    async def listen(self) -> None:
        """Until FINISH, or what is signed after the end.

        Raises ``ReceiptRefused``, ``ControlKind``, ``ControlLength``, and as ``receive_control``.
        """
        while True:
            message = await self._stream.receive_control()
            if wire.kind_of(message) == Kind.FINISH:
                wire.body(message, Kind.FINISH, 0)
                self._is_finished = True
                self._unsaved.set()
                return
            if wire.kind_of(message) == Kind.RESULT:
                self._take_result(message)
                continue
            data = wire.read_receipt(message)
            await self._places.acquire()
            if self._account.ended is not None:
                return  # the last receipt is on its way to the disk: a later one would be in no claim
            self._taken += 1
            try:
                self._account.acceptor.accept(data, self._context)
            except (MalformedInput, InvalidSignature) as error:
                raise ReceiptRefused(f"{type(error).__name__}: {error}") from error
            self._unsaved.set()

    def _take_result(self, message: bytes) -> None:
        if len(self._context.challenges) == wire.MAX_RESULTS:
            raise ControlKind(f"a session has {wire.MAX_RESULTS} results, not one more")
        try:
            self._context = self._context.with_result(wire.read_result(message))
        except MalformedInput as error:
            raise ReceiptRefused(f"{type(error).__name__}: {error}") from error

    async def acknowledge(self, saver: Saver) -> None:
        """For ever; raises ``JournalFailed``, and as ``send_control``."""
        acceptor = self._account.acceptor
        while True:
            await self._unsaved.wait()
            self._unsaved.clear()
            is_finished, taken, best = self._is_finished, self._taken, acceptor.meter.acknowledged
            answer = acceptor.acknowledgement()
            await saver.save(self._account.cm, self._account.state())
            self._account.credit(best)
            self._taken -= taken
            for _ in range(taken):
                self._places.release()
            if answer is not None:
                await self._stream.send_control(wire.acknowledgement(answer))
            if is_finished:
                self._account.end(SessionEnded("the client has finished", Reason.FINISHED))


def _reason(refusal: TunnelError) -> Reason:
    if isinstance(refusal, NoteUsed):
        return Reason.USED
    return Reason.LATER if isinstance(refusal, LedgerUnavailable | JournalFailed | NoteBusy) else Reason.REFUSED


async def _farewell(stream: SecureStream, reason: Reason) -> None:
    await stream.send_control(wire.ended(reason))
    await stream.close()
