"""The network's demonstration on the smallest circuits, and that its reckoning sees whatever does not add up."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import network.play
import pytest
from network.plan import NODES, quick
from network.reckoning import Reckoning
from network.view import View

pytestmark = pytest.mark.timeout(900)  # many processes, on a machine that may be busy with others


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Reckoning:
    """The books after the whole play, by real processes."""
    scale, kept = quick(), []

    class Kept(Reckoning):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            kept.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(network.play, "Reckoning", Kept)
        lines = network.play.play(View(scale, silent=True), tmp_path_factory.mktemp("network"), scale, threads=2)
    assert [line.name for line in lines if not line.holds] == []
    assert len(lines) == 10
    return kept[0]


def broken(books: Reckoning) -> set[str]:
    return {line.name for line in books.lines() if not line.holds}


def test_every_byte_and_coin_is_accounted_for(played: Reckoning) -> None:
    assert broken(played) == set()
    total = sum(trip.fetched["file_bytes"] for trip in played._travelled)
    assert total == played._stage.scale.file_bytes > 3 << 20
    assert [len(played._sessions[node]) for node in NODES] == [1, 2, 3]


def of_trip(number: int, name: str, value: Any) -> Callable[[Reckoning], None]:
    def change(books: Reckoning) -> None:
        trip = books._travelled[number]
        changed = dataclasses.replace(trip, fetched={**trip.fetched, name: value(trip.fetched[name])})
        books._travelled = [*books._travelled[:number], changed, *books._travelled[number + 1 :]]

    return change


def of_hop(name: str) -> Callable[[Reckoning], None]:
    """One byte more at the first hop of the longest way."""

    def change(books: Reckoning) -> None:
        number = max(range(len(books._travelled)), key=lambda n: len(books._travelled[n].hops))
        trip = books._travelled[number]
        value = trip.hops[0][name]
        first = {**trip.hops[0], name: type(value)(int(value) + 1)}
        changed = dataclasses.replace(trip, hops=[first, *trip.hops[1:]])
        books._travelled = [*books._travelled[:number], changed, *books._travelled[number + 1 :]]

    return change


def of_session(**changes: Any) -> Callable[[Reckoning], None]:
    def change(books: Reckoning) -> None:
        (cm, session), *rest = books._sessions["exit"].items()
        fields = {name: value(session) for name, value in changes.items()}
        books._sessions = {**books._sessions, "exit": {cm: dataclasses.replace(session, **fields), **dict(rest)}}

    return change


def drop_session(books: Reckoning) -> None:
    books._sessions = {**books._sessions, "exit": dict(list(books._sessions["exit"].items())[1:])}


def pay(place: int, more: int) -> Callable[[Reckoning], None]:
    def change(books: Reckoning) -> None:
        paid = [dict(fields) for fields in books._paid]
        paid[place]["money"] = str(int(paid[place]["money"]) + more)
        books._paid = paid

    return change


def pay_again(books: Reckoning) -> None:
    books._paid = [*books._paid, books._paid[-1]]


def pay_a_stranger(books: Reckoning) -> None:
    books._paid = [{**books._paid[0], "recipient": "1"}, *books._paid[1:]]


def spend_another(books: Reckoning) -> None:
    unspent = next(cm for cm, spent in books._spent.items() if not spent)
    books._spent = {**books._spent, unspent: True}


def revive(books: Reckoning) -> None:
    spent = next(cm for cm, spent in books._spent.items() if spent)
    books._spent = {**books._spent, spent: False}


def in_books(name: str, more: int) -> Callable[[Reckoning], None]:
    def change(books: Reckoning) -> None:
        books._books = {**books._books, name: str(int(books._books[name]) + more)}

    return change


def coin_out_of_nothing(books: Reckoning) -> None:
    paid_out = dict(books._books["paid_out"])
    paid_out["batch"] = str(int(paid_out["batch"]) + 1)
    books._books = {**books._books, "paid_out": paid_out}


def unbalanced(books: Reckoning) -> None:
    books._books = {**books._books, "conserved": False}


def beyond_the_window(books: Reckoning) -> None:
    books._most_unsigned = {**books._most_unsigned, "relay-1": 3 * books._window}


def relayed_more(session: Any) -> dict[str, Any]:
    meter = session.state["meter"]
    return {**session.state, "meter": {**meter, "relayed": str(int(meter["relayed"]) + 1)}}


CHANGES: list[tuple[str, Callable[[Reckoning], None]]] = [
    ("files", of_trip(0, "sha256", lambda sha256: sha256[::-1])),
    ("files", of_trip(1, "file_bytes", lambda number: number - 1)),
    ("exit", of_trip(2, "received", lambda number: number + 1)),
    ("exit", of_trip(0, "sent", lambda number: number - 1)),
    *(("hops", of_hop(name)) for name in ("carried", "counted", "signed", "acknowledged", "cm")),
    ("hops", drop_session),
    ("window", beyond_the_window),
    ("window", of_session(state=relayed_more)),
    ("tiers", of_session(units=lambda session: session.units + 1)),
    ("tiers", of_session(units=lambda session: session.units - 1)),
    ("payments", pay(0, 1)),
    ("payments", pay(-1, -1)),
    ("payments", pay_a_stranger),
    ("proofs", pay_again),
    ("notes", spend_another),
    ("notes", revive),
    ("money", in_books("paid_in", 1)),
    ("money", in_books("paid_in", -1)),
    ("money", coin_out_of_nothing),
    ("money", of_session(units=lambda session: session.units + 1)),
    ("money", drop_session),
    ("money", revive),
    ("escrow", in_books("locked", -1)),
    ("escrow", unbalanced),
]


@pytest.mark.parametrize(("name", "change"), CHANGES, ids=[f"{n}-{name}" for n, (name, _) in enumerate(CHANGES)])
def test_what_does_not_add_up_is_seen(played: Reckoning, name: str, change: Callable[[Reckoning], None]) -> None:
    before = dict(vars(played))
    try:
        change(played)
        assert name in broken(played)
    finally:
        vars(played).update(before)
    assert broken(played) == set()
