"""Both directions between a plain TCP connection and a secure stream, each closed by itself.

    plain  -- read ->  DATA records,   end of file -> CLOSE
    plain  <- write -- DATA records,   CLOSE -> end of file

Whatever else ends one side resets the other, so that nobody takes a part for the whole.  Reading waits for writing:
what lies between them is bounded by the buffers of both connections.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from .errors import Idle
from .stream import SecureStream, Toll, abort

Pace = Callable[[int], Awaitable[None]]


async def at_once(num_bytes: int) -> None:
    """The pace of who has no cap."""


async def splice(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    stream: SecureStream,
    *,
    idle_s: float,
    pace: Pace = at_once,
) -> None:
    """Copy until both directions are closed, and close both connections; ``pace`` may wait before bytes are passed on.

    What moves is charged to ``stream.toll``.

    Raises (both connections are reset then):
        RecordRefused, StreamTruncated, OSError: either side broke off.
        TunnelError: as the toll says.
        Idle: nothing moved for ``idle_s`` seconds in either direction.
    """
    loop = asyncio.get_running_loop()
    last_moved = loop.time()

    async def up() -> None:
        nonlocal last_moved
        while data := await reader.read(stream.max_payload):
            await pace(len(data))
            await forward(data, stream.toll, stream.send)
            last_moved = loop.time()
        await stream.close_sending()

    async def down() -> None:
        nonlocal last_moved
        while data := await stream.receive():
            await pace(len(data))
            await forward(data, stream.toll, write)
            last_moved = loop.time()
        writer.write_eof()

    async def write(data: bytes) -> None:
        writer.write(data)
        await writer.drain()

    async def both() -> None:
        copies = [loop.create_task(up()), loop.create_task(down())]
        try:
            await asyncio.gather(*copies)
        finally:
            await cancel(*copies)
        await stream.close()
        writer.close()
        await writer.wait_closed()

    async def watch() -> None:
        while (left := last_moved + idle_s - loop.time()) > 0:
            await asyncio.sleep(left)
        raise Idle(f"nothing moved for {idle_s:g} s")

    tasks = [loop.create_task(both()), loop.create_task(watch())]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        await cancel(*tasks)
        stream.abort()
        abort(writer)


async def forward(data: bytes, toll: Toll | None, send: Callable[[bytes], Awaitable[None]]) -> None:
    """Send ``data``, at least one byte, as the toll grants it: in pieces where there is not room for all at once."""
    while toll is not None and (granted := await toll.charge(len(data))) < len(data):
        await send(data[:granted])
        data = data[granted:]
    await send(data)


async def cancel(*tasks: asyncio.Task[Any]) -> None:
    """Cancel, and wait until they are gone."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
