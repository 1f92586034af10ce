"""The ledger against cheats with batches, with real proofs: the same notes, the same nullifiers, whichever door."""

from __future__ import annotations

import pytest
from batch_world import SIZE, ShallowTree, batch_circuit, batch_world, second_claim
from claim_world import AMOUNT, CAP, CONTEXT, EPOCH, EXPIRY, MIB, World

from zkrelay.circuits.claim import Claim as ClaimCircuit
from zkrelay.errors import Expired, InvalidKey, InvalidProof, NullifierSpent, UnknownRoot, ZkrelayError
from zkrelay.groth16 import Proof, Prover, ProvingKey, rerandomize, setup
from zkrelay.kernel import current
from zkrelay.r1cs import compile_circuit
from zkrelay.relay.batch import Batch
from zkrelay.relay.claim import Claim
from zkrelay.relay.proving import prove_batch, prove_claim
from zkrelay.relay.receipt import Receipt
from zkrelay.relay.settlement import Settlement
from zkrelay.relay.store import PaymentKind
from zkrelay.relay.store_memory import MemoryStore

pytestmark = pytest.mark.skipif(
    current().name == "reference", reason="a setup of 11,000 rows takes minutes in Python integers"
)
WINDOW = 2


@pytest.fixture(scope="module")
def shallow() -> World:
    return batch_world()


@pytest.fixture(scope="module")
def claims(shallow: World) -> list[Claim]:
    """Of the world's two notes, in a tree that holds nothing else: the ledger's."""
    tree = ShallowTree()
    tree.extend([shallow.note.cm, shallow.other_note.cm])
    receipt = Receipt.sign(shallow.client, shallow.other_note.cm, 7 * MIB)
    return [
        shallow.make_claim(proof=tree.proof(0)),
        shallow.make_claim(note=shallow.other_note, receipt=receipt, proof=tree.proof(1), amount=7),
    ]


@pytest.fixture(scope="module")
def batch(claims: list[Claim]) -> Batch:
    return Batch.build(claims, SIZE)


@pytest.fixture(scope="module")
def batch_key() -> ProvingKey:
    return setup(compile_circuit(batch_circuit()).r1cs, threads=2)


@pytest.fixture(scope="module")
def batch_proof(batch: Batch, batch_key: ProvingKey) -> Proof:
    with Prover(batch_key, compile_circuit(batch_circuit())) as prover:
        return prove_batch(batch, prover)


@pytest.fixture(scope="module")
def claim_key(shallow: World) -> ProvingKey:
    return setup(compile_circuit(ClaimCircuit(depth=shallow.domain.depth)).r1cs, threads=2)


@pytest.fixture(scope="module")
def claim_proof(shallow: World, claims: list[Claim], claim_key: ProvingKey) -> Proof:
    with Prover(claim_key, compile_circuit(ClaimCircuit(depth=shallow.domain.depth))) as prover:
        return prove_claim(claims[0], prover)


class Ledger:
    def __init__(self, world: World, claim_key: ProvingKey, batch_key: ProvingKey) -> None:
        self.now = EPOCH
        self.settlement = Settlement(
            MemoryStore(),
            world.domain,
            claim_key.verifying_key,
            clock=lambda: self.now,
            window=WINDOW,
            batch_verifiers={SIZE: batch_key.verifying_key},
            allow_development=True,
        )
        for note in (world.note, world.other_note):
            self.settlement.deposit(note.inner, CAP, EXPIRY)

    def redeem_batch(self, batch: Batch, proof: Proof) -> object:
        return self.settlement.redeem_batch(batch.statement.vector, batch.statement.h, CONTEXT, proof)

    def refuses(self, error: type[ZkrelayError], batch: Batch, proof: Proof) -> None:
        before = self.settlement.payments(), self.settlement.balance
        with pytest.raises(error):
            self.redeem_batch(batch, proof)
        assert (self.settlement.payments(), self.settlement.balance) == before


@pytest.fixture
def ledger(shallow: World, claim_key: ProvingKey, batch_key: ProvingKey) -> Ledger:
    return Ledger(shallow, claim_key, batch_key)


def test_a_batch_is_paid_once(ledger: Ledger, batch: Batch, batch_proof: Proof, batch_key: ProvingKey) -> None:
    payment = ledger.redeem_batch(batch, batch_proof)
    assert (payment.kind, payment.money + payment.fee) == (PaymentKind.BATCH, AMOUNT + 7)  # type: ignore[attr-defined]
    ledger.refuses(NullifierSpent, batch, batch_proof)
    ledger.refuses(NullifierSpent, batch, rerandomize(batch_key.verifying_key, batch_proof))


def test_other_circuit_proof(
    ledger: Ledger, claims: list[Claim], batch: Batch, batch_proof: Proof, claim_proof: Proof
) -> None:
    """A claim's proof at the door of batches, a batch's at that of claims."""
    ledger.refuses(InvalidProof, batch, claim_proof)
    with pytest.raises(InvalidProof):
        ledger.settlement.redeem(claims[0].statement.public_inputs, CONTEXT, batch_proof)


def test_redeemed_singly_then_in_a_batch(
    ledger: Ledger, claims: list[Claim], batch: Batch, batch_proof: Proof, claim_proof: Proof
) -> None:
    ledger.settlement.redeem(claims[0].statement.public_inputs, CONTEXT, claim_proof)
    ledger.refuses(NullifierSpent, batch, batch_proof)


def test_redeemed_in_a_batch_then_singly(
    ledger: Ledger, claims: list[Claim], batch: Batch, batch_proof: Proof, claim_proof: Proof
) -> None:
    ledger.redeem_batch(batch, batch_proof)
    with pytest.raises(NullifierSpent):
        ledger.settlement.redeem(claims[0].statement.public_inputs, CONTEXT, claim_proof)


@pytest.mark.parametrize("late", range(WINDOW + 2))
def test_commit_now_prove_later(ledger: Ledger, batch: Batch, batch_proof: Proof, late: int) -> None:
    ledger.settlement.commit(batch.statement.h)
    ledger.now = EPOCH + late
    if late > WINDOW:
        ledger.refuses(Expired, batch, batch_proof)
    else:
        ledger.redeem_batch(batch, batch_proof)


def test_root_stale(ledger: Ledger, batch_key: ProvingKey) -> None:
    """A true batch over a tree that the ledger never had."""
    world = batch_world()
    elsewhere = Batch.build([world.claim, second_claim(world)], SIZE)
    with Prover(batch_key, compile_circuit(batch_circuit())) as prover:
        ledger.refuses(UnknownRoot, elsewhere, prove_batch(elsewhere, prover))


def test_a_claim_s_key_is_no_batch_s(shallow: World, claim_key: ProvingKey) -> None:
    with pytest.raises(InvalidKey, match="3 public inputs"):
        Ledger(shallow, claim_key, claim_key)
