"""What leaves a machine under the kill switch, seen from the other end of its wire: before, with, after the tunnel."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
from namespaces import (
    ETH_P_ARP,
    ETH_P_IP,
    ETH_P_IPV6,
    Capture,
    Namespace,
    Packet,
    namespaces,
    need_namespaces,
    wireguard_go,
)
from tunnel.kill_switch import UNLOAD, KillSwitch, load
from tunnel.wireguard import WireGuardTransport, inner_mtu
from tunnel.wireguard_device import WireGuardDevice
from tunnel_world import run
from wireguard_ends import NODE, OUTER, joined

pytestmark = pytest.mark.long
NETWORKS = [ipaddress.ip_network("10.99.0.0/24"), ipaddress.ip_network("fd99::/64")]
ELSEWHERE = {4: "198.51.100.7", 6: "2001:db8::7"}  # the internet, which begins behind the node's end of the wire
RESOLVER = "10.99.0.1"
ALL = ["0.0.0.0/0", "::/0"]
QUIET_S = 1.0
IPPROTO_ICMPV6, NEIGHBOURS = 58, (135, 136)


@pytest.fixture(scope="module")
def daemon() -> str:
    need_namespaces("nft")
    return wireguard_go()


@pytest.fixture
def ends() -> Iterator[tuple[Namespace, Namespace]]:
    """A client whose way to everywhere leads over the wire, with a node at its other end, where "everywhere" is."""
    with namespaces("client", "node") as (client, node):
        for version, prefix in ((4, 32), (6, 128)):
            node.ip("address", "add", f"{ELSEWHERE[version]}/{prefix}", "dev", "lo")
            client.ip(f"-{version}", "route", "add", "default", "via", OUTER[version])
        yield client, node


@dataclass(frozen=True)
class Tunnel:
    transport: WireGuardTransport
    device: WireGuardDevice


@contextlib.asynccontextmanager
async def tunnel(daemon: str, ends: tuple[Namespace, Namespace], version: int, port: int) -> AsyncIterator[Tunnel]:
    """A WireGuard tunnel through which all of the client's routes lead."""
    client, mtu = ends[0], inner_mtu(1500, version)
    transport = WireGuardTransport(
        NODE, WireGuardDevice("zkr-node", program=daemon), networks=NETWORKS, port=port, mtu=mtu
    )
    async with joined(daemon, transport, ends, version, mtu, ALL) as device:
        for half in ("0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1"):  # more specific than the default route
            client.ip("-6" if ":" in half else "-4", "route", "add", half, "dev", "zkr-client")
        yield Tunnel(transport, device)


def chatter(client: Namespace) -> int:
    """Whatever programs try, by the routes and past them; returns how many of the tries the machine took."""
    tries = [
        (host, port, kind, device)
        for host in (ELSEWHERE[4], OUTER[4], "192.0.2.99", ELSEWHERE[6], OUTER[6], "224.0.0.251", "ff02::fb")
        for port in (53, 443, 853, 5353)
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM)
        for device in (None, client.device)
    ]
    tries += [("255.255.255.255", 67, socket.SOCK_DGRAM, client.device), (ELSEWHERE[4], 0, socket.SOCK_RAW, None)]
    taken = 0
    for host, port, kind, device in tries:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with client.inside():
            it = socket.socket(family, kind, socket.IPPROTO_ICMP if kind == socket.SOCK_RAW else 0)
        with it, contextlib.suppress(OSError):
            it.setblocking(False)
            if device is not None:
                it.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
            if host == "255.255.255.255":
                it.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            if kind == socket.SOCK_STREAM:
                taken += it.connect_ex((host, port)) == 115  # EINPROGRESS: a SYN was made
            else:
                it.sendto(b"\x08\0\xf7\xff\0\0\0\0" if kind == socket.SOCK_RAW else b"leak", (host, port))
                taken += 1
    return taken


def is_to_the_node(packet: Packet, version: int, port: int) -> bool:
    if packet.kind != {4: ETH_P_IP, 6: ETH_P_IPV6}[version]:
        return False
    protocol, _, there = packet.transport
    node = str(ipaddress.ip_address(OUTER[version]))
    return (packet.ends[1], protocol, there) == (node, socket.IPPROTO_UDP, port)


def leaks(capture: Capture, version: int, port: int) -> list[bytes]:
    """Frames of the client that are not the tunnel's; neighbour discovery of an IPv6 outside and ARP are none."""
    found = []
    for packet in capture.arrived:
        if packet.kind == ETH_P_ARP or is_to_the_node(packet, version, port):
            continue
        is_icmp = packet.kind == ETH_P_IPV6 and packet.frame[20] == IPPROTO_ICMPV6
        if not (version == 6 and is_icmp and packet.frame[54] in NEIGHBOURS):
            found.append(packet.frame)
    return found


async def answers(ends: tuple[Namespace, Namespace], host: str, port: int) -> bool:
    """Whether a datagram from the client to ``host`` comes to the node's namespace, and its answer back."""
    client, node = ends
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with node.inside():
        there = socket.socket(family, socket.SOCK_DGRAM)
    with client.inside():
        here = socket.socket(family, socket.SOCK_DGRAM)
    loop = asyncio.get_running_loop()
    with there, here:
        for end in (there, here):
            end.setblocking(False)
        there.bind((host, port))
        here.connect((host, port))
        for _ in range(10):  # the first ones may be lost while the handshake runs
            with contextlib.suppress(OSError):
                here.send(b"question")
            try:
                question, back = await asyncio.wait_for(loop.sock_recvfrom(there, 100), 0.2)
                there.sendto(b"answer", back)
                return await asyncio.wait_for(loop.sock_recv(here, 100), 1) == b"answer" and question == b"question"
            except asyncio.TimeoutError:
                continue
    return False


@pytest.mark.parametrize(("version", "ipv6"), [(4, False), (4, True), (6, False)])
def test_nothing_leaves_but_the_tunnel_and_nothing_at_all_when_it_dies(
    daemon: str, ends: tuple[Namespace, Namespace], version: int, ipv6: bool
) -> None:
    client, node = ends
    port = 51820
    rules = KillSwitch(
        ipaddress.ip_address(OUTER[version]),
        port,
        "zkr-client",
        dns=ipaddress.ip_address(RESOLVER),
        ipv6=ipv6,
    )

    async def test() -> None:
        # without the rules the same chatter is heard: the capture and the chatter do what they are for
        with Capture(node) as capture:
            taken = chatter(client)
            await asyncio.sleep(QUIET_S)
        assert taken > 40 and len(leaks(capture, version, port)) > 20
        kinds = {packet.kind for packet in capture.arrived}
        assert {ETH_P_IP, ETH_P_IPV6} <= kinds

        with client.inside():
            load(rules.rules())
        with Capture(node) as capture:  # before the tunnel comes up
            chatter(client)
            await asyncio.sleep(QUIET_S)
        assert leaks(capture, version, port) == []

        async with tunnel(daemon, ends, version, port) as t:
            with Capture(node) as capture:
                chatter(client)
                assert await answers(ends, ELSEWHERE[4], 443)  # through the tunnel
                assert await answers(ends, RESOLVER, 53)
                assert not await answers(ends, ELSEWHERE[4], 53)  # not this resolver, not even through it
                assert await answers(ends, ELSEWHERE[6], 443) is ipv6
                await asyncio.sleep(QUIET_S)
            assert leaks(capture, version, port) == []
            assert sum(is_to_the_node(packet, version, port) for packet in capture.arrived) > 5

            with Capture(node) as capture:
                process = t.device._process
                assert process is not None
                process.kill()
                await process.wait()
                chatter(client)
                assert not await answers(ends, ELSEWHERE[4], 443)
                await asyncio.sleep(QUIET_S)
            assert leaks(capture, version, port) == []
            last = [packet for packet in capture.arrived if is_to_the_node(packet, version, port)]
            assert len(last) <= 1  # at most one that was under way while the daemon was killed

            with Capture(node) as capture:  # once it is dead: nothing, not to the node either
                chatter(client)
                await asyncio.sleep(QUIET_S)
            assert leaks(capture, version, port) == []
            assert not any(is_to_the_node(packet, version, port) for packet in capture.arrived)

        with client.inside():
            load(UNLOAD)
        with Capture(node) as capture:
            chatter(client)
            await asyncio.sleep(QUIET_S)
        assert len(leaks(capture, version, port)) > 20

    run(test())


def test_without_a_device_only_the_nodes_tcp_port_is_reached(daemon: str, ends: tuple[Namespace, Namespace]) -> None:
    client, node = ends

    async def reaches(host: str, port: int) -> bool:
        with client.inside():
            it = socket.socket()
        it.setblocking(False)
        with it:
            try:
                await asyncio.wait_for(asyncio.get_running_loop().sock_connect(it, (host, port)), 1)
            except (OSError, asyncio.TimeoutError):
                return False
        return True

    async def test() -> None:
        with node.inside():
            servers = [await asyncio.start_server(lambda _, w: w.close(), "0.0.0.0", port) for port in (7000, 7001)]
        try:
            assert await reaches(OUTER[4], 7001) and await reaches(ELSEWHERE[4], 7000)
            with client.inside():
                load(KillSwitch(ipaddress.ip_address(OUTER[4]), 7000, protocol="tcp").rules())
            with Capture(node) as capture:
                assert await reaches(OUTER[4], 7000)
                for host, port in ((OUTER[4], 7001), (ELSEWHERE[4], 7000)):
                    assert not await reaches(host, port)
                chatter(client)
                await asyncio.sleep(QUIET_S)
            heard = [packet for packet in capture.arrived if packet.kind != ETH_P_ARP]
            assert len(heard) > 2
            there = {(p.ends[1], p.transport[0], p.transport[2]) for p in heard}
            assert there == {(OUTER[4], socket.IPPROTO_TCP, 7000)}
        finally:
            for server in servers:
                server.close()
                await server.wait_closed()

    run(test())
