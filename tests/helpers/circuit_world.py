"""Nodes in a row, each the relay of the next, the last an exit; and a client whose circuits lead through them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from tunnel.bandwidth import Caps
from tunnel.block_list import BlockList
from tunnel.cashier import Cashier
from tunnel.circuit import CircuitClient, Hop
from tunnel.client import Socks5Front
from tunnel.errors import StreamTruncated
from tunnel.exit_filter import ExitFilter
from tunnel.layer import Layer
from tunnel.listener import Limits
from tunnel.node import Node
from tunnel.noise_ik import public_bytes
from tunnel.payer import Payer
from tunnel.relay import CIRCUIT_PROLOGUE, Neighbours
from tunnel.request import ask, pack_circuit
from tunnel.stream import SecureStream, Traffic, connect
from tunnel_world import LOOPBACK, OPEN_LOOPBACK


@dataclass(frozen=True)
class CircuitWorld:
    """``nodes`` in the order of the hops; ``links[i]`` is the port at which hop i is reached.

    Streams that a test appends to ``by_hand`` are aborted in the end.
    """

    nodes: list[Node]
    statics: list[X25519PrivateKey]
    client_static: X25519PrivateKey
    client: CircuitClient
    front: Socks5Front
    links: list[int]
    by_hand: list[SecureStream] = field(default_factory=list)

    @property
    def keys(self) -> list[bytes]:
        return [public_bytes(static) for static in self.statics]


# what lies before the port of a hop: a wire that is listened on, or nothing
Tap = Callable[[int, int], Coroutine[None, None, int]]


async def no_tap(hop: int, port: int) -> int:
    return port


@contextlib.asynccontextmanager
async def circuit_world(
    *ports: int,
    hops: int = 3,
    limits: Limits | None = None,
    client_limits: Limits | None = None,
    caps: Caps | None = None,
    blocked: tuple[str, ...] = (),
    tap: Tap = no_tap,
    starting: Callable[[int], None] = lambda hop: None,
    cashiers: Sequence[Cashier | None] = (None, None, None),
    payers: Sequence[Payer | None] = (),
) -> AsyncIterator[CircuitWorld]:
    """``starting(hop)`` is called before that node starts: its tasks inherit the context of that moment."""
    statics = [X25519PrivateKey.generate() for _ in range(hops)]
    keys = [public_bytes(static) for static in statics]
    client_static = X25519PrivateKey.generate()
    nodes: list[Node] = []
    links = [0] * hops
    try:
        for hop in reversed(range(hops)):
            is_exit = hop == hops - 1
            neighbours = Neighbours(
                relays=frozenset(keys[hop - 1 : hop] if hop else ()),
                next_nodes={} if is_exit else {keys[hop + 1]: (LOOPBACK, links[hop + 1])},
            )
            rules = ExitFilter(frozenset(ports), OPEN_LOOPBACK, BlockList(blocked)) if is_exit else None
            node = Node(
                statics[hop],
                host=LOOPBACK,
                exit_filter=rules,
                limits=limits,
                neighbours=neighbours,
                caps=caps,
                cashier=cashiers[hop],
            )
            starting(hop)
            await node.start()
            nodes.insert(0, node)
            links[hop] = await tap(hop, node.transport.port)
        nodes[0].transport.add_peer(public_bytes(client_static))
        starting(-1)
        way = [Hop(keys[0], (LOOPBACK, links[0])), *(Hop(key) for key in keys[1:])]
        client = CircuitClient(client_static, way, limits=client_limits or limits, payers=payers)
        front = Socks5Front(client)
        await front.start()
        world = CircuitWorld(nodes, statics, client_static, client, front, links)
        try:
            yield world
        finally:
            for stream in world.by_hand:
                stream.abort()
            await front.stop()
    finally:
        for node in nodes:
            await node.stop()


async def stream_to(w: CircuitWorld, hop: int, static: X25519PrivateKey) -> SecureStream:
    ends = await asyncio.open_connection(LOOPBACK, w.nodes[hop].transport.port)
    stream = await connect(*ends, static, w.keys[hop], Traffic())
    w.by_hand.append(stream)
    return stream


async def link_to_exit(w: CircuitWorld) -> SecureStream:
    """What the relay of a world of two hops has to its exit, in the hands of a test."""
    link = await stream_to(w, 1, w.statics[0])
    await ask(link, pack_circuit(2))
    return link


async def guest_on(link: SecureStream, w: CircuitWorld, prologue: bytes = CIRCUIT_PROLOGUE) -> SecureStream:
    layer = Layer(link)
    return await connect(layer, layer, X25519PrivateKey.generate(), w.keys[1], Traffic(), prologue=prologue)


async def is_cut_for(stream: SecureStream) -> bool:
    """Whether it breaks off where an answer was due."""
    try:
        await stream.receive_control()
    except StreamTruncated:
        return True
    return False


async def is_cut_with_data(stream: SecureStream) -> bool:
    """Whether it breaks off, after whatever data there is."""
    try:
        while await stream.receive():
            continue
    except StreamTruncated:
        return True
    return False
