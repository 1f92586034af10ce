"""A WireGuard tunnel between two namespaces: the node's back end, and a client whose device is plain WireGuard."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterable

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from namespaces import Namespace
from tunnel.noise_ik import public_bytes
from tunnel.wireguard import WireGuardTransport
from tunnel.wireguard_device import WireGuardDevice

NODE, CLIENT = X25519PrivateKey.generate(), X25519PrivateKey.generate()
OUTER = {4: "10.0.0.2", 6: "fd00:0::2"}


@contextlib.asynccontextmanager
async def joined(
    daemon: str,
    transport: WireGuardTransport,
    ends: tuple[Namespace, Namespace],
    version: int,
    mtu: int,
    allowed: Iterable[object],
) -> AsyncIterator[WireGuardDevice]:
    """``transport`` at the second end, the client's device at the first; the outer packets are IP of ``version``."""
    client, node = ends
    device = WireGuardDevice("zkr-client", program=daemon)
    try:
        with node.inside():
            await transport.start()
        transport.add_peer(public_bytes(CLIENT))
        with client.inside():
            await device.start()
            outer = f"[{OUTER[6]}]" if version == 6 else OUTER[4]
            device.set(
                [
                    ("private_key", CLIENT.private_bytes_raw().hex()),
                    ("public_key", public_bytes(NODE).hex()),
                    ("endpoint", f"{outer}:{transport.port}"),
                    *(("allowed_ip", str(network)) for network in allowed),
                ]
            )
            await device.configure(map(str, transport.peer_addresses(public_bytes(CLIENT))), mtu)
        yield device
    finally:
        await device.stop()
        await transport.stop()
