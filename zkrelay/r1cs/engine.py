"""The test engine: runs a circuit on plain integers and stops at the first violated line.

It shares no code with the compiler's linear expressions, rows or tape, so the two check each other: a circuit is right
when both accept and refuse the same inputs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..curves import PrimeField, bn254
from ..errors import CircuitError, UnsatisfiedConstraint
from .api import ConstraintApi, Expr, Value
from .circuit import Circuit, nested
from .program import check_input_names, flatten_input
from .source import stated_at


class Number(Expr):
    """An expression whose value is known.  ``is_constant`` is False for anything that depends on an input."""

    __slots__ = ("is_constant", "value")

    def __init__(self, cs: Engine, value: int, is_constant: bool) -> None:
        self.cs: Engine = cs
        self.value = value % cs.field.modulus
        self.is_constant = is_constant

    def _combine(self, other: Expr, factor: int) -> Expr:
        assert isinstance(other, Number)
        return Number(self.cs, self.value + factor * other.value, self.is_constant and other.is_constant)

    def _scale(self, factor: int) -> Expr:
        zero = factor % self.cs.field.modulus == 0
        return Number(self.cs, self.value * factor, self.is_constant or zero)

    @property
    def constant(self) -> int | None:
        return self.value if self.is_constant else None


class Plain(Value):
    """A value outside the constraints: an integer."""

    __slots__ = ("value",)

    def __init__(self, cs: Engine, value: int) -> None:
        self.cs: Engine = cs
        self.value = value % cs.field.modulus

    def inverse(self) -> Value:
        return Plain(self.cs, pow(self.value, -1, self.cs.field.modulus) if self.value else 0)

    def bits(self, count: int) -> list[Value]:
        return [Plain(self.cs, self.value >> i & 1) for i in range(count)]


class Engine(ConstraintApi):
    """Evaluates while the circuit is stated; ``num_constraints`` counts the equations that were checked."""

    def __init__(self, field: PrimeField) -> None:
        super().__init__(field)
        self.num_constraints = 0

    def constant(self, value: int) -> Expr:
        return Number(self, value, True)

    def linear(self, terms: Sequence[tuple[int, Expr]], constant: int = 0) -> Expr:
        total, is_constant = constant, True
        for coefficient, expr in terms:
            assert isinstance(expr, Number)
            total += coefficient * expr.value
            is_constant = is_constant and expr.is_constant
        return Number(self, total, is_constant)

    def mul(self, left: Expr, right: Expr, name: str = "") -> Expr:
        assert isinstance(left, Number) and isinstance(right, Number)
        if not (left.is_constant or right.is_constant):
            self.num_constraints += 1
        return Number(self, left.value * right.value, left.is_constant and right.is_constant)

    def assert_product(self, left: Expr, right: Expr, result: Expr) -> None:
        assert isinstance(left, Number) and isinstance(right, Number) and isinstance(result, Number)
        found = left.value * right.value % self.field.modulus
        if found != result.value:
            if left.is_constant and right.is_constant and result.is_constant:
                raise CircuitError(f"a constraint between constants is false ({stated_at()})")
            raise UnsatisfiedConstraint(
                self.num_constraints, source=stated_at(), left=str(found), right=str(result.value)
            )
        self.num_constraints += 1

    def witness(self, value: Value, name: str = "") -> Expr:
        assert isinstance(value, Plain)
        return Number(self, value.value, False)

    def value_of(self, expr: Expr) -> Value:
        assert isinstance(expr, Number)
        return Plain(self, expr.value)

    def computed_as(self, expr: Expr, value: Value) -> None:
        """Nothing to save here.  The two may differ when no assignment satisfies the circuit; a constraint then says
        so.
        """

    def dot(self, terms: Sequence[tuple[int, Value]], constant: int = 0) -> Value:
        total = constant
        for coefficient, value in terms:
            assert isinstance(value, Plain)
            total += coefficient * value.value
        return Plain(self, total)

    def value_mul(self, left: Value, right: Value) -> Value:
        assert isinstance(left, Plain) and isinstance(right, Plain)
        return Plain(self, left.value * right.value)


def run(circuit: Circuit, inputs: Mapping[str, Any], field: PrimeField = bn254.FR) -> int:
    """Run ``circuit`` on integers; returns the number of equations checked.

    Raises:
        UnsatisfiedConstraint: naming the first violated line.
        MalformedInput: an input is missing, of the wrong shape or not canonical.
    """
    engine = Engine(field)
    bound: dict[str, Any] = {}
    declarations = circuit.declared_inputs()
    check_input_names(inputs, [declared.name for declared in declarations])
    for declared in declarations:
        shape = declared.shape(circuit)
        values = flatten_input(inputs, declared.name, shape, field.modulus)
        bound[declared.name] = nested([Number(engine, value, False) for value in values], shape)
    circuit.state(engine, bound)
    return engine.num_constraints
