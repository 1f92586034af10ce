"""Verifying many proved claims or batches under one key, without a ledger."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from .. import output
from ..errors import naming
from ..files import source
from ..prove import DEVELOPMENT_WARNING

if TYPE_CHECKING:
    from ...errors import ZkrelayError
    from ...relay.submission import BatchSubmission, ClaimSubmission

VerifyingKeyFile = Annotated[
    str, typer.Argument(metavar="verification_key.json", help="The verifying key.", show_default=False)
]


def verify_submissions(
    vk_file: str, submissions: Sequence[ClaimSubmission | BatchSubmission], threads: int, as_json: bool
) -> None:
    """All proofs in one equation, and that payout and statement belong together; the bad ones are named.

    A note that stands in two of them is no fault here: a ledger pays it once.
    """
    from ...errors import WrongContext
    from ...formats import read_verifying_key
    from ...groth16 import verify_many
    from .outcomes import end, refusals

    with naming(vk_file):
        vk = read_verifying_key(source(vk_file))
    if vk.development:
        output.warn(f"{vk_file} is {DEVELOPMENT_WARNING}")
    start = time.perf_counter()
    items = [(submission.statement.public_inputs, submission.proof) for submission in submissions]
    refused: dict[int, ZkrelayError] = dict(verify_many(vk, items, threads=threads).refused)
    for index, submission in enumerate(submissions):
        if submission.context.aux != submission.statement.aux:
            refused.setdefault(index, WrongContext("the proof is bound to another payout address, relayer or fee"))
    seconds = time.perf_counter() - start
    sessions = sum(len(submission.nullifiers) for submission in submissions)
    if as_json:
        counts = {"num_proofs": len(submissions), "num_sessions": sessions}
        rest = {"refused": refusals(refused), "development": vk.development, "seconds": round(seconds, 4)}
        output.result_json({"valid": not refused, **counts, **rest})
    else:
        for index, error in sorted(refused.items()):
            output.result(f"INVALID {index}: {error}")
        if not refused:
            output.result("OK")
        count = f"{output.plural(len(submissions), 'proof')} of {output.plural(sessions, 'session')}"
        output.note(f"{count}, {len(refused)} refused, {output.duration(seconds)}")
    end(refused)
