"""The enumeration of ``tests/helpers/tiny.py`` is no empty check: in gadgets with a planted hole it finds the hole.

Each is a gadget of the library with one thing left out, or a mistake that circuits in the field were known for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import pytest
from tiny import F13, Gadget, outputs

from zkrelay.circuits.bits import pack_bits
from zkrelay.circuits.boolean import assert_boolean
from zkrelay.errors import UnderConstrained
from zkrelay.r1cs import ConstraintApi, Expr, compile_circuit

P = F13.modulus


class Planted(NamedTuple):
    body: Callable[[ConstraintApi, list[Expr]], Sequence[Expr]]
    x: tuple[int, ...]
    honest: tuple[int, ...]
    also: set[tuple[int, ...]]


def is_zero_without_its_second_row(cs: ConstraintApi, x: list[Expr]) -> list[Expr]:
    """Lacks zero·x = 0: every hint for the inverse has an answer of its own."""
    return [1 - cs.mul(cs.witness(cs.value_of(x[0]).inverse()), x[0])]


def bits_without_booleans(cs: ConstraintApi, x: list[Expr]) -> list[Expr]:
    """Lacks b·b = b."""
    bits = [cs.witness(bit) for bit in cs.value_of(x[0]).bits(2)]
    cs.assert_equal(pack_bits(cs, bits), x[0])
    return bits


def bits_that_wrap(cs: ConstraintApi, x: list[Expr]) -> list[Expr]:
    """Four bits over F13, as Num2Bits(254) over BN254: the bits of 2 and of 15 sum to one element."""
    bits = [cs.witness(bit) for bit in cs.value_of(x[0]).bits(4)]
    for bit in bits:
        assert_boolean(cs, bit)
    cs.assert_equal(pack_bits(cs, bits), x[0])
    return bits


def quotient_of_zero(cs: ConstraintApi, x: list[Expr]) -> list[Expr]:
    """out·x1 = x0 leaves out free where both are 0, as the slope of a Montgomery addition of equal points."""
    quotient = cs.witness(cs.value_of(x[0]) * cs.value_of(x[1]).inverse())
    cs.assert_product(quotient, x[1], x[0])
    return [quotient]


def square_root_of_either_sign(cs: ConstraintApi, x: list[Expr]) -> list[Expr]:
    """out·out = x0 has two answers, as a point known by its y alone."""
    root = cs.witness(cs.value_of(x[1]))
    cs.assert_product(root, root, x[0])
    cs.mul(x[1], x[1])
    return [root]


def selector_that_is_no_bit(cs: ConstraintApi, x: list[Expr]) -> list[Expr]:
    """One of x0, x1 chosen by a hint that nothing makes a bit: every value between them, too."""
    choice = cs.witness(cs.value_of(x[0]).bits(1)[0])
    return [x[1] + cs.mul(choice, x[0] - x[1])]


EVERY = {(v,) for v in range(P)}
PLANTED = [
    Planted(is_zero_without_its_second_row, (3,), (0,), EVERY),
    Planted(bits_without_booleans, (2,), (0, 1), {((2 - 2 * b) % P, b) for b in range(P)}),
    Planted(bits_that_wrap, (2,), (0, 1, 0, 0), {(0, 1, 0, 0), (1, 1, 1, 1)}),
    Planted(quotient_of_zero, (0, 0), (0,), EVERY),
    Planted(square_root_of_either_sign, (9, 3), (3,), {(3,), (10,)}),
    Planted(selector_that_is_no_bit, (4, 6), (6,), EVERY),
]


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.body.__name__)
def test_planted_underconstrained_gadgets_found(planted: Planted) -> None:
    compiled = compile_circuit(Gadget(len(planted.x), len(planted.honest), planted.body), F13)
    compiled.assign({"x": list(planted.x), "out": list(planted.honest)})  # nothing to be seen by an honest prover
    assert outputs(compiled, planted.x, len(planted.honest)) == planted.also
    assert planted.also > {planted.honest}


def test_a_value_that_no_row_holds_is_refused_by_the_compiler() -> None:
    """circom's ``<--`` without ``===``."""

    def assigned_only(cs: ConstraintApi, x: list[Expr]) -> list[Expr]:
        cs.witness(cs.value_of(x[0]).inverse())
        return [x[0]]

    with pytest.raises(UnderConstrained):
        compile_circuit(Gadget(1, 1, assigned_only), F13)
