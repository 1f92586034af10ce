"""A circuit of three hops as processes, each in a network namespace of its own, and every frame on every wire."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from namespaces import ETH_P_IP, Capture, Namespace, namespaces, need_namespaces
from tunnel.__main__ import read_key, write_key
from tunnel.noise_ik import public_bytes
from tunnel_world import run

pytestmark = pytest.mark.long
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
QUESTION, ANSWER = b"a question that only the exit may read", b"an answer that only the client and the exit may read"
NAMES = ("client", "one", "two", "exit", "there")
CLIENT, DESTINATION = "10.0.0.1", "10.3.0.2"
PORT = 7000


@contextlib.contextmanager
def started(namespace: Namespace, folder: Path, *arguments: str) -> Iterator[int]:
    environment = {**os.environ, "PYTHONPATH": str(EXAMPLES)}
    command = [sys.executable, "-m", "tunnel", *arguments]
    with namespace.inside():
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        try:
            yield int(json.loads(process.stdout.readline())["port"])
        finally:
            process.kill()


def key(name: str, folder: Path) -> str:
    return public_bytes(write_key(folder / f"{name}.key")).hex()


def seen(*captures: Capture) -> bytes:
    return b"".join(packet.frame for capture in captures for packet in capture.packets)


def hosts(*captures: Capture) -> set[str]:
    return {end for it in captures for packet in it.packets if packet.kind == ETH_P_IP for end in packet.ends}


def test_every_wire_of_a_circuit_shows_what_its_ends_may_know(tmp_path: Path) -> None:
    need_namespaces()
    one, two, exit_, client = (key(name, tmp_path) for name in ("one", "two", "exit", "client"))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.read() == QUESTION:
            writer.write(ANSWER)
        writer.close()

    async def ask(place: Namespace, port: int) -> bytes:
        with place.inside():
            it = socket.create_connection(("127.0.0.1", port))
        reader, writer = await asyncio.open_connection(sock=it)
        host = ipaddress.ip_address(DESTINATION).packed
        writer.write(b"\5\1\0\5\1\0\1" + host + PORT.to_bytes(2, "big") + QUESTION)
        writer.write_eof()
        answer = await reader.read()
        writer.close()
        return answer[12:]

    async def test(stack: contextlib.ExitStack, places: list[Namespace]) -> None:
        at = dict(zip(NAMES, places, strict=True))
        with at["there"].inside():
            server = await asyncio.start_server(serve, DESTINATION, PORT)
        listen = ("--listen", f"0.0.0.0:{PORT}")
        opened = ("--open-port", str(PORT), "--open-network", "10.3.0.0/24")
        for name, arguments in (
            ("exit", ("--relay", two, *opened)),
            ("two", ("--relay", one, "--next", f"10.2.0.2:{PORT}={exit_}")),
            ("one", ("--peer", client, "--next", f"10.1.0.2:{PORT}={two}")),
        ):
            stack.enter_context(started(at[name], tmp_path, "node", f"{name}.key", *listen, *arguments))
        hops = ("--hop", f"10.0.0.2:{PORT}={one}", "--hop", two, "--hop", exit_)
        socks = ("--socks", "127.0.0.1:0")
        port = stack.enter_context(started(at["client"], tmp_path, "client", "client.key", *hops, *socks))
        with (
            Capture(at["one"], "left") as before_one,
            Capture(at["two"], "left") as before_two,
            Capture(at["exit"], "left") as before_exit,
            Capture(at["exit"], "right") as behind_exit,
        ):
            assert await ask(at["client"], port) == ANSWER
            await asyncio.sleep(0.2)
        server.close()
        await server.wait_closed()

        wires = (before_one, before_two, before_exit)
        # who speaks to whom: each wire has its two ends on it, and nobody else
        assert [hosts(wire) for wire in (*wires, behind_exit)] == [{f"10.{n}.0.1", f"10.{n}.0.2"} for n in range(4)]
        for wire in wires:
            assert len(seen(wire)) > 1000
            for secret in (QUESTION, ANSWER, DESTINATION.encode(), ipaddress.ip_address(DESTINATION).packed):
                assert secret not in seen(wire)
        assert QUESTION in seen(behind_exit) and ANSWER in seen(behind_exit)
        # the exit: no address and no key of the client, on either side of it
        traces = (CLIENT.encode(), ipaddress.ip_address(CLIENT).packed, public_bytes(read_key(tmp_path / "client.key")))
        assert [trace for trace in traces if trace in seen(before_exit, behind_exit)] == []
        assert traces[1] in seen(before_one)

    with contextlib.ExitStack() as stack:
        run(test(stack, stack.enter_context(namespaces(*NAMES))))
