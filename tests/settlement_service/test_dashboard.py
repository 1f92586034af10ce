"""The page in a real browser: what it shows, what it runs, and what it asks for."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from browser import Browser, find_browser
from settlement import reading
from settlement.dashboard import PAGE, POLICY
from settlement.models import Refusal

from zkrelay.relay.store import Payment

from .world import START, TOKEN, Running, deposit_body

AUTHORISED = {"Authorization": f"Bearer {TOKEN}"}
HOSTILE = [
    "</script><img src=x onerror=\"document.title='owned'\">",
    "<script>document.title='owned'</script>",
    "\"'><svg onload=document.title='owned'>",
    "<iframe src=\"javascript:parent.document.title='owned'\">",
    "<a href=\"javascript:document.title='owned'\">click</a>",
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Browser:
    return find_browser(tmp_path_factory.mktemp("chromium"))


def text_of(dom: str) -> str:
    """What is shown: without style and script, tags as spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", re.sub(r"<(style|script)>.*?</\1>", "", dom, flags=re.DOTALL)))


def test_what_the_page_shows(plain: Running, browser: Browser) -> None:
    plain.ask("POST", "/v1/deposits", deposit_body(), AUTHORISED)
    plain.ask("POST", "/v1/commitments", {"handle": "12345678901234567890"})
    plain.ask("POST", "/v1/deposits", deposit_body(), AUTHORISED)
    shown = text_of(browser.dom(plain.url))
    assert "Money adds up" in shown
    assert "paid in 150 = locked 150 + pots 0 + stakes 0 + paid 0 + refunded 0 + other 0" in shown
    assert "commitment 12345678…567890" in shown
    assert "/v1/deposits duplicate-note: the ledger already holds this note" in shown
    assert f"epoch {START}" in shown and "test money only" in shown
    asked = browser.loaded(plain.url)
    assert {f"{plain.url}/v1/{name}" for name in ("balances", "refusals", "ledger")} <= asked
    assert all(url.startswith(f"{plain.url}/") for url in asked)


def test_money_that_does_not_add_up_is_seen(plain: Running, browser: Browser) -> None:
    """Somebody wrote to the database beside the service."""
    plain.ask("POST", "/v1/deposits", deposit_body(), AUTHORISED)
    with plain.service._store.write() as transaction:
        transaction.insert_payments([Payment(None, 0xBAD, 10, 0, 0, START)])
        transaction.set_balance(140)
    shown = text_of(browser.dom(plain.url))
    assert "Money DOES NOT ADD UP" in shown


def test_hostile_words_of_a_caller_run_nothing(plain: Running, browser: Browser) -> None:
    """As the name of a field, which comes back in a refusal."""
    for text in HOSTILE:
        assert plain.refusal("POST", "/v1/commitments", {"handle": "1", text: "2"}) == (422, "malformed-input")
    dom = browser.dom(plain.url)
    check_nothing_ran(dom)
    assert "body.&lt;script&gt;document.title=" in dom


def check_nothing_ran(dom: str) -> None:
    assert "<title>zkrelay settlement</title>" in dom
    elements = set(re.findall(r"<([a-z][a-z0-9]*)", re.sub(r"<(style|script)>.*?</\1>", "", dom, flags=re.DOTALL)))
    assert not elements & {"img", "svg", "iframe", "a", "object", "embed", "form", "input"}
    assert len(re.findall("<script", dom)) == 1


def test_words_from_inside_are_text_too(plain: Running, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a database, or a later version of the service, may put into an answer."""
    refusals = [Refusal(time=0, route=text, status=400, code=text, detail=text) for text in HOSTILE]
    monkeypatch.setattr(reading.models, "Refusals", lambda **_: {"refusals": [vars(one) for one in refusals]})
    with plain.service._store.write() as transaction:
        for number, text in enumerate(HOSTILE, start=1):
            fields = dict.fromkeys(("cm", "kind", "recipient", "money", "fee", "epoch"), text)
            kind = ("note", "payment")[number % 2]
            transaction.execute("INSERT INTO service_events VALUES (?, ?, ?, ?)", number, 1, kind, json.dumps(fields))
    dom = browser.dom(plain.url)
    check_nothing_ran(dom)
    assert dom.count("&lt;svg onload=document.title=") >= 3  # in both tables


def test_the_policy_lets_nothing_else_run(plain: Running, browser: Browser, tmp_path: Path) -> None:
    """The page's own policy stops a script that somebody gets into it: the page with one more, in a real browser."""
    headers = plain.ask("GET", "/")[1]
    assert headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY and POLICY.startswith("default-src 'none'")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|\son\w+=|https?://", PAGE)
    policy = POLICY.removesuffix("; frame-ancestors 'none'")  # which a file cannot ask for
    meta = f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">'
    added = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    changed = tmp_path / "page.html"
    changed.write_text(PAGE.replace('<meta charset="utf-8">', meta).replace("<main>", f"<main>{added}"))
    assert "<title>zkrelay settlement</title>" in browser.dom(changed)
    changed.write_text(PAGE.replace("<main>", f"<main>{added}"))
    assert "<title>owned</title>" in browser.dom(changed)  # without the policy it would run
