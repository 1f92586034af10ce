"""The tunnel's options and verbs for payment: a node that asks for it, a client that pays, and their two helpers.

fund       the client's: put notes for a node into a wallet, or into each of several
collect    the node's: claim, prove and redeem what clients have signed; ``node`` starts one beside itself
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from hashlib import blake2s
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from .listener import log
from .priority import DEFAULT_SHARE, LOWEST_PRIORITY, DutyCycle, give_way

if TYPE_CHECKING:  # loaded where it is used: an unpaid tunnel starts without any of it
    from nacl.signing import SigningKey

    from .cashier import Cashier
    from .payer import Payer

_IDLE_S = 0.5
_RESTART_S = 5.0


def add_node_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--paid", metavar="LEDGER", help="carry what is paid for by notes of this ledger, nothing else")
    parser.add_argument("--window", type=int, default=4 << 20, help="bytes that may be unsigned for")
    parser.add_argument("--margin", type=int, default=2, help="epochs without service before a note expires")
    parser.add_argument("--report", type=float, metavar="SECONDS", help="print the counts so often")
    _add_claim_options(parser, required=False)


def add_client_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--wallet",
        type=Path,
        action="append",
        default=[],
        help="pay with the notes of this wallet; over relays once for each hop, in their order",
    )
    parser.add_argument("--domain", type=Path, help="the domain of these notes: the file of zkrelay ledger domain")


def key_for(use: bytes, static: X25519PrivateKey) -> SigningKey:
    """An Ed25519 key from a static key, for one use: there is one file to keep."""
    from nacl.signing import SigningKey

    return SigningKey(blake2s(static.private_bytes_raw(), person=use).digest())


def add_verbs(verbs: Any) -> None:
    fund = verbs.add_parser("fund", help="put notes for a node into a wallet")
    fund.add_argument("wallet", type=Path, nargs="+", help="each of them gets as many notes")
    fund.add_argument("--ledger", required=True)
    fund.add_argument("--payee", type=int, required=True, help="of the node, as it prints it")
    fund.add_argument("--cap", type=int, required=True, help="bytes that a note pays for")
    fund.add_argument("--epochs", type=int, required=True, help="for how many epochs a note is good")
    fund.add_argument("--count", type=int, default=1)
    fund.set_defaults(run=run_fund)
    collect = verbs.add_parser("collect", help="claim, prove and redeem what clients have signed")
    collect.add_argument("--ledger", required=True)
    collect.add_argument("--nice", type=int, default=LOWEST_PRIORITY, help="added to the priority number")
    collect.add_argument("--until-idle", action="store_true", help="end when there is nothing left to do")
    _add_claim_options(collect, required=True)
    collect.set_defaults(run=run_collect)


def _add_claim_options(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument("--identity", type=Path, required=required, help="of zkrelay key new --kind node")
    parser.add_argument("--sessions", type=Path, required=required, help="the node's file of sessions")
    parser.add_argument("--payout", type=lambda text: int(text, 0), required=required, help="address that is paid")
    parser.add_argument("--zkey", type=Path, required=required, help="proving key of the claim or batch circuit")
    parser.add_argument("--zkwp", type=Path, required=required, help="witness program of the same circuit")
    parser.add_argument("--slots", type=int, default=1, help="sessions of one proof, for a batch circuit")
    parser.add_argument("--gather", type=float, default=0.0, metavar="SECONDS", help="wait so long for a full batch")
    parser.add_argument(
        "--share",
        type=_share,
        default=DEFAULT_SHARE,
        help=f"of one processor's time that proving may take while nothing is urgent: {DEFAULT_SHARE}; up to 1",
    )


def _share(text: str) -> float:
    if not 0 < float(text) <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not above 0 and at most 1")
    return float(text)


def run_fund(options: argparse.Namespace) -> None:
    from .ledger import open_settlement
    from .wallet import Wallet

    with open_settlement(options.ledger) as settlement:
        expiry = settlement.state().epoch + options.epochs
        for path in options.wallet:
            with Wallet(path) as wallet:
                for _ in range(options.count):
                    funded = wallet.fund(settlement, options.payee, options.cap, expiry)
                    print(json.dumps({"position": funded.position, "cap": options.cap, "expiry": expiry}))


def run_collect(options: argparse.Namespace) -> None:
    """Until the parent is gone, or with ``--until-idle`` until there is nothing to do."""
    from zkrelay.formats import open_prover
    from zkrelay.relay.context import ClaimContext
    from zkrelay.relay.identity import NodeIdentity

    from .collector import Collector, LibraryProving
    from .ledger import open_settlement
    from .sessions import SessionFile

    give_way(options.nice)
    parent = os.getppid()
    with (
        open_settlement(options.ledger) as settlement,
        SessionFile(options.sessions) as sessions,
        open_prover(options.zkey, options.zkwp) as prover,
    ):
        collector = Collector(
            settlement,
            sessions,
            NodeIdentity.load(options.identity),
            LibraryProving(prover, options.slots),
            ClaimContext(options.payout),
            gather_s=options.gather,
            duty=DutyCycle(1.0 if options.until_idle else options.share),  # else somebody waits for the end
        )
        while os.getppid() == parent:
            if collector.step():
                continue
            if options.until_idle:
                break
            time.sleep(_IDLE_S)
        print(json.dumps(sessions.statistics()))


@contextlib.asynccontextmanager
async def cashier_of(options: argparse.Namespace, static: X25519PrivateKey) -> AsyncIterator[Cashier | None]:
    """What ``--paid`` asks for, with a collector beside it when there is a proving key."""
    if options.paid is None:
        yield None
        return
    needs = [("paid", "identity"), ("paid", "sessions")]
    if options.zkey is not None:  # claims without an address would pay the address 0, which is nobody's
        needs += [("zkey", "zkwp"), ("zkey", "payout")]
    for given, needed in needs:
        if getattr(options, needed) is None:
            raise SystemExit(f"error: --{given} needs --{needed}")
    from zkrelay.relay.identity import NodeIdentity

    from .cashier import Cashier, Terms
    from .ledger import open_settlement
    from .sessions import SessionFile

    identity = NodeIdentity.load(options.identity)
    terms = Terms(window_bytes=options.window, margin=options.margin)
    with open_settlement(options.paid) as settlement, SessionFile(options.sessions) as sessions:
        cashier = Cashier(settlement, sessions, identity, key_for(b"zkr-ack", static), terms)
        watching = asyncio.create_task(_keep_collecting(options)) if options.zkey is not None else None
        reporting = asyncio.create_task(_report(cashier, options.report)) if options.report else None
        try:
            yield cashier
        finally:
            for task in (watching, reporting):
                if task is not None:
                    task.cancel()
                    await asyncio.gather(task, return_exceptions=True)


@contextlib.contextmanager
def payers_of(options: argparse.Namespace) -> Iterator[list[Payer]]:
    """One for each hop, or none."""
    if not options.wallet:
        yield []
        return
    if options.domain is None:
        raise SystemExit("error: --wallet needs --domain")
    if len(options.wallet) != max(1, len(options.hop)):
        raise SystemExit("error: each hop is paid out of a wallet of its own")
    from zkrelay.relay.domain import Domain
    from zkrelay.relay.record import read_record

    from .payer import Payer
    from .probe_commands import keeper_of
    from .wallet import Wallet

    _, fields = read_record(options.domain, "zkrelay-domain")
    domain = Domain.from_strings(fields)
    with contextlib.ExitStack() as wallets:
        keep = keeper_of(options)
        yield [Payer(wallets.enter_context(Wallet(path)), domain, keep=keep) for path in options.wallet]


async def _report(cashier: Cashier, seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        print(json.dumps(await asyncio.to_thread(cashier.statistics)), flush=True)


async def _keep_collecting(options: argparse.Namespace) -> None:
    """A collector in a process of its own, started again when it dies; it ends when this process does."""
    arguments = ["--ledger", options.paid, "--payout", str(options.payout)]
    for name in ("identity", "sessions", "zkey", "zkwp", "slots", "gather", "share"):
        arguments += [f"--{name}", str(getattr(options, name))]
    while True:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", __package__, "collect", *arguments, stdout=subprocess.DEVNULL
        )
        try:
            code = await process.wait()
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()
        log.error("node: the collector ended with code %d: it is started again", code)
        await asyncio.sleep(_RESTART_S)
