"""What the first control message of a stream asks a node for, and how the answer is read.

    0x01, 0x03, 0x04 ...       open this destination (``address.py``)
    0x20 | key 32              EXTEND: carry what follows to the node that has this static key
    0x21 | number u8           CIRCUIT, of relays alone: what follows is a client's stream, whose hop ``number`` this is

The answer is one byte, a code of SOCKS5 or PAYMENT_DUE.  EXTEND has no address in it: a relay knows its next nodes by
their keys and connects to no others, so that no client can have it connect anywhere else.
"""

from __future__ import annotations

from .address import SUCCEEDED
from .errors import ExitRefused, InvalidRequest, RecordRefused, TooManyHops
from .noise_ik import KEY_BYTES
from .stream import SecureStream

EXTEND, CIRCUIT = b"\x20", b"\x21"
MAX_HOPS = 3


def pack_extend(key: bytes) -> bytes:
    return EXTEND + key


def unpack_extend(request: bytes) -> bytes:
    """The next node's key; raises ``InvalidRequest``."""
    if len(request) != 1 + KEY_BYTES:
        raise InvalidRequest(f"a request to extend has {len(request)} bytes, not {1 + KEY_BYTES}")
    return request[1:]


def pack_circuit(number: int) -> bytes:
    """``number`` counts from 1, the client's first node; raises ``TooManyHops``."""
    if number > MAX_HOPS:
        raise TooManyHops(f"hop {number} of a circuit, which may have {MAX_HOPS}")
    return CIRCUIT + bytes([number])


def unpack_circuit(request: bytes) -> int:
    """The number of this hop, from 2; raises ``InvalidRequest``, ``TooManyHops``."""
    if len(request) != 2 or request[1] < 2:
        raise InvalidRequest(f"{len(request)} bytes do not say which hop of a circuit this is")
    pack_circuit(request[1])
    return request[1]


async def ask(stream: SecureStream, request: bytes) -> None:
    """Send ``request`` and read the answer.

    Raises:
        ExitRefused: the node's answer was none of success.
        RecordRefused: it was no answer; also as ``SecureStream.receive``.
    """
    await stream.send_control(request)
    answer = await stream.receive_control()
    if len(answer) != 1:
        raise RecordRefused(f"the node's answer has {len(answer)} bytes, not 1")
    if answer[0] != SUCCEEDED:
        raise ExitRefused(f"the node answered {answer[0]}", answer[0])
