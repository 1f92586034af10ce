"""The real circuits: a session from its deposit to the money, and what it costs."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from anvil import MODULES, Anvil
from chain_world import RULES, START, ChainWorld, code, outcome, solc
from settlement.chain import Escrow, Rpc, deploy_escrow
from settlement.chain.compiler import compile_contracts
from settlement.chain.contracts import CLAIM_VERIFIER, sources
from settlement.chain.gas import Circuits, Measured, measure

from zkrelay import compile_circuit, setup
from zkrelay.circuits.standard import standard_circuit
from zkrelay.errors import DevelopmentKeyRefused, InvalidProof, NullifierSpent, WrongDomain
from zkrelay.groth16 import Prover
from zkrelay.relay.claim import Claim
from zkrelay.relay.context import ClaimContext
from zkrelay.relay.domain import MEBIBYTE
from zkrelay.relay.identity import NodeIdentity, SessionKey
from zkrelay.relay.note import Note, random_rho
from zkrelay.relay.proving import prove_claim
from zkrelay.relay.receipt import Receipt

PAGE = MODULES.parent.parent / "docs" / "howto-escrow.md"
MOST_PER_SESSION_OF_64 = 30_000


def test_a_session_from_deposit_to_money(world: ChainWorld) -> None:
    """Two escrows under one key: a claim is paid by the one whose domain its receipt is signed for."""
    circuit = compile_circuit(standard_circuit("claim"))
    key = setup(circuit.r1cs)
    vk = key.verifying_key
    verifier = {name: text for name, text in sources(vk).items() if name.startswith(CLAIM_VERIFIER)}
    codes, rules = {**code(), **compile_contracts(verifier, solc())}, replace(RULES, unit=MEBIBYTE, depth=10)
    with pytest.raises(DevelopmentKeyRefused):
        deploy_escrow(world.rpc, codes, rules, vk)
    escrow, other = (deploy_escrow(world.rpc, codes, rules, vk, allow_development=True) for _ in range(2))
    node, client = NodeIdentity.generate(), SessionKey.generate()
    note = Note(escrow.domain.value, node.payee, client.public, random_rho(), 500 * MEBIBYTE, START + 5)
    for each in (escrow, other):
        each.deposit(note.inner, note.cap, note.expiry)
        each.insert()
    context = ClaimContext(payout_address=0xABCDEF, relayer=0x123456, relayer_fee=7)
    receipt = Receipt.sign(client, note.cm, 123 * MEBIBYTE + 9)
    claim = Claim.build(escrow.domain, note, receipt, node, escrow.proof(note.cm), context, epoch=START)
    with Prover(key, circuit) as prover:
        proof = prove_claim(claim, prover)
    public = claim.statement.public_inputs
    for index in range(len(public)):
        changed = [value ^ (1 << 64 if i == 3 else 1) if i == index else value for i, value in enumerate(public)]
        assert outcome(lambda p=changed: escrow.redeem(p, context, proof)) is not None
    assert type(outcome(lambda: other.redeem(public, context, proof))) is WrongDomain
    moved = [other.domain.value, *public[1:]]
    assert type(outcome(lambda: other.redeem(moved, context, proof))) is InvalidProof
    assert escrow.redeem(public, context, proof).money == 123 * 3
    assert type(outcome(lambda: escrow.redeem(public, context, proof))) is NullifierSpent
    escrow.withdraw(0xABCDEF)
    assert world.money(0xABCDEF) == 123 * 3 - 7
    assert Escrow(Rpc(world.anvil.url), escrow.address).is_spent(claim.statement.nf)


def check_page(found: Measured) -> None:
    """The page's gas, to one in a hundred: calldata has more zeros in one proof than in another."""
    rows = re.findall(r"^\| (\d+) \| ([\d,]+) \| ([\d,]+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    shown = {int(sessions): int(gas.replace(",", "")) for sessions, gas, _ in rows}
    assert set(shown) == {1, 8, 16, 64}
    for cost in found.costs:
        assert abs(cost.gas - shown[cost.sessions]) < cost.gas / 100, cost
        assert 0 < cost.rest < 1_000 * cost.sessions + 15_000, "parts that are left out, or counted twice"


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("slots", [(8,), (16, 64)])
def test_gas_per_session(anvil: Anvil, tmp_path: Path, capsys: pytest.CaptureFixture[str], slots: tuple[int]) -> None:
    """Of full batches of the real circuits; 64 sessions take at most 30,000 each, whole transactions counted."""
    found = measure(Rpc(anvil.url), solc(), Circuits(tmp_path), slots)
    with capsys.disabled():
        print(f"\n{found.table()}")
    by_sessions = {cost.sessions: cost.per_session for cost in found.costs}
    assert list(by_sessions) == [1, *slots]
    assert by_sessions.get(64, 0) <= MOST_PER_SESSION_OF_64
    check_page(found)
