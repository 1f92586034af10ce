"""The node: opens connections for its peers where its exit filter permits, and carries their bytes.

    client                     node
    CONTROL destination   ->
                          <-   CONTROL reply u8 (a code of SOCKS5; 0 for a connection that is open)
    DATA ...             <->   DATA ...

A node is an exit, which opens destinations, or a relay, which opens the next node (``relay.py``), and never both.  A
name is resolved by the node, and what is connected to is the very address that the filter judged.
"""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import socket
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from .address import (
    FAILED,
    HOST_UNREACHABLE,
    NETWORK_UNREACHABLE,
    NOT_ALLOWED,
    REFUSED,
    SESSION,
    SUCCEEDED,
    Address,
)
from .bandwidth import Caps
from .errors import ConflictingRoles, ExitRefused, NotARelay, TooSlow, Unpaid
from .exit_filter import ExitFilter
from .join import join
from .listener import Limits, log, within
from .relay import Neighbours, open_link, receive_guest
from .request import CIRCUIT, EXTEND
from .splice import Pace, splice
from .stream import BUFFER_BYTES, SecureStream, abort
from .transport import StreamTransport

if TYPE_CHECKING:  # who carries for nothing loads none of it
    from .cashier import Cashier

_REPLIES = {
    errno.ECONNREFUSED: REFUSED,
    errno.ENETUNREACH: NETWORK_UNREACHABLE,
    errno.EHOSTUNREACH: HOST_UNREACHABLE,
    errno.ETIMEDOUT: HOST_UNREACHABLE,
}


class Node:
    """``transport`` is where peers are added, removed and counted."""

    def __init__(
        self,
        static: X25519PrivateKey,
        *,
        host: str,
        port: int = 0,
        exit_filter: ExitFilter | None = None,
        limits: Limits | None = None,
        neighbours: Neighbours | None = None,
        caps: Caps | None = None,
        cashier: Cashier | None = None,
        max_connections_per_peer: int = 256,
    ) -> None:
        """Without ``exit_filter`` no destination is opened for anybody, without ``neighbours`` no circuit carried.

        With ``cashier`` nothing is carried that is not paid for.  The neighbours' relays are peers from the start, with
        as many connections as the node has.
        Raises ``ConflictingRoles``, or ``HandshakeRefused`` for what is no key.
        """
        self._filter = exit_filter or ExitFilter()
        self._limits = limits or Limits()
        self._neighbours = neighbours or Neighbours()
        self._caps = caps or Caps()
        self._static = static
        self.cashier = cashier
        if self._filter.ports and self._neighbours.next_nodes:
            raise ConflictingRoles("a node that relays may not open destinations")
        self.transport = StreamTransport(
            static,
            self._serve,
            host=host,
            port=port,
            limits=self._limits,
            max_connections_per_peer=max_connections_per_peer,
        )
        for relay in self._neighbours.relays:
            self.transport.add_peer(relay, max_connections=self._limits.max_connections)

    async def start(self) -> None:
        if self.cashier is not None:
            await self.cashier.start()
        await self.transport.start()

    async def stop(self) -> None:
        await self.transport.stop()
        if self.cashier is not None:
            await self.cashier.stop()

    async def _serve(self, stream: SecureStream, request: bytes) -> None:
        """Raises ``InvalidAddress``, ``InvalidRequest``, ``NotARelay``, ``TooManyHops``, as ``splice``,
        and as ``Cashier.serve``.

        Paid is what a stream carries for its client: a guest's, not the link of the relay that brought it.
        """
        pace, number = self._caps.pace(stream.remote_static), 1
        if stream.remote_static in self._neighbours.relays:
            arrival = receive_guest(stream, request, self._static)
            guest = await within(self._limits.greeting_s, "a greeting through a relay", arrival)
            stream, request, number = guest.stream, guest.request, guest.number
        if self.cashier is None:
            await self._fulfil(stream, request, number, pace)
        elif request[:1] == bytes([SESSION]):
            await self.cashier.serve(stream, request)
        else:
            try:
                account = self.cashier.account(stream.remote_static)
            except Unpaid as refusal:
                await self._refuse(stream, refusal)
                return
            stream.toll = account
            with account.stream():
                await self._fulfil(stream, request, number, pace)

    async def _fulfil(self, stream: SecureStream, request: bytes, number: int, pace: Pace) -> None:
        if request[:1] == EXTEND:
            await self._relay(stream, request, number, pace)
        elif request[:1] == CIRCUIT:
            raise NotARelay("a circuit was brought by a peer that is no relay here")
        else:
            await self._carry(stream, request, pace)

    async def _carry(self, stream: SecureStream, request: bytes, pace: Pace) -> None:
        address = Address.unpack(request)
        try:
            reader, writer = await within(self._limits.connect_s, "connecting", self._connect(address))
        except (ExitRefused, TooSlow) as refusal:
            await self._refuse(stream, refusal)
            return
        try:
            await stream.send_control(bytes([SUCCEEDED]))
            await splice(reader, writer, stream, idle_s=self._limits.idle_s, pace=pace)
        finally:
            abort(writer)

    async def _relay(self, stream: SecureStream, request: bytes, number: int, pace: Pace) -> None:
        opening = open_link(
            request, number, self._static, self._neighbours.next_nodes, num_tries=self._limits.num_tries
        )
        try:
            link = await within(self._limits.connect_s, "connecting", opening)
        except (ExitRefused, TooSlow) as refusal:
            await self._refuse(stream, refusal)
            return
        try:
            await stream.send_control(bytes([SUCCEEDED]))
            await join(stream, link, idle_s=self._limits.idle_s, pace=pace)
        finally:
            link.abort()

    async def _refuse(self, stream: SecureStream, refusal: ExitRefused | TooSlow) -> None:
        log.warning("node: not opened: %s: %s", type(refusal).__name__, refusal)
        reply = refusal.reply if isinstance(refusal, ExitRefused) else HOST_UNREACHABLE
        await stream.send_control(bytes([reply]))
        await within(self._limits.connect_s, "closing", stream.close())

    async def _connect(self, address: Address) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The first of the name's addresses that answers; raises ``ExitRefused``."""
        if not self._filter.permits_port(address.port):
            raise ExitRefused("the filter does not open this port", NOT_ALLOWED)
        if not self._filter.permits_name(address.host):
            raise ExitRefused("the filter does not open this name", NOT_ALLOWED)
        try:
            found = await _resolve(address)
        except (OSError, UnicodeError):
            raise ExitRefused("the name cannot be resolved", HOST_UNREACHABLE) from None
        if not all(self._filter.permits_name(name) for *_, name, _ in found):
            raise ExitRefused("the filter does not open what this name is another name of", NOT_ALLOWED)
        hosts = [str(place[0]) for *_, place in found if self._filter.permits(str(place[0]), address.port)]
        if not hosts:
            raise ExitRefused("the filter does not open this destination", NOT_ALLOWED)
        reply = FAILED
        for host in hosts:
            try:
                return await asyncio.open_connection(host, address.port, limit=BUFFER_BYTES)
            except OSError as error:
                reply = _REPLIES.get(error.errno or 0, FAILED)
        raise ExitRefused("the destination cannot be reached", reply)


async def _resolve(address: Address) -> list[tuple[Any, ...]]:
    """As ``getaddrinfo``; an address does not wait for the few threads that ask name servers.  Raises ``OSError``."""
    host, port, flags = address.host, address.port, socket.AI_CANONNAME
    try:
        ipaddress.ip_address(host)
    except ValueError:
        loop = asyncio.get_running_loop()
        return await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags | socket.AI_NUMERICHOST)
