"""A deposit counts after ``finality`` epochs: before, its root redeems nothing and no node is told of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from zkrelay.errors import MalformedInput, NoteRefused, NotFinal
from zkrelay.relay.admission import admit_note
from zkrelay.relay.merkle import MerkleTree, PrefixNodes
from zkrelay.relay.settlement import Settlement
from zkrelay.relay.store import SettlementStore

from .ledger import START, Ledger
from .parties import DOMAIN, make_session

FINALITY = 2


@pytest.fixture
def ledger(open_store: Callable[[], SettlementStore]) -> Iterator[Ledger]:
    ledger = Ledger(open_store(), finality=FINALITY)
    yield ledger
    ledger.store.close()


@pytest.mark.parametrize("age", range(FINALITY + 2))
def test_a_root_redeems_when_it_is_final(ledger: Ledger, age: int) -> None:
    root = ledger.fund()
    ledger.now = START + age
    statement = ledger.statement(root=root)
    if age < FINALITY:
        ledger.refuses(NotFinal, lambda: ledger.redeem(statement), match=f"final in epoch {START + FINALITY}")
        ledger.refuses(NotFinal, lambda: ledger.redeem_batch(ledger.batch(root=root)))
    else:
        ledger.redeem(statement)


def test_proofs_lead_to_the_newest_final_root(ledger: Ledger) -> None:
    """While later deposits are still young, the past of the tree is what counts."""
    deposits = []
    for epoch in range(START, START + 6):
        ledger.now = epoch
        for _ in range(2):
            inner = len(deposits) + 1
            deposits.append(ledger.settlement.deposit(inner, 5 * DOMAIN.unit, START + 50))
        final = 2 * max(epoch - START + 1 - FINALITY, 0)
        assert ledger.settlement.final_leaves() == [d.cm for d in deposits[:final]]
        for index, deposit in enumerate(deposits):
            if index < final:
                proof = ledger.settlement.proof(deposit.cm)
                assert (proof.leaf, proof.root) == (deposit.cm, deposits[final - 1].root)
                assert proof.root == ledger.settlement.root_at(epoch - FINALITY)
            else:
                with pytest.raises(NotFinal):
                    ledger.settlement.proof(deposit.cm)
    assert ledger.settlement.root == deposits[-1].root


def test_roots_by_epoch(ledger: Ledger) -> None:
    roots = {}
    for epoch in (START, START + 1, START + 4):
        ledger.now = epoch
        ledger.fund(inner=2 * epoch)
        roots[epoch] = ledger.fund(inner=2 * epoch + 1)
    at = ledger.settlement.root_at
    expected = [None, roots[START], roots[START + 1], roots[START + 1], roots[START + 1], roots[START + 4]]
    assert [at(START + age) for age in range(-1, 5)] == expected
    with pytest.raises(MalformedInput):
        at(-1)


def test_a_node_serves_what_is_final(ledger: Ledger) -> None:
    """It builds a tree of its own from final leaves, a few at a time, and refuses the rest."""
    session = make_session(expiry=START + 50)
    ledger.fund(inner=5)
    ledger.deposit(session.note)
    tree = MerkleTree(DOMAIN.arity, DOMAIN.depth)

    def admit(settlement: Settlement) -> object:
        tree.extend(settlement.final_leaves(len(tree)))
        arguments = {"position": 1, "now": ledger.now, "is_spent": settlement.is_spent}
        return admit_note(session.note, session.node, DOMAIN, tree, **arguments)  # type: ignore[arg-type]

    ledger.now = START + FINALITY - 1
    with pytest.raises(NoteRefused, match="no leaf"):
        admit(ledger.settlement)
    ledger.now = START + FINALITY
    assert admit(ledger.settlement) == ledger.settlement.proof(session.note.cm)


@pytest.mark.parametrize("first", [-1, 3, True])
def test_final_leaves_of_positions_that_are_not_there(ledger: Ledger, first: int) -> None:
    ledger.fund()
    ledger.now = START + FINALITY
    assert ledger.settlement.final_leaves(1) == []
    with pytest.raises(MalformedInput):
        ledger.settlement.final_leaves(first)


@pytest.mark.parametrize(("arity", "depth"), [(2, 4), (3, 3), (4, 2), (5, 1)])
def test_the_past_of_a_tree(arity: int, depth: int) -> None:
    """Every size that a tree had, against a fresh tree of that size: root and every proof."""
    whole, roots = MerkleTree(arity, depth), []
    for leaf in range(1, arity**depth + 1):
        whole.append(leaf)
        roots.append(whole.root)
    for size in range(1, arity**depth + 1):
        past = MerkleTree(arity, depth, PrefixNodes(whole._nodes, arity, size), size)
        assert past.root == roots[size - 1]
        for index in range(size):
            assert past.proof(index).root == past.root
        with pytest.raises(MalformedInput):
            past.proof(size)
    with pytest.raises(TypeError):
        PrefixNodes(whole._nodes, arity, 1).set(0, 0, 5)


def test_final_leaves_by_pages(ledger: Ledger) -> None:
    for epoch in range(START, START + 4):
        ledger.now = epoch
        ledger.fund(inner=epoch)
    settlement = ledger.settlement
    leaves = settlement.final_leaves()
    assert settlement.num_final_notes() == len(leaves) == 4 - FINALITY
    assert [settlement.final_leaves(first, 1) for first in range(3)] == [leaves[:1], leaves[1:], []]
    assert settlement.final_leaves(0, 0) == []
    for count in (-1, 1 << 65, True):
        with pytest.raises(MalformedInput):
            settlement.final_leaves(0, count)
