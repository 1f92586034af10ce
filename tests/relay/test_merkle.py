"""The note tree against the vectors and against the tree computed from all leaves at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zkrelay.algebra.poseidon import poseidon
from zkrelay.curves import bn254
from zkrelay.errors import InvalidClaim, MalformedInput, NonCanonicalNumber, TreeFull
from zkrelay.relay.merkle import MemoryNodes, MerkleProof, MerkleTree

R = bn254.FR.modulus
VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "protocol" / "protocol-v1.json").read_text())
CMS = [int(cm) for cm in VECTORS["cms"]]


def whole_tree_root(leaves: list[int], arity: int, depth: int) -> int:
    level = leaves + [0] * (arity**depth - len(leaves))
    while len(level) > 1:
        level = [poseidon(level[i : i + arity]) for i in range(0, len(level), arity)]
    return level[0]


@pytest.mark.parametrize(("arity", "depth", "name"), [(2, 20, "root"), (4, 10, "root_arity4_depth10")])
def test_roots_of_the_vectors(arity: int, depth: int, name: str) -> None:
    tree = MerkleTree(arity, depth)
    for cm in CMS:
        tree.append(cm)
    assert str(tree.root) == VECTORS[name]
    for index, cm in enumerate(CMS):
        proof = tree.proof(index)
        assert (proof.leaf, proof.root) == (cm, tree.root)


@pytest.mark.parametrize(("arity", "depth"), [(2, 1), (2, 4), (3, 2), (4, 2), (5, 2)])
def test_every_state_of_a_small_tree(arity: int, depth: int) -> None:
    tree = MerkleTree(arity, depth)
    leaves: list[int] = []
    expected = [whole_tree_root([], arity, depth)]
    assert tree.root == expected[0]
    for leaf in range(1, tree.capacity + 1):
        assert tree.append(leaf) == len(leaves)
        leaves.append(leaf)
        expected.append(whole_tree_root(leaves, arity, depth))
        assert tree.root == expected[-1]
    assert tree.roots == tuple(expected)
    for index in range(tree.capacity):
        proof = tree.proof(index)
        assert proof.leaf == leaves[index]
        assert [len(children) for children in proof.path] == [arity] * depth
        assert proof.path[0][index % arity] == leaves[index]
        assert proof.root == tree.root
    with pytest.raises(TreeFull):
        tree.append(1)
    assert tree.root == expected[-1]


@settings(max_examples=25)
@given(st.lists(st.integers(1, R - 1), max_size=20), st.integers(0, 20), st.integers(2, 5))
def test_extend_is_append(leaves: list[int], cut: int, arity: int) -> None:
    one, many = MerkleTree(arity, 5), MerkleTree(arity, 5)
    for leaf in leaves:
        one.append(leaf)
    many.extend(leaves[:cut])
    many.extend(leaves[cut:])
    assert (many.root, len(many)) == (one.root, len(one))
    assert set(many.roots) <= set(one.roots)
    if leaves:
        assert many.proof(len(leaves) - 1) == one.proof(len(leaves) - 1)


def test_tree_goes_on_over_kept_nodes() -> None:
    nodes = MemoryNodes(5)
    first = MerkleTree(4, 5, nodes)
    first.extend([5, 6, 7, 8, 9])
    second = MerkleTree(4, 5, nodes, size=5)
    assert second.append(10) == 5
    whole = MerkleTree(4, 5)
    whole.extend([5, 6, 7, 8, 9, 10])
    assert second.root == whole.root


def test_memory_grows_with_the_leaves_only() -> None:
    nodes = MemoryNodes(32)
    tree = MerkleTree(4, 32, nodes)
    tree.extend(list(range(1, 101)))
    assert sum(len(level) for level in nodes._levels) < 100 * 4 / 3 + 32 + 10


def test_extend_beyond_capacity_appends_nothing() -> None:
    tree = MerkleTree(2, 2)
    tree.append(1)
    with pytest.raises(TreeFull):
        tree.extend([2, 3, 4, 5])
    with pytest.raises(NonCanonicalNumber):
        tree.extend([2, R])
    assert len(tree) == 1
    assert tree.root == whole_tree_root([1], 2, 2)


@pytest.mark.parametrize(("leaf", "error"), [(0, MalformedInput), (R, NonCanonicalNumber), (-1, NonCanonicalNumber)])
def test_bad_leaf(leaf: int, error: type[MalformedInput]) -> None:
    tree = MerkleTree(2, 2)
    with pytest.raises(error):
        tree.append(leaf)
    assert len(tree) == 0


@pytest.mark.parametrize("settings_", [(1, 2), (6, 2), (2, 0), (2, 33)])
def test_bad_shape(settings_: tuple[int, int]) -> None:
    with pytest.raises(MalformedInput):
        MerkleTree(*settings_)


@pytest.mark.parametrize("index", [-1, 2, 4])
def test_proof_of_an_unused_index(index: int) -> None:
    tree = MerkleTree(2, 2)
    tree.extend([5, 6])
    with pytest.raises(MalformedInput, match="index"):
        tree.proof(index)


def test_proof_that_does_not_hold_together() -> None:
    tree = MerkleTree(4, 3)
    tree.extend([5, 6, 7, 8, 9])
    proof = tree.proof(4)
    with pytest.raises(InvalidClaim, match="level 0"):
        _ = MerkleProof(10, proof.path).root
    with pytest.raises(InvalidClaim, match="level 1"):
        _ = MerkleProof(9, (proof.path[0], tree.proof(0).path[0], proof.path[2])).root
    with pytest.raises(InvalidClaim, match="at least one"):
        _ = MerkleProof(9, ()).root
    changed = (proof.path[0], proof.path[1], (*proof.path[2][:3], 1))
    assert MerkleProof(9, changed).root != tree.root
