"""The list of commands, and what they share: ``--version``, completion, and one place where errors end."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from . import (
    audit,
    bench,
    compile,
    convert,
    demo,
    export,
    info,
    output,
    precompute,
    prove,
    setup,
    vectors,
    verify,
    verify_many,
    witness,
)
from .ceremony import ptau, zkey
from .errors import mapped
from .relay import batch, claim, key, ledger, note, nullifier, receipt, slash


class Commands(TyperGroup):
    """Maps errors of parsing and of commands to exit codes, and keeps the commands in the order of the work."""

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        with mapped():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: Any) -> Any:
        output.use_json(False)
        with mapped():
            return super().invoke(ctx)


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        output.result(f"zkrelay {version('zkrelay')}")
        raise typer.Exit


@app.callback()
def zkrelay(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Zero-knowledge proof of relay: compile circuits, prove, verify, and play a paid session.

    Exit codes: 0 ok, 1 checked and refused, 2 usage, 3 bad input, 4 environment, 5 undecided.
    """


app.command("compile")(compile.compile_circuit_file)
app.command("audit")(audit.audit_circuit)
app.command("setup")(setup.make_keys)
app.command("precompute")(precompute.precompute_tables)
app.command("witness")(witness.compute_witness)
app.command("prove")(prove.make_proof)
app.command("verify")(verify.check_proof)
app.command("verify-many")(verify_many.check_proofs)
app.command("export-solidity")(export.write_contract)
app.command("export-calldata")(export.print_calldata)
app.add_typer(convert.app, name="convert")
app.command("info")(info.show_file)
app.command("demo")(demo.play_session)
app.add_typer(ptau.app, name="ptau")
app.add_typer(zkey.app, name="zkey")
app.add_typer(bench.app, name="bench")
app.add_typer(vectors.app, name="vectors")
for verb, group in {
    "key": key.app,
    "note": note.app,
    "receipt": receipt.app,
    "claim": claim.app,
    "batch": batch.app,
    "ledger": ledger.app,
    "nullifier": nullifier.app,
    "slash": slash.app,
}.items():
    app.add_typer(group, name=verb)
