"""What ``measure`` runs: a destination, a SOCKS connection, and the processes of each way between them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
BLOCK = 1 << 18
PING_BYTES = 100
_CAP = 1 << 40
_ARITY, _DEPTH = 2, 3


@dataclass
class World:
    """``port`` is where SOCKS is spoken; ``told`` is filled with what the processes say in the end."""

    port: int
    processes: dict[str, subprocess.Popen[str]]
    told: dict[str, Any] = field(default_factory=dict)

    def cpu_seconds(self) -> dict[str, float]:
        """User and system time of each."""
        return {name: _cpu_seconds(process.pid) for name, process in self.processes.items()}

    def resident_mib(self) -> dict[str, float]:
        return {name: _resident_mib(process.pid) for name, process in self.processes.items()}


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20), 1)


@contextlib.contextmanager
def destination() -> Iterator[int]:
    """A server in a process of its own: eight bytes ask for so many; whatever follows them is echoed."""
    with _started(*_script("destination")) as (_, port):
        yield port


def _serve_destination() -> None:
    def serve(connection: socket.socket) -> None:
        block = memoryview(bytes(BLOCK))
        with connection, contextlib.suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            left = int.from_bytes(connection.recv(8, socket.MSG_WAITALL), "big")
            while left:
                left -= connection.send(block[: min(left, BLOCK)])
            while data := connection.recv(BLOCK):
                connection.sendall(data)

    listener = socket.create_server((HOST, 0), backlog=512)
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


def through_socks(port: int, target: int) -> socket.socket:
    connection = socket.create_connection((HOST, port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(b"\5\1\0\5\1\0\1" + socket.inet_aton(HOST) + target.to_bytes(2, "big"))
    answer = connection.recv(12, socket.MSG_WAITALL)
    if len(answer) != 12 or answer[3] != 0:
        connection.close()
        raise ConnectionError("the SOCKS server refused")
    return connection


@contextlib.contextmanager
def world(way: str, folder: Path, target: int) -> Iterator[World]:
    """Node and client of one way, until the block ends."""
    told: dict[str, Any] = {}
    with contextlib.ExitStack() as stack:
        if way == "tls":
            _write_certificate(folder)
            node, node_port = stack.enter_context(_started(*_script("tls-node"), str(folder), str(target), told=told))
            client, port = stack.enter_context(_started(*_script("tls-client"), str(folder), str(node_port), told=told))
        else:
            tunnel = [sys.executable, "-m", __package__ or "tunnel"]
            keys = [_run(*tunnel, "key", str(folder / f"{name}.key")).strip() for name in ("node", "client")]
            paid_node, paid_client = ([], []) if way == "unpaid" else _paid_options(tunnel, folder, way == "proving")
            reach = ("--open-port", str(target), "--open-network", "127.0.0.0/8")
            listen = ("node", str(folder / "node.key"), "--listen", f"{HOST}:0", "--peer", keys[1])
            node, node_port = stack.enter_context(_started(*tunnel, *listen, *reach, *paid_node, told=told))
            there = ("--node", f"{HOST}:{node_port}", "--node-key", keys[0], "--socks", f"{HOST}:0")
            client_key = str(folder / "client.key")
            client, port = stack.enter_context(_started(*tunnel, "client", client_key, *there, *paid_client, told=told))
        if way == "proving":
            stack.enter_context(_started(*_script("prove"), str(folder), told=told))
        yield World(port, {"client": client, "node": node}, told)


def _paid_options(tunnel: list[str], folder: Path, proving: bool) -> tuple[list[str], list[str]]:
    """A ledger with development keys over a small tree, a funded wallet, and for the prover a backlog of claims."""
    from zkrelay import compile_circuit, formats, setup
    from zkrelay.circuits.claim import Claim as ClaimCircuit
    from zkrelay.relay.domain import Domain
    from zkrelay.relay.identity import NodeIdentity
    from zkrelay.relay.ledger_file import LEDGER_TYPE, LedgerFile
    from zkrelay.relay.record import to_line

    domain = Domain.of_service(b"a service", tree_no=0, arity=_ARITY, depth=_DEPTH)
    circuit = compile_circuit(ClaimCircuit(arity=_ARITY, depth=_DEPTH, unit=domain.unit))
    key = setup(circuit.r1cs)
    formats.write_zkey(folder / "claim.zkey", key)
    formats.write_zkwp(folder / "claim.zkwp", circuit)
    formats.write_verifying_key(folder / "claim.vk.json", key.verifying_key)
    ledger = LedgerFile("ledger.sqlite", domain, "claim.vk.json", allow_development=True)
    (folder / "ledger.json").write_text(to_line(LEDGER_TYPE, ledger.to_dict()))
    (folder / "domain.json").write_text(to_line("zkrelay-domain", domain.to_strings()))
    identity = NodeIdentity.generate()
    identity.save(folder / "identity.key")
    where, wallet = str(folder / "ledger.json"), str(folder / "wallet")
    _run(
        *tunnel, "fund", wallet, "--ledger", where, "--payee", str(identity.payee), "--cap", str(_CAP), "--epochs", "50"
    )
    node = ["--paid", where, "--identity", str(folder / "identity.key"), "--sessions", str(folder / "sessions")]
    return node, ["--wallet", wallet, "--domain", str(folder / "domain.json")]


def _script(part: str) -> list[str]:
    return [sys.executable, "-m", f"{__package__}.measure_parts", part]


@contextlib.contextmanager
def _started(*command: str, told: dict[str, Any] | None = None) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The process and the port in its first line; what it prints in the end goes into ``told``."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603, ours
        assert process.stdout is not None
        try:
            yield process, json.loads(process.stdout.readline())["port"]
            process.send_signal(signal.SIGTERM)
            last = process.communicate(timeout=60)[0].strip().rpartition("\n")[2]
            if told is not None and last:
                told[command[3]] = json.loads(last)
        finally:
            process.kill()


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603, ours


def _prove(folder: Path) -> None:
    """One proof after another at the lowest priority, as the collector of a busy node makes them."""
    from zkrelay.formats import open_prover
    from zkrelay.relay.claim import Claim
    from zkrelay.relay.context import ClaimContext
    from zkrelay.relay.domain import Domain
    from zkrelay.relay.identity import NodeIdentity
    from zkrelay.relay.merkle import MerkleTree
    from zkrelay.relay.proving import prove_claim
    from zkrelay.relay.receipt import Receipt

    from .priority import give_way
    from .wallet import Wallet

    give_way()
    domain = Domain.of_service(b"a service", tree_no=0, arity=_ARITY, depth=_DEPTH)
    with Wallet(folder / "wallet") as wallet, open_prover(folder / "claim.zkey", folder / "claim.zkwp") as prover:
        funded = wallet.next_note(domain)
        assert funded is not None
        tree = MerkleTree(_ARITY, _DEPTH)
        tree.append(funded.note.cm)
        receipt = Receipt.sign(funded.key, funded.note.cm, 5 << 20)
        identity = NodeIdentity.load(folder / "identity.key")
        claim = Claim.build(domain, funded.note, receipt, identity, tree.proof(0), ClaimContext(1), epoch=0)
        print(json.dumps({"port": 0}), flush=True)
        proofs, stopped = 0, threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stopped.set())
        while not stopped.is_set():
            prove_claim(claim, prover)
            proofs += 1
    print(json.dumps({"proofs": proofs}))


def _write_certificate(folder: Path) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(timezone.utc)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "node")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(1))
    pem = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    raw = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "tls.pem").write_bytes(raw + pem)


async def _relay(folder: Path, role: str, port: int) -> None:
    """One TLS connection for each plain one: the client takes SOCKS, the node connects; both to ``port``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if role == "tls-node" else ssl.PROTOCOL_TLS_CLIENT)
    if role == "tls-node":
        context.load_cert_chain(folder / "tls.pem")
    else:
        context.load_verify_locations(folder / "tls.pem")
        context.check_hostname = False

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if role == "tls-client":
            await reader.readexactly(13)
            writer.write(b"\5\0\5\0\0\1" + bytes(6))
        far_reader, far_writer = await asyncio.open_connection(
            HOST, port, ssl=context if role == "tls-client" else None, limit=BLOCK
        )
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))
        far_writer.close()
        writer.close()

    server = await asyncio.start_server(serve, HOST, 0, ssl=context if role == "tls-node" else None, limit=BLOCK)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await asyncio.Event().wait()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()
    writer.close()


def main() -> None:
    part, *rest = sys.argv[1:]
    if part == "destination":
        _serve_destination()
    elif part == "prove":
        _prove(Path(rest[0]))
    else:
        asyncio.run(_relay(Path(rest[0]), part, int(rest[1])))


if __name__ == "__main__":
    main()
