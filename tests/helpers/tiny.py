"""Every assignment of a small circuit: what honest witnesses never show.

``solutions`` enumerates all ways to fill the wires of a compiled circuit over a tiny prime so that every row holds,
for given inputs.  A gadget is sound when the outputs in all of them obey the gadget's statement, and complete when
there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from zkrelay.curves import PrimeField
from zkrelay.curves.embedded import EdwardsCurve
from zkrelay.r1cs import Circuit, CompiledCircuit, ConstraintApi, Expr, private_array, public_array
from zkrelay.r1cs.program import flatten_input

F13 = PrimeField("prime_13", 13)
F31 = PrimeField("prime_31", 31)
Rows = list[tuple[list[tuple[int, int]], list[tuple[int, int]], list[tuple[int, int]]]]


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
    r1cs = circuit.r1cs
    p = r1cs.field.modulus
    z: list[int | None] = [None] * r1cs.num_variables
    z[0] = 1
    for spec in circuit.program.inputs:
        if spec.name in open_inputs:
            continue
        for offset, value in enumerate(flatten_input(inputs, spec.name, spec.shape, p)):
            z[spec.first_wire + offset] = value
    rows: Rows = [(r1cs.row(r1cs.a, i), r1cs.row(r1cs.b, i), r1cs.row(r1cs.c, i)) for i in range(r1cs.num_constraints)]
    yield from _search(rows, z, p)


def _side(entries: list[tuple[int, int]], z: list[int | None]) -> int:
    return sum(c * z[w] for w, c in entries)  # type: ignore[operator]


def _holds(row: Any, z: list[int | None], p: int) -> bool:
    a, b, c = (_side(side, z) for side in row)
    return (a * b - c) % p == 0


def _search(rows: Rows, z: list[int | None], p: int) -> Iterator[list[int]]:
    """Branch on the wire of the row with the fewest open wires; complete because it tries every value."""
    best: set[int] | None = None
    last: Any = None
    remaining: Rows = []
    for row in rows:
        missing = {w for side in row for w, _ in side if z[w] is None}
        if not missing:
            if not _holds(row, z, p):
                return
            continue
        remaining.append(row)
        if best is None or len(missing) < len(best):
            best, last = missing, row
    if best is None:
        free = [w for w, value in enumerate(z) if value is None]
        assert not free, "a wire in no row: the compiler should have refused the circuit"
        yield [value for value in z if value is not None]
        return
    wire = min(best)
    for value in range(p):
        z[wire] = value
        if len(best) > 1 or _holds(last, z, p):  # the last open wire of its row: most values end here
            yield from _search(remaining, z, p)
    z[wire] = None


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
