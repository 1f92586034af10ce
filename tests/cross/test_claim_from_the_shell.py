"""The claim as users make it, by four commands, judged by snarkjs, noble-curves and py_ecc."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from zkrelay import formats
from zkrelay.errors import InvalidProof
from zkrelay.groth16.second_opinion import verify_with_py_ecc

from .conftest import TESTS, Node
from .snarkjs_process import Snarkjs

SNARKJS = "node_modules/snarkjs/build/cli.cjs"
CLAIM_INPUT = TESTS.parent / "examples" / "claim.json"
ROWS, WIRES, PUBLIC = 8149, 8158, 7


def zkrelay(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The installed command in ``folder``."""
    command = [str(Path(sys.executable).with_name("zkrelay")), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """compile, setup, prove, verify, exactly as the README has them."""
    folder = tmp_path_factory.mktemp("claim")
    for command in (
        ("compile", "claim", "-o", "claim.r1cs"),
        ("setup", "claim.r1cs", "-o", "claim.zkey"),
        ("prove", "claim.zkey", "--input", str(CLAIM_INPUT), "proof.json", "public.json"),
        ("verify", "verification_key.json", "public.json", "proof.json"),
    ):
        done = zkrelay(folder, *command)
        assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "OK"
    return folder


@pytest.fixture(scope="module")
def tampered(folder: Path) -> Path:
    """The same claim with one digit of the nullifier changed."""
    public_inputs = json.loads((folder / "public.json").read_text())
    digit = public_inputs[4][-1]
    public_inputs[4] = public_inputs[4][:-1] + ("1" if digit != "1" else "2")
    (folder / "tampered.json").write_text(json.dumps(public_inputs))
    return folder / "tampered.json"


def test_snarkjs_verifies(node: Node, snarkjs: Snarkjs, folder: Path, tampered: Path) -> None:
    key, proof = folder / "verification_key.json", folder / "proof.json"
    good = node(SNARKJS, "groth16", "verify", key, folder / "public.json", proof)
    assert good.returncode == 0
    assert "OK" in good.stdout
    assert not snarkjs.accepts_proof(key, tampered, proof)


def test_snarkjs_r1cs_info(node: Node, folder: Path) -> None:
    report = node(SNARKJS, "r1cs", "info", folder / "claim.r1cs").stdout
    for line in (
        f"# of Constraints: {ROWS}",
        f"# of Wires: {WIRES}",
        f"# of Public Inputs: {PUBLIC}",
        "# of Outputs: 0",
    ):
        assert line in report
    info = json.loads(zkrelay(folder, "info", "claim.r1cs", "--json").stdout)
    assert (info["num_constraints"], info["num_wires"], info["num_public"]) == (ROWS, WIRES, PUBLIC)


@pytest.mark.long
def test_snarkjs_proves_with_our_key_and_witness(node: Node, folder: Path) -> None:
    """At this size it takes snarkjs a while; ``test_snarkjs.py`` has it prove 200 rows over both curves."""
    done = zkrelay(folder, "witness", "claim.zkwp", "--input", str(CLAIM_INPUT), "-o", "claim.wtns")
    assert done.returncode == 0, done.stderr
    check = node(SNARKJS, "wtns", "check", folder / "claim.r1cs", folder / "claim.wtns")
    assert "WITNESS IS CORRECT" in check.stdout
    theirs, their_public = folder / "theirs.json", folder / "theirs.public.json"
    assert (
        node(SNARKJS, "groth16", "prove", folder / "claim.zkey", folder / "claim.wtns", theirs, their_public).returncode
        == 0
    )
    done = zkrelay(folder, "verify", "verification_key.json", their_public.name, theirs.name)
    assert (done.returncode, done.stdout.strip()) == (0, "OK")


def test_noble_verifies(node: Node, folder: Path, tampered: Path) -> None:
    key, proof = folder / "verification_key.json", folder / "proof.json"
    good = node("cross/noble_verify.mjs", key, folder / "public.json", proof)
    bad = node("cross/noble_verify.mjs", key, tampered, proof)
    assert (good.returncode, bad.returncode) == (0, 1), good.stderr + bad.stderr


def test_py_ecc_verifies(folder: Path, tampered: Path) -> None:
    key = formats.read_verifying_key(folder / "verification_key.json")
    proof = formats.read_proof(folder / "proof.json")
    verify_with_py_ecc(key, formats.read_public(folder / "public.json"), proof)
    with pytest.raises(InvalidProof):
        verify_with_py_ecc(key, formats.read_public(tampered), proof)


def test_exit_codes_of_a_changed_digit_and_a_truncated_proof(folder: Path, tampered: Path) -> None:
    assert zkrelay(folder, "verify", "verification_key.json", tampered.name, "proof.json").returncode == 1
    whole = (folder / "proof.json").read_bytes()
    (folder / "truncated.json").write_bytes(whole[: len(whole) // 2])
    done = zkrelay(folder, "verify", "verification_key.json", "public.json", "truncated.json")
    assert done.returncode == 3
    assert "truncated.json" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_key_finds_its_program_without_a_file_beside_it(folder: Path, tmp_path: Path) -> None:
    """A standard circuit is known by the SHA-256 of its key's coefficients."""
    shutil.copy(folder / "claim.zkey", tmp_path / "renamed.zkey")
    done = zkrelay(tmp_path, "prove", "renamed.zkey", "--input", str(CLAIM_INPUT), "proof.json", "public.json")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "public.json").read_bytes() == (folder / "public.json").read_bytes()
