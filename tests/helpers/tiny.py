"""Every assignment of a small circuit: what honest witnesses never show.

``solutions`` enumerates all ways to fill the wires of a compiled circuit over a tiny prime so that every row holds,
for given inputs.  A gadget is sound when the outputs in all of them obey the gadget's statement, and complete when
there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from zkrelay.audit.opinions.enumerate import solutions as enumerate_solutions
from zkrelay.audit.system import system_of
from zkrelay.curves import PrimeField
from zkrelay.curves.embedded import EdwardsCurve
from zkrelay.r1cs import Circuit, CompiledCircuit, ConstraintApi, Expr, private_array, public_array
from zkrelay.r1cs.program import flatten_input

F13 = PrimeField("prime_13", 13)
F31 = PrimeField("prime_31", 31)


TINY_EDWARDS = EdwardsCurve(
    name="tiny_edwards",
    field=PrimeField("prime_127", 127),
    a=9,
    d=5,
    order=17,
    cofactor=8,
    generator=(0, 1),  # not used: the tests take every point
)


def solutions(
    circuit: CompiledCircuit, inputs: Mapping[str, Any], open_inputs: Sequence[str] = ()
) -> Iterator[list[int]]:
    """All assignments with these inputs that satisfy every row, hints and ``open_inputs`` included."""
    given: dict[int, int] = {}
    for spec in circuit.program.inputs:
        if spec.name not in open_inputs:
            values = flatten_input(inputs, spec.name, spec.shape, circuit.r1cs.field.modulus)
            given.update((spec.first_wire + offset, value) for offset, value in enumerate(values))
    yield from enumerate_solutions(system_of(circuit.r1cs), given)


def points(curve: EdwardsCurve) -> list[tuple[int, int]]:
    """All affine points of a tiny curve."""
    p = curve.field.modulus
    return [(x, y) for x in range(p) for y in range(p) if curve.is_on_curve((x, y))]


class Gadget(Circuit):
    """A circuit around one gadget: private inputs ``x``, public inputs ``out``; ``body(cs, x)`` returns the outputs."""

    x = private_array(lambda self: (self.num_inputs,))
    out = public_array(lambda self: (self.num_outputs,))

    def __init__(self, num_inputs: int, num_outputs: int, body: Callable[[ConstraintApi, list[Expr]], Sequence[Expr]]):
        self.num_inputs = num_inputs
        self.num_outputs = num_outputs
        self.body = body

    def define(self, cs: ConstraintApi) -> None:
        for found, expected in zip(self.body(cs, self.x), self.out, strict=True):
            cs.assert_equal(found, expected)


def outputs(circuit: CompiledCircuit, x: Sequence[int], num_outputs: int) -> set[tuple[int, ...]]:
    """The values of ``out`` for which some assignment with these ``x`` satisfies the circuit.

    The public inputs are left open like any other wire, so the search finds every value a prover could make true.
    """
    found: set[tuple[int, ...]] = set()
    for assignment in solutions(circuit, {"x": list(x)}, open_inputs=("out",)):
        found.add(tuple(assignment[1 : 1 + num_outputs]))
    return found
