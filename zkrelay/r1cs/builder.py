"""The compiler's side of ``ConstraintApi``: linear expressions over wires, rows, and the tape that computes the wires.

Registers of the tape are the wires (numbered from 0) and temporaries; while building, temporary t is written ~t
(negative), and ``compiler`` moves the temporaries behind the last wire once their number is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass

from ..curves import PrimeField
from ..errors import CircuitError
from .api import ConstraintApi, Expr, Value
from .repeat import Mark, Repeat
from .source import stated_at

Terms = dict[int, int]
Key = tuple[tuple[tuple[int, int], ...], ...]  # of a product: the terms of its sides

DOT, MUL, INV, BITS = 1, 2, 3, 4
MAX_BITS = 256


class Linear(Expr):
    """sum terms[w]*z_w with z_0 = 1; no zero coefficients, all in [0, p)."""

    __slots__ = ("register", "terms")

    def __init__(self, cs: Builder, terms: Terms) -> None:
        self.cs: Builder = cs
        self.terms = terms
        self.register: Register | None = None  # where the tape has computed it, once it has

    def _combine(self, other: Expr, factor: int) -> Expr:
        return self.cs.linear([(1, self), (factor, other)])

    def _scale(self, factor: int) -> Expr:
        p = self.cs.field.modulus
        factor %= p
        return Linear(self.cs, {w: c * factor % p for w, c in self.terms.items()} if factor else {})

    @property
    def constant(self) -> int | None:
        if not self.terms:
            return 0
        return self.terms[0] if len(self.terms) == 1 and 0 in self.terms else None

    def __repr__(self) -> str:
        return " + ".join(f"{c}*w{w}" for w, c in sorted(self.terms.items())) or "0"


class Register(Value):
    """A register of the tape: a wire (>= 0) or a temporary (~t)."""

    __slots__ = ("index",)

    def __init__(self, cs: Builder, index: int) -> None:
        self.cs: Builder = cs
        self.index = index

    def inverse(self) -> Value:
        return self.cs.emit_inverse(self)

    def bits(self, count: int) -> list[Value]:
        return self.cs.emit_bits(self, count)


@dataclass(frozen=True)
class Row:
    """One constraint ⟨a,z⟩·⟨b,z⟩ = ⟨c,z⟩ and the index of the line that stated it."""

    a: Terms
    b: Terms
    c: Terms
    line: int


class Builder(ConstraintApi):
    """Collects rows, wires, instructions, names and lines.  Deterministic: no set or hash order reaches the output."""

    def __init__(self, field: PrimeField) -> None:
        super().__init__(field)
        self.rows: list[Row] = []
        self.tape: list[tuple[int, ...]] = []
        self.constants: dict[int, int] = {}
        self.wire_names: list[str] = ["one"]
        self._name_counts: dict[str, int] = {"one": 1}
        self.num_temporaries = 0
        self.lines: dict[str, int] = {}
        self.loose: dict[int, str] = {}
        self.repeats: list[Repeat] = []
        self._is_repeating = False
        self._products: dict[Key, Linear] = {}

    # -- wires and constants ------------------------------------------------------------------------------------------

    def new_wire(self, name: str) -> int:
        """A wire with a name of its own: a repeated one gets an index."""
        name = self._qualified(name or f"w{len(self.wire_names)}")
        count = self._name_counts.get(name, 0)
        self._name_counts[name] = count + 1
        self.wire_names.append(f"{name}[{count}]" if count else name)
        return len(self.wire_names) - 1

    def wire(self, index: int) -> Linear:
        return Linear(self, {index: 1})

    def constant_id(self, value: int) -> int:
        """Index of a canonical constant in the shared table, in order of first use."""
        return self.constants.setdefault(value, len(self.constants))

    def _temporary(self) -> Register:
        self.num_temporaries += 1
        return Register(self, ~(self.num_temporaries - 1))

    # -- expressions --------------------------------------------------------------------------------------------------

    def constant(self, value: int) -> Linear:
        value %= self.field.modulus
        return Linear(self, {0: value} if value else {})

    def linear(self, terms: Sequence[tuple[int, Expr]], constant: int = 0) -> Linear:
        p = self.field.modulus
        total: Terms = {0: constant % p} if constant % p else {}
        for factor, expr in terms:
            for wire, coefficient in self._terms(expr).items():
                merged = (total.get(wire, 0) + factor * coefficient) % p
                if merged:
                    total[wire] = merged
                else:
                    total.pop(wire, None)
        return Linear(self, total)

    def _terms(self, expr: Expr) -> Terms:
        if not isinstance(expr, Linear) or expr.cs is not self:
            raise CircuitError("an expression of another circuit was used here")
        return expr.terms

    # -- constraints --------------------------------------------------------------------------------------------------

    def mul(self, left: Expr, right: Expr, name: str = "") -> Expr:
        if left.constant is not None:
            return self.lift(right)._scale(left.constant)
        if right.constant is not None:
            return self.lift(left)._scale(right.constant)
        key = tuple(sorted(tuple(sorted(self._terms(side).items())) for side in (left, right)))
        known = self._products.get(key)
        if known is None:
            a, b = self._register(left), self._register(right)
            product = self.new_wire(name)
            self.tape.append((MUL, product, a.index, b.index))
            known = self._products[key] = self.wire(product)
            self.assert_product(left, right, known)
        return known

    def assert_product(self, left: Expr, right: Expr, result: Expr) -> None:
        sides = (left, right, result)
        values = [side.constant for side in sides]
        if values[0] is not None and values[1] is not None and values[2] is not None:
            if (values[0] * values[1] - values[2]) % self.field.modulus:
                raise CircuitError(f"a constraint between constants is false ({stated_at()})")
            return
        a, b, c = (self._terms(side) for side in sides)
        line = self.lines.setdefault(stated_at(), len(self.lines))
        self.rows.append(Row(a, b, c, line))
        for terms in (a, b, c):
            for wire in terms:
                self.loose.pop(wire, None)

    def witness(self, value: Value, name: str = "") -> Expr:
        register = self._own(value)
        wire = self.new_wire(name)
        self.tape.append((DOT, wire, 1, self.constant_id(1), register.index))
        self.loose[wire] = stated_at()
        return self.wire(wire)

    # -- values -------------------------------------------------------------------------------------------------------

    def _own(self, value: Value) -> Register:
        if not isinstance(value, Register) or value.cs is not self:
            raise CircuitError("a value of another circuit was used here")
        return value

    def _register(self, expr: Expr) -> Register:
        terms = self._terms(expr)
        assert isinstance(expr, Linear)
        if expr.register is None:
            wire = next(iter(terms), None)
            if wire is not None and len(terms) == 1 and terms[wire] == 1:
                expr.register = Register(self, wire)
            else:
                expr.register = self._dot(list(terms.items()))
        return expr.register

    def _dot(self, terms: Sequence[tuple[int, int]]) -> Register:
        out = self._temporary()
        ids = self.constants  # as constant_id does it, without a call for each of so many
        words = [word for register, value in terms for word in (ids.setdefault(value, len(ids)), register)]
        self.tape.append((DOT, out.index, len(terms), *words))
        return out

    def value_of(self, expr: Expr) -> Value:
        return self._register(expr)

    def computed_as(self, expr: Expr, value: Value) -> None:
        self._terms(expr)
        assert isinstance(expr, Linear)
        expr.register = self._own(value)

    def dot(self, terms: Sequence[tuple[int, Value]], constant: int = 0) -> Value:
        p = self.field.modulus
        pairs = [(self._own(value).index, coefficient % p) for coefficient, value in terms]
        if constant % p:
            pairs.append((0, constant % p))
        return self._dot(pairs)

    def value_mul(self, left: Value, right: Value) -> Value:
        out = self._temporary()
        self.tape.append((MUL, out.index, self._own(left).index, self._own(right).index))
        return out

    def emit_inverse(self, value: Register) -> Value:
        out = self._temporary()
        self.tape.append((INV, out.index, value.index))
        return out

    def emit_bits(self, value: Register, count: int) -> list[Value]:
        if not 1 <= count <= MAX_BITS:
            raise CircuitError(f"bits({count}): between 1 and {MAX_BITS} bits can be taken of a value")
        out = [self._temporary() for _ in range(count)]
        self.tape.append((BITS, out[0].index, count, value.index))
        return list(out)

    # -- copies -------------------------------------------------------------------------------------------------------

    def repeat(
        self, name: str, inputs: Sequence[Sequence[Expr]], body: Callable[[Sequence[Expr]], Sequence[Expr]]
    ) -> list[list[Expr]]:
        """As ``ConstraintApi.repeat``.  The second is copied and not the first, which also makes what all share.

        Products of inputs that were stated earlier are not used again: to a copy they would be another slot's.

        Raises:
            CircuitError: an input is no single wire, stands in two places, or one list is longer than another.
        """
        if len(inputs) <= 2 or self._is_repeating:
            return super().repeat(name, inputs, body)
        wires = [[self._single_wire(expr) for expr in given] for given in inputs]
        flat = [wire for given in wires for wire in given]
        if len(set(flat)) != len(flat) or len({len(given) for given in wires}) != 1:
            raise CircuitError("repeat takes lists of one length, and each wire in one place only")
        self._is_repeating = True
        known = self._products
        self._products = _without_wires(known, set(flat))
        outputs = []
        for index, given in enumerate(inputs[:2]):
            start = self._mark()
            with self.scope(f"{name}[{index}]"):
                outputs.append(list(body(given)))
                prefix = self._qualified("")
        self._is_repeating = False
        self._products = {**self._products, **known}
        repeat = Repeat(start, self._mark(), tuple(wires[1]), tuple(map(tuple, wires[2:])))
        self.repeats.append(repeat)
        names = [wire_name.removeprefix(prefix) for wire_name in self.wire_names[start.wires :]]
        loose = {wire: line for wire, line in self.loose.items() if wire >= start.wires}
        self.num_temporaries += len(repeat.copies) * repeat.num_temporaries
        for copy in range(len(repeat.copies)):
            with self.scope(f"{name}[{copy + 2}]"):
                prefix = self._qualified("")
            self.wire_names += [prefix + tail for tail in names]
            moved = repeat.wires(copy)
            self.loose |= {int(moved[wire]): line for wire, line in loose.items()}
            outputs.append([self._moved(repeat, copy, expr) for expr in outputs[1]])
        return outputs

    def _mark(self) -> Mark:
        return Mark(len(self.rows), len(self.tape), len(self.wire_names), self.num_temporaries)

    def _single_wire(self, expr: Expr) -> int:
        terms = self._terms(expr)
        wire = next(iter(terms), 0)
        if wire == 0 or terms != {wire: 1}:
            raise CircuitError("an input of repeat must be a wire, not an expression")
        return wire

    def _moved(self, repeat: Repeat, copy: int, expr: Expr) -> Linear:
        """An output of the stated part as ``copy`` has it."""
        wires, terms = repeat.wires(copy), self._terms(expr)
        moved = Linear(self, {int(wires[wire]): coefficient for wire, coefficient in terms.items()})
        assert isinstance(expr, Linear)
        if expr.register is not None:
            import numpy as np

            moved.register = Register(self, int(repeat.registers(copy, np.array([expr.register.index]))[0]))
        return moved


def _without_wires(products: Mapping[Key, Linear], wires: Set[int]) -> dict[Key, Linear]:
    return {
        key: product for key, product in products.items() if not any(wire in wires for side in key for wire, _ in side)
    }
