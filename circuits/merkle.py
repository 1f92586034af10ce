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
    node = leaf
    for level, children in enumerate(path):
        with cs.scope(f"level[{level}]"):
            assert_is_one_of(cs, node, children)
            node = poseidon(cs, children, output=root if level == len(path) - 1 else None)
