"""A process of its own that redeems claims on a ledger file: ``python redeem_worker.py LEDGER EPOCH SEED CRASH NF...``.

Says "ready", waits for a line on stdin, redeems each nf once in an order that SEED gives, and prints the outcomes as
JSON.  CRASH is "no", or the moment at which the process kills itself: "verified", "nullified" or "paid".
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from collections.abc import Callable
from typing import Any

from fake_verifier import FakeVerifier, fake_proof

from zkrelay.errors import SettlementRefused
from zkrelay.relay.context import ClaimContext
from zkrelay.relay.domain import Domain
from zkrelay.relay.settlement import Settlement
from zkrelay.relay.statement import ClaimStatement
from zkrelay.relay.store_sqlite import SqliteStore, SqliteTransaction

DOMAIN = Domain(chain_id=31337, contract=0xC0FFEE, tree_no=1, unit=1000, price_per_unit=3, arity=4, depth=3)
CONTEXT = ClaimContext(payout_address=0xABCDEF)
WINDOW = 3
AMOUNT = 10


def open_settlement(path: str, epoch: int) -> Settlement:
    return Settlement(SqliteStore(path), DOMAIN, FakeVerifier(), clock=lambda: epoch, window=WINDOW)


def statement(settlement: Settlement, epoch: int, nf: int) -> ClaimStatement:
    return ClaimStatement(
        domain=DOMAIN.value,
        root=settlement.root,
        payee=7,
        amount=AMOUNT,
        epoch=epoch,
        venue=0,
        nf=nf,
        cc=1,
        aux=CONTEXT.aux,
    )


def redeem(settlement: Settlement, epoch: int, nf: int) -> str:
    """ "paid", or the name of the refusal."""
    claim = statement(settlement, epoch, nf)
    try:
        settlement.redeem(claim.public_inputs, CONTEXT, fake_proof(claim))
    except SettlementRefused as refusal:
        return type(refusal).__name__
    return "paid"


def dying_after(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function``, then SIGKILL: no rollback, no close, no interpreter exit."""

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        function(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    return wrapped


def main(path: str, epoch: str, seed: str, crash: str, *nullifiers: str) -> None:
    settlement = open_settlement(path, int(epoch))
    moments = {
        "verified": (FakeVerifier, "verify"),
        "nullified": (SqliteTransaction, "insert_nullifiers"),
        "paid": (SqliteTransaction, "insert_payments"),
    }
    if crash != "no":
        owner, name = moments[crash]
        setattr(owner, name, dying_after(getattr(owner, name)))
    order = [int(nf) for nf in nullifiers]
    random.Random(seed).shuffle(order)
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps({nf: redeem(settlement, int(epoch), nf) for nf in order}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
