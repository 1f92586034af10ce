"""gnark reads and verifies what we encode for it, and we what it encodes; over both curves.

Its peer is taken as ``make bench-peers`` has left it: building one here would fetch Go modules.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from house.peers import BUILD
from house.protocol import Peer, PeerError

from zkrelay import formats
from zkrelay.groth16 import verify

from ..groth16.small_circuits import Statement

pytestmark = pytest.mark.long  # not for its time: where nothing may be skipped there need be no Go
PROGRAM = BUILD / "gnark" / "peer"
TIMEOUT_S = 60


@pytest.fixture(scope="module")
def gnark() -> Iterator[Peer]:
    if not PROGRAM.exists():
        pytest.skip("the gnark peer is not built: run make bench-peers where there is Go")
    with Peer([str(PROGRAM)], threads=1) as peer:
        if not {"encode", "decode"} <= set(peer.hello.works):
            pytest.skip("the gnark peer was built from older sources: run make bench-peers again")
        yield peer


def accepts(gnark: Peer, folder: Path, curve: str, public: list[int]) -> bool:
    """gnark's verdict on vk and proof in ``folder``, which it must be able to read."""
    files = {name: str(folder / name) for name in ("vk", "proof")}
    gnark.prepare("decode", {"curve": curve, "public": [str(value) for value in public], **files}, timeout_s=TIMEOUT_S)
    try:
        gnark.check(timeout_s=TIMEOUT_S)
    except PeerError as error:
        if "pairing" not in str(error):
            raise
        return False
    return True


@pytest.mark.parametrize("with_g1", [True, False])
def test_gnark_verifies_ours(gnark: Peer, proved: Statement, tmp_path: Path, with_g1: bool) -> None:
    extra = {"beta_g1": proved.pk.beta_g1, "delta_g1": proved.pk.delta_g1} if with_g1 else {}
    (tmp_path / "vk").write_bytes(formats.verifying_key_to_gnark(proved.vk, **extra))
    (tmp_path / "proof").write_bytes(formats.proof_to_gnark(proved.proof))
    assert accepts(gnark, tmp_path, proved.pk.curve, proved.public)
    assert not accepts(gnark, tmp_path, proved.pk.curve, [*proved.public[:-1], proved.public[-1] ^ 1])


def test_gnark_refuses_a_spoiled_one(gnark: Peer, proved: Statement, tmp_path: Path) -> None:
    proof = bytearray(formats.proof_to_gnark(proved.proof))
    proof[0] ^= 0x20 if proved.pk.curve == "bls12_381" else 0x40  # the sign of A's y
    (tmp_path / "vk").write_bytes(formats.verifying_key_to_gnark(proved.vk))
    (tmp_path / "proof").write_bytes(proof)
    assert not accepts(gnark, tmp_path, proved.pk.curve, proved.public)


@pytest.mark.parametrize("curve", ["bn254", "bls12_381"])
def test_we_verify_gnark(gnark: Peer, tmp_path: Path, curve: str) -> None:
    vk, proof = tmp_path / "vk", tmp_path / "proof"
    gnark.prepare("encode", {"curve": curve, "vk_out": str(vk), "proof_out": str(proof)}, timeout_s=TIMEOUT_S)
    gnark.run(1, timeout_s=TIMEOUT_S)
    key = formats.read_gnark_verifying_key(vk, curve)
    verify(key, [35, 9], formats.read_gnark_proof(proof, curve))
    assert formats.proof_to_gnark(formats.read_gnark_proof(proof, curve)) == proof.read_bytes()
