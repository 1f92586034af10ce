"""A client that reaches its exit through relays: one handshake with each node, each inside the one before.

    client ==================================== exit        destination and content; a key made for this circuit
    client ================== relay 2                       who the exit is; another such key
    client === relay 1                                      who relay 2 is; the client's own key and address

The first node knows who asks, the last what for, and none of them both, unless all of them talk to each other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from .client import TunnelClient
from .errors import InvalidCircuit
from .layer import Layer
from .listener import Limits
from .noise_ik import KEY_BYTES
from .relay import CIRCUIT_PROLOGUE
from .request import MAX_HOPS, ask, pack_extend
from .stream import SecureStream, Traffic, connect


@dataclass(frozen=True)
class Hop:
    """A node by its static key; of the first one also host and port: the others are reached by the one before them."""

    key: bytes
    address: tuple[str, int] | None = None


class CircuitClient(TunnelClient):
    """Each connection is a circuit of its own, under new keys; ``hop_traffic`` counts what each hop was handed in all.

    The last of them is ``traffic``, the programs' own bytes; each one before it has the records of the next inside.
    """

    def __init__(self, static: X25519PrivateKey, hops: Sequence[Hop], *, limits: Limits | None = None) -> None:
        """``static`` is shown to the first hop alone.  Raises ``InvalidCircuit``."""
        keys = [hop.key for hop in hops]
        if not 1 <= len(hops) <= MAX_HOPS:
            raise InvalidCircuit(f"a circuit has 1 to {MAX_HOPS} hops, not {len(hops)}")
        if len(set(keys)) != len(keys):
            raise InvalidCircuit("a circuit leads through each node once")
        if any(len(key) != KEY_BYTES for key in keys):
            raise InvalidCircuit(f"a node's key has {KEY_BYTES} bytes")
        first = hops[0].address
        if first is None or any(hop.address is not None for hop in hops[1:]):
            raise InvalidCircuit("the first hop has an address, and no other: a relay knows its next nodes by key")
        super().__init__(static, first, keys[0], limits=limits)
        self._later = keys[1:]
        self.num_hops = len(hops)
        self.hop_traffic = (*(Traffic() for _ in self._later), self.traffic)

    async def _reach(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> SecureStream:
        stream = await connect(reader, writer, self._static, self._node_key, self.hop_traffic[0])
        for key, traffic in zip(self._later, self.hop_traffic[1:], strict=True):
            await ask(stream, pack_extend(key))
            layer, fresh = Layer(stream), X25519PrivateKey.generate()
            stream = await connect(layer, layer, fresh, key, traffic, prologue=CIRCUIT_PROLOGUE)
        return stream
