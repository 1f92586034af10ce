"""Notes come in: cm and the roots are those of the library, each note is paid for once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from chain_world import CONTEXT, RULES, START, UNITS, ChainWorld, keys, outcome
from hypothesis import given, settings
from hypothesis import strategies as st
from settlement.chain import ChainError, Escrow
from settlement.chain.abi import call

from zkrelay.curves import bn254
from zkrelay.errors import (
    DuplicateNote,
    Expired,
    MalformedInput,
    NonCanonicalNumber,
    NotFinal,
    OverCap,
    TreeFull,
    UnknownRoot,
)
from zkrelay.relay.merkle import MerkleTree, empty_nodes

R = bn254.FR.modulus
DEPOSIT = "deposit(uint256,uint256,uint256)"
INSERT = "insert(uint256[])"


def test_domain_and_empty_tree(world: ChainWorld) -> None:
    domain = world.escrow.domain
    assert (domain.tree_no, domain.unit, domain.price_per_unit, domain.depth) == (7, 1000, 3, 3)
    assert world.escrow.root == empty_nodes(4, 3)[-1]
    assert world.escrow.balance == 0
    statement = world.statement()  # of the empty tree
    proof = keys()["claim"].prove(statement.public_inputs)
    for ledger in (world.escrow, world.twin):
        error = outcome(lambda ledger=ledger: ledger.redeem(statement.public_inputs, CONTEXT, proof))
        assert type(error) is UnknownRoot


def test_the_contract_computes_cm_and_takes_the_price(world: ChainWorld) -> None:
    note = world.note(1)
    before = world.money(world.escrow.address)
    pending = world.escrow.deposit(note.inner, note.cap, note.expiry)
    assert (pending.cm, pending.position) == (note.cm, 0)
    assert world.money(world.escrow.address) - before == world.escrow.balance == UNITS * 3


@pytest.mark.parametrize("sizes", [(1, 1, 1, 1, 1, 2, 9), (3, 1, 4, 13), (17, 1, 5)])
def test_roots_are_those_of_our_tree(deployed: ChainWorld, sizes: tuple[int, ...]) -> None:
    check_roots(deployed, sizes)


@pytest.mark.long
@pytest.mark.timeout(1800)
@given(sizes=st.lists(st.integers(1, 17), min_size=1, max_size=6).filter(lambda sizes: sum(sizes) <= 64))
@settings(max_examples=20)
def test_roots_of_any_sizes(deployed: ChainWorld, sizes: list[int]) -> None:
    check_roots(deployed, sizes)


def check_roots(deployed: ChainWorld, sizes: Sequence[int]) -> None:
    """However many are inserted at once; every root stays known."""
    before = deployed.rpc.request("evm_snapshot")
    deployed.set_epoch(START)
    tree, roots, rho = MerkleTree(4, 3), [], 0
    for size in sizes:
        notes = [deployed.note(rho + i) for i in range(size)]
        for note in notes:
            deployed.escrow.deposit(note.inner, note.cap, note.expiry)
        rho += size
        tree.extend([note.cm for note in notes])
        deployed.escrow.insert(size)
        roots.append(tree.root)
        assert deployed.escrow.root == tree.root
        assert deployed.escrow.proof(notes[-1].cm) == tree.proof(rho - 1)
    assert all(map(deployed.escrow.is_root, roots))
    deployed.rpc.request("evm_revert", before)


@pytest.mark.parametrize("depth", [1, 2])
def test_a_tree_is_filled_to_its_last_leaf(world: ChainWorld, depth: int) -> None:
    small = ChainWorld.deployed(world.anvil, replace(RULES, depth=depth))
    tree = MerkleTree(4, depth)
    for rho in range(4**depth):
        note = small.note(rho, units=1)
        small.escrow.deposit(note.inner, note.cap, note.expiry)
        tree.append(note.cm)
    while small.escrow.insert(7) is not None:
        pass
    assert small.escrow.root == tree.root
    world_note = small.note(99, units=1)
    assert type(outcome(lambda: small.escrow.deposit(world_note.inner, world_note.cap, world_note.expiry))) is TreeFull
    assert small.escrow.insert() is None


def test_a_note_comes_once(world: ChainWorld) -> None:
    note = world.deposit(1)
    for _ in range(2):
        error = outcome(lambda: world.escrow.deposit(note.inner, note.cap, note.expiry))
        assert type(error) is DuplicateNote
    world.deposit(2)


@pytest.mark.parametrize(
    ("kind", "inner", "cap", "expiry"),
    [
        (OverCap, 1, 0, START),
        (OverCap, 1, 999, START),
        (OverCap, 1, 1 << 64, START),
        (NonCanonicalNumber, R, 1000, START),
        (NonCanonicalNumber, R + 1, 1000, START),
        (MalformedInput, 1, 1000, 1 << 32),
        (Expired, 1, 1000, START - 1),
    ],
)
def test_what_is_no_note(world: ChainWorld, kind: type[Exception], inner: int, cap: int, expiry: int) -> None:
    assert type(outcome(lambda: world.escrow.deposit(inner, cap, expiry))) is kind
    assert type(outcome(lambda: world.twin.deposit(inner, cap, expiry))) is kind


@pytest.mark.parametrize("difference", [-1, 1, -UNITS * 3])
def test_another_price_is_refused(world: ChainWorld, difference: int) -> None:
    note = world.note(1)
    data = call(DEPOSIT, note.inner, note.cap, note.expiry)
    world.refuses(MalformedInput, data, "WrongMoney", value=UNITS * 3 + difference)


def test_only_the_next_notes_are_inserted(world: ChainWorld) -> None:
    notes = [world.note(rho) for rho in range(3)]
    for note in notes:
        world.escrow.deposit(note.inner, note.cap, note.expiry)
    first, second, third = (note.cm for note in notes)
    for wrong in ([], [second], [first, third], [first, first], [first + R], [0], [first, second, third, 0]):
        world.refuses(MalformedInput, call(INSERT, wrong), "WrongNotes")
    world.send(call(INSERT, [first, second]))
    for wrong in ([first], [second], [third, third]):
        world.refuses(MalformedInput, call(INSERT, wrong), "WrongNotes")
    world.send(call(INSERT, [third]))


def test_a_waiting_note_has_no_proof(world: ChainWorld) -> None:
    note = world.note(1)
    assert type(outcome(lambda: world.escrow.proof(note.cm))) is MalformedInput
    world.escrow.deposit(note.inner, note.cap, note.expiry)
    assert type(outcome(lambda: world.escrow.proof(note.cm))) is NotFinal
    world.escrow.insert()
    assert world.escrow.proof(note.cm).root == world.escrow.root


def test_a_client_follows_a_chain_that_forgot(world: ChainWorld) -> None:
    before = world.rpc.request("evm_snapshot")
    world.deposit(1)
    assert len(world.escrow.tree()) == 1
    world.rpc.request("evm_revert", before)
    world.set_epoch(START + 1)
    other = world.note(2)
    world.escrow.deposit(other.inner, other.cap, other.expiry)
    world.escrow.insert()
    assert world.escrow.proof(other.cm).root == world.escrow.root


def test_no_contract_at_an_address(world: ChainWorld) -> None:
    assert type(outcome(lambda: Escrow(world.rpc, "0x" + "11" * 20))) is ChainError
