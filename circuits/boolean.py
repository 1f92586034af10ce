"""Booleans: expressions known to be 0 or 1.  Linear where they can be, one row where they cannot."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from zkrelay.r1cs import ConstraintApi, Expr


def assert_boolean(cs: ConstraintApi, x: Expr) -> None:
    """x ∈ {0, 1}, by x·(x - 1) = 0: one row."""
    cs.assert_product(x, x - 1, cs.constant(0))


def assert_ones_first(cs: ConstraintApi, bits: Sequence[Expr]) -> None:
    """``bits`` are 1, …, 1, 0, …, 0 with at least one 1: one row each.

    The first is 1, and each other is 0 or as the one before it: bit·(before - bit) = 0.
    """
    cs.assert_equal(bits[0], 1)
    for before, bit in itertools.pairwise(bits):
        cs.assert_product(bit, before - bit, cs.constant(0))


def not_(cs: ConstraintApi, a: Expr) -> Expr:
    """1 - a for a boolean a: free."""
    return 1 - a


def and_(cs: ConstraintApi, a: Expr, b: Expr) -> Expr:
    """a·b for booleans: one row."""
    return cs.mul(a, b, "and")


def or_(cs: ConstraintApi, a: Expr, b: Expr) -> Expr:
    """a + b - a·b for booleans: one row."""
    return a + b - cs.mul(a, b, "and")


def xor(cs: ConstraintApi, a: Expr, b: Expr) -> Expr:
    """a + b - 2·a·b for booleans: one row."""
    return a + b - 2 * cs.mul(a, b, "and")
