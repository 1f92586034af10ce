"""The client against a service that loses answers, is busy, lies, or sends too much."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from settlement.client import MAX_ANSWER_BYTES, ServiceRefused, SettlementClient, Unreachable
from settlement.problems import problem

from zkrelay.errors import FormatError, MalformedInput, NullifierSpent, TreeFull, UnknownStake
from zkrelay.relay.deposit_order import DepositOrder
from zkrelay.relay.merkle import MerkleTree

from .world import Running, deposit_body

Answer = Callable[["Handler"], None]


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers as the next entry of its server's ``script`` says, and keeps what it was sent."""

    server: Scripted

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.path, self.headers.get("Idempotency-Key"), body))
        script = self.server.script
        (script.pop(0) if len(script) > 1 else script[0])(self)

    do_POST = do_GET

    def log_message(self, *_: object) -> None: ...


class Scripted(http.server.ThreadingHTTPServer):
    script: list[Answer]
    seen: list[tuple[str, str | None, bytes]]


def say(status: int, body: object, **headers: str) -> Answer:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()

    def answer(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in {"Content_Length": str(len(data)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def hang_up(handler: Handler) -> None:
    handler.close_connection = True


BUSY = say(503, problem(503, "overloaded", "later"), Retry_After="0")
PAID = {"recipient": "1", "money": "2", "relayer": "3", "fee": "4", "epoch": "5", "kind": "stake"}


@contextmanager
def scripted(*script: Answer) -> Iterator[tuple[SettlementClient, Scripted]]:
    with Scripted(("127.0.0.1", 0), Handler) as server:
        server.script, server.seen = list(script), []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.server_address[1]}/prefix"
            yield SettlementClient(url, attempts=4, pause_s=0.001), server
        finally:
            server.shutdown()
            thread.join()


def test_what_was_not_answered_is_sent_again_under_the_same_key() -> None:
    with scripted(hang_up, BUSY, say(200, b"{", Content_Length="9"), say(201, PAID)) as (client, server):
        assert client.withdraw(7).money == 2
    assert {path for path, _, _ in server.seen} == {"/prefix/v1/stakes/7/withdrawal"}
    assert len(server.seen) == 4 and len({key for _, key, _ in server.seen}) == 1
    with scripted(say(201, PAID)) as (client, server):
        client.withdraw(7)
        client.withdraw(7)
        client.withdraw(7, key="a-key-that-the-caller-keeps")
    keys = [key for _, key, _ in server.seen]
    assert len(set(keys)) == 3 and keys[2] == "a-key-that-the-caller-keeps"


def test_it_gives_up_and_says_so() -> None:
    with scripted(BUSY) as (client, server), pytest.raises(Unreachable, match="after 4 attempts: overloaded"):
        client.commit(1)
    assert len(server.seen) == 4
    with pytest.raises(Unreachable, match="ConnectionRefusedError"):
        client.commit(1)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (409, "nullifier-spent", NullifierSpent),
        (404, "unknown-stake", UnknownStake),
        (422, "format-error", FormatError),
        (401, "unauthorized", ServiceRefused),
        (500, "internal-error", ServiceRefused),
        (422, "a-code-of-tomorrow", ServiceRefused),
    ],
)
def test_a_refusal_is_the_error_of_the_library_and_final(status: int, code: str, kind: type[Exception]) -> None:
    with scripted(say(status, problem(status, code, "the reason"))) as (client, server):
        with pytest.raises(kind, match="the reason") as refused:
            client.withdraw(7)
        assert len(server.seen) == 1
    if isinstance(refused.value, ServiceRefused):
        assert (refused.value.status, refused.value.code) == (status, code)


@pytest.mark.parametrize(
    "answer",
    [b"", b"<html>", b"[]", b"{}", b'{"code": 5}', b'{"code": "unsatisfied-constraint", "detail": 5}', b"\xff" * 1000],
    ids=range(7),
)
def test_a_refusal_that_makes_no_sense(answer: bytes) -> None:
    with scripted(say(418, answer)) as (client, _), pytest.raises(ServiceRefused):
        client.commit(1)


@pytest.mark.parametrize(
    "changes",
    [{"money": 2}, {"money": "-2"}, {"money": None}, {"kind": "gift"}, {"kind": None}, {"nf": "x"}, {"epoch": "05"}],
)
def test_an_answer_that_makes_no_sense(changes: dict[str, object]) -> None:
    with scripted(say(201, {**PAID, **changes})) as (client, _), pytest.raises(MalformedInput):
        client.withdraw(7)


READ: list[Callable[[SettlementClient], object]] = [
    lambda client: client.ledger(),
    lambda client: list(client.leaves()),
    lambda client: client.is_spent(1),
    lambda client: client.stake(1),
    lambda client: client.ticket(1),
    lambda client: list(client.events()),
    lambda client: client.slash(1, 2, 3, 4),
]
EVENT = {"number": 1, "epoch": 2, "kind": "note", "fields": {}}
NONSENSE: list[object] = [
    *([], 5, "text", None, {}),
    *({name: value} for name in ("leaves", "events", "payments", "spent") for value in (5, "false", {}, [5], [[]])),
    *({"events": [{**EVENT, name: value}]} for name in EVENT for value in (None, True, 0.5, {"a": 1}, [])),
    {"domain": []},
]


@pytest.mark.parametrize("read", READ, ids=range(len(READ)))
def test_whatever_is_answered_the_errors_are_the_library_s(read: Callable[[SettlementClient], object]) -> None:
    for answer in NONSENSE:
        with scripted(say(200, answer)) as (client, _), pytest.raises(MalformedInput):
            read(client)


@pytest.mark.parametrize("numbers", [(1, 1), (2, 1), (0,), (1, 2, 2)])
def test_events_that_do_not_go_on(monkeypatch: pytest.MonkeyPatch, numbers: tuple[int, ...]) -> None:
    """A page that is full is followed by the next: events that come again would come for ever."""
    monkeypatch.setattr("settlement.client.PAGE", len(numbers))
    page = say(200, {"events": [{**EVENT, "number": number} for number in numbers]})
    with scripted(page) as (client, _), pytest.raises(MalformedInput, match="not the next one"):
        list(client.events())


def test_leaves_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("settlement.client.PAGE", 3)
    tree = MerkleTree(2, 3)
    with scripted(say(200, {"leaves": ["1", "2", "3"]})) as (client, server), pytest.raises(TreeFull):
        client.extend(tree)
    assert len(tree) == 6 and len(server.seen) == 3


def test_an_answer_without_end() -> None:
    endless = say(200, b" " * (MAX_ANSWER_BYTES + 1))
    with scripted(endless) as (client, _), pytest.raises(FormatError, match="too large"):
        client.balances()


@pytest.mark.parametrize("url", ["", "ftp://host", "http://", "host:80", "http://host?x=1", "http://host#x"])
def test_an_url_that_is_none(url: str) -> None:
    with pytest.raises(ValueError, match="URL"):
        SettlementClient(url)


def test_pages_are_read_to_their_end(plain: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("settlement.client.PAGE", 2)
    client = plain.client()
    cms = [client.deposit(DepositOrder.from_dict(deposit_body(inner))).cm for inner in range(1, 6)]
    assert list(client.leaves()) == cms
    assert list(client.leaves(4)) == cms[4:] and list(client.leaves(5)) == []
    assert [event.number for event in client.events()] == [1, 2, 3, 4, 5]
    assert [event.number for event in client.events(after=3, kind="note")] == [4, 5]
