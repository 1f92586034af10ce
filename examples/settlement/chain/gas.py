"""What a session costs on a chain: real notes, receipts, claims and proofs, and the gas of each transaction.

    python -m settlement.chain.gas --rpc http://127.0.0.1:8545 --slots 8 16 64 --keys keys/

A single claim is always measured.  Keys that the folder lacks are made there, and are development keys: use a test
chain.  The worst case is measured: payout and relayer are new to the escrow, and all slots are used.  Gas is the whole
transaction's, its 21,000 and its calldata included.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from zkrelay import compile_circuit, setup
from zkrelay.circuits.standard import standard_circuit
from zkrelay.evm import verify_proof_call, verify_vector_call
from zkrelay.formats import read_zkey, write_zkey
from zkrelay.groth16 import Proof, Prover, ProvingKey
from zkrelay.r1cs import CompiledCircuit
from zkrelay.relay.batch import Batch
from zkrelay.relay.claim import Claim
from zkrelay.relay.context import ClaimContext
from zkrelay.relay.identity import NodeIdentity, SessionKey
from zkrelay.relay.note import Note, random_rho
from zkrelay.relay.proving import prove_batch, prove_claim
from zkrelay.relay.receipt import Receipt

from .compiler import SOLC, compile_contracts
from .contracts import sources
from .deploy import EscrowRules, deploy_escrow
from .escrow import Escrow
from .rpc import Rpc, TransactionReceipt

TRANSACTION, ZERO_BYTE, OTHER_BYTE = 21_000, 4, 16
NEW_SLOT, USED_SLOT = 22_100, 5_000  # a word of storage that was 0, that was not
CAP_UNITS, PRICE = 500, 10**9


class Cost(NamedTuple):
    """Of redeeming ``sessions`` in one transaction: ``gas`` in all, and parts of it."""

    sessions: int
    gas: int
    calldata: int
    verification: int

    @property
    def per_session(self) -> int:
        """Rounded up."""
        return -(-self.gas // self.sessions)

    @property
    def nullifiers(self) -> int:
        return NEW_SLOT * self.sessions

    @property
    def payout(self) -> int:
        """Two credits that are new, and the money behind the notes."""
        return 2 * NEW_SLOT + USED_SLOT

    @property
    def rest(self) -> int:
        return self.gas - TRANSACTION - self.calldata - self.verification - self.nullifiers - self.payout


@dataclass
class Measured:
    """``deposit`` and ``withdraw`` are of one, ``inserts`` by the number of notes; ``creation`` by contract."""

    costs: list[Cost]
    deposit: int
    inserts: dict[int, int]
    withdraw: int
    creation: dict[str, int]

    def table(self) -> str:
        """Markdown."""
        lines = [
            "| sessions | gas | a session | 21,000 | calldata | proof | nullifiers | credits | the rest |",
            "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        ]
        for c in self.costs:
            parts = (c.sessions, c.gas, c.per_session, TRANSACTION, c.calldata, c.verification, c.nullifiers, c.payout)
            lines.append("| " + " | ".join(f"{part:,}" for part in (*parts, c.rest)) + " |")
        inserts = ", ".join(f"{gas:,} for {count}" for count, gas in self.inserts.items())
        lines += [f"\ndeposit {self.deposit:,}; insert {inserts}; withdraw {self.withdraw:,}"]
        lines += [", ".join(f"{name} {gas:,}" for name, gas in self.creation.items())]
        return "\n".join(lines)


class Circuits:
    """Compiled circuits and their keys, of which those that a folder lacks are made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, name: str) -> tuple[CompiledCircuit, ProvingKey]:
        circuit, path = compile_circuit(standard_circuit(name)), self.folder / f"{name}.zkey"
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            write_zkey(path, setup(circuit.r1cs, threads=2))
        return circuit, read_zkey(path)


class Node:
    """A node with one session for each note that it deposits itself."""

    def __init__(self, escrow: Escrow) -> None:
        self.escrow = escrow
        self.identity = NodeIdentity.generate()
        self.sessions: list[tuple[SessionKey, Note]] = []

    def open(self, count: int) -> list[TransactionReceipt]:
        """Deposit so many notes."""
        domain, receipts = self.escrow.domain, []
        for _ in range(count):
            client = SessionKey.generate()
            cap, expiry = CAP_UNITS * domain.unit, self.escrow.epoch + 10
            note = Note(domain.value, self.identity.payee, client.public, random_rho(), cap, expiry)
            receipts.append(self.escrow.deposit(note.inner, note.cap, note.expiry).receipt)
            self.sessions.append((client, note))
        return receipts

    def claims(self, count: int, context: ClaimContext) -> list[Claim]:
        """Of the next sessions, all under the present root."""
        domain, tree, found = self.escrow.domain, self.escrow.tree(), []
        taken, self.sessions = self.sessions[:count], self.sessions[count:]
        for number, (client, note) in enumerate(taken, start=1):
            receipt = Receipt.sign(client, note.cm, number * domain.unit + number)
            proof = tree.proof(self.escrow.position(note.cm))
            claim = Claim.build(domain, note, receipt, self.identity, proof, context, epoch=self.escrow.epoch)
            found.append(claim)
        return found


def measure(rpc: Rpc, solc: Sequence[str], circuits: Circuits, slots: Sequence[int], *, threads: int = 2) -> Measured:
    """Deploy an escrow, and redeem one claim and a full batch for each number of ``slots``."""
    claim_circuit, claim_key = circuits("claim")
    batches = {n: circuits(f"batch{n}") for n in slots}
    keys = {n: key.verifying_key for n, (_, key) in batches.items()}
    code = compile_contracts(sources(claim_key.verifying_key, keys), solc)
    escrow = deploy_escrow(
        rpc, code, EscrowRules(price_per_unit=PRICE), claim_key.verifying_key, keys, allow_development=True
    )
    node = Node(escrow)
    deposits = node.open(1 + sum(slots))
    inserts = {}
    for count in (1, *slots):
        inserted = escrow.insert(count)
        assert inserted is not None
        inserts[count] = inserted.gas_used
    contexts = [ClaimContext(0xA0000 + i, 0xB0000 + i, relayer_fee=1) for i in range(1 + len(slots))]
    (claim,) = node.claims(1, contexts[0])
    with Prover(claim_key, claim_circuit) as prover:
        costs = [_claim_cost(escrow, claim, contexts[0], prove_claim(claim, prover, threads=threads))]
    for context, (n, (circuit, key)) in zip(contexts[1:], batches.items(), strict=True):
        batch = Batch.build(node.claims(n, context), n)
        with Prover(key, circuit) as prover:
            costs.append(_batch_cost(escrow, batch, context, prove_batch(batch, prover, threads=threads)))
    withdrawn = escrow.withdraw(contexts[0].payout_address)
    return Measured(costs, deposits[-1].gas_used, inserts, withdrawn.gas_used, escrow.deployment_gas)


def _claim_cost(escrow: Escrow, claim: Claim, context: ClaimContext, proof: Proof) -> Cost:
    public = claim.statement.public_inputs
    verifier = escrow.address_of("CLAIM_VERIFIER()")
    verification = _execution(escrow.rpc, verifier, verify_proof_call(public, proof).data)
    return _cost(1, escrow.redeem(public, context, proof).receipt, verification)


def _batch_cost(escrow: Escrow, batch: Batch, context: ClaimContext, proof: Proof) -> Cost:
    vector, h = batch.statement.vector, batch.statement.h
    verifier = escrow.address_of("batchKeys(uint256)", len(vector))
    verification = _execution(escrow.rpc, verifier, verify_vector_call(vector, h, proof).data)
    return _cost(batch.statement.count, escrow.redeem_batch(vector, h, context, proof).receipt, verification)


def _cost(sessions: int, receipt: TransactionReceipt, verification: int) -> Cost:
    return Cost(sessions, receipt.gas_used, _calldata_gas(receipt.data), verification)


def _execution(rpc: Rpc, address: str, data: bytes) -> int:
    """Gas of a call of a verifier, without that of a transaction."""
    return rpc.send(address, data).gas_used - TRANSACTION - _calldata_gas(data)


def _calldata_gas(data: bytes) -> int:
    return sum(OTHER_BYTE if byte else ZERO_BYTE for byte in data)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Gas of a session on a test chain.")
    parser.add_argument("--rpc", required=True, help="URL of the chain's node")
    parser.add_argument("--solc", default=" ".join(SOLC), help="command of the compiler, such as 'node solc.js'")
    parser.add_argument("--keys", type=Path, required=True, help="folder of the circuits' .zkey files")
    parser.add_argument("--slots", type=int, nargs="*", default=[8, 16, 64])
    options = parser.parse_args(arguments)
    found = measure(Rpc(options.rpc), shlex.split(options.solc), Circuits(options.keys), options.slots)
    sys.stdout.write(f"{found.table()}\n")


if __name__ == "__main__":
    main()
