"""The tunnel at the shell, with curl."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import shutil
import signal
import sys
from pathlib import Path

import pytest
from tools import tool_missing
from tunnel.__main__ import main, read_key, write_key
from tunnel.noise_ik import public_bytes
from tunnel_shell import make_key, started
from tunnel_world import LOOPBACK, destination, echo, run

MEBIBYTE = 1 << 20


def test_curl_through_the_command_line(tmp_path: Path) -> None:
    curl = shutil.which("curl")
    if curl is None:
        tool_missing("curl is not installed (Debian: apt install curl)")
    page = random.Random(3).randbytes(3 * MEBIBYTE + 1)
    answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(page) + page
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        await writer.drain()

    async def fetch(way: str, socks_port: int, url: str) -> bytes:
        command = (curl, "-sS", "--noproxy", "", way, f"127.0.0.1:{socks_port}", url)
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        body, _ = await process.communicate()
        assert process.returncode == 0
        return body

    async def test(stack: contextlib.ExitStack) -> None:
        async with destination(serve) as port:
            open_port = ("--open-port", str(port), "--open-network", "127.0.0.0/8")
            listen = ("--listen", "127.0.0.1:0", "--peer", client_key)
            node, node_port = stack.enter_context(started("node", "node.key", *listen, *open_port, folder=tmp_path))
            there = ("--node", f"127.0.0.1:{node_port}", "--node-key", node_key, "--socks", "127.0.0.1:0")
            client, socks_port = stack.enter_context(started("client", "client.key", *there, folder=tmp_path))
            for way, host in (("--socks5-hostname", "localhost"), ("--socks5", "127.0.0.1")):
                assert await fetch(way, socks_port, f"http://{host}:{port}/") == page
            assert len(heads) == 2
            told = []
            for process in (client, node):
                process.send_signal(signal.SIGTERM)
                out, _ = await asyncio.to_thread(process.communicate)
                assert process.returncode == 0
                told.append(json.loads(out))
            assert told[0] == {"received": 2 * len(answer), "sent": sum(map(len, heads))}
            assert told[1] == {client_key: {"received": told[0]["sent"], "sent": told[0]["received"]}}

    node_key, client_key = make_key("node.key", tmp_path), make_key("client.key", tmp_path)
    assert (tmp_path / "node.key").stat().st_mode & 0o077 == 0
    with contextlib.ExitStack() as stack:
        run(test(stack))


def test_a_circuit_at_the_command_line(tmp_path: Path) -> None:
    """Client, relay and exit as processes; a name of the block list stays closed, the others are fetched."""

    async def ask(socks_port: int, host: bytes, port: int) -> tuple[int, bytes]:
        reader, writer = await asyncio.open_connection(LOOPBACK, socks_port)
        writer.write(b"\5\1\0\5\1\0\3" + bytes([len(host)]) + host + port.to_bytes(2, "big") + b"question")
        writer.write_eof()
        answer = await reader.read()
        writer.close()
        return answer[3], answer[12:]

    async def test(stack: contextlib.ExitStack) -> None:
        async with destination(echo) as port:
            opened = ("--open-port", str(port), "--open-network", "127.0.0.0/8", "--block-list", "names.txt")
            listen = ("--listen", "127.0.0.1:0")
            exit_, exit_port = stack.enter_context(
                started("node", "exit.key", *listen, "--relay", relay_key, *opened, folder=tmp_path)
            )
            onward = ("--peer", client_key, "--next", f"127.0.0.1:{exit_port}={exit_key}", "--cap-peer", "10000000")
            relay, relay_port = stack.enter_context(started("node", "relay.key", *listen, *onward, folder=tmp_path))
            hops = ("--hop", f"127.0.0.1:{relay_port}={relay_key}", "--hop", exit_key, "--socks", "127.0.0.1:0")
            client, socks_port = stack.enter_context(started("client", "client.key", *hops, folder=tmp_path))
            assert await ask(socks_port, b"localhost", port) == (0, b"question")
            assert await ask(socks_port, b"a.Blocked.example.", port) == (2, b"")
            told = []
            for process in (client, relay, exit_):
                process.send_signal(signal.SIGTERM)
                out, _ = await asyncio.to_thread(process.communicate)
                assert process.returncode == 0
                told.append(json.loads(out))
            assert told[0] == {"received": 8, "sent": 8}
            assert told[1][client_key] == told[2][relay_key]  # the relay's layer and its link hold the same bytes

    relay_key, exit_key, client_key = (
        public_bytes(write_key(tmp_path / f"{name}.key")).hex() for name in ("relay", "exit", "client")
    )
    (tmp_path / "names.txt").write_text("# kept out\n\nblocked.example\n", encoding="utf-8")
    with contextlib.ExitStack() as stack:
        run(test(stack))


HEX = "ab" * 32
PAID = ("node", "old.key", "--listen", "127.0.0.1:0", "--paid", "ledger", "--identity", "node.key", "--sessions", "s")
WRONG = [
    (["key", "old.key"], "error:"),
    (["node", "missing.key", "--listen", "127.0.0.1:0"], "error:"),
    (["node", "open.key", "--listen", "127.0.0.1:0"], "error:"),
    (["node", "old.key", "--listen", "127.0.0.1:0", "--peer", HEX, "--peer", HEX], "error:"),
    (["node", "old.key", "--listen", "127.0.0.1:0", "--peer", HEX[2:]], 2),
    (["node", "old.key", "--listen", "127.0.0.1:0", "--peer", "zz" * 32], 2),
    (["node", "old.key", "--listen", "127.0.0.1"], 2),
    (["node", "old.key", "--listen", "127.0.0.1:0", "--open-port", "65536"], 2),
    (["node", "old.key", "--listen", "127.0.0.1:0", "--open-network", "10.0.0.1/8"], 2),
    (["client", "old.key", "--node", "127.0.0.1:-1", "--node-key", HEX], 2),
    (["client", "old.key", "--node", "127.0.0.1:1"], 2),
    (["client", "old.key", "--node-key", HEX], 2),
    (["client", "old.key"], 2),
    (["client", "old.key", "--hop", f"127.0.0.1:1={HEX}", "--node", "127.0.0.1:1"], 2),
    (["client", "old.key", "--hop", f"127.0.0.1={HEX}"], 2),
    (["client", "old.key", "--hop", "127.0.0.1:1="], 2),
    (["client", "old.key", "--hop", HEX], "error:"),
    (["client", "old.key", "--hop", f"127.0.0.1:1={HEX}", "--hop", HEX], "error:"),
    (["node", "old.key", "--listen", "127.0.0.1:0", "--next", HEX], 2),
    (["node", "old.key", "--listen", "127.0.0.1:0", "--next", f"127.0.0.1:1={HEX}", "--open-port", "80"], "error:"),
    (["node", "old.key", "--listen", "127.0.0.1:0", "--relay", HEX, "--peer", HEX], "error:"),
    (["node", "old.key", "--listen", "127.0.0.1:0", *("--next", f"127.0.0.1:1={HEX}") * 2], "error:"),
    (["node", "old.key", "--listen", "127.0.0.1:0", "--block-list", "binary.txt"], "error:"),
    (["node", "old.key", "--listen", "127.0.0.1:0", "--cap-peer", "1000"], "error:"),
    (["node", "old.key", "--listen", "127.0.0.1:0", "--cap-node", "fast"], 2),
    (["node", "old.key", "--listen", "127.0.0.1:0", "--block-list", "missing.txt"], "error:"),
    (["node", "old.key", "--listen", "127.0.0.1:0", "--block-list", "bad.txt"], "error:"),
    ([*PAID[:-2]], "error: --paid needs --sessions"),
    ([*PAID, "--zkey", "claim.zkey", "--payout", "1"], "error: --zkey needs --zkwp"),
    ([*PAID, "--zkey", "claim.zkey", "--zkwp", "claim.zkwp"], "error: --zkey needs --payout"),
    ([], 2),
]


@pytest.mark.parametrize(("arguments", "code"), WRONG, ids=[" ".join(arguments)[:60] for arguments, _ in WRONG])
def test_what_the_command_line_refuses(
    arguments: list[str], code: int | str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = public_bytes(write_key(Path("old.key"))).hex()
    write_key(Path("open.key"))
    Path("open.key").chmod(0o644)
    Path("binary.txt").write_bytes(b"\xff\xfe")
    Path("bad.txt").write_text("fine.example\n*.example\n", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["tunnel", *arguments])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert str(stopped.value.code).startswith(str(code))
    assert public_bytes(read_key(Path("old.key"))).hex() == before  # never overwritten


@pytest.mark.parametrize("share", ["0", "-1", "1.5", "nan", "much"])
@pytest.mark.parametrize("verb", ["node", "collect"])
def test_a_share_of_the_processor_is_above_nothing_and_at_most_all(
    verb: str, share: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["tunnel", verb, "--share", share])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert "--share" in capsys.readouterr().err
