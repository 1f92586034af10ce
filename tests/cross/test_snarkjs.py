"""snarkjs judges our files, and proves with our key: keys, witnesses and proofs are interchangeable both ways."""

from __future__ import annotations

import json

import pytest

from zkrelay import formats
from zkrelay.errors import InvalidProof
from zkrelay.groth16 import rerandomize, verify

from ..groth16.small_circuits import Statement
from .conftest import Files, Node
from .snarkjs_process import Snarkjs

SNARKJS = "node_modules/snarkjs/build/cli.cjs"


def accepts(snarkjs: Snarkjs, files: Files) -> bool:
    return snarkjs.accepts_proof(files.key, files.public, files.proof)


def test_our_proof_is_accepted(node: Node, snarkjs: Snarkjs, files: Files) -> None:
    """By the command, and by the library in the process that decides below."""
    done = node(SNARKJS, "groth16", "verify", files.key, files.public, files.proof)
    assert (done.returncode, "OK!" in done.stdout) == (0, True), done
    assert accepts(snarkjs, files)


def test_a_rerandomised_proof_is_accepted(snarkjs: Snarkjs, files: Files, proved: Statement) -> None:
    formats.write_proof(files.proof, rerandomize(proved.vk, proved.proof), overwrite=True)
    assert accepts(snarkjs, files)


@pytest.mark.parametrize("index", [0, 1, 2, 3])
def test_a_changed_public_input_is_refused(snarkjs: Snarkjs, files: Files, proved: Statement, index: int) -> None:
    public = list(proved.public)
    public[index] = (public[index] + 1) % proved.r
    formats.write_public(files.public, public, proved.pk.curve, overwrite=True)
    assert not accepts(snarkjs, files)


@pytest.mark.parametrize("name", ["pi_a", "pi_c"])
def test_a_negated_point_is_refused(snarkjs: Snarkjs, files: Files, proved: Statement, name: str) -> None:
    proof = json.loads(files.proof.read_text())
    proof[name][1] = str(proved.curve.fp.modulus - int(proof[name][1]))
    files.proof.write_text(json.dumps(proof))
    assert not accepts(snarkjs, files)


def test_snarkjs_finds_our_assignment_satisfying(snarkjs: Snarkjs, files: Files, proved: Statement) -> None:
    assert snarkjs.step("wtns", "check", files.r1cs, files.wtns) is True
    changed = bytearray(proved.assignment)
    changed[-32] ^= 1
    formats.write_wtns(files.wtns, proved.r1cs.field, bytes(changed), overwrite=True)
    assert "warn" in snarkjs.answer("wtns", "check", files.r1cs, files.wtns)["error"]  # to a log that is not there


def test_snarkjs_proves_with_our_key(snarkjs: Snarkjs, files: Files, proved: Statement) -> None:
    """Its prover reads our queries in iden3's convention, among them the odd Lagrange basis of ``h_query``."""
    made = snarkjs.step("groth16", "prove", files.zkey, files.wtns)
    files.proof.write_text(json.dumps(made["proof"]))
    files.public.write_text(json.dumps(made["publicSignals"]))
    proof = formats.read_proof(files.proof)
    assert formats.read_public(files.public, proved.pk.curve) == proved.public
    verify(proved.vk, proved.public, proof)
    with pytest.raises(InvalidProof):
        verify(proved.vk, [*proved.public[:3], (proved.public[3] + 1) % proved.r], proof)


def test_snarkjs_exports_our_verifying_key_from_our_proving_key(snarkjs: Snarkjs, files: Files) -> None:
    """All numbers equal, e(alpha, beta) included."""
    ours = json.loads(files.key.read_text())
    assert ours.pop("development") is True
    assert snarkjs.step("zKey", "exportVerificationKey", files.zkey) == ours
