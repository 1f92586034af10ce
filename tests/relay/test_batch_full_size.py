"""At full size: sessions beyond one batch of 64, proved over an executor and verified together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from zkrelay import formats
from zkrelay.circuits.standard import standard_circuit
from zkrelay.groth16 import setup, verify_many
from zkrelay.kernel import current
from zkrelay.r1cs import compile_circuit
from zkrelay.relay.batch import cut_into_batches
from zkrelay.relay.claim import Claim
from zkrelay.relay.context import ClaimContext
from zkrelay.relay.domain import Domain
from zkrelay.relay.fleet import ProverFiles, prove_all
from zkrelay.relay.identity import NodeIdentity, SessionKey
from zkrelay.relay.merkle import MerkleTree
from zkrelay.relay.note import Note
from zkrelay.relay.receipt import Receipt


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.skipif(current().name == "reference", reason="433,772 rows are not for Python integers")
def test_sessions_in_batches_of_64(tmp_path: Path) -> None:
    """A full batch and one with 58 unused slots; each note has its own client, and is far from the rest."""
    domain, node, tree = Domain(chain_id=1, contract=2, tree_no=3), NodeIdentity(5), MerkleTree()
    sessions = []
    for i in range(70):
        key = SessionKey.from_seed(b"client %d" % i)
        note = Note(domain.value, node.payee, key.public, rho=1000 + i, cap=500 * domain.unit, expiry=1000)
        tree.extend(range(1 + 50 * i, 51 + 50 * i))
        sessions.append((note, Receipt.sign(key, note.cm, (i + 1) * domain.unit + i), tree.append(note.cm)))
    claims = [
        Claim.build(domain, note, receipt, node, tree.proof(position), ClaimContext(7), epoch=900)
        for note, receipt, position in sessions
    ]
    circuit = compile_circuit(standard_circuit("batch64"))
    assert circuit.r1cs.num_constraints + 4 <= 1 << 19
    pk = setup(circuit.r1cs, threads=2)
    files = ProverFiles(str(tmp_path / "batch64.zkey"), str(tmp_path / "batch64.zkwp"))
    formats.write_zkey(files.zkey, pk)
    formats.write_zkwp(files.zkwp, circuit)
    batches = cut_into_batches(claims)
    with ThreadPoolExecutor(1) as executor:
        proofs = prove_all(batches, files, executor=executor, threads=2)
    assert [batch.statement.count for batch in batches] == [64, 6]
    assert sum(batch.statement.total for batch in batches) == sum(range(1, 71))
    items = [(batch.statement.public_inputs, proof) for batch, proof in zip(batches, proofs, strict=True)]
    assert verify_many(pk.verifying_key, items).all_true
    swapped = [(items[0][0], items[1][1]), items[1]]
    assert set(verify_many(pk.verifying_key, swapped).refused) == {0}
