"""Races between fake peers."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import pytest
from house.protocol import Peer, PeerError
from house.race import OursFailed, Pace, race

FAKE = Path(__file__).resolve().parents[1] / "helpers" / "fake_peer.py"
PACE = Pace(rounds=4, turn_s=0.003, budget_s=20.0, prepare_s=20.0)


def fake(fault: str, ms: float) -> partial[Peer]:
    return partial(Peer, [sys.executable, str(FAKE), fault, str(ms)], threads=1)


def test_ratios_and_turns() -> None:
    judged = []
    peers = {"slow one": fake("none", 6.0), "fast one": fake("none", 0.5)}
    result = race("prove", fake("none", 1.0), peers, {}, PACE, accept=judged.append)
    assert {name: len(pairs) for name, pairs in result.pairs.items()} == {"slow one": 4, "fast one": 4}
    assert [pair.peer.wall_ms for pair in result.pairs["slow one"]] == [6.0] * 4
    assert [pair.ours.cpu_ms for pair in result.pairs["fast one"]] == [2.0] * 4
    assert len(result.ours.samples) == 8
    assert judged == ["slow one", "fast one", "zkrelay"]
    assert result.ours.notes["setup_ms"] == 1.0


def test_alone() -> None:
    result = race("prove", fake("none", 1.0), {}, {}, PACE)
    assert len(result.ours.samples) == PACE.rounds


@pytest.mark.parametrize("fault", ["dies at once", "prepare", "run", "dies", "check", "negative"])
def test_a_failing_peer_is_an_error_by_name_and_the_next_one_races(fault: str) -> None:
    result = race("prove", fake("none", 1.0), {"bad": fake(fault, 1.0), "good": fake("none", 3.0)}, {}, PACE)
    assert result.peers["bad"].error
    assert result.peers["good"].error is None
    assert len(result.pairs["good"]) == PACE.rounds


@pytest.mark.parametrize("fault", ["dies at once", "prepare", "run", "dies", "check"])
def test_our_own_failure_is_not_blamed_on_a_peer(fault: str) -> None:
    with pytest.raises(OursFailed):
        race("prove", fake(fault, 1.0), {"good": fake("none", 3.0)}, {}, PACE)


def test_a_proof_that_is_refused_is_the_peers_error() -> None:
    def refuse(name: str) -> None:
        if name != "zkrelay":
            raise PeerError("refused")

    result = race("prove", fake("none", 1.0), {"liar": fake("none", 3.0)}, {}, PACE, accept=refuse)
    assert result.peers["liar"].error == "refused"


def test_a_budget_ends_the_rounds_after_the_first_pair() -> None:
    hasty = Pace(rounds=50, turn_s=0.003, budget_s=0.0, prepare_s=20.0)
    result = race("prove", fake("none", 1.0), {"peer": fake("none", 1.0)}, {}, hasty)
    assert len(result.pairs["peer"]) == 1
