"""Circuits whose every hop is paid by itself: counted, signed and kept alike at both ends of each, and cut alone."""

from __future__ import annotations

import asyncio
import itertools
import random
from pathlib import Path

import pytest
from paid_circuit_world import paid_circuit_world
from paid_world import until
from tunnel.__main__ import main, write_key
from tunnel.account import Account
from tunnel.address import FAILED, PAYMENT_DUE, Address
from tunnel.cashier import Terms
from tunnel.circuit import CircuitClient, Hop
from tunnel.errors import ExitRefused, InvalidCircuit
from tunnel.node import Node
from tunnel.noise_ik import public_bytes
from tunnel.request import pack_extend
from tunnel.sessions import CLOSED, OPEN
from tunnel.stream import SecureStream
from tunnel_world import destination, echo, exchange, opened, run, socks

MEBIBYTE = 1 << 20


@pytest.mark.parametrize("hops", [1, 2, 3])
def test_each_hop_is_paid_to_the_byte_for_what_it_was_handed(tmp_path: Path, hops: int) -> None:
    """Counted by the client = signed = charged by the node = on its disk; at the exit that is what programs moved."""
    pieces = [random.Random(n).randbytes(n * 456_789 + n) for n in range(1, 5)]

    async def test() -> None:
        async with destination(echo) as port, paid_circuit_world(tmp_path, port, hops=hops) as w:
            await asyncio.gather(*(exchange(w, port, piece) for piece in pieces))
            await w.front.stop()
            carried = w.carried
            assert carried[-1] == 2 * sum(map(len, pieces))
            assert all(here > there for here, there in itertools.pairwise(carried))
            for hop in range(hops):
                (stored,) = w.stored(hop, CLOSED)
                assert stored.best is not None
                assert carried[hop] == w.signed[hop] == stored.best.num_bytes == int(stored.state["meter"]["relayed"])
                assert w.cashiers[hop].unpaid_bytes == 0
                assert stored.note.payee == w.identities[hop].payee

    run(test())


async def drink(reader: asyncio.StreamReader, most: int = 1 << 60) -> int:
    """Read until the connection ends, or at least ``most`` bytes came; returns how many."""
    num_bytes = 0
    try:
        while num_bytes < most and (data := await reader.read(1 << 16)):
            num_bytes += len(data)
    except ConnectionResetError:
        pass
    return num_bytes


async def pours(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A destination that sends for ever."""
    block = bytes(1 << 16)
    while True:
        writer.write(block)
        await writer.drain()


@pytest.mark.parametrize("stingy", [0, 1, 2], ids=["hop 1", "hop 2", "hop 3"])
def test_a_client_that_stops_signing_at_one_hop_is_cut_there(
    tmp_path: Path, stingy: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That node loses its window at most.  Those before it go on; those behind it are out of reach with it."""
    window = 1 * MEBIBYTE
    terms = Terms(window_bytes=window, patience_s=1.0, refresh_s=0.05)

    async def test() -> None:
        async with destination(pours) as port, paid_circuit_world(tmp_path, port, terms=terms) as w:
            reader, writer = await opened(w, port)  # type: ignore[arg-type]
            await drink(reader, 2 * MEBIBYTE)
            tab = w.payers[stingy]._tab
            assert tab is not None
            monkeypatch.setattr(tab, "sign", lambda ctx: None)
            monkeypatch.setattr(tab, "_window", 1 << 60)  # a client that cheats, and does not stop itself
            assert await drink(reader) <= window + MEBIBYTE
            await until(lambda: w.cashiers[stingy].unpaid_bytes)
            (stored,) = w.stored(stingy, CLOSED)
            assert stored.best is not None and stored.best.num_bytes >= 2 * MEBIBYTE - window
            assert 0 < w.cashiers[stingy].unpaid_bytes <= window
            assert all(w.stored(hop, OPEN) for hop in range(stingy))
            assert all(cashier.unpaid_bytes <= window for cashier in w.cashiers)
            writer.close()
            for payer in w.payers:
                payer._answer_s = 0.1  # nobody is there to answer when they close their sessions

    run(test())


@pytest.mark.parametrize("poor", [0, 1, 2], ids=["hop 1", "hop 2", "hop 3"])
def test_a_hop_that_is_not_paid_carries_nothing(tmp_path: Path, poor: int) -> None:
    caps = [[] if hop == poor else [64 * MEBIBYTE] for hop in range(3)]

    async def test() -> None:
        async with destination(echo) as port, paid_circuit_world(tmp_path, port, caps=caps) as w:
            assert (await socks(w, port))[0] == FAILED
            # and a client that does not even try to pay it
            w.circuit.client.payers = tuple(payer if hop != poor else None for hop, payer in enumerate(w.payers))
            tabs = [await payer.tab() for payer in w.payers[:poor]]
            asked = Address("127.0.0.1", port).pack() if poor == 2 else pack_extend(w.circuit.keys[poor + 1])
            with pytest.raises(ExitRefused) as refusal:
                await w.circuit.client._reach([*tabs, None], asked)
            assert refusal.value.reply == PAYMENT_DUE
            assert w.carried[poor] == 0 and w.receipted(poor) == 0
            for hop in range(poor, 3):
                assert not w.stored(hop, OPEN, CLOSED)

    run(test())


def test_a_key_for_each_note_and_hop_and_nothing_that_two_notes_share(tmp_path: Path) -> None:
    """What later hops see of a client: a key and a note, each its own; its static key is seen by the first alone."""
    seen: list[set[bytes]] = [set(), set(), set()]

    def spy(node: Node, keys: set[bytes]) -> None:
        fulfil = node._fulfil

        async def watch(stream: SecureStream, *rest: object) -> None:
            keys.add(stream.remote_static)
            await fulfil(stream, *rest)  # type: ignore[arg-type]

        node._fulfil = watch  # type: ignore[method-assign]

    small = 3 * MEBIBYTE
    caps = [[64 * MEBIBYTE], [64 * MEBIBYTE], [small, 64 * MEBIBYTE]]

    async def test() -> None:
        async with destination(echo) as port, paid_circuit_world(tmp_path, port, caps=caps) as w:
            for node, keys in zip(w.circuit.nodes, seen, strict=True):
                spy(node, keys)
            for _ in range(3):
                await exchange(w, port, bytes(small // 6))
            await until(lambda: w.stored(2, CLOSED))
            await exchange(w, port, bytes(1000))
            own = public_bytes(w.circuit.client_static)
            first, second, third = seen
            assert first == {own}
            assert len(second) == 1  # one note, one key, whatever the number of circuits
            assert len(third) == 2  # two notes
            assert len({own, *w.circuit.keys} | second | third) == 1 + 3 + 1 + 2
            await w.front.stop()
            notes = [session.note for hop in range(3) for session in w.stored(hop, CLOSED)]
            assert len(notes) == 4
            for name in ("cm", "inner", "rho", "public_key"):
                assert len({getattr(note, name) for note in notes}) == 4
            assert len({session.best.ctx for hop in range(3) for session in w.stored(hop, CLOSED)}) == 4

    run(test())


def test_the_window_holds_on_each_hop_by_itself(tmp_path: Path) -> None:
    """Never more unsigned for than the window, at each node, while everything moves."""
    window = 512 << 10
    terms = Terms(window_bytes=window, patience_s=5.0, refresh_s=0.05)
    most = [0, 0, 0]

    def watch(account: Account, hop: int) -> None:
        room = account._room

        def measured(num_bytes: int) -> int:
            granted = room(num_bytes)
            most[hop] = max(most[hop], account.unpaid + granted)
            return granted

        account._room = measured  # type: ignore[method-assign]

    async def test() -> None:
        async with destination(echo) as port, paid_circuit_world(tmp_path, port, terms=terms) as w:
            await exchange(w, port, b"x")
            for hop, cashier in enumerate(w.cashiers):
                (account,) = cashier._accounts.values()
                watch(account, hop)
            await exchange(w, port, bytes(3 * MEBIBYTE))
            assert all(window // 4 < unpaid <= window for unpaid in most)
            await w.front.stop()
            assert w.carried == w.signed == [w.receipted(hop) for hop in range(3)]

    run(test())


def test_a_broken_line_resumes_the_sessions_of_all_hops(tmp_path: Path) -> None:
    """Every session's channel is cut, with the circuits; the same notes go on, and no byte is counted twice."""

    async def test() -> None:
        async with destination(echo) as port, paid_circuit_world(tmp_path, port) as w:
            await exchange(w, port, bytes(2 * MEBIBYTE))
            accounts = [account for cashier in w.cashiers for account in cashier._accounts.values()]
            before = [account.channel for account in accounts]
            for channel in before:
                assert channel is not None
                channel.cancel()
            await until(lambda: not {None, *before} & {account.channel for account in accounts})
            await until(lambda: all(payer._is_open for payer in w.payers))
            await exchange(w, port, bytes(MEBIBYTE))
            await w.front.stop()
            assert [len(w.stored(hop, CLOSED)) for hop in range(3)] == [1, 1, 1]
            assert w.carried[2] == w.receipted(2) == 6 * MEBIBYTE
            # what was under way to or from a relay when the line broke may be counted at one end alone
            for hop in range(2):
                assert w.signed[hop] == w.receipted(hop)
                assert abs(w.carried[hop] - w.signed[hop]) <= 1 << 17

    run(test())


def test_payers_that_are_not_one_for_each_hop_are_refused(tmp_path: Path) -> None:
    async def test() -> None:
        async with paid_circuit_world(tmp_path, 1, hops=2) as w:
            way = [Hop(w.circuit.keys[0], ("127.0.0.1", 1)), Hop(w.circuit.keys[1])]
            for payers in (w.payers[:1], [*w.payers, None], [w.payers[0], w.payers[0]]):
                with pytest.raises(InvalidCircuit, match="payer each"):
                    CircuitClient(w.circuit.client_static, way, payers=payers)

    run(test())


@pytest.mark.parametrize("num_wallets", [1, 3])
def test_the_command_line_wants_a_wallet_for_each_hop(
    tmp_path: Path, num_wallets: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_key(tmp_path / "key")
    arguments = ["tunnel", "client", str(tmp_path / "key"), "--domain", "nowhere"]
    arguments += ["--hop", f"127.0.0.1:1={'ab' * 32}", "--hop", "cd" * 32]
    arguments += ["--wallet", str(tmp_path / "wallet")] * num_wallets
    monkeypatch.setattr("sys.argv", arguments)
    with pytest.raises(SystemExit, match="each hop is paid out of a wallet of its own"):
        main()
    assert not (tmp_path / "wallet").exists()
