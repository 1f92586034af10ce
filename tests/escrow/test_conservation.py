"""Any sequence of operations: chain and Python ledger accept and refuse the same, and no money is made or lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
from chain_world import CLIENT, CONTEXT, NODE, START, WINDOW, ChainWorld, keys, outcome
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from zkrelay.relay.note import Note
from zkrelay.relay.refund import RefundRequest
from zkrelay.relay.registration import leave_context, register_context
from zkrelay.relay.slash import slash_handle
from zkrelay.relay.statement import ClaimStatement

OWNER, SLASHER, CLIENT_ADDRESS, SALT = 0xADD, 0x51A5, 0xC11E47, 7
ACCOUNTS = (CONTEXT.payout_address, CONTEXT.relayer, CLIENT_ADDRESS)
indices = st.integers(0, 4)
amounts = st.integers(1, 8)


class Coalition(RuleBasedStateMachine):
    """Clients and nodes that try everything; the proof system is honest, so no claim is above its note's cap."""

    world: ChainWorld

    def __init__(self) -> None:
        super().__init__()
        self.before = self.world.rpc.request("evm_snapshot")
        self.world.begin()
        self.world.set_epoch(START)
        self.notes: list[Note] = []
        self.roots = [self.world.escrow.root]
        self.paid_in = 0
        self.fetched = dict.fromkeys(ACCOUNTS, 0)
        self.sent: list[Callable[[object], object]] = []

    def teardown(self) -> None:
        self.world.rpc.request("evm_revert", self.before)

    def both(self, act: Callable[[object], object]) -> bool:
        """Whether both ledgers accept it; that they differ, or refuse with different reasons, is a failure."""
        ours, theirs = (outcome(lambda ledger=ledger: act(ledger)) for ledger in (self.world.twin, self.world.escrow))
        assert type(ours) is type(theirs), (ours, theirs)
        return ours is None

    def claim(self, index: int, amount: int, lag: int, fee: int) -> ClaimStatement:
        note = self.notes[index % len(self.notes)]
        amount = min(amount, note.cap // 1000)
        nf = RefundRequest.sign(CLIENT, note, 1).nullifier(self.world.escrow.domain)
        epoch = min(self.world.escrow.epoch - lag, note.expiry)
        context = replace(CONTEXT, relayer_fee=fee)
        root = self.roots[index % len(self.roots)]
        return self.world.statement(root=root, amount=amount, epoch=epoch, nf=nf, cc=nf, aux=context.aux)

    @rule(epochs=st.sampled_from([1, 1, 2, WINDOW + 1]))
    def wait(self, epochs: int) -> None:
        self.world.set_epoch(self.world.escrow.epoch + epochs)

    @rule(rho=indices, units=amounts, lifetime=st.integers(-1, 4))
    def deposit(self, rho: int, units: int, lifetime: int) -> None:
        note = self.world.note(rho, units, self.world.escrow.epoch + lifetime)
        if self.both(lambda ledger: ledger.deposit(note.inner, note.cap, note.expiry)):  # type: ignore[attr-defined]
            self.world.escrow.insert()
            self.notes.append(note)
            self.roots.append(self.world.escrow.root)
            self.paid_in += units * 3
            assert self.world.escrow.root == self.world.twin.root

    @precondition(lambda self: self.notes)
    @rule(index=indices)
    def commit(self, index: int) -> None:
        nf = self.claim(index, 1, 0, 0).nf
        assert self.world.escrow.commit(nf) == self.world.twin.commit(nf)

    @precondition(lambda self: self.notes)
    @rule(index=indices, amount=amounts, lag=st.integers(-1, 3), fee=st.sampled_from([0, 1, 7]))
    def redeem(self, index: int, amount: int, lag: int, fee: int) -> None:
        statement, context = self.claim(index, amount, lag, fee), replace(CONTEXT, relayer_fee=fee)
        proof = keys()["claim"].prove(statement.public_inputs)
        self.send(lambda ledger: ledger.redeem(statement.public_inputs, context, proof))  # type: ignore[attr-defined]

    @precondition(lambda self: self.notes)
    @rule(chosen=st.lists(indices, min_size=1, max_size=3, unique=True), lag=st.integers(0, 2))
    def redeem_batch(self, chosen: list[int], lag: int) -> None:
        claims = {claim.nf: claim for claim in (self.claim(index, 8, lag, 0) for index in chosen)}
        epoch = min(claim.epoch for claim in claims.values())
        total = sum(claim.amount for claim in claims.values())
        context = replace(CONTEXT, relayer_fee=0)
        batch = self.world.batch(list(claims), total=total, epoch=epoch, aux=context.aux)
        proof = keys()["batch"].prove(batch.public_inputs)
        self.send(lambda ledger: ledger.redeem_batch(batch.vector, batch.h, context, proof))  # type: ignore[attr-defined]

    @precondition(lambda self: self.notes)
    @rule(index=indices)
    def refund(self, index: int) -> None:
        request = RefundRequest.sign(CLIENT, self.notes[index % len(self.notes)], CLIENT_ADDRESS)
        self.send(lambda ledger: ledger.refund(request))  # type: ignore[attr-defined]

    @precondition(lambda self: self.sent)
    @rule(index=indices)
    def send_again(self, index: int) -> None:
        self.both(self.sent[-1 - index % len(self.sent)])

    @rule(account=st.sampled_from(ACCOUNTS))
    def withdraw(self, account: int) -> None:
        owed = self.world.escrow.owed(account)
        if outcome(lambda: self.world.escrow.withdraw(account)) is None:
            self.fetched[account] += owed
        else:
            assert owed == 0

    @rule(amount=st.integers(9, 12), move=st.sampled_from(["register", "leave", "take", "commit", "slash"]))
    def stake(self, amount: int, move: str) -> None:
        """The node's own moves, and those of somebody who has its secret."""
        domain, epoch = self.world.escrow.domain, self.world.stakes.stake(NODE.payee).epoch
        ledgers = (self.world.stakes, self.world.twin)
        if move == "commit":
            handle = slash_handle(domain.value, NODE.payee, NODE.kn, SLASHER, SALT)
            acts = tuple(lambda s=s: s.commit(handle) for s in ledgers)  # type: ignore[attr-defined]
        elif move == "slash":
            acts = tuple(lambda s=s: s.slash(NODE.payee, NODE.kn, SLASHER, SALT) for s in ledgers)  # type: ignore[attr-defined]
        elif move == "take":
            acts = (lambda: self.world.stakes.take(NODE.payee), lambda: self.world.twin.withdraw(NODE.payee))
        elif move == "leave":
            proof = keys()["registration"].prove([NODE.payee, leave_context(domain, NODE.payee, epoch)])
            acts = tuple(lambda s=s: s.leave(NODE.payee, proof) for s in ledgers)  # type: ignore[attr-defined]
        else:
            context = register_context(domain, NODE.payee, OWNER, amount)
            proof = keys()["registration"].prove([NODE.payee, context])
            acts = tuple(
                lambda s=s: s.register(NODE.payee, OWNER, amount, proof)  # type: ignore[attr-defined]
                for s in ledgers
            )
        assert type(outcome(acts[0])) is type(outcome(acts[1]))

    def send(self, act: Callable[[object], object]) -> None:
        self.sent.append(act)
        self.both(act)

    @invariant()
    def money_is_conserved(self) -> None:
        """What is there is what came in less what was fetched, and everybody was credited what Python paid."""
        escrow, stakes, twin = self.world.escrow, self.world.stakes, self.world.twin
        owed = {account: escrow.owed(account) for account in ACCOUNTS}
        assert escrow.balance == twin.balance
        there = self.world.money(escrow.address)
        assert there == escrow.balance + sum(owed.values()) == self.paid_in - sum(self.fetched.values())
        paid: Counter[int] = Counter()
        for payment in twin.payments():
            paid.update({payment.recipient: payment.money})
            paid.update({payment.relayer: payment.fee})
        assert {account: owed[account] + self.fetched[account] for account in ACCOUNTS} == {
            account: paid[account] for account in ACCOUNTS
        }
        assert [stakes.owed(account) for account in (OWNER, SLASHER)] == [paid[OWNER], paid[SLASHER]]
        staked = sum(stake.amount for stake in twin.stakes())
        assert self.world.money(stakes.address) == staked + paid[OWNER] + paid[SLASHER]


def play(deployed: ChainWorld, examples: int, steps: int) -> None:
    machine = type("OnThisChain", (Coalition,), {"world": deployed})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, suppress_health_check=list(HealthCheck), deadline=None
        ),
    )


def test_conservation(deployed: ChainWorld) -> None:
    play(deployed, examples=3, steps=10)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_conservation_at_length(deployed: ChainWorld) -> None:
    play(deployed, examples=40, steps=30)
