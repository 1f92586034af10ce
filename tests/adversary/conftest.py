"""One honest session and one compiled claim for all adversary tests."""

from __future__ import annotations

import pytest
from claim_world import World
from zkrelay.circuits.claim import Claim

from zkrelay.r1cs import CompiledCircuit, compile_circuit


@pytest.fixture(scope="session")
def world() -> World:
    return World()


@pytest.fixture(scope="session")
def circuit() -> CompiledCircuit:
    return compile_circuit(Claim())
