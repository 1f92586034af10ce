"""The tunnel's options and verbs for probes: a client that asks canaries, and the servers that it asks.

canary        answer probes
challenger    send random bytes to whoever asks, and sign how long they took
reputation    what testimonies say of a node, by what a ledger paid for it
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from zkrelay.errors import FormatError
from zkrelay.relay.key_file import write_private_file

from .address import Address
from .errors import TestimonyRefused
from .listener import log

if TYPE_CHECKING:  # loaded where it is used: an unpaid tunnel starts without any of it
    from .client import TunnelClient
    from .payer import Payer
    from .reputation import Reputation, Testimony

Endpoint = tuple[str, int]
_MAX_TESTIMONY_BYTES = 1 << 22


def add_probe_options(parser: argparse.ArgumentParser, place: Callable[[str], tuple[bytes, Endpoint]]) -> None:
    parser.add_argument(
        "--canary", type=place, action="append", default=[], metavar="HOST:PORT=HEX", help="probe this canary"
    )
    parser.add_argument("--probe-every", type=float, default=30.0, metavar="SECONDS", help="in the mean")
    parser.add_argument(
        "--testimonies", type=Path, metavar="FOLDER", help="write what each session says of its node; holds its secret"
    )


def add_probe_verbs(verbs: Any, endpoint: Callable[[str], Endpoint]) -> None:
    for name, text in (("canary", "answer probes"), ("challenger", "send random bytes, and sign how long they took")):
        verb = verbs.add_parser(name, help=text)
        verb.add_argument("key", type=Path)
        verb.add_argument("--listen", type=endpoint, required=True, metavar="HOST:PORT")
    verb = verbs.add_parser("reputation", help="weigh testimonies by what a ledger paid")
    verb.add_argument("ledger", type=Path, help="the file of zkrelay ledger init")
    verb.add_argument("testimonies", type=Path, nargs="+", metavar="FILE")
    verb.add_argument("--payee", type=int, required=True)
    verb.add_argument("--challenger", type=bytes.fromhex, action="append", default=[], metavar="HEX")
    verb.set_defaults(run=run_reputation)


async def run_server(options: argparse.Namespace, static: X25519PrivateKey, until_told: Callable[[], Any]) -> None:
    """Of the verb ``canary`` or ``challenger``."""
    from .canary import CanaryServer
    from .challenger import ChallengeServer
    from .paid_commands import key_for

    host, port = options.listen
    if options.verb == "canary":
        key = key_for(b"zkr-can", static)
        server: CanaryServer | ChallengeServer = CanaryServer(key, host=host, port=port)
    else:
        key = key_for(b"zkr-chal", static)
        server = ChallengeServer(key, host=host, port=port)
    await server.start()
    print(json.dumps({"port": server.port, "key": bytes(key.verify_key).hex()}), flush=True)
    await until_told()
    await server.stop()


@contextlib.asynccontextmanager
async def probing(options: argparse.Namespace, client: TunnelClient, payers: Sequence[Payer]) -> AsyncIterator[None]:
    """Probe meanwhile, where canaries were named; the last hop's receipts sign the results."""
    if not options.canary:
        yield
        return
    from .canary import Canary, Prober
    from .splice import cancel

    canaries = [Canary(Address(*place), key) for key, place in options.canary]
    record = payers[-1].record if payers else lambda result: None
    running = asyncio.create_task(Prober(client.open, canaries, record, mean_s=options.probe_every).run())
    try:
        yield
    finally:
        await cancel(running)


def keeper_of(options: argparse.Namespace) -> Callable[[Testimony], None] | None:
    """Writes each testimony into ``--testimonies``, for its owner alone."""
    folder: Path | None = options.testimonies
    if folder is None:
        return None
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def keep(testimony: Testimony) -> None:
        path = folder / f"{testimony.note.cm:064x}.json"
        try:
            write_private_file(path, json.dumps(testimony.to_dict()).encode("ascii"), overwrite=True)
        except OSError as error:
            log.error("client: a testimony is not written: %s", error)

    return keep


def run_reputation(options: argparse.Namespace) -> None:
    """Prints score and measures; a testimony that adds nothing is named with its reason."""
    from zkrelay.relay.ledger_file import LedgerFile

    from .reputation import Reputation, paid_claims

    with LedgerFile.read(options.ledger.resolve()).open() as ledger:
        paid, domain = paid_claims(ledger.payments()), ledger.domain.value
    reputation = Reputation(options.payee, domain, paid, challengers=options.challenger)
    refused = weigh(reputation, options.testimonies)
    measures = {name: getattr(reputation, name) for name in ("score", "paid", "num_probes", "num_lost")}
    print(json.dumps({**measures, "bytes_a_second": reputation.bytes_a_second, "refused": refused}))


def weigh(reputation: Reputation, paths: Sequence[Path]) -> dict[str, str]:
    """Add the testimonies in ``paths``; returns why others add nothing, by their paths.  Raises ``OSError``."""
    from zkrelay.formats.strict_json import read_json

    from .reputation import Testimony

    refused = {}
    for path in paths:
        try:
            reputation.add(Testimony.from_dict(read_json(path, limit_bytes=_MAX_TESTIMONY_BYTES).value))
        except (TestimonyRefused, FormatError) as error:
            refused[str(path)] = str(error)
    return refused
