"""``zkrelay receipt``: sign, verify and look at receipts, packed: 105 bytes each, or 210 hex digits a line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .. import output
from ..errors import CommandError, ExitCode, naming
from ..files import check_targets, only_one_stdin, source
from ..options import Force, Json, Threads, usable_cpus
from .note import ClientKey, check_key
from .options import number
from .records import read_notes

if TYPE_CHECKING:
    from ...errors import ZkrelayError
    from ...relay.note import Note

app = typer.Typer(no_args_is_help=True, help="Sign, verify and look at receipts: 105 bytes each, or hex, one a line.")

MAX_RECEIPTS_BYTES = 1 << 30
Receipts = Annotated[
    str, typer.Argument(metavar="RECEIPTS", help="Receipts in hex, one a line, or packed; - is standard input.")
]


@app.command("sign")
def sign_receipt(
    note_file: Annotated[str, typer.Argument(metavar="NOTE", help="The session's note; - is standard input.")],
    num_bytes: Annotated[int, typer.Argument(metavar="BYTES", min=0, help="All bytes of the session so far.")],
    key_file: ClientKey,
    ctx: Annotated[int, typer.Option(parser=number, metavar="N", help="What else is signed: a field element.")] = 0,
    out: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the 105 bytes; by default, print hex.")
    ] = None,
    force: Force = False,
) -> None:
    """Sign for all bytes that the session has received so far."""
    if out is not None:
        check_targets([out], force=force)
    from ...errors import ReceiptOverCap
    from ...formats import write_bytes
    from ...relay.identity import SessionKey
    from ...relay.receipt import Receipt

    with naming(key_file):
        key = SessionKey.load(key_file)
    notes = read_notes(note_file)
    if len(notes) != 1:
        raise CommandError(ExitCode.INPUT, f"{note_file}: a receipt is for one note, not for {len(notes)}")
    check_key(key, notes[0], note_file)
    if num_bytes > notes[0].cap:
        raise ReceiptOverCap(f"{num_bytes} bytes are above the note's cap of {notes[0].cap}")
    packed = Receipt.sign(key, notes[0].cm, num_bytes, ctx).pack()
    if out is None:
        output.result(packed.hex())
    else:
        write_bytes(out, packed, overwrite=force)
        output.note(f"wrote {out}")


@app.command("verify")
def verify_receipts(
    note_file: Annotated[
        str, typer.Argument(metavar="NOTES", help="One note for all receipts, or one for each, in order.")
    ],
    receipts_file: Receipts = "-",
    best: Annotated[
        bool, typer.Option("--best", help="Print the true receipt for the most bytes, for `claim build`, not OK.")
    ] = False,
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Verify receipts by the predicate of the claim circuit, many at once.

    OK and 0 when all are true. The false ones are named by their line, and it is 1; 3 when one is no receipt at all.
    """
    output.use_json(as_json)
    if best and as_json:
        raise typer.BadParameter("--best and --json both print a result: take one")
    only_one_stdin([note_file, receipts_file])
    from .outcomes import end, refusals

    notes, receipts = read_notes(note_file), read_receipts(receipts_file)
    if len(notes) != 1 and len(notes) != len(receipts):
        raise CommandError(ExitCode.INPUT, f"{len(receipts)} receipts for {len(notes)} notes")
    refused = _refused(notes, receipts, threads or usable_cpus())
    true = [packed for index, packed in enumerate(receipts) if index not in refused]
    top = max(true, key=_num_bytes, default=None)
    if as_json:
        most = None if top is None else str(_num_bytes(top))
        rows = refusals(refused)
        output.result_json({"valid": not refused, "num_receipts": len(receipts), "most_bytes": most, "refused": rows})
    else:
        for index, error in sorted(refused.items()):
            (output.note if best else output.result)(f"INVALID {index}: {type(error).__name__}: {error}")
        if best and top is not None:
            output.result(top.hex())
        elif not refused:
            output.result("OK")
    end(refused)


@app.command("inspect")
def inspect_receipts(receipts_file: Receipts = "-", as_json: Json = False) -> None:
    """What receipts say. Nothing is verified: without a note nobody can."""
    output.use_json(as_json)
    from ...relay.receipt import Receipt

    shown: list[dict[str, Any]] = []
    with naming(receipts_file):
        for packed in read_receipts(receipts_file):
            receipt = Receipt.unpack(packed, 0)
            (x, y), s = receipt.signature.r8, receipt.signature.s
            shown.append({"bytes": str(receipt.num_bytes), "ctx": str(receipt.ctx)})
            shown[-1] |= {"r8x": str(x), "r8y": str(y), "s": str(s)}
    if as_json:
        output.result_json({"receipts": shown})
    else:
        output.result("\n\n".join(map(output.table, shown)))


def read_receipts(path: str) -> list[bytes]:
    """Packed receipts of 105 bytes each, from hex lines or one after another; their version byte tells which it is."""
    from ...formats.files import open_source
    from ...relay.receipt import RECEIPT_BYTES, RECEIPT_VERSION
    from ...relay.receipt_context import parse_hex

    with naming(path):
        data = bytes(open_source(source(path), limit_bytes=MAX_RECEIPTS_BYTES).view)
        if data[0] == RECEIPT_VERSION:
            return [data[at : at + RECEIPT_BYTES] for at in range(0, len(data), RECEIPT_BYTES)]
        lines = data.decode("ascii", errors="replace").split()
        return [parse_hex(f"receipt {index}", line) for index, line in enumerate(lines)]


def _refused(notes: list[Note], receipts: list[bytes], threads: int) -> dict[int, ZkrelayError]:
    """Each bad receipt with its error; those of a wrong length never reach the kernel."""
    from ...algebra.eddsa import PreparedPublicKey
    from ...errors import ReceiptLength, ReceiptOverCap
    from ...relay.receipt import RECEIPT_BYTES
    from ...relay.receipt_many import verify_receipts as verify_many
    from ...relay.receipt_many import verify_session_receipts

    refused: dict[int, ZkrelayError] = {
        index: ReceiptLength(f"a packed receipt has {RECEIPT_BYTES} bytes, not {len(packed)}")
        for index, packed in enumerate(receipts)
        if len(packed) != RECEIPT_BYTES
    }
    whole = [index for index in range(len(receipts)) if index not in refused]
    if len(notes) == 1:
        key = PreparedPublicKey(notes[0].public_key)
        packed = b"".join(receipts[index] for index in whole)
        verdict = verify_session_receipts(packed, notes[0].cm, key, threads=threads)
    else:
        items = [(receipts[index], notes[index].cm, notes[index].public_key) for index in whole]
        verdict = verify_many(items, threads=threads)
    refused |= {whole[place]: error for place, error in verdict.refused.items()}
    for index in whole:
        cap = notes[index if len(notes) > 1 else 0].cap
        if index not in refused and _num_bytes(receipts[index]) > cap:
            refused[index] = ReceiptOverCap(f"{_num_bytes(receipts[index])} bytes are above the note's cap of {cap}")
    return refused


def _num_bytes(packed: bytes) -> int:
    """The bytes that a packed receipt of the right length is for."""
    return int.from_bytes(packed[1:9], "little")
