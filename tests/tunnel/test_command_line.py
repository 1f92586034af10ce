"""The tunnel at the shell, with curl."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from tools import tool_missing
from tunnel_world import destination, run

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
MEBIBYTE = 1 << 20


def start(*arguments: str, folder: Path) -> tuple[subprocess.Popen[str], int]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tunnel", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(EXAMPLES)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())["port"]


def make_key(name: str, folder: Path) -> str:
    made = subprocess.run(
        [sys.executable, "-m", "tunnel", "key", name],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(EXAMPLES)},
        capture_output=True,
        text=True,
        check=True,
    )
    return made.stdout.strip()


def test_curl_through_the_command_line(tmp_path: Path) -> None:
    curl = shutil.which("curl")
    if curl is None:
        tool_missing("there is no curl")
    page = random.Random(3).randbytes(3 * MEBIBYTE + 1)
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(page))
        writer.write(page)
        await writer.drain()

    async def fetch(way: str, socks_port: int, url: str) -> bytes:
        command = (curl, "-sS", "--noproxy", "", way, f"127.0.0.1:{socks_port}", url)
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        body, _ = await process.communicate()
        assert process.returncode == 0
        return body

    async def test() -> None:
        async with destination(serve) as port:
            open_port = ("--open-port", str(port), "--open-network", "127.0.0.0/8")
            node, node_port = start(
                "node", "node.key", "--listen", "127.0.0.1:0", "--peer", client_key, *open_port, folder=tmp_path
            )
            there = ("--node", f"127.0.0.1:{node_port}", "--node-key", node_key, "--socks", "127.0.0.1:0")
            client, socks_port = start("client", "client.key", *there, folder=tmp_path)
            for way, host in (("--socks5-hostname", "localhost"), ("--socks5", "127.0.0.1")):
                assert await fetch(way, socks_port, f"http://{host}:{port}/") == page
            assert len(heads) == 2
            told = []
            for process in (client, node):
                process.send_signal(signal.SIGTERM)
                out, _ = await asyncio.to_thread(process.communicate)
                assert process.returncode == 0
                told.append(json.loads(out))
            head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(page)
            assert told[0] == {"received": 2 * len(head + page), "sent": sum(map(len, heads))}
            assert told[1] == {client_key: {"received": told[0]["sent"], "sent": told[0]["received"]}}

    node_key, client_key = make_key("node.key", tmp_path), make_key("client.key", tmp_path)
    assert (tmp_path / "node.key").stat().st_mode & 0o077 == 0
    run(test())
