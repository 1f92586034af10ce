"""The contract that is given a batch's whole statement, and finds alpha and e itself."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import Any

import pytest
from anvil import Anvil, Contract, Reverted, compile_solidity

from zkrelay.curves import bn254
from zkrelay.errors import InvalidPoint, MalformedInput, NonCanonicalNumber
from zkrelay.evm import render_compressed_verifier, render_verifier, verify_vector_call
from zkrelay.evm.keccak import selector
from zkrelay.evm.words import pack_words, proof_words
from zkrelay.groth16 import Proof
from zkrelay.relay.batch_statement import BATCH_NAMES, BatchStatement

from ..groth16.small_circuits import Statement, prove_statement, random_satisfied
from .conftest import statement_of

SLOTS = 3
LENGTH = len(BATCH_NAMES) + SLOTS
R = bn254.FR.modulus


def batch_statement(rng: random.Random) -> BatchStatement:
    """Two claims in three slots, with elements at both ends of the field."""
    return BatchStatement.sealed(
        domain=R - 1,
        root=rng.randrange(R),
        epoch=7,
        venue=0,
        payee=rng.randrange(R),
        total=12,
        aux=0,
        nullifiers=[rng.randrange(1, R), R - 1],
        num_slots=SLOTS,
    )


@dataclass(frozen=True)
class BatchOnChain:
    chain: Anvil
    contract: Contract
    batch: BatchStatement
    proved: Statement

    def calldata(self, h: int, vector: list[int]) -> bytes:
        head = selector(f"verifyVector(uint256[8],uint256,uint256[{len(vector)}])").to_bytes(4, "big")
        return head + pack_words([*proof_words(self.proved.proof), h, *vector])

    def outcome(self, data: bytes) -> bytes | Reverted:
        (outcome,) = self.chain.calls(self.contract, [data])
        return outcome

    def is_accepted(self, h: int, vector: list[int]) -> bool:
        return self.outcome(self.calldata(h, vector)) == b""


@pytest.fixture(scope="module")
def on_chain(chain: Anvil) -> BatchOnChain:
    """A key of some circuit with three public inputs, and a true proof for those that stand for the batch."""
    rng = random.Random("batch on chain")
    batch = batch_statement(rng)
    proved = prove_statement(*random_satisfied(rng, 10, 3, 5, public=batch.public_inputs))
    text = render_verifier(proved.vk) + render_compressed_verifier(proved.vk, LENGTH)
    code = compile_solidity({"a": text, "other": render_verifier(statement_of("bn254", 2).vk)})
    verifier, other = chain.deploy(code["a:Groth16Verifier"]), chain.deploy(code["other"])
    compressed = code["a:VectorVerifier"]
    with pytest.raises(Reverted) as refused:
        chain.deploy(compressed, pack_words([int(other.address, 16)]))
    assert compressed.errors[refused.value.data] == "AnotherKey"
    contract = chain.deploy(compressed, pack_words([int(verifier.address, 16)]))
    return BatchOnChain(chain, contract, batch, proved)


def test_the_true_statement_is_accepted(on_chain: BatchOnChain) -> None:
    """So alpha and e are those of ``BatchStatement.public_inputs``."""
    data = on_chain.calldata(on_chain.batch.h, on_chain.batch.vector)
    assert on_chain.outcome(data) == b""
    gas = int(on_chain.chain.send(on_chain.contract, data, 1_000_000)["gasUsed"], 16)
    assert gas < 250_000


def test_calldata_is_that_of_verify_vector_call(on_chain: BatchOnChain) -> None:
    batch, proof = on_chain.batch, on_chain.proved.proof
    call = verify_vector_call(batch.vector, batch.h, proof)
    assert call.data == on_chain.calldata(batch.h, batch.vector)
    assert selector(call.signature) == int.from_bytes(on_chain.contract.code.functions[call.signature], "big")
    proof_part, h, vector = json.loads(f"[{call.arguments}]")
    assert [int(word, 16) for word in (*proof_part, h, *vector)] == [*proof_words(proof), batch.h, *batch.vector]


@pytest.mark.parametrize(
    ("error", "change"),
    [
        (NonCanonicalNumber, {"h": R}),
        (NonCanonicalNumber, {"h": -1}),
        (NonCanonicalNumber, {"vector": [1, R]}),
        (MalformedInput, {"vector": []}),
        (MalformedInput, {"vector": [0] * ((1 << 16) + 1)}),
        (MalformedInput, {"vector": [1, "2"]}),
        (MalformedInput, {"h": None}),
        (MalformedInput, {"proof": Proof(bytes(96), bytes(192), bytes(96), "bls12_381")}),
        (InvalidPoint, {"proof": Proof(bytes(64), bytes(128), bytes(64), "bn254")}),
    ],
)
def test_what_has_no_calldata(on_chain: BatchOnChain, error: type[Exception], change: dict[str, Any]) -> None:
    with pytest.raises(error):
        verify_vector_call(**{"vector": [1], "h": 2, "proof": on_chain.proved.proof, **change})


def test_every_bit_of_h_and_of_the_vector_matters(on_chain: BatchOnChain) -> None:
    good = on_chain.calldata(on_chain.batch.h, on_chain.batch.vector)
    changed = []
    for bit in range(8 * (4 + 32 * 8), 8 * len(good), 3):
        data = bytearray(good)
        data[bit // 8] ^= 1 << bit % 8
        changed.append(bytes(data))
    outcomes = on_chain.chain.calls(on_chain.contract, changed)
    assert len(outcomes) > 1000 and all(isinstance(outcome, Reverted) for outcome in outcomes)


@pytest.mark.parametrize("index", [*range(LENGTH), "h"])
def test_aliases_are_refused(on_chain: BatchOnChain, index: int | str) -> None:
    """v_i + r would be another nullifier with the same e."""
    vector, h = list(on_chain.batch.vector), on_chain.batch.h
    if isinstance(index, int):
        vector[index] += R
    else:
        h += R
    outcome = on_chain.outcome(on_chain.calldata(h, vector))
    assert isinstance(outcome, Reverted)
    name = "ElementNotInField(uint256)" if isinstance(index, int) else "PublicInputNotInField()"
    assert outcome.data[:4] == selector(name).to_bytes(4, "big")


def test_another_order_or_another_vector_is_refused(on_chain: BatchOnChain) -> None:
    v, h = on_chain.batch.vector, on_chain.batch.h
    swapped = [*v[:-3], v[-2], v[-3], v[-1]]
    assert on_chain.is_accepted(h, v)
    for other in (swapped, v[::-1], [0] * LENGTH, [*v[1:], 0], [0, *v[:-1]]):
        assert not on_chain.is_accepted(h, other)
    assert not on_chain.is_accepted((h + 1) % R, v)


def test_other_lengths_are_refused(on_chain: BatchOnChain) -> None:
    good = on_chain.calldata(on_chain.batch.h, on_chain.batch.vector)
    for data in (good + bytes(1), good + bytes(32), good[:-1], good[:-32]):
        assert isinstance(on_chain.outcome(data), Reverted)


def test_too_little_gas_reverts(on_chain: BatchOnChain) -> None:
    data = on_chain.calldata(on_chain.batch.h, on_chain.batch.vector)
    used = int(on_chain.chain.send(on_chain.contract, data, 1_000_000)["gasUsed"], 16)
    for limit in range(30_000, used, 10_000):
        (outcome,) = on_chain.chain.calls(on_chain.contract, [data], gas=limit)
        assert isinstance(outcome, Reverted), limit


@pytest.mark.parametrize("length", [0, -1, (1 << 16) + 1])
def test_lengths_out_of_range(on_chain: BatchOnChain, length: int) -> None:
    with pytest.raises(MalformedInput, match="a vector has 1 to"):
        render_compressed_verifier(on_chain.proved.vk, length)


def test_keys_of_other_statements() -> None:
    for curve, num_public in (("bn254", 2), ("bls12_381", 2)):
        with pytest.raises(MalformedInput, match="with 3 public inputs"):
            render_compressed_verifier(statement_of(curve, num_public).vk, LENGTH)


@pytest.mark.parametrize("name", ["Groth16Verifier", "IGroth16Verifier", "AnotherKey", "lower"])
def test_names_that_are_taken(on_chain: BatchOnChain, name: str) -> None:
    with pytest.raises(MalformedInput, match="name"):
        render_compressed_verifier(on_chain.proved.vk, LENGTH, name=name)
