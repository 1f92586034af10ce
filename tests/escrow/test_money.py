"""Money leaves by ``withdraw`` alone, once: whoever is paid can neither come back in nor stand in the way."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from chain_world import CONTEXT, ChainWorld, code, keys, outcome
from settlement.chain.abi import call, encode, words
from settlement.chain.compiler import compile_contracts

from zkrelay.errors import MalformedInput, NullifierSpent, SettlementRefused
from zkrelay.evm.words import key_digest


def create(world: ChainWorld, code: bytes, *arguments: int) -> int:
    address, _ = world.rpc.create(code + encode(arguments))
    return int(address, 16)


def number(world: ChainWorld, address: int, signature: str) -> int:
    return words(world.rpc.call(f"0x{address:040x}", call(signature)))[0]


def pay(world: ChainWorld, account: int, nf: int) -> None:
    context = replace(CONTEXT, payout_address=account, relayer=account)
    world.send(world.redeem_data(world.statement(nf=nf, aux=context.aux).public_inputs, context))


def test_reentrancy(world: ChainWorld) -> None:
    """From inside its payment it asks again, and redeems a claim of its own that is true: each is paid once."""
    world.deposit(1)
    world.deposit(2)
    thief = create(world, code()["Reentrant"], int(world.escrow.address, 16))
    context = replace(CONTEXT, payout_address=thief)
    claim = world.redeem_data(world.statement(nf=31, amount=10, aux=context.aux).public_inputs, context)
    pay(world, thief, 30)
    arm = call("arm(bytes)", [])[:-32] + len(claim).to_bytes(32, "big") + claim + bytes(-len(claim) % 32)
    world.rpc.send(f"0x{thief:040x}", arm)
    before = world.money(world.escrow.address)
    # an estimate would find the gas with which the thief's own calls just fail
    world.send(call("withdraw(address)", thief), gas=3_000_000)
    assert number(world, thief, "times()") == 1
    assert number(world, thief, "succeeded()") == 1, "the claim of its own, which went to what it is owed"
    assert world.escrow.is_spent(31)
    assert (world.money(thief), world.escrow.owed(thief)) == (30 * 3, 10 * 3 - 5)
    world.send(call("withdraw(address)", thief), gas=3_000_000)
    assert number(world, thief, "succeeded()") == 1, "the same claim again, and nothing owed"
    assert (world.money(thief), world.escrow.owed(thief)) == (30 * 3 + 10 * 3 - 5, 0)
    assert before - world.money(world.escrow.address) == world.money(thief)
    assert world.money(world.escrow.address) == world.escrow.balance + world.escrow.owed(CONTEXT.relayer)
    world.refuses(NullifierSpent, claim)


def test_who_takes_no_money_stops_nobody(world: ChainWorld) -> None:
    """A claim whose relayer refuses money is paid; what is owed to it stays owed."""
    world.deposit(1)
    refusing = create(world, code()["Refusing"])
    context = replace(CONTEXT, relayer=refusing)
    world.send(world.redeem_data(world.statement(aux=context.aux).public_inputs, context))
    assert type(outcome(lambda: world.escrow.withdraw(refusing))) is SettlementRefused
    assert world.escrow.owed(refusing) == 5
    world.escrow.withdraw(CONTEXT.payout_address)
    assert world.money(CONTEXT.payout_address) == 85


def test_money_comes_in_by_deposits_only(world: ChainWorld) -> None:
    assert outcome(lambda: world.rpc.send(world.escrow.address, b"", value=1)) is not None
    assert world.money(world.escrow.address) == 0


def test_the_contracts_are_those_of_their_keys(world: ChainWorld) -> None:
    """A user can see which key an entry point has pinned."""
    digest = call("VERIFYING_KEY_DIGEST()")
    claim = world.escrow.address_of("CLAIM_VERIFIER()")
    assert world.rpc.call(claim, digest) == key_digest(keys()["claim"].vk)
    registration = f"0x{words(world.rpc.call(world.stakes.address, call('VERIFIER()')))[0]:040x}"
    assert world.rpc.call(registration, digest) == key_digest(keys()["registration"].vk)


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        (("no-such-compiler",), "not there"),
        ((sys.executable, "-c", "raise SystemExit(1)"), "failed"),
        ((sys.executable, "-c", "print('nothing')"), "does not answer"),
        ((sys.executable, "-c", "print('{}')"), "does not answer"),
        ((sys.executable, "-c", 'print(\'{"errors": [{"formattedMessage": "Warning: x"}]}\')'), "Warning: x"),
    ],
)
def test_whatever_the_compiler_says_is_an_error(command: tuple[str, ...], complaint: str) -> None:
    with pytest.raises(MalformedInput, match=complaint):
        compile_contracts({"A.sol": "contract A {}"}, command)
