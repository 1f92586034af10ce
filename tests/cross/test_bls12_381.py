"""BLS12-381 from the shell at its real size: a circuit of 2^14 rows, judged by snarkjs, noble-curves and py_ecc.

At this size all of it is among the long tests; every day they judge 200 rows over this curve in files of their own, and
``cli/test_bls12_381.py`` has every command over a small circuit.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from zkrelay import formats
from zkrelay.algebra.poseidon import poseidon
from zkrelay.curves import bls12_381
from zkrelay.errors import FormatError, InvalidProof, MalformedInput
from zkrelay.groth16 import prove, rerandomize, verify
from zkrelay.groth16.second_opinion import verify_with_py_ecc

from ..groth16.small_circuits import prove_statement, random_satisfied
from .conftest import Node
from .snarkjs_process import Snarkjs
from .test_claim_from_the_shell import SNARKJS, zkrelay
from .test_snarkjs_files import run_snarkjs

FR = bls12_381.FR
STEPS, SEED = 64, 20261128
CHAIN = f'''
from zkrelay import Circuit, private, public
from zkrelay.circuits.poseidon import poseidon


class Chain(Circuit):
    """tip = h^{STEPS}(seed) with h(x) = Poseidon(x, seed)."""

    tip = public()
    seed = private()

    def define(self, cs):
        x = self.seed
        for _ in range({STEPS}):
            x = poseidon(cs, [x, self.seed])
        cs.assert_equal(x, self.tip)
'''


def tip() -> int:
    x = SEED
    for _ in range(STEPS):
        x = poseidon([x, SEED], FR)
    return x


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """compile, setup, witness, prove, verify: the README's commands and ``--field bls12_381``, without an audit."""
    folder = tmp_path_factory.mktemp("chain")
    (folder / "chain.py").write_text(CHAIN)
    (folder / "input.json").write_text(json.dumps({"tip": str(tip()), "seed": SEED}))
    for command in (
        ("compile", "chain.py:Chain", "--field", "bls12_381", "--no-audit"),
        ("setup", "chain.r1cs"),
        ("witness", "chain.zkwp", "--input", "input.json"),
        ("prove", "chain.zkey", "--input", "input.json", "proof.json", "public.json"),
        ("verify", "verification_key.json", "public.json", "proof.json"),
    ):
        done = zkrelay(folder, *command)
        assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "OK"
    public = json.loads((folder / "public.json").read_text())
    assert public == [str(tip())]
    (folder / "tampered.json").write_text(json.dumps([str((tip() + 1) % FR.modulus)]))
    return folder


@pytest.mark.long
def test_it_has_the_size_that_it_claims(folder: Path) -> None:
    facts = json.loads(zkrelay(folder, "info", "chain.zkey", "--json").stdout)
    assert (facts["curve"], facts["field"], facts["domain_size"]) == ("bls12_381", "bls12_381_fr", 1 << 14)
    rows = json.loads(zkrelay(folder, "info", "chain.r1cs", "--json").stdout)["num_constraints"]
    assert 1 << 13 < rows <= 1 << 14


@pytest.mark.long
def test_snarkjs_verifies(node: Node, folder: Path) -> None:
    key, proof = folder / "verification_key.json", folder / "proof.json"
    assert "OK!" in run_snarkjs(node, "groth16", "verify", key, folder / "public.json", proof)
    bad = node(SNARKJS, "groth16", "verify", key, folder / "tampered.json", proof)
    assert (bad.returncode, "Invalid proof" in bad.stdout) == (1, True)


@pytest.mark.long
def test_noble_verifies(node: Node, folder: Path) -> None:
    key, proof = folder / "verification_key.json", folder / "proof.json"
    good = node("cross/noble_verify.mjs", key, folder / "public.json", proof)
    bad = node("cross/noble_verify.mjs", key, folder / "tampered.json", proof)
    assert (good.returncode, bad.returncode) == (0, 1), good.stderr + bad.stderr


@pytest.mark.long
def test_py_ecc_verifies(folder: Path) -> None:
    key, proof = formats.read_verifying_key(folder / "verification_key.json"), formats.read_proof(folder / "proof.json")
    assert key.curve == proof.curve == "bls12_381"
    verify_with_py_ecc(key, formats.read_public(folder / "public.json", key.curve), proof)
    with pytest.raises(InvalidProof):
        verify_with_py_ecc(key, formats.read_public(folder / "tampered.json", key.curve), proof)


@pytest.mark.long
def test_we_refuse_the_tampered_one(folder: Path) -> None:
    done = zkrelay(folder, "verify", "verification_key.json", "tampered.json", "proof.json")
    assert (done.returncode, "INVALID" in done.stderr) == (1, True)


@pytest.mark.long
def test_snarkjs_proves_with_our_key_and_witness(node: Node, folder: Path) -> None:
    """At this size it takes snarkjs a while; ``test_snarkjs.py`` has it prove 200 rows over both curves."""
    assert "WITNESS IS CORRECT" in run_snarkjs(node, "wtns", "check", folder / "chain.r1cs", folder / "chain.wtns")
    run_snarkjs(
        node, "groth16", "prove", folder / "chain.zkey", folder / "chain.wtns", folder / "t.json", folder / "tp.json"
    )
    done = zkrelay(folder, "verify", "verification_key.json", "tp.json", "t.json")
    assert (done.returncode, done.stdout.strip()) == (0, "OK"), done.stderr
    assert formats.read_public(folder / "tp.json", "bls12_381") == [tip()]


@pytest.mark.long
def test_snarkjs_exports_the_same_verifying_key(node: Node, folder: Path) -> None:
    run_snarkjs(node, "zkey", "export", "verificationkey", folder / "chain.zkey", folder / "theirs.json")
    ours = json.loads((folder / "verification_key.json").read_text())
    assert ours.pop("development") is True
    assert json.loads((folder / "theirs.json").read_text()) == ours


@pytest.mark.long
def test_a_proof_from_the_witness_file(folder: Path) -> None:
    done = zkrelay(folder, "prove", "chain.zkey", "chain.wtns", "p2.json", "public2.json")
    assert done.returncode == 0, done.stderr
    assert (folder / "public2.json").read_bytes() == (folder / "public.json").read_bytes()
    done = zkrelay(folder, "verify", "verification_key.json", "public2.json", "p2.json")
    assert (done.returncode, done.stdout.strip()) == (0, "OK"), done.stderr


def test_a_key_and_a_ceremony_made_by_snarkjs(node: Node, snarkjs: Snarkjs, tmp_path: Path) -> None:
    """powersoftau, phase 2 with a contribution, proving and verifying there; proving and verifying here."""
    r1cs, z = random_satisfied(random.Random("ceremony"), 9, 2, 6, field=FR)
    statement = prove_statement(r1cs, z)
    paths = {
        name: tmp_path / name
        for name in (
            "c.r1cs",
            "0.ptau",
            "1.ptau",
            "2.ptau",
            "0.zkey",
            "1.zkey",
            "vk.json",
            "z.wtns",
            "p.json",
            "x.json",
        )
    }
    formats.write_r1cs(paths["c.r1cs"], r1cs)
    formats.write_wtns(paths["z.wtns"], FR, statement.assignment)
    snarkjs.step("powersOfTau", "newAccumulator", "bls12_381", 4, paths["0.ptau"])
    snarkjs.step("powersOfTau", "contribute", paths["0.ptau"], paths["1.ptau"], "one", "entropy")
    snarkjs.step("powersOfTau", "preparePhase2", paths["1.ptau"], paths["2.ptau"])
    snarkjs.step("zKey", "newZKey", paths["c.r1cs"], paths["2.ptau"], paths["0.zkey"])
    snarkjs.step("zKey", "contribute", paths["0.zkey"], paths["1.zkey"], "Ada L.", "entropy")
    run_snarkjs(node, "zkey", "export", "verificationkey", paths["1.zkey"], paths["vk.json"])
    with pytest.raises(MalformedInput, match=r"gamma equals delta|phase 2"):
        formats.read_zkey(paths["0.zkey"])
    key = formats.read_zkey(paths["1.zkey"], check_points=True)
    assert (key.curve, key.verifying_key.development, key.log_domain) == ("bls12_381", False, 4)
    assert isinstance(key.owner, formats.Container)
    (entry,) = formats.contributions_of(key.owner).entries
    assert (entry.name, entry.delta_after_g1) == ("Ada L.", bytes(key.delta_g1))
    assert formats.coefficients_digest(key) == formats.coefficients_digest(statement.pk)
    exported = formats.read_verifying_key(paths["vk.json"])
    assert exported == key.verifying_key
    assert formats.verifying_key_to_json(exported).encode() == paths["vk.json"].read_bytes()

    proof = rerandomize(exported, prove(key, statement.assignment))
    verify(exported, statement.public, proof)
    formats.write_proof(paths["p.json"], proof)
    formats.write_public(paths["x.json"], statement.public, key.curve)
    assert snarkjs.accepts_proof(paths["vk.json"], paths["x.json"], paths["p.json"])

    run_snarkjs(node, "groth16", "prove", paths["1.zkey"], paths["z.wtns"], paths["p.json"], paths["x.json"])
    theirs = formats.read_proof(paths["p.json"])
    assert formats.proof_to_json(theirs).encode() == paths["p.json"].read_bytes()
    verify(exported, formats.read_public(paths["x.json"], key.curve), theirs)


@pytest.mark.long
def test_files_of_the_two_curves_do_not_mix(folder: Path, tmp_path: Path) -> None:
    bn254 = prove_statement(*random_satisfied(random.Random("mixed"), 5, 1, 4))
    formats.write_verifying_key(tmp_path / "vk.json", bn254.vk)
    formats.write_proof(tmp_path / "proof.json", bn254.proof)
    for key, proof in (
        (tmp_path / "vk.json", folder / "proof.json"),
        (folder / "verification_key.json", tmp_path / "proof.json"),
    ):
        done = zkrelay(folder, "verify", str(key), "public.json", str(proof))
        assert (done.returncode, "the proof is over" in done.stderr) == (3, True), done.stderr
    large = tmp_path / "large.json"
    formats.write_public(large, [FR.modulus - 1], "bls12_381")
    with pytest.raises(FormatError, match="not below the modulus of bn254_fr"):
        formats.read_public(large)
