"""Every command over BLS12-381: the curve comes from the files, and files of two curves do not mix."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from command_line import LIMIT, SALT, USAGE, must, verify_arguments

from zkrelay.algebra.poseidon import poseidon
from zkrelay.curves import bls12_381


@pytest.fixture(scope="module")
def bls_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bls12_381")
    commitment = poseidon([USAGE, SALT], bls12_381.FR)
    inputs = {"commitment": str(commitment), "limit": LIMIT, "usage": str(USAGE), "salt": str(SALT)}
    (folder / "input.json").write_text(json.dumps(inputs))
    must("compile", "usage_limit", "--field", "bls12_381", "-o", folder / "u.r1cs")
    must("setup", folder / "u.r1cs")
    must("witness", folder / "u.zkwp", "--input", folder / "input.json")
    must("prove", folder / "u.zkey", folder / "u.wtns", folder / "proof.json", folder / "public.json")
    return folder


@pytest.fixture
def bls(bls_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(bls_once, tmp_path / "bls"))


def test_verify_and_verify_many(cli, bls):
    assert cli(*verify_arguments(bls)).stdout.strip() == "OK"
    for name in ("proof", "public"):
        shutil.copy(bls / f"{name}.json", bls / f"b.{name}.json")
    facts = cli("verify-many", bls / "verification_key.json", bls, "--json").json()
    assert (facts["valid"], facts["num_proofs"]) == (True, 2)
    public = json.loads((bls / "public.json").read_text())
    (bls / "b.public.json").write_text(json.dumps([public[0], str(int(public[1]) + 1)]))
    outcome = cli("verify-many", bls / "verification_key.json", bls)
    assert outcome.exit_code == 1 and outcome.stdout.startswith(f"INVALID {bls / 'b.proof.json'}")


def test_prove_from_inputs(cli, bls):
    outcome = cli("prove", bls / "u.zkey", "--input", bls / "input.json", bls / "proof.json", bls / "public.json")
    assert outcome.exit_code == 0, outcome.text
    assert cli(*verify_arguments(bls)).exit_code == 0
    assert cli(*verify_arguments(bls), "--with", "py_ecc").exit_code == 0
    (bls / "input.json").write_text(json.dumps({"commitment": 1, "limit": LIMIT, "usage": USAGE, "salt": SALT}))
    outcome = cli("prove", bls / "u.zkey", "--input", bls / "input.json", bls / "proof.json", bls / "public.json")
    assert outcome.exit_code == 3 and "is not satisfied" in outcome.stderr


def test_info(cli, bls):
    for name, facts in {
        "u.r1cs": {"field": "bls12_381_fr"},
        "u.wtns": {"field": "bls12_381_fr"},
        "u.zkwp": {"field": "bls12_381_fr"},
        "u.zkey": {"field": "bls12_381_fr", "curve": "bls12_381"},
        "proof.json": {"curve": "bls12_381"},
        "verification_key.json": {"curve": "bls12_381"},
    }.items():
        found = cli("info", bls / name, "--json").json()
        assert {key: found[key] for key in facts} == facts
    (bls / "public.json").write_text(json.dumps([str(bls12_381.FR.modulus - 1)]))
    assert cli("info", bls / "public.json").exit_code == 0
    (bls / "public.json").write_text(json.dumps([str(bls12_381.FR.modulus)]))
    assert cli("info", bls / "public.json").exit_code == 3


def test_bench(cli, bls):
    runs = ("--runs", "1", "--threads", "1", "--json")
    assert cli("bench", "prove", bls / "u.zkey", bls / "u.wtns", *runs).json()["num_wires"] > 400
    assert cli("bench", *verify_arguments(bls), "--runs", "1", "--json").json()["num_public"] == 2
    for arguments in (("msm", "--group", "g1"), ("msm", "--group", "g2"), ("ntt",)):
        facts = cli("bench", *arguments, "--curve", "bls12_381", "--log-size", "3", *runs).json()
        assert facts["curve"] == "bls12_381"
    assert cli("bench", "ntt", "--curve", "bls12_377", "--log-size", "3").exit_code == 2


def test_a_proof_or_a_key_of_the_other_curve(cli, bls, files):
    for key, proof, words in (
        (files, bls, "proof.json: the proof is over bls12_381, the key over bn254"),
        (bls, files, "proof.json: the proof is over bn254, the key over bls12_381"),
    ):
        arguments = [key / "verification_key.json", proof / "public.json", proof / "proof.json"]
        outcome = cli("verify", *arguments)
        assert outcome.exit_code == 3 and words in outcome.stderr and outcome.stdout == ""
        outcome = cli("bench", "verify", *arguments)
        assert outcome.exit_code == 3
        outcome = cli("verify-many", key / "verification_key.json", proof)
        assert outcome.exit_code == 3 and outcome.stdout.startswith("MALFORMED") and words in outcome.stdout


def test_public_inputs_of_the_other_curve(cli, bls, files):
    """Too large for BN254, it is malformed; small enough, it is another statement and false."""
    (files / "public.json").write_text(json.dumps([str(bls12_381.FR.modulus - 1), str(LIMIT)]))
    outcome = cli(*verify_arguments(files))
    assert outcome.exit_code == 3 and "[0]: not below the modulus of bn254_fr" in outcome.stderr
    (bls / "public.json").write_text(json.dumps([str(poseidon([USAGE, SALT])), str(LIMIT)]))
    assert cli(*verify_arguments(bls)).exit_code == 1


def test_a_witness_or_a_program_of_the_other_curve(cli, bls, files):
    outputs = [bls / "proof.json", bls / "public.json"]
    before = outputs[0].read_bytes()
    outcome = cli("prove", bls / "u.zkey", files / "u.wtns", *outputs)
    assert outcome.exit_code == 3
    assert "u.wtns: the witness is over bn254_fr, the key over bls12_381_fr" in outcome.stderr
    outcome = cli("prove", bls / "u.zkey", "--program", files / "u.zkwp", "--input", files / "input.json", *outputs)
    assert outcome.exit_code == 3 and "is over bn254_fr" in outcome.stderr
    outcome = cli("bench", "prove", files / "u.zkey", bls / "u.wtns")
    assert outcome.exit_code == 3 and "the witness is over bls12_381_fr" in outcome.stderr
    assert outputs[0].read_bytes() == before
