"""``zkrelay batch``: many sessions of one node in one proof and one payment."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from .. import output
from ..errors import CommandError, ExitCode
from ..files import only_one_stdin
from ..options import Force, Json, usable_cpus
from .options import Epoch, Ledger, Output
from .proving import Key, Program, Threads, Workers, prove_items, prover_files, slots_of, tell
from .records import check_place, open_ledger, read_claims, read_drafts, read_proved_batches, write_records
from .verifying import VerifyingKeyFile, verify_submissions

if TYPE_CHECKING:
    from ...relay.draft import BatchDraft

app = typer.Typer(no_args_is_help=True, help="Build, prove, commit, verify and redeem batches of claims.")

MAX_SLOTS = 1 << 16
Drafts = Annotated[
    list[str],
    typer.Argument(metavar="FILE...", help="Claims from `claim build`, or batches from `batch build`; - is stdin."),
]
Proved = Annotated[list[str], typer.Argument(metavar="PROOFS...", help="From `batch prove`; - is standard input.")]


@app.command("build")
def build_batches(
    claims: Annotated[list[str], typer.Argument(metavar="CLAIMS...", help="Claims from `claim build`; - is stdin.")],
    slots: Annotated[int, typer.Option(min=1, max=MAX_SLOTS, metavar="N", help="Of the batch circuit.")] = 64,
    out: Output = "batch.json",
    force: Force = False,
) -> None:
    """Cut claims into batches, to commit to them before they are proved. They hold the claims' secrets: mode 0600."""
    check_place(out, force)
    from ...relay.draft import BATCH_TYPE, cut_drafts

    batches = cut_drafts(read_claims(claims), slots)
    write_records(out, BATCH_TYPE, [batch.to_dict() for batch in batches], force=force, private=True)


@app.command("commit")
def commit_batches(
    ledger_file: Ledger,
    batches: Annotated[list[str], typer.Argument(metavar="BATCHES...", help="From `batch build`; - is stdin.")],
    epoch: Epoch = None,
    as_json: Json = False,
) -> None:
    """Record the commitments of batches now, to prove them later."""
    output.use_json(as_json)
    from .committing import commit

    commit(ledger_file, [draft.handle for draft in _only_batches(batches)], epoch, as_json)


@app.command("prove")
def prove_batches(
    key_file: Key,
    drafts: Drafts,
    program: Program = None,
    workers: Workers = 1,
    threads: Threads = None,
    out: Output = "batch-proof.json",
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Prove batches, one record a line: claims are cut into batches of the circuit's size, batches are kept.

    With --workers the proofs are made side by side, in processes that map the key once; each then has one thread,
    unless --threads says otherwise.
    """
    output.use_json(as_json)
    if as_json and out == "-":
        raise typer.BadParameter("the proofs and --json need a place each")
    check_place(out, force)
    from ...relay.draft import ClaimDraft, cut_drafts
    from ...relay.submission import BATCH_PROOF_TYPE, BatchSubmission

    found = read_drafts(drafts)
    files, circuit = prover_files(key_file, program)
    slots = slots_of(circuit, key_file)
    batches = cut_drafts([draft for draft in found if isinstance(draft, ClaimDraft)], slots)
    for draft in found:
        if not isinstance(draft, ClaimDraft):
            _check_slots(draft, slots)
            batches.append(draft)
    made = prove_items(
        [draft.batch for draft in batches], files, workers, threads or (1 if workers > 1 else usable_cpus())
    )
    done = [BatchSubmission(d.batch.statement, d.context, proof) for d, proof in zip(batches, made.proofs, strict=True)]
    write_records(out, BATCH_PROOF_TYPE, [submission.to_dict() for submission in done], force=force)
    num_sessions = sum(submission.statement.count for submission in done)
    tell(made, num_sessions, workers)
    if as_json:
        output.result_json({**made.facts(num_sessions, workers), "num_slots": slots})


@app.command("verify")
def verify_batches(vk_file: VerifyingKeyFile, proofs: Proved, threads: Threads = None, as_json: Json = False) -> None:
    """Verify proved batches under a key, all in one equation; no ledger is asked."""
    output.use_json(as_json)
    only_one_stdin([vk_file, *proofs])
    verify_submissions(vk_file, read_proved_batches(proofs), threads or usable_cpus(), as_json)


@app.command("redeem")
def redeem_batches(ledger_file: Ledger, proofs: Proved, epoch: Epoch = None, as_json: Json = False) -> None:
    """Let the ledger pay proved batches, each whole and once. A refused one does not spoil the others."""
    output.use_json(as_json)
    from .outcomes import report, tried

    found = read_proved_batches(proofs)
    with open_ledger(ledger_file, epoch) as ledger:
        outcomes = [
            tried(partial(ledger.redeem_batch, s.statement.vector, s.statement.h, s.context, s.proof)) for s in found
        ]
    report(outcomes, as_json)


def _only_batches(paths: list[str]) -> list[BatchDraft]:
    from ...relay.draft import BatchDraft

    found = read_drafts(paths)
    batches = [draft for draft in found if isinstance(draft, BatchDraft)]
    if len(batches) != len(found):
        raise CommandError(ExitCode.INPUT, "single claims have commitments of their own: `claim commit` records them")
    return batches


def _check_slots(draft: BatchDraft, slots: int) -> None:
    if draft.batch.statement.num_slots != slots:
        have = draft.batch.statement.num_slots
        raise CommandError(ExitCode.INPUT, f"a batch was built for {have} slots, and the key's circuit has {slots}")
