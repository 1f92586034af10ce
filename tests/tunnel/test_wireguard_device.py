"""The socket of a device against daemons that break its protocol; no root is needed."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from tunnel import wireguard_device
from tunnel.errors import DeviceError
from tunnel.noise_ik import public_bytes
from tunnel.wireguard import WireGuardTransport
from tunnel.wireguard_device import WireGuardDevice
from tunnel_world import run

KEY = public_bytes(X25519PrivateKey.generate())
NETWORK = ipaddress.ip_network("10.99.0.0/24")


@contextmanager
def daemon(folder: Path, *answers: bytes) -> Iterator[list[bytes]]:
    """A socket that gives ``answers``, one a call; yields what it was asked."""
    asked: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "wg0.sock"))
        listening.listen()

        def serve() -> None:
            for answer in answers:
                connection, _ = listening.accept()
                with connection:
                    asked.append(connection.recv(1 << 16))
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield asked
        finally:
            thread.join()


def device(folder: Path) -> WireGuardDevice:
    return WireGuardDevice("wg0", run_folder=folder)


def transport(folder: Path) -> WireGuardTransport:
    return WireGuardTransport(X25519PrivateKey.generate(), device(folder), networks=[NETWORK])


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"errno=0",
        b"errno=0\n",
        b"\n\n",
        b"errno\n\n",
        b"errno=22\n\n",
        b"errno=-22\n\n",
        b"listen_port=1\n\n",
        b"errno=0\nlisten_port=1\n\n",
        b"\xff=0\n\n",
    ],
)
def test_answers_that_are_none_are_refused(answer: bytes, tmp_path: Path) -> None:
    with daemon(tmp_path, answer), pytest.raises(DeviceError):
        device(tmp_path).get()


def test_an_answer_without_end_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wireguard_device, "MAX_ANSWER", 1000)
    with daemon(tmp_path, b"a=b\n" * 10000), pytest.raises(DeviceError):
        device(tmp_path).get()


def test_a_daemon_that_does_not_answer_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wireguard_device, "_CALL_TIMEOUT_S", 0.1)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "wg0.sock"))
        listening.listen()
        with pytest.raises(DeviceError):
            device(tmp_path).get()
    with pytest.raises(DeviceError):
        device(tmp_path).get()  # nobody listens


def test_secrets_are_left_where_they_are(tmp_path: Path) -> None:
    answer = b"private_key=aa\nlisten_port=7\npublic_key=bb\npreshared_key=cc\nerrno=0\n\n"
    with daemon(tmp_path, answer) as asked:
        assert device(tmp_path).get() == [("listen_port", "7"), ("public_key", "bb")]
    assert asked == [b"get=1\n\n"]


NUMBERS = b"last_handshake_time_sec=0\ntx_bytes=5\nrx_bytes=7\n"


def test_numbers_are_those_of_the_peer(tmp_path: Path) -> None:
    other = b"public_key=" + b"00" * 32 + b"\nlast_handshake_time_sec=1\ntx_bytes=1\nrx_bytes=1\n"
    peer = b"public_key=" + KEY.hex().encode() + b"\n" + NUMBERS
    with daemon(tmp_path, b"errno=0\n\n", b"listen_port=1\n" + other + peer + other + b"errno=0\n\n") as asked:
        it = transport(tmp_path)
        it.add_peer(KEY)
        statistics = it.peer_statistics(KEY)
    assert (statistics.received, statistics.sent, statistics.num_connections) == (7, 5, 0)
    wanted = f"set=1\npublic_key={KEY.hex()}\nreplace_allowed_ips=true\nallowed_ip=10.99.0.2/32\n\n"
    assert asked[0] == wanted.encode()


@pytest.mark.parametrize(
    "numbers", [b"", NUMBERS.replace(b"5", b"-5"), NUMBERS.replace(b"7", b"seven"), NUMBERS.replace(b"rx", b"xx")]
)
def test_numbers_that_are_none_are_refused(numbers: bytes, tmp_path: Path) -> None:
    peer = b"public_key=" + KEY.hex().encode() + b"\n" + numbers
    with daemon(tmp_path, b"errno=0\n\n", peer + b"errno=0\n\n"):
        it = transport(tmp_path)
        it.add_peer(KEY)
        with pytest.raises(DeviceError):
            it.peer_statistics(KEY)


def test_a_peer_that_the_device_refuses_is_not_there(tmp_path: Path) -> None:
    with daemon(tmp_path, b"errno=22\n\n", b"errno=0\n\n", b"errno=0\n\n") as asked:
        it = transport(tmp_path)
        with pytest.raises(DeviceError):
            it.add_peer(KEY)
        it.add_peer(KEY)  # not there yet, that is
    assert asked[1] == f"set=1\npublic_key={KEY.hex()}\nremove=true\n\n".encode()  # no half of it stays behind


def test_a_device_that_is_there_is_left_alone(tmp_path: Path) -> None:
    with daemon(tmp_path, b"listen_port=1\nerrno=0\n\n") as asked, pytest.raises(DeviceError, match="already"):
        asyncio.run(device(tmp_path).start())
    assert asked == [b"get=1\n\n"]


@pytest.mark.parametrize("name", ["", "a" * 16, "wg 0", "../wg0", "wg0\n", "-f", ".", "wg/0"])
def test_names_of_no_device(name: str) -> None:
    with pytest.raises(DeviceError):
        WireGuardDevice(name)


@pytest.mark.parametrize("networks", [[], ["10.0.0.0/32"], ["10.0.0.0/24", "fd00::/127"], ["10.0.0.0/31"]])
def test_networks_without_room(networks: list[str], tmp_path: Path) -> None:
    with pytest.raises(DeviceError):
        WireGuardTransport(
            X25519PrivateKey.generate(), device(tmp_path), networks=[ipaddress.ip_network(n) for n in networks]
        )


@pytest.mark.parametrize("program", ["/nonexistent/wireguard-go", "false"])
def test_a_daemon_that_does_not_start_is_reported(program: str, tmp_path: Path) -> None:
    async def test() -> None:
        with pytest.raises(DeviceError):
            await WireGuardDevice("wg0", program=program, run_folder=tmp_path).start()
        assert len(asyncio.all_tasks()) <= 2  # ours, and the time limit's

    run(test())
