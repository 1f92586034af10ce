"""Rows per gadget and statement over BN254 Fr.  ``python -P -m zkrelay.circuits.costs`` prints the table kept in
``costs.csv``.

A change of a count shows in the diff; ``tests/circuits/test_costs.py`` compares.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterator, Sequence

from zkrelay.curves.embedded import BABY_JUBJUB
from zkrelay.r1cs import Circuit, ConstraintApi, Expr, compile_circuit, private_array

from . import bits, boolean, compare, eddsa, edwards, fixed_base, merkle, montgomery, poseidon, range_check, select
from .batch import Batch
from .claim import Claim
from .standard import STANDARD
from .variable_base import variable_base_mul

Body = Callable[[ConstraintApi, Sequence[Expr]], object]


class _Counted(Circuit):
    """One gadget over as many private inputs as it takes."""

    x = private_array(lambda self: (self.num_inputs,))

    def __init__(self, num_inputs: int, body: Body) -> None:
        self.num_inputs = num_inputs
        self.body = body

    def define(self, cs: ConstraintApi) -> None:
        self.body(cs, self.x)


def _point(x: Sequence[Expr], index: int = 0) -> edwards.EdwardsPoint:
    return edwards.EdwardsPoint(x[2 * index], x[2 * index + 1])


def _mont(x: Sequence[Expr], index: int = 0) -> montgomery.MontgomeryPoint:
    return montgomery.MontgomeryPoint(x[2 * index], x[2 * index + 1])


CURVE = BABY_JUBJUB
GADGETS: dict[str, tuple[int, Body]] = {
    "boolean.assert_boolean": (1, lambda cs, x: boolean.assert_boolean(cs, x[0])),
    "boolean.and_": (2, lambda cs, x: boolean.and_(cs, x[0], x[1])),
    "select.select": (3, lambda cs, x: select.select(cs, x[0], x[1], x[2])),
    "bits.to_bits(64)": (1, lambda cs, x: bits.to_bits(cs, x[0], 64)),
    "bits.to_bits_strict": (1, lambda cs, x: bits.to_bits_strict(cs, x[0])),
    "range_check.assert_in_range(32)": (1, lambda cs, x: range_check.assert_in_range(cs, x[0], 32)),
    "range_check.assert_in_range(64)": (1, lambda cs, x: range_check.assert_in_range(cs, x[0], 64)),
    "compare.is_zero": (1, lambda cs, x: compare.is_zero(cs, x[0])),
    "compare.assert_not_zero": (1, lambda cs, x: compare.assert_not_zero(cs, x[0])),
    "compare.less_than(64)": (2, lambda cs, x: compare.less_than(cs, x[0], x[1], 64)),
    "compare.assert_less_equal(64)": (2, lambda cs, x: compare.assert_less_equal(cs, x[0], x[1], 64)),
    **{f"poseidon.poseidon({n})": (n, lambda cs, x: poseidon.poseidon(cs, x)) for n in (1, 2, 3, 4, 5, 8, 16)},
    **{
        f"merkle.level(arity {n})": (n + 1, lambda cs, x: merkle.assert_merkle_member(cs, x[0], [x[1:]], x[0]))
        for n in (2, 4)
    },
    "edwards.assert_on_curve": (2, lambda cs, x: edwards.assert_on_curve(cs, CURVE, _point(x))),
    "edwards.double": (2, lambda cs, x: edwards.double(cs, CURVE, _point(x))),
    "edwards.add": (4, lambda cs, x: edwards.add(cs, CURVE, _point(x), _point(x, 1))),
    "montgomery.double": (2, lambda cs, x: montgomery.double(cs, CURVE, _mont(x))),
    "montgomery.add_incomplete": (4, lambda cs, x: montgomery.add_incomplete(cs, CURVE, _mont(x), _mont(x, 1))),
    "montgomery.double_and_add_incomplete": (
        4,
        lambda cs, x: montgomery.double_and_add_incomplete(cs, CURVE, _mont(x), _mont(x, 1)),
    ),
    "fixed_base.fixed_base_mul(251)": (
        251,
        lambda cs, x: fixed_base.fixed_base_mul(cs, CURVE, x, CURVE.generator),
    ),
    "variable_base.variable_base_mul(254)": (256, lambda cs, x: variable_base_mul(cs, CURVE, _point(x), x[2:])),
    "eddsa.assert_eddsa_poseidon": (
        6,
        lambda cs, x: eddsa.assert_eddsa_poseidon(cs, _point(x), _point(x, 1), x[4], x[5]),
    ),
}


CIRCUITS: dict[str, Callable[[], Circuit]] = {
    **STANDARD,
    "batch(size=1)": lambda: Batch(1),
    "claim(unit=1)": lambda: Claim(unit=1),
    "claim(arity=2, depth=20)": lambda: Claim(arity=2, depth=20),
}


def rows(skip: Collection[str] = ()) -> Iterator[tuple[str, int]]:
    """(name, number of constraints) of every gadget and statement but those to skip, gadgets first."""
    for name, (num_inputs, body) in GADGETS.items():
        yield name, compile_circuit(_Counted(num_inputs, body)).r1cs.num_constraints
    for name, circuit in CIRCUITS.items():
        if name not in skip:
            yield name, compile_circuit(circuit()).r1cs.num_constraints


def table() -> str:
    """The CSV text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("gadget", "constraints"))
    writer.writerows(rows())
    return out.getvalue()


if __name__ == "__main__":
    print(table(), end="")
