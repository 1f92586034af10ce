"""The claim from the shell, as the documentation has it: four commands, what each code means, memory, and no secret."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import EXAMPLE, run_in_process

from zkrelay.kernel import current

ENTRY = [sys.executable, "-c", "from zkrelay.cli import main; main()"]
MAX_PROVE_BYTES = 150 * 1000 * 1000

pytestmark = pytest.mark.skipif(current().name == "reference", reason="the reference kernel takes minutes")


def zkrelay(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*ENTRY, *arguments], cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """compile, setup, prove; verify says OK."""
    folder = tmp_path_factory.mktemp("claim")
    said = ""
    for command in (
        "compile claim -o claim.r1cs",
        "setup claim.r1cs -o claim.zkey",
        f"prove claim.zkey --input {EXAMPLE} proof.json public.json",
        "verify verification_key.json public.json proof.json",
    ):
        done = zkrelay(folder, *command.split())
        assert done.returncode == 0, done.stderr
        said += done.stdout + done.stderr
    assert done.stdout == "OK\n"
    return folder, said


@pytest.fixture
def claim(made, tmp_path):
    return shutil.copytree(made[0], tmp_path / "claim")


def test_one_digit_of_a_public_input_changed(claim, monkeypatch):
    monkeypatch.chdir(claim)
    values = json.loads((claim / "public.json").read_text())
    for index in range(7):
        changed = list(values)
        changed[index] = changed[index][:-1] + str((int(changed[index][-1]) + 1) % 10)
        (claim / "public.json").write_text(json.dumps(changed))
        done = run_in_process("verify", "verification_key.json", "public.json", "proof.json")
        assert (done.exit_code, done.stdout) == (1, ""), f"input {index}"


def test_truncated_proof(claim):
    proof = claim / "proof.json"
    proof.write_bytes(proof.read_bytes()[:400])
    done = zkrelay(claim, "verify", "verification_key.json", "public.json", "proof.json")
    assert (done.returncode, done.stdout) == (3, "") and "proof.json" in done.stderr


@pytest.mark.parametrize("beside", [True, False])
def test_peak_memory_of_proving(claim, beside):
    """With the witness program beside the key, and with the circuit compiled in the process."""
    if not beside:
        (claim / "claim.zkwp").unlink()
    command = [*ENTRY, "prove", "claim.zkey", "--input", str(EXAMPLE), "proof.json", "public.json"]
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stderr=subprocess.DEVNULL); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", code, *command], cwd=claim, capture_output=True, text=True, check=True)
    assert int(done.stdout) * 1024 < MAX_PROVE_BYTES


def test_witness_then_prove(claim):
    assert zkrelay(claim, "witness", "claim.zkwp", "--input", str(EXAMPLE), "-o", "claim.wtns").returncode == 0
    assert zkrelay(claim, "prove", "claim.zkey", "claim.wtns", "proof.json", "public.json").returncode == 0
    assert zkrelay(claim, "verify", "verification_key.json", "public.json", "proof.json").stdout == "OK\n"


def test_unsatisfied_claims_name_their_line_and_show_no_secret(claim, made, monkeypatch):
    monkeypatch.chdir(claim)
    inputs = json.loads(EXAMPLE.read_text())
    secrets = {name: inputs[name] for name in ("kn", "rho", "s", "blind")}
    said = made[1]
    for name in ("kn", "rho", "s", "blind", "bytes", "cap", "epoch", "aux", "meta", "root"):
        changed = {**inputs, name: str(int(inputs[name]) + 1)}
        (claim / "input.json").write_text(json.dumps(changed))
        secrets[f"{name}+1"] = changed[name]
        done = run_in_process("prove", "claim.zkey", "--input", "input.json", "proof.json", "public.json")
        said += done.text
        if name == "aux":  # the one input that stands for itself
            assert done.exit_code == 0
            continue
        assert done.exit_code == 3, name
        assert "is not satisfied (zkrelay.circuits." in done.stderr and "zkrelay.circuits.claim:" in done.stderr
        assert "left side" in done.stderr and "right side" in done.stderr and "signals" in done.stderr
    for name in ("kn", "rho", "s", "blind", "kn+1", "rho+1", "s+1", "blind+1"):
        assert secrets[name] not in said, name


def test_shapes_of_the_claim_are_checked(claim):
    inputs = json.loads(EXAMPLE.read_text())
    inputs["path"][3] = inputs["path"][3][:3]
    (claim / "input.json").write_text(json.dumps(inputs))
    done = zkrelay(claim, "prove", "claim.zkey", "--input", "input.json", "proof.json", "public.json")
    assert done.returncode == 3 and "input.json: input 'path[3]' must be a list of 4 elements" in done.stderr
