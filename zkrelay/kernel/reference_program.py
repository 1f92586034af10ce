"""The interpreter of witness programs over Python integers, for the reference kernel.

The instruction set is documented in ``native/include/zkrelay.h``: DOT, MUL, INV and BITS over registers that are
written once, before they are read.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..curves import PrimeField
from ..errors import KernelError, MalformedInput

DOT, MUL, INV, BITS = 1, 2, 3, 4
MAX_BITS = 256
MIN_WORDS = 3


class _Machine:
    """Registers with the write-once discipline; ``offset`` is the word where the current instruction begins."""

    def __init__(self, tape: Sequence[int], num_registers: int, num_coefficients: int) -> None:
        self.tape = tape
        self.registers: list[int | None] = [None] * num_registers
        self.num_coefficients = num_coefficients
        self.offset = 0

    def fail(self, reason: str) -> KernelError:
        return KernelError(f"witness program: word {self.offset}: {reason}")

    def words(self, start: int, count: int) -> Sequence[int]:
        if start + count > len(self.tape):
            raise self.fail("the tape ends inside an instruction")
        return self.tape[start : start + count]

    def read(self, register: int) -> int:
        if register >= len(self.registers):
            raise self.fail(f"register {register} does not exist")
        value = self.registers[register]
        if value is None:
            raise self.fail(f"register {register} is read before it is written")
        return value

    def write(self, register: int, value: int) -> None:
        if register >= len(self.registers):
            raise self.fail(f"register {register} does not exist")
        if self.registers[register] is not None:
            raise self.fail(f"register {register} is written twice")
        self.registers[register] = value

    def coefficient(self, table: Sequence[int], index: int) -> int:
        if index >= len(table):
            raise self.fail(f"coefficient {index} does not exist")
        return table[index]


def run(
    field: PrimeField,
    tape: Sequence[int],
    table: Sequence[int],
    inputs: Sequence[int],
    num_wires: int,
    num_registers: int,
) -> list[int]:
    """The first ``num_wires`` registers after running ``tape`` from register 0 = 1 and registers 1.. = inputs.

    Raises:
        MalformedInput: the registers cannot hold the wires, or the constant and the inputs; or a tape of this length
            cannot write them all (an instruction has 3 words or more and writes 256 registers or fewer), as a file must
            not make us take memory that its size does not justify.
        KernelError: the tape is malformed; the message gives the word where the instruction begins.
    """
    if num_wires < 1 or num_registers < max(num_wires, 1 + len(inputs)):
        raise MalformedInput(f"{num_registers} registers cannot hold {num_wires} wires and {len(inputs)} inputs")
    if num_registers - len(inputs) - 1 > (len(tape) // MIN_WORDS + 1) * MAX_BITS:
        raise MalformedInput(f"{num_registers} registers are more than a tape of {len(tape)} words can write")
    p = field.modulus
    machine = _Machine(tape, num_registers, len(table))
    for register, value in enumerate([1, *inputs]):
        machine.write(register, value)
    while machine.offset < len(tape):
        at = machine.offset
        opcode = tape[at]
        if opcode == DOT:
            dst, count = machine.words(at + 1, 2)
            pairs = machine.words(at + 3, 2 * count)
            total = 0
            for k in range(0, 2 * count, 2):
                total += machine.coefficient(table, pairs[k]) * machine.read(pairs[k + 1])
            machine.write(dst, total % p)
            machine.offset = at + 3 + 2 * count
        elif opcode == MUL:
            dst, a, b = machine.words(at + 1, 3)
            machine.write(dst, machine.read(a) * machine.read(b) % p)
            machine.offset = at + 4
        elif opcode == INV:
            dst, a = machine.words(at + 1, 2)
            machine.write(dst, pow(machine.read(a), p - 2, p))  # Fermat; gives 0 for 0
            machine.offset = at + 3
        elif opcode == BITS:
            dst, count, a = machine.words(at + 1, 3)
            if count > MAX_BITS:
                raise machine.fail(f"{count} bits are more than {MAX_BITS}")
            value = machine.read(a)
            for k in range(count):
                machine.write(dst + k, value >> k & 1)
            machine.offset = at + 4
        else:
            raise machine.fail(f"unknown opcode {opcode}")
    return [machine.read(register) for register in range(num_wires)]
