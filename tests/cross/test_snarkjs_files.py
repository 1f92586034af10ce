"""snarkjs reads the files we write and we read those it writes: systems, witnesses, keys with contributions, JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from zkrelay import formats
from zkrelay.algebra.encoding import unpack_field
from zkrelay.curves import bn254
from zkrelay.groth16 import prove, verify

from ..formats.samples import interop, rows_of, unpack_container
from ..groth16.small_circuits import Statement
from .conftest import Files, Node
from .snarkjs_process import Snarkjs

SNARKJS = "node_modules/snarkjs/build/cli.cjs"


def run_snarkjs(node: Node, *arguments: str | Path) -> str:
    done = node(SNARKJS, *arguments)
    assert done.returncode == 0, done
    return str(done.stdout)


@pytest.fixture
def claim(tmp_path: Path) -> Path:
    """circom's claim, read and written again by us."""
    (tmp_path / "in.zkey").write_bytes(interop("claim.zkey"))
    formats.write_zkey(tmp_path / "claim.zkey", formats.read_zkey(tmp_path / "in.zkey"))
    formats.write_r1cs(tmp_path / "claim.r1cs", formats.read_r1cs_file(interop("claim.r1cs.gz")))
    wtns = formats.read_wtns(interop("claim.wtns"))
    formats.write_wtns(tmp_path / "claim.wtns", wtns.field, wtns.assignment)
    return tmp_path


def test_r1cs_info(node: Node, claim: Path) -> None:
    report = run_snarkjs(node, "r1cs", "info", claim / "claim.r1cs")
    counts = (line.split("# of ")[1].split(":") for line in report.splitlines() if "# of" in line)
    found = {name: int(number) for name, number in counts}
    assert found == {
        "Wires": 10322,
        "Constraints": 10296,
        "Private Inputs": 48,
        "Public Inputs": 5,
        "Labels": 40820,
        "Outputs": 2,
    }


def test_r1cs_rows(node: Node, files: Files, proved: Statement) -> None:
    """Every coefficient, read by snarkjs."""
    out = files.folder / "r1cs.json"
    run_snarkjs(node, "r1cs", "export", "json", files.r1cs, out)
    theirs = [
        tuple(sorted((int(wire), int(value)) for wire, value in side.items()) for side in row)
        for row in json.loads(out.read_text())["constraints"]
    ]
    assert theirs == rows_of(formats.read_r1cs(files.r1cs))
    assert theirs == rows_of(proved.r1cs)


def test_wtns_values(node: Node, files: Files, proved: Statement) -> None:
    out = files.folder / "wtns.json"
    run_snarkjs(node, "wtns", "export", "json", files.wtns, out)
    assert [int(value) for value in json.loads(out.read_text())] == proved.z


def test_a_circom_witness_satisfies_the_rewritten_system(node: Node, claim: Path) -> None:
    assert "WITNESS IS CORRECT" in run_snarkjs(node, "wtns", "check", claim / "claim.r1cs", claim / "claim.wtns")


def test_a_rewritten_key_exports_and_proves(node: Node, claim: Path) -> None:
    """And snarkjs's JSON files come back from us byte for byte."""
    key, proof, public = claim / "vk.json", claim / "proof.json", claim / "public.json"
    run_snarkjs(node, "zkey", "export", "verificationkey", claim / "claim.zkey", key)
    assert key.read_bytes() == interop("claim.vkey.json")
    run_snarkjs(node, "groth16", "prove", claim / "claim.zkey", claim / "claim.wtns", proof, public)
    read = formats.read_proof(proof)
    assert formats.proof_to_json(read).encode() == proof.read_bytes()
    inputs = formats.read_public(public)
    assert formats.public_to_json(inputs).encode() == public.read_bytes()
    assert inputs == unpack_field(bn254.FR, formats.read_wtns(claim / "claim.wtns").assignment)[1:8]
    verify(formats.read_verifying_key(key), inputs, read)


def test_contributions_made_by_snarkjs(snarkjs: Snarkjs, files: Files, proved: Statement) -> None:
    """A person, then a beacon: both are read, the key stays usable, and section 10 is written back as it was."""
    first, second = files.folder / "first.zkey", files.folder / "second.zkey"
    snarkjs.step("zKey", "contribute", files.zkey, first, "Ada L.", "some entropy")
    snarkjs.step("zKey", "beacon", first, second, "public beacon", "0102030405060708", 10)
    key = formats.read_zkey(second, check_points=True, threads=2)
    assert not key.verifying_key.development
    assert isinstance(key.owner, formats.Container)
    entries = formats.contributions_of(key.owner).entries
    assert [(e.kind, e.name, e.iterations_log2, e.beacon_hash) for e in entries] == [
        (0, "Ada L.", None, b""),
        (1, "public beacon", 10, bytes(range(1, 9))),
    ]
    assert entries[1].delta_after_g1 == bytes(key.delta_g1) != bytes(proved.pk.delta_g1)
    assert formats.coefficients_digest(key) == formats.coefficients_digest(proved.pk)
    again = files.folder / "again.zkey"
    formats.write_zkey(again, key)
    assert dict(unpack_container(again.read_bytes())) == dict(unpack_container(second.read_bytes()))
    verify(key.verifying_key, proved.public, prove(key, proved.assignment))
