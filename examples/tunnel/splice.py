"""Both directions between a stream and a plain TCP connection, or another stream, each closed by itself.

    plain  -- read ->  DATA records,   end of file -> CLOSE             splice
    plain  <- write -- DATA records,   CLOSE -> end of file
    DATA records, CLOSE  <->  DATA records, CLOSE                       join

Whatever else ends one side resets the other, so that nobody takes a part for the whole.  Reading waits for writing:
what lies between them is bounded by the buffers of both connections.  Before anything is passed on, ``pace`` may wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from .errors import Idle
from .stream import SecureStream, Toll, abort

Pace = Callable[[int], Awaitable[None]]
Copy = Callable[[Callable[[], None]], Coroutine[None, None, None]]


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
    """Copy until both directions are closed, and close both connections.  What moves is charged to ``stream.toll``.

    Raises (both connections are reset then):
        RecordRefused, StreamTruncated, OSError: either side broke off.
        TunnelError: as the toll says.
        Idle: nothing moved for ``idle_s`` seconds in either direction.
    """

    async def up(moved: Callable[[], None]) -> None:
        while data := await reader.read(stream.max_payload):
            await pace(len(data))
            await forward(data, stream.toll, stream.send)
            moved()
        await stream.close_sending()

    async def down(moved: Callable[[], None]) -> None:
        while data := await stream.receive():
            await pace(len(data))
            await forward(data, stream.toll, write)
            moved()
        writer.write_eof()

    async def write(data: bytes) -> None:
        writer.write(data)
        await writer.drain()

    async def close() -> None:
        await stream.close()
        writer.close()
        await writer.wait_closed()

    try:
        await _until_both((up, down), close, idle_s)
    finally:
        stream.abort()
        abort(writer)


async def join(one: SecureStream, other: SecureStream, *, idle_s: float, pace: Pace = at_once) -> None:
    """As ``splice``, between two streams; only ``one`` is charged."""

    def copy(source: SecureStream, sink: SecureStream) -> Copy:
        async def run(moved: Callable[[], None]) -> None:
            while data := await source.receive():
                await pace(len(data))
                await forward(data, one.toll, sink.send)
                moved()
            await sink.close_sending()

        return run

    async def close() -> None:
        await one.close()
        await other.close()

    try:
        await _until_both((copy(one, other), copy(other, one)), close, idle_s)
    finally:
        one.abort()
        other.abort()


async def _until_both(copies: tuple[Copy, Copy], close: Callable[[], Awaitable[None]], idle_s: float) -> None:
    """Run both copies, then ``close``; raises what they raise, or ``Idle`` where neither calls ``moved`` for long."""
    loop = asyncio.get_running_loop()
    last_moved = loop.time()

    def moved() -> None:
        nonlocal last_moved
        last_moved = loop.time()

    async def both() -> None:
        tasks = [loop.create_task(copy(moved)) for copy in copies]
        try:
            await asyncio.gather(*tasks)
        finally:
            await cancel(*tasks)
        await close()

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
