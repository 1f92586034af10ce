"""Node and collector are killed by SIGKILL at random moments: what was signed is paid, once, to the unit."""

from __future__ import annotations

import asyncio
import random
import socket
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from paid_world import until
from tunnel.__main__ import write_key
from tunnel.address import Address
from tunnel.client import TunnelClient
from tunnel.development import write_keys, write_ledger
from tunnel.errors import TunnelError
from tunnel.ledger import open_settlement
from tunnel.noise_ik import public_bytes
from tunnel.payer import Payer
from tunnel.sessions import CLAIMED, CLOSED, EMPTY, LOST, OPEN, SessionFile
from tunnel.wallet import USED, Wallet
from tunnel_world import destination, echo
from tunnel_zygote import Zygote

from zkrelay.circuits.claim import Claim as ClaimCircuit
from zkrelay.relay.domain import Domain
from zkrelay.relay.identity import NodeIdentity
from zkrelay.relay.ledger_file import LedgerFile

UNIT, CAP, WINDOW = 1 << 10, 300_000, 1 << 18
KILLS = 10
TIME_LIMIT_S = 240  # each start takes a processor for a second, and there may be others
DOMAIN = Domain.of_service(b"a service", tree_no=8, unit=UNIT, price_per_unit=3, arity=2, depth=7)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_keys(tmp_path, "claim", ClaimCircuit(arity=DOMAIN.arity, depth=DOMAIN.depth, unit=UNIT))
    write_ledger(tmp_path, LedgerFile("ledger.sqlite", DOMAIN, "claim.vk.json", allow_development=True))
    return tmp_path


def ledger_of(folder: Path) -> LedgerFile:
    return LedgerFile.read(folder / "ledger.json")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def exchange(client: TunnelClient, port: int, rng: random.Random, stop: asyncio.Event) -> int:
    """Echo random messages until told to stop, whatever breaks; returns how many came back whole."""
    whole = 0
    while not stop.is_set():
        try:
            stream = await client.open(Address("127.0.0.1", port))
            try:
                message = rng.randbytes(rng.randrange(1, 40_000))
                granted = 0
                while granted < len(message):  # as splice does it
                    assert stream.toll is not None
                    part = await stream.toll.charge(len(message) - granted)
                    await stream.send(message[granted : granted + part])
                    granted += part
                back = b""
                while len(back) < len(message) and (data := await stream.receive()):
                    left = len(data)
                    while left:
                        left -= await stream.toll.charge(left)
                    back += data
                assert back == message
                whole += 1
                await stream.close_sending()
                assert await stream.receive() == b""
            finally:
                stream.abort()
        except (TunnelError, OSError):
            await asyncio.sleep(0.01)
    return whole


def test_ten_kills_lose_and_double_nothing(folder: Path) -> None:
    rng = random.Random(20261129)
    static, client_static = write_key(folder / "node.key"), X25519PrivateKey.generate()
    identity, node_port, outcome = NodeIdentity.generate(), free_port(), []
    identity.save(folder / "identity.key")
    common = ["--identity", "identity.key", "--sessions", "sessions", "--payout", "0xBEEF"]
    collect = [
        "collect",
        "--nice",
        "0",
        "--ledger",
        "ledger.json",
        "--zkey",
        "claim.zkey",
        "--zkwp",
        "claim.zkwp",
        *common,
    ]
    node = ["node", "node.key", "--listen", f"127.0.0.1:{node_port}", "--peer", public_bytes(client_static).hex()]
    node += ["--open-network", "127.0.0.0/8", "--paid", "ledger.json", "--window", str(WINDOW), *common]

    async def play() -> None:
        async with destination(echo) as port:
            node.extend(["--open-port", str(port)])
            payer = Payer(wallet, DOMAIN, retry_s=(0.01, 0.05))
            client = TunnelClient(client_static, ("127.0.0.1", node_port), public_bytes(static), payer=payer)
            await client.start()
            stop = asyncio.Event()
            traffic = [asyncio.ensure_future(exchange(client, port, random.Random(n), stop)) for n in range(4)]
            for _ in range(KILLS):
                pids = [zygote.start(*node), zygote.start(*collect)]
                await until(lambda: payer._is_open)
                before = client.traffic.received
                await until(lambda: client.traffic.received > before + 30_000)  # noqa: B023
                for pid in rng.sample(pids, 2):
                    await asyncio.sleep(rng.uniform(0, 0.25))
                    zygote.kill(pid)
                await until(lambda: not payer._is_open)
            pid = zygote.start(*node)
            await until(lambda: payer._is_open)
            stop.set()
            whole = sum(await asyncio.gather(*traffic))
            await client.stop()
            assert await asyncio.to_thread(zygote.end, pid) == 0
            pid = zygote.start(*collect, "--until-idle")
            assert await asyncio.to_thread(zygote.end, pid, None) == 0
            # some of what the client sent to a node that was killed came nowhere: it was signed for, and the node
            # carries as much more before the cap
            carried = client.traffic.received + client.traffic.sent
            assert payer.signed_bytes <= carried <= payer.signed_bytes + KILLS * WINDOW
            outcome.extend([whole, payer.signed_bytes])

    with Wallet(folder / "wallet") as wallet, Zygote(folder) as zygote:
        with open_settlement(str(folder / "ledger.json")) as settlement:
            for _ in range(60):
                wallet.fund(settlement, identity.payee, CAP, settlement.state().epoch + 20)
        asyncio.run(asyncio.wait_for(play(), TIME_LIMIT_S))
        used = wallet.counts()[USED]
    whole, signed = outcome
    with SessionFile(folder / "sessions") as sessions, ledger_of(folder).open() as ledger:
        found = sessions.statistics()
        assert found[CLOSED] == found[LOST] == 0
        # a client that stops as it opens its next session leaves that one open: it comes back with the same note
        unused = sessions.of_stage(OPEN)
        assert len(unused) == found[OPEN] <= 1
        assert all(session.best is None and int(session.state["meter"]["relayed"]) == 0 for session in unused)
        paid = sessions.of_stage(CLAIMED)
        assert len(paid) + found[EMPTY] == used
        assert found["receipted_bytes"] == signed
        assert found["relayed_bytes"] - signed <= WINDOW * used
        assert all(session.best and session.units == session.best.num_bytes // UNIT for session in paid)
        payments = ledger.payments()
        assert sorted(payment.money for payment in payments) == sorted(3 * session.units for session in paid)
        assert len({payment.nf for payment in payments}) == len(payments) == len(paid) > 0 < whole
