"""The service as a process of its own, two of them on one ledger, and one that is told to stop."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from postgres_server import PostgresServer
from settlement.__main__ import FUNDING_TYPE, main, opened, parser
from settlement.client import SettlementClient

from zkrelay.errors import NullifierSpent
from zkrelay.formats import write_verifying_key
from zkrelay.relay.deposit_order import DepositOrder
from zkrelay.relay.ledger_file import LEDGER_TYPE, LedgerFile
from zkrelay.relay.record import to_line

from .world import DOMAIN, FUNDING, TOKEN, World, deposit_body, running, sqlite_service

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture
def ledger(world: World, tmp_path: Path) -> Path:
    """A ledger file for SQLite, as ``zkrelay ledger init`` makes it, and the operator's token beside it."""
    return make_ledger(world, tmp_path, store="ledger.sqlite")


def make_ledger(world: World, folder: Path, **place: str | None) -> Path:
    write_verifying_key(folder / "claim.vk.json", world.keys.claim[0].verifying_key, overwrite=True)
    file = LedgerFile(domain=DOMAIN, claim_key="claim.vk.json", allow_development=True, folder=folder, **place)  # type: ignore[arg-type]
    file.open_store(create=True).close()
    world.now = file.epoch()
    path = folder / "ledger.json"
    path.write_text(to_line(LEDGER_TYPE, file.to_dict()))
    (folder / "token").write_text(TOKEN + "\n")
    return path


@contextlib.contextmanager
def process(ledger: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], SettlementClient]]:
    """The service as a command; its log is in ``log`` beside the ledger."""
    command = [sys.executable, "-m", "settlement", "serve", str(ledger), "--token-file", str(ledger.parent / "token")]
    environment = {**os.environ, "PYTHONPATH": str(EXAMPLES)}
    with (ledger.parent / "log").open("a") as log:
        started = subprocess.Popen(
            [*command, *arguments], stdout=subprocess.PIPE, stderr=log, text=True, env=environment, cwd=ledger.parent
        )
    try:
        assert started.stdout is not None
        line = started.stdout.readline()
        assert line, (ledger.parent / "log").read_text()
        yield started, SettlementClient(f"http://127.0.0.1:{json.loads(line)['port']}", token=TOKEN, pause_s=0.01)
    finally:
        started.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            started.wait(60)
        started.kill()
        started.wait()
        started.stdout.close()


def test_a_second_key_for_one_claim_is_paid_once(world: World) -> None:
    """Threads with keys of their own: one payment."""
    with sqlite_service(world) as first, running(first) as served:
        client = served.client()
        claim = world.submission(client)

        def redeem(number: int) -> str:
            try:
                client.redeem(claim, key=f"claim-number-{number:04}")
            except NullifierSpent:
                return "spent"
            return "paid"

        with ThreadPoolExecutor(6) as pool:
            assert Counter(pool.map(redeem, range(6))) == {"paid": 1, "spent": 5}
        assert client.balances()["paid_out"]["claim"] == "36"


def test_two_processes_pay_once_and_answer_alike(world: World, ledger: Path) -> None:
    with process(ledger) as (_, first), process(ledger) as (_, second):
        double_redemption(world, first, second)


def test_two_processes_over_postgres(world: World, postgres_server: PostgresServer, tmp_path: Path) -> None:
    host = postgres_server.conninfo.split()[0].removeprefix("host=")
    url = f"postgresql://zkrelay@/postgres?host={host}"
    ledger = make_ledger(world, tmp_path, store=url, schema=postgres_server.ledger())
    with process(ledger) as (_, first), process(ledger) as (_, second):
        double_redemption(world, first, second)


def double_redemption(world: World, first: SettlementClient, second: SettlementClient) -> None:
    """One claim to both at once: under keys of their own it is paid once, under one key both have the payment."""
    for keys, expected in (("own", {"paid": 1, "spent": 3}), ("one", {"paid": 4})):
        claim = world.submission(first)

        def redeem(number: int, keys: str = keys, claim=claim) -> str:  # type: ignore[no-untyped-def]
            client = (first, second)[number % 2]
            key = f"a-key-for-{keys}-{claim.statement.nf % 10**9}-{number if keys == 'own' else 0}"
            try:
                client.redeem(claim, key=key)
            except NullifierSpent:
                return "spent"
            return "paid"

        with ThreadPoolExecutor(4) as pool:
            assert Counter(pool.map(redeem, range(4))) == expected
    sums = second.balances()
    assert (sums["conserved"], sums["paid_out"]["claim"]) == (True, "72")
    assert [event.number for event in first.events()] == list(range(1, 7))


def test_a_request_that_runs_is_finished_and_no_other_one_begun(world: World, ledger: Path) -> None:
    """The database is held while a deposit comes in and the service is told to stop."""
    with process(ledger) as (started, client):
        client.ledger()
        holder = sqlite3.connect(ledger.parent / "ledger.sqlite", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        answers: list[int] = []
        order = DepositOrder.from_dict(deposit_body(expiry=str(world.now + 30)))
        caller = threading.Thread(target=lambda: answers.append(client.deposit(order).locked))
        caller.start()
        wait_until(lambda: "zkrelay_writers_taken 1" in metrics(client))
        started.send_signal(signal.SIGTERM)
        wait_until(lambda: is_closed(client))
        assert started.poll() is None and not answers
        holder.execute("ROLLBACK")
        holder.close()
        caller.join(60)
        assert answers == [150]
        assert started.wait(60) == 0
    log = [json.loads(line) for line in (ledger.parent / "log").read_text().splitlines()]
    assert [line["event"] for line in log][-1] == "stopped"
    assert not any("127.0.0.1" in str(line) or TOKEN in str(line) for line in log)
    with process(ledger) as (_, client):
        assert [event.kind for event in client.events()] == ["note"]


def metrics(client: SettlementClient) -> str:
    connection = http.client.HTTPConnection(client._host, client._port, timeout=60)
    try:
        connection.request("GET", "/metrics")
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def is_closed(client: SettlementClient) -> bool:
    try:
        metrics(client)
    except OSError:
        return True
    return False


def wait_until(condition) -> None:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_what_cannot_be_opened_is_said_in_one_line(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", str(ledger.parent / "nothing.json")]) == 1
    (ledger.parent / "token").write_text("short")
    assert main(["serve", str(ledger), "--token-file", str(ledger.parent / "token")]) == 1
    (ledger.parent / "ledger.sqlite").unlink()
    assert main(["serve", str(ledger)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["FileNotFoundError", "ValueError", "FileNotFoundError"]


@pytest.mark.parametrize("option", ["--port=65536", "--port=-1", "--queue=-1", "--max-body=0", "--port=x"])
def test_numbers_that_no_server_has(ledger: Path, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["serve", str(ledger), option])
    assert end.value.code == 2
    assert option.partition("=")[0] in capsys.readouterr().err


def test_tickets_at_the_shell(world: World, ledger: Path) -> None:
    """The funding tree comes from a file; another one is refused from then on."""
    write_verifying_key(ledger.parent / "open.vk.json", world.keys.open[0].verifying_key)
    files = ["--open-key", str(ledger.parent / "open.vk.json"), "--funding", str(ledger.parent / "funding.json")]
    funding = ledger.parent / "funding.json"
    for tree, expected in ((FUNDING, 0), (replace(FUNDING, fee_bytes=0), 1)):
        funding.write_text(to_line(FUNDING_TYPE, {name: str(value) for name, value in asdict(tree).items()}))
        assert main(["openapi", str(ledger), *files]) == expected
    funding.write_text(to_line(FUNDING_TYPE, {name: str(value) for name, value in asdict(FUNDING).items()}))
    with opened(parser().parse_args(["openapi", str(ledger), *files])) as service:
        found = service.ledger()
        assert found.takes_openings and not found.takes_stakes and found.is_test_money
        assert found.funding is not None and found.funding.value == str(FUNDING.value)


def test_the_description_at_the_shell(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["openapi", str(ledger)]) == 0
    assert "/v1/claims" in json.loads(capsys.readouterr().out)["paths"]
