"""Where a node lets its clients go: nowhere, unless a port was opened, and never into the node's own networks.

Judged is the address that will be connected to, after a name was resolved, so that no name leads inside; and the
name, by a block list.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

from .block_list import BlockList

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
_UNICAST = ipaddress.IPv6Network("2000::/3")  # all that was given out for the internet
# IPv6 that routers translate to IPv4 [RFC 6052]: the last four bytes are where a packet ends
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")


@dataclass(frozen=True)
class ExitFilter:
    """``ports`` that may be connected to on public addresses, and on those of ``networks`` that are opened by name."""

    ports: frozenset[int] = frozenset()
    networks: tuple[IPNetwork, ...] = ()
    blocked: BlockList = field(default_factory=BlockList)

    def permits_port(self, port: int) -> bool:
        return port in self.ports

    def permits_name(self, host: str) -> bool:
        """Whether ``host``, a name or an address, may be looked up at all; the answer falls under ``permits``."""
        return not self.blocked.blocks(host)

    def permits(self, host: str, port: int) -> bool:
        """Whether the IP address ``host`` may be connected to; a name is not permitted."""
        try:
            ip = ipaddress.ip_address(host)
        except ValueError:
            return False
        if not self.permits_port(port):
            return False
        ends = _ends(ip)
        return all(_is_public(end) or self._is_opened(end) for end in ends)

    def _is_opened(self, ip: IPAddress) -> bool:
        return any(ip.version == network.version and ip in network for network in self.networks)


def _ends(ip: IPAddress) -> list[IPAddress]:
    """The addresses that a packet to ``ip`` may end at: itself, or the IPv4 addresses that are written inside it."""
    if isinstance(ip, ipaddress.IPv4Address):
        return [ip]
    if ip.ipv4_mapped is not None:
        return [ip.ipv4_mapped]
    if ip.sixtofour is not None:
        return [ip, ip.sixtofour]
    if ip in _TRANSLATED:
        return [ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)]
    return [ip]


def _is_public(ip: IPAddress) -> bool:
    if ip.version == 6 and ip not in _UNICAST:
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)
