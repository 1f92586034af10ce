"""One honest session and one compiled claim for all adversary tests."""

from __future__ import annotations

import pytest
from claim_world import World

from zkrelay.circuits.claim import Claim
from zkrelay.groth16 import Proof, ProvingKey, VerifyingKey, prove, setup
from zkrelay.r1cs import CompiledCircuit, compile_circuit

from ..cross.conftest import snarkjs

__all__ = ["snarkjs"]


@pytest.fixture(scope="session")
def world() -> World:
    return World()


@pytest.fixture(scope="session")
def circuit() -> CompiledCircuit:
    return compile_circuit(Claim())


@pytest.fixture(scope="session")
def pk(circuit: CompiledCircuit) -> ProvingKey:
    return setup(circuit.r1cs, threads=2)


@pytest.fixture(scope="session")
def vk(pk: ProvingKey) -> VerifyingKey:
    return pk.verifying_key


@pytest.fixture(scope="session")
def proof(circuit: CompiledCircuit, pk: ProvingKey, world: World) -> Proof:
    """The honest claim's proof."""
    return prove(pk, circuit.assign(world.inputs()))


@pytest.fixture(scope="session")
def public(world: World) -> list[int]:
    """The honest claim's public inputs."""
    return world.claim.statement.public_inputs
