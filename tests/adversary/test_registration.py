"""Registration with real proofs: only the owner of kN, only for its own address, and what the circuit refuses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from claim_world import EPOCH, World
from fake_verifier import FakeVerifier

from zkrelay.circuits.registration import Registration
from zkrelay.errors import InvalidProof, StakeLocked, UnsatisfiedConstraint
from zkrelay.groth16 import Prover, rerandomize, setup
from zkrelay.r1cs import compile_circuit, run
from zkrelay.relay.identity import NodeIdentity
from zkrelay.relay.registration import leave_context, prove_registration, register_context
from zkrelay.relay.settlement import Settlement, StakeRules
from zkrelay.relay.slash import slash_handle
from zkrelay.relay.store_memory import MemoryStore

ADDRESS, AMOUNT, LOCK = 0xADD, 1000, 4


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    circuit = compile_circuit(Registration())
    with Prover(setup(circuit.r1cs), circuit) as prover:
        yield prover


class Clock:
    now = EPOCH

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settlement(world: World, prover: Prover, clock: Clock) -> Settlement:
    return Settlement(
        MemoryStore(),
        world.domain,
        FakeVerifier(),
        clock=clock,
        registration_verifier=prover.verifying_key,
        stake_rules=StakeRules(lock=LOCK),
        allow_development=True,
    )


@pytest.mark.parametrize("change", ["payee", "kn"])
def test_the_circuit_refuses(world: World, change: str) -> None:
    """Every pair of payee and secret but the true one; aux is free, and bound by being there."""
    honest = {"payee": world.node.payee, "aux": 5, "kn": world.node.kn}
    run(Registration(), honest)
    for value in (0, 1, honest[change] + 1, world.node.payee if change == "kn" else world.node.kn):
        with pytest.raises(UnsatisfiedConstraint):
            run(Registration(), {**honest, change: value})


def test_registration_front_run(world: World, settlement: Settlement, prover: Prover) -> None:
    """A thief sees proof and payee in the queue: it can send them as they are, to the victim's good, or not at all."""
    node, thief = world.node, NodeIdentity(666)
    proof = prove_registration(node, register_context(world.domain, node.payee, ADDRESS, AMOUNT), prover)
    other = rerandomize(prover.verifying_key, proof)
    for payee, address, amount in (
        (node.payee, 0xBAD, AMOUNT),
        (node.payee, ADDRESS, 1),
        (thief.payee, ADDRESS, AMOUNT),
    ):
        for stolen in (proof, other):
            with pytest.raises(InvalidProof):
                settlement.register(payee, address, amount, stolen)
    context = register_context(world.domain, node.payee, 0xBAD, AMOUNT)
    with pytest.raises(UnsatisfiedConstraint):
        prover.prove_inputs({"payee": node.payee, "aux": context, "kn": thief.kn})
    assert settlement.stakes() == []
    assert settlement.register(node.payee, ADDRESS, AMOUNT, other).address == ADDRESS


def test_from_registration_to_withdrawal(world: World, settlement: Settlement, prover: Prover, clock: Clock) -> None:
    node = world.node
    proof = prove_registration(node, register_context(world.domain, node.payee, ADDRESS, AMOUNT), prover)
    stake = settlement.register(node.payee, ADDRESS, AMOUNT, proof)
    with pytest.raises(InvalidProof):
        settlement.leave(node.payee, proof)
    settlement.leave(node.payee, prove_registration(node, leave_context(world.domain, node.payee, stake.epoch), prover))
    with pytest.raises(StakeLocked):
        settlement.withdraw(node.payee)
    clock.now += LOCK
    assert settlement.withdraw(node.payee).money == AMOUNT


def test_a_recovered_secret_slashes(world: World, settlement: Settlement, prover: Prover, clock: Clock) -> None:
    """The secret that two claims give away is all that a slasher needs."""
    node = world.node
    proof = prove_registration(node, register_context(world.domain, node.payee, ADDRESS, AMOUNT), prover)
    settlement.register(node.payee, ADDRESS, AMOUNT, proof)
    settlement.commit(slash_handle(world.domain.value, node.payee, node.kn, 7, 99))
    clock.now += 1
    reward, burnt = settlement.slash(node.payee, node.kn, 7, 99)
    assert (reward.recipient, reward.money + burnt.money) == (7, AMOUNT)
