"""Stakes: registered by the owner of kN alone, locked, slashed with kN as the evidence, and conserved."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fake_verifier import fake_proof

from zkrelay.curves import bn254
from zkrelay.errors import (
    DuplicateStake,
    EntryPointClosed,
    InvalidProof,
    MalformedInput,
    NonCanonicalNumber,
    NotCommitted,
    StakeLocked,
    StakeTooSmall,
    UnknownStake,
    WrongEvidence,
)
from zkrelay.relay.domain import Domain
from zkrelay.relay.identity import NodeIdentity
from zkrelay.relay.registration import leave_context, register_context
from zkrelay.relay.slash import slash_handle
from zkrelay.relay.store import Payment, PaymentKind, StoredStake

from .ledger import STAKES, START, Ledger
from .parties import DOMAIN

R = bn254.FR.modulus
NODE = NodeIdentity(0x5EC2E7)
OTHER = NodeIdentity(5)
SLASHER, SALT = 0x51A5, 99


def slash(ledger: Ledger, **changes: int) -> list[Payment]:
    arguments = {"payee": NODE.payee, "kn": NODE.kn, "slasher": SLASHER, "salt": SALT, **changes}
    return ledger.settlement.slash(**arguments)


def commit_to_slash(ledger: Ledger, slasher: int = SLASHER, salt: int = SALT) -> None:
    ledger.settlement.commit(slash_handle(DOMAIN.value, NODE.payee, NODE.kn, slasher, salt))


class TestRegister:
    def test_stake_is_held_apart(self, ledger: Ledger) -> None:
        """No claim reaches it: the money behind the notes stays what it was."""
        ledger.fund(units=10)
        assert ledger.register(NODE) == StoredStake(NODE.payee, 0xADD, 100, START)
        assert ledger.settlement.stakes() == [ledger.settlement.stake(NODE.payee)]
        assert ledger.settlement.balance == 30

    @pytest.mark.parametrize(("address", "amount"), [(0xBAD, 100), (0xADD, 99), (0xADD, 101)])
    def test_registration_front_run(self, ledger: Ledger, address: int, amount: int) -> None:
        """Whoever sees the proof can neither put another address nor another amount beside it."""
        proof = fake_proof([NODE.payee, register_context(DOMAIN, NODE.payee, 0xADD, 100)])
        ledger.refuses(InvalidProof, lambda: ledger.settlement.register(NODE.payee, address, amount, proof))

    @pytest.mark.parametrize("change", [{"tree_no": 2}, {"chain_id": 1}, {"contract": 5}], ids=str)
    def test_a_registration_elsewhere_is_none_here(self, ledger: Ledger, change: dict[str, int]) -> None:
        elsewhere = Domain.from_dict({**DOMAIN.to_dict(), **change})
        proof = fake_proof([NODE.payee, register_context(elsewhere, NODE.payee, 0xADD, 100)])
        ledger.refuses(InvalidProof, lambda: ledger.settlement.register(NODE.payee, 0xADD, 100, proof))

    def test_one_stake_a_payee(self, ledger: Ledger) -> None:
        ledger.register(NODE)
        ledger.refuses(DuplicateStake, lambda: ledger.register(NODE))
        ledger.refuses(DuplicateStake, lambda: ledger.register(NODE, address=5, amount=500))
        ledger.register(OTHER)
        assert [stake.payee for stake in ledger.settlement.stakes()] == sorted([NODE.payee, OTHER.payee])

    def test_minimum(self, ledger: Ledger) -> None:
        ledger.refuses(StakeTooSmall, lambda: ledger.register(NODE, amount=STAKES.minimum - 1))
        ledger.register(NODE, amount=STAKES.minimum)

    def test_large_stakes(self, ledger: Ledger) -> None:
        ledger.register(NODE, address=(1 << 256) - 1, amount=(1 << 256) - 1)
        assert ledger.settlement.stake(NODE.payee).amount == (1 << 256) - 1

    @pytest.mark.parametrize(
        ("payee", "address", "amount"), [(R, 5, 100), (-1, 5, 100), (5, 1 << 256, 100), (5, -1, 100), (5, 5, 1 << 256)]
    )
    def test_malformed(self, ledger: Ledger, payee: int, address: int, amount: int) -> None:
        proof = fake_proof([])
        ledger.refuses(MalformedInput, lambda: ledger.settlement.register(payee, address, amount, proof))

    def test_without_a_key_there_are_no_stakes(self) -> None:
        ledger = Ledger(registration_verifier=None)
        ledger.refuses(EntryPointClosed, lambda: ledger.register(NODE))
        ledger.refuses(EntryPointClosed, lambda: ledger.leave(NODE))


class TestLeave:
    @pytest.mark.parametrize("wait", range(STAKES.lock + 2))
    def test_lock(self, ledger: Ledger, wait: int) -> None:
        ledger.register(NODE)
        ledger.now = START + 10
        ledger.leave(NODE)
        ledger.now += wait
        if wait < STAKES.lock:
            ledger.refuses(StakeLocked, lambda: ledger.settlement.withdraw(NODE.payee), match="until")
            return
        payment = ledger.settlement.withdraw(NODE.payee)
        assert payment == Payment(None, 0xADD, 100, 0, 0, ledger.now, PaymentKind.STAKE)
        ledger.refuses(UnknownStake, lambda: ledger.settlement.withdraw(NODE.payee))

    def test_nobody_can_make_another_leave(self, ledger: Ledger) -> None:
        ledger.register(NODE)
        registration = fake_proof([NODE.payee, register_context(DOMAIN, NODE.payee, 0xADD, 100)])
        ledger.refuses(InvalidProof, lambda: ledger.settlement.leave(NODE.payee, registration))
        theirs = fake_proof([OTHER.payee, leave_context(DOMAIN, OTHER.payee, START)])
        ledger.refuses(InvalidProof, lambda: ledger.settlement.leave(NODE.payee, theirs))

    def test_a_stake_stays_until_it_is_asked_for(self, ledger: Ledger) -> None:
        ledger.register(NODE)
        ledger.now += 1000
        ledger.refuses(StakeLocked, lambda: ledger.settlement.withdraw(NODE.payee), match="not asked")

    def test_leaving_again_does_not_renew_the_lock(self, ledger: Ledger) -> None:
        """Otherwise anybody could keep a node by sending its own proof again."""
        ledger.register(NODE)
        first = ledger.leave(NODE)
        ledger.now += STAKES.lock - 1
        assert ledger.leave(NODE) == first
        ledger.now += 1
        ledger.settlement.withdraw(NODE.payee)

    def test_the_proof_of_having_left_once_is_no_proof_for_the_next_stake(self, ledger: Ledger) -> None:
        ledger.register(NODE)
        ledger.leave(NODE)
        ledger.now += STAKES.lock
        ledger.settlement.withdraw(NODE.payee)
        ledger.register(NODE)
        ledger.refuses(InvalidProof, lambda: ledger.leave(NODE, epoch=START))
        ledger.leave(NODE, epoch=ledger.now)

    @pytest.mark.parametrize("payee", [5, NODE.payee])
    def test_unknown(self, ledger: Ledger, payee: int) -> None:
        for call in (
            lambda: ledger.settlement.leave(payee, fake_proof([])),
            lambda: ledger.settlement.withdraw(payee),
            lambda: ledger.settlement.stake(payee),
        ):
            ledger.refuses(UnknownStake, call)


class TestSlash:
    def test_part_to_the_slasher_part_burnt(self, ledger: Ledger) -> None:
        ledger.register(NODE, amount=101)
        commit_to_slash(ledger)
        ledger.now += 1
        payments = slash(ledger)
        assert payments == [
            Payment(None, SLASHER, 60, 0, 0, START + 1, PaymentKind.SLASH),
            Payment(None, 0, 41, 0, 0, START + 1, PaymentKind.BURN),  # 40 percent, rounded up
        ]
        assert (ledger.settlement.stakes(), ledger.settlement.payments()) == ([], payments)

    def test_needs_an_earlier_commitment(self, ledger: Ledger) -> None:
        ledger.register(NODE)
        ledger.refuses(NotCommitted, lambda: slash(ledger))
        commit_to_slash(ledger)
        ledger.refuses(NotCommitted, lambda: slash(ledger))
        ledger.now += 1
        slash(ledger)

    def test_slash_front_run(self, ledger: Ledger) -> None:
        """Who sees the reveal takes neither the reward nor the slasher's commitment for itself."""
        ledger.register(NODE)
        commit_to_slash(ledger)
        ledger.now += 1
        commit_to_slash(ledger, slasher=0xBAD)
        ledger.refuses(NotCommitted, lambda: slash(ledger, slasher=0xBAD))
        ledger.refuses(NotCommitted, lambda: slash(ledger, salt=SALT + 1))
        assert slash(ledger)[0].recipient == SLASHER

    def test_a_leaving_node_is_still_slashed(self, ledger: Ledger) -> None:
        """On the last epoch of its lock a slasher who committed in the one before is in time."""
        ledger.register(NODE)
        ledger.leave(NODE)
        ledger.now += STAKES.lock - 2
        commit_to_slash(ledger)
        ledger.now += 1
        ledger.refuses(StakeLocked, lambda: ledger.settlement.withdraw(NODE.payee))
        slash(ledger)
        ledger.now += 10
        ledger.refuses(UnknownStake, lambda: ledger.settlement.withdraw(NODE.payee))

    def test_slash_wrong_pair_refused(self, ledger: Ledger) -> None:
        ledger.register(NODE)
        ledger.register(OTHER)
        for payee, kn in ((NODE.payee, OTHER.kn), (OTHER.payee, NODE.kn), (NODE.payee, 0), (NODE.payee, NODE.payee)):
            ledger.settlement.commit(slash_handle(DOMAIN.value, payee, kn, SLASHER, SALT))
            ledger.now += 1
            ledger.refuses(WrongEvidence, lambda payee=payee, kn=kn: slash(ledger, payee=payee, kn=kn))  # type: ignore[misc]

    def test_once(self, ledger: Ledger) -> None:
        ledger.register(NODE)
        commit_to_slash(ledger)
        ledger.now += 1
        slash(ledger)
        ledger.refuses(UnknownStake, lambda: slash(ledger))

    @pytest.mark.parametrize("change", [{"kn": R}, {"kn": -1}, {"payee": R}])
    def test_alias(self, ledger: Ledger, change: dict[str, int]) -> None:
        ledger.register(NODE)
        ledger.refuses(NonCanonicalNumber, lambda: slash(ledger, **change))
        ledger.refuses(NonCanonicalNumber, lambda: slash(ledger, kn=NODE.kn + R))

    @pytest.mark.parametrize("change", [{"slasher": 1 << 256}, {"slasher": -1}, {"salt": 1 << 256}, {"salt": -1}])
    def test_malformed(self, ledger: Ledger, change: dict[str, int]) -> None:
        ledger.refuses(MalformedInput, lambda: slash(ledger, **change))

    def test_the_secret_is_in_no_refusal(self, ledger: Ledger) -> None:
        ledger.register(NODE)
        calls: list[Callable[[], object]] = [lambda: slash(ledger), lambda: slash(ledger, payee=OTHER.payee)]
        for call in calls:
            with pytest.raises((NotCommitted, WrongEvidence)) as refusal:
                call()
            assert str(NODE.kn) not in str(refusal.value)

    def test_self_slash_conserves(self, ledger: Ledger) -> None:
        """An offender that slashes itself first loses the burnt part all the same."""
        ledger.register(NODE, address=0xADD)
        commit_to_slash(ledger, slasher=0xADD)
        ledger.now += 1
        reward, burnt = slash(ledger, slasher=0xADD)
        assert reward.money + burnt.money == 100
        assert burnt.money >= 40
