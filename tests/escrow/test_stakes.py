"""Stakes on the chain beside the Python ledger's: the same is accepted and refused, and the money is accounted for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from chain_world import EPOCH_SECONDS, NODE, STAKES, START, ChainWorld, code, keys, outcome
from claim_world import World
from settlement.chain import deploy_stakes
from settlement.chain.abi import call

from zkrelay.curves import bn254
from zkrelay.errors import (
    DuplicateStake,
    InvalidEvidence,
    InvalidProof,
    NonCanonicalNumber,
    NotCommitted,
    StakeLocked,
    StakeTooSmall,
    UnknownStake,
    WrongEvidence,
)
from zkrelay.groth16 import Proof
from zkrelay.relay.domain import SEVERAL_VENUES, Domain
from zkrelay.relay.identity import NodeIdentity
from zkrelay.relay.registration import leave_context, register_context
from zkrelay.relay.slash import recover, slash_handle
from zkrelay.relay.statement import SharedClaimStatement

R = bn254.FR.modulus
OWNER, SLASHER, SALT = 0xADD, 0x5A5A5A, 99
OTHER = NodeIdentity(77)


def registration(world: ChainWorld, address: int = OWNER, amount: int = 101, node: NodeIdentity = NODE) -> Proof:
    context = register_context(world.escrow.domain, node.payee, address, amount)
    return keys()["registration"].prove([node.payee, context])


def leaving(world: ChainWorld, epoch: int = START) -> Proof:
    return keys()["registration"].prove([NODE.payee, leave_context(world.escrow.domain, NODE.payee, epoch)])


def both(world: ChainWorld, act: Callable[[object], object], kind: type[Exception] | None = None) -> None:
    """On the chain and in Python."""
    for ledger in (world.stakes, world.twin):
        error = outcome(lambda ledger=ledger: act(ledger))
        assert error is None if kind is None else type(error) is kind, ledger


def register(world: ChainWorld) -> None:
    both(world, lambda ledger: ledger.register(NODE.payee, OWNER, 101, registration(world)))  # type: ignore[attr-defined]


def test_a_stake_comes_and_goes(world: ChainWorld) -> None:
    register(world)
    stake = world.stakes.stake(NODE.payee)
    assert (stake.account, stake.epoch, stake.exit_epoch, stake.amount) == (OWNER, START, None, 101)
    assert world.money(world.stakes.address) == 101
    again = registration(world, amount=20)
    both(world, lambda ledger: ledger.register(NODE.payee, OWNER, 20, again), DuplicateStake)  # type: ignore[attr-defined]
    assert type(outcome(lambda: world.stakes.take(NODE.payee))) is StakeLocked
    world.set_epoch(START + 1)
    both(world, lambda ledger: ledger.leave(NODE.payee, leaving(world)))  # type: ignore[attr-defined]
    world.set_epoch(START + 2)
    both(world, lambda ledger: ledger.leave(NODE.payee, leaving(world)))  # type: ignore[attr-defined]
    assert world.stakes.stake(NODE.payee).exit_epoch == START + 1, "asking again changes nothing"
    world.set_epoch(START + STAKES.lock)
    assert type(outcome(lambda: world.stakes.take(NODE.payee))) is StakeLocked
    assert type(outcome(lambda: world.twin.withdraw(NODE.payee))) is StakeLocked
    world.set_epoch(START + 1 + STAKES.lock)
    world.stakes.take(NODE.payee)
    assert world.twin.withdraw(NODE.payee).money == 101
    assert type(outcome(lambda: world.stakes.take(NODE.payee))) is UnknownStake
    world.stakes.withdraw(OWNER)
    assert (world.money(OWNER), world.money(world.stakes.address)) == (101, 0)


def test_a_proof_of_having_left_is_of_one_stake(world: ChainWorld) -> None:
    """With the first stake's proof nobody can make the node leave again."""
    register(world)
    old = leaving(world)
    world.stakes.leave(NODE.payee, old)
    world.set_epoch(START + STAKES.lock)
    world.stakes.take(NODE.payee)
    world.stakes.register(NODE.payee, OWNER, 101, registration(world))
    assert type(outcome(lambda: world.stakes.leave(NODE.payee, old))) is InvalidProof


def test_registration_front_run(world: ChainWorld) -> None:
    """The proof is bound to address and amount: a thief who sees it can only pay the node's stake."""
    proof = registration(world)
    for address, amount in ((0xBAD, 101), (OWNER, 100), (OWNER, 102)):
        error = outcome(lambda a=address, m=amount: world.stakes.register(NODE.payee, a, m, proof))
        assert type(error) is InvalidProof
    error = outcome(lambda: world.stakes.register(OTHER.payee, OWNER, 101, proof))
    assert type(error) is InvalidProof


def test_what_is_no_stake(world: ChainWorld) -> None:
    small = registration(world, amount=9)
    both(world, lambda ledger: ledger.register(NODE.payee, OWNER, 9, small), StakeTooSmall)  # type: ignore[attr-defined]
    alias = NODE.payee + R
    both(world, lambda ledger: ledger.register(alias, OWNER, 101, registration(world)), NonCanonicalNumber)  # type: ignore[attr-defined]
    assert type(outcome(lambda: world.stakes.leave(NODE.payee, leaving(world)))) is UnknownStake


def test_slashing(world: ChainWorld) -> None:
    """Commit, and reveal an epoch later; part of the stake is burnt, rounded up."""
    register(world)
    handle = slash_handle(world.escrow.domain.value, NODE.payee, NODE.kn, SLASHER, SALT)

    def slash(ledger: object, slasher: int = SLASHER, salt: int = SALT) -> object:
        return ledger.slash(NODE.payee, NODE.kn, slasher, salt)  # type: ignore[attr-defined]

    both(world, slash, NotCommitted)
    both(world, lambda ledger: ledger.commit(handle))  # type: ignore[attr-defined]
    both(world, slash, NotCommitted)
    world.set_epoch(START + 1)
    both(world, lambda ledger: slash(ledger, slasher=0xBAD), NotCommitted)
    both(world, lambda ledger: slash(ledger, salt=SALT + 1), NotCommitted)
    both(world, slash)
    assert world.stakes.owed(SLASHER) == 60
    assert world.money(world.stakes.address) == 60, "41 are gone"
    assert [payment.money for payment in world.twin.payments()] == [60, 41]
    both(world, slash, UnknownStake)
    world.stakes.withdraw(SLASHER)
    assert (world.money(SLASHER), world.money(world.stakes.address)) == (60, 0)


def test_a_slasher_who_saw_the_reveal_is_late(world: ChainWorld) -> None:
    register(world)
    world.stakes.commit(slash_handle(world.escrow.domain.value, NODE.payee, NODE.kn, SLASHER, SALT))
    world.set_epoch(START + 1)
    world.stakes.commit(slash_handle(world.escrow.domain.value, NODE.payee, NODE.kn, 0xBAD, SALT))
    error = outcome(lambda: world.stakes.slash(NODE.payee, NODE.kn, 0xBAD, SALT))
    assert type(error) is NotCommitted
    world.stakes.slash(NODE.payee, NODE.kn, SLASHER, SALT)


def test_leaving_does_not_save_a_stake(world: ChainWorld) -> None:
    """The lock leaves a slasher the epochs to commit in and to reveal in."""
    register(world)
    world.stakes.leave(NODE.payee, leaving(world))
    world.stakes.commit(slash_handle(world.escrow.domain.value, NODE.payee, NODE.kn, SLASHER, SALT))
    world.set_epoch(START + STAKES.lock - 1)
    assert type(outcome(lambda: world.stakes.take(NODE.payee))) is StakeLocked
    world.stakes.slash(NODE.payee, NODE.kn, SLASHER, SALT)


@pytest.mark.parametrize(
    ("secret", "kind"), [(1, WrongEvidence), (R, NonCanonicalNumber), (NODE.kn + R, NonCanonicalNumber)]
)
def test_wrong_evidence(world: ChainWorld, secret: int, kind: type[Exception]) -> None:
    register(world)
    both(world, lambda ledger: ledger.slash(NODE.payee, secret, SLASHER, SALT), kind)  # type: ignore[attr-defined]
    data = call("slash(uint256,uint256,address,uint256)", NODE.payee + R, NODE.kn, SLASHER, SALT)
    assert type(outcome(lambda: world.rpc.send(world.stakes.address, data))) is NonCanonicalNumber


def test_two_claims_of_one_note_cost_the_stake(world: ChainWorld) -> None:
    """Venues off the chain, the stake on it: their two statements give the secret, and the secret takes the stake."""
    session = World(domain=Domain(chain_id=0, contract=0xC0FFEE, tree_no=1, mode=SEVERAL_VENUES))
    first, second = (session.make_claim(venue=venue).statement for venue in (0, 1))
    assert isinstance(first, SharedClaimStatement)
    assert isinstance(second, SharedClaimStatement)
    key, domain = keys()["registration"], session.domain
    stakes = deploy_stakes(
        world.rpc, code(), domain.value, key.vk, STAKES, venue=1, epoch_seconds=EPOCH_SECONDS, allow_development=True
    )
    proof = key.prove([first.payee, register_context(domain, first.payee, OWNER, 50)])
    stakes.register(first.payee, OWNER, 50, proof)
    secret = recover(first, second).secret
    stakes.commit(slash_handle(domain.value, first.payee, secret, SLASHER, SALT))
    world.set_epoch(START + 1)
    stakes.slash(first.payee, secret, SLASHER, SALT)
    assert stakes.owed(SLASHER) == 30
    with pytest.raises(InvalidEvidence):
        recover(first, first)
