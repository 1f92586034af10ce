"""The suite's two names that need other people's programs: snarkjs judges our proof, circomlibjs signs our receipts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from signed_circuit import Signed

from zkrelay import formats
from zkrelay.curves import bn254
from zkrelay.errors import UnsatisfiedConstraint
from zkrelay.groth16 import Proof, VerifyingKey, rerandomize
from zkrelay.r1cs import compile_circuit

from ..cross.conftest import TESTS
from ..cross.snarkjs_process import Snarkjs

R = bn254.FR.modulus


def test_snarkjs_cross_verify(
    snarkjs: Snarkjs, vk: VerifyingKey, public: list[int], proof: Proof, tmp_path: Path
) -> None:
    """The honest proof and its re-randomised twin are accepted; with any one public input changed it is not."""
    key, inputs, file = (tmp_path / name for name in ("verification_key.json", "public.json", "proof.json"))
    formats.write_verifying_key(key, vk)

    def verdict(values: list[int], candidate: Proof) -> bool:
        formats.write_public(inputs, values, overwrite=True)
        formats.write_proof(file, candidate, overwrite=True)
        return snarkjs.accepts_proof(key, inputs, file)

    assert verdict(public, proof)
    assert verdict(public, rerandomize(vk, proof))
    for index in range(len(public)):
        assert not verdict([*public[:index], (public[index] + 1) % R, *public[index + 1 :]], proof)


def test_circomlibjs_receipt_vector() -> None:
    """Signatures made by circomlibjs satisfy the circuit; with another message they do not."""
    compiled = compile_circuit(Signed())
    vectors = json.loads((TESTS / "vectors" / "circomlibjs" / "vectors.json").read_text())["signatures"]
    assert len(vectors) >= 3
    for vector in vectors:
        inputs = {name: int(vector[name]) for name in ("message", "ax", "ay", "r8x", "r8y", "s")}
        compiled.assign(inputs)
        with pytest.raises(UnsatisfiedConstraint):
            compiled.assign({**inputs, "message": (inputs["message"] + 1) % R})
