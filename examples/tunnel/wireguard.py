"""The WireGuard back end: a device whose peers come and go, and whose counters are read.

The client is any WireGuard: it gets addresses of the tunnel's networks and nothing of this code.  Which of the counted
bytes were worth money is for receipts to say: WireGuard counts whole datagrams, headers, handshakes and keepalives
included, at the receiver what arrived and authenticated, at the sender what was sent, so that its two ends differ by
what was lost.  No exit filter is asked here: the node's kernel routes, and its firewall must say where to.
"""

from __future__ import annotations

import contextlib
import ipaddress
import time
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from .errors import DeviceError, DuplicatePeer, HandshakeRefused, TooMany, UnknownPeer
from .noise_ik import KEY_BYTES, public_bytes
from .transport import PeerStatistics, Transport
from .wireguard_device import WireGuardDevice

IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
IPInterface = ipaddress.IPv4Interface | ipaddress.IPv6Interface
OVERHEAD = {4: 20 + 8 + 32, 6: 40 + 8 + 32}  # IP, UDP, WireGuard's header and tag
SESSION_S = 180  # a session is refused when its handshake is older
_OWN, _FIRST = 1, 2  # places in each network


def inner_mtu(outer_mtu: int, version: int) -> int:
    """The largest packet inside that fits into one of ``outer_mtu`` bytes over IP of ``version``, 4 or 6."""
    return outer_mtu - OVERHEAD[version]


class WireGuardTransport(Transport):
    """``device`` is made by ``start`` and lies in ``networks``, the node at the first address of each."""

    def __init__(
        self,
        static: X25519PrivateKey,
        device: WireGuardDevice,
        *,
        networks: Sequence[IPNetwork],
        port: int = 0,
        mtu: int = inner_mtu(1500, 6),
    ) -> None:
        """``mtu`` is that of the device; without it one that fits for both versions of IP over Ethernet.

        Raises ``DeviceError`` where a network has no room for the node and a peer.
        """
        self._static, self._device = static, device
        self._networks, self._mtu = tuple(networks), mtu
        self._places: dict[bytes, int] = {}
        self._num_places = min((network.num_addresses for network in networks), default=0) - 1  # but the broadcast
        if self._num_places <= _FIRST:
            raise DeviceError("a device needs networks with an address for the node and one for a peer")
        self._next = _FIRST
        self.port = port

    async def start(self) -> None:
        """``port`` is then the one that is listened on.  Raises ``DeviceError``."""
        await self._device.start()
        try:
            key = self._static.private_bytes_raw().hex()
            self._device.set([("private_key", key), ("listen_port", str(self.port)), ("replace_peers", "true")])
            await self._device.configure((str(address) for address in self._addresses(_OWN)), self._mtu)
            port = dict(self._device.get()).get("listen_port", "")
            if not port.isdigit():
                raise DeviceError("the device does not say where it listens")
            self.port = int(port)
        except BaseException:
            await self._device.stop()
            raise

    async def stop(self) -> None:
        """The counters are gone then."""
        await self._device.stop()

    def add_peer(self, public_key: bytes) -> None:
        """Raises ``DuplicatePeer``, ``HandshakeRefused`` for what is no key, ``TooMany``, ``DeviceError``."""
        if len(public_key) != KEY_BYTES:
            raise HandshakeRefused(f"a static key has {KEY_BYTES} bytes, not {len(public_key)}")
        if public_key == public_bytes(self._static):
            raise HandshakeRefused("a node is no peer of itself")
        if public_key in self._places:
            raise DuplicatePeer("this peer was added before")
        place = self._free_place()
        hosts = [f"{address.ip}/{address.max_prefixlen}" for address in self._addresses(place)]
        allowed = [("allowed_ip", host) for host in hosts]
        try:
            self._device.set([("public_key", public_key.hex()), ("replace_allowed_ips", "true"), *allowed])
        except DeviceError:
            with contextlib.suppress(DeviceError):  # it may be there in part
                self._device.set([("public_key", public_key.hex()), ("remove", "true")])
            raise
        self._places[bytes(public_key)] = place

    def remove_peer(self, public_key: bytes) -> PeerStatistics:
        """Also raises ``DeviceError``; the peer is then still there.

        Its addresses are taken first, after which none of its packets goes anywhere, then its counters are read.
        """
        self._find(public_key)
        peer = [("public_key", public_key.hex()), ("update_only", "true")]
        self._device.set([*peer, ("replace_allowed_ips", "true")])
        statistics = self.peer_statistics(public_key)
        self._device.set([*peer, ("remove", "true")])
        del self._places[public_key]
        return statistics

    def peer_statistics(self, public_key: bytes) -> PeerStatistics:
        """Bytes of datagrams; a connection is a session whose handshake is younger than three minutes.

        Also raises ``DeviceError``.
        """
        self._find(public_key)
        counts = self._counts(public_key)
        age = time.time() - counts["last_handshake_time_sec"]
        return PeerStatistics(counts["rx_bytes"], counts["tx_bytes"], int(age < SESSION_S))

    def peer_addresses(self, public_key: bytes) -> list[IPInterface]:
        """What the peer must give its own device; packets from elsewhere are dropped.  Raises ``UnknownPeer``."""
        return self._addresses(self._find(public_key))

    def _find(self, public_key: bytes) -> int:
        try:
            return self._places[public_key]
        except KeyError:
            raise UnknownPeer("this key belongs to no peer") from None

    def _free_place(self) -> int:
        """One that was free for longest: what still comes for a removed peer does not reach the next one."""
        taken = set(self._places.values())
        for offset in range(self._num_places - _FIRST):
            place = _FIRST + (self._next - _FIRST + offset) % (self._num_places - _FIRST)
            if place not in taken:
                self._next = place + 1
                return place
        raise TooMany(f"{len(taken)} peers have all addresses of the network")

    def _addresses(self, place: int) -> list[IPInterface]:
        return [ipaddress.ip_interface(f"{network[place]}/{network.prefixlen}") for network in self._networks]

    def _counts(self, public_key: bytes) -> dict[str, int]:
        """The peer's numbers; lines after a public key are that peer's."""
        wanted, found, is_in = public_key.hex(), {}, False
        for key, value in self._device.get():
            if key == "public_key":
                is_in = value == wanted
            elif is_in and key in ("rx_bytes", "tx_bytes", "last_handshake_time_sec") and value.isdigit():
                found[key] = int(value)
        if len(found) != 3:
            raise DeviceError("the device has no numbers for a peer that was added")
        return found
