"""Comparisons.  The ordered ones take integers already known to have ``num_bits`` bits; that is the caller's to
prove.
"""

from __future__ import annotations

from zkrelay.errors import CircuitError
from zkrelay.r1cs import ConstraintApi, Expr

from .bits import to_bits
from .range_check import assert_in_range


def is_zero(cs: ConstraintApi, x: Expr) -> Expr:
    """1 when x = 0, else 0: two rows.

    inverse·x = 1 - z and z·x = 0: x ≠ 0 forces z = 0, and x = 0 forces z = 1.  ``inverse`` is free when x = 0.
    """
    inverse = cs.witness(cs.value_of(x).inverse(), "inverse")
    zero = 1 - cs.mul(inverse, x, "nonzero")
    cs.assert_product(zero, x, cs.constant(0))
    return zero


def is_equal(cs: ConstraintApi, a: Expr, b: Expr) -> Expr:
    """1 when a = b, else 0: two rows."""
    return is_zero(cs, a - b)


def assert_not_zero(cs: ConstraintApi, x: Expr) -> None:
    """x ≠ 0, by showing its inverse: one row."""
    cs.assert_product(x, cs.witness(cs.value_of(x).inverse(), "inverse"), cs.constant(1))


def less_than(cs: ConstraintApi, a: Expr, b: Expr, num_bits: int) -> Expr:
    """1 when a < b, else 0, for a, b ∈ [0, 2^num_bits): num_bits + 1 rows.

    2^num_bits + a - b lies in [1, 2^(num_bits+1)); its top bit is 0 exactly when a < b.
    """
    if num_bits + 1 >= cs.field.num_bits:
        raise CircuitError(f"less_than on {num_bits} bits does not fit {cs.field.name}")
    with cs.scope("less_than"):
        return 1 - to_bits(cs, a - b + (1 << num_bits), num_bits + 1)[-1]


def assert_less_equal(cs: ConstraintApi, a: Expr, b: Expr, num_bits: int) -> None:
    """a <= b for a, b ∈ [0, 2^num_bits): num_bits rows.  Needs 2^(num_bits+1) below the field."""
    if num_bits + 1 >= cs.field.num_bits:
        raise CircuitError(f"assert_less_equal on {num_bits} bits does not fit {cs.field.name}")
    assert_in_range(cs, b - a, num_bits, "less_equal")
