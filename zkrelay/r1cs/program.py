"""The witness program: a straight-line tape that the kernel runs from inputs to assignment.

No Python runs per constraint at proving time.  The instruction set is documented in ``native/include/zkrelay.h``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as field_
from functools import cached_property
from typing import Any

from ..algebra.encoding import pack_field
from ..curves import PrimeField
from ..errors import MalformedInput
from ..kernel.interface import U32, Kernel, PreparedProgram
from .constraint_system import R1CS, kernel_for


@dataclass(frozen=True)
class InputSpec:
    """One declared input: ``shape`` is () for a single element; elements take consecutive wires, row-major."""

    name: str
    shape: tuple[int, ...]
    is_public: bool
    first_wire: int

    @property
    def size(self) -> int:
        return math.prod(self.shape)


@dataclass(frozen=True)
class WitnessProgram:
    """``tape`` over ``num_registers`` registers; the first ``num_wires`` are the assignment; constants in ``table``
    (canonical; the same table as the R1CS it was compiled with)."""

    field: PrimeField
    inputs: tuple[InputSpec, ...]
    tape: U32
    table: bytes
    num_wires: int
    num_registers: int
    _by_kernel: dict[str, PreparedProgram] = field_(default_factory=dict, init=False, repr=False, compare=False)

    def __getstate__(self) -> dict[str, object]:
        """Without what kernels have prepared, which lives in this process."""
        return {**self.__dict__, "_by_kernel": {}}

    @property
    def num_inputs(self) -> int:
        return sum(spec.size for spec in self.inputs)

    @cached_property
    def table_montgomery(self) -> bytes:
        return kernel_for(self.field).to_montgomery(self.field.name, self.table)

    def run(self, inputs: Mapping[str, Any]) -> bytes:
        """The assignment (canonical, ``num_wires`` elements) for named inputs: integers or nested lists of them.

        Raises:
            MalformedInput: an input is missing, unknown, of the wrong shape, not an integer, or not canonical.
            KernelError: the tape is malformed.
        """
        return bytes(self.assign(inputs))

    def assign(self, inputs: Mapping[str, Any]) -> bytearray:
        """``run`` into memory that the caller may wipe."""
        check_input_names(inputs, [spec.name for spec in self.inputs])
        values: list[int] = []
        for spec in self.inputs:
            values += flatten_input(inputs, spec.name, spec.shape, self.field.modulus)
        return self.for_kernel(kernel_for(self.field)).assign(pack_field(self.field, values))

    def for_kernel(self, kernel: Kernel) -> PreparedProgram:
        """The tape as ``kernel`` runs it; prepared once for each kernel, and kept with this object."""
        prepared = self._by_kernel.get(kernel.name)
        if prepared is None:
            numbers = (self.num_wires, self.num_inputs, self.num_registers)
            prepared = kernel.program(self.field.name, self.tape, self.table_montgomery, *numbers)
            self._by_kernel[kernel.name] = prepared
        return prepared


@dataclass(frozen=True)
class CompiledCircuit:
    """What compiling gives: the constraint system and the program that fills its assignment."""

    name: str
    r1cs: R1CS
    program: WitnessProgram

    def __repr__(self) -> str:
        return f"CompiledCircuit({self.name!r}, {self.r1cs!r})"

    def assign(self, inputs: Mapping[str, Any]) -> bytes:
        """Run the program and check every constraint; raises ``UnsatisfiedConstraint`` or ``MalformedInput``."""
        assignment = self.program.run(inputs)
        self.r1cs.check(assignment)
        return assignment


def check_input_names(inputs: Mapping[str, Any], known: Sequence[str]) -> None:
    """Raise ``MalformedInput`` for an input that the circuit does not have."""
    unknown = sorted(set(inputs) - set(known))
    if unknown:
        raise MalformedInput(f"unknown input {unknown[0]!r}; the circuit has {', '.join(sorted(known))}")


def flatten_input(inputs: Mapping[str, Any], name: str, shape: Sequence[int], modulus: int) -> list[int]:
    """Elements of input ``name``, row-major; ``MalformedInput`` when missing, misshapen or not canonical."""
    if name not in inputs:
        raise MalformedInput(f"input {name!r} is missing")
    return _flatten(inputs[name], shape, name, modulus)


def _flatten(value: Any, shape: Sequence[int], name: str, modulus: int) -> list[int]:
    if not shape:
        if isinstance(value, bool) or not isinstance(value, int):
            raise MalformedInput(f"input {name!r} must be an integer, not {type(value).__name__}")
        if not 0 <= value < modulus:
            raise MalformedInput(f"input {name!r} is not in [0, {modulus})")
        return [value]
    if not isinstance(value, (list, tuple)) or len(value) != shape[0]:
        got = f"{len(value)} elements" if isinstance(value, (list, tuple)) else type(value).__name__
        raise MalformedInput(f"input {name!r} must be a list of {shape[0]} elements, not {got}")
    out: list[int] = []
    for index, item in enumerate(value):
        out += _flatten(item, shape[1:], f"{name}[{index}]", modulus)
    return out
