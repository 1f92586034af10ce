"""Both directions between two streams, at a relay: what came in a DATA record of one goes out in one of the other.

A direction that is closed is closed on the other side, too.  Whatever else ends one stream ends the other one without a
close record, so that nobody takes a part for the whole.  Reading waits for writing, as in ``splice.py``.
"""

from __future__ import annotations

import asyncio

from .errors import Idle
from .splice import Pace, at_once, cancel, forward
from .stream import SecureStream


async def join(one: SecureStream, other: SecureStream, *, idle_s: float, pace: Pace = at_once) -> None:
    """Copy until both directions are closed, and close both; ``pace`` may wait before bytes are passed on.

    What moves is charged to ``one.toll`` alone: it is the client's.

    Raises (both are reset then):
        RecordRefused, StreamTruncated, OSError: either side broke off.
        TunnelError: as the toll says.
        Idle: nothing moved for ``idle_s`` seconds in either direction.
    """
    loop = asyncio.get_running_loop()
    last_moved = loop.time()

    async def copy(source: SecureStream, sink: SecureStream) -> None:
        nonlocal last_moved
        while data := await source.receive():
            await pace(len(data))
            await forward(data, one.toll, sink.send)
            last_moved = loop.time()
        await sink.close_sending()

    async def watch() -> None:
        while (left := last_moved + idle_s - loop.time()) > 0:
            await asyncio.sleep(left)
        raise Idle(f"nothing moved for {idle_s:g} s")

    copies = {loop.create_task(copy(one, other)), loop.create_task(copy(other, one))}
    watching = loop.create_task(watch())
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
