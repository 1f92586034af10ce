"""The node: opens connections for its peers where its exit filter permits, and carries their bytes.

    client                     node
    CONTROL destination   ->
                          <-   CONTROL reply u8 (a code of SOCKS5; 0 for a connection that is open)
    DATA ...             <->   DATA ...

A name is resolved by the node, and what is connected to is the very address that the filter judged.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from typing import TYPE_CHECKING

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
from .errors import ExitRefused, TooSlow, TunnelError, Unpaid
from .exit_filter import ExitFilter
from .listener import Limits, log, within
from .splice import splice
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
        cashier: Cashier | None = None,
    ) -> None:
        """Without ``exit_filter`` no connection is opened for anybody; with ``cashier`` none that is not paid for."""
        self._filter = exit_filter or ExitFilter()
        self._limits = limits or Limits()
        self.cashier = cashier
        self.transport = StreamTransport(static, self._serve, host=host, port=port, limits=self._limits)

    async def start(self) -> None:
        if self.cashier is not None:
            await self.cashier.start()
        await self.transport.start()

    async def stop(self) -> None:
        await self.transport.stop()
        if self.cashier is not None:
            await self.cashier.stop()

    async def _serve(self, stream: SecureStream, request: bytes) -> None:
        """Raises ``InvalidAddress`` for a malformed request, and as ``splice`` and ``Cashier.serve``."""
        if self.cashier is None:
            await self._carry(stream, request)
        elif request[:1] == bytes([SESSION]):
            await self.cashier.serve(stream, request)
        else:
            try:
                account = self.cashier.account(stream.remote_static)
            except Unpaid as refusal:
                await self._refuse(stream, refusal, refusal.reply)
                return
            stream.toll = account
            with account.stream():
                await self._carry(stream, request)

    async def _carry(self, stream: SecureStream, request: bytes) -> None:
        address = Address.unpack(request)
        try:
            reader, writer = await within(self._limits.connect_s, "connecting", self._connect(address))
        except (ExitRefused, TooSlow) as refusal:
            reply = refusal.reply if isinstance(refusal, ExitRefused) else HOST_UNREACHABLE
            await self._refuse(stream, refusal, reply)
            return
        try:
            await stream.send_control(bytes([SUCCEEDED]))
            await splice(reader, writer, stream, idle_s=self._limits.idle_s)
        finally:
            abort(writer)

    async def _refuse(self, stream: SecureStream, refusal: TunnelError, reply: int) -> None:
        log.warning("node: not opened: %s: %s", type(refusal).__name__, refusal)
        await stream.send_control(bytes([reply]))
        await within(self._limits.connect_s, "closing", stream.close())

    async def _connect(self, address: Address) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The first of the name's addresses that answers; raises ``ExitRefused``."""
        if not self._filter.permits_port(address.port):
            raise ExitRefused("the filter does not open this port", NOT_ALLOWED)
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise ExitRefused("the name cannot be resolved", HOST_UNREACHABLE) from None
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
