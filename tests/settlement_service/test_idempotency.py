"""A key is good for one request: carried out once, answered alike for ever, whoever sends it at the same time."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fake_verifier import FakeVerifier
from settlement import books
from settlement.bodies import CommitmentBody, DepositBody
from settlement.service import Request, Service

from zkrelay.relay.store_sqlite import SqliteStore

from .world import TOKEN, Running, World, deposit_body, running, sqlite_service

KEY = "a-key-of-sixteen-characters"
AUTHORISED = {"Authorization": f"Bearer {TOKEN}"}
KEYED = {**AUTHORISED, "Idempotency-Key": KEY}


def test_the_same_request_has_the_same_answer(plain: Running) -> None:
    status, headers, answer = plain.ask("POST", "/v1/deposits", deposit_body(), KEYED)
    assert status == 201 and "idempotency-replayed" not in headers
    before = plain.state()
    for _ in range(3):
        status, headers, again = plain.ask("POST", "/v1/deposits", deposit_body(), KEYED)
        assert (status, again, headers["idempotency-replayed"]) == (201, answer, "true")
    assert plain.state() == before
    assert plain.refusal("POST", "/v1/deposits", deposit_body(), **AUTHORISED) == (409, "duplicate-note")


def test_a_key_is_for_one_body_and_one_path(plain: Running) -> None:
    plain.ask("POST", "/v1/commitments", {"handle": "1"}, KEYED)
    before = plain.state()
    for path, body in (("commitments", {"handle": "2"}), ("deposits", deposit_body()), ("stakes/1/withdrawal", None)):
        assert plain.refusal("POST", f"/v1/{path}", body, **KEYED) == (422, "idempotency-key-reused")
    assert plain.state() == before


def test_a_request_that_changes_nothing_keeps_no_answer(plain: Running) -> None:
    """An exit, an opening, a commitment may be sent again by whoever saw it, under as many keys as there are."""
    _, _, answer = plain.ask("POST", "/v1/commitments", {"handle": "1"}, KEYED)
    before = plain.state()
    for number in range(3):
        again = plain.ask(
            "POST", "/v1/commitments", {"handle": "1"}, {"Idempotency-Key": f"another-key-of-mine-{number}"}
        )
        assert (again[0], again[2]) == (200, answer)
    assert plain.state() == before


def test_a_refused_request_leaves_its_key_free(plain: Running) -> None:
    assert plain.refusal("POST", "/v1/deposits", deposit_body(cap="1"), **KEYED) == (422, "over-cap")
    assert plain.ask("POST", "/v1/deposits", deposit_body(), KEYED)[0] == 201


@pytest.mark.parametrize("key", ["short", "x" * 129, "with a space in it!", "\xe9" * 20])
def test_keys_of_another_form(plain: Running, key: str) -> None:
    headers = {**AUTHORISED, "Idempotency-Key": key}
    assert plain.ask("POST", "/v1/deposits", deposit_body(), headers)[0] == 422


def test_the_token_is_asked_for_before_the_key(plain: Running) -> None:
    """Who knows a key and no token learns nothing."""
    plain.ask("POST", "/v1/deposits", deposit_body(), KEYED)
    assert plain.refusal("POST", "/v1/deposits", deposit_body(), Idempotency_Key=KEY) == (401, "unauthorized")


def test_equal_requests_at_once_are_one(plain: Running) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: plain.ask("POST", "/v1/deposits", deposit_body(), KEYED), range(16)))
    assert {status for status, _, _ in answers} == {201}
    assert len({body for _, _, body in answers}) == 1
    assert sum("idempotency-replayed" not in headers for _, headers, _ in answers) == 1
    assert json.loads(plain.ask("GET", "/v1/balances")[2])["paid_in"] == "150"


def test_different_requests_at_once_under_one_key(plain: Running) -> None:
    def deposit(inner: int) -> int:
        return plain.ask("POST", "/v1/deposits", deposit_body(inner), KEYED)[0]

    with ThreadPoolExecutor(8) as pool:
        assert Counter(pool.map(deposit, range(1, 9))) == {201: 1, 422: 7}
    assert json.loads(plain.ask("GET", "/v1/balances")[2])["paid_in"] == "150"


def test_keys_outlive_the_service(world: World, tmp_path: Path) -> None:
    path, answers = str(tmp_path / "ledger.sqlite"), []
    for _ in range(2):
        with sqlite_service(world, path, verifier=FakeVerifier()) as service, running(service) as served:
            answers.append(served.ask("POST", "/v1/deposits", deposit_body(), KEYED)[2])
            assert json.loads(served.ask("GET", "/v1/balances")[2])["conserved"]
    assert answers[0] == answers[1]


def test_a_crash_before_the_commit_leaves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule wrote its rows, and then the service failed: no note, no event, no answer."""
    with SqliteStore(":memory:") as store:
        service = world.service(store, verifier=FakeVerifier())
        served = Running(service, 0, None)  # type: ignore[arg-type]
        before = served.state()

        def fail(*_: object) -> None:
            raise KeyError("out of the blue")

        monkeypatch.setattr(books, "keep_answer", fail)
        with pytest.raises(KeyError):
            _deposit(service)
        assert served.state() == before
        monkeypatch.undo()
        assert _deposit(service)[1] is False
        assert _deposit(service)[1] is True


def test_old_answers_are_forgotten(world: World) -> None:
    with SqliteStore(":memory:") as store:
        service = world.service(store, verifier=FakeVerifier())
        service.commit(Request("an-old-key-of-the-service", "digest"), CommitmentBody(handle="1"))
        world.now += 1001
        service.commit(Request("a-new-key-of-the-service", "digest"), CommitmentBody(handle="2"))
        with store.read() as transaction:
            assert transaction.execute("SELECT name FROM service_answers").fetchall() == [("a-new-key-of-the-service",)]


def _deposit(service: Service) -> tuple[books.Answer, bool]:
    return service.deposit(Request(KEY, "digest"), DepositBody.model_validate(deposit_body()))
