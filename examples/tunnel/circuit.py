"""A client that reaches its exit through relays: one handshake with each node, each inside the one before.

    client ==================================== exit        destination and content; a key made for this circuit
    client ================== relay 2                       who the exit is; another such key
    client === relay 1                                      who relay 2 is; the client's own key and address

The first node knows who asks, the last what for, and none of them both, unless all of them talk to each other.

Where nodes ask for payment, each is paid by itself, out of notes made out to it: by what it was handed for its client,
which is for a relay the records of the next hop.  A later hop knows its client by a key that is as old as the note it
is paid with, so that a session and the circuits that it pays for have one key; no two notes have the same.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from .address import PAYMENT_DUE
from .client import TunnelClient
from .dial import again
from .errors import ExitRefused, InvalidCircuit
from .layer import Layer
from .listener import Limits
from .noise_ik import KEY_BYTES
from .payer import Payer
from .relay import CIRCUIT_PROLOGUE
from .request import MAX_HOPS, ask, pack_extend
from .stream import SecureStream, Traffic, connect
from .tab import Tab


@dataclass(frozen=True)
class Hop:
    """A node by its static key; of the first one also host and port: the others are reached by the one before them."""

    key: bytes
    address: tuple[str, int] | None = None


class CircuitClient(TunnelClient):
    """Each connection is a circuit of its own; ``hop_traffic`` counts what each hop was handed in all.

    The last of them is ``traffic``, the programs' own bytes; each one before it has the records of the next inside.
    """

    def __init__(
        self,
        static: X25519PrivateKey,
        hops: Sequence[Hop],
        *,
        limits: Limits | None = None,
        payers: Sequence[Payer | None] = (),
    ) -> None:
        """
        Args:
            static: is shown to the first hop alone.
            payers: one for each hop, None for a hop that asks for no payment; nothing for a way that costs nothing.

        Raises ``InvalidCircuit``.
        """
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
        paid = [payer for payer in payers if payer is not None]
        if len(payers) not in (0, len(hops)) or len(set(map(id, paid))) != len(paid):
            raise InvalidCircuit(f"{len(hops)} hops are paid by a payer each, or none is; not by {len(payers)}")
        super().__init__(static, first, keys[0], limits=limits)
        self._later = keys[1:]
        self.payers = tuple(payers) or (None,) * len(hops)
        self.num_hops = len(hops)
        self.hop_traffic = tuple(Traffic() for _ in hops)

    async def start(self) -> None:
        for hop, payer in enumerate(self.payers):
            if payer is not None:
                payer.start(functools.partial(self._reach_as, hop))

    async def stop(self) -> None:
        """The last hop's session ends first: its end is carried, and paid for, by those before it."""
        for payer in reversed(self.payers):
            if payer is not None:
                await payer.stop()

    async def _open(self, request: bytes) -> SecureStream:
        stream, reach = None, functools.partial(self._reach_exit, request)
        while stream is None:
            stream = await again(reach, "client", num_tries=self.limits.num_tries)
        return stream

    async def _reach_exit(self, request: bytes) -> SecureStream | None:
        return await self._reach([await self._tab(hop) for hop in range(self.num_hops)], request)

    async def _tab(self, hop: int) -> Tab | None:
        payer = self.payers[hop]
        return None if payer is None else await payer.tab()

    async def _reach_as(self, hop: int, tab: Tab) -> SecureStream:
        """For the session of ``tab`` itself: only the hops before it need to have one already."""
        stream = None
        while stream is None:
            stream = await self._reach([*[await self._tab(earlier) for earlier in range(hop)], tab])
        return stream

    async def _reach(self, tabs: Sequence[Tab | None], request: bytes | None = None) -> SecureStream | None:
        """A stream to hop ``len(tabs)``, asked for ``request``; what it and those around it carry is charged to
        ``tabs``, hop by hop.  None where a session ended meanwhile, and has to be had anew."""
        stream, hop = await self.connect(), 0
        try:
            stream.toll = tabs[0]
            for hop, tab in enumerate(tabs[1:]):
                key = self._later[hop]
                await ask(stream, pack_extend(key))
                layer = Layer(stream)
                static = X25519PrivateKey.generate() if tab is None else tab.pseudonym
                stream = await connect(layer, layer, static, key, self.hop_traffic[hop + 1], prologue=CIRCUIT_PROLOGUE)
                stream.toll = tab
            if request is not None:
                hop = len(tabs) - 1
                await ask(stream, request)
        except ExitRefused as refusal:
            stream.abort()
            payer, paid_tab = self.payers[hop], tabs[hop]
            if refusal.reply != PAYMENT_DUE or payer is None or paid_tab is None:
                raise
            await payer.is_over(paid_tab)
            return None
        except BaseException:
            stream.abort()
            raise
        return stream
