"""Counters in Prometheus' text format, without a library: a few dozen lines are less to keep up than a dependency."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Histogram:
    """How many observations were at most each bound."""

    def __init__(self) -> None:
        self._counts = [0] * (len(BUCKETS_S) + 1)
        self._sum = 0.0

    def observe(self, seconds: float) -> None:
        self._counts[bisect_left(BUCKETS_S, seconds)] += 1
        self._sum += seconds

    def lines(self, name: str) -> Iterator[str]:
        total = 0
        for bound, count in zip((*BUCKETS_S, float("inf")), self._counts, strict=True):
            total += count
            yield f'{name}_bucket{{le="{"+Inf" if bound == float("inf") else bound}"}} {total}'
        yield f"{name}_sum {self._sum:.6f}"
        yield f"{name}_count {total}"


class Metrics:
    """Names of routes and codes are the service's own, so that no caller can make labels without end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests = Counter[tuple[str, str, int]]()
        self._refusals = Counter[str]()
        self._replayed = 0
        self._seconds = Histogram()
        self._gauges: dict[str, tuple[str, Callable[[], int]]] = {}

    def gauge(self, name: str, help_text: str, read: Callable[[], int]) -> None:
        """A number that is read when it is asked for."""
        self._gauges[name] = (help_text, read)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        with self._lock:
            self._requests[method, route, status] += 1
            self._seconds.observe(seconds)

    def refusal(self, code: str) -> None:
        with self._lock:
            self._refusals[code] += 1

    def replayed(self) -> None:
        with self._lock:
            self._replayed += 1

    def text(self) -> str:
        with self._lock:
            lines = [
                *_family("zkrelay_requests_total", "counter", "Requests by method, route and status."),
                *(
                    f'zkrelay_requests_total{{method="{method}",route="{route}",status="{status}"}} {count}'
                    for (method, route, status), count in sorted(self._requests.items())
                ),
                *_family("zkrelay_refusals_total", "counter", "Refused requests by code."),
                *(f'zkrelay_refusals_total{{code="{c}"}} {count}' for c, count in sorted(self._refusals.items())),
                *_family("zkrelay_replayed_total", "counter", "Answers that an idempotency key had already."),
                f"zkrelay_replayed_total {self._replayed}",
                *_family("zkrelay_request_seconds", "histogram", "From the first byte of a request to its answer."),
                *self._seconds.lines("zkrelay_request_seconds"),
            ]
        for name, (help_text, read) in sorted(self._gauges.items()):
            lines += [*_family(name, "gauge", help_text), f"{name} {read()}"]
        return "\n".join(lines) + "\n"


def _family(name: str, kind: str, help_text: str) -> Iterator[str]:
    yield f"# HELP {name} {help_text}"
    yield f"# TYPE {name} {kind}"
