"""A real batch of claims, by the circuit of eight slots, proved and paid for on a chain."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from anvil import Anvil, Reverted, compile_solidity
from batch_world import second_claim
from claim_world import World

from zkrelay import compile_circuit, prove, setup
from zkrelay.circuits.standard import standard_circuit
from zkrelay.curves import bn254
from zkrelay.evm import render_compressed_verifier, render_verifier, verify_vector_call
from zkrelay.evm.words import pack_words
from zkrelay.relay.batch import Batch
from zkrelay.relay.batch_statement import BATCH_NAMES

SLOTS = 8


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_proved_batch_of_eight(chain: Anvil, capsys: pytest.CaptureFixture[str]) -> None:
    world = World()
    circuit = compile_circuit(standard_circuit("batch8"))
    batch = Batch.build([world.claim, second_claim(world)], SLOTS)
    key = setup(circuit.r1cs, threads=2)
    proof = prove(key, circuit.assign(batch.inputs), threads=2)
    vk, statement = key.verifying_key, batch.statement
    text = render_verifier(vk) + render_compressed_verifier(vk, len(BATCH_NAMES) + SLOTS)
    code = compile_solidity({"a": text})
    verifier = chain.deploy(code["a:Groth16Verifier"])
    contract = chain.deploy(code["a:VectorVerifier"], pack_words([int(verifier.address, 16)]))

    def outcome(vector: list[int], h: int = statement.h) -> bytes | Reverted:
        (found,) = chain.calls(contract, [verify_vector_call(vector, h, proof).data])
        return found

    good = statement.vector
    assert outcome(good) == b""
    lies: dict[str, Callable[[list[int]], None]] = {name: _more_by_one(i) for i, name in enumerate(BATCH_NAMES)}
    lies |= {f"slot {i}": _more_by_one(len(BATCH_NAMES) + i) for i in range(SLOTS)}
    lies |= {"slots exchanged": _exchanged(8, 9), "a slot moved": _exchanged(9, 10), "paid twice": _copied(8, 10)}
    for name, change in lies.items():
        vector = list(good)
        change(vector)
        assert isinstance(outcome(vector), Reverted), name
    assert isinstance(outcome(good, (statement.h + 1) % bn254.FR.modulus), Reverted)
    receipt = chain.send(contract, verify_vector_call(good, statement.h, proof).data, 1_000_000)
    assert receipt["status"] == "0x1"
    with capsys.disabled():
        print(f"\nbatch8, 2 claims: {circuit.r1cs.num_constraints:,} rows, {int(receipt['gasUsed'], 16):,} gas")


def _more_by_one(index: int) -> Callable[[list[int]], None]:
    def change(vector: list[int]) -> None:
        vector[index] = (vector[index] + 1) % bn254.FR.modulus

    return change


def _exchanged(one: int, other: int) -> Callable[[list[int]], None]:
    def change(vector: list[int]) -> None:
        vector[one], vector[other] = vector[other], vector[one]

    return change


def _copied(source: int, target: int) -> Callable[[list[int]], None]:
    def change(vector: list[int]) -> None:
        vector[target] = vector[source]

    return change
