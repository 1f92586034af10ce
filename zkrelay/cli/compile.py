"""``zkrelay compile``: from a circuit to ``.r1cs``, ``.sym`` and ``.zkwp``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from . import output
from .files import check_targets, write_together
from .options import Arity, CircuitField, Constants, Depth, Force, Json, Unit, complete_circuit


def compile_circuit_file(
    circuit: Annotated[
        str,
        typer.Argument(
            metavar="NAME|FILE.py:Class",
            help="A standard circuit (claim, claim_x1, open, registration, batch8, batch16, batch64, usage_limit), "
            "or a class in a file: it is run.",
            autocompletion=complete_circuit,
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="OUT.r1cs", help="Where to write; by default NAME.r1cs here."),
    ] = None,
    arity: Arity = None,
    depth: Depth = None,
    unit: Unit = None,
    constants: Constants = None,
    field: CircuitField = "bn254",
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Compile a circuit to OUT.r1cs, OUT.sym (names) and OUT.zkwp (witness program).

    The same source gives the same bytes on every machine.
    """
    output.use_json(as_json)
    if out is not None and out.suffix != ".r1cs":
        raise typer.BadParameter("the name must end in .r1cs", param_hint="--output")
    from ..curves import CURVES
    from ..formats import r1cs_digest, symbols_of, write_r1cs, write_sym, write_zkwp
    from ..r1cs import compile_circuit
    from .load_circuit import file_of, given_constants, load_circuit, user_code

    prime_field = CURVES[field].fr
    given = given_constants({"arity": arity, "depth": depth, "unit": unit}, constants or [])
    stated = load_circuit(circuit, given)
    target = out if out is not None else Path(f"{stated.name}.r1cs")
    paths = {suffix: target.with_suffix(f".{suffix}") for suffix in ("r1cs", "sym", "zkwp")}
    check_targets(paths.values(), force=force)

    start = time.perf_counter()
    with user_code(file_of(circuit)):
        compiled = compile_circuit(stated, prime_field)
    seconds = time.perf_counter() - start
    r1cs = compiled.r1cs
    write_together(
        [
            (paths["r1cs"], lambda path: write_r1cs(path, r1cs, overwrite=force)),
            (paths["sym"], lambda path: write_sym(path, symbols_of(r1cs), overwrite=force)),
            (paths["zkwp"], lambda path: write_zkwp(path, compiled, overwrite=force)),
        ]
    )

    output.note(
        f"{compiled.name}: {output.plural(r1cs.num_constraints, 'constraint')}, "
        f"{output.plural(r1cs.num_variables, 'wire')}, {output.plural(r1cs.num_public, 'public input')} and "
        f"{output.plural(r1cs.num_private_inputs, 'private input')} over {prime_field.name}; "
        f"compiled in {output.duration(seconds)}"
    )
    output.note("wrote " + ", ".join(map(str, paths.values())))
    if as_json:
        output.result_json(
            {
                "name": compiled.name,
                "constants": given,
                "field": prime_field.name,
                "num_constraints": r1cs.num_constraints,
                "num_wires": r1cs.num_variables,
                "num_public": r1cs.num_public,
                "num_private_inputs": r1cs.num_private_inputs,
                "coefficients_sha256": r1cs_digest(r1cs) or None,
                "files": {suffix: str(path) for suffix, path in paths.items()},
                "seconds": round(seconds, 4),
            }
        )
