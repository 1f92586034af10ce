"""circom's witness calculators (``circom --wasm``), version 2, as a function from named inputs to an assignment.

The calls are those of circom's own ``witness_calculator.js``.  Field elements pass through a shared memory of 32-bit
words, least significant first; an input is named by the 64-bit FNV-1a hash of its name, its elements by their
row-major index.  Setting the last element of the last input runs the circuit.  Early calculators lack messages and
``getInputSignalSize``: then an unknown name is refused when it is set.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..curves import PrimeField, field_of_modulus
from ..errors import FormatError, MalformedInput
from ..formats.elements import MAX_FIELD_BYTES, first_not_below, is_prime, limbs_of
from ..formats.files import Source, open_source
from .machine import BUFFER_BYTES, Engine, Limits, Machine

CALCULATOR_MAGIC = b"\0asm"
_ABSENT = (0, 0xFFFFFFFF)  # what getInputSignalSize says of a name that it does not know


class WitnessCalculator:
    """A ``.wasm`` from circom 2, compiled once; ``assign`` may be called again and again.

    ``field``, ``num_variables`` (elements of an assignment), ``num_inputs`` (elements of all inputs) and ``version``
    are what the module says of itself.
    """

    def __init__(self, source: Source, *, limits: Limits | None = None) -> None:
        """Compile a path or a buffer.

        Raises:
            FormatError: too large, no WebAssembly, no calculator of circom 2, or its field or sizes make no sense.
            CalculatorRefused: it trapped or took too long.
            ImportError: wasmtime is not installed.
        """
        limits = limits or Limits()
        opened = open_source(source, limit_bytes=limits.module_bytes)
        if bytes(opened.view[:4]) != CALCULATOR_MAGIC:
            raise FormatError("not a .wasm file", source=opened.name, offset=0)
        self._engine = Engine(bytes(opened.view), opened.name, limits)
        self.version, self.field, self.num_variables, self.num_inputs = self._engine.run(self._describe)

    def assign(self, inputs: Mapping[str, Any], *, names: Iterable[str] = ()) -> bytearray:
        """The assignment: ``num_variables`` canonical elements, the first of them 1, in memory the caller may wipe.

        circom checks the assertions and most constraints of the circuit while it computes; a proof or
        ``R1CS.check`` checks all.

        Args:
            inputs: integers below the modulus, or nested lists of them, by name.
            names: names that the circuit's inputs may have (of a ``.sym``), to say which one is missing.

        Raises:
            MalformedInput: an input is unknown, missing, of a wrong length, or not canonical; it is named.
            CalculatorRefused: the circuit's assertions refuse the inputs, or the module trapped or exceeded a limit.
            FormatError: what it computed is no assignment.
        """
        values = {name: self._flatten(name, value) for name, value in inputs.items()}
        assignment = self._engine.run(lambda machine: self._assign(machine, values, names))
        if bytes(assignment[: self.field.num_bytes]) != self.field.to_bytes(1):
            raise self._error("element 0 of its result is not the constant 1")
        bad = first_not_below(limbs_of(assignment, self.field.num_bytes), self.field.modulus)
        if bad is not None:
            raise self._error(f"element {bad} of its result is not below the modulus")
        return assignment

    def _describe(self, machine: Machine) -> tuple[str, PrimeField, int, int]:
        version = [machine.call("getVersion")]
        if version != [2]:
            raise self._error(f"a calculator of version {version[0]}: only circom 2's are supported")
        parts = ("getMinorVersion", "getPatchVersion")
        version += [machine.call(part) for part in parts if machine.has(part)]
        words = machine.call("getFieldNumLen32")
        if words % 2 or not 2 <= words <= MAX_FIELD_BYTES // 4:
            raise self._error(f"field elements of {words} words: expected an even number up to {MAX_FIELD_BYTES // 4}")
        machine.call("getRawPrime")
        machine.loop("shared", words)
        modulus = int.from_bytes(machine.read(4 * words), "little")
        if modulus < 3 or not is_prime(modulus) or (field := field_of_modulus(modulus)).num_bytes != 4 * words:
            raise self._error("its modulus is not an odd prime of the size that it says")
        num_variables = machine.call("getWitnessSize")
        if not num_variables or num_variables * field.num_bytes > self._engine.limits.memory_bytes:
            raise self._error(f"it claims an assignment of {num_variables} elements")
        return ".".join(map(str, version)), field, num_variables, machine.call("getInputSize")

    def _assign(self, machine: Machine, values: Mapping[str, list[int]], names: Iterable[str]) -> bytearray:
        machine.call("init", 1)
        self._check_lengths(machine, values, names)
        for name, elements in values.items():
            self._give(machine, name, elements)
        size, out = self.field.num_bytes, bytearray()
        step = BUFFER_BYTES // size
        for first in range(0, self.num_variables, step):
            count = min(step, self.num_variables - first)
            machine.loop("collect", first, count, size // 4)
            out += machine.read(count * size)
        return out

    def _check_lengths(self, machine: Machine, values: Mapping[str, list[int]], names: Iterable[str]) -> None:
        """Before any is set: the circuit would run, or stop without a name, in the middle of them."""
        if machine.has("getInputSignalSize"):
            for name, elements in values.items():
                size = machine.call("getInputSignalSize", *_hash(name))
                if size in _ABSENT and (elements or size):
                    raise MalformedInput(f"unknown input {name!r}: the circuit has none of this name")
                if len(elements) != size:
                    raise MalformedInput(f"input {name!r} must have {size} elements, not {len(elements)}")
        given = sum(map(len, values.values()))
        if given == self.num_inputs:
            return
        if given < self.num_inputs:
            for name in sorted(set(names) - set(values)) if machine.has("getInputSignalSize") else ():
                if machine.call("getInputSignalSize", *_hash(name)) not in _ABSENT:
                    raise MalformedInput(f"input {name!r} is missing")
        raise MalformedInput(f"the inputs have {given} elements in all, the circuit takes {self.num_inputs}")

    def _give(self, machine: Machine, name: str, elements: list[int]) -> None:
        size = self.field.num_bytes
        step = BUFFER_BYTES // size
        for first in range(0, len(elements), step):
            chunk = elements[first : first + step]
            machine.write(b"".join(value.to_bytes(size, "little") for value in chunk))
            machine.loop("give", *_hash(name), first, len(chunk), size // 4)

    def _flatten(self, name: str, value: Any) -> list[int]:
        """Row-major; what shape an input has the module does not tell."""
        if isinstance(value, (list, tuple)):
            return [element for index, item in enumerate(value) for element in self._flatten(f"{name}[{index}]", item)]
        if isinstance(value, bool) or not isinstance(value, int):
            raise MalformedInput(f"input {name!r} must be an integer or a list, not {type(value).__name__}")
        if not 0 <= value < self.field.modulus:
            raise MalformedInput(f"input {name!r} is not in [0, {self.field.modulus})")
        return [value]

    def _error(self, message: str) -> FormatError:
        return FormatError(message, source=self._engine.name)


def _hash(name: str) -> tuple[int, int]:
    """The high and the low half of FNV-1a, 64 bits, of the name's UTF-8."""
    state = 0xCBF29CE484222325
    for byte in name.encode(errors="surrogatepass"):
        state = (state ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return state >> 32, state & 0xFFFFFFFF
