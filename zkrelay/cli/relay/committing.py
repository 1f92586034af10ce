"""Commit now, prove later: recording what claims and batches are known by before they are proved."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .. import output
from .records import open_ledger


def commit(ledger_file: Path, handles: Sequence[int], epoch: int | None, as_json: bool) -> None:
    """Record each handle, and print the first epoch that it was recorded in: again changes nothing."""
    with open_ledger(ledger_file, epoch) as ledger:
        epochs = [ledger.commit(handle) for handle in handles]
    rows = list(zip(handles, epochs, strict=True))
    if as_json:
        output.result_json({"commitments": [{"handle": str(handle), "epoch": first} for handle, first in rows]})
    else:
        for index, (handle, first) in enumerate(rows):
            output.result(f"COMMITTED {index}: {handle} in epoch {first}")
