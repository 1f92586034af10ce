"""Witness programs: instructions by definition, random programs on C and reference, and every way to be malformed."""

from __future__ import annotations

import numpy as np
import pytest

from zkrelay.algebra.encoding import pack_field, unpack_field
from zkrelay.curves import FIELDS, PrimeField
from zkrelay.errors import KernelError, MalformedInput, NonCanonicalNumber
from zkrelay.kernel import Kernel

from . import samples

fields = pytest.mark.parametrize("field", samples.SCALAR_FIELDS, ids=samples.SCALAR_FIELD_NAMES)
DOT, MUL, INV, BITS = 1, 2, 3, 4
TABLE_SIZE = 8


def tape(*words: int) -> np.ndarray:
    return np.array(words, dtype=np.uint32)


@fields
def test_each_instruction_does_what_the_header_says(kernel: Kernel, field: PrimeField) -> None:
    p = field.modulus
    table = samples.montgomery(field, [3, p - 1])
    program = tape(*(DOT, 3, 2, 0, 1, 1, 2), *(MUL, 4, 3, 1), *(INV, 5, 4), *(DOT, 6, 0), *(INV, 7, 6))
    for x, y in ((5, 7), (0, 0), (p - 1, 1), (1, p - 1)):
        wires = unpack_field(field, kernel.run_program(field.name, program, table, pack_field(field, [x, y]), 8, 8))
        dot = (3 * x - y) % p
        inverse = 0 if dot * x % p == 0 else pow(dot * x, -1, p)
        assert wires == [1, x, y, dot, dot * x % p, inverse, 0, 0]


@fields
@pytest.mark.parametrize("count", [1, 2, 63, 64, 65, 253, 254, 255, 256])
def test_bits_are_those_of_the_canonical_number(kernel: Kernel, field: PrimeField, count: int) -> None:
    for x in (0, 1, field.modulus - 1, 1 << 200, (1 << 64) - 1, *samples.vector(field, 3, "bits")):
        program, size = tape(BITS, 2, count, 1), 2 + count
        wires = kernel.run_program(field.name, program, b"", pack_field(field, [x]), size, size)
        assert unpack_field(field, wires) == [1, x, *(x >> k & 1 for k in range(count))]


def test_wires_may_be_fewer_than_registers_and_inputs(kernel: Kernel) -> None:
    table = samples.montgomery(samples.FR, [1])
    for num_wires in (1, 2, 3, 4):
        wires = kernel.run_program("bn254_fr", tape(MUL, 3, 1, 2), table, samples.scalars([6, 7]), num_wires, 4)
        assert unpack_field(samples.FR, wires) == [1, 6, 7, 42][:num_wires]
    assert kernel.run_program("bn254_fr", tape(), table, b"", 1, 1) == samples.scalars([1])
    assert kernel.run_program("bn254_fr", tape(), b"", b"", 1, 1) == samples.scalars([1])


def random_program(num_inputs: int, length: int, *seed: object) -> tuple[list[int], int]:
    """A well-formed tape and its number of registers."""
    generator = samples.rng("program", num_inputs, length, *seed)
    words: list[int] = []
    registers = 1 + num_inputs

    def any_register() -> int:
        return generator.randrange(registers)

    for _ in range(length):
        opcode = generator.choice((DOT, DOT, MUL, MUL, INV, BITS))
        if opcode == DOT:
            terms = generator.randrange(6)
            pairs = [word for _ in range(terms) for word in (generator.randrange(TABLE_SIZE), any_register())]
            words += [DOT, registers, terms, *pairs]
        elif opcode == MUL:
            words += [MUL, registers, any_register(), any_register()]
        elif opcode == INV:
            words += [INV, registers, any_register()]
        else:
            count = generator.choice((1, 8, 64, 254, 256))
            words += [BITS, registers, count, any_register()]
            registers += count - 1
        registers += 1
    return words, registers


@fields
@pytest.mark.parametrize("length", [1, 5, 40, 200])
def test_random_programs_give_the_reference_assignment(
    native_kernel: Kernel, reference: Kernel, field: PrimeField, length: int
) -> None:
    for trial in range(5):
        words, registers = random_program(4, length, trial)
        table = samples.montgomery(field, samples.vector(field, TABLE_SIZE, trial))
        inputs = samples.packed(field, 4, trial)
        arguments = (field.name, tape(*words), table, inputs, registers, registers)
        assert native_kernel.run_program(*arguments) == reference.run_program(*arguments)


def outcome(kernel: Kernel, *arguments: object) -> bytes | tuple[type, str]:
    """The assignment, or the kind of refusal and the word it names."""
    try:
        return kernel.run_program(*arguments)
    except MalformedInput as error:
        return type(error), "registers"
    except KernelError as error:
        return KernelError, "".join(c if c.isdigit() else " " for c in str(error).partition("word")[2]).split()[0]


def test_spoiled_programs_are_refused_or_run_alike(native_kernel: Kernel, reference: Kernel) -> None:
    field = FIELDS["bn254_fr"]
    table, inputs = samples.montgomery(field, samples.vector(field, TABLE_SIZE)), samples.packed(field, 4)
    generator = samples.rng("spoiled programs")
    refused = 0
    for trial in range(400):
        words, registers = random_program(4, 12, "spoiled", trial % 10)
        for _ in range(generator.choice((1, 1, 2))):
            kind = generator.randrange(4)
            at = generator.randrange(len(words))
            if kind == 0:
                words[at] = generator.choice((0, 1, 2, 3, 4, 5, registers - 1, registers, 2**31, 2**32 - 1))
            elif kind == 1:
                words[at] ^= 1 << generator.randrange(8)
            elif kind == 2:
                del words[at]
            else:
                del words[at:]
                words = words or [9]
        arguments = (field.name, tape(*words), table, inputs, registers, registers)
        expected = outcome(reference, *arguments)
        refused += not isinstance(expected, bytes)
        assert outcome(native_kernel, *arguments) == expected, words
    assert refused > 200


# Two inputs, so registers 0..2 are written; six registers; two coefficients.
MALFORMED = {
    "unknown opcode 0": ((0, 3, 1, 2), 0),
    "nothing is written": ((), 0),
    "DOT and nothing": ((DOT,), 0),
    "unknown opcode 0 alone": ((MUL, 3, 1, 2, 0), 4),
    "unknown opcode 5": ((MUL, 3, 1, 2, 5, 4, 1, 1), 4),
    "unknown opcode, the largest word": ((2**32 - 1, 3, 1, 2), 0),
    "DOT without a count": ((MUL, 3, 1, 2, DOT, 4), 4),
    "DOT cut in its pairs": ((MUL, 3, 1, 2, DOT, 4, 2, 0, 1, 0), 4),
    "DOT with a count that overflows": ((DOT, 3, 2**31, 0, 1), 0),
    "DOT with the largest count": ((DOT, 3, 2**32 - 1, 0, 1), 0),
    "MUL cut": ((MUL, 3, 1), 0),
    "INV cut": ((MUL, 3, 1, 2, INV, 4), 4),
    "BITS cut": ((BITS, 3, 2), 0),
    "opcode alone": ((MUL, 3, 1, 2, INV), 4),
    "MUL reads before it is written, left": ((MUL, 3, 4, 1), 0),
    "MUL reads before it is written, right": ((MUL, 3, 1, 4), 0),
    "MUL reads its own result": ((MUL, 3, 3, 1), 0),
    "DOT reads before it is written": ((DOT, 3, 1, 0, 5), 0),
    "INV reads before it is written": ((INV, 3, 4), 0),
    "BITS reads before it is written": ((BITS, 3, 2, 5), 0),
    "MUL writes an input": ((MUL, 1, 1, 2), 0),
    "MUL writes the constant one": ((MUL, 0, 1, 2), 0),
    "DOT writes twice": ((MUL, 3, 1, 2, DOT, 3, 1, 0, 1), 4),
    "INV writes twice": ((MUL, 3, 1, 2, INV, 3, 1), 4),
    "BITS writes over its middle": ((MUL, 4, 1, 2, BITS, 3, 3, 1), 4),
    "register to read is out of range": ((MUL, 3, 6, 1), 0),
    "register to write is out of range": ((MUL, 6, 1, 1), 0),
    "register to write is the largest word": ((MUL, 2**32 - 1, 1, 1), 0),
    "register to read is the largest word": ((DOT, 3, 1, 0, 2**32 - 1), 0),
    "coefficient out of range": ((DOT, 3, 1, 2, 1), 0),
    "coefficient is the largest word": ((DOT, 3, 1, 2**32 - 1, 1), 0),
    "BITS end out of range": ((BITS, 3, 4, 1), 0),
    "BITS of 257": ((BITS, 3, 257, 1), 0),
    "BITS of the largest word": ((BITS, 3, 2**32 - 1, 1), 0),
    "BITS at the largest word wrap around": ((BITS, 2**32 - 1, 2, 1), 0),
    "a wire is never written": ((MUL, 3, 1, 2), 4),
}


@pytest.mark.parametrize(("words", "offset"), MALFORMED.values(), ids=MALFORMED)
def test_malformed_programs_are_refused_with_the_word(kernel: Kernel, words: tuple[int, ...], offset: int) -> None:
    table = samples.montgomery(samples.FR, [1, 2])
    with pytest.raises(KernelError, match=rf"\b{offset}\b"):
        kernel.run_program("bn254_fr", tape(*words), table, samples.scalars([6, 7]), 6, 6)


def test_257_bits_are_refused_where_there_is_room_for_them(kernel: Kernel) -> None:
    with pytest.raises(KernelError, match=r"\b4\b"):
        kernel.run_program("bn254_fr", tape(MUL, 2, 1, 1, BITS, 3, 257, 1), b"", samples.scalars([6]), 260, 260)


@pytest.mark.parametrize(("num_wires", "num_registers"), [(0, 4), (5, 4), (1, 2), (1, 0), (2**40, 4), (0, 0)], ids=str)
def test_registers_must_hold_wires_and_inputs(kernel: Kernel, num_wires: int, num_registers: int) -> None:
    with pytest.raises(MalformedInput):
        kernel.run_program("bn254_fr", tape(), samples.scalars([1]), samples.scalars([6, 7]), num_wires, num_registers)


def test_more_registers_than_the_tape_can_write_are_refused_before_memory_is_taken(kernel: Kernel) -> None:
    for words, num_registers in (
        (tape(), 259),
        (tape(MUL, 2, 1, 1), 515),
        (tape(MUL, 2, 1, 1), 2**40),
        (tape(), 2**59),
    ):
        with pytest.raises(MalformedInput, match="registers"):
            kernel.run_program("bn254_fr", words, samples.scalars([1]), samples.scalars([6]), 2, num_registers)


def test_inputs_must_be_canonical(kernel: Kernel) -> None:
    inputs = samples.scalars([6, 7]) + samples.FR.modulus.to_bytes(32, "little")
    with pytest.raises(NonCanonicalNumber, match=r"\b2\b"):
        kernel.run_program("bn254_fr", tape(), samples.scalars([1]), inputs, 4, 4)
