"""``zkrelay witness``: from inputs to an assignment in a ``.wtns`` file, by a witness program of ours or circom's."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import output
from .errors import naming
from .files import check_targets, source, write_together
from .kinds import Kind, kind_of
from .options import Force, Json
from .wasm import DEFAULT_BYTES, DEFAULT_SECONDS, WasmBytes, WasmSeconds, calculate, load_calculator

if TYPE_CHECKING:
    from ..curves import PrimeField
    from ..kernel import Buffer


def compute_witness(
    program: Annotated[
        Path,
        typer.Argument(
            metavar="PROGRAM", help="The .zkwp that compile wrote beside the .r1cs, or a .wasm that circom wrote."
        ),
    ],
    input_file: Annotated[
        str, typer.Option("--input", "-i", metavar="input.json", help="Inputs by name; - for standard input.")
    ],
    out: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="OUT.wtns", help="By default PROGRAM.wtns beside PROGRAM; mode 0600."),
    ] = None,
    wasm_seconds: WasmSeconds = DEFAULT_SECONDS,
    wasm_bytes: WasmBytes = DEFAULT_BYTES,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Compute all wires from the inputs and check every constraint; with a .wasm, those that circom's program checks.

    When one does not hold: its source line, its signals and its two sides (of a .wasm, its template and line), exit
    code 3, and nothing is written.
    """
    output.use_json(as_json)
    target = out if out is not None else program.with_suffix(".wtns")
    from ..formats import write_wtns

    check_targets([target], force=force)
    if kind_of(program) == Kind.WASM:
        field, assignment, facts = _calculate(program, input_file, wasm_seconds, wasm_bytes)
    else:
        field, assignment, facts = _run(program, input_file)
    write_together([(target, lambda path: write_wtns(path, field, assignment, overwrite=force))])
    output.note(f"wrote {target} (secret: only you can read it)")
    if as_json:
        output.result_json({**facts, "field": field.name, "files": {"wtns": str(target)}})


def _run(program: Path, input_file: str) -> tuple[PrimeField, Buffer, dict[str, Any]]:
    """(field, assignment, what is known about it) of our own witness program."""
    from ..formats import read_inputs, read_zkwp

    with naming(program):
        circuit = read_zkwp(program)
    start = time.perf_counter()
    with naming(input_file):
        assignment = circuit.assign(read_inputs(source(input_file)))
    seconds, r1cs = time.perf_counter() - start, circuit.r1cs
    output.note(
        f"{circuit.name}: all {output.plural(r1cs.num_constraints, 'constraint')} hold; "
        f"{output.plural(r1cs.num_variables, 'wire')} in {output.duration(seconds)}"
    )
    return (
        r1cs.field,
        assignment,
        _facts(circuit.name, r1cs.num_constraints, r1cs.num_variables, r1cs.num_public, seconds),
    )


def _calculate(
    program: Path, input_file: str, limit_s: float, limit_bytes: int
) -> tuple[PrimeField, Buffer, dict[str, Any]]:
    """The same of circom's calculator, which does not tell how many constraints and public inputs there are."""
    from ..formats import read_inputs

    with naming(input_file):
        inputs = read_inputs(source(input_file))
    calculator = load_calculator(program, limit_s, limit_bytes)
    start = time.perf_counter()
    assignment = calculate(calculator, program, inputs, input_file)
    seconds, wires = time.perf_counter() - start, calculator.num_variables
    output.note(
        f"{program.stem}, circom {calculator.version}: {output.plural(wires, 'wire')} in {output.duration(seconds)}; "
        "what its assertions leave out, only a proof or the .r1cs can tell"
    )
    return calculator.field, assignment, _facts(program.stem, None, wires, None, seconds)


def _facts(name: str, constraints: int | None, wires: int, public: int | None, seconds: float) -> dict[str, Any]:
    return {
        "name": name,
        "num_constraints": constraints,
        "num_wires": wires,
        "num_public": public,
        "seconds": round(seconds, 4),
    }
