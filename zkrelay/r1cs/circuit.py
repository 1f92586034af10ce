"""A circuit is a class: declared inputs, and one method that states its constraints.

    class Cube(Circuit):
        '''x^3 + x + 5 = y'''
        y = public()
        x = private()

        def define(self, cs: ConstraintApi) -> None:
            cs.assert_product(self.x * self.x, self.x, self.y - self.x - 5)

Compile-time constants are ordinary constructor arguments; array shapes may depend on them.
"""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Callable
from typing import Any, overload

from ..errors import CircuitError
from .api import ConstraintApi, Expr

Shape = tuple[int, ...]


class Declared:
    """A declared input of a circuit class: its name, whether it is public, and its shape."""

    def __init__(self, *, is_public: bool) -> None:
        self.is_public = is_public
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def shape(self, circuit: Circuit) -> Shape:
        return ()


class Input(Declared):
    """Declaration of one input; reading the attribute inside ``define`` gives its expression."""

    @overload
    def __get__(self, instance: None, owner: type) -> Input: ...
    @overload
    def __get__(self, instance: Circuit, owner: type) -> Expr: ...
    def __get__(self, instance: Circuit | None, owner: type) -> Any:
        return self if instance is None else instance.bound(self.name)


class InputArray(Declared):
    """Declaration of an array of inputs; reading it gives nested lists of expressions."""

    def __init__(self, shape: Shape | Callable[[Any], Shape], *, is_public: bool) -> None:
        super().__init__(is_public=is_public)
        self._shape = shape

    def shape(self, circuit: Circuit) -> Shape:
        return self._shape(circuit) if callable(self._shape) else self._shape

    @overload
    def __get__(self, instance: None, owner: type) -> InputArray: ...
    @overload
    def __get__(self, instance: Circuit, owner: type) -> list[Any]: ...
    def __get__(self, instance: Circuit | None, owner: type) -> Any:
        return self if instance is None else instance.bound(self.name)


def public() -> Input:
    """A public input: known to the verifier, in declaration order."""
    return Input(is_public=True)


def private() -> Input:
    """A private input, known to the prover only."""
    return Input(is_public=False)


def public_array(shape: Shape | Callable[[Any], Shape]) -> InputArray:
    """Public inputs of the given shape (or a function from the circuit to its shape), row-major."""
    return InputArray(shape, is_public=True)


def private_array(shape: Shape | Callable[[Any], Shape]) -> InputArray:
    """Private inputs of the given shape (or a function from the circuit to its shape), row-major."""
    return InputArray(shape, is_public=False)


class Circuit:
    """Base class.  ``name`` defaults to the class name in snake case and goes into files and reports."""

    name: str = ""
    _bound: dict[str, Any] | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "name" not in cls.__dict__:
            cls.name = "".join(f"_{c.lower()}" if c.isupper() else c for c in cls.__name__).lstrip("_")

    def define(self, cs: ConstraintApi) -> None:
        """State the constraints."""
        raise NotImplementedError(f"{type(self).__name__} does not define its constraints")

    @classmethod
    def declared_inputs(cls) -> list[Declared]:
        """Public inputs first, each group in declaration order, base classes before derived ones."""
        found: dict[str, Declared] = {}
        for base in reversed(cls.__mro__):
            for name, attribute in vars(base).items():
                if isinstance(attribute, Declared):
                    found[name] = attribute
        return sorted(found.values(), key=lambda declared: not declared.is_public)

    def bound(self, name: str) -> Any:
        """The expression(s) of input ``name`` while the circuit is being stated."""
        if self._bound is None:
            raise CircuitError(f"input {name!r} has no expression outside define()")
        return self._bound[name]

    def state(self, cs: ConstraintApi, bound: dict[str, Any]) -> None:
        """Run ``define`` on a copy of the circuit whose inputs are ``bound``; the circuit itself is untouched."""
        instance = copy.copy(self)
        instance._bound = bound
        instance.define(cs)


def nested(flat: list[Any], shape: Shape) -> Any:
    """Reshape row-major elements: a scalar for shape ()."""
    if not shape:
        return flat[0]
    step = math.prod(shape[1:])
    return [nested(list(itertools.islice(flat, i * step, (i + 1) * step)), shape[1:]) for i in range(shape[0])]
