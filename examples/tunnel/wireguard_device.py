"""One WireGuard device in user space: the daemon ``wireguard-go`` while it runs, and its configuration socket.

The socket speaks WireGuard's cross-platform protocol: lines ``key=value``, an empty line ends a message.

    get=1        ->    private_key=..  listen_port=..  public_key=..  rx_bytes=..  public_key=..  ...   errno=0
    set=1 ...    ->    errno=0

A call takes a millisecond and blocks.  Needs root, or CAP_NET_ADMIN and /dev/net/tun.  Addresses and the state of the
link are set by ``ip`` (iproute2), as the protocol has nothing for them.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import ctypes
import os
import re
import signal
import socket
from collections.abc import Iterable
from pathlib import Path

from .errors import DeviceError

RUN_FOLDER = Path("/var/run/wireguard")
DEVICE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}")  # Linux takes 15 characters
MAX_ANSWER = 1 << 25
_SECRETS = frozenset({"private_key", "preshared_key"})
_CALL_TIMEOUT_S, _START_TIMEOUT_S, _STOP_TIMEOUT_S = 5.0, 10.0, 5.0
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)
Lines = list[tuple[str, str]]


class WireGuardDevice:
    """``start`` before anything else; it is there until ``stop``, or until the daemon or this process dies."""

    def __init__(self, name: str, *, program: str = "wireguard-go", run_folder: Path = RUN_FOLDER) -> None:
        """``program`` is the daemon, by its path or to be found.  Raises ``DeviceError`` for what is no name."""
        if not DEVICE_NAME.fullmatch(name):
            raise DeviceError(f"{name!r} can be no name of a network device")
        self.name, self._program = name, program
        self._socket = run_folder / f"{name}.sock"
        self._process: asyncio.subprocess.Process | None = None
        self._said: collections.deque[bytes] = collections.deque(maxlen=4)
        self._listening: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the daemon and wait until it answers.  Raises ``DeviceError``, with the daemon's last words."""
        if self._answers():  # somebody else's device: ours would fail, and the other one be set up in its place
            raise DeviceError(f"there is a device {self.name} already")
        environment = {**os.environ, "LOG_LEVEL": "error"}
        try:
            process = await asyncio.create_subprocess_exec(
                *(self._program, "--foreground", self.name),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                env=environment,
                preexec_fn=_end_with_parent,
            )
        except OSError as error:
            raise DeviceError(f"{self._program} cannot be started: {error.strerror}") from None
        self._process = process
        self._listening = asyncio.get_running_loop().create_task(self._listen(process))
        deadline = asyncio.get_running_loop().time() + _START_TIMEOUT_S
        while True:
            if process.returncode is not None or asyncio.get_running_loop().time() > deadline:
                await self.stop()
                words = b"".join(self._said).decode("utf-8", "replace").strip().splitlines()
                raise DeviceError(f"{self._program} made no device {self.name}: {words[-1] if words else 'no reason'}")
            if self._answers():
                return
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """End the daemon, and with it the device; nothing where there is none."""
        process, self._process = self._process, None
        if process is None or self._listening is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _STOP_TIMEOUT_S)
        except asyncio.TimeoutError:
            process.kill()
            await process.wait()
        await self._listening

    async def configure(self, addresses: Iterable[str], mtu: int) -> None:
        """Give the device ``addresses`` (each with its prefix length) and bring it up.  Raises ``DeviceError``."""
        for address in addresses:
            await ip("address", "add", address, "dev", self.name)
        await ip("link", "set", "dev", self.name, "mtu", str(mtu), "up")

    def set(self, lines: Iterable[tuple[str, str]]) -> None:
        """Change the configuration, all or nothing of one peer.  Raises ``DeviceError``."""
        self._call([("set", "1"), *lines])

    def get(self) -> Lines:
        """The configuration and the counters, without secrets.  Raises ``DeviceError``."""
        return [line for line in self._call([("get", "1")]) if line[0] not in _SECRETS]

    def _answers(self) -> bool:
        try:
            self.get()
        except DeviceError:
            return False
        return True

    def _call(self, lines: Lines) -> Lines:
        message = "".join(f"{key}={value}\n" for key, value in lines) + "\n"
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(_CALL_TIMEOUT_S)
                connection.connect(str(self._socket))
                connection.sendall(message.encode("ascii"))
                answer = _read_message(connection)
        except OSError as error:
            raise DeviceError(f"the device {self.name} does not answer: {error}") from None
        *found, (key, value) = _parse(answer)
        if key != "errno" or value != "0":
            raise DeviceError(f"the device {self.name} refuses: {key} {value}")
        return found

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        """Keep the daemon's last words, and its pipe from filling up."""
        assert process.stderr is not None
        while words := await process.stderr.read(1 << 12):
            self._said.append(words)


def _end_with_parent() -> None:
    """In the daemon, before it begins: a node that is killed leaves no device behind."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _read_message(connection: socket.socket) -> bytes:
    answer = bytearray()
    while not answer.endswith(b"\n\n"):
        part = connection.recv(1 << 16)
        if not part or len(answer) > MAX_ANSWER:
            raise DeviceError(f"the answer of a device ends after {len(answer)} bytes, or does not")
        answer += part
    return bytes(answer)


def _parse(answer: bytes) -> Lines:
    """At least one line; raises ``DeviceError``."""
    lines = []
    for line in answer.decode("ascii", "replace").removesuffix("\n\n").split("\n"):
        key, equals, value = line.partition("=")
        if not equals:
            raise DeviceError("a line of the answer of a device is no key and value")
        lines.append((key, value))
    return lines


async def ip(*arguments: str) -> None:
    """Run ``ip``; raises ``DeviceError`` with what it says."""
    try:
        process = await asyncio.create_subprocess_exec(
            "ip", *arguments, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
        )
    except OSError as error:
        raise DeviceError(f"ip cannot be started: {error.strerror}") from None
    _, words = await process.communicate()
    if process.returncode != 0:
        raise DeviceError(f"ip {' '.join(arguments)}: {words.decode('utf-8', 'replace').strip()}")
