"""Range checks: an expression as an integer of so many bits."""

from __future__ import annotations

from zkrelay.r1cs import ConstraintApi, Expr

from .bits import to_bits


def assert_in_range(cs: ConstraintApi, x: Expr, num_bits: int, name: str = "range") -> None:
    """x ∈ [0, 2^num_bits): num_bits rows.  Raises ``CircuitError`` when 2^num_bits exceeds the field."""
    with cs.scope(name):
        to_bits(cs, x, num_bits)
