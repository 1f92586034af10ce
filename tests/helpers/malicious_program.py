"""Running a witness program with a prover's own hints: any register can be overridden, and what follows uses it.

Plain integers, one instruction after the other; it shares no code with the kernels.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zkrelay.algebra.encoding import pack_field, unpack_field
from zkrelay.r1cs import CompiledCircuit
from zkrelay.r1cs.builder import BITS, DOT, INV, MUL
from zkrelay.r1cs.program import flatten_input


def run_with_overrides(circuit: CompiledCircuit, inputs: Mapping[str, Any], overrides: Mapping[int, int]) -> bytes:
    """The assignment when register i is forced to ``overrides[i]`` wherever the program writes it."""
    program = circuit.program
    p = program.field.modulus
    table = unpack_field(program.field, program.table)
    registers = [0] * program.num_registers
    registers[0] = 1
    for spec in program.inputs:
        for offset, value in enumerate(flatten_input(inputs, spec.name, spec.shape, p)):
            registers[spec.first_wire + offset] = value

    def write(register: int, value: int) -> None:
        registers[register] = overrides.get(register, value % p)

    words = program.tape.tolist()
    position = 0
    while position < len(words):
        op, dst = words[position], words[position + 1]
        if op == DOT:
            count = words[position + 2]
            pairs = words[position + 3 : position + 3 + 2 * count]
            write(dst, sum(table[c] * registers[r] for c, r in zip(pairs[::2], pairs[1::2], strict=True)))
            position += 3 + 2 * count
        elif op == MUL:
            write(dst, registers[words[position + 2]] * registers[words[position + 3]])
            position += 4
        elif op == INV:
            value = registers[words[position + 2]]
            write(dst, pow(value, -1, p) if value else 0)
            position += 3
        else:
            assert op == BITS
            for i in range(words[position + 2]):
                write(dst + i, registers[words[position + 3]] >> i & 1)
            position += 4
    return pack_field(program.field, registers[: program.num_wires])


def source_register(circuit: CompiledCircuit, wire_name: str) -> int:
    """The register that the hint wire ``wire_name`` was copied from."""
    wire = circuit.r1cs.debug.wire_names.index(wire_name)
    words = circuit.program.tape.tolist()
    position = 0
    while position < len(words):
        op, dst = words[position], words[position + 1]
        if op == DOT and dst == wire and words[position + 2] == 1:
            return int(words[position + 4])
        position += {DOT: 3 + 2 * words[position + 2], MUL: 4, INV: 3, BITS: 4}[op]
    raise LookupError(f"{wire_name} is not copied from one register")
