"""The middle of a circuit: a relay takes a client's stream to the next node, which takes it from nobody but relays.

    client                        relay                              next node
    EXTEND key               ->   is the key one of its next?
                                  link: a handshake of its own  ->   is the relay one of its own?
                                  CIRCUIT number                ->
                             <-   reply                         <-   reply
    DATA ...                 <->  the same bytes in DATA ...    <->  the client's handshake and records, a layer deeper

The client authenticates the next node through the relay, by that node's key, and is known there by a key that it made
for this circuit: what it must show for being served is a matter between the two (a session's payment).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from .address import FAILED, HOST_UNREACHABLE, NOT_ALLOWED, SUCCEEDED
from .dial import again, dial
from .errors import ExitRefused, NotARelay, TunnelError
from .layer import Layer
from .listener import NUM_TRIES
from .request import CIRCUIT, ask, pack_circuit, unpack_circuit, unpack_extend
from .stream import SecureStream, Traffic, accept

CIRCUIT_PROLOGUE = b"zkrelay/tunnel/v1/circuit"  # a handshake inside a relay's link is no handshake with a peer


@dataclass(frozen=True)
class Neighbours:
    """``relays``: peers that bring strangers here, and ask for nothing themselves; ``next_nodes``: where to, by key."""

    relays: frozenset[bytes] = frozenset()
    next_nodes: Mapping[bytes, tuple[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Guest:
    """A client that a relay brought: its stream, what it asks for, and which hop of its circuit this node is."""

    stream: SecureStream
    request: bytes
    number: int


async def receive_guest(link: SecureStream, request: bytes, static: X25519PrivateKey) -> Guest:
    """The node's end of a circuit; set a time limit around it.

    Raises:
        NotARelay: the relay asks for something itself.
        InvalidRequest, TooManyHops: as they say.
        HandshakeRefused, StreamTruncated, RecordRefused: of the client's handshake and request.
    """
    if request[:1] != CIRCUIT:
        raise NotARelay("a relay may bring circuits and ask for nothing else")
    number = unpack_circuit(request)
    await link.send_control(bytes([SUCCEEDED]))
    layer, traffic = Layer(link), Traffic()
    stream = await accept(layer, layer, static, lambda _key: traffic, prologue=CIRCUIT_PROLOGUE)
    return Guest(stream, await stream.receive_control(), number)


async def open_link(
    request: bytes,
    number: int,
    static: X25519PrivateKey,
    next_nodes: Mapping[bytes, tuple[str, int]],
    *,
    num_tries: int = NUM_TRIES,
) -> SecureStream:
    """The relay's stream to the node that ``request`` names, for a client whose hop ``number`` this relay is.

    Comes again when that node cuts it: the client, who cannot see why, would have to begin with its first hop.

    Raises:
        InvalidRequest, TooManyHops: as they say.
        ExitRefused: the node is none of the relay's, cannot be reached, is another, or does not take the circuit.
    """
    key = unpack_extend(request)
    introduction = pack_circuit(number + 1)
    if key not in next_nodes:
        raise ExitRefused("the next node is none of this relay's", NOT_ALLOWED)

    async def introduce() -> SecureStream:
        link = await dial(next_nodes[key], static, key, Traffic(), unreachable)
        try:
            await ask(link, introduction)
        except BaseException:
            link.abort()
            raise
        return link

    unreachable = ExitRefused("the next node cannot be reached", HOST_UNREACHABLE)
    try:
        return await again(introduce, "node", num_tries=num_tries)
    except (TunnelError, OSError) as error:
        if error is unreachable:
            raise
        raise ExitRefused("the next node does not take this relay's circuits", FAILED) from None
