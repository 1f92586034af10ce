"""Both directions between two streams, at a relay: what came in a DATA record of one goes out in one of the other.

A direction that is closed is closed on the other side, too.  Whatever else ends one stream ends the other one without a
close record, so that nobody takes a part for the whole.  Reading waits for writing, as in ``splice.py``.
"""

from __future__ import annotations

import asyncio

from .splice import Movement, Pace, at_once, cancel, forward
from .stream import SecureStream


async def join(one: SecureStream, other: SecureStream, *, idle_s: float, pace: Pace = at_once) -> None:
    """Copy until both directions are closed, and close both; ``pace`` may wait before bytes are passed on.

    What moves is charged to ``one.toll`` alone: it is the client's.

    Raises (both are reset then):
        RecordRefused, StreamTruncated, OSError: either side broke off.
        TunnelError: as the toll says.
        Idle: nothing moved for ``idle_s`` seconds in either direction.
    """
    loop, movement = asyncio.get_running_loop(), Movement(idle_s)

    async def copy(source: SecureStream, sink: SecureStream) -> None:
        while data := await source.receive():
            await pace(len(data))
            await forward(data, one.toll, sink.send)
            movement.seen()
        await sink.close_sending()

    copies = {loop.create_task(copy(one, other)), loop.create_task(copy(other, one))}
    watching = loop.create_task(movement.watch())
    waited = set(copies)
    try:
        while waited:
            done, _ = await asyncio.wait({*waited, watching}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            waited -= done
        await one.close()
        await other.close()
    finally:
        await cancel(*copies, watching)
        one.abort()
        other.abort()
