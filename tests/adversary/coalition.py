"""A coalition of clients and nodes that tries everything at a ledger, in any order: see ``test_conservation``."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Sequence

from fake_verifier import fake_proof
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from zkrelay.errors import InsufficientEscrow, InvalidProof, SettlementRefused
from zkrelay.groth16 import Proof
from zkrelay.relay.batch_statement import BatchStatement
from zkrelay.relay.context import ClaimContext
from zkrelay.relay.identity import NodeIdentity, SessionKey
from zkrelay.relay.note import Note
from zkrelay.relay.nullifier import note_nullifier
from zkrelay.relay.refund import RefundRequest
from zkrelay.relay.settlement import Deposit
from zkrelay.relay.slash import slash_handle
from zkrelay.relay.statement import ClaimStatement
from zkrelay.relay.store import Payment, PaymentKind, SettlementStore
from zkrelay.relay.store_memory import MemoryStore

from ..relay.ledger import SLOTS, WINDOW, Ledger
from ..relay.parties import DOMAIN

units = st.integers(1, 20)
indices = st.integers(0, 5)
nodes = st.integers(0, 1)
fees = st.sampled_from([0, 0, 1, 60])
FALSE_PROOF = Proof(bytes(64), bytes(128), bytes(64))
CLIENT = SessionKey.from_seed(b"a client of the coalition")
NODES = [NodeIdentity(kn) for kn in (11, 12)]
PRICE = DOMAIN.price_per_unit


class Coalition(RuleBasedStateMachine):
    """Clients and nodes that work together against an honest proof system: no amount above its note's cap is proved."""

    finality = 0

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = self.open_store()
        self.ledger = self.open_ledger()
        self.notes: list[tuple[Note, Deposit]] = []
        self.paid_in = 0
        self.paid: dict[int, int] = {}  # nf -> money; of a batch all of it under its first, 0 under the others
        self.sent: list[Callable[[], None]] = []
        self.batches: list[BatchStatement] = []

    def open_store(self) -> SettlementStore:
        return MemoryStore()

    def open_ledger(self) -> Ledger:
        return Ledger(self.store, finality=self.finality)

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @initialize(caps=st.lists(units, min_size=3, max_size=3), stake=st.integers(10, 200))
    def begin(self, caps: list[int], stake: int) -> None:
        for rho, cap in enumerate(caps):
            self.deposit(cap, lifetime=rho + self.finality, rest=0, rho=rho)
        self.register(0, stake)

    # --- what everybody may do ----------------------------------------------------------------------------------------

    @rule(epochs=st.sampled_from([1, 1, 1, 2, WINDOW + 1]))
    def time_passes(self, epochs: int) -> None:
        self.ledger.now += epochs

    @rule(cap=units, lifetime=st.integers(-1, 6), rest=st.integers(0, DOMAIN.unit - 1), rho=indices)
    def deposit(self, cap: int, lifetime: int, rest: int, rho: int) -> None:
        expiry = self.ledger.now + lifetime
        note = Note(DOMAIN.value, 7, CLIENT.public, rho, cap * DOMAIN.unit + rest, expiry)
        deposit = self.attempt(lambda: self.ledger.deposit(note))
        if deposit is not None:
            self.notes.append((note, deposit))
            self.paid_in += cap * PRICE

    @precondition(lambda self: self.notes)
    @rule(index=indices)
    def commit(self, index: int) -> None:
        note, _ = self.note(index)
        self.ledger.settlement.commit(note.cm)

    @rule(index=indices)
    def replay(self, index: int) -> None:
        if index < len(self.sent):
            self.sent[index]()

    # --- claims -------------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.notes)
    @rule(index=indices, amount=units, back=st.sampled_from([0, 0, 1, 1, 2, WINDOW, -1]), fee=fees)
    def claim(self, index: int, amount: int, back: int, fee: int) -> None:
        """A true claim: at most the cap, at most the expiry, under a root that holds the note."""
        note, deposit = self.note(index)
        context = ClaimContext(payout_address=5, relayer=6, relayer_fee=fee)
        statement = self.ledger.statement(
            root=deposit.root,
            amount=min(amount, DOMAIN.units(note.cap)),
            epoch=min(max(self.ledger.now - back, 0), note.expiry),
            nf=note_nullifier(note.cm, note.rho),
            cc=note.cm,
            aux=context.aux,
        )
        self.send(lambda: self.redeem(statement, context, fake_proof(statement)))

    @rule(index=indices, amount=st.integers(1, (1 << 64) - 1))
    def forge(self, index: int, amount: int) -> None:
        """A claim that no proof exists for."""
        context = ClaimContext(payout_address=5)
        statement = self.ledger.statement(nf=index, amount=amount, aux=context.aux)
        self.send(lambda: self.redeem(statement, context, FALSE_PROOF))

    def redeem(self, statement: ClaimStatement, context: ClaimContext, proof: Proof) -> None:
        payment = self.attempt(lambda: self.ledger.redeem(statement, context, proof))
        if payment is not None:
            assert proof is not FALSE_PROOF, "a forged claim was paid"
            assert payment.money + payment.fee == statement.amount * PRICE
            self.took([statement.nf], payment)

    # --- batches ------------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.notes)
    @rule(
        chosen=st.lists(indices, min_size=1, max_size=SLOTS, unique=True),
        total=st.integers(1, 20 * SLOTS),
        back=st.integers(0, 1),
        recorded=st.booleans(),
    )
    def batch(self, chosen: list[int], total: int, back: int, recorded: bool) -> None:
        """A true batch under the present root; recorded now and sent later, or sent at once."""
        notes = list({note.cm: note for note, _ in map(self.note, chosen)}.values())
        caps = sum(DOMAIN.units(note.cap) for note in notes)
        batch = self.ledger.batch(
            tuple(note_nullifier(note.cm, note.rho) for note in notes),
            total=min(max(total, len(notes)), caps),
            epoch=min(self.ledger.now - back, *(note.expiry for note in notes)),
            aux=ClaimContext(payout_address=5).aux,
        )
        if recorded:
            self.ledger.settlement.commit(batch.h)
            self.batches.append(batch)
        else:
            self.send(lambda: self.redeem_batch(batch))

    @precondition(lambda self: self.batches)
    @rule(index=indices)
    def send_recorded_batch(self, index: int) -> None:
        batch = self.batches[index % len(self.batches)]
        self.send(lambda: self.redeem_batch(batch))

    def redeem_batch(self, batch: BatchStatement) -> None:
        payment = self.attempt(lambda: self.ledger.redeem_batch(batch, ClaimContext(payout_address=5)))
        if payment is not None:
            assert payment.money + payment.fee == batch.total * PRICE
            self.took(batch.spent, payment)

    # --- refunds ------------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.notes)
    @rule(index=indices)
    def refund(self, index: int) -> None:
        note, _ = self.note(index)
        request = RefundRequest.sign(CLIENT, note, recipient=9)

        def send() -> None:
            payment = self.attempt(lambda: self.ledger.settlement.refund(request))
            if payment is not None:
                assert self.ledger.now > note.expiry + WINDOW
                self.took([note_nullifier(note.cm, note.rho)], payment)

        self.send(send)

    # --- stakes -------------------------------------------------------------------------------------------------------

    @rule(node=nodes, amount=st.integers(5, 200))
    def register(self, node: int, amount: int) -> None:
        if self.attempt(lambda: self.ledger.register(NODES[node], amount=amount)) is not None:
            self.paid_in += amount

    @rule(node=nodes)
    def leave(self, node: int) -> None:
        for stake in self.ledger.settlement.stakes():
            if stake.payee == NODES[node].payee:
                self.ledger.leave(NODES[node], stake.epoch)

    @rule(node=nodes)
    def withdraw(self, node: int) -> None:
        self.attempt(lambda: self.ledger.settlement.withdraw(NODES[node].payee))

    @rule(node=nodes, salt=st.integers(0, 1))
    def commit_to_slash(self, node: int, salt: int) -> None:
        payee, kn = NODES[node].payee, NODES[node].kn
        self.ledger.settlement.commit(slash_handle(DOMAIN.value, payee, kn, 3, salt))

    @rule(node=nodes, salt=st.integers(0, 1))
    def slash(self, node: int, salt: int) -> None:
        payee, kn = NODES[node].payee, NODES[node].kn
        self.attempt(lambda: self.ledger.settlement.slash(payee, kn, 3, salt))

    # --- the ledger itself --------------------------------------------------------------------------------------------

    @rule()
    def restart(self) -> None:
        """A new process over the same ledger."""
        now = self.ledger.now
        if not isinstance(self.store, MemoryStore):
            self.store.close()
            self.store = self.open_store()
        self.ledger = self.open_ledger()
        self.ledger.now = now

    @rule()
    def copy_the_nullifiers(self) -> None:
        file = io.BytesIO()
        self.ledger.settlement.export_nullifiers(file)
        assert self.ledger.settlement.import_nullifiers(io.BytesIO(file.getvalue())) == 0

    @invariant()
    def nothing_is_made_and_nothing_is_lost(self) -> None:
        settlement = self.ledger.settlement
        payments = settlement.payments()
        assert min(settlement.balance, *(p.money for p in payments), *(p.fee for p in payments), 0) == 0
        assert self.ledger.money() == self.paid_in
        notes = (PaymentKind.CLAIM, PaymentKind.BATCH, PaymentKind.REFUND)
        claimed = sum(p.money + p.fee for p in payments if p.kind in notes)
        assert claimed == sum(self.paid.values())
        locked = sum(DOMAIN.price(DOMAIN.units(note.cap)) for note, _ in self.notes)
        assert settlement.balance + claimed == locked, "money behind notes that nobody locked for them"
        with self.store.read() as transaction:
            assert [nf for nf, _ in transaction.nullifiers(-1, 1 << 30)] == sorted(self.paid)

    # --- helpers ------------------------------------------------------------------------------------------------------

    def note(self, index: int) -> tuple[Note, Deposit]:
        return self.notes[index % len(self.notes)]

    def send(self, action: Callable[[], None]) -> None:
        self.sent.append(action)
        action()

    def attempt(self, call: Callable[[], object]):  # type: ignore[no-untyped-def]
        """What the call returns; None when it was refused, and then nothing has changed."""
        before = self.ledger.dump()
        try:
            return call()
        except InsufficientEscrow as broken:
            raise AssertionError("the ledger owes more than it holds") from broken
        except (SettlementRefused, InvalidProof):
            assert self.ledger.dump() == before, "a refusal changed the ledger"
            return None

    def took(self, nullifiers: Sequence[int], payment: Payment) -> None:
        caps = {note_nullifier(note.cm, note.rho): DOMAIN.units(note.cap) * PRICE for note, _ in self.notes}
        assert not set(nullifiers) & set(self.paid), "a note was paid twice"
        assert payment.money + payment.fee <= sum(caps[nf] for nf in nullifiers)
        self.paid |= dict.fromkeys(nullifiers, 0)
        self.paid[nullifiers[0]] = payment.money + payment.fee
