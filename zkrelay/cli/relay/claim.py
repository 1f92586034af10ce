"""``zkrelay claim``: from notes and receipts to a claim, its proof and its payment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .. import output
from ..errors import CommandError, ExitCode, naming
from ..files import only_one_stdin
from ..options import Force, Json, usable_cpus
from .options import DomainFile, Ledger, NodeKey, Output, number
from .options import Epoch as LedgerEpoch
from .proving import Key, Program, Threads, Workers, prove_items, prover_files, tell
from .receipt import read_receipts
from .records import (
    check_place,
    open_ledger,
    read_claims,
    read_domain,
    read_leaves,
    read_notes,
    read_proved_claims,
    write_records,
)
from .verifying import VerifyingKeyFile, verify_submissions

if TYPE_CHECKING:
    from ...relay.domain import Domain

app = typer.Typer(no_args_is_help=True, help="Build, prove, commit, verify and redeem claims.")

Drafts = Annotated[list[str], typer.Argument(metavar="CLAIMS...", help="Claims from `claim build`; - is stdin.")]
Proved = Annotated[list[str], typer.Argument(metavar="PROOFS...", help="From `claim prove`; - is standard input.")]


@app.command("build")
def build_claims(
    domain_file: DomainFile,
    notes_file: Annotated[str, typer.Argument(metavar="NOTES", help="Notes, one a line; - is standard input.")],
    receipts_file: Annotated[
        str, typer.Argument(metavar="RECEIPTS", help="The best receipt of each note, in order; - is standard input.")
    ],
    node_key: NodeKey,
    payout: Annotated[int, typer.Option(parser=number, metavar="ADDRESS", help="Who is paid.")],
    relayer: Annotated[int, typer.Option(parser=number, metavar="ADDRESS", help="Who carries the claim.")] = 0,
    relayer_fee: Annotated[int, typer.Option("--fee", parser=number, metavar="N", help="For the relayer.")] = 0,
    epoch: Annotated[
        int | None,
        typer.Option(min=0, metavar="N", help="The claim's epoch.", show_default="the ledger's present one"),
    ] = None,
    amount: Annotated[
        int | None, typer.Option(min=1, metavar="UNITS", help="Claim less than the receipt shows; of one note.")
    ] = None,
    venue: Annotated[int, typer.Option(min=0, metavar="N", help="Where it will be redeemed.")] = 0,
    leaves: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The tree's leaves, from `ledger leaves`, when there is no ledger here."),
    ] = None,
    out: Output = "claim.json",
    force: Force = False,
) -> None:
    """Build claims from notes and their receipts, each checked against the whole predicate. They hold secrets: 0600."""
    only_one_stdin([notes_file, receipts_file, leaves or ""])
    check_place(out, force)
    from ...relay.claim import Claim
    from ...relay.context import ClaimContext
    from ...relay.draft import CLAIM_TYPE, ClaimDraft
    from ...relay.identity import NodeIdentity
    from ...relay.merkle import MerkleTree
    from ...relay.receipt import Receipt

    domain, cms, epoch = _surroundings(domain_file, leaves, epoch)
    tree = MerkleTree(domain.arity, domain.depth)
    tree.extend(cms)
    with naming(node_key):
        node = NodeIdentity.load(node_key)
    notes, receipts = read_notes(notes_file), read_receipts(receipts_file)
    if len(notes) != len(receipts):
        raise CommandError(ExitCode.INPUT, f"{len(notes)} notes and {len(receipts)} receipts: one for each is needed")
    if amount is not None and len(notes) != 1:
        raise typer.BadParameter("--amount is for a single note")
    context = ClaimContext(payout, relayer, relayer_fee)
    positions = {cm: position for position, cm in enumerate(cms)}
    drafts = []
    for index, (note, packed) in enumerate(zip(notes, receipts, strict=True)):
        with naming(f"{notes_file}: note {index}"):
            if note.cm not in positions:
                raise CommandError(ExitCode.INPUT, f"{notes_file}: note {index} is not in the tree, or not final yet")
            path, receipt = tree.proof(positions[note.cm]), Receipt.unpack(packed, note.cm)
            claim = Claim.build(domain, note, receipt, node, path, context, epoch=epoch, amount=amount, venue=venue)
        drafts.append(ClaimDraft(domain, context, claim).to_dict())
    write_records(out, CLAIM_TYPE, drafts, force=force, private=True)


@app.command("commit")
def commit_claims(ledger_file: Ledger, claims: Drafts, epoch: LedgerEpoch = None, as_json: Json = False) -> None:
    """Record the commitments of claims now, to prove them later: within the window after the claim's epoch."""
    output.use_json(as_json)
    from .committing import commit

    commit(ledger_file, [draft.handle for draft in read_claims(claims)], epoch, as_json)


@app.command("prove")
def prove_claims(
    key_file: Key,
    claims: Drafts,
    program: Program = None,
    journal_file: Annotated[
        Path | None,
        typer.Option("--journal", metavar="FILE", help="Where venue and amount of claims with a share are kept."),
    ] = None,
    workers: Workers = 1,
    threads: Threads = None,
    out: Output = "claim-proof.json",
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Prove claims, each by itself; every proof is verified before it is written."""
    output.use_json(as_json)
    if as_json and out == "-":
        raise typer.BadParameter("the proofs and --json need a place each")
    check_place(out, force)
    from contextlib import nullcontext

    from ...relay.journal import Journal
    from ...relay.submission import CLAIM_PROOF_TYPE, ClaimSubmission

    drafts = read_claims(claims)
    files, _ = prover_files(key_file, program)
    with nullcontext() if journal_file is None else Journal(journal_file) as journal:
        made = prove_items([draft.claim for draft in drafts], files, workers, threads or usable_cpus(), journal)
    done = [ClaimSubmission(d.claim.statement, d.context, proof) for d, proof in zip(drafts, made.proofs, strict=True)]
    write_records(out, CLAIM_PROOF_TYPE, [submission.to_dict() for submission in done], force=force)
    tell(made, len(done), workers)
    if as_json:
        output.result_json(made.facts(len(done), workers))


@app.command("verify")
def verify_claims(vk_file: VerifyingKeyFile, proofs: Proved, threads: Threads = None, as_json: Json = False) -> None:
    """Verify proved claims under a key, all at once; no ledger is asked."""
    output.use_json(as_json)
    only_one_stdin([vk_file, *proofs])
    verify_submissions(vk_file, read_proved_claims(proofs), threads or usable_cpus(), as_json)


@app.command("redeem")
def redeem_claims(ledger_file: Ledger, proofs: Proved, epoch: LedgerEpoch = None, as_json: Json = False) -> None:
    """Let the ledger pay proved claims, each once. A refused one changes nothing and does not spoil the others."""
    output.use_json(as_json)
    from ...relay.settlement import Submission
    from .outcomes import report

    found = read_proved_claims(proofs)
    with open_ledger(ledger_file, epoch) as ledger:
        outcomes = ledger.redeem_many([Submission(s.statement.public_inputs, s.context, s.proof) for s in found])
    report(outcomes, as_json)


def _surroundings(path: Path, leaves_file: str | None, epoch: int | None) -> tuple[Domain, list[int], int]:
    """Domain, leaves of the note tree, and the claims' epoch, from a ledger or from files."""
    domain, file = read_domain(path)
    if file is None and epoch is None:
        raise typer.BadParameter("--epoch is needed where there is no ledger")
    if leaves_file is not None:
        leaves = read_leaves(leaves_file)
    elif file is not None:
        # the clock of a ledger of development keys stands where its caller says
        with file.open(epoch=epoch if file.allow_development else None) as ledger:
            leaves = ledger.final_leaves()
    else:
        raise typer.BadParameter("a domain's file alone holds no notes: give a ledger's, or --leaves")
    if epoch is None:
        assert file is not None
        epoch = file.epoch()
    return domain, leaves, epoch
