"""Many paying clients of one node, each a process with a key, a wallet and a session of its own: is a byte lost?

    program -- SOCKS --> client, 1 of many == paid ==> node --> destination
    thread               process                       process  process

In the same moment, every ``ROUND_S`` seconds, each program sends ``ECHO_BYTES`` to and fro on the connection that it
keeps, and downloads ``DOWNLOAD_BYTES`` on a new one.  What comes is compared with what was sent.  In the end the books
are: what programs and destination counted, what the clients counted and signed for, the receipts in the node's file of
sessions, and those in the wallets with the node's acknowledgement.
"""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zkrelay.relay.acknowledgement import Acknowledgement

from . import measure_destination as far
from . import measure_parts as parts
from .measure_clients import clients
from .measure_paid import PaidFolder
from .sessions import CLOSED, EMPTY, OPEN, SessionFile
from .wallet import Wallet

ROUND_S = 5.0
ECHO_BYTES, DOWNLOAD_BYTES = 1 << 12, 1 << 18
_PATIENCE_S = 60.0
_NUM_SAMPLES = 60
_WARM_UP = 0.2  # of the time


@dataclass
class Program:
    """``carried`` counts its bytes of both directions, ``failures`` says what went wrong; each has an ``index``."""

    port: int
    index: int
    carried: int = 0
    openings: int = 0
    failures: list[str] = field(default_factory=list)
    _kept: socket.socket | None = None

    def run(self, target: int, start: float, end: float) -> None:
        number = 0
        while number == 0 or time.monotonic() < end:
            try:
                self._round(target, number)
            except OSError as error:
                self.failures.append(f"{type(error).__name__}: {error}")
                self._hang_up()
            number = max(number + 1, int((time.monotonic() - start) / ROUND_S) + 1)
            time.sleep(max(0.0, min(end, start + number * ROUND_S) - time.monotonic()))
        self._hang_up()

    def _round(self, target: int, number: int) -> None:
        if self._kept is None:
            self._kept = self._open(target, 0, 0)
        start = 331 * self.index + 7919 * number  # other bytes for each
        data = far.pattern(start, ECHO_BYTES)
        self._kept.sendall(data)
        self.carried += ECHO_BYTES
        self._receive(self._kept, data)
        with self._open(target, start, DOWNLOAD_BYTES) as connection:
            for position in range(0, DOWNLOAD_BYTES, far.BLOCK):
                self._receive(connection, far.pattern(start + position, min(far.BLOCK, DOWNLOAD_BYTES - position)))

    def _open(self, target: int, start: int, num_bytes: int) -> socket.socket:
        self.openings += 1
        connection = far.through_socks(self.port, target, patience_s=_PATIENCE_S)
        head = far.asked(start, num_bytes)
        connection.sendall(head)
        self.carried += len(head)
        return connection

    def _receive(self, connection: socket.socket, expected: bytes) -> None:
        came = far.receive(connection, len(expected))
        self.carried += len(came)
        if came != expected:
            raise ConnectionError("what came is not what was sent")

    def _hang_up(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None


def measure_crowd(folder: Path, num_clients: int, connections: int, minutes: float) -> dict[str, Any]:
    """``connections`` programs for each client, busy for so many minutes."""
    wallets = [folder / f"wallet-{number}" for number in range(num_clients)]
    keys = [folder / f"client-{number}.key" for number in range(num_clients)]
    paid = PaidFolder(folder, num_notes=num_clients)
    paid.fund(wallets)
    peers, node_key = [parts.make_key(key) for key in keys], parts.make_key(folder / "node.key")
    destination_told: dict[str, Any] = {}
    node_told: dict[str, Any] = {}
    told: list[dict[str, Any]] = []
    with contextlib.ExitStack() as stack:
        _, target = stack.enter_context(parts.started(parts.script("measure_destination"), destination_told))
        command = (*parts.node(folder / "node.key", peers, target), *paid.node_options)
        node, port = stack.enter_context(parts.started(command, node_told))
        commands = [
            (*parts.client(key, port, node_key), *paid.client_options(wallet))
            for key, wallet in zip(keys, wallets, strict=True)
        ]
        started = stack.enter_context(clients(commands, told))
        indices = itertools.count()
        programs = [[Program(client.port, next(indices)) for _ in range(connections)] for client in started]
        memory = _run(programs, target, minutes, node.pid, [client.pid for client in started])
    carried = [sum(program.carried for program in of_client) for of_client in programs]
    everybody = [program for of_client in programs for program in of_client]
    return {
        "clients": num_clients,
        "connections": connections,
        "minutes": minutes,
        "openings": sum(program.openings for program in everybody),
        "failures": sum(len(program.failures) for program in everybody),
        "failed_because": sorted({failure for program in everybody for failure in program.failures}),
        "carried_bytes": sum(carried),
        "destination_bytes": sum(destination_told.values()),
        **_books(paid.sessions, wallets, carried, told),
        **{f"{name}_sessions": node_told["paid"][name] for name in (OPEN, CLOSED, EMPTY)},
        **memory,
    }


def _run(
    programs: Sequence[Sequence[Program]],
    target: int,
    minutes: float,
    node: int,
    clients: Sequence[int],
) -> dict[str, Any]:
    """Let them all be busy; what node and clients, by their process ids, held in memory meanwhile, in MiB."""
    start = time.monotonic()
    threads = [
        threading.Thread(target=program.run, args=(target, start, start + 60 * minutes), daemon=True)
        for of_client in programs
        for program in of_client
    ]
    for thread in threads:
        thread.start()
    samples: dict[str, list[float]] = {"node_mib": [], "clients_mib": []}
    while any(thread.is_alive() for thread in threads):
        time.sleep(60 * minutes / _NUM_SAMPLES)
        samples["node_mib"].append(parts.resident_mib(node))
        samples["clients_mib"].append(parts.resident_mib(*clients))
    return {name: _summary(values) for name, values in samples.items()}


def _summary(samples: Sequence[float]) -> dict[str, float]:
    """From the end of the warm-up on."""
    warm = samples[int(_WARM_UP * len(samples)) :]
    return {"first": warm[0], "last": warm[-1], "max": max(warm)}


def _books(
    sessions: Path, wallets: Sequence[Path], carried: Sequence[int], told: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """Sums of bytes, and the clients in whose books any two numbers differ."""
    with SessionFile(sessions) as file:
        stored = [session for stage in (CLOSED, EMPTY) for session in file.of_stage(stage)]
    by_receipt = {session.best.pack(): session for session in stored if session.best is not None}
    receipted = acknowledged = 0
    differing = []
    for number, (path, expected, words) in enumerate(zip(wallets, carried, told, strict=True)):
        with Wallet(path) as wallet:
            packed, answer, node_key = wallet.left_over(1)
        found = {expected, words.get("signed"), words.get("received", 0) + words.get("sent", 0)}
        session = by_receipt.get(packed or b"")
        if session is None or session.best is None or answer is None or node_key is None:
            differing.append(number)
            continue
        acknowledgement = Acknowledgement.unpack(answer)
        acknowledgement.verify(node_key, session.note.payee, session.best)
        receipted += session.best.num_bytes
        acknowledged += acknowledgement.num_bytes
        if found != {session.best.num_bytes, acknowledgement.num_bytes}:
            differing.append(number)
    return {
        "signed_bytes": sum(words.get("signed", 0) for words in told),
        "receipted_bytes": receipted,
        "acknowledged_bytes": acknowledged,
        "clients_that_differ": differing,
    }
