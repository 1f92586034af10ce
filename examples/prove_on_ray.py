"""Prove the claims of a file in batches over Ray, on two workers of this machine, and kill one of them in the middle.

    python examples/prove_on_ray.py batch64.zkey claims.jsonl proofs.jsonl

It does the work of ``zkrelay batch prove`` and writes the same file, so that the two can be compared; needs the extra
``ray``.  The killed worker's proof is made again by another one; nothing is lost, and nothing is there twice.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from pathlib import Path

from zkrelay.relay.draft import CLAIM_TYPE, ClaimDraft, cut_drafts
from zkrelay.relay.fleet import ProverFiles
from zkrelay.relay.fleet_ray import prove_all_on_ray
from zkrelay.relay.record import read_records, to_line
from zkrelay.relay.submission import BATCH_PROOF_TYPE, BatchSubmission

WORKERS = 2
TASK = "_prove_on_worker"


def kill_one_worker() -> int:
    """SIGKILL, as the kernel does when memory runs out; Ray names its busy workers after what they run."""
    for command_line in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it ended since it was listed
            if f"ray::{TASK}".encode() in command_line.read_bytes():
                os.kill(int(command_line.parent.name), signal.SIGKILL)
                return int(command_line.parent.name)
    raise SystemExit("no worker is busy: nothing was killed")


def main() -> None:
    import ray

    key, claims, out = map(Path, sys.argv[1:])
    drafts = [ClaimDraft.from_dict(fields) for _, fields in read_records(claims, CLAIM_TYPE)]
    batches = cut_drafts(drafts, int(key.stem.removeprefix("batch")))
    start, killed = time.perf_counter(), list[int]()

    def on_progress(done: int, total: int) -> None:
        print(f"{time.perf_counter() - start:8.1f} s  {done} of {total} batches", file=sys.stderr)
        if done == total // 2:
            killed.append(kill_one_worker())

    ray.init(num_cpus=WORKERS, include_dashboard=False, log_to_driver=False)
    start = time.perf_counter()
    files = ProverFiles(str(key), str(key.with_suffix(".zkwp")))
    proofs = prove_all_on_ray([draft.batch for draft in batches], files, on_progress=on_progress)
    seconds = time.perf_counter() - start
    ray.shutdown()
    done = [BatchSubmission(d.batch.statement, d.context, proof) for d, proof in zip(batches, proofs, strict=True)]
    out.write_text("".join(to_line(BATCH_PROOF_TYPE, submission.to_dict()) + "\n" for submission in done))
    facts = {
        "num_proofs": len(done),
        "num_sessions": sum(submission.statement.count for submission in done),
        "workers": WORKERS,
        "killed_workers": len(killed),
        "seconds": round(seconds, 3),
        "sessions_per_second": round(len(drafts) / seconds, 2),
    }
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
