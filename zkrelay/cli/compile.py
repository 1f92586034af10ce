"""``zkrelay compile``: from a circuit to ``.r1cs``, ``.sym`` and ``.zkwp``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from . import output
from .files import check_targets, write_together
from .gate import AuditSeconds, NoAudit, Strict, check_options, pass_gate
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
    audit_seconds: AuditSeconds = 10.0,
    strict: Strict = False,
    no_audit: NoAudit = False,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Compile a circuit to OUT.r1cs, OUT.sym (names) and OUT.zkwp (witness program).

    The same source gives the same bytes on every machine. An audit of every signal goes before: an under-constrained
    circuit is refused (1) and nothing is written; what the audit does not decide in time is a warning.
    """
    output.use_json(as_json)
    check_options(no_audit=no_audit, strict=strict)
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
    report = None if no_audit else pass_gate(compiled, seconds=audit_seconds, strict=strict)
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
        + ("" if report is None else f"; audited in {output.duration(report.seconds)}: {report.verdict.value}")
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
                "audit": None if report is None else report.verdict.value,
                "seconds": round(seconds, 4),
            }
        )
