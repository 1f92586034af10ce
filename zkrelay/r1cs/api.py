"""What a gadget may do: the interface that the compiler and the test engine both implement.

Two kinds of object, never mixed:

* ``Expr`` lives inside the constraints.  ``+``, ``-`` and products with integers are linear and cost nothing; a product
  of two expressions makes one row.
* ``Value`` lives outside: it is what the witness program computes.  Arithmetic on values makes no rows and proves
  nothing.  ``cs.witness(value)`` brings a value inside as a *hint*; the compiler refuses a circuit in which no
  constraint pins it down.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from ..curves import PrimeField
from ..errors import CircuitError


class Expr(ABC):
    """A linear expression over wires: what constraints are stated about."""

    __slots__ = ("cs",)
    cs: ConstraintApi

    @abstractmethod
    def _combine(self, other: Expr, factor: int) -> Expr:
        """self + factor*other."""

    @abstractmethod
    def _scale(self, factor: int) -> Expr:
        """factor*self."""

    @property
    @abstractmethod
    def constant(self) -> int | None:
        """The value when the expression holds no wire but ONE, else None."""

    def __add__(self, other: Expr | int) -> Expr:
        return self._combine(self.cs.lift(other), 1)

    __radd__ = __add__

    def __sub__(self, other: Expr | int) -> Expr:
        return self._combine(self.cs.lift(other), -1)

    def __rsub__(self, other: Expr | int) -> Expr:
        return self.cs.lift(other)._combine(self, -1)

    def __neg__(self) -> Expr:
        return self._scale(-1)

    def __mul__(self, other: Expr | int) -> Expr:
        if isinstance(other, int):
            return self._scale(other)
        return self.cs.mul(self, other)

    __rmul__ = __mul__

    def __bool__(self) -> bool:
        raise CircuitError("an expression has no truth value while a circuit is stated: use a gadget such as select")


class Value(ABC):
    """A number that the witness program will compute; nothing is proved about it."""

    __slots__ = ("cs",)
    cs: ConstraintApi

    def __add__(self, other: Value | int) -> Value:
        return self.cs.dot([(1, self), (1, other)]) if isinstance(other, Value) else self.cs.dot([(1, self)], other)

    __radd__ = __add__

    def __sub__(self, other: Value | int) -> Value:
        return self.cs.dot([(1, self), (-1, other)]) if isinstance(other, Value) else self.cs.dot([(1, self)], -other)

    def __rsub__(self, other: int) -> Value:
        return self.cs.dot([(-1, self)], other)

    def __neg__(self) -> Value:
        return self.cs.dot([(-1, self)])

    def __mul__(self, other: Value | int) -> Value:
        return self.cs.value_mul(self, other) if isinstance(other, Value) else self.cs.dot([(other, self)])

    __rmul__ = __mul__

    @abstractmethod
    def inverse(self) -> Value:
        """The field inverse, and 0 for 0."""

    @abstractmethod
    def bits(self, count: int) -> list[Value]:
        """The ``count`` low bits of the canonical integer, least significant first; count <= 256."""


class ConstraintApi(ABC):
    """Stating constraints.  ``field`` is the scalar field; gadgets must not assume which one."""

    field: PrimeField

    def __init__(self, field: PrimeField) -> None:
        self.field = field
        self._scopes: list[str] = []
        self._scope_counts: dict[str, int] = {}

    # -- inside the constraints ---------------------------------------------------------------------------------------

    @abstractmethod
    def constant(self, value: int) -> Expr:
        """The integer ``value`` (reduced modulo the field) as an expression."""

    @abstractmethod
    def mul(self, left: Expr, right: Expr, name: str = "") -> Expr:
        """left*right: one row, or none when a factor is constant or the same product was stated before."""

    @abstractmethod
    def assert_product(self, left: Expr, right: Expr, result: Expr) -> None:
        """State ⟨left⟩·⟨right⟩ = ⟨result⟩: one row.

        Raises:
            CircuitError: all three are constants and the equation is false.
        """

    @abstractmethod
    def witness(self, value: Value, name: str = "") -> Expr:
        """A new internal wire carrying ``value``: a hint, until constraints pin it down."""

    def lift(self, value: Expr | int) -> Expr:
        """An integer as a constant; an expression as itself.

        Raises:
            CircuitError: the expression belongs to another builder.
        """
        if isinstance(value, int):
            return self.constant(value)
        if value.cs is not self:
            raise CircuitError("an expression of another circuit was used here")
        return value

    def assert_equal(self, left: Expr, right: Expr | int) -> None:
        """left = right: one row."""
        self.assert_product(left - right, self.constant(1), self.constant(0))

    def sum(self, terms: Sequence[Expr]) -> Expr:
        """Sum of expressions; 0 for none."""
        return self.linear([(1, term) for term in terms])

    @abstractmethod
    def linear(self, terms: Sequence[tuple[int, Expr]], constant: int = 0) -> Expr:
        """constant + sum of coefficient*expression, in one pass (cheaper to compile than repeated ``+``)."""

    def repeat(
        self, name: str, inputs: Sequence[Sequence[Expr]], body: Callable[[Sequence[Expr]], Sequence[Expr]]
    ) -> list[list[Expr]]:
        """What ``body`` returns for each of ``inputs``, in scopes ``name[0]``, ``name[1]``, …

        The compiler states the first two and copies the second one for the rest, so ``body`` must state the same
        constraints whatever it is given: it may use nothing of its own place but ``inputs``.  (The test engine runs it
        for all of them.)
        """
        outputs = []
        for index, given in enumerate(inputs):
            with self.scope(f"{name}[{index}]"):
                outputs.append(list(body(given)))
        return outputs

    # -- outside ------------------------------------------------------------------------------------------------------

    @abstractmethod
    def value_of(self, expr: Expr) -> Value:
        """What the witness program will find in ``expr``."""

    @abstractmethod
    def computed_as(self, expr: Expr, value: Value) -> None:
        """Tell the witness program that ``value`` equals ``expr``, so that it need not be computed again.

        Saves instructions only: a wrong claim gives assignments that the constraints refuse.
        """

    @abstractmethod
    def dot(self, terms: Sequence[tuple[int, Value]], constant: int = 0) -> Value:
        """constant + sum of coefficient*value: one instruction."""

    @abstractmethod
    def value_mul(self, left: Value, right: Value) -> Value:
        """left*right: one instruction."""

    # -- names --------------------------------------------------------------------------------------------------------

    @contextmanager
    def scope(self, name: str) -> Iterator[None]:
        """Names made inside get the prefix ``name.``; a repeated name in one parent gets an index."""
        path = ".".join([*self._scopes, name])
        count = self._scope_counts.get(path, 0)
        self._scope_counts[path] = count + 1
        self._scopes.append(f"{name}[{count}]" if count else name)
        try:
            yield
        finally:
            self._scopes.pop()

    def _qualified(self, name: str) -> str:
        return ".".join([*self._scopes, name])
