"""The ledger's rules, one by one.  Every refusal names its rule and leaves every byte of the store as it was."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_verifier import FakeVerifier, fake_proof

from zkrelay import errors
from zkrelay.curves import bn254
from zkrelay.errors import (
    DevelopmentKeyRefused,
    DuplicateNote,
    EntryPointClosed,
    Expired,
    FeeTooHigh,
    InsufficientEscrow,
    InvalidKey,
    InvalidProof,
    MalformedInput,
    NonCanonicalNumber,
    NotCommitted,
    NullifierSpent,
    OverCap,
    SettlementRefused,
    StoreError,
    TreeFull,
    UnknownRoot,
    WrongContext,
    WrongDomain,
    WrongVenue,
    ZkrelayError,
)
from zkrelay.relay.context import ClaimContext
from zkrelay.relay.identity import NodeIdentity
from zkrelay.relay.note import note_commitment
from zkrelay.relay.settlement import Settlement, StakeRules
from zkrelay.relay.store import Payment
from zkrelay.relay.store_sqlite import SqliteStore

from .ledger import REFUND_PERIOD, SLOTS, START, WINDOW, Ledger
from .parties import CONTEXT, DOMAIN, FUNDING

R = bn254.FR.modulus


def refused(ledger: Ledger, error: type[ZkrelayError], call: Callable[[], object], match: str | None = None) -> None:
    ledger.refuses(error, call, match)


class TestDeposit:
    def test_locks_the_price_of_the_cap(self, ledger: Ledger) -> None:
        deposit = ledger.settlement.deposit(5, 2_500, START)
        assert deposit.cm == note_commitment(DOMAIN.value, 5, 2_500, START)
        assert (deposit.position, deposit.locked) == (0, 2 * DOMAIN.price_per_unit)
        assert ledger.settlement.balance == 6
        assert ledger.settlement.root == deposit.root
        proof = ledger.settlement.proof(deposit.cm)
        assert (proof.leaf, proof.root) == (deposit.cm, deposit.root)

    def test_positions_and_proofs_follow_the_tree(self, ledger: Ledger) -> None:
        deposits = [ledger.settlement.deposit(inner, 5_000, START) for inner in range(1, 8)]
        assert [d.position for d in deposits] == list(range(7))
        assert len({d.root for d in deposits}) == 7
        for deposit in deposits:
            assert ledger.settlement.proof(deposit.cm).root == deposits[-1].root

    def test_duplicate_note(self, ledger: Ledger) -> None:
        ledger.settlement.deposit(5, 2_500, START)
        refused(ledger, DuplicateNote, lambda: ledger.settlement.deposit(5, 2_500, START))
        ledger.settlement.deposit(5, 2_501, START)

    @pytest.mark.parametrize("cap", [0, DOMAIN.unit - 1, 1 << 64, -1, True])
    def test_cap_range(self, ledger: Ledger, cap: int) -> None:
        refused(ledger, OverCap, lambda: ledger.settlement.deposit(5, cap, START))

    def test_largest_cap_and_its_money(self, ledger: Ledger) -> None:
        """Money may exceed the database's integers."""
        ledger.settlement.deposit(5, (1 << 64) - 1, START)
        ledger.settlement.deposit(6, (1 << 64) - 1, START)
        assert ledger.settlement.balance == 2 * 3 * (((1 << 64) - 1) // 1000)

    def test_born_expired(self, ledger: Ledger) -> None:
        refused(ledger, Expired, lambda: ledger.settlement.deposit(5, 2_500, START - 1))
        ledger.settlement.deposit(5, 2_500, START)

    @pytest.mark.parametrize(("inner", "expiry"), [(R, START), (-1, START), (5, 1 << 32), (5, -1)])
    def test_malformed(self, ledger: Ledger, inner: int, expiry: int) -> None:
        refused(ledger, MalformedInput, lambda: ledger.settlement.deposit(inner, 2_500, expiry))

    def test_full_tree(self) -> None:
        ledger = Ledger(domain=dataclasses.replace(DOMAIN, arity=2, depth=1))
        for inner in (1, 2):
            ledger.settlement.deposit(inner, 2_500, START)
        refused(ledger, TreeFull, lambda: ledger.settlement.deposit(3, 2_500, START))
        ledger.store.close()


class TestRedeem:
    def test_pays_the_bound_address_and_the_relayer(self, ledger: Ledger) -> None:
        ledger.fund(units=1000)
        payment = ledger.redeem()
        assert payment == Payment(11, CONTEXT.payout_address, 100 * 3 - 5, CONTEXT.relayer, 5, START)
        assert ledger.settlement.payments() == [payment]
        assert ledger.settlement.balance == 3000 - 300
        assert ledger.settlement.is_spent(11)
        assert not ledger.settlement.is_spent(12)

    def test_a_note_is_paid_once(self, ledger: Ledger) -> None:
        ledger.fund()
        ledger.redeem()
        refused(ledger, NullifierSpent, ledger.redeem)
        refused(ledger, NullifierSpent, lambda: ledger.redeem(ledger.statement(amount=50, cc=99)))

    def test_another_proof_of_the_same_statement_is_spent_too(self, ledger: Ledger) -> None:
        """The key is the nullifier: proofs can be re-randomised by anybody."""
        ledger.fund()
        ledger.redeem()
        other = dataclasses.replace(fake_proof(ledger.statement()), c=bytes(range(64)))
        refused(ledger, NullifierSpent, lambda: ledger.redeem(proof=other))

    @pytest.mark.parametrize("index", range(7))
    def test_public_input_alias(self, ledger: Ledger, index: int) -> None:
        ledger.fund()
        statement = ledger.statement()
        values = statement.public_inputs
        values[index] += R
        proof = fake_proof(statement)
        refused(ledger, MalformedInput, lambda: ledger.settlement.redeem(values, CONTEXT, proof))

    @pytest.mark.parametrize("count", [6, 8])
    def test_count_of_public_inputs(self, ledger: Ledger, count: int) -> None:
        ledger.fund()
        statement = ledger.statement()
        values = [*statement.public_inputs, 0][:count]
        refused(ledger, MalformedInput, lambda: ledger.settlement.redeem(values, CONTEXT, fake_proof(statement)))

    @pytest.mark.parametrize("name", ["root", "payee", "amount", "epoch", "nf", "cc"])
    def test_proof_of_another_statement(self, ledger: Ledger, name: str) -> None:
        ledger.fund()
        statement = ledger.statement()
        changed = dataclasses.replace(statement, **{name: getattr(statement, name) - 1})
        refused(ledger, InvalidProof, lambda: ledger.redeem(changed, proof=fake_proof(statement)))

    def test_other_domain(self, ledger: Ledger) -> None:
        ledger.fund()
        refused(ledger, WrongDomain, lambda: ledger.redeem(ledger.statement(domain=DOMAIN.value + 1)))

    @pytest.mark.parametrize("venue", [1, (1 << 32) - 1])
    def test_other_venue(self, ledger: Ledger, venue: int) -> None:
        ledger.fund()
        refused(ledger, WrongVenue, lambda: ledger.redeem(ledger.statement(venue=venue)))

    @pytest.mark.parametrize("change", [{"payout_address": 1}, {"relayer": 1}, {"relayer_fee": 6}], ids=str)
    def test_payout_frontrun(self, ledger: Ledger, change: dict[str, int]) -> None:
        ledger.fund()
        context = dataclasses.replace(CONTEXT, **change)
        refused(ledger, WrongContext, lambda: ledger.redeem(context=context))

    def test_thief_pays_the_victim(self, ledger: Ledger) -> None:
        """Whoever sends the claim, the money goes where the proof says."""
        ledger.fund()
        assert ledger.redeem().recipient == CONTEXT.payout_address

    def test_fee_cannot_mint(self, ledger: Ledger) -> None:
        ledger.fund()
        greedy = ClaimContext(payout_address=1, relayer=2, relayer_fee=301)
        refused(ledger, FeeTooHigh, lambda: ledger.redeem(ledger.statement(aux=greedy.aux), greedy))
        whole = dataclasses.replace(greedy, relayer_fee=300)
        payment = ledger.redeem(ledger.statement(aux=whole.aux), whole)
        assert (payment.money, payment.fee) == (0, 300)
        with pytest.raises(MalformedInput):
            dataclasses.replace(greedy, relayer_fee=-1)

    def test_escrow_is_never_overdrawn(self, ledger: Ledger) -> None:
        """Only a broken proof system gets here; the ledger stops all the same, and the note stays unspent."""
        ledger.fund(units=99)
        refused(ledger, InsufficientEscrow, ledger.redeem, match="300 is due and 297")

    def test_unknown_root(self, ledger: Ledger) -> None:
        ledger.fund()
        refused(ledger, UnknownRoot, lambda: ledger.redeem(ledger.statement(root=5)))

    def test_empty_tree_s_root_is_unknown(self, ledger: Ledger) -> None:
        empty = ledger.settlement.root
        ledger.fund()
        refused(ledger, UnknownRoot, lambda: ledger.redeem(ledger.statement(root=empty)))

    def test_root_eviction_by_dust(self, ledger: Ledger) -> None:
        """No number of later deposits evicts a root."""
        root = ledger.fund()
        for inner in range(2, 40):
            ledger.fund(units=1, inner=inner)
        assert ledger.settlement.root != root
        ledger.redeem(ledger.statement(root=root))


class TestEpochs:
    @pytest.mark.parametrize("age", [0, 1])
    def test_without_commitment_present_or_last(self, ledger: Ledger, age: int) -> None:
        ledger.fund()
        ledger.redeem(ledger.statement(epoch=START - age))

    @pytest.mark.parametrize("age", [2, 3, START, -1, -2])
    def test_without_commitment_nothing_else(self, ledger: Ledger, age: int) -> None:
        ledger.fund()
        refused(ledger, NotCommitted, lambda: ledger.redeem(ledger.statement(epoch=START - age)))

    @pytest.mark.parametrize("late", range(WINDOW + 1))
    def test_commit_now_prove_later(self, ledger: Ledger, late: int) -> None:
        ledger.fund()
        assert ledger.settlement.commit(12) == START
        statement = ledger.statement(epoch=START)
        ledger.now = START + late
        ledger.redeem(statement)

    def test_window_closes(self, ledger: Ledger) -> None:
        ledger.fund()
        ledger.settlement.commit(12)
        statement = ledger.statement(epoch=START)
        ledger.now = START + WINDOW + 1
        refused(ledger, Expired, lambda: ledger.redeem(statement))

    def test_commitment_after_the_epoch_does_not_count(self, ledger: Ledger) -> None:
        ledger.fund()
        statement = ledger.statement(epoch=START)
        ledger.now = START + 1
        assert ledger.settlement.commit(12) == START + 1
        ledger.now = START + 2
        refused(ledger, NotCommitted, lambda: ledger.redeem(statement))

    def test_commitment_of_another_claim_does_not_count(self, ledger: Ledger) -> None:
        ledger.fund()
        ledger.settlement.commit(13)
        statement = ledger.statement(epoch=START)
        ledger.now = START + 2
        refused(ledger, NotCommitted, lambda: ledger.redeem(statement))

    def test_commitment_copied_or_early(self, ledger: Ledger) -> None:
        """Somebody who copies cc, or records it long before or again after, changes nothing for its owner."""
        ledger.fund()
        ledger.now = START - 50
        assert ledger.settlement.commit(12) == START - 50
        ledger.now = START
        statement = ledger.statement(epoch=START)
        assert ledger.settlement.commit(12) == START - 50
        ledger.now = START + WINDOW
        assert ledger.settlement.commit(12) == START - 50
        ledger.redeem(statement)

    @pytest.mark.parametrize("cc", [-1, R, 12 + R])
    def test_commitment_must_be_canonical(self, ledger: Ledger, cc: int) -> None:
        refused(ledger, NonCanonicalNumber, lambda: ledger.settlement.commit(cc))

    def test_clock_is_read_while_the_ledger_is_locked(self, ledger: Ledger) -> None:
        """Waiting behind other writers must not let a late claim pass."""
        inside = []
        ledger.settlement._clock = lambda: inside.append(ledger.store._lock.locked()) or START  # type: ignore[func-returns-value]
        ledger.fund()
        ledger.settlement.commit(1)
        ledger.redeem()
        assert inside == [True, True, True]

    def test_broken_clock(self, ledger: Ledger) -> None:
        ledger.fund()
        ledger.now = 1 << 32
        refused(ledger, MalformedInput, lambda: ledger.settlement.commit(1))


class TestPins:
    def open(self, path: Path, **settings: object) -> Settlement:
        return Ledger(SqliteStore(path), **settings).settlement

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        ledger = Ledger(SqliteStore(tmp_path / "ledger.sqlite"))
        ledger.fund()
        ledger.store.close()
        return tmp_path / "ledger.sqlite"

    def test_reopened_ledger_goes_on(self, path: Path) -> None:
        settlement = self.open(path)
        assert settlement.balance == 3000
        assert settlement.deposit(9, 5000, START).position == 1
        settlement._store.close()

    @pytest.mark.parametrize(
        ("settings", "error", "message"),
        [
            ({"verifier": FakeVerifier("another key")}, InvalidKey, "pins another"),
            ({"domain": dataclasses.replace(DOMAIN, tree_no=2)}, StoreError, "another domain"),
            ({"domain": dataclasses.replace(DOMAIN, price_per_unit=4)}, StoreError, "another domain"),
            ({"domain": dataclasses.replace(DOMAIN, depth=4)}, StoreError, "another domain"),
            ({"window": WINDOW + 1}, StoreError, "another window"),
            ({"finality": 1}, StoreError, "another finality"),
            ({"refund_period": REFUND_PERIOD + 1}, StoreError, "another refund_period"),
            ({"stake_rules": StakeRules(lock=9)}, StoreError, "another stake_rules"),
            ({"batch_verifiers": {SLOTS: FakeVerifier("another key")}}, InvalidKey, "its batch_key_4"),
            ({"registration_verifier": FakeVerifier("another key")}, InvalidKey, "its registration_key"),
            ({"open_verifier": FakeVerifier("another key")}, InvalidKey, "its open_key"),
            ({"funding": dataclasses.replace(FUNDING, ticket_bytes=20_000)}, StoreError, "another funding"),
            ({"funding": dataclasses.replace(FUNDING, funding_tree_no=2)}, StoreError, "another funding"),
            ({"fee_recipient": 1}, StoreError, "another fee_recipient"),
        ],
    )
    def test_other_settings_are_refused(
        self, path: Path, settings: dict[str, object], error: type[ZkrelayError], message: str
    ) -> None:
        with SqliteStore(path) as store, pytest.raises(error, match=message):
            Ledger(store, **settings)
        self.open(path)._store.close()

    def test_development_key(self, tmp_path: Path) -> None:
        with SqliteStore(tmp_path / "a") as store:
            with pytest.raises(DevelopmentKeyRefused):
                Settlement(store, DOMAIN, FakeVerifier(development=True), clock=lambda: START)
            Settlement(store, DOMAIN, FakeVerifier(development=True), clock=lambda: START, allow_development=True)

    def test_an_entry_point_may_be_added_later(self, tmp_path: Path) -> None:
        with SqliteStore(tmp_path / "a") as store:
            closed = Ledger(store, batch_verifiers=None, registration_verifier=None)
            closed.fund()
            closed.refuses(EntryPointClosed, closed.redeem_batch, match="4 slots")
            closed.refuses(EntryPointClosed, lambda: closed.register(NodeIdentity(1)))
            Ledger(store).redeem_batch()

    @pytest.mark.parametrize("name", ["verifier", "registration_verifier", "batch_verifiers", "open_verifier"])
    def test_no_development_key_at_any_entry_point(self, name: str) -> None:
        key = FakeVerifier(development=True)
        with pytest.raises(DevelopmentKeyRefused):
            Ledger(**{name: {SLOTS: key} if name == "batch_verifiers" else key})

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            *(("window", value) for value in (0, -1, 1 << 32)),
            *(("finality", value) for value in (-1, 1 << 32)),
            *(("refund_period", value) for value in (0, 1 << 32)),
        ],
    )
    def test_ranges_of_the_rules(self, name: str, value: int) -> None:
        with pytest.raises(MalformedInput, match=name):
            Ledger(**{name: value})

    @pytest.mark.parametrize(
        "rules", [{"minimum": 0}, {"lock": 1}, {"burn_percent": 0}, {"burn_percent": 101}], ids=str
    )
    def test_ranges_of_the_stake_rules(self, rules: dict[str, int]) -> None:
        with pytest.raises(MalformedInput):
            StakeRules(**rules)


def test_verify_is_pure() -> None:
    """No clock, no store: a spent, unknown and expired claim still *verifies*."""
    ledger = Ledger()

    def no_clock() -> int:
        raise AssertionError("verify looked at the clock")

    ledger.settlement._clock = no_clock
    statement = ledger.statement(root=5, epoch=1)
    ledger.store.close()
    assert ledger.settlement.verify(statement.public_inputs, CONTEXT, fake_proof(statement)) == statement


@pytest.mark.parametrize("value", [-1, R])
def test_queries_check_their_arguments(ledger: Ledger, value: int) -> None:
    with pytest.raises(NonCanonicalNumber):
        ledger.settlement.is_spent(value)
    with pytest.raises(NonCanonicalNumber):
        ledger.settlement.proof(value)
    with pytest.raises(MalformedInput, match="does not hold"):
        ledger.settlement.proof(5)


def test_every_refusal_of_a_rule_is_a_settlement_refusal() -> None:
    """Malformed input is another matter: it derives from ValueError, and no rule does."""
    rules = [rule for rule in vars(errors).values() if isinstance(rule, type) and issubclass(rule, SettlementRefused)]
    assert len(rules) > 20
    assert not any(issubclass(rule, ValueError) for rule in rules)
    named = {DuplicateNote, Expired, FeeTooHigh, InsufficientEscrow, NotCommitted, NullifierSpent, OverCap, TreeFull}
    assert named | {UnknownRoot, WrongContext, WrongDomain, WrongVenue, DevelopmentKeyRefused} <= set(rules)
