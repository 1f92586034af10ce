"""What a node needs of whatever carries its clients' bytes, and the stream back end that does it.

``Transport`` has the shape that node software has already: peers are added and removed by their public keys while it
runs, and each peer's bytes can be asked for.  ``StreamTransport`` authenticates each connection, waits for its request,
and hands both to the node.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from .errors import DuplicatePeer, HandshakeRefused, TooMany, UnknownPeer
from .listener import Limits, Listener
from .noise_ik import KEY_BYTES
from .stream import SecureStream, Traffic, accept


@dataclass(frozen=True)
class PeerStatistics:
    """Payload bytes that this end received from the peer and sent to it, and the peer's open connections."""

    received: int
    sent: int
    num_connections: int


class Transport(Protocol):
    """Clients come and go while it runs; ``public_key`` is what the peer authenticates with."""

    async def start(self) -> None:
        """Begin to serve."""

    async def stop(self) -> None:
        """End all connections, and wait until they are gone."""

    def add_peer(self, public_key: bytes) -> None:
        """Serve this peer from now on; raises ``DuplicatePeer``."""

    def remove_peer(self, public_key: bytes) -> PeerStatistics:
        """Cut its connections at once; the answer is final.  Raises ``UnknownPeer``."""

    def peer_statistics(self, public_key: bytes) -> PeerStatistics:
        """Since the peer was added.  Raises ``UnknownPeer``."""


@dataclass
class _Peer:
    max_connections: int | None = None
    traffic: Traffic = field(default_factory=Traffic)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def statistics(self) -> PeerStatistics:
        return PeerStatistics(self.traffic.received, self.traffic.sent, len(self.tasks))


Serve = Callable[[SecureStream, bytes], Awaitable[None]]


class StreamTransport(Transport):
    """One encrypted TCP connection for each of a peer's connections."""

    def __init__(
        self,
        static: X25519PrivateKey,
        serve: Serve,
        *,
        host: str,
        port: int = 0,
        limits: Limits | None = None,
        max_connections_per_peer: int = 256,
    ) -> None:
        """``serve`` gets the stream and the client's first control message, and returns when the connection is over."""
        self._static, self._serve_stream = static, serve
        self._max_per_peer = max_connections_per_peer
        self._peers: dict[bytes, _Peer] = {}
        self._listener = Listener("node", self._greet, self._serve, limits, host=host, port=port)

    @property
    def port(self) -> int:
        """The one that is listened on, once it was started."""
        return self._listener.port

    async def start(self) -> None:
        await self._listener.start()

    async def stop(self) -> None:
        await self._listener.stop()

    def add_peer(self, public_key: bytes, *, max_connections: int | None = None) -> None:
        """Raises ``DuplicatePeer``, or ``HandshakeRefused`` for what is no key."""
        if len(public_key) != KEY_BYTES:
            raise HandshakeRefused(f"a static key has {KEY_BYTES} bytes, not {len(public_key)}")
        if public_key in self._peers:
            raise DuplicatePeer("this peer was added before")
        self._peers[bytes(public_key)] = _Peer(max_connections)

    def remove_peer(self, public_key: bytes) -> PeerStatistics:
        peer = self._find(public_key)
        del self._peers[public_key]
        statistics = peer.statistics
        for task in peer.tasks:
            task.cancel()
        return statistics

    def peer_statistics(self, public_key: bytes) -> PeerStatistics:
        return self._find(public_key).statistics

    def _find(self, public_key: bytes) -> _Peer:
        try:
            return self._peers[public_key]
        except KeyError:
            raise UnknownPeer("this key belongs to no peer") from None

    def _traffic(self, public_key: bytes) -> Traffic | None:
        peer = self._peers.get(public_key)
        return None if peer is None else peer.traffic

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[SecureStream, bytes]:
        stream = await accept(reader, writer, self._static, self._traffic)
        return stream, await stream.receive_control()  # this record shows that the handshake was no replay

    async def _serve(self, greeted: tuple[SecureStream, bytes]) -> None:
        stream, request = greeted
        peer = self._peers.get(stream.remote_static)
        if peer is None or peer.traffic is not stream.traffic:
            raise UnknownPeer("the peer was removed during its handshake")
        most = peer.max_connections or self._max_per_peer
        if len(peer.tasks) >= most:
            raise TooMany(f"a peer has {most} connections already")
        task = asyncio.current_task()
        assert task is not None
        peer.tasks.add(task)
        try:
            await self._serve_stream(stream, request)
        finally:
            peer.tasks.discard(task)
