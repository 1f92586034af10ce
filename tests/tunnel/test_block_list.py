"""Names that stay closed, however they are spelled."""

from __future__ import annotations

import asyncio
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tunnel.address import NOT_ALLOWED, Address
from tunnel.block_list import BlockList
from tunnel.errors import ExitRefused, InvalidName
from tunnel.exit_filter import ExitFilter
from tunnel_world import OPEN_LOOPBACK, destination, echo, run, world

LIST = BlockList(["Blocked.example.", "bücher.example", "faß.example", "xn--mller-kva.example", "10.example"])


@pytest.mark.parametrize(
    "host",
    [
        "blocked.example",
        "BLOCKED.example",
        "blocked.example.",
        "a.blocked.example",
        "a.b.c.bLoCkEd.EXAMPLE.",
        "xn--bcher-kva.example",
        "XN--BCHER-KVA.example",
        "shop.xn--bcher-kva.example.",
        "xn--fa-hia.example",  # IDNA 2008's ß
        "fass.example",  # IDNA 2003's
        "a.xn--mller-kva.example",
    ],
)
def test_names_of_the_list_and_below_are_blocked(host: str) -> None:
    assert LIST.blocks(host) and not BlockList().blocks(host)


@pytest.mark.parametrize(
    "host",
    [
        "example",
        "notblocked.example",
        "blocked.example.org",
        "blocked-example",
        "blockedexample",
        "xn--bcher-kva.org",
        "127.0.0.1",
        "::1",
        "",
    ],
)
def test_other_names_are_not(host: str) -> None:
    assert not LIST.blocks(host)


@pytest.mark.parametrize(
    "host",
    [
        "xn--blocked-.example",  # Punycode of plain ASCII: some would read "blocked"
        "xn--.example",
        "xn--a-.example",
        "xn--99999999999.example",  # Punycode of nothing
        "xn--bcher-kvA-.example",
        "a.xn--zzzzzzzzzzzzzz",
    ],
)
def test_spellings_of_tricks_are_blocked_by_every_list(host: str) -> None:
    assert BlockList().blocks(host)


@pytest.mark.parametrize("name", ["", ".", "a..b", ".a", "a b", "a/b", "*.example", "a" * 64, ".".join(["a" * 60] * 5)])
def test_lists_with_what_is_no_name_are_refused(name: str) -> None:
    with pytest.raises(InvalidName):
        BlockList(["fine.example", name])


LABEL = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=10)


@settings(max_examples=40)
@given(st.lists(LABEL, min_size=1, max_size=4), st.lists(LABEL, max_size=3), st.booleans(), st.randoms())
def test_no_case_no_dot_and_no_subdomain_leads_around(labels, below, dot, draw) -> None:  # type: ignore[no-untyped-def]
    name = ".".join(labels)
    host = "".join(draw.choice((c.lower(), c.upper())) for c in ".".join([*below, *labels])) + "." * dot
    assert BlockList([name]).blocks(host)
    assert not BlockList([name]).blocks("x" + host) or below


@settings(max_examples=40)
@given(st.text(max_size=30))
def test_every_text_is_a_name_or_refused(text: str) -> None:
    try:
        blocked = BlockList([text])
    except InvalidName:
        return
    assert all(spelling.isascii() and spelling == spelling.lower() for spelling in blocked._names)


@pytest.mark.parametrize("blocked", ["localhost", "127.0.0.1"])
def test_a_node_asks_its_list_before_it_looks_a_name_up(blocked: str) -> None:
    async def test() -> None:
        async with destination(echo) as port, world(port) as w:
            w.node._filter = ExitFilter(frozenset({port}), OPEN_LOOPBACK, BlockList([blocked]))
            with pytest.raises(ExitRefused) as refusal:
                await w.client.open(Address(blocked, port))
            assert refusal.value.reply == NOT_ALLOWED
            if blocked == "localhost":  # a list of names keeps no address out
                (await w.client.open(Address("127.0.0.1", port))).abort()

    run(test())


def test_a_name_that_is_another_name_of_a_blocked_one_is_refused() -> None:
    """The resolver's canonical name (CNAME) falls under the list, too."""

    async def test() -> None:
        async with destination(echo) as port, world(port) as w:
            w.node._filter = ExitFilter(frozenset({port}), OPEN_LOOPBACK, BlockList(["tracker.example"]))

            async def resolve(host: str, *rest: object, **options: object) -> list[object]:
                place = ("127.0.0.1", port)
                return [(socket.AF_INET, socket.SOCK_STREAM, 6, "Eu.Tracker.example.", place)]

            asyncio.get_running_loop().getaddrinfo = resolve  # type: ignore[assignment,method-assign]
            with pytest.raises(ExitRefused) as refusal:
                await w.client.open(Address("innocent.example", port))
            assert refusal.value.reply == NOT_ALLOWED

    run(test())
