"""From inputs to a checked proof: compile, witness, setup, prove, verify, on chains of Poseidon hashes.

A chain of 16, 67 or 271 hashes fills a domain of 2^12, 2^14 or 2^16 rows; the peers' figures are for such circuits.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from zkrelay import (
    Circuit,
    CompiledCircuit,
    ConstraintApi,
    ProvingKey,
    compile_circuit,
    private,
    prove,
    public,
    public_inputs,
    setup,
    verify,
)
from zkrelay.algebra.poseidon import poseidon as poseidon_native
from zkrelay.circuits.poseidon import poseidon
from zkrelay.groth16 import rerandomize, verify_many

LENGTHS = {12: 16, 14: 67, 16: 271}
SIZES = [12, pytest.param(14, marks=pytest.mark.long), pytest.param(16, marks=pytest.mark.long)]


class Chain(Circuit):
    """end = P2(... P2(P2(start, 0), 1) ..., length - 1)."""

    end = public()
    start = private()

    def __init__(self, length: int) -> None:
        self.length = length

    def define(self, cs: ConstraintApi) -> None:
        state = self.start
        for step in range(self.length):
            state = poseidon(cs, [state, cs.constant(step)])
        cs.assert_equal(self.end, state)


@dataclass(frozen=True)
class Case:
    compiled: CompiledCircuit
    inputs: dict[str, int]
    key: ProvingKey
    assignment: bytes


@cache
def case(log_size: int) -> Case:
    length = LENGTHS[log_size]
    compiled = compile_circuit(Chain(length))
    assert 1 << (log_size - 1) < compiled.r1cs.num_constraints + 2 <= 1 << log_size
    end = 12345
    for step in range(length):
        end = poseidon_native([end, step])
    inputs = {"start": 12345, "end": end}
    return Case(compiled, inputs, setup(compiled.r1cs), compiled.assign(inputs))


@pytest.mark.benchmark(group="compile a circuit")
def test_compile(benchmark: Any) -> None:
    compiled = benchmark(compile_circuit, Chain(LENGTHS[12]))
    assert compiled.r1cs.digest == case(12).compiled.r1cs.digest


@pytest.mark.benchmark(group="witness")
@pytest.mark.parametrize("log_size", SIZES)
def test_witness(benchmark: Any, log_size: int) -> None:
    chosen = case(log_size)
    assert benchmark(chosen.compiled.program.run, chosen.inputs) == chosen.assignment


@pytest.mark.benchmark(group="setup")
def test_setup(benchmark: Any, threads: int) -> None:
    key = benchmark.pedantic(setup, args=(case(12).compiled.r1cs,), kwargs={"threads": threads}, rounds=3)
    assert key.log_domain == 12


@pytest.mark.benchmark(group="prove")
@pytest.mark.parametrize("log_size", SIZES)
def test_prove(benchmark: Any, threads: int, log_size: int) -> None:
    """Key loaded, witness computed, as the peers are measured."""
    chosen = case(log_size)
    proof = benchmark(prove, chosen.key, chosen.assignment, threads=threads)
    verify(chosen.key.verifying_key, [chosen.inputs["end"]], proof)


@pytest.mark.benchmark(group="verify")
def test_verify(benchmark: Any) -> None:
    chosen = case(12)
    proof = prove(chosen.key, chosen.assignment)
    statement = public_inputs(chosen.assignment, 1)
    assert statement == [chosen.inputs["end"]]
    benchmark(verify, chosen.key.verifying_key, statement, proof)


@pytest.mark.benchmark(group="verify many")
@pytest.mark.parametrize("count", [16, pytest.param(1000, marks=pytest.mark.long)])
def test_verify_many(benchmark: Any, threads: int, count: int) -> None:
    """Different proofs of one statement, and a false one among them is named."""
    chosen = case(12)
    proof = prove(chosen.key, chosen.assignment)
    statement, key = public_inputs(chosen.assignment, 1), chosen.key.verifying_key
    items = [(statement, rerandomize(key, proof)) for _ in range(count)]
    assert benchmark(verify_many, key, items, threads=threads).all_true
    items[count // 2] = ([statement[0] ^ 1], proof)
    assert set(verify_many(key, items).refused) == {count // 2}
