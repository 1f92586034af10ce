"""The client: a SOCKS5 server for the programs of one machine, each of their connections carried to the node.

    program -- SOCKS5 -->  Socks5Front  -- one encrypted connection each -->  node  -->  destination

Names are not resolved here: they go to the node.  CONNECT without authentication is all there is of SOCKS5
[RFC 1928]; so let the front listen on loopback, where the machine's own programs are.
"""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from .address import (
    COMMAND_NOT_SUPPORTED,
    FAILED,
    IPV4,
    IPV6,
    KIND_NOT_SUPPORTED,
    NAME,
    PAYMENT_DUE,
    SUCCEEDED,
    Address,
)
from .dial import again, dial
from .errors import ExitRefused, InvalidAddress, SocksRefused, TunnelError
from .listener import Limits, Listener, log, within
from .request import ask
from .splice import splice
from .stream import SecureStream, Traffic, read_exactly

if TYPE_CHECKING:  # who pays nothing loads none of it
    from .payer import Payer
    from .tab import Tab

VERSION = 5
CONNECT = 1
NO_AUTHENTICATION, NOTHING_ACCEPTABLE = 0, 0xFF
_HOST_BYTES = {IPV4: 4, IPV6: 16}


class TunnelClient:
    """One static key, one node."""

    num_hops = 1

    def __init__(
        self,
        static: X25519PrivateKey,
        node: tuple[str, int],
        node_key: bytes,
        *,
        limits: Limits | None = None,
        payer: Payer | None = None,
    ) -> None:
        """``node`` is its host and port, ``node_key`` its static key, from where the node publishes it.

        With ``payer`` a session is open before any connection, and all of them are paid for.
        """
        self._static, self._node, self._node_key = static, node, node_key
        self.limits = limits or Limits()
        self.hop_traffic: tuple[Traffic, ...] = (Traffic(),)
        self.payer = payer

    @property
    def traffic(self) -> Traffic:
        """The programs' own bytes."""
        return self.hop_traffic[-1]

    async def start(self) -> None:
        if self.payer is not None:
            self.payer.start(self.connect)

    async def stop(self) -> None:
        """Sign for what came, and end the paid session."""
        if self.payer is not None:
            await self.payer.stop()

    async def open(self, address: Address) -> SecureStream:
        """A stream to ``address`` through the node; comes again when it is cut before it has the answer.

        Raises:
            InvalidAddress, HandshakeRefused, RecordRefused: as they say.
            StreamTruncated, OSError: the node broke off, each time.
            ExitRefused: the node's answer, or FAILED when the node cannot be reached.
            TooSlow: no answer came in time.
            NoNote, SessionEnded: no session can be paid for.
        """
        request = address.pack()
        time_limit = self.num_hops * (self.limits.greeting_s + self.limits.connect_s)
        return await within(time_limit, "opening", self._open(request))

    async def connect(self, _tab: Tab | None = None) -> SecureStream:
        """A stream to the node itself, on which nothing was asked for yet, for whatever session."""
        unreachable = ExitRefused("the node cannot be reached", FAILED)
        return await dial(self._node, self._static, self._node_key, self.hop_traffic[0], unreachable)

    async def _open(self, request: bytes) -> SecureStream:
        asking = functools.partial(
            again, functools.partial(self._ask, request), "client", num_tries=self.limits.num_tries
        )
        if self.payer is None:
            return await asking()
        while True:
            tab = await self.payer.tab()
            try:
                stream = await asking()
            except ExitRefused as refusal:
                if refusal.reply != PAYMENT_DUE:
                    raise
                await self.payer.is_over(tab)  # the node ended it, and we shall hear of it
            else:
                stream.toll = tab
                return stream

    async def _ask(self, request: bytes) -> SecureStream:
        stream = await self.connect()
        try:
            await ask(stream, request)
        except BaseException:
            stream.abort()
            raise
        return stream


class Socks5Front:
    """Listens for SOCKS5 clients and carries each CONNECT through ``client``."""

    def __init__(self, client: TunnelClient, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._client = client
        self._listener = Listener("socks", self._greet, self._serve, client.limits, host=host, port=port)

    @property
    def port(self) -> int:
        """The one that is listened on, once it was started."""
        return self._listener.port

    async def start(self) -> None:
        await self._client.start()
        await self._listener.start()

    async def stop(self) -> None:
        await self._listener.stop()
        await self._client.stop()

    async def _greet(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, Address]:
        try:
            return reader, writer, await _read_request(reader, writer)
        except SocksRefused as refusal:
            if refusal.reply is not None:
                await _answer(writer, refusal.reply)
                await _end(writer)
            raise

    async def _serve(self, greeted: tuple[asyncio.StreamReader, asyncio.StreamWriter, Address]) -> None:
        reader, writer, address = greeted
        try:
            stream = await self._client.open(address)
        except (TunnelError, OSError) as refusal:
            log.warning("socks: not opened: %s: %s", type(refusal).__name__, refusal)
            reply = refusal.reply if isinstance(refusal, ExitRefused) else FAILED
            await _answer(writer, reply if reply <= KIND_NOT_SUPPORTED else FAILED)
            await _end(writer)
            return
        try:
            await _answer(writer, SUCCEEDED)
            await splice(reader, writer, stream, idle_s=self._client.limits.idle_s)
        finally:
            stream.abort()


async def _read_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Address:
    """Method negotiation §3 and request §4; raises ``SocksRefused``, ``StreamTruncated``."""
    version, num_methods = await read_exactly(reader, 2)
    if version != VERSION:
        raise SocksRefused(f"version {version} of SOCKS, or no SOCKS at all", None)
    methods = await read_exactly(reader, num_methods)
    if NO_AUTHENTICATION not in methods:
        writer.write(bytes([VERSION, NOTHING_ACCEPTABLE]))
        await _end(writer)
        raise SocksRefused("the client offers no method that is served here", None)
    writer.write(bytes([VERSION, NO_AUTHENTICATION]))
    version, command, reserved, kind = await read_exactly(reader, 4)
    if version != VERSION or reserved != 0:
        raise SocksRefused("a malformed request", FAILED)
    if command != CONNECT:
        raise SocksRefused(f"command {command} is not served", COMMAND_NOT_SUPPORTED)
    if kind == NAME:
        head = await read_exactly(reader, 1)
        size = head[0]
    elif kind in _HOST_BYTES:
        head, size = b"", _HOST_BYTES[kind]
    else:
        raise SocksRefused(f"addresses of kind {kind} are not served", KIND_NOT_SUPPORTED)
    rest = await read_exactly(reader, size + 2)
    try:
        return Address.unpack(bytes([kind]) + head + rest)
    except InvalidAddress as error:
        raise SocksRefused(str(error), FAILED) from None


async def _answer(writer: asyncio.StreamWriter, reply: int) -> None:
    """A reply §6; the bound address is not told: it is the node's."""
    writer.write(bytes([VERSION, reply, 0, IPV4]) + bytes(4 + 2))
    await writer.drain()


async def _end(writer: asyncio.StreamWriter) -> None:
    """Let what was written leave before the connection is cut."""
    writer.close()
    await writer.wait_closed()
