"""Membership in a Poseidon Merkle tree of any arity.

The witness gives, for each level, all children of the node on the path.  That the node below is one of them is the
equation ∏(child_j - node) = 0: arity - 1 rows, and no position bits.  Nothing else depends on the position (the
nullifier takes the unique leaf itself), so there is nothing to bind it to, and no bit that could be left loose.
"""

from __future__ import annotations

from collections.abc import Sequence

from zkrelay.errors import CircuitError
from zkrelay.r1cs import ConstraintApi, Expr

from .poseidon import poseidon

_HASH_ROWS = 300  # about, for the plan of ``opening_counts``: Poseidon takes 240 to 321 rows for 2 to 5 inputs


def assert_is_one_of(cs: ConstraintApi, x: Expr, candidates: Sequence[Expr]) -> None:
    """x ∈ candidates: len(candidates) - 1 rows."""
    if not candidates:
        raise CircuitError("nothing is a member of an empty set")
    product = candidates[0] - x
    for candidate in candidates[1:-1]:
        product = cs.mul(product, candidate - x, "differs")
    if len(candidates) == 1:
        cs.assert_equal(x, candidates[0])
    else:
        cs.assert_product(product, candidates[-1] - x, cs.constant(0))


def assert_merkle_member(cs: ConstraintApi, leaf: Expr, path: Sequence[Sequence[Expr]], root: Expr) -> None:
    """``leaf`` is at depth len(path) under ``root``; path[i] are the children of the i-th node from the leaf's parent
    up.

    Each level costs Poseidon(arity) + arity - 1 rows: 300 for arity 4.
    """
    assert_merkle_member_below(cs, leaf, path, [root])


def assert_merkle_member_below(
    cs: ConstraintApi, leaf: Expr, path: Sequence[Sequence[Expr]], nodes: Sequence[Expr]
) -> None:
    """``leaf`` is at depth len(path) >= 1 under one of ``nodes``, which are known to be nodes of the tree."""
    node = leaf
    only = nodes[0] if len(nodes) == 1 else None
    for level, children in enumerate(path):
        with cs.scope(f"level[{level}]"):
            assert_is_one_of(cs, node, children)
            node = poseidon(cs, children, output=only if level == len(path) - 1 else None)
    if only is None:
        assert_is_one_of(cs, node, nodes)


def open_nodes(
    cs: ConstraintApi, openings: Sequence[Sequence[Expr]], counts: Sequence[int], root: Expr
) -> Sequence[Expr]:
    """Nodes ``len(counts)`` levels under ``root``, for many leaves to share: all children of the openings of the last
    level.

    Level i has counts[i] openings, each the children of some node that level i - 1 opened (the root at first): their
    Poseidon is one of those nodes.  Which one does not matter, and two openings may be of one node.  So by induction
    whatever is opened at level i is a node of the tree exactly i + 1 levels under the root.
    """
    nodes: Sequence[Expr] = [root]
    first = 0
    for level, count in enumerate(counts):
        with cs.scope(f"open[{level}]"):
            opened = openings[first : first + count]
            for children in opened:
                node = poseidon(cs, children, output=root if level == 0 else None)
                if level > 0:
                    assert_is_one_of(cs, node, nodes)
        nodes = [child for children in opened for child in children]
        first += count
    return nodes


def opening_counts(num_leaves: int, arity: int, depth: int) -> list[int]:
    """How many openings of each level, from the root down, ``num_leaves`` leaves should share: the fewest rows.

    At least one level remains for each leaf's own path.
    """
    plans: list[list[int]] = [[]]
    for level in range(depth - 1):
        plans.append([*plans[-1], min(arity**level, num_leaves)])
    return min(plans, key=lambda counts: _opening_rows(counts, num_leaves, arity, depth))


def _opening_rows(counts: Sequence[int], num_leaves: int, arity: int, depth: int) -> int:
    rows, known = 0, 1
    for count in counts:
        rows += count * (_HASH_ROWS + known - 1)
        known = count * arity
    return rows + num_leaves * (known - 1 + (depth - len(counts)) * (_HASH_ROWS + arity - 1))
