"""``zkrelay ledger``: make a domain and a ledger for it, look at it, record commitments' epochs, pay refunds."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from .. import output
from ..errors import naming
from ..files import check_targets
from ..options import Force, Json
from .options import Epoch, Ledger, Output, number
from .records import DOMAIN_TYPE, check_place, each_record, open_ledger, read_domain, write_lines, write_records

app = typer.Typer(no_args_is_help=True, help="Keep a ledger: its domain, its deposits, its refunds.")

REFUND_TYPE = "zkrelay-refund"


@app.command("domain")
def make_domain(
    chain_id: Annotated[int, typer.Option(parser=number, metavar="N", help="0 off any EVM.")] = 0,
    contract: Annotated[
        int | None, typer.Option(parser=number, metavar="ADDRESS", help="The escrow's address on its chain.")
    ] = None,
    service_key: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Off an EVM: the service's public key; the contract is made of its SHA-256."),
    ] = None,
    tree_no: Annotated[int, typer.Option("--tree", min=0, metavar="N", help="The number of the note tree.")] = 0,
    unit: Annotated[int, typer.Option(min=1, metavar="BYTES", help="What claims count in.")] = 1 << 20,
    price: Annotated[int, typer.Option(min=1, metavar="N", help="Of a unit, in the ledger's smallest coin.")] = 1,
    arity: Annotated[int, typer.Option(min=2, metavar="N", help="Of the note tree.")] = 4,
    depth: Annotated[int, typer.Option(min=1, metavar="N", help="Of the note tree.")] = 10,
    several_venues: Annotated[
        bool, typer.Option("--several-venues", help="Claims show a share of the node's secret.")
    ] = False,
    out: Output = "domain.json",
    force: Force = False,
) -> None:
    """Write a domain: which escrow, which tree, which unit and price. Clients and nodes need this file."""
    if (contract is None) == (service_key is None):
        raise typer.BadParameter("a domain needs --contract or --service-key, and not both")
    check_place(out, force)
    from ...relay.domain import SEVERAL_VENUES, SINGLE_VENUE, Domain

    mode = SEVERAL_VENUES if several_venues else SINGLE_VENUE
    settings = {"unit": unit, "price_per_unit": price, "arity": arity, "depth": depth, "mode": mode}
    if service_key is not None:
        domain = Domain.of_service(service_key.read_bytes(), tree_no, **settings)
    else:
        domain = Domain(chain_id, contract or 0, tree_no, **settings)
    write_records(out, DOMAIN_TYPE, [domain.to_strings()], force=force)


@app.command("init")
def init_ledger(
    out: Annotated[Path, typer.Argument(metavar="LEDGER", help="The ledger's file to make; mode 0600.")],
    domain_file: Annotated[Path, typer.Option("--domain", metavar="FILE", help="The domain's file.")],
    claim_key: Annotated[Path, typer.Option(metavar="FILE", help="The verifying key of claims.")],
    store: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|URL",
            show_default="LEDGER.sqlite",
            help="A file for SQLite, or postgresql://...; keep passwords in libpq's password file.",
        ),
    ] = None,
    schema: Annotated[
        str | None, typer.Option(metavar="NAME", help="The schema in a PostgreSQL database.", show_default="zkrelay")
    ] = None,
    batch_key: Annotated[
        list[str] | None,
        typer.Option(metavar="SLOTS=FILE", help="The verifying key of a batch circuit; may be given for each size."),
    ] = None,
    registration_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The verifying key of `registration`, for stakes.")
    ] = None,
    venue: Annotated[int, typer.Option(min=0, metavar="N", help="Its number in a domain of several venues.")] = 0,
    epoch_seconds: Annotated[int, typer.Option(min=1, metavar="S", help="How long an epoch lasts.")] = 3600,
    window: Annotated[int, typer.Option(min=1, metavar="N", help="Epochs for proving a committed claim.")] = 2,
    finality: Annotated[int, typer.Option(min=0, metavar="N", help="Epochs until a deposit counts.")] = 0,
    refund_period: Annotated[int, typer.Option(min=1, metavar="N", help="Epochs for which refunds are promised.")] = 1
    << 16,
    allow_development: Annotated[
        bool, typer.Option("--allow-development", help="Let keys without a ceremony move (test) money.")
    ] = False,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Make a ledger. Domain, rules and keys are pinned in its store for ever; the file only says where they are."""
    output.use_json(as_json)
    check_targets([out], force=force)
    from ...relay.ledger_file import LEDGER_TYPE, LedgerFile

    where = store or f"{out.stem}.sqlite"
    is_server = where.startswith(("postgresql://", "postgres://"))
    file = LedgerFile(
        store=where,
        domain=read_domain(domain_file)[0],
        claim_key=_beside(out, claim_key),
        schema=(schema or "zkrelay") if is_server else schema,
        batch_keys=dict(_batch_key(out, text) for text in batch_key or []),
        registration_key=None if registration_key is None else _beside(out, registration_key),
        venue=venue,
        epoch_seconds=epoch_seconds,
        window=window,
        finality=finality,
        refund_period=refund_period,
        allow_development=allow_development,
        folder=out.parent,
    )
    with file.open(create=True) as ledger:
        if allow_development:
            output.warn("this ledger takes proofs under development keys: whoever made them can take all its money")
        write_records(str(out), LEDGER_TYPE, [file.to_dict()], force=force, private=True)
        value = ledger.domain.value
    if as_json:
        output.result_json({"ledger": str(out), "domain": str(value)})


@app.command("info")
def show_ledger(ledger_file: Ledger, epoch: Epoch = None, as_json: Json = False) -> None:
    """What the ledger holds."""
    output.use_json(as_json)
    with open_ledger(ledger_file, epoch) as ledger:
        payments = ledger.payments()
        facts = {
            "domain": str(ledger.domain.value),
            "root": str(ledger.root),
            "num_final_notes": len(ledger.final_leaves()),
            "balance": str(ledger.balance),
            "num_payments": len(payments),
            "paid": str(sum(payment.money + payment.fee for payment in payments)),
        }
    if as_json:
        output.result_json(facts)
    else:
        output.result(output.table({name.removeprefix("num_").replace("_", " "): str(v) for name, v in facts.items()}))


@app.command("leaves")
def print_leaves(
    ledger_file: Ledger,
    first: Annotated[int, typer.Option(min=0, metavar="N", help="From this position on.")] = 0,
    epoch: Epoch = None,
    out: Output = "-",
    force: Force = False,
) -> None:
    """The note tree's final leaves, one a line: a node builds its own tree of them, for `claim build --leaves`."""
    check_place(out, force)
    with open_ledger(ledger_file, epoch) as ledger:
        leaves = ledger.final_leaves(first)
    write_lines(out, map(str, leaves), force=force)


@app.command("refund")
def refund(
    ledger_file: Ledger,
    requests: Annotated[list[str], typer.Argument(metavar="REQUEST...", help="From `note refund`; - is stdin.")],
    epoch: Epoch = None,
    as_json: Json = False,
) -> None:
    """Give back the money behind notes that nobody claimed. Each request stands for itself."""
    output.use_json(as_json)
    from ...relay.refund import RefundRequest
    from .outcomes import report, tried

    found = []
    for path, _, fields in each_record(requests, REFUND_TYPE):
        with naming(path):
            found.append(RefundRequest.from_dict(fields))
    with open_ledger(ledger_file, epoch) as ledger:
        outcomes = [tried(partial(ledger.refund, request)) for request in found]
    report(outcomes, as_json)


def _beside(file: Path, path: Path) -> str:
    """``path`` as seen from the folder of ``file``: such files move together."""
    return str(path) if path.is_absolute() else os.path.relpath(path, file.parent)


def _batch_key(file: Path, text: str) -> tuple[int, str]:
    slots, _, path = text.partition("=")
    if not path:
        raise typer.BadParameter(f"--batch-key is SLOTS=FILE, not {text!r}")
    return number(slots), _beside(file, Path(path))
