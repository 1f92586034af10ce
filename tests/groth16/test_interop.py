"""Keys and proofs of circom 2.2.3, snarkjs 0.7.6 and rapidsnark: we read, verify and prove with all of them."""

from __future__ import annotations

import dataclasses
import gzip
from pathlib import Path

import numpy as np
import pytest

from zkrelay import formats
from zkrelay.algebra.points import negate_g1
from zkrelay.curves import bn254
from zkrelay.errors import InvalidPoint, InvalidProof, NonCanonicalNumber, UnsatisfiedConstraint
from zkrelay.groth16 import Proof, ProvingKey, VerifyingKey, prove, public_inputs, rerandomize, setup, verify
from zkrelay.groth16.keys import COEFFICIENT_RECORD
from zkrelay.groth16.qap import coefficient_records, domain_of
from zkrelay.kernel import current
from zkrelay.r1cs.constraint_system import R1CS

from .bad_points import g2_outside_subgroup

INTEROP = Path(__file__).resolve().parent.parent / "vectors" / "interop"
NAMES = ("claim", "chain_2p12")
R = bn254.FR.modulus

takes_a_c_kernel = pytest.mark.skipif(
    current().name == "reference", reason="thousands of rows: minutes in Python integers"
)


@dataclasses.dataclass(frozen=True)
class Files:
    key: VerifyingKey
    public: list[int]
    proof: Proof


@pytest.fixture(scope="module", params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def files(name: str) -> Files:
    return Files(
        formats.read_verifying_key(INTEROP / f"{name}.vkey.json"),
        formats.read_public(INTEROP / f"{name}.public.json"),
        formats.read_proof(INTEROP / f"{name}.proof.json"),
    )


@pytest.fixture(scope="module")
def circuit(name: str) -> R1CS:
    return formats.read_r1cs(gzip.decompress((INTEROP / f"{name}.r1cs.gz").read_bytes()))


@pytest.fixture(scope="module")
def assignment(name: str) -> bytes:
    return bytes(formats.read_wtns(INTEROP / f"{name}.wtns").assignment)


@pytest.fixture(scope="module")
def claim_key() -> ProvingKey:
    return formats.read_zkey(INTEROP / "claim.zkey")


# --- verifying what others proved


def test_their_proofs_verify(files: Files) -> None:
    verify(files.key, files.public, files.proof)


def test_their_proofs_verify_after_rerandomisation(files: Files) -> None:
    verify(files.key, files.public, rerandomize(files.key, files.proof))


def test_each_changed_public_input_is_refused(files: Files) -> None:
    for index, value in enumerate(files.public):
        public = list(files.public)
        public[index] = (value + 1) % R
        with pytest.raises(InvalidProof):
            verify(files.key, public, files.proof)
        public[index] = value + R
        with pytest.raises(NonCanonicalNumber, match=f"public input {index} "):
            verify(files.key, public, files.proof)


def test_changed_points_are_refused(files: Files) -> None:
    proof = files.proof
    for false in (
        dataclasses.replace(proof, a=negate_g1(proof.a)),
        dataclasses.replace(proof, c=negate_g1(proof.c)),
        Proof(proof.c, proof.b, proof.a),
    ):
        with pytest.raises(InvalidProof):
            verify(files.key, files.public, false)
    with pytest.raises(InvalidPoint, match="subgroup"):
        verify(files.key, files.public, dataclasses.replace(proof, b=g2_outside_subgroup(bn254.CURVE)))


def test_proofs_of_one_circuit_are_refused_under_the_other() -> None:
    claim, chain = (
        Files(
            formats.read_verifying_key(INTEROP / f"{name}.vkey.json"),
            formats.read_public(INTEROP / f"{name}.public.json"),
            formats.read_proof(INTEROP / f"{name}.proof.json"),
        )
        for name in NAMES
    )
    with pytest.raises(InvalidProof):
        verify(claim.key, claim.public, chain.proof)
    with pytest.raises(InvalidProof):
        verify(chain.key, chain.public, claim.proof)


# --- our QAP and setup on their circuits


def test_their_key_has_our_coefficient_records(claim_key: ProvingKey) -> None:
    """Section 4 of their key, entry for entry, identity rows included; only the order inside a row is theirs."""
    circuit = formats.read_r1cs(gzip.decompress((INTEROP / "claim.r1cs.gz").read_bytes()))
    ours, theirs = (
        np.sort(np.frombuffer(data, dtype=COEFFICIENT_RECORD), order=["row", "matrix", "column"])
        for data in (coefficient_records(circuit), claim_key.coefficients)
    )
    assert ours.tobytes() == theirs.tobytes()
    assert domain_of(circuit).log_size == claim_key.log_domain
    assert (circuit.num_variables, circuit.num_public) == (claim_key.num_variables, claim_key.num_public)


@takes_a_c_kernel
def test_our_setup_and_prover_take_their_circuit_and_assignment(circuit: R1CS, assignment: bytes, files: Files) -> None:
    circuit.check(assignment)
    pk = setup(circuit, threads=2)
    public = public_inputs(assignment, circuit.num_public)
    assert public == files.public
    proof = prove(pk, assignment, threads=2)
    verify(pk.verifying_key, public, proof)
    with pytest.raises(InvalidProof):
        verify(files.key, public, proof)


# --- proving with their key


@takes_a_c_kernel
def test_their_key_passes_all_checks(claim_key: ProvingKey) -> None:
    claim_key.check(threads=2)


@takes_a_c_kernel
def test_our_prover_takes_their_key(claim_key: ProvingKey) -> None:
    assignment = formats.read_wtns(INTEROP / "claim.wtns").assignment
    key = formats.read_verifying_key(INTEROP / "claim.vkey.json")
    public = formats.read_public(INTEROP / "claim.public.json")
    proof = prove(claim_key, assignment, threads=2)
    verify(key, public, proof)
    assert proof != formats.read_proof(INTEROP / "claim.proof.json")


@takes_a_c_kernel
def test_their_key_with_a_false_assignment_gives_a_false_proof(claim_key: ProvingKey) -> None:
    circuit = formats.read_r1cs(gzip.decompress((INTEROP / "claim.r1cs.gz").read_bytes()))
    assignment = bytearray(formats.read_wtns(INTEROP / "claim.wtns").assignment)
    assignment[-32] ^= 1
    with pytest.raises(UnsatisfiedConstraint):
        circuit.check(bytes(assignment))
    public = formats.read_public(INTEROP / "claim.public.json")
    with pytest.raises(InvalidProof):
        verify(claim_key.verifying_key, public, prove(claim_key, bytes(assignment), threads=2))
