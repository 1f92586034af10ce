"""The plot: keys, service, nodes, notes; files through one, two and three hops; proofs and money; the reckoning."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from settlement.client import SettlementClient
from tunnel.development import LEDGER_FILE
from tunnel.ledger import Settlement
from tunnel.service_ledger import ServiceSettlement

from zkrelay.relay.meter import DEFAULT_WINDOW_BYTES

from .children import Child, Children
from .plan import CLIENTS, NODES, SINGLE, Scale
from .reckoning import Line, Reckoning, Travelled
from .stage import Stage, fund, identity_path, orders, set_up
from .view import View

HOST = "127.0.0.1"
_READY_S = 60.0
_TRAVEL_S = 600.0
_SETTLE_S = 600.0
_REPORT_S = 0.25
_ASK_BOOKS_S = 0.5


def play(view: View, folder: Path, scale: Scale, threads: int) -> list[Line]:
    """Run everything in ``folder``; what held and what did not.  Raises ``ChildFailed``, and as the library."""
    start = time.perf_counter()
    view.chapter("Before anything moves")
    view.warn("development keys: one process made them, so whoever ran it could forge proofs; the money is for testing")
    stage = set_up(folder, scale, threads)
    rows = " and ".join(
        f"{'claim' if slots == SINGLE else f'batch{slots}'} ({count:,} constraints)"
        for slots, count in stage.num_constraints.items()
    )
    view.step("keys", f"{rows}, compiled and set up", time.perf_counter() - start)
    with Children(folder) as children:
        return _run(view, stage, children)


def _run(view: View, stage: Stage, children: Children) -> list[Line]:
    service = children.start("service", "settlement", "serve", stage.folder / LEDGER_FILE, "--faucet")
    files = children.start("files", "http.server", "--bind", HOST, "--directory", stage.folder / "files", 0)
    url = f"http://{HOST}:{service.first_word(_READY_S)['port']}"
    view.step("service", f"answers at {url}, its ledger in SQLite")
    files_port = int(str(files.first_word(_READY_S)).split(" port ")[1].split()[0])
    near, nodes = _start_nodes(view, stage, children, url, files_port)
    settlement, client = ServiceSettlement(url), SettlementClient(url)
    notes = _fund(view, stage, settlement)
    with view.table():
        view.chapter("Files through the tunnels")
        travelled = _travel(view, stage, children, near, files_port, client)
        view.chapter("Proofs and payments")
        _settle(view, stage, children, url, client)
    for node in reversed(nodes):
        node.stop()
    view.chapter("The reckoning")
    lines = list(Reckoning(stage, notes, travelled, client, view.most_unsigned, DEFAULT_WINDOW_BYTES).lines())
    for line in lines:
        view.check(line)
    for child in (files, service):
        child.process.terminate()
    return lines


def _start_nodes(
    view: View, stage: Stage, children: Children, url: str, files_port: int
) -> tuple[dict[str, tuple[str, int]], list[Child]]:
    """The exit first, since a relay is told where its next node is."""
    near: dict[str, tuple[str, int]] = {}
    started: list[Child] = []
    for place in reversed(range(len(NODES))):
        name, party = NODES[place], stage.parties[NODES[place]]
        options: list[object] = ["--listen", f"{HOST}:0", "--report", _REPORT_S, "--paid", url]
        options += ["--identity", identity_path(stage.folder, name), "--sessions", stage.sessions_path(name)]
        for client in CLIENTS:
            if any(journey.way[0] == name for journey in stage.scale.of_client(client)):
                options += ["--peer", stage.parties[client].key.hex()]
        if place:
            options += ["--relay", stage.parties[NODES[place - 1]].key.hex()]
        if name == NODES[-1]:
            options += ["--open-port", files_port, "--open-network", "127.0.0.0/8"]
        else:
            following = NODES[place + 1]
            port = near[following][1]
            options += ["--next", f"{HOST}:{port}={stage.parties[following].key.hex()}"]

        def heard(word: Any, name: str = name) -> None:
            view.node_said(name, word)

        child = children.start(name, "tunnel", "node", party.key_path, *options, on_word=heard)
        near[name] = (HOST, child.first_word(_READY_S)["port"])
        started.append(child)
        role = "exit" if name == NODES[-1] else f"relay to {NODES[place + 1]}"
        view.step(name, f"{role} at port {near[name][1]}, carries what is paid for and nothing else")
    return near, started


def _fund(view: View, stage: Stage, settlement: Settlement) -> list[Any]:
    notes = fund(stage, settlement)
    for client, own in notes.items():
        money = sum(stage.domain.price(stage.domain.units(note.note.cap)) for note in own)
        view.step(client, f"{len(own)} notes, each for one node and one session, {money} coins behind them")
    return [note for own in notes.values() for note in own]


def _travel(
    view: View,
    stage: Stage,
    children: Children,
    near: dict[str, tuple[str, int]],
    files_port: int,
    client: SettlementClient,
) -> list[Travelled]:
    start = time.perf_counter()
    travellers = []
    for name in CLIENTS:

        def heard(word: Any, name: str = name) -> None:
            view.client_said(name, word)

        path = orders(stage, name, near, (HOST, files_port))
        travellers.append(children.start(name, "network.traveller", path, on_word=heard))
    children.wait_for(travellers, _TRAVEL_S, _watching(view, client))
    view.step("carried", f"{stage.scale.file_bytes:,} bytes of files", time.perf_counter() - start)
    found = []
    for name, traveller in zip(CLIENTS, travellers, strict=True):
        numbers = [n for n, journey in enumerate(stage.scale.journeys) if journey.client == name]
        words = [word for word in traveller.said if isinstance(word, dict) and "fetched" in word]
        found += [Travelled(numbers[word["journey"]], word["fetched"], word["hops"]) for word in words]
    return found


def _settle(view: View, stage: Stage, children: Children, url: str, client: SettlementClient) -> None:
    """Each node's collector commits, proves and redeems, until it has nothing left."""
    start = time.perf_counter()
    collectors = []
    for node in NODES:
        slots = stage.scale.slots_of(node)
        zkey, zkwp = stage.key_files(slots)
        options = ["--ledger", url, "--identity", identity_path(stage.folder, node), "--until-idle", "--nice", 0]
        options += ["--sessions", stage.sessions_path(node), "--payout", stage.parties[node].payout]
        options += ["--zkey", zkey, "--zkwp", zkwp, "--slots", slots]
        collectors.append(children.start(f"{node}-collector", "tunnel", "collect", *options))
    words = children.wait_for(collectors, _SETTLE_S, _watching(view, client))
    for node, word in zip(NODES, words, strict=True):
        slots = stage.scale.slots_of(node)
        how = "one by one" if slots == SINGLE else f"in batches of {slots}"
        view.step(node, f"{word['claimed']} sessions claimed {how}, {word['claimed_units']} units paid")
    view.step("proved", "and verified by the service", time.perf_counter() - start)


def _watching(view: View, client: SettlementClient) -> Any:
    """To be called often: asks the service for its books now and then."""
    last = 0.0

    def watch() -> None:
        nonlocal last
        if time.monotonic() > last + _ASK_BOOKS_S:
            view.books(client.balances())
            last = time.monotonic()

    return watch
