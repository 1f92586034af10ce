"""Probes at the shell: canary and challenger as processes, what a client keeps, and the verb that weighs it."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
from pathlib import Path

import pytest
from tunnel.__main__ import read_key
from tunnel.address import Address
from tunnel.canary import LOST, Canary, Prober
from tunnel.paid_commands import key_for
from tunnel.probe_commands import keeper_of, weigh
from tunnel.reputation import Reputation, Testimony
from tunnel_shell import make_key, started
from tunnel_world import LOOPBACK, run, world

from zkrelay.relay.identity import SessionKey
from zkrelay.relay.note import Note
from zkrelay.relay.nullifier import note_nullifier
from zkrelay.relay.receipt import Receipt
from zkrelay.relay.receipt_context import ChallengeResult, ReceiptContext


def told() -> Testimony:
    key, context = SessionKey.from_seed(bytes(64)), ReceiptContext(bytes(32), 3, (ChallengeResult(1, 900),))
    note = Note(5, 77, key.public, rho=1, cap=1 << 30, expiry=9)
    return Testimony(note, Receipt.sign(key, note.cm, 10 << 20, context.ctx), context)


def test_a_client_at_the_shell_probes_a_canary_at_the_shell(tmp_path: Path) -> None:
    make_key("canary.key", tmp_path)
    with started("canary", "canary.key", "--listen", "127.0.0.1:0", folder=tmp_path) as (process, port):

        async def test() -> ChallengeResult:
            async with world(port) as w:
                there = Canary(Address(LOOPBACK, port), key)
                return await Prober(w.client.open, [there], print).probe(there)

        key = canary_key(tmp_path)
        result = asyncio.run(test())
        assert result.value != LOST
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


def canary_key(folder: Path) -> bytes:
    return bytes(key_for(b"zkr-can", read_key(folder / "canary.key")).verify_key)


def test_a_challenger_has_another_key_from_the_same_file(tmp_path: Path) -> None:
    """And speaks: a request of a version that does not exist is cut."""
    make_key("canary.key", tmp_path)
    with started("challenger", "canary.key", "--listen", "127.0.0.1:0", folder=tmp_path) as (process, port):

        async def test() -> None:
            reader, writer = await asyncio.open_connection(LOOPBACK, port)
            writer.write(bytes(41))
            with pytest.raises(ConnectionResetError):
                await reader.read()
            writer.close()

        run(test())
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    keys = {bytes(key_for(use, read_key(tmp_path / "canary.key")).verify_key) for use in (b"zkr-can", b"zkr-chal")}
    assert len(keys) == 2


def keeper(folder: Path | None):  # type: ignore[no-untyped-def]
    return keeper_of(argparse.Namespace(testimonies=folder))


def test_testimonies_are_for_their_owner_s_eyes(tmp_path: Path) -> None:
    keep, said = keeper(tmp_path / "deep" / "said"), told()
    keep(said)
    (path,) = (tmp_path / "deep" / "said").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700
    assert Testimony.from_dict(json.loads(path.read_text())) == said


def test_without_a_folder_nothing_is_kept() -> None:
    assert keeper(None) is None


def test_a_full_disk_ends_no_session(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    keep, said = keeper(tmp_path / "said"), told()
    (tmp_path / "said" / f"{said.note.cm:064x}.json").mkdir()
    keep(said)
    assert "not written" in caplog.text


NOT_TESTIMONIES = {
    "cut short": lambda text: text[:-2],
    "empty": lambda text: "",
    "a name twice": lambda text: text.replace('"note":', '"note": {}, "note":', 1),
    "a name more": lambda text: text.replace("{", '{"more": 1, ', 1),
    "a number above the field": lambda text: text.replace('"payee": "77"', f'"payee": "{1 << 254}"'),
    "a point that is none": lambda text: text.replace('"public_key": "', '"public_key": "ff')[:-2] + text[-2:],
    "too large": lambda text: text + " " * (1 << 22),
}


def test_what_is_no_testimony_is_named_and_adds_nothing(tmp_path: Path) -> None:
    """A file beside good ones: each is judged alone, and a second copy counts no more than the first."""
    text, paths = json.dumps(told().to_dict()), []
    for name, spoil in {**NOT_TESTIMONIES, "good": str, "again": str}.items():
        paths.append(tmp_path / name)
        paths[-1].write_text(spoil(text))
        assert name in ("good", "again") or spoil(text) != text
    nf = note_nullifier(told().note.cm, told().note.rho)
    reputation = Reputation(77, 5, {nf: 40})
    refused = weigh(reputation, paths)
    assert set(refused) == {str(tmp_path / name) for name in (*NOT_TESTIMONIES, "again")}
    assert "before" in refused[str(tmp_path / "again")] and len(set(refused.values())) == len(refused)
    assert (reputation.score, reputation.paid) == (40, 40)
