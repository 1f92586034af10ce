"""The WireGuard back end between two namespaces: peers come and go, counters are the device's, packets fit."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from namespaces import Capture, Namespace, namespaces, need_namespaces, wireguard_go
from tunnel.__main__ import write_key
from tunnel.errors import DeviceError, DuplicatePeer, HandshakeRefused, TooMany, UnknownPeer
from tunnel.noise_ik import public_bytes
from tunnel.wireguard import OVERHEAD, WireGuardTransport, inner_mtu
from tunnel.wireguard_device import RUN_FOLDER, WireGuardDevice
from tunnel_world import run
from wireguard_ends import CLIENT, NODE, joined

pytestmark = pytest.mark.long
NETWORKS = [ipaddress.ip_network("10.99.0.0/29"), ipaddress.ip_network("fd99::/64")]
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
MEBIBYTE = 1 << 20
CONNECT_S = 3.0


@pytest.fixture(scope="module")
def daemon() -> str:
    need_namespaces()
    return wireguard_go()


@pytest.fixture
def ends() -> Iterator[tuple[Namespace, Namespace]]:
    with namespaces("client", "node") as (client, node):
        yield client, node


@dataclass(frozen=True)
class Tunnel:
    transport: WireGuardTransport
    client_device: WireGuardDevice
    client: Namespace
    node: Namespace

    @property
    def client_key(self) -> bytes:
        return public_bytes(CLIENT)


def node_of(daemon: str, name: str = "zkr-node", mtu: int = 1420) -> WireGuardTransport:
    return WireGuardTransport(NODE, WireGuardDevice(name, program=daemon), networks=NETWORKS, mtu=mtu)


@contextlib.asynccontextmanager
async def tunnel(daemon: str, ends: tuple[Namespace, Namespace], version: int = 4) -> AsyncIterator[Tunnel]:
    """A node, and a client whose device is plain WireGuard; the outer packets are IP of ``version``."""
    mtu = inner_mtu(1500, version)
    transport = node_of(daemon, mtu=mtu)
    async with joined(daemon, transport, ends, version, mtu, NETWORKS) as device:
        yield Tunnel(transport, device, *ends)


async def transfer(t: Tunnel, size: int, host: str = "10.99.0.1") -> bool:
    """Whether ``size`` bytes come through the tunnel from client to node and back, over TCP."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(await reader.readexactly(size))
            await writer.drain()
        finally:
            writer.close()

    with t.node.inside():
        server = await asyncio.start_server(echo, host, 0, limit=2 * size + 2)
    with t.client.inside():
        opening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    opening.setblocking(False)
    try:
        place = server.sockets[0].getsockname()[:2]
        await asyncio.wait_for(asyncio.get_running_loop().sock_connect(opening, place), CONNECT_S)
        reader, writer = await asyncio.open_connection(sock=opening)
        data = random.Random(size).randbytes(size)
        writer.write(data)
        got = await reader.readexactly(size)
        writer.close()
        await writer.wait_closed()
    except asyncio.TimeoutError:
        return False
    finally:
        opening.close()
        server.close()
        await server.wait_closed()
    return got == data


@pytest.mark.parametrize("version", [4, 6])
def test_counters_are_the_devices(daemon: str, ends: tuple[Namespace, Namespace], version: int) -> None:
    async def test() -> None:
        async with tunnel(daemon, ends, version) as t:
            before = t.transport.peer_statistics(t.client_key)
            assert (before.received, before.sent, before.num_connections) == (0, 0, 0)
            for host in ("10.99.0.1", "fd99::1"):
                assert await transfer(t, 2 * MEBIBYTE, host)
            after = t.transport.peer_statistics(t.client_key)
            for count in (after.received, after.sent):
                assert 4 * MEBIBYTE < count < 4.6 * MEBIBYTE
            assert after.num_connections == 1

    run(test())


def test_a_removed_peer_gets_nothing_through_and_its_numbers_are_final(
    daemon: str, ends: tuple[Namespace, Namespace]
) -> None:
    async def test() -> None:
        async with tunnel(daemon, ends) as t:
            assert await transfer(t, MEBIBYTE)
            last = t.transport.remove_peer(t.client_key)
            assert last.received > MEBIBYTE and last.sent > MEBIBYTE
            for use in (t.transport.peer_statistics, t.transport.remove_peer, t.transport.peer_addresses):
                with pytest.raises(UnknownPeer):
                    use(t.client_key)
            assert not await transfer(t, 1)
            t.transport.add_peer(t.client_key)  # it has other addresses now
            assert t.transport.peer_statistics(t.client_key).received == 0
            assert str(t.transport.peer_addresses(t.client_key)[0]) == "10.99.0.3/29"

    run(test())


def test_peers_that_cannot_be_added(daemon: str, ends: tuple[Namespace, Namespace]) -> None:
    async def test() -> None:
        transport = node_of(daemon)
        with ends[1].inside():
            await transport.start()
        try:
            keys = [public_bytes(X25519PrivateKey.generate()) for _ in range(6)]
            for key in keys[:5]:  # 8 addresses, less network, node and broadcast
                transport.add_peer(key)
            assert len({str(transport.peer_addresses(key)[1]) for key in keys[:5]}) == 5
            with pytest.raises(TooMany):
                transport.add_peer(keys[5])
            with pytest.raises(DuplicatePeer):
                transport.add_peer(keys[0])
            with pytest.raises(HandshakeRefused):
                transport.add_peer(public_bytes(NODE))
            for size in (0, 31, 33):
                with pytest.raises(HandshakeRefused):
                    transport.add_peer(bytes(size))
            transport.remove_peer(keys[2])
            transport.add_peer(keys[5])
            assert str(transport.peer_addresses(keys[5])[0]) == "10.99.0.4/29"
            assert "private_key" not in dict(transport._device.get())
        finally:
            await transport.stop()

    run(test())


def test_a_device_that_dies_is_reported(daemon: str, ends: tuple[Namespace, Namespace]) -> None:
    async def test() -> None:
        async with tunnel(daemon, ends) as t:
            process = t.transport._device._process
            assert process is not None
            process.kill()
            await process.wait()
            with pytest.raises(DeviceError):
                t.transport.peer_statistics(t.client_key)
            with pytest.raises(DeviceError):
                t.transport.remove_peer(t.client_key)
            await t.transport.stop()

    run(test())


def test_a_device_that_cannot_be_made_is_reported(daemon: str, ends: tuple[Namespace, Namespace]) -> None:
    async def test() -> None:
        with ends[1].inside():
            first, second = node_of(daemon), node_of(daemon)
            await first.start()
            try:
                first.add_peer(public_bytes(CLIENT))
                with pytest.raises(DeviceError, match="already"):
                    await second.start()
                assert first.port > 0  # and the first one still has its peer
                assert first.peer_statistics(public_bytes(CLIENT)).received == 0
            finally:
                await first.stop()

    run(test())


@pytest.mark.parametrize("version", [4, 6])
def test_a_full_packet_inside_is_a_full_packet_outside(
    daemon: str, ends: tuple[Namespace, Namespace], version: int
) -> None:
    """Nothing is fragmented, and nothing larger gets in."""

    async def test() -> None:
        mtu = inner_mtu(1500, version)
        assert mtu == 1500 - {4: 60, 6: 80}[version] == 1500 - OVERHEAD[version]
        async with tunnel(daemon, ends, version) as t:
            assert await transfer(t, 1)
            with t.node.inside():
                sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sink.bind(("10.99.0.1", 0))
            sink.setblocking(False)
            with t.client.inside():
                source = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            source.setsockopt(socket.IPPROTO_IP, 10, 2)  # IP_MTU_DISCOVER, IP_PMTUDISC_DO: never fragment
            source.connect(sink.getsockname())
            t.client.ip("link", "set", "dev", t.client.device, "gso_max_segs", "1")  # packets as a wire would have them
            with Capture(t.node) as capture:
                source.send(bytes(mtu - 28))
                assert len(await asyncio.get_running_loop().sock_recv(sink, 1 << 16)) == mtu - 28
                with pytest.raises(OSError, match="long"):
                    source.send(bytes(mtu - 27))
                assert await transfer(t, 4 * MEBIBYTE)
            sink.close()
            source.close()
            outer = [packet for packet in capture.arrived if packet.kind == {4: 0x0800, 6: 0x86DD}[version]]
            sizes = [packet.ip_bytes for packet in outer]
            assert max(sizes) == 1500 and sizes.count(1500) > 2000
            assert not any(packet.is_fragment for packet in outer)

    run(test())


def test_the_node_at_the_command_line(daemon: str, ends: tuple[Namespace, Namespace], tmp_path: Path) -> None:
    _, node = ends
    write_key(tmp_path / "node.key")
    networks = [word for network in NETWORKS for word in ("--network", str(network))]
    command = [sys.executable, "-m", "tunnel.wireguard_node", "node.key", "--device", "zkr-shell", "--port", "0"]
    command += [*networks, "--peer", public_bytes(CLIENT).hex(), "--program", daemon]
    environment = {**os.environ, "PYTHONPATH": str(EXAMPLES)}
    with node.inside():
        process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert told["port"] > 0 and len(told["public_key"]) == 44
        assert told["peers"] == {public_bytes(CLIENT).hex(): ["10.99.0.2/29", "fd99::2/64"]}
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=20)
        assert process.returncode == 0
        assert json.loads(out) == {public_bytes(CLIENT).hex(): {"received": 0, "sent": 0}}
    assert not (RUN_FOLDER / "zkr-shell.sock").exists()

    with node.inside():
        process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
    deadline = time.monotonic() + 20
    while (RUN_FOLDER / "zkr-shell.sock").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not (RUN_FOLDER / "zkr-shell.sock").exists()  # the daemon ended with the node
