"""What a node and a ledger wait for: signing a receipt, building, witnessing, proving and checking one claim."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from claim_world import World

from zkrelay import CompiledCircuit, ProvingKey, compile_circuit, prove, setup, verify
from zkrelay.circuits.claim import Claim as ClaimCircuit
from zkrelay.relay.receipt import Receipt


@cache
def circuit() -> CompiledCircuit:
    return compile_circuit(ClaimCircuit())


@cache
def key() -> ProvingKey:
    return setup(circuit().r1cs)


@cache
def world() -> World:
    return World()


@pytest.mark.benchmark(group="claim")
def test_sign_receipt(benchmark: Any) -> None:
    receipt = benchmark(Receipt.sign, world().client, world().note.cm, 1 << 30)
    receipt.verify(world().client.public)


@pytest.mark.benchmark(group="claim")
def test_verify_receipt(benchmark: Any) -> None:
    benchmark(world().receipt.verify, world().client.public)


@pytest.mark.benchmark(group="claim")
def test_build_claim(benchmark: Any) -> None:
    assert benchmark(world().make_claim).statement == world().claim.statement


@pytest.mark.benchmark(group="claim")
def test_claim_witness(benchmark: Any) -> None:
    """The witness program alone; ``assign`` also checks every row."""
    assignment = benchmark(circuit().program.run, world().claim.inputs)
    circuit().r1cs.check(assignment)


@pytest.mark.benchmark(group="claim")
def test_prove_claim(benchmark: Any, threads: int) -> None:
    """Key loaded, witness computed."""
    assignment = circuit().assign(world().claim.inputs)
    proof = benchmark(prove, key(), assignment, threads=threads)
    verify(key().verifying_key, world().claim.statement.public_inputs, proof)


@pytest.mark.benchmark(group="claim")
def test_verify_claim(benchmark: Any) -> None:
    proof = prove(key(), circuit().assign(world().claim.inputs))
    benchmark(verify, key().verifying_key, world().claim.statement.public_inputs, proof)
