"""A node for WireGuard clients at the shell; needs root and the daemon ``wireguard-go``:

    python -m tunnel.wireguard_node node.key --device wg0 --port 51820 --network 10.99.0.0/24 --peer HEX

Prints the port, the node's key and each peer's addresses as WireGuard's own tools write them, runs until SIGINT or
SIGTERM, and then prints what was carried.  Forwarding, address translation and the firewall are the machine's own.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import ipaddress
import json
from pathlib import Path

from zkrelay.errors import ZkrelayError

from .__main__ import port_number, public_key, read_key, until_told
from .noise_ik import public_bytes
from .wireguard import WireGuardTransport, inner_mtu
from .wireguard_device import WireGuardDevice


async def run_node(options: argparse.Namespace) -> None:
    static = read_key(options.key)
    device = WireGuardDevice(options.device, program=options.program)
    transport = WireGuardTransport(
        static, device, networks=options.network, port=options.port, mtu=options.mtu or inner_mtu(1500, 6)
    )
    await transport.start()
    try:
        stopping = asyncio.get_running_loop().create_task(until_told())
        await asyncio.sleep(0)  # from here on a signal ends it in order
        for key in options.peer:
            transport.add_peer(key)
        peers = {key.hex(): [str(it) for it in transport.peer_addresses(key)] for key in options.peer}
        own = base64.b64encode(public_bytes(static)).decode("ascii")
        print(json.dumps({"port": transport.port, "public_key": own, "peers": peers}), flush=True)
        await stopping
        totals = {key.hex(): transport.peer_statistics(key) for key in options.peer}
    finally:
        await transport.stop()
    print(json.dumps({key: {"received": it.received, "sent": it.sent} for key, it in totals.items()}))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tunnel.wireguard_node", description="A node for WireGuard.")
    parser.add_argument("key", type=Path)
    parser.add_argument("--device", default="wg0")
    parser.add_argument("--port", type=port_number, default=51820, help="UDP; 0 for a free one")
    parser.add_argument(
        "--network", type=ipaddress.ip_network, action="append", required=True, help="inside the tunnel; one or more"
    )
    parser.add_argument("--peer", type=public_key, action="append", default=[], metavar="HEX")
    parser.add_argument("--mtu", type=int, help="of the device; 60 below that outside for IPv4, 80 for IPv6")
    parser.add_argument("--program", default="wireguard-go", help="the daemon")
    options = parser.parse_args()
    try:
        asyncio.run(run_node(options))
    except (ZkrelayError, OSError) as error:
        raise SystemExit(f"error: {error}") from None


if __name__ == "__main__":
    main()
