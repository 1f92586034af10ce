"""Both directions between a plain TCP connection and a secure stream, each closed by itself.

    plain  -- read ->  DATA records,   end of file -> CLOSE,  anything worse -> RESET
    plain  <- write -- DATA records,   CLOSE -> end of file,  anything worse -> reset

Whatever else ends one side resets the other, so that nobody takes a part for the whole.  After a RESET each end takes
what is under way before it hangs up: both have then counted the same.  Reading waits for writing: what lies between
them is bounded by the buffers of both connections.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from .errors import Broken, Idle, StreamReset, TunnelError
from .stream import MAX_PAYLOAD, SecureStream, Toll, abort

Pace = Callable[[int], Awaitable[None]]
_PARTING_S = 10.0


async def at_once(num_bytes: int) -> None:
    """The pace of who has no cap."""


class Movement:
    """When something last moved between two connections."""

    def __init__(self, idle_s: float) -> None:
        """Now is the first time."""
        self._clock, self._idle_s = asyncio.get_running_loop().time, idle_s
        self._last = self._clock()

    def seen(self) -> None:
        self._last = self._clock()

    async def watch(self) -> None:
        """Until nothing has moved for ``idle_s`` seconds: raises ``Idle``."""
        while (left := self._last + self._idle_s - self._clock()) > 0:
            await asyncio.sleep(left)
        raise Idle(f"nothing moved for {self._idle_s:g} s")


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
        Broken, StreamReset: the plain connection here, or the one behind the other end, broke off.
        RecordRefused, StreamTruncated, OSError: the stream broke off.
        Idle: nothing moved for ``idle_s`` seconds in either direction.
        TunnelError: as the toll says.
    """
    loop, movement = asyncio.get_running_loop(), Movement(idle_s)

    async def up() -> None:
        while data := await _plainly(reader.read(2 * MAX_PAYLOAD)):
            await pace(len(data))
            await forward(data, stream.toll, stream.send)
            movement.seen()
        await stream.close_sending()

    async def down() -> None:
        while data := await stream.receive():
            await pace(len(data))
            await forward(data, stream.toll, write)
            movement.seen()
        writer.write_eof()

    async def write(data: bytes) -> None:
        writer.write(data)
        await _plainly(writer.drain())

    async def hang_up() -> None:
        await stream.close()
        writer.close()
        await writer.wait_closed()

    coming = loop.create_task(down())
    copying, others = {loop.create_task(up()), coming}, {loop.create_task(movement.watch())}

    async def finish() -> None:
        while copying:
            done, _ = await asyncio.wait(copying | others, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            copying.difference_update(done)
            others.difference_update(done)
            if coming in done:
                others.add(loop.create_task(stream.until_reset()))

    try:
        await finish()
        copying.add(loop.create_task(hang_up()))
        await finish()
    except (Broken, StreamReset) as error:
        await cancel(*copying, *others)
        abort(writer)
        await _part(stream, error)
        raise
    finally:
        await cancel(*copying, *others)
        stream.abort()
        abort(writer)


async def _part(stream: SecureStream, error: TunnelError) -> None:
    """Tell the other end, and count what it sent before it was told; but not for ever."""

    async def tell_and_take() -> None:
        await stream.send_reset()
        while isinstance(error, Broken) and (data := await stream.receive()):
            await forward(data, stream.toll, _drop)
        await stream.close()

    parting = asyncio.ensure_future(tell_and_take())
    try:
        await asyncio.wait({parting}, timeout=_PARTING_S)
    finally:
        await cancel(parting)


async def _drop(data: bytes) -> None:
    """What came after its receiver had gone."""


async def _plainly(doing: Awaitable[Any]) -> Any:
    """What the plain connection does; its errors become ``Broken``."""
    try:
        return await doing
    except OSError as error:
        raise Broken(f"{type(error).__name__}: {error}") from error


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
