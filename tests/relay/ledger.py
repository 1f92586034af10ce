"""A ledger with a clock that the test sets, over a fake proof system."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fake_verifier import FakeVerifier, fake_proof
from stores import dump

from zkrelay.errors import ZkrelayError
from zkrelay.groth16 import Proof
from zkrelay.relay.batch_statement import BatchStatement
from zkrelay.relay.context import ClaimContext
from zkrelay.relay.funding import FundingKey
from zkrelay.relay.identity import NodeIdentity
from zkrelay.relay.note import Note
from zkrelay.relay.opening import Opening, OpenMessage, Ticket
from zkrelay.relay.registration import leave_context, register_context
from zkrelay.relay.settlement import Deposit, Settlement, StakeRules
from zkrelay.relay.statement import ClaimStatement
from zkrelay.relay.store import Payment, SettlementStore, StoredStake
from zkrelay.relay.store_funding import SpentTicket
from zkrelay.relay.store_memory import MemoryStore

from .parties import CONTEXT, DOMAIN, FUNDING

START = 100
WINDOW = 3
REFUND_PERIOD = 10
SLOTS = 4
FEE_RECIPIENT = 0xFEE
STAKES = StakeRules(minimum=10, lock=3, burn_percent=40)


class Ledger:
    """``now`` is the present epoch."""

    def __init__(self, store: SettlementStore | None = None, **settings: object) -> None:
        self.now = START
        self.store = store or MemoryStore()
        arguments: dict[str, object] = {
            "domain": DOMAIN,
            "verifier": FakeVerifier(),
            "clock": lambda: self.now,
            "window": WINDOW,
            "refund_period": REFUND_PERIOD,
            "batch_verifiers": {SLOTS: FakeVerifier("a batch of 4")},
            "registration_verifier": FakeVerifier("registration"),
            "stake_rules": STAKES,
            "funding": FUNDING,
            "open_verifier": FakeVerifier("open"),
            "fee_recipient": FEE_RECIPIENT,
            **settings,
        }
        self.settlement = Settlement(self.store, **arguments)  # type: ignore[arg-type]

    def fund(self, units: int = 1000, inner: int = 1, expiry: int = START + 50) -> int:
        """Deposit a note of so many units and return the root that holds it."""
        return self.settlement.deposit(inner, units * DOMAIN.unit, expiry).root

    def deposit(self, note: Note) -> Deposit:
        return self.settlement.deposit(note.inner, note.cap, note.expiry)

    def statement(self, **changes: int) -> ClaimStatement:
        values = {
            "domain": DOMAIN.value,
            "root": self.settlement.root,
            "payee": 7,
            "amount": 100,
            "epoch": self.now,
            "venue": 0,
            "nf": 11,
            "cc": 12,
            "aux": CONTEXT.aux,
            **changes,
        }
        return ClaimStatement(**values)

    def redeem(
        self, statement: ClaimStatement | None = None, context: ClaimContext = CONTEXT, proof: Proof | None = None
    ) -> Payment:
        statement = statement or self.statement()
        return self.settlement.redeem(statement.public_inputs, context, proof or fake_proof(statement))

    def batch(
        self, nullifiers: tuple[int, ...] = (11, 12, 13), num_slots: int = SLOTS, **changes: int
    ) -> BatchStatement:
        values = {
            "domain": DOMAIN.value,
            "root": self.settlement.root,
            "epoch": self.now,
            "venue": 0,
            "payee": 7,
            "total": 100,
            "aux": CONTEXT.aux,
            **changes,
        }
        return BatchStatement.sealed(nullifiers=nullifiers, num_slots=num_slots, **values)

    def redeem_batch(
        self, batch: BatchStatement | None = None, context: ClaimContext = CONTEXT, proof: Proof | None = None
    ) -> Payment:
        batch = batch or self.batch()
        proof = proof or fake_proof(batch.public_inputs)
        return self.settlement.redeem_batch(batch.vector, batch.h, context, proof)

    def register(self, node: NodeIdentity, address: int = 0xADD, amount: int = 100) -> StoredStake:
        context = register_context(DOMAIN, node.payee, address, amount)
        return self.settlement.register(node.payee, address, amount, fake_proof([node.payee, context]))

    def leave(self, node: NodeIdentity, epoch: int = START) -> StoredStake:
        return self.settlement.leave(node.payee, fake_proof([node.payee, leave_context(DOMAIN, node.payee, epoch)]))

    def opening(
        self, key: FundingKey, number: int = 0, inner: int = 1, expiry: int = START + 50, domain: int | None = None
    ) -> Opening:
        """What the owner of ``key`` builds from the leaves that the ledger shows to everybody."""
        with self.store.read() as transaction:
            leaf = transaction.funding.leaf(key.identity)
        assert leaf is not None
        funding = self.settlement._funding()
        tree = funding.tree()
        tree.extend(self.settlement.funding_leaves())
        message = OpenMessage(domain or self.settlement.domain.value, inner, funding.ticket_bytes, expiry)
        return Opening.build(funding, key, Ticket(number, leaf.limit), tree.proof(leaf.position), message)

    def open(self, opening: Opening, proof: Proof | None = None) -> SpentTicket:
        inputs = opening.statement.public_inputs
        return self.settlement.open(opening.message, inputs, proof or fake_proof(opening.statement))

    def money(self) -> int:
        """All that the ledger holds or has paid out."""
        settlement = self.settlement
        stakes = sum(stake.amount for stake in settlement.stakes())
        paid_out = sum(payment.money + payment.fee for payment in settlement.payments())
        return settlement.balance + sum(settlement.pots().values()) + stakes + paid_out

    def dump(self) -> object:
        """Everything that the store holds."""
        return dump(self.store)

    def refuses(self, error: type[ZkrelayError], call: Callable[[], object], match: str | None = None) -> None:
        """The call raises the error and leaves every byte of the store as it was."""
        before = self.dump()
        with pytest.raises(error, match=match):
            call()
        assert self.dump() == before
