"""Keys of a real ceremony: hundreds of contributions, read and written back byte for byte.

They are in npm's ``@zk-kit/semaphore-artifacts`` (160 MB, MIT), too large to keep here: unpack it, and set
``ZKRELAY_SEMAPHORE_KEYS`` to the folder with ``semaphore-10.zkey`` and ``semaphore-10.json``.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zkrelay import formats

FOLDER = os.environ.get("ZKRELAY_SEMAPHORE_KEYS", "")
pytestmark = [pytest.mark.long, pytest.mark.skipif(not FOLDER, reason="ZKRELAY_SEMAPHORE_KEYS is not set")]

CONTRIBUTIONS = {1: 1288, 10: 419, 20: 386, 32: 320}


@pytest.mark.parametrize("depth", CONTRIBUTIONS)
def test_ceremony_key(depth: int, tmp_path: Path) -> None:
    path = Path(FOLDER) / f"semaphore-{depth}.zkey"
    key = formats.read_zkey(path)
    assert not key.verifying_key.development
    assert isinstance(key.owner, formats.Container)
    entries = formats.contributions_of(key.owner).entries
    assert len(entries) == CONTRIBUTIONS[depth]
    assert [entry.kind for entry in entries] == [0] * (len(entries) - 1) + [1]  # people, then one beacon
    formats.write_zkey(tmp_path / "again.zkey", key)
    assert (tmp_path / "again.zkey").read_bytes() == path.read_bytes()


def test_ceremony_verifying_key() -> None:
    key = formats.read_zkey(Path(FOLDER) / "semaphore-10.zkey").verifying_key
    assert formats.read_verifying_key(Path(FOLDER) / "semaphore-10.json") == key
