"""Many values shown as three: the circuit's half of ``zkrelay.algebra.compression``, where the argument stands."""

from __future__ import annotations

from collections.abc import Sequence

from zkrelay.algebra.compression import RATE, chain_start
from zkrelay.r1cs import ConstraintApi, Expr

from .poseidon import poseidon


def assert_chain(cs: ConstraintApi, num_slots: int, values: Sequence[Expr], h: Expr) -> None:
    """h = chain(num_slots, values): about 41 rows a value."""
    state: Expr = cs.constant(chain_start(num_slots, len(values)))
    with cs.scope("chain"):
        for first in range(0, len(values), RATE):
            block = [*values[first : first + RATE]]
            padding = [cs.constant(0)] * (RATE - len(block))
            is_last = first + RATE >= len(values)
            state = poseidon(cs, [state, *block, *padding], output=h if is_last else None)


def assert_evaluation(cs: ConstraintApi, values: Sequence[Expr], alpha: Expr, e: Expr) -> None:
    """e = Σ values[i]·alpha^i for at least two values: one row for each but the last, by Horner."""
    with cs.scope("evaluation"):
        total = values[-1]
        for value in reversed(values[1:-1]):
            total = cs.mul(total, alpha, "total") + value
        cs.assert_product(total, alpha, e - values[0])
