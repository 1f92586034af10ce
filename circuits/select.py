"""Choosing between expressions by booleans."""

from __future__ import annotations

from collections.abc import Sequence

from zkrelay.r1cs import ConstraintApi, Expr


def select(cs: ConstraintApi, bit: Expr, if_one: Expr, if_zero: Expr) -> Expr:
    """if_zero + bit·(if_one - if_zero) for a boolean ``bit``: one row."""
    return if_zero + cs.mul(bit, if_one - if_zero, "chosen")


def lookup4(cs: ConstraintApi, low: Expr, high: Expr, both: Expr, table: Sequence[int]) -> Expr:
    """table[low + 2·high] for constants: free once ``both`` = low·high exists.

    As a function of two booleans every table is t0 + (t1-t0)·low + (t2-t0)·high + (t3-t2-t1+t0)·low·high.
    """
    t0, t1, t2, t3 = table
    return cs.linear([(t1 - t0, low), (t2 - t0, high), (t3 - t2 - t1 + t0, both)], t0)
