"""A batch with a real proof: what a verifier is shown, everything that can be changed in it, and snarkjs's opinion."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from batch_attacks import two
from batch_world import DEPTH, SIZE, batch_circuit, batch_world, second_claim
from claim_world import AMOUNT, World

from zkrelay import formats
from zkrelay.circuits.batch import Batch as BatchCircuit
from zkrelay.curves import bn254
from zkrelay.errors import InvalidKey, InvalidProof, MalformedInput, UnsatisfiedConstraint
from zkrelay.groth16 import Proof, Prover, ProvingKey, rerandomize, setup, verify, verify_many
from zkrelay.kernel import current
from zkrelay.r1cs import CompiledCircuit, compile_circuit
from zkrelay.relay.batch import Batch
from zkrelay.relay.batch_statement import BATCH_NAMES, BatchStatement
from zkrelay.relay.proving import prove_batch, prove_claim

from ..cross.snarkjs_process import Snarkjs

pytestmark = pytest.mark.skipif(
    current().name == "reference", reason="a setup of 11,000 rows takes minutes in Python integers"
)
R = bn254.FR.modulus


@pytest.fixture(scope="module")
def shallow() -> World:
    return batch_world()


@pytest.fixture(scope="module")
def batch(shallow: World) -> Batch:
    return Batch.build([shallow.claim, second_claim(shallow)], SIZE)


@pytest.fixture(scope="module")
def circuit() -> CompiledCircuit:
    return compile_circuit(batch_circuit())


@pytest.fixture(scope="module")
def pk(circuit: CompiledCircuit) -> ProvingKey:
    return setup(circuit.r1cs, threads=2)


@pytest.fixture(scope="module")
def proof(batch: Batch, circuit: CompiledCircuit, pk: ProvingKey) -> Proof:
    with Prover(pk, circuit) as prover:
        return prove_batch(batch, prover)


def test_the_statement_as_a_ledger_reads_it(batch: Batch, proof: Proof, pk: ProvingKey) -> None:
    """Through JSON and back, h and all; one claim in it, and the same proof re-randomised, verify as well."""
    read = BatchStatement.from_dict(json.loads(json.dumps(batch.statement.to_dict())))
    assert read == batch.statement
    assert (read.total, read.count) == (AMOUNT + 7, 2)
    verify(pk.verifying_key, read.public_inputs, proof)
    verify(pk.verifying_key, read.public_inputs, rerandomize(pk.verifying_key, proof))


def test_one_claim_and_an_unused_slot(shallow: World, circuit: CompiledCircuit, pk: ProvingKey) -> None:
    alone = Batch.build([shallow.claim], SIZE)
    with Prover(pk, circuit) as prover:
        verify(pk.verifying_key, alone.statement.public_inputs, prove_batch(alone, prover))


def test_every_element_of_v_is_bound(batch: Batch, proof: Proof, pk: ProvingKey) -> None:
    for index in range(len(batch.statement.vector)):
        vector = batch.statement.vector
        name = (*BATCH_NAMES, "nf", "nf")[index]
        vector[index] += -1 if name in ("count", "total") else 1
        if name == "count":
            vector[-1] = 0
        changed = BatchStatement.from_vector(vector, batch.statement.h)
        with pytest.raises(InvalidProof):
            verify(pk.verifying_key, changed.public_inputs, proof)


def test_a_wrong_h_makes_the_statement_false(batch: Batch, proof: Proof, pk: ProvingKey) -> None:
    """Nobody but the circuit computes h from v: any other h, with the alpha that belongs to it, is refused."""
    for h in (0, batch.statement.h + 1, R - batch.statement.h):
        changed = dataclasses.replace(batch.statement, h=h % R)
        with pytest.raises(InvalidProof):
            verify(pk.verifying_key, changed.public_inputs, proof)


def test_batch_public_alias_in_the_verifier(batch: Batch, proof: Proof, pk: ProvingKey) -> None:
    public = batch.statement.public_inputs
    for index in range(3):
        alias = [*public]
        alias[index] += R
        with pytest.raises(MalformedInput):
            verify(pk.verifying_key, alias, proof)


def test_a_key_s_number_of_slots_is_the_ledger_s_to_know(
    batch: Batch, circuit: CompiledCircuit, proof: Proof, pk: ProvingKey
) -> None:
    """More unused slots are zeros on top of a polynomial: the circuit of two slots can show a v of three.

    It says the same, and the proof of the shorter v does not show it (alpha is another).  Still, a ledger that pins a
    key for N slots holds ``num_slots`` to N: one statement has one form.
    """
    padded = dataclasses.replace(batch.statement, nullifiers=(*batch.statement.nullifiers, 0))
    with pytest.raises(InvalidProof):
        verify(pk.verifying_key, padded.public_inputs, proof)
    assert padded.num_slots == SIZE + 1 and padded.h == batch.statement.h
    h, alpha, e = padded.public_inputs
    circuit.assign({**batch.inputs, "h": h, "alpha": alpha, "e": e})


def test_many_at_once(shallow: World, batch: Batch, proof: Proof, circuit: CompiledCircuit, pk: ProvingKey) -> None:
    """``verify_many`` takes batches as it takes single claims, and names the false ones."""
    public = batch.statement.public_inputs
    items = [(public, proof), (public[::-1], proof), (public, rerandomize(pk.verifying_key, proof))]
    verdict = verify_many(pk.verifying_key, items)
    assert set(verdict.refused) == {1}


def test_prover_of_another_size_or_statement(
    shallow: World, batch: Batch, circuit: CompiledCircuit, pk: ProvingKey
) -> None:
    three = Batch.build([shallow.claim, second_claim(shallow)], SIZE + 1)
    other_unit = compile_circuit(BatchCircuit(SIZE, depth=DEPTH, unit=1 << 21))
    with Prover(pk, circuit) as prover:
        with pytest.raises(MalformedInput):
            prove_batch(three, prover)
        with pytest.raises(MalformedInput, match="unknown input"):
            prove_claim(shallow.claim, prover)
        other = dataclasses.replace(batch, statement=Batch.build([shallow.claim], SIZE).statement)
        with pytest.raises(InvalidKey, match="not those of the statement"):
            prove_batch(other, prover)
    with Prover(pk, other_unit) as prover, pytest.raises(UnsatisfiedConstraint):
        prove_batch(batch, prover)


def test_snarkjs_verifies_a_batch(snarkjs: Snarkjs, batch: Batch, proof: Proof, pk: ProvingKey, tmp_path: Path) -> None:
    key, inputs, file = (tmp_path / name for name in ("verification_key.json", "public.json", "proof.json"))
    formats.write_verifying_key(key, pk.verifying_key)
    formats.write_proof(file, proof)

    def verdict(public: list[int]) -> bool:
        formats.write_public(inputs, public, overwrite=True)
        return snarkjs.accepts_proof(key, inputs, file)

    assert verdict(batch.statement.public_inputs)
    more = dataclasses.replace(batch.statement, total=batch.statement.total + 1)
    assert not verdict(more.public_inputs)


def test_nothing_of_a_single_claim_shows(shallow: World, batch: Batch) -> None:
    """The public form holds the total, and neither amounts nor commitments of single claims."""
    shown = batch.statement.to_dict()
    numbers = {*shown.pop("nullifiers"), *shown.values()}
    for slot in two(shallow):
        assert not numbers & {str(slot[name]) for name in ("amount", "bytes", "cc", "rho", "s", "kn", "expiry", "cap")}
