"""What the node refuses to open, and how it says so."""

from __future__ import annotations

import asyncio

import pytest
from tunnel.address import HOST_UNREACHABLE, NOT_ALLOWED, REFUSED, Address
from tunnel.errors import ExitRefused
from tunnel.listener import Limits
from tunnel_world import LOOPBACK, destination, echo, run, socks, world


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "192.0.2.1"])
def test_a_node_without_a_filter_opens_nothing(host: str) -> None:
    async def test() -> None:
        async with destination(echo) as port, world() as w:
            with pytest.raises(ExitRefused) as refusal:
                await w.client.open(Address(host, port))
            assert refusal.value.reply == NOT_ALLOWED

    run(test())


@pytest.mark.parametrize("host", ["::1", "10.0.0.1", "::ffff:10.0.0.1", "169.254.169.254", "0.0.0.0"])
def test_private_destinations_stay_closed_though_the_port_is_open(host: str) -> None:
    async def test() -> None:
        async with world(80) as w:
            with pytest.raises(ExitRefused) as refusal:
                await w.client.open(Address(host, 80))
            assert refusal.value.reply == NOT_ALLOWED

    run(test())


def test_replies_say_why_nothing_was_opened() -> None:
    async def test() -> None:
        async with destination(echo) as port:
            pass  # nobody listens there now
        async with world(port) as w:
            assert (await socks(w, port))[0] == REFUSED
            assert (await socks(w, port + 1 if port < 65535 else 1))[0] == NOT_ALLOWED
            assert (await socks(w, port, b"\x04" + bytes(15) + b"\1"))[0] == NOT_ALLOWED  # [::1]
            unresolvable = bytes([3, 64]) + b"a" * 64  # labels end at 63
            assert (await socks(w, 1, unresolvable))[0] == NOT_ALLOWED  # not even looked up
            assert (await socks(w, port, unresolvable))[0] == HOST_UNREACHABLE
            assert w.counts == (0, 0)

    run(test())


def test_an_address_waits_for_no_name_server(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    async def test() -> None:
        async with destination(echo) as port, world(port, limits=Limits(connect_s=0.5)) as w:
            monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", hangs)
            (await w.client.open(Address(LOOPBACK, port))).abort()
            with pytest.raises(ExitRefused) as refusal:
                await w.client.open(Address("localhost", port))
            assert refusal.value.reply == HOST_UNREACHABLE

    run(test())
