"""Conservation: whatever is deposited, claimed, replayed and forged, nobody takes out what was not put in."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from zkrelay.errors import SettlementRefused, ZkrelayError
from zkrelay.groth16 import Proof
from zkrelay.relay.context import ClaimContext
from zkrelay.relay.statement import ClaimStatement

from ..relay.ledger import WINDOW, Ledger
from ..relay.parties import DOMAIN

units = st.integers(1, 20)
indices = st.integers(0, 5)
FALSE_PROOF = Proof(bytes(64), bytes(128), bytes(64))


class Coalition(RuleBasedStateMachine):
    """Clients and nodes that work together against an honest proof system: no amount above its note's cap is proved."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger()
        self.notes: list[tuple[int, int, int]] = []  # cap in units, expiry, root
        self.funded = 0
        self.paid: dict[int, int] = {}
        self.sent: list[tuple[ClaimStatement, ClaimContext, bool]] = []

    def teardown(self) -> None:
        self.ledger.store.close()

    @rule(cap=units, lifetime=st.integers(-1, 6), rest=st.integers(0, DOMAIN.unit - 1), inner=indices)
    def deposit(self, cap: int, lifetime: int, rest: int, inner: int) -> None:
        expiry = self.ledger.now + lifetime
        try:
            deposit = self.ledger.settlement.deposit(inner, cap * DOMAIN.unit + rest, expiry)
        except SettlementRefused:
            return
        self.notes.append((cap, expiry, deposit.root))
        self.funded += cap * DOMAIN.price_per_unit

    @rule(epochs=st.integers(1, 3))
    def time_passes(self, epochs: int) -> None:
        self.ledger.now += epochs

    @rule(note=indices)
    def commit(self, note: int) -> None:
        self.ledger.settlement.commit(1000 + note)

    @rule(note=indices, amount=units, back=st.integers(-1, WINDOW + 1), fee=st.integers(0, 70))
    def claim(self, note: int, amount: int, back: int, fee: int) -> None:
        """A true claim: at most the cap, at most the expiry, under a root that holds the note."""
        if note >= len(self.notes):
            return
        cap, expiry, root = self.notes[note]
        epoch = min(max(self.ledger.now - back, 0), expiry)
        context = ClaimContext(payout_address=5, relayer=6, relayer_fee=fee)
        statement = self.ledger.statement(
            root=root, amount=min(amount, cap), epoch=epoch, nf=note, cc=1000 + note, aux=context.aux
        )
        self.send(statement, context, True)

    @rule(index=indices)
    def replay(self, index: int) -> None:
        if index < len(self.sent):
            self.send(*self.sent[index])

    @rule(note=indices, amount=st.integers(1, (1 << 64) - 1))
    def forge(self, note: int, amount: int) -> None:
        """A claim that no proof exists for."""
        context = ClaimContext(payout_address=5)
        self.send(self.ledger.statement(nf=note + 500, amount=amount, aux=context.aux), context, False)

    def send(self, statement: ClaimStatement, context: ClaimContext, true: bool) -> None:
        self.sent.append((statement, context, true))
        proof = None if true else FALSE_PROOF
        before = self.ledger.dump()
        try:
            payment = self.ledger.redeem(statement, context, proof)
        except ZkrelayError:
            assert self.ledger.dump() == before, "a refusal changed the ledger"
            return
        assert true, "a forged claim was paid"
        assert statement.nf not in self.paid, "a note was paid twice"
        assert payment.money >= 0
        assert payment.money + payment.fee == statement.amount * DOMAIN.price_per_unit
        self.paid[statement.nf] = payment.money + payment.fee

    @invariant()
    def nothing_is_made(self) -> None:
        settlement = self.ledger.settlement
        paid = sum(payment.money + payment.fee for payment in settlement.payments())
        assert paid == sum(self.paid.values())
        assert settlement.balance == self.funded - paid
        assert settlement.balance >= 0
        for nf, money in self.paid.items():
            assert money <= self.notes[nf][0] * DOMAIN.price_per_unit


def test_conservation_property() -> None:
    """Whatever a coalition does, in any order, the ledger pays out at most what was put in."""
    run_state_machine_as_test(Coalition, settings=settings(max_examples=40, stateful_step_count=40, deadline=None))
