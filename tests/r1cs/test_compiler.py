"""The compiler: what costs a row, what is refused, and that nothing depends on chance."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

from zkrelay.circuits.claim import Claim
from zkrelay.curves import bls12_381, bn254
from zkrelay.errors import CircuitError, MalformedInput, UnderConstrained, UnsatisfiedConstraint
from zkrelay.r1cs import (
    Circuit,
    ConstraintApi,
    compile_circuit,
    compiler,
    private,
    private_array,
    public,
    public_array,
    run,
)


class Cube(Circuit):
    """x³ + x + 5 = y"""

    y = public()
    x = private()

    def define(self, cs: ConstraintApi) -> None:
        cs.assert_product(self.x * self.x, self.x, self.y - self.x - 5)


def test_cube_has_two_rows_and_the_expected_wires() -> None:
    compiled = compile_circuit(Cube())
    r1cs = compiled.r1cs
    assert (r1cs.num_constraints, r1cs.num_variables, r1cs.num_public, r1cs.num_private_inputs) == (2, 4, 1, 1)
    assert compiled.name == "cube"
    assert r1cs.debug.wire_names[:3] == ("one", "y", "x")
    assert [r1cs.row(r1cs.a, 0), r1cs.row(r1cs.b, 0), r1cs.row(r1cs.c, 0)] == [[(2, 1)], [(2, 1)], [(3, 1)]]
    minus_five, minus_one = bn254.FR.modulus - 5, bn254.FR.modulus - 1
    assert r1cs.row(r1cs.c, 1) == [(0, minus_five), (1, 1), (2, minus_one)]


def test_a_circuit_is_expected_and_not_its_class() -> None:
    with pytest.raises(CircuitError, match=r"expected a circuit: Cube\(\), not its class"):
        compile_circuit(Cube)  # type: ignore[arg-type]
    with pytest.raises(CircuitError, match="expected a circuit: not str"):
        compile_circuit("claim")  # type: ignore[arg-type]


@pytest.mark.parametrize("field", [bn254.FR, bls12_381.FR])
def test_satisfied_and_unsatisfied(field) -> None:
    compiled = compile_circuit(Cube(), field)
    assignment = compiled.assign({"x": 3, "y": 35})
    assert [int.from_bytes(assignment[i : i + 32], "little") for i in range(0, 128, 32)] == [1, 35, 3, 9]
    with pytest.raises(UnsatisfiedConstraint) as caught:
        compiled.assign({"x": 3, "y": 36})
    assert caught.value.index == 1
    assert caught.value.signals[:2] == ("y", "x")
    assert (caught.value.left, caught.value.right) == ("27", "28")


def test_the_report_names_the_line() -> None:
    import inspect

    lines, first = inspect.getsourcelines(Cube.define)
    expected = first + next(i for i, line in enumerate(lines) if "assert_product" in line)
    with pytest.raises(UnsatisfiedConstraint) as compiled:
        compile_circuit(Cube()).assign({"x": 3, "y": 36})
    with pytest.raises(UnsatisfiedConstraint) as engine:
        run(Cube(), {"x": 3, "y": 36})
    assert compiled.value.source == engine.value.source == f"{__name__}:{expected}"


def circuit(body, inputs=("x", "y"), public_inputs=("p",)):  # type: ignore[no-untyped-def]
    """A circuit from a function; every public input is used once so that only ``body`` can be at fault."""
    members = {name: public() for name in public_inputs} | {name: private() for name in inputs}

    def define(self, cs):  # type: ignore[no-untyped-def]
        for name in public_inputs:
            cs.mul(getattr(self, name), getattr(self, name))
        body(self, cs)

    return type("Local", (Circuit,), {**members, "define": define})()


def test_linear_is_free_and_products_cost_one_row() -> None:
    def body(self, cs):  # type: ignore[no-untyped-def]
        total = 3 * self.x + self.y * 4 - 7
        (total - self.x) * (self.y + 1)

    assert compile_circuit(circuit(body)).r1cs.num_constraints == 2


def test_the_same_product_is_stated_once() -> None:
    def body(self, cs):  # type: ignore[no-untyped-def]
        self.x * self.y
        self.y * self.x
        (self.x + 1 - 1) * self.y

    assert compile_circuit(circuit(body)).r1cs.num_constraints == 2


def test_products_with_constants_are_free() -> None:
    def body(self, cs):  # type: ignore[no-untyped-def]
        assert (cs.constant(6) * cs.constant(7)).constant == 42
        assert (self.x - self.x).constant == 0
        cs.assert_equal(cs.constant(5) * self.x, 5 * self.x)
        cs.assert_equal(self.x, self.y)

    assert compile_circuit(circuit(body)).r1cs.num_constraints == 2


def test_a_hint_that_nothing_pins_down_is_refused() -> None:
    def body(self, cs):  # type: ignore[no-untyped-def]
        self.x * self.y
        with cs.scope("half"):
            cs.witness(cs.value_of(self.x) * pow(2, -1, cs.field.modulus), "value")

    with pytest.raises(UnderConstrained, match=r"hint 'half.value' at .*test_compiler:\d+ is in no constraint"):
        compile_circuit(circuit(body))


def test_a_hint_that_is_pinned_down_is_accepted() -> None:
    def body(self, cs):  # type: ignore[no-untyped-def]
        half = cs.witness(cs.value_of(self.x) * pow(2, -1, cs.field.modulus))
        cs.assert_equal(2 * half, self.x)
        self.x * self.y

    compile_circuit(circuit(body)).assign({"x": 5, "y": 1, "p": 0})


@pytest.mark.parametrize(("kind", "name"), [("public", "q"), ("private", "y")])
def test_unused_inputs_are_refused(kind: str, name: str) -> None:
    def body(self, cs):  # type: ignore[no-untyped-def]
        self.x * self.x

    bad = circuit(body, inputs=("x", "y") if kind == "private" else ("x",))
    if kind == "public":
        type(bad).q = public()
        type(bad).q.__set_name__(type(bad), "q")
    with pytest.raises(UnderConstrained, match=f"{kind} input '{name}' is in no constraint"):
        compile_circuit(bad)


def test_nothing_stated_is_refused() -> None:
    with pytest.raises(UnderConstrained, match="no constraint"):
        compile_circuit(circuit(lambda self, cs: None, inputs=(), public_inputs=()))


def test_a_false_constraint_between_constants_is_refused_by_both_engines() -> None:
    bad = circuit(lambda self, cs: (self.x * self.y, cs.assert_equal(cs.constant(1), 2)))
    with pytest.raises(CircuitError, match="between constants is false"):
        compile_circuit(bad)
    with pytest.raises(CircuitError, match="between constants is false"):
        run(bad, {"x": 1, "y": 1, "p": 0})


def test_expressions_of_two_circuits_do_not_mix() -> None:
    stolen = []
    compile_circuit(circuit(lambda self, cs: (stolen.append(self.x), self.x * self.y)))
    with pytest.raises(CircuitError, match="another circuit"):
        compile_circuit(circuit(lambda self, cs: self.x * self.y + stolen[0]))


def test_an_expression_has_no_truth_value() -> None:
    def body(self, cs):  # type: ignore[no-untyped-def]
        if self.x:
            self.x * self.y

    with pytest.raises(CircuitError, match="no truth value"):
        compile_circuit(circuit(body))


def test_inputs_are_unreadable_outside_define() -> None:
    with pytest.raises(CircuitError, match="outside define"):
        _ = Cube().x


@pytest.mark.parametrize("count", [0, 257])
def test_bits_of_a_value_are_bounded(count: int) -> None:
    with pytest.raises(CircuitError, match="bits"):
        compile_circuit(circuit(lambda self, cs: cs.value_of(self.x).bits(count)))


class Arrays(Circuit):
    total = public_array((2,))
    grid = private_array(lambda self: (2, self.width))

    def __init__(self, width: int) -> None:
        self.width = width

    def define(self, cs: ConstraintApi) -> None:
        for row, total in zip(self.grid, self.total, strict=True):
            cs.assert_equal(cs.sum([x * x for x in row]), total)


def test_arrays_of_inputs() -> None:
    compiled = compile_circuit(Arrays(3))
    assert compiled.r1cs.debug.wire_names[1:6] == ("total[0]", "total[1]", "grid[0][0]", "grid[0][1]", "grid[0][2]")
    compiled.assign({"total": [14, 77], "grid": [[1, 2, 3], [4, 5, 6]]})
    with pytest.raises(UnsatisfiedConstraint):
        compiled.assign({"total": [14, 78], "grid": [[1, 2, 3], [4, 5, 6]]})


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"x": 3}, "'y' is missing"),
        ({"x": 3, "y": 35, "z": 1}, "unknown input 'z'"),
        ({"x": "3", "y": 35}, "'x' must be an integer, not str"),
        ({"x": True, "y": 35}, "'x' must be an integer, not bool"),
        ({"x": 3.0, "y": 35}, "'x' must be an integer, not float"),
        ({"x": [3], "y": 35}, "'x' must be an integer, not list"),
        ({"x": -1, "y": 35}, r"'x' is not in \[0"),
        ({"x": bn254.FR.modulus, "y": 35}, r"'x' is not in \[0"),
    ],
)
def test_bad_inputs_are_named_and_not_shown(inputs, message: str) -> None:
    with pytest.raises(MalformedInput, match=message):
        compile_circuit(Cube()).assign(inputs)
    with pytest.raises(MalformedInput, match=message):
        run(Cube(), inputs)


def test_bad_array_shapes() -> None:
    compiled = compile_circuit(Arrays(3))
    with pytest.raises(MalformedInput, match=r"grid\[1\]' must be a list of 3 elements, not 2 elements"):
        compiled.assign({"total": [14, 77], "grid": [[1, 2, 3], [4, 5]]})
    with pytest.raises(MalformedInput, match=r"'grid' must be a list of 2 elements, not int"):
        compiled.assign({"total": [14, 77], "grid": 5})


def test_an_assignment_of_wrong_length_or_without_one_is_refused() -> None:
    compiled = compile_circuit(Cube())
    good = compiled.assign({"x": 3, "y": 35})
    with pytest.raises(MalformedInput, match="4 wires"):
        compiled.r1cs.check(good[:-32])
    with pytest.raises(MalformedInput, match="element 0"):
        compiled.r1cs.check(bytes(32) + good[32:])
    with pytest.raises(MalformedInput):
        compiled.r1cs.check(good[:96] + bn254.FR.modulus.to_bytes(32, "little"))


def test_every_wire_of_a_good_assignment_matters() -> None:
    compiled = compile_circuit(Cube())
    good = compiled.assign({"x": 3, "y": 35})
    for wire in range(1, 4):
        bad = bytearray(good)
        bad[32 * wire] ^= 1
        with pytest.raises(UnsatisfiedConstraint):
            compiled.r1cs.check(bad)


def test_compiling_is_deterministic_across_hash_seeds(tmp_path: Path) -> None:
    script = (
        "from zkrelay.circuits.claim import Claim; from zkrelay.r1cs import compile_circuit; import hashlib;"
        "c = compile_circuit(Claim(depth=2)); tape = hashlib.sha256(c.program.tape.tobytes()).hexdigest();"
        "print(c.r1cs.digest, tape)"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=tmp_path,  # not the root, whose zkrelay/ has no compiled kernel in it
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4711")
    }
    assert len(found) == 1


def test_constants_change_the_digest() -> None:
    digests = {compile_circuit(Claim(depth=depth, unit=unit)).r1cs.digest for depth in (1, 2) for unit in (1, 1 << 20)}
    assert len(digests) == 4


def test_names_are_unique() -> None:
    names = compile_circuit(Claim(depth=2)).r1cs.debug.wire_names
    assert len(set(names)) == len(names)


def test_the_digest_is_the_circuit_s_and_not_the_file_s(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """Written and read back, the rows are the same and so is the digest, though the table lost the tape's constants."""
    from zkrelay.formats import read_r1cs, write_r1cs

    original = compile_circuit(Claim(depth=1)).r1cs
    write_r1cs(tmp_path / "claim.r1cs", original)
    again = read_r1cs(tmp_path / "claim.r1cs")
    assert again.coefficients != original.coefficients
    assert again.digest == original.digest


def test_one_changed_coefficient_changes_the_digest() -> None:
    one, other = compile_circuit(Cube()).r1cs, compile_circuit(Cube(), bls12_381.FR).r1cs
    assert one.digest != other.digest
    size = one.field.num_bytes
    table = bytearray(one.coefficients)
    table[one.c.coefficient_ids[-1] * size] ^= 1
    assert dataclasses.replace(one, coefficients=bytes(table)).digest != one.digest


@pytest.mark.parametrize("limit", [1, 3, 5])
def test_registers_and_constants_must_be_addressable(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is 2^32, temporaries included; here it is lowered, as no test can make so many."""

    class Inverse(Circuit):
        """x * (1/x) = 1, with temporaries."""

        x = public()

        def define(self, cs: ConstraintApi) -> None:
            inverse = cs.witness((cs.value_of(self.x) + 0).inverse())  # one, x, the hint; and two temporaries
            cs.assert_product(self.x, inverse, cs.constant(1))

    assert compile_circuit(Inverse()).program.num_registers == 5
    monkeypatch.setattr(compiler, "MAX_ADDRESSED", limit)
    if limit < 5:
        with pytest.raises(CircuitError, match=f"wires and temporaries, and a tape can address {limit}"):
            compile_circuit(Inverse())
    else:
        compile_circuit(Inverse())
