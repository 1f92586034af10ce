"""Keys: derivation, randomness, silence, and files that only their owner can read."""

from __future__ import annotations

import json
import logging
import os
import stat
from pathlib import Path

import pytest

from zkrelay.algebra import eddsa
from zkrelay.algebra.hash_to_field import hash_to_field
from zkrelay.curves import bn254
from zkrelay.errors import FormatError, InvalidKey, NonCanonicalNumber
from zkrelay.relay.identity import NodeIdentity, SessionKey

R = bn254.FR.modulus
VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "protocol" / "protocol-v1.json").read_text())
SECRET = 0x1234567890ABCDEF1234567890ABCDEF


def test_payee_of_the_vectors() -> None:
    assert str(NodeIdentity(hash_to_field("demo-node", 1)).payee) == VECTORS["payee"]


def test_sign_derives_its_own_key() -> None:
    """There is no way to pass A to sign: signing one message under two keys would give sk away."""
    key = SessionKey.from_seed(b"seed")
    eddsa.verify(key.public, 42, key.sign(42))
    with pytest.raises(TypeError):
        key.sign(42, (1, 2))  # type: ignore[call-arg]


def test_generated_keys_differ() -> None:
    assert len({SessionKey.generate().public for _ in range(4)}) == 4
    assert len({NodeIdentity.generate().payee for _ in range(4)}) == 4


@pytest.mark.parametrize("secret", [0, R, -1])
def test_node_secret_range(secret: int) -> None:
    with pytest.raises(NonCanonicalNumber):
        NodeIdentity(secret)


@pytest.mark.parametrize("secret", [0, eddsa.ORDER, -1])
def test_session_secret_range(secret: int) -> None:
    with pytest.raises(NonCanonicalNumber):
        SessionKey(secret)


@pytest.mark.parametrize("kind", [SessionKey, NodeIdentity])
def test_no_secret_in_text(kind: type[SessionKey | NodeIdentity]) -> None:
    key = kind(SECRET)
    shown = [repr(key), str(key), f"{key}", f"{key!r}", repr([key]), repr({"k": key})]
    shown.append(logging.makeLogRecord({"msg": "%s", "args": (key,)}).getMessage())
    for text in shown:
        assert str(SECRET) not in text
        assert f"{SECRET:x}" not in text.lower()
    assert not hasattr(key, "__dict__"), "vars() would show the secret"


@pytest.mark.parametrize("kind", [SessionKey, NodeIdentity])
class TestFiles:
    def test_round_trip_with_mode_0600(self, kind: type[SessionKey | NodeIdentity], tmp_path: Path) -> None:
        path = tmp_path / "key.json"
        old = os.umask(0)
        try:
            kind(SECRET).save(path)
        finally:
            os.umask(old)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert os.listdir(tmp_path) == ["key.json"]
        assert set(json.loads(path.read_text())) == {"type", "version", "secret"}
        assert repr(kind.load(path)) == repr(kind(SECRET))

    def test_existing_file_is_kept(self, kind: type[SessionKey | NodeIdentity], tmp_path: Path) -> None:
        path = tmp_path / "key.json"
        kind(SECRET).save(path)
        before = path.read_bytes()
        with pytest.raises(FileExistsError):
            kind(SECRET + 1).save(path)
        assert path.read_bytes() == before
        assert os.listdir(tmp_path) == ["key.json"]
        kind(SECRET + 1).save(path, overwrite=True)
        assert repr(kind.load(path)) == repr(kind(SECRET + 1))

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601])
    def test_file_open_to_others_is_refused(
        self, kind: type[SessionKey | NodeIdentity], mode: int, tmp_path: Path
    ) -> None:
        path = tmp_path / "key.json"
        kind(SECRET).save(path)
        path.chmod(mode)
        with pytest.raises(InvalidKey, match="by others"):
            kind.load(path)

    def test_type_of_another_key_is_refused(self, kind: type[SessionKey | NodeIdentity], tmp_path: Path) -> None:
        other = NodeIdentity if kind is SessionKey else SessionKey
        other(SECRET).save(tmp_path / "key.json")
        with pytest.raises(FormatError, match="type"):
            kind.load(tmp_path / "key.json")


def write(path: Path, data: object) -> Path:
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    path.chmod(0o600)
    return path


GOOD = {"type": "zkrelay-node-key", "version": 1, "secret": SECRET.to_bytes(32, "little").hex()}


@pytest.mark.parametrize(
    "data",
    [
        "",
        "{",
        "[]",
        "null",
        {**GOOD, "extra": 1},
        {"type": GOOD["type"], "secret": GOOD["secret"]},
        {**GOOD, "version": 2},
        {**GOOD, "version": True},
        {**GOOD, "version": "1"},
        {**GOOD, "secret": GOOD["secret"][:-2]},  # type: ignore[index]
        {**GOOD, "secret": "zz" + GOOD["secret"][2:]},  # type: ignore[index]
        {**GOOD, "secret": " " + GOOD["secret"][1:]},  # type: ignore[index]
        {**GOOD, "secret": 5},
        json.dumps(GOOD) + " " * 5000,
    ],
)
def test_malformed_file_is_refused_without_quoting_it(data: object, tmp_path: Path) -> None:
    with pytest.raises(FormatError) as caught:
        NodeIdentity.load(write(tmp_path / "key.json", data))
    error: BaseException | None = caught.value
    while error is not None:
        assert str(GOOD["secret"])[:16] not in str(error)
        error = error.__cause__ or error.__context__


def test_good_file_of_these_tests_loads(tmp_path: Path) -> None:
    assert NodeIdentity.load(write(tmp_path / "key.json", GOOD)).kn == SECRET


def test_secret_out_of_range_in_a_file(tmp_path: Path) -> None:
    with pytest.raises(NonCanonicalNumber):
        NodeIdentity.load(write(tmp_path / "key.json", {**GOOD, "secret": "ff" * 32}))


def test_folder_is_no_key(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="directory"):
        NodeIdentity.load(tmp_path)
