"""How a node is reached: a connection, the handshake on it, and coming again after a cut.

Whoever has no room for a connection cuts it without a word.  One that ends before its first answer carried nothing of
the user's, so that another one in its place does no harm.  A refusal with a reason is final.  Pauses double, and each
is drawn between nothing and that: a crowd that was cut together does not come back together.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from .errors import ExitRefused, StreamTruncated
from .listener import NUM_TRIES, log
from .stream import BUFFER_BYTES, SecureStream, Traffic, abort, connect

Result = TypeVar("Result")
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 2.0


async def dial(
    node: tuple[str, int], static: X25519PrivateKey, node_key: bytes, traffic: Traffic, unreachable: ExitRefused
) -> SecureStream:
    """A stream to ``node``, on which nothing was asked for yet; set a time limit around it.

    Raises ``unreachable`` where nobody listens; ``ConnectionError`` and as ``connect`` where it is cut.
    """
    try:
        reader, writer = await asyncio.open_connection(*node, limit=BUFFER_BYTES)
    except ConnectionResetError:
        raise  # somebody listens, and has no room
    except OSError:
        raise unreachable from None
    try:
        return await connect(reader, writer, static, node_key, traffic)
    except BaseException:
        abort(writer)
        raise


async def again(attempt: Callable[[], Awaitable[Result]], who: str, *, num_tries: int = NUM_TRIES) -> Result:
    """The result of the first of ``num_tries`` attempts that is not cut; raises as the last one, or as one refused."""
    for number in range(1, num_tries):
        try:
            return await attempt()
        except (StreamTruncated, ConnectionError) as cut:
            log.info("%s: cut before an answer, try %d of %d: %s", who, number, num_tries, type(cut).__name__)
        await asyncio.sleep(random.uniform(0, min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0 ** (number - 1))))
    return await attempt()
