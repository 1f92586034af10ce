"""Many who come at once: an honest crowd is served, one that says nothing takes neither the place nor the memory."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import resource
import socket
from collections.abc import AsyncIterator

import pytest
from tunnel import listener as listeners
from tunnel.address import Address
from tunnel.dial import again
from tunnel.listener import Limits, Listener
from tunnel.stream import abort, read_exactly
from tunnel_world import LOOPBACK, Pair, destination, echo, is_cut, run, world

HONEST, LORIS = 200, 40
PATIENT = Limits(greeting_s=60.0, round_trip_s=60.0, max_half_open=8)


class Greeter:
    """Greets by one byte, and answers with the same; ``most`` is how many were greeted at once."""

    def __init__(self, limits: Limits) -> None:
        self.listener = Listener("greeter", self._greet, self._serve, limits, host=LOOPBACK)
        self.most = 0

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[Pair, bytes]:
        self.most = max(self.most, len(self.listener._half_open))
        return (reader, writer), await read_exactly(reader, 1)

    async def _serve(self, greeted: tuple[Pair, bytes]) -> None:
        (_, writer), byte = greeted
        writer.write(byte)
        writer.close()
        await writer.wait_closed()

    async def connect(self) -> Pair:
        return await asyncio.open_connection(LOOPBACK, self.listener.port)

    async def ask(self, pause_s: float = 0.0) -> bytes:
        reader, writer = await self.connect()
        try:
            await asyncio.sleep(pause_s)
            writer.write(b"x")
            return await read_exactly(reader, 1)
        finally:
            abort(writer)


@contextlib.asynccontextmanager
async def greeter(limits: Limits) -> AsyncIterator[Greeter]:
    opened = Greeter(limits)
    await opened.listener.start()
    try:
        yield opened
    finally:
        await opened.listener.stop()


def test_an_honest_crowd_is_served_a_few_at_a_time(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")

    async def test() -> None:
        async with greeter(PATIENT) as g:
            assert await asyncio.gather(*(g.ask(0.01) for _ in range(HONEST))) == [b"x"] * HONEST
            assert g.most == PATIENT.max_half_open
        assert "the next ones wait" in caplog.text and "cut" not in caplog.text
        assert caplog.text.count("the next ones wait") < HONEST / 4  # a crowd is said once, not for each of it

    run(test())


def test_a_node_takes_a_crowd_of_handshakes_without_a_second_try() -> None:
    async def test() -> None:
        limits = Limits(greeting_s=60.0, round_trip_s=60.0, max_half_open=4, num_tries=1)
        async with destination(echo) as port, world(port, limits=limits) as w:
            streams = await asyncio.gather(*(w.client.open(Address(LOOPBACK, port)) for _ in range(60)))
            for stream in streams:
                stream.abort()

    run(test())


def test_an_honest_crowd_is_served_beside_one_that_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever says nothing comes again as soon as it is cut; no more of them than there are places cost anything."""
    limits = Limits(greeting_s=60.0, round_trip_s=0.02, max_half_open=8)

    async def says_nothing(g: Greeter) -> None:
        while True:
            reader, writer = await g.connect()
            try:
                await reader.read()
            except ConnectionError:
                continue
            finally:
                abort(writer)

    async def test() -> None:
        async with greeter(limits) as g:
            silent = [asyncio.ensure_future(says_nothing(g)) for _ in range(LORIS)]
            while len(g.listener._half_open) < limits.max_half_open:
                await asyncio.sleep(0.005)
            answers = await asyncio.gather(*(again(g.ask, "test", num_tries=20) for _ in range(50)))
            assert answers == [b"x"] * 50
            assert g.most == limits.max_half_open and len(g.listener._tasks) <= limits.max_half_open + 50
            for task in silent:
                task.cancel()
            await asyncio.gather(*silent, return_exceptions=True)
        assert "cut: the slowest of 8 greetings" in caplog.text

    run(test())


def test_none_is_cut_that_may_yet_be_honest() -> None:
    limits = Limits(greeting_s=60.0, round_trip_s=60.0, max_half_open=2)

    async def test() -> None:
        async with greeter(limits) as g:
            slow = [await g.connect() for _ in range(2)]
            late = asyncio.ensure_future(g.ask())
            await asyncio.sleep(0.1)
            assert not late.done()
            for reader, writer in slow[:1]:  # one is through, and its place is free at once
                writer.write(b"y")
                assert await reader.readexactly(1) == b"y"
                writer.close()
            assert await late == b"x"
            abort(slow[1][1])

    run(test())


def test_a_machine_without_descriptors_goes_on_when_it_has_some(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listeners, "_RECOVERY_S", 0.05)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

    async def test() -> None:
        async with greeter(PATIENT) as g:
            with socket.create_connection((LOOPBACK, g.listener.port)) as early:
                early.setblocking(False)
                resource.setrlimit(resource.RLIMIT_NOFILE, (1, hard))
                try:
                    while "takes nobody" not in caplog.text:
                        await asyncio.sleep(0.01)
                finally:
                    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
                loop = asyncio.get_running_loop()
                await loop.sock_sendall(early, b"z")
                assert await loop.sock_recv(early, 1) == b"z"

    run(test())


def test_whoever_waits_is_cut_when_the_listener_stops() -> None:
    """One greeted, one whose task was made and did not begin, one that is left to the kernel."""

    async def test() -> None:
        async with greeter(Limits(greeting_s=60.0, round_trip_s=60.0, max_half_open=2)) as g:
            greeted, *_ = first = await g.connect()
            while not g.listener._half_open:
                await asyncio.sleep(0.005)
            others = [await g.connect() for _ in range(2)]
            g.listener._take(g.listener._sockets[0])
            await g.listener.stop()
            assert await is_cut(greeted)
            for reader, _ in others:
                assert await is_cut(reader)
            for _, writer in (first, *others):
                writer.close()
            assert not g.listener._tasks and not g.listener._half_open
            with pytest.raises(ConnectionRefusedError):
                await g.connect()

    run(test())


def test_a_port_that_is_taken_is_an_error_and_a_name_has_all_its_addresses() -> None:
    async def test() -> None:
        async with greeter(PATIENT) as g:
            taken = Greeter(PATIENT).listener
            taken.port = g.listener.port
            with pytest.raises(OSError, match="in use"):
                await taken.start()
            await taken.stop()
        named = Greeter(PATIENT)
        named.listener._host = ""
        await named.listener.start()
        found = {opened.family for opened in named.listener._sockets}
        assert found <= {socket.AF_INET, socket.AF_INET6} and len(found) == len(named.listener._sockets)
        await named.listener.stop()

    run(test())


@pytest.mark.parametrize("code", [errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL])
def test_an_address_that_the_machine_lacks_leaves_the_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, code: int
) -> None:
    create = socket.create_server
    lacking = {socket.AF_INET6}

    def without(place: tuple[str, int], *, family: int, backlog: int) -> socket.socket:
        if family in lacking:
            raise OSError(code, "not here")
        return create(place, family=family, backlog=backlog)

    async def both(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [
            (family, 0, 0, "", (host, 0)) for family, host in ((socket.AF_INET6, "::1"), (socket.AF_INET, LOOPBACK))
        ]

    async def test() -> None:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", both, raising=False)
        named = Greeter(PATIENT)
        await named.listener.start()
        assert [opened.family for opened in named.listener._sockets] == [socket.AF_INET]
        assert "not listening on ::1: not here" in caplog.text
        await named.listener.stop()
        lacking.add(socket.AF_INET)
        with pytest.raises(OSError, match="is this machine's"):
            await named.listener.start()

    monkeypatch.setattr(socket, "create_server", without)
    run(test())


def test_who_was_gone_before_its_turn_disturbs_nobody() -> None:
    async def test() -> None:
        async with greeter(PATIENT) as g:
            for _ in range(20):
                abort((await g.connect())[1])
            assert await g.ask() == b"x"
            reader, writer = await g.connect()
            writer.write_eof()
            assert await is_cut(reader)
            writer.close()

    run(test())
