"""Caps on bandwidth: a token bucket for each peer, and one for the node.

In any t seconds at most rate * (1 + t) bytes and one record pass a bucket: a take may leave it in debt, and the next
one waits until that is paid.  Both directions share a bucket, and a circuit has that of the relay that brought it.
Who waits does not read, and so stops who writes: nothing is dropped, nothing piles up.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from .errors import InvalidCap
from .splice import Pace, at_once
from .stream import MAX_PAYLOAD


class TokenBucket:
    """``rate`` bytes a second and as many at once; who asks first is served first."""

    def __init__(
        self,
        rate: int,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Raises ``InvalidCap`` for less than a record a second: connections that wait longer look idle."""
        if rate < MAX_PAYLOAD:
            raise InvalidCap(f"a cap of {rate} bytes a second is below one record a second, {MAX_PAYLOAD}")
        self._rate, self._now, self._sleep = rate, now, sleep
        self._tokens, self._at = float(rate), now()
        self._turn = asyncio.Lock()

    async def take(self, num_bytes: int) -> None:
        """Wait until the bucket is not in debt, and take ``num_bytes`` from it."""
        async with self._turn:
            while self._level() <= 0:
                await self._sleep((1 - self._tokens) / self._rate)
            self._tokens -= num_bytes

    @property
    def is_full(self) -> bool:
        """As a new one: it may be forgotten."""
        return not self._turn.locked() and self._level() >= self._rate

    def _level(self) -> float:
        now = self._now()
        self._tokens = min(self._rate, self._tokens + (now - self._at) * self._rate)
        self._at = now
        return self._tokens


class Caps:
    """Bytes a second for each peer and for the node in all; None for no cap."""

    def __init__(self, per_peer: int | None = None, per_node: int | None = None) -> None:
        """Raises ``InvalidCap``."""
        self._per_peer = per_peer
        self._node = None if per_node is None else TokenBucket(per_node)
        self._peers: dict[bytes, TokenBucket] = {}
        if per_peer is not None:
            TokenBucket(per_peer)  # refused now and not at the first connection

    def pace(self, peer: bytes) -> Pace:
        """For one connection of ``peer``, whose connections share a bucket, also with those that it had before."""
        buckets = [bucket for bucket in (self._of(peer), self._node) if bucket is not None]
        if not buckets:
            return at_once

        async def wait(num_bytes: int) -> None:
            for bucket in buckets:
                await bucket.take(num_bytes)

        return wait

    def _of(self, peer: bytes) -> TokenBucket | None:
        if self._per_peer is None:
            return None
        if peer not in self._peers:
            self._peers = {key: bucket for key, bucket in self._peers.items() if not bucket.is_full}
            self._peers[peer] = TokenBucket(self._per_peer)
        return self._peers[peer]
