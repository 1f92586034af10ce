"""Sizes, times, back-pressure, counts and logs: what stands between the network and the rules."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from fake_verifier import FakeVerifier
from settlement.app import Access, Limits, make_app
from settlement.border import Throttle
from settlement.log import FIELDS, JsonLines
from settlement.metrics import Metrics
from settlement.problems import Overloaded, Stopping, TooManyRequests
from settlement.workers import Workers

from .world import TOKEN, Running, World, deposit_body, running, sqlite_service

AUTHORISED = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def small(world: World) -> Iterator[Running]:
    """A service that takes little: 500 bytes within half a second, one writer and one that waits."""
    limits = Limits(max_body_bytes=500, body_timeout_s=0.3, writers=1, queue=1, patience_s=0.2)
    with sqlite_service(world, verifier=FakeVerifier()) as service, running(service, limits=limits) as served:
        yield served


def raw(port: int, request: bytes) -> bytes:
    """What is answered to these bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(request)
        answer = b""
        while data := connection.recv(1 << 16):
            answer += data
    return answer


HEAD = b"POST /v1/commitments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def test_a_body_has_a_size(small: Running) -> None:
    before = small.state()
    assert small.refusal("POST", "/v1/commitments", b" " * 501) == (413, "body-too-large")
    chunk = b"12c\r\n" + b" " * 300 + b"\r\n"
    answer = raw(small.port, HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + 2 * chunk)  # and no end
    assert b" 413 " in answer and b"body-too-large" in answer
    assert small.state() == before


def test_a_body_has_its_time(small: Running) -> None:
    answer = raw(small.port, HEAD + b"Content-Length: 10\r\n\r\n{")
    assert b" 408 " in answer and b"body-timeout" in answer


def test_who_goes_away_leaves_nothing(plain: Running) -> None:
    before = plain.state()
    with socket.create_connection(("127.0.0.1", plain.port)) as connection:
        connection.sendall(HEAD + b'Content-Length: 15\r\n\r\n{"handle": ')
    assert plain.refusal("GET", "/v1/stakes/1") == (404, "unknown-stake")
    assert plain.state() == before


def test_what_does_not_fit_the_queue_is_refused_at_once(small: Running) -> None:
    """While another writer holds the database, one request runs, one waits, and all others are told to come back."""
    released = threading.Event()
    held = threading.Event()

    def hold() -> None:
        with small.service._store.write():
            held.set()
            released.wait(30)

    def commit(handle: int) -> tuple[int, str, str]:
        status, headers, body = small.ask("POST", "/v1/commitments", {"handle": str(handle)})
        if status == 503:
            released.set()
        return status, headers.get("retry-after", ""), json.loads(body).get("code", "")

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(30)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(commit, range(4)))
    holder.join()
    assert [answer for answer in answers if answer[0] == 503] == [(503, "1", "overloaded")] * sum(
        status == 503 for status, _, _ in answers
    )
    assert 1 <= sum(status == 200 for status, _, _ in answers) <= 3
    assert small.ask("GET", "/health")[0] == 200


def test_workers_refuse_what_waits_too_long_and_finish_what_runs() -> None:
    async def play() -> None:
        workers = Workers("test", 1, 1, patience_s=0.05)
        release = threading.Event()
        running = asyncio.create_task(workers.run(lambda: release.wait(30)))
        await asyncio.sleep(0.01)
        waiting = asyncio.create_task(workers.run(lambda: "never"))
        await asyncio.sleep(0)
        with pytest.raises(Overloaded, match="too many"):
            await workers.run(lambda: "at once")
        with pytest.raises(Overloaded, match="turn"):
            await waiting
        release.set()
        assert await running is True
        assert await workers.run(lambda: 5) == 5
        with pytest.raises(ZeroDivisionError):
            await workers.run(lambda: 1 // 0)
        workers.close()
        with pytest.raises(Stopping):
            await workers.run(lambda: 5)
        assert workers.taken == 0

    asyncio.run(play())


def test_a_throttle_forgets_nobody_who_asks_too_much() -> None:
    now = 0.0
    throttle = Throttle(rate=2, burst=3, callers=2, clock=lambda: now)
    for _ in range(3):
        throttle.take("a")
    with pytest.raises(TooManyRequests) as refused:
        throttle.take("a")
    assert refused.value.headers == {"Retry-After": "1"}
    throttle.take("b")
    now = 0.5
    throttle.take("a")
    with pytest.raises(TooManyRequests):
        throttle.take("a")
    now = 1000.0
    for _ in range(3):
        throttle.take("a")
    for name in "cdef":
        throttle.take(name)
    assert len(throttle._buckets) == 2


def test_commitments_are_throttled(world: World) -> None:
    limits = Limits(commitments_a_second=0.001, commitment_burst=2)
    with sqlite_service(world, verifier=FakeVerifier()) as service, running(service, limits=limits) as served:
        for handle in "12":
            assert served.ask("POST", "/v1/commitments", {"handle": handle})[0] == 200
        assert served.refusal("POST", "/v1/commitments", {"handle": "3"}) == (429, "too-many-requests")


def test_metrics(plain: Running) -> None:
    plain.ask("POST", "/v1/deposits", deposit_body(), AUTHORISED)
    plain.ask("POST", "/v1/deposits", deposit_body(), AUTHORISED)
    plain.ask("GET", "/v1/nullifiers/5")
    plain.ask("GET", "/v1/nullifiers/6")
    plain.ask("BREW", "/pot-1")
    text = plain.ask("GET", "/metrics")[2].decode()
    assert 'zkrelay_requests_total{method="POST",route="/v1/deposits",status="201"} 1' in text
    assert 'zkrelay_requests_total{method="POST",route="/v1/deposits",status="409"} 1' in text
    assert 'zkrelay_requests_total{method="GET",route="/v1/nullifiers/{nf}",status="200"} 2' in text
    assert 'zkrelay_requests_total{method="other",route="unknown",status="404"} 1' in text
    assert 'zkrelay_refusals_total{code="duplicate-note"} 1' in text
    assert "zkrelay_writers_taken 0" in text
    assert "zkrelay_request_seconds_count 5" in text


def test_a_histogram_counts_up() -> None:
    metrics = Metrics()
    for seconds in (0.001, 0.005, 0.02, 99.0):
        metrics.request("GET", "/", 200, seconds)
    lines = [line for line in metrics.text().splitlines() if "_bucket" in line]
    assert [int(line.split()[-1]) for line in lines] == [2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4]


def test_logs_hold_no_secrets(plain: Running, caplog: pytest.LogCaptureFixture) -> None:
    secret = "31337133713371337"
    with caplog.at_level(logging.DEBUG):
        plain.refusal("POST", "/v1/slashings", {"payee": "1", "kn": secret, "slasher": "2", "salt": secret})
        plain.refusal("POST", "/v1/slashings", {"payee": "1", "kn": f"0{secret}", "slasher": "2", "salt": secret})
        plain.refusal("POST", "/v1/deposits", deposit_body(), Authorization=f"Bearer {secret}")
        plain.ask("POST", "/v1/deposits", deposit_body(), AUTHORISED)
        plain.ask("GET", f"/v1/nullifiers/{secret}?a={secret}")
        plain.ask("GET", f"/{secret}")
    records = [record for record in caplog.records if record.name == "settlement"]
    lines = [JsonLines().format(record) for record in records]
    assert len([line for line in lines if '"event": "request"' in line]) == 6
    for line in [*lines, *(str(vars(record)) for record in records)]:
        assert secret not in line and TOKEN not in line and "127.0.0.1" not in line
    assert any('"code": "wrong-evidence"' in line and '"route": "/v1/slashings"' in line for line in lines)
    assert secret not in plain.ask("GET", "/v1/refusals")[2].decode()
    assert TOKEN not in repr(Access(TOKEN))


def test_a_log_line_has_known_fields_only() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "event", None, None)
    record.body, record.route = "a secret", "/v1/claims"
    assert set(json.loads(JsonLines().format(record))) == {"time", "level", "event", "route"}
    assert "body" not in FIELDS


def test_an_unexpected_error_is_answered_without_its_words(
    plain: Running, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret words")

    monkeypatch.setattr(plain.service, "commit", fail)
    with caplog.at_level(logging.ERROR):
        status, _, body = plain.ask("POST", "/v1/commitments", {"handle": "1"})
    assert (status, json.loads(body)["code"]) == (500, "internal-error")
    assert b"secret words" not in body
    (record,) = [record for record in caplog.records if record.name == "settlement"]
    line = json.loads(JsonLines().format(record))
    assert (line["error"], line["where"].partition(":")[0]) == ("RuntimeError", "test_border.py")
    assert "secret words" not in str(vars(record))


def test_every_answer_forbids_guessing_and_keeping(plain: Running) -> None:
    for path in ("/health", "/v1/ledger", "/nowhere", "/"):
        headers = plain.ask("GET", path)[1]
        assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store")
        assert len(headers["x-request-id"]) == 16


def test_ready_asks_the_database(plain: Running) -> None:
    assert plain.ask("GET", "/ready")[0] == 200
    plain.service._store.close()
    assert plain.refusal("GET", "/ready") == (503, "store-error")
    assert plain.ask("GET", "/health")[0] == 200


def test_a_faucet_is_for_test_money(world: World) -> None:
    with sqlite_service(world, verifier=FakeVerifier()) as service:
        with running(service, Access(faucet=True)) as served:
            assert served.ask("POST", "/v1/deposits", deposit_body())[0] == 201
        service.is_test_money = False
        with pytest.raises(ValueError, match="faucet"):
            make_app(service, Access(faucet=True))
        with pytest.raises(ValueError, match="16 bytes"):
            Access("short")
        with running(service, Access()) as served:  # no token at all: nobody
            assert served.refusal("POST", "/v1/deposits", deposit_body(), **AUTHORISED) == (401, "unauthorized")
