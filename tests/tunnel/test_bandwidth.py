"""Caps on bandwidth, by a clock of the test's own."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tunnel.bandwidth import Caps, TokenBucket
from tunnel.errors import InvalidCap
from tunnel.splice import at_once
from tunnel.stream import MAX_PAYLOAD
from tunnel_world import destination, echo, opened, run, world

RATE = 1 << 20


class Clock:
    """Time that passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    async def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds
        await asyncio.sleep(0)


def bucket(clock: Clock, rate: int = RATE) -> TokenBucket:
    return TokenBucket(rate, now=lambda: clock.now, sleep=clock.sleep)


@settings(max_examples=40)
@given(st.lists(st.integers(1, MAX_PAYLOAD), min_size=1, max_size=200), st.integers(MAX_PAYLOAD, 1 << 22))
def test_no_window_of_time_sees_more_than_the_cap(sizes: list[int], rate: int) -> None:
    async def test() -> list[tuple[float, int]]:
        clock = Clock()
        it = bucket(clock, rate)
        passed = []
        for size in sizes:
            await it.take(size)
            passed.append((clock.now, size))
        return passed

    passed = asyncio.run(test())
    starts = passed[:: max(1, len(passed) // 10)]
    for start, _ in starts:
        total = 0
        for at, size in passed:
            if at >= start:
                total += size
                assert total <= rate * (1 + at - start) + MAX_PAYLOAD + 1
    # and it is no slower than that
    assert passed[-1][0] - 1000.0 <= max(0, sum(sizes) - rate) / rate + 0.001


def test_whoever_asked_first_is_served_first_and_all_share_one_rate() -> None:
    async def test() -> None:
        clock = Clock()
        it = bucket(clock)
        order: list[int] = []

        async def take(number: int) -> None:
            await it.take(MAX_PAYLOAD)
            order.append(number)

        await asyncio.gather(*(take(number) for number in range(100)))
        assert order == list(range(100))
        spent = 100 * MAX_PAYLOAD
        assert clock.now - 1000.0 == pytest.approx((spent - RATE - MAX_PAYLOAD) / RATE, abs=MAX_PAYLOAD / RATE)

    run(test())


def test_an_idle_bucket_saves_up_no_more_than_a_second() -> None:
    async def test() -> None:
        clock = Clock()
        it = bucket(clock)
        await it.take(RATE)
        assert not it.is_full
        clock.now += 3600
        assert it.is_full
        before = clock.now
        for _ in range(2):
            await it.take(RATE)  # the second one leaves a debt
        await it.take(1)
        assert clock.now - before >= 1.0

    run(test())


def test_a_waiter_that_is_cancelled_takes_nothing() -> None:
    async def test() -> None:
        it = TokenBucket(MAX_PAYLOAD)
        await it.take(100 * MAX_PAYLOAD)  # in debt for a minute and a half
        waiting = asyncio.ensure_future(it.take(1))
        await asyncio.sleep(0.01)
        level = it._tokens
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert it._tokens == level and not it._turn.locked()

    run(test())


@pytest.mark.parametrize("rate", [-1, 0, 1, MAX_PAYLOAD - 1])
def test_caps_that_carry_nothing_are_refused(rate: int) -> None:
    for make in (TokenBucket, lambda r: Caps(per_peer=r), lambda r: Caps(per_node=r)):
        with pytest.raises(InvalidCap):
            make(rate)


def test_a_peer_keeps_its_debt_when_it_comes_again() -> None:
    async def test() -> None:
        caps = Caps(per_peer=RATE)
        await caps.pace(b"one")(50 * RATE)
        await asyncio.wait_for(caps.pace(b"two")(1), 5)  # another peer does not wait
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(caps.pace(b"one")(1), 0.05)
        assert set(caps._peers) == {b"one", b"two"}
        assert Caps().pace(b"one") is at_once

    run(test())


def test_full_buckets_are_forgotten() -> None:
    caps = Caps(per_peer=RATE)
    for number in range(1000):
        caps.pace(number.to_bytes(32, "big"))
    assert len(caps._peers) == 1


def test_both_directions_of_a_connection_and_all_peers_fall_under_the_nodes_cap() -> None:
    async def test() -> None:
        async with destination(echo) as port, world(port) as w:
            taken: list[int] = []
            caps = Caps(per_node=1 << 30)
            assert caps._node is not None
            take = caps._node.take

            async def spy(num_bytes: int) -> None:
                taken.append(num_bytes)
                await take(num_bytes)

            caps._node.take = spy  # type: ignore[method-assign]
            w.node._caps = caps
            reader, writer = await opened(w, port)
            writer.write(bytes(1000))
            writer.write_eof()
            assert len(await reader.read()) == 1000
            writer.close()
            await w.is_quiet()
            assert sum(taken) == 2000

    run(test())
