"""The nullifier set leaves and enters a ledger whole, and is forgotten when no note of its domain is owed anything."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import struct
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zkrelay.curves import bn254
from zkrelay.errors import (
    FormatError,
    NullifierSpent,
    Retired,
    StillRedeemable,
    UnknownRoot,
    WrongDomain,
)
from zkrelay.relay import nullifier_file
from zkrelay.relay.store import SettlementStore

from .ledger import REFUND_PERIOD, START, WINDOW, Ledger
from .parties import DOMAIN

R = bn254.FR.modulus
NUMBERS = [(3, 1), (5, (1 << 32) - 1), (1 << 200, 0), (R - 1, 7)]


def make_file(
    pairs: list[tuple[int, int]], domain: int = DOMAIN.value, version: int = 1, magic: bytes = b"zkrnulls"
) -> bytes:
    """Written independently of the library, from the table in its docstring."""
    data = magic + struct.pack("<I", version) + domain.to_bytes(32, "big") + struct.pack("<Q", len(pairs))
    data += b"".join(nf.to_bytes(32, "big") + struct.pack("<I", epoch) for nf, epoch in pairs)
    return data + hashlib.sha256(data).digest()


GOOD = make_file(NUMBERS)


def load(ledger: Ledger, data: bytes) -> int:
    return ledger.settlement.import_nullifiers(io.BytesIO(data))


def save(ledger: Ledger) -> bytes:
    file = io.BytesIO()
    with ledger.store.read() as transaction:
        count = transaction.num_nullifiers()
    assert ledger.settlement.export_nullifiers(file) == count
    return file.getvalue()


class TestFile:
    def test_what_is_exported_is_imported(self, ledger: Ledger) -> None:
        assert load(ledger, GOOD) == 4
        assert save(ledger) == GOOD
        with ledger.store.read() as transaction:
            assert transaction.nullifiers(-1, 9) == NUMBERS

    def test_importing_again_changes_nothing(self, ledger: Ledger) -> None:
        load(ledger, GOOD)
        before = ledger.dump()
        assert load(ledger, GOOD) == 0
        assert ledger.dump() == before

    def test_sets_are_merged(self, ledger: Ledger) -> None:
        """What was spent here keeps its epoch."""
        ledger.fund()
        ledger.redeem(ledger.statement(nf=5))
        assert load(ledger, GOOD) == 3
        with ledger.store.read() as transaction:
            assert transaction.nullifiers(-1, 9) == [(5, START) if nf == 5 else (nf, epoch) for nf, epoch in NUMBERS]

    def test_imported_notes_are_spent(self, ledger: Ledger) -> None:
        ledger.fund()
        load(ledger, GOOD)
        ledger.refuses(NullifierSpent, lambda: ledger.redeem(ledger.statement(nf=3)))
        ledger.redeem(ledger.statement(nf=4))

    def test_an_empty_set(self, ledger: Ledger) -> None:
        assert save(ledger) == make_file([])
        assert load(ledger, make_file([])) == 0

    def test_more_than_a_page(self, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(nullifier_file, "_CHUNK", 3)
        for size in (2, 3, 4, 6, 7):
            data = make_file([(nf * nf + size, nf) for nf in range(1, size + 1)])
            other = Ledger()
            assert load(other, data) == size
            assert save(other) == data
        assert load(ledger, GOOD) == 4
        assert save(ledger) == GOOD

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            *((GOOD[:length], "ends too early") for length in (0, 5, 51, 52, 60, len(GOOD) - 33, len(GOOD) - 1)),
            (GOOD + b"\0", "after the end"),
            (make_file(NUMBERS, magic=b"zkrnullz"), "not a nullifier set"),
            (make_file(NUMBERS, version=2), "version 2"),
            (make_file([NUMBERS[1], NUMBERS[0]]), "ascending"),
            (make_file([NUMBERS[0], NUMBERS[0]]), "ascending"),
            (make_file([(R, 1)]), "canonical"),
            (make_file([(3, 1), ((1 << 256) - 1, 1)]), "canonical"),
            (GOOD[:44] + struct.pack("<Q", 1 << 63) + GOOD[52:], "ends too early"),
            (GOOD[:44] + struct.pack("<Q", 3) + GOOD[52:], "checksum"),
            (GOOD[:-1] + bytes([GOOD[-1] ^ 1]), "checksum"),
        ],
        ids=lambda value: value if isinstance(value, str) else len(value),
    )
    def test_bad_files_change_nothing(self, ledger: Ledger, data: bytes, message: str) -> None:
        ledger.refuses(FormatError, lambda: load(ledger, data), match=message)

    @settings(max_examples=60)
    @given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
    def test_no_changed_byte_passes(self, index: int, change: int) -> None:
        ledger = Ledger()
        data = bytearray(GOOD)
        data[index] ^= change
        with pytest.raises((FormatError, WrongDomain)):
            load(ledger, bytes(data))
        with ledger.store.read() as transaction:
            assert transaction.num_nullifiers() == 0

    def test_another_domain(self, ledger: Ledger) -> None:
        ledger.refuses(WrongDomain, lambda: load(ledger, make_file(NUMBERS, domain=DOMAIN.value + 1)))

    def test_a_huge_count_takes_no_memory(self, ledger: Ledger) -> None:
        """Nothing is read ahead for a number that the file only promises."""

        class Watched(io.BytesIO):
            largest = 0

            def read(self, size: int | None = -1, /) -> bytes:
                assert size is not None and size >= 0
                self.largest = max(self.largest, size)
                return super().read(size)

        file = Watched(GOOD[:44] + struct.pack("<Q", (1 << 64) - 1) + GOOD[52:])
        ledger.refuses(FormatError, lambda: ledger.settlement.import_nullifiers(file))
        assert file.largest < 1 << 20


class TestPrune:
    LAST = START + 20
    FIRST = LAST + WINDOW + REFUND_PERIOD + 1

    def fill(self, ledger: Ledger) -> None:
        ledger.fund(inner=1, expiry=self.LAST)
        ledger.fund(inner=2, expiry=START)
        ledger.redeem(ledger.statement(nf=5))
        ledger.settlement.commit(99)

    @pytest.mark.parametrize("now", [START, LAST, LAST + WINDOW, FIRST - 1])
    def test_not_while_anything_may_be_paid(self, ledger: Ledger, now: int) -> None:
        self.fill(ledger)
        ledger.now = now
        ledger.refuses(StillRedeemable, lambda: ledger.settlement.prune(DOMAIN.value), match=str(self.FIRST - 1))

    def test_what_is_left_is_money(self, ledger: Ledger) -> None:
        self.fill(ledger)
        balance, payments = ledger.settlement.balance, ledger.settlement.payments()
        ledger.now = self.FIRST
        assert ledger.settlement.prune(DOMAIN.value) == 1
        assert ledger.settlement.balance == balance
        assert ledger.settlement.payments() == [dataclasses.replace(payment, nf=None) for payment in payments]
        assert not ledger.settlement.is_spent(5)

    def test_a_pruned_ledger_takes_nothing_any_more(self, open_store: Callable[[], SettlementStore]) -> None:
        """Its old claims have no root, and it gets no new ones: also after it was opened again."""
        ledger = Ledger(open_store())
        self.fill(ledger)
        old = ledger.statement(nf=6)
        ledger.now = self.FIRST
        ledger.settlement.prune(DOMAIN.value)
        again = Ledger(open_store())
        again.now = self.FIRST
        for one in (ledger, again):
            claim = dataclasses.replace(old, epoch=self.FIRST)
            one.refuses(UnknownRoot, lambda one=one, claim=claim: one.redeem(claim))  # type: ignore[misc]
            one.refuses(Retired, lambda one=one: one.fund(inner=9, expiry=self.FIRST + 5))  # type: ignore[misc]
            one.refuses(Retired, lambda one=one: load(one, GOOD))  # type: ignore[misc]
        again.store.close()
        ledger.store.close()

    @pytest.mark.parametrize("domain", [DOMAIN.value + 1, 0])
    def test_another_domain(self, ledger: Ledger, domain: int) -> None:
        self.fill(ledger)
        ledger.now = self.FIRST
        ledger.refuses(WrongDomain, lambda: ledger.settlement.prune(domain))

    def test_a_ledger_without_notes(self, ledger: Ledger) -> None:
        load(ledger, GOOD)
        assert ledger.settlement.prune(DOMAIN.value) == 4
