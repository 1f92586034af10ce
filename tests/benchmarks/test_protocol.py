"""Talking to a peer: a good one, and every way in which one can be bad."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from house.protocol import Peer, PeerError

FAKE = Path(__file__).resolve().parents[1] / "helpers" / "fake_peer.py"
PATIENCE_S = 20.0


def fake(fault: str = "none", *more: str) -> Peer:
    return Peer([sys.executable, str(FAKE), fault, *more], threads=1)


def test_a_good_peer() -> None:
    with fake() as peer:
        assert (peer.hello.name, peer.hello.works) == ("fake", ("prove", "msm"))
        assert peer.prepare("prove", {}, timeout_s=PATIENCE_S) == {"prepare_ms": 1.5, "setup_ms": 1.0}
        sample = peer.run(4, timeout_s=PATIENCE_S)
        assert (sample.wall_ms, sample.cpu_ms) == (1.0, 2.0)
        peer.check(timeout_s=PATIENCE_S)


def test_times_are_of_one_item() -> None:
    with fake("many items") as peer:
        peer.prepare("prove", {}, timeout_s=PATIENCE_S)
        assert peer.run(3, timeout_s=PATIENCE_S).wall_ms == pytest.approx(1e-3)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_memory_is_read_from_outside() -> None:
    with fake() as peer:
        peer.prepare("prove", {}, timeout_s=PATIENCE_S)
        peak = peer.peak_kib()
        assert peak is not None
        assert peer.baseline_kib is not None
        assert 1_000 < peer.baseline_kib <= peak < 1_000_000


@pytest.mark.parametrize("fault", ["dies at once", "no json", "no hello", "list"])
def test_no_hello(fault: str) -> None:
    with pytest.raises(PeerError):
        fake(fault)


def test_last_words_are_told() -> None:
    with pytest.raises(PeerError, match="exit code 1; it said no library"):
        fake("dies at once")


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(PeerError, match="cannot start"):
        Peer([os.devnull + "/nothing"], threads=1)


@pytest.mark.parametrize("fault", ["prepare", "no items"])
def test_a_preparation_that_fails(fault: str) -> None:
    with fake(fault) as peer, pytest.raises(PeerError):
        peer.prepare("prove", {}, timeout_s=PATIENCE_S)


def test_a_work_that_the_peer_does_not_do() -> None:
    with fake() as peer, pytest.raises(PeerError, match="does not do pairing"):
        peer.prepare("pairing", {}, timeout_s=PATIENCE_S)


@pytest.mark.parametrize("fault", ["run", "dies", "negative"])
def test_a_run_that_fails(fault: str) -> None:
    with fake(fault) as peer:
        peer.prepare("prove", {}, timeout_s=PATIENCE_S)
        with pytest.raises(PeerError):
            peer.run(1, timeout_s=PATIENCE_S)


def test_a_run_that_takes_too_long_ends_the_peer() -> None:
    with fake("slow") as peer:
        peer.prepare("prove", {}, timeout_s=PATIENCE_S)
        with pytest.raises(PeerError, match="no answer within"):
            peer.run(1, timeout_s=0.2)
        with pytest.raises(PeerError):
            peer.check(timeout_s=PATIENCE_S)


def test_a_wrong_result_is_told() -> None:
    with fake("check") as peer:
        peer.prepare("prove", {}, timeout_s=PATIENCE_S)
        peer.run(1, timeout_s=PATIENCE_S)
        with pytest.raises(PeerError, match="cannot check"):
            peer.check(timeout_s=PATIENCE_S)
