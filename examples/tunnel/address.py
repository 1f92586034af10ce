"""Destinations as SOCKS5 writes them [RFC 1928 §5], between SOCKS client and front, and between client and node.

    0x01 | IPv4 4 | port u16 BE         0x03 | length u8 | name | port         0x04 | IPv6 16 | port

The codes of SOCKS5's replies (§6) are the tunnel's own, too: the node's answer is passed on as it is.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from .errors import InvalidAddress

IPV4, NAME, IPV6 = 1, 3, 4
SUCCEEDED, FAILED, NOT_ALLOWED, NETWORK_UNREACHABLE, HOST_UNREACHABLE, REFUSED = range(6)
COMMAND_NOT_SUPPORTED, KIND_NOT_SUPPORTED = 7, 8
SESSION = 16  # the first byte of what is no destination: it opens a paid session
PAYMENT_DUE = 128  # the tunnel's own: no session is open
_PORT_BYTES = 2
_NAME = re.compile(rb"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?")


@dataclass(frozen=True)
class Address:
    """``host`` is an IP address in text, or the name of a host, to be resolved by the node."""

    host: str
    port: int

    def pack(self) -> bytes:
        """Raises ``InvalidAddress`` where ``unpack`` would."""
        if "%" in self.host:
            raise InvalidAddress("the scope of an IPv6 address means nothing at the node")
        try:
            ip = ipaddress.ip_address(self.host)
        except ValueError:
            name = self.host.encode("ascii", "replace")  # "?" is in no name: refused below
            head = bytes([NAME, min(len(name), 255)]) + name
        else:
            head = bytes([IPV4 if ip.version == 4 else IPV6]) + ip.packed
        if not 0 <= self.port < 1 << 16:
            raise InvalidAddress(f"{self.port} is no port")
        packed = head + self.port.to_bytes(_PORT_BYTES, "big")
        self.unpack(packed)
        return packed

    @classmethod
    def unpack(cls, packed: bytes) -> Address:
        """Raises ``InvalidAddress``: kind, length, characters of the name, or port 0."""
        kind, body, tail = packed[:1], packed[1:-_PORT_BYTES], packed[-_PORT_BYTES:]
        if kind == bytes([IPV4]) and len(body) == 4:
            host = str(ipaddress.IPv4Address(body))
        elif kind == bytes([IPV6]) and len(body) == 16:
            host = str(ipaddress.IPv6Address(body))
        elif kind == bytes([NAME]) and len(body) >= 2 and body[0] == len(body) - 1 and _NAME.fullmatch(body[1:]):
            host = body[1:].decode("ascii")
        else:
            raise InvalidAddress(f"{len(packed)} bytes are no destination of a known kind")
        port = int.from_bytes(tail, "big")
        if port == 0:
            raise InvalidAddress("port 0 is no destination")
        return cls(host, port)
