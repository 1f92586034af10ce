"""Network namespaces joined by wires, and who listens on them.  Needs root; without it tests are skipped, visibly."""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tools import tool_missing

ROOT = Path(__file__).resolve().parents[2]
WIREGUARD_GO = "golang.zx2c4.com/wireguard@v0.0.0-20260522210424-ecfc5a8d5446"
CLONE_NEWNET = 0x40000000
ETH_P_ALL, ETH_P_IP, ETH_P_ARP, ETH_P_IPV6 = 3, 0x0800, 0x0806, 0x86DD
_libc = ctypes.CDLL(None, use_errno=True)


def need_namespaces(*programs: str) -> None:
    """Skip where the machine cannot do it."""
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    for program in ("ip", *programs):
        if shutil.which(program) is None:
            tool_missing(f"there is no {program}")
    if subprocess.run(["ip", "netns", "add", "zkrelay-probe"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine gives no network namespaces, not even to root")
    subprocess.run(["ip", "netns", "del", "zkrelay-probe"], check=True)


def wireguard_go() -> str:
    """The daemon, of a fixed version: from ``ZKRELAY_WIREGUARD_GO``, or built from source by Go."""
    if named := os.environ.get("ZKRELAY_WIREGUARD_GO"):
        return named
    if not Path("/dev/net/tun").exists():
        pytest.skip("there is no /dev/net/tun")
    folder = ROOT / "build" / "tools"
    program = folder / "wireguard"
    if not program.exists():
        if shutil.which("go") is None:
            tool_missing("there is no go to build wireguard-go with")
        environment = {**os.environ, "GOBIN": str(folder)}
        subprocess.run(["go", "install", WIREGUARD_GO], check=True, env=environment, timeout=600)
    return str(program)


@dataclass(frozen=True)
class Namespace:
    """``device`` is its end of the wire."""

    name: str
    device: str

    def ip(self, *arguments: str) -> None:
        subprocess.run(["ip", "-n", self.name, *arguments], check=True)

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        """This thread, and the sockets and processes that it makes, in the namespace."""
        with open("/proc/thread-self/ns/net") as before, open(f"/var/run/netns/{self.name}") as here:
            _set(here.fileno())
            try:
                yield
            finally:
                _set(before.fileno())


def _set(descriptor: int) -> None:
    if _libc.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


@contextlib.contextmanager
def namespaces(*names: str) -> Iterator[list[Namespace]]:
    """Namespaces in a row, each joined to the next: 10.N.0.1 and fd00:N::1 on the left end of wire N, .2 on the right.

    The devices are ``right`` (towards the next one) and ``left``.
    """
    full = [f"zkr-{os.getpid()}-{name}" for name in names]
    try:
        for name in full:
            subprocess.run(["ip", "netns", "add", name], check=True)
            subprocess.run(["ip", "-n", name, "link", "set", "lo", "up"], check=True)
        for number, (left, right) in enumerate(itertools.pairwise(full)):
            wire = ["ip", "link", "add", "right", "netns", left, "type", "veth", "peer", "name", "left", "netns", right]
            subprocess.run(wire, check=True)
            for name, device, host in ((left, "right", 1), (right, "left", 2)):
                for address in (f"10.{number}.0.{host}/24", f"fd00:{number}::{host}/64"):
                    extra = ["nodad"] if ":" in address else []
                    subprocess.run(["ip", "-n", name, "address", "add", address, "dev", device, *extra], check=True)
                subprocess.run(["ip", "-n", name, "link", "set", device, "up"], check=True)
        yield [Namespace(name, "right" if name == full[0] else "left") for name in full]
    finally:
        for name in full:
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


@dataclass(frozen=True)
class Packet:
    """An Ethernet frame as it was seen; ``is_own`` for those that the listening namespace sent itself."""

    frame: bytes
    is_own: bool

    @property
    def kind(self) -> int:
        return int.from_bytes(self.frame[12:14], "big")

    @property
    def ends(self) -> tuple[str, str]:
        """Source and destination address of an IP packet."""
        if self.kind == ETH_P_IP:
            return socket.inet_ntoa(self.frame[26:30]), socket.inet_ntoa(self.frame[30:34])
        both = self.frame[22:38], self.frame[38:54]
        return socket.inet_ntop(socket.AF_INET6, both[0]), socket.inet_ntop(socket.AF_INET6, both[1])

    @property
    def ip_bytes(self) -> int:
        """The length that the IP header says."""
        if self.kind == ETH_P_IP:
            return int.from_bytes(self.frame[16:18], "big")
        return int.from_bytes(self.frame[18:20], "big") + 40

    @property
    def is_fragment(self) -> bool:
        if self.kind == ETH_P_IP:
            return int.from_bytes(self.frame[20:22], "big") & 0x3FFF != 0
        return self.frame[20] == 44

    @property
    def transport(self) -> tuple[int, int, int]:
        """Protocol, source port and destination port; for IPv6 without extension headers."""
        if self.kind == ETH_P_IP:
            protocol, start = self.frame[23], 14 + (self.frame[14] & 15) * 4
        else:
            protocol, start = self.frame[20], 54
        source, there = self.frame[start : start + 2], self.frame[start + 2 : start + 4]
        return protocol, int.from_bytes(source, "big"), int.from_bytes(there, "big")


class Capture:
    """All frames on a namespace's device while the context is open, both ways."""

    def __init__(self, namespace: Namespace, device: str | None = None) -> None:
        with namespace.inside():
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 26)
        self._socket.bind((device or namespace.device, ETH_P_ALL))
        self._socket.settimeout(0.05)
        self._packets: list[Packet] = []
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Capture:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        while True:
            try:
                frame, (_, _, how, *_) = self._socket.recvfrom(1 << 16)
            except TimeoutError:
                if self._done.is_set():  # nothing was left to read
                    return
                continue
            self._packets.append(Packet(frame, how == socket.PACKET_OUTGOING))

    @property
    def arrived(self) -> list[Packet]:
        """What the other end of the wire sent; complete once the context has ended."""
        return [packet for packet in self._packets if not packet.is_own]

    @property
    def packets(self) -> list[Packet]:
        return list(self._packets)
