"""From a claim to a payment with a real proof, under a development key that the ledger must be told to accept."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from zkrelay.circuits.claim import Claim as ClaimCircuit
from zkrelay.circuits.usage_limit import UsageLimit
from zkrelay.curves import bls12_381
from zkrelay.errors import (
    DevelopmentKeyRefused,
    InvalidKey,
    InvalidProof,
    MalformedInput,
    NullifierSpent,
    UnsatisfiedConstraint,
)
from zkrelay.groth16 import Prover, ProvingKey, rerandomize, setup
from zkrelay.kernel import current
from zkrelay.r1cs import CompiledCircuit, compile_circuit
from zkrelay.relay.claim import Claim
from zkrelay.relay.proving import prove_claim
from zkrelay.relay.settlement import Settlement
from zkrelay.relay.store_sqlite import SqliteStore
from zkrelay.relay.verifier import Groth16Verifier, verifying_key_digest

from ..groth16.small_circuits import build
from .parties import CONTEXT, DOMAIN, Session, make_session

pytestmark = pytest.mark.skipif(
    current().name == "reference", reason="a setup of 6,000 rows takes minutes in Python integers"
)
EPOCH = 900


@pytest.fixture(scope="module")
def circuit() -> CompiledCircuit:
    return compile_circuit(ClaimCircuit(DOMAIN.arity, DOMAIN.depth, DOMAIN.unit))


@pytest.fixture(scope="module")
def pk(circuit: CompiledCircuit) -> ProvingKey:
    return setup(circuit.r1cs)


@pytest.fixture
def ledger(pk: ProvingKey) -> Iterator[Settlement]:
    with SqliteStore(":memory:") as store:
        yield Settlement(store, DOMAIN, pk.verifying_key, clock=lambda: EPOCH, allow_development=True)


def funded_claim(ledger: Settlement, session: Session) -> Claim:
    note = session.note
    deposit = ledger.deposit(note.inner, note.cap, note.expiry)
    assert deposit.cm == note.cm
    return session.claim(proof=ledger.proof(note.cm), epoch=EPOCH)


def test_a_session_claim_proved_verified_and_paid_once(
    ledger: Settlement, circuit: CompiledCircuit, pk: ProvingKey
) -> None:
    claim = funded_claim(ledger, make_session())
    with Prover(pk, circuit) as prover:
        proof = prove_claim(claim, prover)
    inputs = claim.statement.public_inputs
    with pytest.raises(InvalidProof):
        ledger.redeem([*inputs[:3], inputs[3] - 1, *inputs[4:]], CONTEXT, proof)
    payment = ledger.redeem(inputs, CONTEXT, proof)
    assert payment.money + payment.fee == 123 * DOMAIN.price_per_unit
    again = rerandomize(pk.verifying_key, proof)
    assert again != proof
    assert ledger.verify(inputs, CONTEXT, again) == claim.statement
    with pytest.raises(NullifierSpent):
        ledger.redeem(inputs, CONTEXT, again)


def test_development_key_is_refused_unless_allowed(pk: ProvingKey) -> None:
    with SqliteStore(":memory:") as store, pytest.raises(DevelopmentKeyRefused):
        Settlement(store, DOMAIN, pk.verifying_key, clock=lambda: EPOCH)


def test_key_is_pinned_by_its_digest(pk: ProvingKey, ledger: Settlement) -> None:
    vk = pk.verifying_key
    other = dataclasses.replace(vk, alpha_g1=vk.gamma_abc_g1[:64])
    assert verifying_key_digest(other) != verifying_key_digest(vk) == Groth16Verifier(vk).digest
    with pytest.raises(InvalidKey, match="pins another"):
        Settlement(ledger._store, DOMAIN, other, clock=lambda: EPOCH, window=ledger.window, allow_development=True)


def test_keys_that_are_no_claim_s(pk: ProvingKey) -> None:
    vk = pk.verifying_key
    with pytest.raises(InvalidKey, match="7 public inputs"):
        Groth16Verifier(dataclasses.replace(vk, gamma_abc_g1=vk.gamma_abc_g1[64:]))
    with pytest.raises(InvalidKey, match="equals"):
        Groth16Verifier(dataclasses.replace(vk, gamma_g2=vk.delta_g2))
    over_bls = setup(build([({8: 1}, {8: 1}, {9: 1})], num_variables=10, num_public=7, field=bls12_381.FR))
    with pytest.raises(InvalidKey, match="claims are proved over bn254, this key is over bls12_381"):
        Groth16Verifier(over_bls.verifying_key)


def test_prover_s_parts_must_belong_together(circuit: CompiledCircuit, pk: ProvingKey) -> None:
    claim = make_session().claim()
    with pytest.raises(InvalidKey, match="another circuit"):
        Prover(pk, compile_circuit(UsageLimit()))
    with pytest.raises(InvalidKey, match="another circuit"):
        Prover(dataclasses.replace(pk, num_variables=pk.num_variables - 1), circuit)
    with (
        Prover(pk, compile_circuit(ClaimCircuit(DOMAIN.arity, DOMAIN.depth, 2 * DOMAIN.unit))) as other_unit,
        pytest.raises(UnsatisfiedConstraint),
    ):
        prove_claim(claim, other_unit)
    limit = compile_circuit(UsageLimit())
    with Prover(setup(limit.r1cs), limit) as other_circuit, pytest.raises(MalformedInput):
        prove_claim(claim, other_circuit)
    with Prover(pk) as no_circuit, pytest.raises(InvalidKey, match="no witness program"):
        prove_claim(claim, no_circuit)
