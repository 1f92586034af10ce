"""Records in and out of commands: files and standard input, many at once, and the ledger behind a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import output
from ..errors import naming
from ..files import check_targets, only_one_stdin, source, write_together

if TYPE_CHECKING:
    from ...relay.domain import Domain
    from ...relay.draft import BatchDraft, ClaimDraft
    from ...relay.ledger_file import LedgerFile
    from ...relay.note import Note
    from ...relay.settlement import Settlement
    from ...relay.submission import BatchSubmission, ClaimSubmission

NOTE_TYPE = "zkrelay-note"
DOMAIN_TYPE = "zkrelay-domain"
MAX_LEAVES_BYTES = 1 << 30


def record_types() -> tuple[str, ...]:
    """Every type of record that a command reads or writes."""
    from ...relay.deposit_order import DEPOSIT_TYPE
    from ...relay.draft import BATCH_TYPE, CLAIM_TYPE
    from ...relay.funding import FUNDING_KEY_TYPE
    from ...relay.identity import NODE_KEY_TYPE, SESSION_KEY_TYPE
    from ...relay.ledger_file import LEDGER_TYPE
    from ...relay.submission import BATCH_PROOF_TYPE, CLAIM_PROOF_TYPE
    from .ledger import REFUND_TYPE

    keys = (SESSION_KEY_TYPE, NODE_KEY_TYPE, FUNDING_KEY_TYPE)
    books = (DOMAIN_TYPE, LEDGER_TYPE, NOTE_TYPE, DEPOSIT_TYPE, REFUND_TYPE)
    return (*keys, *books, CLAIM_TYPE, BATCH_TYPE, CLAIM_PROOF_TYPE, BATCH_PROOF_TYPE)


def each_record(paths: Iterable[str], *kinds: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(file, type, fields) of every record, in order; what is raised about a record's fields names the file."""
    from ...relay.record import read_records

    paths = list(paths)
    only_one_stdin(paths)
    for path in paths:
        with naming(path):
            for kind, fields in read_records(source(path), *kinds):
                yield path, kind, fields


def read_notes(path: str) -> list[Note]:
    from ...relay.note import Note

    with naming(path):
        return [Note.from_dict(fields) for _, _, fields in each_record([path], NOTE_TYPE)]


def read_drafts(paths: Iterable[str]) -> list[ClaimDraft | BatchDraft]:
    """Claims and batches that were built and not proved."""
    from ...relay.draft import BATCH_TYPE, CLAIM_TYPE, BatchDraft, ClaimDraft

    drafts: list[ClaimDraft | BatchDraft] = []
    for path, kind, fields in each_record(paths, CLAIM_TYPE, BATCH_TYPE):
        with naming(path):
            drafts.append(ClaimDraft.from_dict(fields) if kind == CLAIM_TYPE else BatchDraft.from_dict(fields))
    return drafts


def read_claims(paths: Iterable[str]) -> list[ClaimDraft]:
    """Claims that were built and not proved."""
    from ...relay.draft import CLAIM_TYPE, ClaimDraft

    drafts = []
    for path, _, fields in each_record(paths, CLAIM_TYPE):
        with naming(path):
            drafts.append(ClaimDraft.from_dict(fields))
    return drafts


def read_proved_claims(paths: Iterable[str]) -> list[ClaimSubmission]:
    from ...relay.submission import CLAIM_PROOF_TYPE, ClaimSubmission

    found = []
    for path, _, fields in each_record(paths, CLAIM_PROOF_TYPE):
        with naming(path):
            found.append(ClaimSubmission.from_dict(fields))
    return found


def read_proved_batches(paths: Iterable[str]) -> list[BatchSubmission]:
    from ...relay.submission import BATCH_PROOF_TYPE, BatchSubmission

    found = []
    for path, _, fields in each_record(paths, BATCH_PROOF_TYPE):
        with naming(path):
            found.append(BatchSubmission.from_dict(fields))
    return found


def read_domain(path: Path) -> tuple[Domain, LedgerFile | None]:
    """The domain of a domain's file, or of a ledger's, and then the ledger's file too."""
    from ...relay.domain import Domain
    from ...relay.ledger_file import LEDGER_TYPE, LedgerFile
    from ...relay.record import read_record

    with naming(path):
        kind, fields = read_record(source(str(path)), DOMAIN_TYPE, LEDGER_TYPE)
        if kind == DOMAIN_TYPE:
            return Domain.from_strings(fields), None
        file = LedgerFile.from_dict(fields, path.parent)
        return file.domain, file


def read_leaves(path: str) -> list[int]:
    """What ``ledger leaves`` wrote: decimal numbers, one a line."""
    from ...formats.files import open_source
    from ...relay.numbers import parse_decimal

    with naming(path):
        text = bytes(open_source(source(path), limit_bytes=MAX_LEAVES_BYTES).view).decode("ascii", errors="replace")
        return [parse_decimal(f"leaf {position}", line) for position, line in enumerate(text.split())]


def read_ledger(path: Path) -> LedgerFile:
    from ...relay.ledger_file import LEDGER_TYPE, LedgerFile
    from ...relay.record import read_record

    with naming(path):
        _, fields = read_record(source(str(path)), LEDGER_TYPE)
        return LedgerFile.from_dict(fields, path.parent)


@contextmanager
def open_ledger(path: Path, epoch: int | None = None) -> Iterator[Settlement]:
    """The ledger that a file describes; ``epoch`` in place of its clock's."""
    with read_ledger(path).open(epoch=epoch) as ledger:
        yield ledger


def check_place(out: str, force: bool) -> None:
    """Before any work: whether the records can go there."""
    if out != "-":
        check_targets([Path(out)], force=force)


def write_records(
    out: str, kind: str, objects: Iterable[Mapping[str, Any]], *, force: bool, private: bool = False
) -> None:
    """One line for each of ``objects``, which are fields of records of one type; ``private`` gives mode 0600."""
    from ...relay.record import to_line

    write_lines(out, [to_line(kind, fields) for fields in objects], force=force, private=private)


def write_lines(out: str, lines: Iterable[str], *, force: bool, private: bool = False) -> None:
    """Lines to a file, whole or not at all, or to standard output."""
    from ...formats import write_bytes

    if out == "-":
        for line in lines:
            output.result(line)
        return
    target, data = Path(out), "".join(f"{line}\n" for line in lines).encode()
    write_together([(target, lambda path: write_bytes(path, data, overwrite=force, private=private))])
    output.note(f"wrote {out}" + (" (secret: only you can read it)" if private else ""))
