"""A client's process: for each journey a tunnel with a payer for each hop, a file through it, and the sessions' end.

    python -m network.traveller journeys.json

Says in lines of JSON how far it is, and after each journey what it counted.  The file holds paths and public keys:

    {"key": ..., "domain": ..., "journeys": [...]}      of each {"hops": [{"key", "address"}], "wallets", "url"}
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tunnel.__main__ import read_key
from tunnel.circuit import CircuitClient, Hop
from tunnel.client import Socks5Front
from tunnel.payer import Payer
from tunnel.wallet import Wallet

from zkrelay.errors import ZkrelayError
from zkrelay.relay.domain import Domain
from zkrelay.relay.record import read_record

from .fetch import fetch

_SAY_EVERY_S = 0.2


def say(**words: Any) -> None:
    print(json.dumps(words), flush=True)


async def travel(orders: dict[str, Any]) -> None:
    static = read_key(Path(orders["key"]))
    _, fields = read_record(Path(orders["domain"]), "zkrelay-domain")
    domain = Domain.from_strings(fields)
    for number, journey in enumerate(orders["journeys"]):
        hops = [Hop(bytes.fromhex(hop["key"]), hop["address"] and tuple(hop["address"])) for hop in journey["hops"]]
        with ExitStack() as files:
            payers = [Payer(files.enter_context(Wallet(path)), domain) for path in journey["wallets"]]
            client = CircuitClient(static, hops, payers=payers)
            front = Socks5Front(client)
            await front.start()
            try:
                host, port, path = journey["url"]
                fetched = await fetch(front.port, host, port, path, _teller(number))
                tabs = [await payer.tab() for payer in payers]
            finally:
                await front.stop()
        ends = [
            {
                "cm": str(tab.funded.note.cm),
                "carried": traffic.received + traffic.sent,
                "counted": tab.counted,
                "signed": payer.signed_bytes,
                "acknowledged": tab.acknowledged,
            }
            for payer, tab, traffic in zip(payers, tabs, client.hop_traffic, strict=True)
        ]
        say(journey=number, fetched=asdict(fetched), hops=ends)


def _teller(number: int) -> Callable[[int], None]:
    last = 0.0

    def tell(num_bytes: int) -> None:
        nonlocal last
        if time.monotonic() > last + _SAY_EVERY_S:
            last = time.monotonic()
            say(journey=number, so_far=num_bytes)

    return tell


def main() -> None:
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    try:
        asyncio.run(travel(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
    except (ZkrelayError, OSError) as error:
        raise SystemExit(f"error: {type(error).__name__}: {error}") from None


if __name__ == "__main__":
    main()
