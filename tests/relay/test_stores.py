"""What every store promises, whichever it is: memory, SQLite and PostgreSQL under one suite."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stores import dump

from zkrelay.curves import bn254
from zkrelay.errors import DuplicateNote, StoreError
from zkrelay.relay.share import Share
from zkrelay.relay.store import (
    Payment,
    PaymentKind,
    SettlementStore,
    StoredNote,
    StoredRoot,
    StoredStake,
    StoreTransaction,
)
from zkrelay.relay.store_funding import FundedLeaf, FundingMove, SpentTicket, SpentToken

MOVE = FundingMove((1 << 253) + 1, {"a pot": 10**60, "tokens of x": 1})
Open = Callable[[], SettlementStore]
MAX_LIMIT = 1 << 16
R_MINUS_1 = bn254.FR.modulus - 1
EPOCH_MAX = (1 << 32) - 1
NOTE = StoredNote(0, R_MINUS_1, (1 << 64) - 1, EPOCH_MAX, 3)
SHARE = Share(R_MINUS_1, 0, R_MINUS_1)
STAKE = StoredStake(R_MINUS_1, (1 << 256) - 1, 10**70, EPOCH_MAX - 1)
LEAF = FundedLeaf(R_MINUS_1, MAX_LIMIT, 0)
TICKET = SpentTicket(Share(R_MINUS_1, 0, R_MINUS_1), R_MINUS_1)
SLASHED = SpentTicket(Share(0, R_MINUS_1, 0), None)
TOKEN = SpentToken(bytes(31) + b"\xff", R_MINUS_1)
PAYMENT = Payment(7, 1, 1, 1, 1, 1)
PAYMENTS = [
    Payment(R_MINUS_1, (1 << 256) - 1, 10**40, 0, 10**30, EPOCH_MAX),
    Payment(0, 0, 0, (1 << 256) - 1, 0, 0, PaymentKind.BATCH),
    Payment(None, 5, 10**70, 0, 0, 7, PaymentKind.STAKE),
    Payment(None, 5, 10**70, 0, 0, 7, PaymentKind.STAKE),
]


@pytest.fixture
def store(open_store: Open):  # type: ignore[no-untyped-def]
    store = open_store()
    yield store
    store.close()


def fill(transaction: StoreTransaction) -> None:
    """Something in every table."""
    transaction.insert_note(NOTE)
    transaction.nodes.set(2, 3, R_MINUS_1)
    transaction.insert_root(StoredRoot(R_MINUS_1, 1, 3))
    transaction.record_commitment(R_MINUS_1, 4)
    transaction.insert_nullifiers([(R_MINUS_1, EPOCH_MAX), (0, 0)])
    transaction.insert_payments(PAYMENTS)
    transaction.insert_shares([SHARE])
    transaction.insert_stake(STAKE)
    transaction.set_balance(10**60)
    transaction.set_pot("a pot", 10**60)
    funding = transaction.funding
    funding.nodes.set(2, 3, R_MINUS_1)
    assert funding.insert_leaf(LEAF)
    funding.insert_root(R_MINUS_1)
    assert funding.spend(TICKET) is None
    assert funding.spend(SLASHED) is None
    assert transaction.spend_token(TOKEN) is None
    funding.set_moved(MOVE)
    funding.set_came_from(R_MINUS_1)


def test_what_is_written_is_read(open_store: Open) -> None:
    """Also after it was closed and opened again."""
    with open_store() as store, store.write() as transaction:
        fill(transaction)
    with open_store() as store, store.read() as transaction:
        assert (transaction.num_notes(), transaction.note(R_MINUS_1), transaction.note(1)) == (1, NOTE, None)
        assert transaction.last_expiry() == EPOCH_MAX
        assert (transaction.nodes.get(2, 3), transaction.nodes.get(2, 4), transaction.nodes.get(3, 3)) == (
            *(R_MINUS_1, None, None),
        )
        assert (transaction.root(R_MINUS_1), transaction.root(1)) == (StoredRoot(R_MINUS_1, 1, 3), None)
        assert (transaction.first_recorded(R_MINUS_1), transaction.first_recorded(8)) == (4, None)
        assert [transaction.is_spent(nf) for nf in (0, 1, R_MINUS_1)] == [True, False, True]
        assert transaction.payments() == PAYMENTS
        assert [transaction.share(nf) for nf in (0, R_MINUS_1)] == [None, SHARE]
        assert (transaction.stake(R_MINUS_1), transaction.stake(1)) == (STAKE, None)
        assert transaction.stakes() == [STAKE]
        assert transaction.balance() == 10**60
        assert transaction.pruned_in() is None
        check_funding(transaction)


def check_funding(transaction: StoreTransaction) -> None:
    """What ``fill`` wrote of tickets and tokens."""
    funding = transaction.funding
    assert (funding.nodes.get(2, 3), funding.nodes.get(2, 2)) == (R_MINUS_1, None)
    assert (funding.num_leaves(), funding.leaf(LEAF.identity), funding.leaf(1)) == (1, LEAF, None)
    assert (funding.has_root(R_MINUS_1), funding.has_root(0)) == (True, False)
    assert [funding.ticket(nf) for nf in (0, 1, R_MINUS_1)] == [SLASHED, None, TICKET]
    assert transaction.tokens(b"", 9) == [TOKEN]
    assert transaction.pots() == {"a pot": 10**60}
    assert (funding.moved(), funding.came_from()) == (MOVE, R_MINUS_1)


def test_an_empty_ledger(store: SettlementStore) -> None:
    with store.read() as transaction:
        assert (transaction.num_notes(), transaction.num_nullifiers(), transaction.balance()) == (0, 0, 0)
        assert (transaction.payments(), transaction.stakes(), transaction.nullifiers(-1, 9)) == ([], [], [])
        assert (transaction.last_expiry(), transaction.newest_root(EPOCH_MAX)) == (None, None)
        funding = transaction.funding
        assert (funding.num_leaves(), funding.leaves(0, 9), funding.tickets(-1, 9)) == (0, [], [])
        assert (transaction.tokens(b"", 9), transaction.pots()) == ([], {})
        assert (funding.moved(), funding.came_from()) == (None, None)


class TestUniqueness:
    def test_a_second_note_raises(self, store: SettlementStore) -> None:
        with store.write() as transaction:
            transaction.insert_note(NOTE)
            with pytest.raises(DuplicateNote):
                transaction.insert_note(StoredNote(1, NOTE.cm, 5, 6, 7))
            assert transaction.note(NOTE.cm) == NOTE

    def test_only_new_nullifiers_are_named_and_old_ones_keep_their_epoch(self, store: SettlementStore) -> None:
        with store.write() as transaction:
            assert transaction.insert_nullifiers([(9, 1), (5, 1), (9, 1), (7, 1)]) == {5, 7, 9}
            assert transaction.insert_nullifiers([(8, 2), (9, 2), (5, 2)]) == {8}
            assert transaction.insert_nullifiers([(9, 3)]) == transaction.insert_nullifiers([]) == set()
            assert transaction.nullifiers(-1, 10) == [(5, 1), (7, 1), (8, 2), (9, 1)]

    def test_the_first_commitment_stays(self, store: SettlementStore) -> None:
        with store.write() as transaction:
            assert [transaction.record_commitment(9, epoch) for epoch in (4, 3, 5)] == [4, 4, 4]

    def test_the_first_root_stays(self, store: SettlementStore) -> None:
        with store.write() as transaction:
            transaction.insert_root(StoredRoot(5, 1, 3))
            transaction.insert_root(StoredRoot(5, 2, 9))
            assert transaction.root(5) == StoredRoot(5, 1, 3)

    def test_one_stake_a_payee(self, store: SettlementStore) -> None:
        with store.write() as transaction:
            assert transaction.insert_stake(STAKE)
            assert not transaction.insert_stake(StoredStake(STAKE.payee, 1, 2, 3))
            transaction.set_exit(STAKE.payee, 0)
            assert transaction.stakes() == [StoredStake(STAKE.payee, STAKE.address, STAKE.amount, STAKE.epoch, 0)]
            transaction.delete_stake(STAKE.payee)
            assert transaction.stake(STAKE.payee) is None
            assert transaction.insert_stake(STAKE)

    def test_two_payments_of_one_nullifier(self, store: SettlementStore) -> None:
        with store.write() as transaction:
            transaction.insert_nullifiers([(7, 1)])
            transaction.insert_payments([PAYMENT])
        with pytest.raises(StoreError), store.write() as transaction:
            transaction.insert_payments([Payment(7, 2, 2, 2, 2, 2)])
        with store.read() as transaction:
            assert transaction.payments() == [PAYMENT]

    def test_a_payment_needs_its_nullifier(self, store: SettlementStore) -> None:
        with pytest.raises(StoreError), store.write() as transaction:
            transaction.insert_payments([PAYMENT])

    def test_one_share_a_nullifier(self, store: SettlementStore) -> None:
        with store.write() as transaction:
            transaction.insert_nullifiers([(7, 1)])
            transaction.insert_shares([Share(7, 1, 2)])
        with pytest.raises(StoreError), store.write() as transaction:
            transaction.insert_shares([Share(7, 3, 4)])
        with pytest.raises(StoreError), store.write() as transaction:
            transaction.insert_shares([Share(8, 1, 2)])  # of no note that is spent
        with store.read() as transaction:
            assert (transaction.share(7), transaction.share(8)) == (Share(7, 1, 2), None)

    def test_no_negative_balance(self, store: SettlementStore) -> None:
        with pytest.raises(StoreError), store.write() as transaction:
            transaction.set_balance(-1)

    def test_one_leaf_an_identity(self, store: SettlementStore) -> None:
        with store.write() as transaction:
            assert transaction.funding.insert_leaf(LEAF)
            assert not transaction.funding.insert_leaf(FundedLeaf(LEAF.identity, 1, 1))
            assert transaction.funding.leaf(LEAF.identity) == LEAF
            assert transaction.funding.num_leaves() == 1

    def test_the_first_use_of_a_ticket_stays(self, store: SettlementStore) -> None:
        other = SpentTicket(Share(TICKET.share.nf, 5, 6), 7)
        with store.write() as transaction:
            assert transaction.funding.spend(TICKET) is None
            assert [transaction.funding.spend(ticket) for ticket in (other, TICKET)] == [TICKET, TICKET]
            assert transaction.funding.ticket(TICKET.share.nf) == TICKET

    def test_the_first_use_of_a_token_stays(self, store: SettlementStore) -> None:
        with store.write() as transaction:
            assert transaction.spend_token(TOKEN) is None
            uses = (SpentToken(TOKEN.token_key, 5), TOKEN)
            assert [transaction.spend_token(use) for use in uses] == [TOKEN, TOKEN]

    def test_the_first_move_stays(self, store: SettlementStore) -> None:
        with store.write() as transaction:
            transaction.funding.set_moved(MOVE)
            transaction.funding.set_moved(FundingMove(5, {}))
            transaction.funding.set_came_from(5)
            transaction.funding.set_came_from(6)
            assert (transaction.funding.moved(), transaction.funding.came_from()) == (MOVE, 5)

    def test_no_negative_pot(self, store: SettlementStore) -> None:
        with pytest.raises(StoreError), store.write() as transaction:
            transaction.set_pot("a pot", -1)


class TestPots:
    def test_each_holds_its_own_and_none_is_empty(self, store: SettlementStore) -> None:
        with store.write() as transaction:
            for name, money in (("a", 5), ("b", 10**70), ("a", 6), ("c", 1), ("c", 0), ("d", 0)):
                transaction.set_pot(name, money)
            assert transaction.pots() == {"a": 6, "b": 10**70}
            assert transaction.balance() == 0


class TestPages:
    def test_leaves_in_their_order(self, store: SettlementStore) -> None:
        leaves = [FundedLeaf(identity, 1 + position, position) for position, identity in enumerate((9, 3, 256, 0))]
        with store.write() as transaction:
            for leaf in leaves:
                transaction.funding.insert_leaf(leaf)
            pages = [transaction.funding.leaves(first, 2) for first in (0, 2, 3, 4)]
            assert [list(page) for page in pages] == [leaves[:2], leaves[2:], leaves[3:], []]

    def test_tickets_and_tokens_by_number(self, store: SettlementStore) -> None:
        numbers = [0, 1, 255, 256, 1 << 128, R_MINUS_1]
        with store.write() as transaction:
            for number in reversed(numbers):
                transaction.funding.spend(SpentTicket(Share(number, 1, 2), 3))
                transaction.spend_token(SpentToken(number.to_bytes(32, "big"), 3))
            assert [ticket.share.nf for ticket in transaction.funding.tickets(-1, 100)] == numbers
            assert [ticket.share.nf for ticket in transaction.funding.tickets(1, 2)] == [255, 256]
            assert list(transaction.funding.tickets(R_MINUS_1, 2)) == []
            keys = [int.from_bytes(token.token_key, "big") for token in transaction.tokens(b"", 100)]
            assert keys == numbers
            assert len(transaction.tokens(bytes(31) + b"\x01", 2)) == 2


class TestRootsInTime:
    def test_newest_root_of_an_epoch(self, store: SettlementStore) -> None:
        with store.write() as transaction:
            for root, size, epoch in ((50, 1, 10), (40, 2, 10), (60, 3, 12), (30, 4, 12)):
                transaction.insert_root(StoredRoot(root, size, epoch))
            newest = [transaction.newest_root(epoch) for epoch in (-1, 9, 10, 11, 12, EPOCH_MAX)]
            assert [root and root.root for root in newest] == [None, None, 40, 40, 30, 30]


class TestSet:
    def test_pages_are_sorted_by_number(self, store: SettlementStore) -> None:
        """The order of numbers, not of decimal or of short strings."""
        numbers = [0, 1, 9, 10, 255, 256, 1 << 64, 1 << 128, R_MINUS_1]
        with store.write() as transaction:
            transaction.insert_nullifiers((nf, nf % 7) for nf in reversed(numbers))
            assert transaction.num_nullifiers() == len(numbers)
            assert [nf for nf, _ in transaction.nullifiers(-1, 100)] == numbers
            assert transaction.nullifiers(9, 3) == [(10, 3), (255, 3), (256, 4)]
            assert transaction.nullifiers(R_MINUS_1, 3) == []

    def test_prune_forgets_all_but_money(self, store: SettlementStore) -> None:
        with store.write() as transaction:
            fill(transaction)
        with store.write() as transaction:
            assert transaction.prune(77) == 2
            assert transaction.prune(78) == 0
        with store.read() as transaction:
            assert transaction.pruned_in() == 77
            assert (transaction.num_notes(), transaction.num_nullifiers()) == (0, 0)
            assert (transaction.note(NOTE.cm), transaction.root(R_MINUS_1), transaction.nodes.get(2, 3)) == (None,) * 3
            assert (transaction.first_recorded(R_MINUS_1), transaction.share(R_MINUS_1)) == (None, None)
            assert (transaction.balance(), transaction.stakes()) == (10**60, [STAKE])
            check_funding(transaction)
            assert [(p.nf, p.recipient, p.money, p.kind) for p in transaction.payments()] == [
                (None, p.recipient, p.money, p.kind) for p in PAYMENTS
            ]


class TestAtomicity:
    @pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, StoreError])
    @pytest.mark.parametrize("filled", [False, True])
    def test_any_error_rolls_everything_back(
        self, store: SettlementStore, error: type[BaseException], filled: bool
    ) -> None:
        if filled:
            with store.write() as transaction:
                fill(transaction)
                transaction.nodes.set(0, 0, 1)
        before = dump(store)

        def change_all(transaction: StoreTransaction) -> None:
            transaction.insert_note(StoredNote(1, 5, 6, 7, 8))
            transaction.nodes.set(0, 0, 5)
            transaction.insert_root(StoredRoot(5, 2, 8))
            transaction.record_commitment(5, 8)
            transaction.insert_nullifiers([(5, 8)])
            transaction.insert_payments([Payment(5, 5, 5, 5, 5, 8)])
            transaction.insert_shares([Share(5, 5, 5)])
            transaction.insert_stake(StoredStake(5, 5, 5, 5))
            transaction.funding.nodes.set(2, 3, 5)
            transaction.funding.insert_leaf(FundedLeaf(5, 5, 1))
            transaction.funding.insert_root(5)
            transaction.funding.spend(SpentTicket(Share(5, 5, 5), 5))
            transaction.spend_token(SpentToken(bytes(32), 5))
            transaction.set_pot("a pot", 5)
            transaction.set_pot("another", 5)
            transaction.funding.set_moved(FundingMove(5, {}))
            transaction.funding.set_came_from(5)
            if filled:
                transaction.set_exit(STAKE.payee, 9)
                transaction.delete_stake(STAKE.payee)
            transaction.set_balance(5)
            transaction.prune(9)
            raise error

        with pytest.raises(error), store.write() as transaction:
            change_all(transaction)
        assert dump(store) == before
        with store.write() as transaction:
            assert transaction.insert_nullifiers([(5, 8)]) == {5}

    def test_reading_cannot_write(self, store: SettlementStore) -> None:
        with pytest.raises(StoreError, match=r"read-?only"), store.read() as transaction:
            transaction.insert_nullifiers([(7, 1)])
        with store.write() as transaction:
            assert transaction.insert_nullifiers([(7, 1)]) == {7}

    def test_writers_take_turns(self, open_store: Open) -> None:
        """Read, think, write: no update is lost, with one store or with several over one ledger."""
        stores = [open_store() for _ in range(4)]
        count = 10
        barrier = threading.Barrier(len(stores))

        def work(store: SettlementStore) -> None:
            barrier.wait()
            for _ in range(count):
                with store.write() as transaction:
                    transaction.set_balance(transaction.balance() + 1)

        with ThreadPoolExecutor(len(stores)) as pool:
            list(pool.map(work, stores))
        with stores[0].read() as transaction:
            assert transaction.balance() == count * len(stores)
        for store in stores:
            store.close()

    def test_a_closed_store_says_so(self, store: SettlementStore) -> None:
        store.close()
        with pytest.raises(StoreError, match="closed"), store.write():
            pass


def test_settings_are_written_once(open_store: Open) -> None:
    with open_store() as store:
        assert store.pin({"a": "1", "b": "2"}) == {"a": "1", "b": "2"}
    with open_store() as store:
        assert store.pin({"a": "9", "c": "3"}) == {"a": "1", "c": "3"}


nullifiers = st.integers(0, 30) | st.integers(0, R_MINUS_1)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(nullifiers, max_size=20), max_size=5))
def test_a_store_is_a_set(store: SettlementStore, rounds: list[list[int]]) -> None:
    """Against Python's own set, in one transaction that is rolled back."""
    model: set[int] = set()

    def run() -> None:
        with store.write() as transaction:
            for numbers in rounds:
                assert transaction.insert_nullifiers((nf, 1) for nf in numbers) == set(numbers) - model
                model.update(numbers)
                assert [nf for nf, _ in transaction.nullifiers(-1, 1000)] == sorted(model)
            raise KeyError

    with pytest.raises(KeyError):
        run()
    with store.read() as transaction:
        assert transaction.num_nullifiers() == 0
