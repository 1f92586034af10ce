"""Many paying clients at once: what was carried is signed for and in the node's file, and memory does not grow."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from paid_world import paid_world
from tunnel import measure_destination as far
from tunnel import measure_parts as parts
from tunnel.measure_crowd import DOWNLOAD_BYTES, ECHO_BYTES, Program, _books, _summary
from tunnel_shell import EXAMPLES
from tunnel_world import destination, echo, exchange, run

BYTES_A_ROUND = 2 * ECHO_BYTES + 8 + DOWNLOAD_BYTES


def measured(folder: Path, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tunnel.measure", "--way", "paid", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(EXAMPLES)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def nothing_is_lost(found: dict[str, Any], num_programs: int) -> None:
    assert found["failures"] == 0 and found["failed_because"] == [] and found["clients_that_differ"] == []
    assert found["openings"] >= 2 * num_programs and found["carried_bytes"] >= num_programs * BYTES_A_ROUND
    for name in ("destination", "signed", "receipted", "acknowledged"):
        assert found[f"{name}_bytes"] == found["carried_bytes"], name
    assert found["open_sessions"] == 0 and found["closed_sessions"] + found["empty_sessions"] == found["clients"]


def test_a_few_clients_for_a_moment(tmp_path: Path) -> None:
    found = measured(tmp_path, "--clients", "3", "--connections", "2", "--minutes", "0.02")
    nothing_is_lost(found, 6)
    assert found["clients_mib"]["max"] > found["node_mib"]["max"] > 10
    assert found["carried_bytes"] == 6 * (BYTES_A_ROUND + 8)  # one round, and the request of the kept connection


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_200_clients_for_ten_minutes(tmp_path: Path) -> None:
    found = measured(tmp_path, "--clients", "200", "--minutes", "10")
    nothing_is_lost(found, 200)
    for party, slack in (("node_mib", 16), ("clients_mib", 200)):
        assert found[party]["max"] <= found[party]["first"] + slack


def test_memory_is_told_from_the_end_of_the_warm_up_on() -> None:
    assert _summary([90.0, 1.0, 5.0, 3.0, 4.0]) == {"first": 1.0, "last": 4.0, "max": 5.0}
    assert _summary([7.0]) == {"first": 7.0, "last": 7.0, "max": 7.0}


def test_books_that_differ_are_named(tmp_path: Path) -> None:
    async def test() -> None:
        async with destination(echo) as port, paid_world(tmp_path, port) as w:
            await exchange(w, port, b"to and fro")
            await w.front.stop()
        wallets, sessions = [tmp_path / "wallet.sqlite"], tmp_path / "sessions.sqlite"
        told = {"received": 10, "sent": 10, "signed": 20}
        right = {"signed_bytes": 20, "receipted_bytes": 20, "acknowledged_bytes": 20, "clients_that_differ": []}
        assert _books(sessions, wallets, [20], [told]) == right
        for carried, words in ((21, {}), (20, {"signed": 19}), (20, {"received": 11})):
            assert _books(sessions, wallets, [carried], [{**told, **words}])["clients_that_differ"] == [0]
        assert _books(sessions, [tmp_path / "empty"], [20], [told])["clients_that_differ"] == [0]
        assert _books(tmp_path / "no sessions", wallets, [20], [told])["receipted_bytes"] == 0

    run(test())


SPOILED = {
    "bytes that were not sent": (1, "what came is not what was sent"),
    "an end before the end": (None, "the connection ended after"),
    "a refusal": (5, "the SOCKS server refused with 5"),
}


@pytest.mark.parametrize(("spoil", "why"), SPOILED.values(), ids=SPOILED)
def test_a_program_notices(spoil: int | None, why: str) -> None:
    """A SOCKS server that is the destination itself, and no honest one."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(13)
        writer.write(b"\5\0\5" + bytes([5 if spoil == 5 else 0]) + bytes(8))
        await reader.readexactly(8)
        data = bytearray(await reader.readexactly(ECHO_BYTES))
        if spoil is None:
            del data[-1]
        else:
            data[-1] ^= spoil
        writer.write(data)
        await writer.drain()

    async def test() -> None:
        async with destination(serve) as port:
            program, now = Program(port, 0), time.monotonic()
            await asyncio.to_thread(program.run, 80, now, now)
            assert len(program.failures) == 1 and why in program.failures[0] and program._kept is None

    run(test())


def test_the_pattern_goes_on_where_the_last_piece_ended() -> None:
    whole = far.pattern(5, far.BLOCK)
    assert len(whole) == far.BLOCK
    assert whole == b"".join(far.pattern(5 + start, 1000) for start in range(0, far.BLOCK, 1000))[: far.BLOCK]
    assert whole != far.pattern(6, far.BLOCK) and far.asked(5 + (1 << 16), 7) == far.asked(5, 7)


def test_a_destination_counts_and_sends_what_was_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, Any] = {}
    monkeypatch.setenv("PYTHONPATH", str(EXAMPLES))
    monkeypatch.chdir(tmp_path)
    opened = parts.started(parts.script("measure_destination"), told)
    with opened as (_, port), socket.create_connection((far.HOST, port)) as connection:
        connection.sendall(far.asked(70000, 300) + b"echo")
        assert far.receive(connection, 304) == far.pattern(70000, 300) + b"echo"
    assert told == {"received": 12, "sent": 304}


@pytest.mark.parametrize(
    "wrong",
    [
        ["--clients", "2"],
        ["--clients", "2", "--way", "tls"],
        ["--clients", "0", "--way", "paid"],
        ["--clients", "2", "--way", "paid", "--connections", "101"],
        ["--clients", "2", "--way", "paid", "--connections", "0"],
        ["--way", "gold"],
    ],
)
def test_what_the_script_refuses(wrong: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from tunnel.measure import main

    monkeypatch.setattr(sys, "argv", ["measure", *wrong])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
