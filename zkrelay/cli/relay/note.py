"""``zkrelay note``: make a note, check it as a node does, put it into a ledger, and ask for its money back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .. import output
from ..errors import CommandError, ExitCode, naming
from ..files import check_targets
from ..options import Force, Json
from .ledger import REFUND_TYPE
from .options import MAX_EPOCH, DomainFile, Epoch, Ledger, NodeKey, Output, number
from .records import NOTE_TYPE, each_record, open_ledger, read_domain, read_ledger, read_notes, write_records

if TYPE_CHECKING:
    from ...relay.identity import SessionKey
    from ...relay.note import Note

app = typer.Typer(no_args_is_help=True, help="Make, check, deposit and refund the notes that pay for sessions.")

Notes = Annotated[str, typer.Argument(metavar="NOTES", help="Notes, one a line; - is standard input.")]
ClientKey = Annotated[Path, typer.Option("--key", metavar="SESSION.key", help="The session's key file.")]


@app.command("new")
def new_note(
    domain_file: DomainFile,
    key_file: ClientKey,
    payee: Annotated[int, typer.Option(parser=number, metavar="N", help="The node's payee, as `key show` prints it.")],
    cap: Annotated[int, typer.Option(min=1, metavar="BYTES", help="What the note pays for at most.")],
    expiry: Annotated[int, typer.Option(min=0, max=MAX_EPOCH, metavar="EPOCH", help="The last epoch of a claim.")],
    out: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The note; mode 0600.")] = Path(
        "note.json"
    ),
    force: Force = False,
) -> None:
    """Make a note with a random secret. Printed is its deposit: what the ledger is told, and not whose it is."""
    check_targets([out], force=force)
    from ...relay.deposit_order import DEPOSIT_TYPE, DepositOrder
    from ...relay.note import Note, random_rho

    domain, _ = read_domain(domain_file)
    note = Note(domain.value, payee, _session_key(key_file).public, random_rho(), cap, expiry)
    write_records(str(out), NOTE_TYPE, [note.to_dict()], force=force, private=True)
    write_records("-", DEPOSIT_TYPE, [DepositOrder.of_note(note).to_dict()], force=force)


@app.command("show")
def show_notes(notes: Notes, as_json: Json = False) -> None:
    """What may be known of a note, its secret and its nullifier left out."""
    output.use_json(as_json)
    shown = [
        {"cm": str(note.cm), "inner": str(note.inner), "payee": str(note.payee), "domain": str(note.domain)}
        | {"cap": str(note.cap), "expiry": str(note.expiry)}
        for note in read_notes(notes)
    ]
    if as_json:
        output.result_json({"notes": shown})
    else:
        output.result("\n\n".join(map(output.table, shown)))


@app.command("deposit")
def deposit_notes(
    ledger_file: Ledger,
    orders: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Deposits from `note new`, or notes; - is standard input.")
    ],
    epoch: Epoch = None,
    as_json: Json = False,
) -> None:
    """Put notes into the ledger, which takes the money for their caps as received. The first refusal ends it."""
    output.use_json(as_json)
    from ...errors import WrongDomain
    from ...relay.deposit_order import DEPOSIT_TYPE, DepositOrder
    from ...relay.note import Note

    found = []
    for path, kind, fields in each_record(orders, DEPOSIT_TYPE, NOTE_TYPE):
        with naming(path):
            is_note = kind == NOTE_TYPE
            found.append(DepositOrder.of_note(Note.from_dict(fields)) if is_note else DepositOrder.from_dict(fields))
    done = []
    with open_ledger(ledger_file, epoch) as ledger:
        if any(order.domain != ledger.domain.value for order in found):
            raise WrongDomain("a deposit is for another domain: nothing was deposited")
        for order in found:
            done.append(ledger.deposit(order.inner, order.cap, order.expiry))
            if not as_json:
                output.result(f"DEPOSITED {done[-1].position}: {done[-1].locked} locked for {done[-1].cm}")
    if as_json:
        rows = [{"cm": str(d.cm), "position": d.position, "root": str(d.root), "locked": str(d.locked)} for d in done]
        output.result_json({"deposits": rows})


@app.command("check")
def check_notes(
    ledger_file: Ledger,
    notes: Notes,
    node_key: NodeKey,
    margin: Annotated[int, typer.Option(min=0, metavar="N", help="Epochs that must be left before expiry.")] = 2,
    epoch: Epoch = None,
    as_json: Json = False,
) -> None:
    """Whether a node can be sure to be paid from these notes: in the tree, its own, unspent, long enough to live."""
    output.use_json(as_json)
    from ...errors import NoteRefused, ZkrelayError
    from ...relay.admission import admit_note
    from ...relay.identity import NodeIdentity
    from ...relay.merkle import MerkleTree
    from .outcomes import end, refusals

    found = read_notes(notes)
    with naming(node_key):
        node = NodeIdentity.load(node_key)
    refused: dict[int, ZkrelayError] = {}
    file = read_ledger(ledger_file)
    now = file.epoch() if epoch is None else epoch
    with file.open(epoch=epoch) as ledger:
        domain, leaves = ledger.domain, ledger.final_leaves()
        tree = MerkleTree(domain.arity, domain.depth)
        tree.extend(leaves)
        positions = {cm: position for position, cm in enumerate(leaves)}
        for index, note in enumerate(found):
            position = positions.get(note.cm, -1)
            try:
                admit_note(note, node, domain, tree, position, now=now, is_spent=ledger.is_spent, margin=margin)
            except NoteRefused as error:
                refused[index] = error
    if as_json:
        output.result_json({"num_notes": len(found), "refused": refusals(refused)})
    else:
        for index in range(len(found)):
            output.result(f"REFUSED {index}: {refused[index]}" if index in refused else f"OK {index}")
    end(refused)


@app.command("refund")
def ask_refund(
    notes: Notes,
    key_file: ClientKey,
    recipient: Annotated[int, typer.Option(parser=number, metavar="ADDRESS", help="Who gets the money.")],
    out: Output = "refund.json",
    force: Force = False,
) -> None:
    """Sign requests for `ledger refund`. They open the notes to whoever reads them: mode 0600."""
    if out != "-":
        check_targets([Path(out)], force=force)
    from ...relay.refund import RefundRequest

    key, found = _session_key(key_file), read_notes(notes)
    for index, note in enumerate(found):
        check_key(key, note, f"{notes}: note {index}")
    requests = [RefundRequest.sign(key, note, recipient).to_dict() for note in found]
    write_records(out, REFUND_TYPE, requests, force=force, private=True)


def check_key(key: SessionKey, note: Note, name: str) -> None:
    """A signature under another key than the note's is worth nothing."""
    if key.public != note.public_key:
        raise CommandError(ExitCode.INPUT, f"{name} belongs to another session key")


def _session_key(path: Path) -> SessionKey:
    from ...relay.identity import SessionKey

    with naming(path):
        return SessionKey.load(path)
