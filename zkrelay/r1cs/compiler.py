"""From a circuit to its R1CS and witness program.  Deterministic: the same source gives the same bytes everywhere."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from ..algebra.encoding import pack_field
from ..curves import PrimeField, bn254
from ..errors import CircuitError, UnderConstrained
from .builder import Builder, Row
from .circuit import Circuit, nested
from .constraint_system import R1CS, Debug
from .program import CompiledCircuit, InputSpec, WitnessProgram

MAX_ADDRESSED = 1 << 32  # registers or constants that a word of the tape can name


def compile_circuit(circuit: Circuit, field: PrimeField = bn254.FR, *, allow_loose: bool = False) -> CompiledCircuit:
    """Compile ``circuit`` over ``field``.

    ``allow_loose`` skips the refusal of loose hints and unused private inputs: for mutation tests, which remove
    constraints on purpose and must see what then goes through.  An unused public input is refused in any case.

    Wires: 0 is ONE, then public inputs, private inputs, internal wires in the order in which they were made.

    Raises:
        UnderConstrained: a hint that no constraint pins down, an input that no constraint uses, no constraint at all.
        CircuitError: a false constraint between constants, expressions of two circuits mixed, or no circuit but its
            class.
    """
    if not isinstance(circuit, Circuit):
        made = f"{circuit.__name__}(), not its class" if isinstance(circuit, type) else f"not {type(circuit).__name__}"
        raise CircuitError(f"expected a circuit: {made}")
    builder = Builder(field)
    specs: list[InputSpec] = []
    bound: dict[str, object] = {}
    for declared in circuit.declared_inputs():
        shape = declared.shape(circuit)
        first = len(builder.wire_names)
        wires = [builder.wire(builder.new_wire(name)) for name in _element_names(declared.name, shape)]
        specs.append(InputSpec(declared.name, shape, declared.is_public, first))
        bound[declared.name] = nested(wires, shape)
    num_inputs = len(builder.wire_names) - 1
    circuit.state(builder, bound)
    num_public = sum(spec.size for spec in specs if spec.is_public)
    _refuse_loose(builder, num_inputs, num_public, allow_loose)
    return _assemble(circuit.name, builder, tuple(specs), num_inputs, num_public)


def _element_names(name: str, shape: tuple[int, ...]) -> list[str]:
    return [name + "".join(f"[{i}]" for i in index) for index in itertools.product(*map(range, shape))]


def _refuse_loose(builder: Builder, num_inputs: int, num_public: int, allow_loose: bool) -> None:
    if not builder.rows:
        raise UnderConstrained("the circuit states no constraint")
    if builder.loose and not allow_loose:
        wire, line = next(iter(builder.loose.items()))
        more = f" (and {len(builder.loose) - 1} more)" if len(builder.loose) > 1 else ""
        raise UnderConstrained(
            f"hint {builder.wire_names[wire]!r} at {line} is in no constraint{more}: a prover may set it freely"
        )
    used = _used_wires(builder.rows)
    for repeat in builder.repeats:
        stated = _used_wires(builder.rows[repeat.start.rows : repeat.end.rows])
        for copy in repeat.copies:
            used |= {theirs for ours, theirs in zip(repeat.inputs, copy, strict=True) if ours in stated}
    for wire in range(1, num_inputs + 1):
        if wire in used:
            continue
        if wire <= num_public:
            raise UnderConstrained(
                f"public input {builder.wire_names[wire]!r} is in no constraint: anyone may change it in a proof"
            )
        if not allow_loose:
            raise UnderConstrained(
                f"private input {builder.wire_names[wire]!r} is in no constraint: the statement says nothing about it"
            )


def _used_wires(rows: Sequence[Row]) -> set[int]:
    return {wire for row in rows for terms in (row.a, row.b, row.c) for wire in terms}


def _assemble(
    name: str, builder: Builder, specs: tuple[InputSpec, ...], num_inputs: int, num_public: int
) -> CompiledCircuit:
    from .assembly import matrix, row_lines, tape_words

    field, num_wires = builder.field, len(builder.wire_names)
    _refuse_too_large(builder)
    tape = tape_words(builder, num_wires)
    a, b, c = (matrix(builder, side) for side in (lambda row: row.a, lambda row: row.b, lambda row: row.c))
    table = pack_field(field, builder.constants)
    r1cs = R1CS(
        field=field,
        num_variables=num_wires,
        num_public=num_public,
        num_private_inputs=num_inputs - num_public,
        a=a,
        b=b,
        c=c,
        coefficients=table,
        debug=Debug(tuple(builder.wire_names), tuple(builder.lines), row_lines(builder)),
    )
    program = WitnessProgram(
        field=field,
        inputs=specs,
        tape=tape,
        table=table,
        num_wires=num_wires,
        num_registers=num_wires + builder.num_temporaries,
    )
    return CompiledCircuit(name, r1cs, program)


def _refuse_too_large(builder: Builder) -> None:
    """Before anything is flattened: registers (wires and temporaries) and constants are named by 32-bit words."""
    registers = len(builder.wire_names) + builder.num_temporaries
    for count, what in ((registers, "wires and temporaries"), (len(builder.constants), "constants")):
        if count > MAX_ADDRESSED:
            raise CircuitError(f"the circuit has {count} {what}, and a tape can address {MAX_ADDRESSED}")
