"""``zkrelay vectors``: values that must be equal on every machine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from . import output
from .files import check_targets, write_together
from .options import Force

app = typer.Typer(no_args_is_help=True, help="Print test values: deterministic, and never a secret.")

Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write a file (mode 0600) instead of standard output."),
]


@app.command("claim")
def claim(out: Output = None, force: Force = False) -> None:
    """The whole input of a claim, for `prove --input`; examples/claim.json is this."""
    from .vector_values import claim_inputs

    _print(claim_inputs(), out, force)


@app.command("protocol")
def protocol(out: Output = None, force: Force = False) -> None:
    """Notes, receipts, nullifiers and tags of the protocol, to compare another implementation with."""
    from .vector_values import protocol_values

    _print({"version": 1, **protocol_values()}, out, force)


@app.command("standard")
def standard(out: Output = None, force: Force = False) -> None:
    """The digests by which a key of a standard circuit is recognised; circuits/standard.json is this."""
    from .programs import standard_table

    _print(standard_table(), out, force)


def _print(values: Mapping[str, Any], out: Path | None, force: bool) -> None:
    """Input files are private by default: this one is no secret, but the next one in its place may be."""
    text = json.dumps(values, indent=1)
    if out is None or str(out) == "-":
        output.result(text)
        return
    from ..formats import write_bytes

    check_targets([out], force=force)
    data = text.encode() + b"\n"
    write_together([(out, lambda path: write_bytes(path, data, overwrite=force, private=True))])
    output.note(f"wrote {out}")
