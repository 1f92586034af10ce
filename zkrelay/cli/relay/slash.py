"""``zkrelay slash``: from two claims of one note to the secret of the node that made them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .. import output
from ..errors import CommandError, ExitCode, naming, writing
from ..files import check_targets, only_one_stdin, source
from ..options import Force, Json

if TYPE_CHECKING:
    from ...relay.statement import SharedClaimStatement

app = typer.Typer(no_args_is_help=True, help="Convict a node that claimed one note twice.")

Statement = Annotated[
    str,
    typer.Argument(metavar="CLAIM", help="A proved claim with a share, or its public inputs; - is standard input."),
]


@app.command("recover")
def recover_secret(
    first: Statement,
    second: Statement,
    out: Annotated[
        Path, typer.Option("--output", "-o", metavar="NODE.key", help="The offender's key file to make; mode 0600.")
    ],
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Recover a node's secret from two claims of one note, at two venues or with two amounts.

    Whoever has the key file can take the offender's stake, and claim in its name.
    """
    output.use_json(as_json)
    only_one_stdin([first, second])
    check_targets([out], force=force)
    from ...relay.identity import NodeIdentity
    from ...relay.slash import recover

    evidence = recover(_statement(first), _statement(second))
    with writing(out):
        NodeIdentity(evidence.secret).save(out, overwrite=force)
    output.note(f"wrote {out} (secret: only you can read it)")
    facts = {"payee": str(evidence.identity), "nf": str(evidence.first.nf)}
    if as_json:
        output.result_json(facts)
    else:
        output.result(output.table(facts))


def _statement(path: str) -> SharedClaimStatement:
    """Of a record of ``claim prove``, or of ``public.json``."""
    from ...formats import read_public
    from ...relay.record import read_record
    from ...relay.statement import SharedClaimStatement
    from ...relay.submission import CLAIM_PROOF_TYPE, ClaimSubmission

    data = source(path)
    content = data if isinstance(data, bytes) else data.read_bytes()
    with naming(path):
        if content.lstrip()[:1] == b"[":
            return SharedClaimStatement.from_public_inputs(read_public(content))
        statement = ClaimSubmission.from_dict(read_record(data, CLAIM_PROOF_TYPE)[1]).statement
    if not isinstance(statement, SharedClaimStatement):
        raise CommandError(ExitCode.INPUT, f"{path}: a claim without a share convicts nobody")
    return statement
