"""``zkrelay witness``: from inputs to a checked assignment in a ``.wtns`` file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from . import output
from .errors import naming
from .files import check_targets, source, write_together
from .options import Force, Json


def compute_witness(
    program: Annotated[Path, typer.Argument(metavar="PROGRAM.zkwp", help="What compile wrote beside the .r1cs.")],
    input_file: Annotated[
        str, typer.Option("--input", "-i", metavar="input.json", help="Inputs by name; - for standard input.")
    ],
    out: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="OUT.wtns", help="By default PROGRAM.wtns beside PROGRAM; mode 0600."),
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Compute all wires from the inputs and check every constraint.

    When one does not hold: its source line, its signals and its two sides, exit code 3, and nothing is written.
    """
    output.use_json(as_json)
    target = out if out is not None else program.with_suffix(".wtns")
    from ..formats import read_inputs, read_zkwp, write_wtns

    check_targets([target], force=force)
    with naming(program):
        circuit = read_zkwp(program)
    start = time.perf_counter()
    with naming(input_file):
        assignment = circuit.assign(read_inputs(source(input_file)))
    seconds = time.perf_counter() - start
    write_together([(target, lambda path: write_wtns(path, circuit.r1cs.field, assignment, overwrite=force))])

    r1cs = circuit.r1cs
    output.note(
        f"{circuit.name}: all {output.plural(r1cs.num_constraints, 'constraint')} hold; "
        f"{output.plural(r1cs.num_variables, 'wire')} in {output.duration(seconds)}"
    )
    output.note(f"wrote {target} (secret: only you can read it)")
    if as_json:
        output.result_json(
            {
                "name": circuit.name,
                "field": r1cs.field.name,
                "num_constraints": r1cs.num_constraints,
                "num_wires": r1cs.num_variables,
                "num_public": r1cs.num_public,
                "files": {"wtns": str(target)},
                "seconds": round(seconds, 4),
            }
        )
