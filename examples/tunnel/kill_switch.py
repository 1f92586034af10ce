"""A kill switch: firewall rules under which nothing leaves but through the tunnel, whether it lives or not.

    python -m tunnel.kill_switch --device wg0 --endpoint 192.0.2.1:51820 --dns 10.99.0.1           print the rules
    python -m tunnel.kill_switch --device wg0 --endpoint 192.0.2.1:51820 --dns 10.99.0.1 --load    load them
    python -m tunnel.kill_switch --unload

For the SOCKS5 client, whose tunnel has no device, ``--tcp`` and no ``--device``: programs that do not ask the SOCKS
port get nowhere then.  What may pass:

    loopback                                          anything
    outside, to the node's address and port           the tunnel's own datagrams, or its TCP
    outside, when that address is IPv6                neighbour discovery, which IPv4 has in ARP, below these rules
    the tunnel's device                               IPv4; DNS to the tunnel's resolver alone where one is named;
                                                      IPv6 only with ``--ipv6``; from there, answers alone

All else is dropped: DNS to a resolver outside, IPv6 past a tunnel of IPv4, multicast, what a program binds to the outer
device.  A packet that these rules drop is dropped whatever other tables say.  Load them before the network comes up and
leave them when the tunnel dies; that is their purpose.  They do not see raw packet sockets (DHCP clients have them).
"""

from __future__ import annotations

import argparse
import ipaddress
import subprocess
from dataclasses import dataclass

from .errors import FirewallError
from .wireguard_device import DEVICE_NAME

TABLE = "zkrelay_kill_switch"
DNS_PORTS = "{ 53, 853 }"
# the first two lines make the third one succeed: nothing is left of older rules, and there is no moment without any
UNLOAD = f"table inet {TABLE} {{}}\ndelete table inet {TABLE}\n"
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class KillSwitch:
    """``endpoint`` is the node by its address, as a name would have to be looked up outside the tunnel."""

    endpoint: IPAddress
    port: int
    device: str | None = None
    protocol: str = "udp"
    dns: IPAddress | None = None
    ipv6: bool = False

    def __post_init__(self) -> None:
        """Raises ``FirewallError``."""
        if self.device is not None and (self.device == "lo" or not DEVICE_NAME.fullmatch(self.device)):
            raise FirewallError(f"{self.device!r} can be no name of a tunnel's device")
        if not 0 < self.port < 1 << 16:
            raise FirewallError(f"{self.port} is no port")
        if self.protocol not in ("udp", "tcp"):
            raise FirewallError(f"a tunnel over {self.protocol!r} is not known")
        if getattr(self.endpoint, "scope_id", None) or getattr(self.dns, "scope_id", None):
            raise FirewallError("an address with a scope belongs to one device, and not into these rules")
        if self.device is None and (self.dns is not None or self.ipv6):
            raise FirewallError("without a tunnel device there is nothing that DNS or IPv6 could pass")
        if self.dns is not None and self.dns.version == 6 and not self.ipv6:
            raise FirewallError("a resolver with an IPv6 address needs IPv6 in the tunnel")

    def rules(self) -> str:
        """A script for ``nft -f -`` that replaces, at once, what it may have loaded before."""
        there, back = (
            f"{_family(self.endpoint)} {end}addr {self.endpoint} {self.protocol} {end}port {self.port} accept"
            for end in "ds"
        )
        outgoing = ['oifname "lo" accept', self._outside("oifname") + there]
        incoming = ['iifname "lo" accept', self._outside("iifname") + back]
        if self.endpoint.version == 6:
            neighbours = "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept"
            outgoing.append(self._outside("oifname") + neighbours)
            incoming.append(self._outside("iifname") + neighbours)
            routers = "icmpv6 type nd-router-advert ip6 hoplimit 255 accept"
            incoming.append(self._outside("iifname") + routers)
        if not self.ipv6:
            outgoing.append("meta nfproto ipv6 drop")
            incoming.append("meta nfproto ipv6 drop")
        if self.device is not None:
            if self.dns is not None:
                resolver = f'oifname "{self.device}" {_family(self.dns)} daddr {self.dns}'
                outgoing += [f"{resolver} {protocol} dport {DNS_PORTS} accept" for protocol in ("udp", "tcp")]
                outgoing += [f"{protocol} dport {DNS_PORTS} drop" for protocol in ("udp", "tcp")]
            outgoing.append(f'oifname "{self.device}" accept')
            incoming.append(f'iifname "{self.device}" ct state established,related accept')
        body = _chain("output", outgoing) + _chain("input", incoming) + _chain("forward", [])
        return f"{UNLOAD}table inet {TABLE} {{\n{body}}}\n"

    def _outside(self, direction: str) -> str:
        """The start of a rule for other devices than the tunnel's."""
        return "" if self.device is None else f'{direction} != "{self.device}" '


def load(script: str) -> None:
    """Give ``script`` to ``nft``, which takes all of it or nothing.  Raises ``FirewallError``."""
    try:
        done = subprocess.run(["nft", "-f", "-"], input=script, capture_output=True, text=True, check=False)  # noqa: S607
    except OSError as error:
        raise FirewallError(f"nft cannot be started: {error.strerror}") from None
    if done.returncode != 0:
        raise FirewallError(f"nft: {done.stderr.strip()}")


def _family(address: IPAddress) -> str:
    return "ip" if address.version == 4 else "ip6"


def _chain(hook: str, rules: list[str]) -> str:
    lines = "".join(f"        {rule}\n" for rule in rules)
    return f"    chain {hook} {{\n        type filter hook {hook} priority filter; policy drop;\n{lines}    }}\n"


def _endpoint(text: str) -> tuple[IPAddress, int]:
    """``address:port`` or ``[IPv6]:port``."""
    host, _, port = text.rpartition(":")
    return ipaddress.ip_address(host.removeprefix("[").removesuffix("]")), int(port)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tunnel.kill_switch", description="Nothing leaves but the tunnel.")
    parser.add_argument("--endpoint", type=_endpoint, metavar="ADDRESS:PORT", help="the node, never by a name")
    parser.add_argument("--device", help="the tunnel's; none for the SOCKS5 client")
    parser.add_argument("--tcp", action="store_true", help="the tunnel is TCP, and not UDP")
    parser.add_argument("--dns", type=ipaddress.ip_address, metavar="ADDRESS", help="the only resolver in the tunnel")
    parser.add_argument("--ipv6", action="store_true", help="the tunnel carries IPv6, too")
    parser.add_argument("--load", action="store_true", help="load the rules, and do not print them")
    parser.add_argument("--unload", action="store_true", help="take them away")
    options = parser.parse_args()
    if options.unload == (options.endpoint is not None) or (options.unload and options.load):
        parser.error("either --endpoint, or --unload")
    try:
        if options.unload:
            load(UNLOAD)
            return
        address, port = options.endpoint
        protocol = "tcp" if options.tcp else "udp"
        script = KillSwitch(address, port, options.device, protocol, options.dns, options.ipv6).rules()
        if options.load:
            load(script)
        else:
            print(script, end="")
    except FirewallError as error:
        raise SystemExit(f"error: {error}") from None


if __name__ == "__main__":
    main()
