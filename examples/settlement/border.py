"""The outermost layer: sizes, times, identifiers, headers, counts, and no error without an answer."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from .log import LOGGER, failure_fields
from .metrics import Metrics
from .models import Refusal
from .problems import PROBLEM_TYPE, BodyTimeout, BodyTooLarge, ServiceError, TooManyRequests, problem_of, status_of

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_REFUSALS = 100
UNROUTED = "unknown"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)


@dataclass
class Watch:
    """What people and Prometheus see of this process."""

    metrics: Metrics = field(default_factory=Metrics)
    refusals: deque[Refusal] = field(default_factory=lambda: deque(maxlen=MAX_REFUSALS))

    def refused(self, route: str, body: dict[str, Any]) -> None:
        self.metrics.refusal(body["code"])
        kept = {name: body[name] for name in ("status", "code", "detail")}
        self.refusals.append(Refusal(time=int(time.time()), route=route, **kept))


class Throttle:
    """``rate`` calls a second for each caller, ``burst`` at once; remembers the last ``callers`` of them."""

    def __init__(
        self, rate: float, burst: int, callers: int = 4096, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate, self._burst, self._callers, self._clock = rate, burst, callers, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> None:
        """Raises ``TooManyRequests`` when the caller has nothing left."""
        now = self._clock()
        left, seen = self._buckets.pop(caller, (float(self._burst), now))
        left = min(float(self._burst), left + (now - seen) * self._rate)
        self._buckets[caller] = (max(left - 1, 0.0) if left >= 1 else left, now)
        while len(self._buckets) > self._callers:
            self._buckets.popitem(last=False)
        if left < 1:
            wait = str(int((1 - left) / self._rate) + 1)
            raise TooManyRequests("too many requests from this address", Retry_After=wait)


class Border:
    """An ASGI layer around the whole application."""

    def __init__(self, app: App, watch: Watch, max_body_bytes: int, body_timeout_s: float) -> None:
        self._app = app
        self._watch = watch
        self._max_body_bytes = max_body_bytes
        self._body_timeout_s = body_timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request, started = secrets.token_hex(8), time.monotonic()
        scope["request_id"] = request
        status = 0

        async def send_and_watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                extra = [*SECURITY_HEADERS, (b"x-request-id", request.encode())]
                message = {**message, "headers": [*message.get("headers", []), *extra]}
            await send(message)

        try:
            body = await self._read(scope, receive)
            await self._app(scope, _once(body, receive), send_and_watch)
        except Exception as error:
            if status:  # an answer is under way and cannot be changed
                LOGGER.error("failed", extra={"request": request, "route": route_of(scope), **failure_fields(error)})
                raise
            if not isinstance(error, ServiceError):
                LOGGER.error("failed", extra={"request": request, "route": route_of(scope), **failure_fields(error)})
            await self._answer(error, scope, send_and_watch)
        seconds = time.monotonic() - started
        method = scope["method"] if scope["method"] in METHODS else "other"
        self._watch.metrics.request(method, route_of(scope), status, seconds)
        fields = {"request": request, "method": method, "route": route_of(scope), "status": status}
        LOGGER.info("request", extra={**fields, "code": scope.get("problem", ""), "ms": round(seconds * 1000, 1)})

    async def _read(self, scope: Scope, receive: Receive) -> bytes:
        """The whole body; it is small, and whoever sends it slowly waits here and takes no worker."""
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or len(declared) > 18 or int(declared) > self._max_body_bytes:
            raise BodyTooLarge(f"a body has at most {self._max_body_bytes} bytes", Connection="close")
        parts: list[bytes] = []
        size, ends = 0, time.monotonic() + self._body_timeout_s
        while True:
            try:
                message = await asyncio.wait_for(receive(), max(ends - time.monotonic(), 0.001))
            except asyncio.TimeoutError:
                raise BodyTimeout("the body did not come in time", Connection="close") from None
            if message["type"] == "http.disconnect":
                return b"".join(parts)
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self._max_body_bytes:
                raise BodyTooLarge(f"a body has at most {self._max_body_bytes} bytes", Connection="close")
            if not message.get("more_body", False):
                return b"".join(parts)

    async def _answer(self, error: Exception, scope: Scope, send: Send) -> None:
        body, headers = problem_of(error)
        scope["problem"] = body["code"]
        self._watch.refused(route_of(scope), body)
        fields = [(b"content-type", PROBLEM_TYPE.encode())]
        fields += [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status_of(type(error)), "headers": fields})
        await send({"type": "http.response.body", "body": json.dumps(body).encode()})


def route_of(scope: Scope) -> str:
    """The template of the path, which names nobody's note."""
    return str(getattr(scope.get("route"), "path", UNROUTED))


def _once(body: bytes, receive: Receive) -> Receive:
    """A ``receive`` that gives the body that was read already, and then what comes after it."""
    given = False

    async def next_message() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return next_message
