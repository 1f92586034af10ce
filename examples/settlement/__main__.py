"""The service at the shell, in the folder above this one:

    python -m settlement serve ledger.json --port 8080 --token-file token
    python -m settlement serve ledger.json --faucet                  test money: everybody may deposit
    python -m settlement openapi ledger.json > openapi.json

``ledger.json`` is made by ``zkrelay ledger init``, with its store: SQLite, or PostgreSQL by a URL.  Runs until SIGINT
or SIGTERM, and then finishes what runs.
"""

from __future__ import annotations

import argparse
import json
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from zkrelay.errors import ZkrelayError
from zkrelay.formats import read_verifying_key
from zkrelay.relay.funding import FundingDomain
from zkrelay.relay.ledger_file import LedgerFile
from zkrelay.relay.numbers import parse_decimals
from zkrelay.relay.record import read_record

from .app import Access, Limits, bordered, make_app, openapi
from .log import LOGGER, start_logging
from .service import Service
from .unit import UnitStore

FUNDING_TYPE = "zkrelay-funding-domain"
_FUNDING_NAMES = ("chain_id", "contract", "funding_tree_no", "ticket_bytes", "fee_bytes", "depth")
GRACE_S = 60


@contextmanager
def opened(options: argparse.Namespace) -> Iterator[Service]:
    """The service over the ledger that the options name, while the block runs; raises as ``LedgerFile.over``."""
    path: Path = options.ledger
    file = LedgerFile.read(path)
    funding = None
    if options.funding is not None:
        fields = read_record(options.funding, FUNDING_TYPE)[1]
        funding = FundingDomain(**parse_decimals("a funding domain", fields, _FUNDING_NAMES))
    with file.open_store() as writer, file.open_store() as reader:
        store = UnitStore(writer, reader)
        settlement = file.over(
            store,
            funding=funding,
            open_verifier=None if options.open_key is None else read_verifying_key(options.open_key),
        )
        yield Service(
            store,
            settlement,
            file.epoch,
            epoch_seconds=file.epoch_seconds,
            is_test_money=file.allow_development,
        )


def serve(options: argparse.Namespace) -> int:
    start_logging()
    access = Access(options.token_file and options.token_file.read_text(encoding="utf-8").strip(), options.faucet)
    limits = Limits(max_body_bytes=options.max_body, queue=options.queue)
    with opened(options) as service:
        app = make_app(service, access, limits)
        config = uvicorn.Config(
            bordered(app, limits),
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=options.behind_proxy,
            timeout_keep_alive=10,
            timeout_graceful_shutdown=GRACE_S,
        )
        with socket.create_server((options.host, options.port), backlog=256) as listener:
            port = listener.getsockname()[1]
            print(json.dumps({"port": port}), flush=True)
            LOGGER.info("started", extra={"port": port})
            run_until_told(uvicorn.Server(config), listener)
    LOGGER.info("stopped")
    return 0


def run_until_told(server: uvicorn.Server, listener: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM; then finish what runs, and return.

    uvicorn has handlers of its own while it serves, and afterwards sends itself the signal again: these here take it.
    """

    def stop(*_: object) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        server.run([listener])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def describe(options: argparse.Namespace) -> int:
    with opened(options) as service:
        print(json.dumps(openapi(make_app(service)), indent=1))
    return 0


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m settlement", description="The settlement service.")
    verbs = top.add_subparsers(dest="verb", required=True)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("ledger", type=Path, help="the ledger's file, from zkrelay ledger init")
    shared.add_argument("--funding", type=Path, help="the funding tree whose tickets open notes: a JSON record")
    shared.add_argument("--open-key", type=Path, help="the verifying key of the circuit open")
    serving = verbs.add_parser("serve", parents=[shared], help="answer requests until told to stop")
    serving.set_defaults(run=serve)
    serving.add_argument("--host", default="127.0.0.1")
    serving.add_argument(
        "--port", type=_number(0, 65535), default=0, help="0, the default, takes a free one and prints it"
    )
    serving.add_argument("--token-file", type=Path, help="holds the token of whoever may say that money came in")
    serving.add_argument("--faucet", action="store_true", help="test money: everybody may say so")
    serving.add_argument("--max-body", type=_number(1, 1 << 30), default=Limits.max_body_bytes, metavar="BYTES")
    serving.add_argument(
        "--queue", type=_number(0, 1 << 20), default=Limits.queue, help="requests that may wait for a worker"
    )
    serving.add_argument("--behind-proxy", action="store_true", help="believe X-Forwarded-For of a proxy on this host")
    verbs.add_parser("openapi", parents=[shared], help="print the description of the service").set_defaults(
        run=describe
    )
    return top


def _number(low: int, high: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"{text} is not in {low} to {high}")
        return int(text)

    return number


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (ZkrelayError, OSError, ValueError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
