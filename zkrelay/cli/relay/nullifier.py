"""``zkrelay nullifier``: which notes are spent, the whole set in a file, and its end."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .. import output
from ..errors import ExitCode, naming
from ..files import check_targets, write_together
from ..options import Force, Json
from .options import Epoch, Ledger, number
from .records import open_ledger, read_notes

app = typer.Typer(no_args_is_help=True, help="Ask, copy, merge and prune a ledger's set of nullifiers.")


@app.command("check")
def check_nullifiers(
    ledger_file: Ledger,
    nullifiers: Annotated[
        list[str] | None, typer.Argument(metavar="[NF...]", help="Nullifiers.", show_default=False)
    ] = None,
    notes: Annotated[str | None, typer.Option("--notes", metavar="FILE", help="Notes; - is standard input.")] = None,
    epoch: Epoch = None,
    as_json: Json = False,
) -> None:
    """Whether notes were redeemed or refunded: 0 when none of them was, 1 when one was."""
    output.use_json(as_json)
    from ...relay.nullifier import note_nullifier

    asked = [number(text) for text in nullifiers or []]
    if notes is not None:
        asked += [note_nullifier(note.cm, note.rho) for note in read_notes(notes)]
    if not asked:
        raise typer.BadParameter("give nullifiers, or --notes")
    with open_ledger(ledger_file, epoch) as ledger:
        spent = [ledger.is_spent(nf) for nf in asked]
    if as_json:
        rows = [{"nf": str(nf), "spent": flag} for nf, flag in zip(asked, spent, strict=True)]
        output.result_json({"nullifiers": rows})
    else:
        for index, flag in enumerate(spent):
            output.result(f"{'SPENT' if flag else 'UNSPENT'} {index}")
    if any(spent):
        raise typer.Exit(ExitCode.REFUSED)


@app.command("export")
def export_nullifiers(
    ledger_file: Ledger,
    out: Annotated[Path, typer.Argument(metavar="FILE", help="The file to make.")],
    epoch: Epoch = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Write the whole set to a file: sorted, with the domain and a checksum."""
    output.use_json(as_json)
    check_targets([out], force=force)
    from ...formats.files import create

    counts = []
    with open_ledger(ledger_file, epoch) as ledger:

        def write(path: Path) -> None:
            with create(path, overwrite=force) as file:
                counts.append(ledger.export_nullifiers(file))

        write_together([(out, write)])
    output.note(f"wrote {out}")
    _print("num_exported", counts[0], as_json)


@app.command("import")
def import_nullifiers(
    ledger_file: Ledger,
    file_path: Annotated[Path, typer.Argument(metavar="FILE", help="From `nullifier export` of the same domain.")],
    epoch: Epoch = None,
    as_json: Json = False,
) -> None:
    """Merge a set into the ledger's, all or nothing: what is spent anywhere is spent here."""
    output.use_json(as_json)
    with open_ledger(ledger_file, epoch) as ledger, file_path.open("rb") as file, naming(file_path):
        _print("num_new", ledger.import_nullifiers(file), as_json)


@app.command("prune")
def prune_ledger(
    ledger_file: Ledger,
    domain: Annotated[
        int, typer.Option(parser=number, metavar="VALUE", help="The domain's value, as `ledger info` prints it.")
    ],
    epoch: Epoch = None,
    as_json: Json = False,
) -> None:
    """Forget nullifiers, notes and commitments for ever, when every promised refund is past. The money stays."""
    output.use_json(as_json)
    with open_ledger(ledger_file, epoch) as ledger:
        _print("num_forgotten", ledger.prune(domain), as_json)


def _print(name: str, count: int, as_json: bool) -> None:
    if as_json:
        output.result_json({name: count})
    else:
        output.result(f"{name.removeprefix('num_')} {count}")
