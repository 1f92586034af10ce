"""Copies of a part of a circuit are what a loop would have stated: the same rows, tape, names and lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from zkrelay.circuits.bits import to_bits
from zkrelay.circuits.compare import is_zero
from zkrelay.curves import bls12_381, bn254
from zkrelay.errors import CircuitError, UnderConstrained, UnsatisfiedConstraint
from zkrelay.r1cs import Circuit, ConstraintApi, Expr, compile_circuit, private, private_array, public, run
from zkrelay.r1cs.api import ConstraintApi as Api

Body = Callable[[ConstraintApi, "Slots", Sequence[Expr]], Sequence[Expr]]


def honest(cs: ConstraintApi, circuit: Slots, inputs: Sequence[Expr]) -> Sequence[Expr]:
    """Uses what all slots share (a product, an expression and its value), hints, bits, inversions, and own wires."""
    x, y = inputs
    shared = cs.mul(circuit.key, circuit.key, "shared") + 5
    both = cs.mul(x + shared, y - circuit.before, "both")
    bits = to_bits(cs, x, 4)
    zero = is_zero(cs, y)
    found = cs.witness(cs.value_of(shared) * cs.value_of(both) + cs.value_of(circuit.before), "found")
    cs.assert_product(shared, both, found - circuit.before)
    return [both + 2 * found - zero + 7, sum(bits[1:], bits[0] * 3), circuit.key]


class Slots(Circuit):
    """Sums what a body makes of each pair (x_i, y_i)."""

    total = public()
    key = private()
    x = private_array(lambda self: (self.count,))
    y = private_array(lambda self: (self.count,))
    before: Expr

    def __init__(self, count: int, body: Body = honest, is_loop: bool = False) -> None:
        self.count = count
        self.body = body
        self.is_loop = is_loop

    def define(self, cs: ConstraintApi) -> None:
        repeat = (lambda *arguments: Api.repeat(cs, *arguments)) if self.is_loop else cs.repeat
        self.before = cs.mul(self.key, self.key + 1, "before") + self.key
        inputs = list(zip(self.x, self.y, strict=True))
        first = repeat("slot", inputs, lambda given: self.body(cs, self, given))
        total = cs.sum([expr for outputs in first for expr in outputs])
        wires = [[cs.mul(outputs[0], outputs[0], "square")] for outputs in first]
        second = repeat("slot", wires, lambda given: [cs.mul(given[0], given[0] + total, "end")])
        cs.assert_equal(self.total, cs.mul(total, first[-1][0]) + cs.sum([cs.mul(one[0], total) for one in second]))


def inputs_of(count: int) -> dict[str, object]:
    return {"key": 11, "x": [i % 16 for i in range(count)], "y": [i * i for i in range(count)]}


def total_of(count: int, modulus: int) -> int:
    """Found by the other engine: the equation's residue for total = 0."""
    try:
        run(Slots(count), {**inputs_of(count), "total": 0})
    except UnsatisfiedConstraint as error:
        return -int(error.left) % modulus
    raise AssertionError("the total is not 0")


@pytest.mark.parametrize("field", [bn254.FR, bls12_381.FR])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 9])
def test_copies_are_what_a_loop_states(count: int, field) -> None:  # type: ignore[no-untyped-def]
    copied, looped = compile_circuit(Slots(count), field), compile_circuit(Slots(count, is_loop=True), field)
    assert copied.r1cs.digest == looped.r1cs.digest
    assert copied.r1cs.coefficients == looped.r1cs.coefficients
    assert copied.r1cs.debug == looped.r1cs.debug
    for side in ("a", "b", "c"):
        ours, theirs = getattr(copied.r1cs, side), getattr(looped.r1cs, side)
        for part in ("offsets", "columns", "coefficient_ids"):
            assert getattr(ours, part).tobytes() == getattr(theirs, part).tobytes()
            assert getattr(ours, part).dtype == getattr(theirs, part).dtype
    assert copied.program.num_registers == looped.program.num_registers
    assert copied.program.tape.tobytes() == looped.program.tape.tobytes()


@pytest.mark.parametrize("count", [3, 8])
def test_both_engines_agree(count: int) -> None:
    compiled, total = compile_circuit(Slots(count)), total_of(count, bn254.FR.modulus)
    good = {**inputs_of(count), "total": total}
    compiled.assign(good)
    run(Slots(count), good)
    for bad in (
        {**good, "total": total + 1},
        {**good, "key": 12},
        *({**good, "x": [*good["x"][:i], 16, *good["x"][i + 1 :]]} for i in range(count)),  # type: ignore[index]
    ):
        with pytest.raises(UnsatisfiedConstraint):
            compiled.assign(bad)
        with pytest.raises(UnsatisfiedConstraint):
            run(Slots(count), bad)


def test_names_in_copies_are_unique_and_tell_the_slot() -> None:
    compiled = compile_circuit(Slots(5))
    names = compiled.r1cs.debug.wire_names
    assert len(set(names)) == len(names) == compiled.r1cs.num_variables
    assert sum(name.endswith(".both") for name in names) == 5
    assert "slot[4].both" in names


def test_a_violated_row_of_a_copy_names_its_line_and_signals() -> None:
    compiled = compile_circuit(Slots(5))
    good = bytearray(compiled.program.run({**inputs_of(5), "total": 0}))
    wire = compiled.r1cs.debug.wire_names.index("slot[4].both")
    good[32 * wire] ^= 1
    with pytest.raises(UnsatisfiedConstraint) as caught:
        compiled.r1cs.check(good)
    assert "test_repeat" in caught.value.source
    assert "slot[4].both" in caught.value.signals


def test_a_hint_that_only_a_copy_leaves_loose_is_refused() -> None:
    """The first two slots' hints are pinned down afterwards, the third's is not."""

    class Loose(Slots):
        def define(self, cs: ConstraintApi) -> None:
            outputs = cs.repeat(
                "slot",
                [[x] for x in self.x],
                lambda given: [cs.witness(cs.value_of(given[0]), "free"), cs.mul(given[0], given[0])],
            )
            for hint, square in outputs[: self.pinned]:
                cs.assert_product(hint, hint, square)
            cs.mul(self.total, cs.sum(self.y) + self.key)

        def __init__(self, pinned: int) -> None:
            super().__init__(3)
            self.pinned = pinned

    compile_circuit(Loose(3))
    with pytest.raises(UnderConstrained, match=r"slot\[2\].free"):
        compile_circuit(Loose(2))


def test_an_input_that_no_slot_uses_is_refused() -> None:
    def careless(cs: ConstraintApi, circuit: Slots, inputs: Sequence[Expr]) -> Sequence[Expr]:
        return [cs.mul(inputs[0], circuit.key)]

    with pytest.raises(UnderConstrained, match=r"y\[0\]"):
        compile_circuit(Slots(4, careless))


def test_a_product_stated_before_is_not_taken_for_every_slot_s() -> None:
    """The same product of the second slot's inputs exists outside: a copy must make its own."""

    class Before(Slots):
        def define(self, cs: ConstraintApi) -> None:
            for x, y in zip(self.x, self.y, strict=True):
                cs.mul(x, y, "outside")
            inputs = list(zip(self.x, self.y, strict=True))
            inside = cs.repeat("slot", inputs, lambda given: [cs.mul(given[0], given[1]) * self.key])
            cs.assert_equal(self.total, cs.sum([one[0] for one in inside]))

    compiled = compile_circuit(Before(4))
    inputs = {"key": 3, "x": [1, 2, 3, 4], "y": [5, 6, 7, 8]}
    total = 3 * (1 * 5 + 2 * 6 + 3 * 7 + 4 * 8)
    compiled.assign({**inputs, "total": total})
    run(Before(4), {**inputs, "total": total})
    with pytest.raises(UnsatisfiedConstraint):
        compiled.assign({**inputs, "total": 3 * (1 * 5 + 3 * 2 * 6)})


def test_repeats_inside_a_body_are_loops() -> None:
    def nested(cs: ConstraintApi, circuit: Slots, inputs: Sequence[Expr]) -> Sequence[Expr]:
        wires = [*inputs, cs.mul(inputs[0], inputs[1])]
        inner = cs.repeat("part", [[wire] for wire in wires], lambda given: [cs.mul(given[0], given[0] + circuit.key)])
        return [cs.sum([one[0] for one in inner])]

    copied, looped = compile_circuit(Slots(4, nested)), compile_circuit(Slots(4, nested, is_loop=True))
    assert copied.r1cs.digest == looped.r1cs.digest
    assert copied.program.tape.tobytes() == looped.program.tape.tobytes()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x, y: [[x[0], y[0]], [x[1], y[1]], [x[2] + 1, y[2]]], "a wire, not an expression"),
        (lambda x, y: [[x[0], y[0]], [x[1], y[1]], [2 * x[2], y[2]]], "a wire, not an expression"),
        (lambda x, y: [[x[0], y[0]], [x[1], y[1]], [x[1], y[2]]], "each wire in one place"),
        (lambda x, y: [[x[0], y[0]], [x[1], x[1]], [x[2], y[2]]], "each wire in one place"),
        (lambda x, y: [[x[0], y[0]], [x[1], y[1]], [x[2]]], "lists of one length"),
    ],
)
def test_inputs_must_be_different_wires(change, message: str) -> None:  # type: ignore[no-untyped-def]
    class Wrong(Slots):
        def define(self, cs: ConstraintApi) -> None:
            cs.repeat("slot", change(self.x, self.y), lambda given: [cs.mul(given[0], given[-1])])

    with pytest.raises(CircuitError, match=message):
        compile_circuit(Wrong(3))


def test_a_constant_is_no_input() -> None:
    class Wrong(Slots):
        def define(self, cs: ConstraintApi) -> None:
            cs.repeat("slot", [[cs.constant(1)]] * 3, lambda given: [cs.mul(given[0], given[0])])

    with pytest.raises(CircuitError, match="a wire, not an expression"):
        compile_circuit(Wrong(3))
