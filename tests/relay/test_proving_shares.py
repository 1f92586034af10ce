"""Real proofs of openings and of claims with a share: journal first, proof second, ledger third."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from memory_funding import MemoryFunding
from open_world import LIMIT, OpenWorld

from zkrelay.circuits.claim_x1 import ClaimX1
from zkrelay.circuits.open import Open
from zkrelay.errors import Equivocation, InvalidBatch, InvalidKey, InvalidProof
from zkrelay.groth16 import Prover, rerandomize, setup
from zkrelay.kernel import current
from zkrelay.r1cs import compile_circuit
from zkrelay.relay.batch import Batch
from zkrelay.relay.domain import SEVERAL_VENUES
from zkrelay.relay.fleet import ProverFiles, jobs_of, prove_all
from zkrelay.relay.funding import FundingKey
from zkrelay.relay.funding_ledger import buy_leaf, open_note, verify_opening
from zkrelay.relay.journal import Journal
from zkrelay.relay.opening import OPEN_NAMES, Ticket
from zkrelay.relay.proving import prove_claim, prove_opening
from zkrelay.relay.statement import SharedClaimStatement
from zkrelay.relay.verifier import Groth16Verifier

from .parties import DOMAIN, make_session

pytestmark = pytest.mark.skipif(
    current().name == "reference", reason="a setup of thousands of rows takes minutes in Python integers"
)
DEPTH = 4


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.sqlite") as journal:
        yield journal


def test_an_opening_proved_verified_and_inserted(journal: Journal) -> None:
    circuit = compile_circuit(Open(depth=DEPTH))
    pk = setup(circuit.r1cs)
    verifier = Groth16Verifier(pk.verifying_key, len(OPEN_NAMES))
    world = OpenWorld(depth=DEPTH)
    world.tree = world.funding.tree()
    store = MemoryFunding(DEPTH)
    for key in (FundingKey(5), world.key):
        buy_leaf(store, world.funding, key.identity, LIMIT)
        position = world.fund(key)
    ticket = journal.unused_ticket(world.key, world.funding, LIMIT)
    assert ticket == Ticket(0, LIMIT)
    opening = world.make_opening(ticket=ticket, proof=world.tree.proof(position))
    with Prover(pk, circuit) as prover:
        proof = prove_opening(opening, prover, journal)
        other = world.make_opening(ticket=ticket, proof=world.tree.proof(position), message=world.make_message(inner=5))
        with pytest.raises(Equivocation):
            prove_opening(other, prover, journal)
    inputs = opening.statement.public_inputs
    for again in (proof, rerandomize(pk.verifying_key, proof)):
        statement = verify_opening(world.funding, world.domain, verifier, world.message, inputs, again)
        answer = open_note(
            store, world.funding, statement, world.message, lambda i, c, e: store.insert_note(world.domain, i, c, e)
        )
    assert store.notes == {answer.cm: world.funding.cap}
    for index, name in enumerate(OPEN_NAMES):
        changed = dataclasses.replace(opening.statement, **{name: inputs[index] ^ 1})
        with pytest.raises(InvalidProof):
            verifier.verify(changed.public_inputs, proof)
    with pytest.raises(InvalidKey, match="7 public inputs, this key takes 5"):
        Groth16Verifier(pk.verifying_key)


def test_a_claim_with_a_share_proved_and_verified(journal: Journal) -> None:
    domain = dataclasses.replace(DOMAIN, mode=SEVERAL_VENUES)
    circuit = compile_circuit(ClaimX1(domain.arity, domain.depth, domain.unit))
    pk = setup(circuit.r1cs)
    verifier = Groth16Verifier(pk.verifying_key, len(SharedClaimStatement.names))
    session = make_session(domain=domain)
    claim = session.claim(domain=domain, venue=3)
    with Prover(pk, circuit) as prover:
        with pytest.raises(Equivocation, match="with a journal"):
            prove_claim(claim, prover)
        proof = prove_claim(claim, prover, journal=journal)
        for changes in ({"venue": 4}, {"venue": 3, "amount": 1}):
            with pytest.raises(Equivocation, match="venue 3 with 123 units"):
                prove_claim(session.claim(domain=domain, **changes), prover, journal=journal)
        retry = session.claim(domain=domain, venue=3, epoch=899)
        assert prove_claim(retry, prover, journal=journal) != proof
    verifier.verify(claim.statement.public_inputs, proof)
    with pytest.raises(InvalidProof):
        verifier.verify(retry.statement.public_inputs, proof)


def test_neither_a_batch_nor_many_at_once_go_around_the_journal(journal: Journal, tmp_path: Path) -> None:
    """A batch would drop the share; ``prove_all`` writes before it looks for its files, and not without a journal."""
    domain = dataclasses.replace(DOMAIN, mode=SEVERAL_VENUES)
    session = make_session(domain=domain)
    claim = session.claim(domain=domain, amount=2)
    with pytest.raises(InvalidBatch, match="claim 0 shows a share"):
        Batch.build([claim], 8)
    nowhere = ProverFiles(str(tmp_path / "no.zkey"), str(tmp_path / "no.zkwp"))
    with pytest.raises(Equivocation, match="with a journal"):
        prove_all([claim], nowhere)
    with pytest.raises(Equivocation, match="with a journal"):
        jobs_of([claim], None)
    assert len(jobs_of([claim], journal)) == 1
    with pytest.raises(Equivocation):
        jobs_of([session.claim(domain=domain, amount=1)], journal)
