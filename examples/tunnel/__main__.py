"""The tunnel at the shell, in the folder above this one:

    python -m tunnel key client.key                      make a key, print its public part
    python -m tunnel node node.key --listen 0.0.0.0:7000 --peer HEX --open-port 443
    python -m tunnel client client.key --node host:7000 --node-key HEX --socks 127.0.0.1:1080

Over relays (``circuit.py``), the first hop with its address and the others by key:

    python -m tunnel node relay.key --listen 0.0.0.0:7000 --peer CLIENT --next exit.example:7000=EXIT
    python -m tunnel node exit.key --listen 0.0.0.0:7000 --relay RELAY --open-port 443
    python -m tunnel client client.key --hop relay.example:7000=RELAY --hop EXIT

With ``node --paid`` and ``client --wallet`` it is paid for: see ``paid_commands``.

Both run until SIGINT or SIGTERM, and then print what was carried, one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import json
import logging
import signal
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from zkrelay.errors import ZkrelayError
from zkrelay.relay.key_file import SECRET_BYTES, read_key_file, write_key_file

from .bandwidth import Caps
from .block_list import BlockList
from .circuit import CircuitClient, Hop
from .client import Socks5Front, TunnelClient
from .errors import DuplicatePeer
from .exit_filter import ExitFilter
from .node import Node
from .noise_ik import KEY_BYTES, public_bytes
from .paid_commands import add_client_options, add_node_options, add_verbs, cashier_of, payers_of
from .probe_commands import add_probe_options, add_probe_verbs, probing, run_server
from .relay import Neighbours

KEY_TYPE = "zkrelay-tunnel-key"


def read_key(path: Path) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(read_key_file(path, KEY_TYPE).to_bytes(SECRET_BYTES, "little"))


def write_key(path: Path) -> X25519PrivateKey:
    key = X25519PrivateKey.generate()
    write_key_file(path, KEY_TYPE, int.from_bytes(key.private_bytes_raw(), "little"))
    return key


def endpoint(text: str) -> tuple[str, int]:
    """``host:port`` or ``[IPv6]:port``."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) >= 1 << 16:
        raise argparse.ArgumentTypeError(f"{text!r} is not host:port")
    return host.removeprefix("[").removesuffix("]"), int(port)


def public_key(text: str) -> bytes:
    """64 hex digits; argparse reports the ``ValueError`` of what is none."""
    key = bytes.fromhex(text)
    if len(key) != KEY_BYTES:
        raise argparse.ArgumentTypeError(f"{text!r} is no public key of {2 * KEY_BYTES} hex digits")
    return key


def hop(text: str) -> Hop:
    """``host:port=KEY``, or ``KEY``."""
    place, equals, key = text.rpartition("=")
    return Hop(public_key(key), endpoint(place) if equals else None)


def next_node(text: str) -> tuple[bytes, tuple[str, int]]:
    """``host:port=KEY``."""
    place, _, key = text.rpartition("=")
    return public_key(key), endpoint(place)


def port_number(text: str) -> int:
    return endpoint(f":{text}")[1]


async def until_told() -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()


async def run_node(options: argparse.Namespace) -> None:
    host, port = options.listen
    names = [line for path in options.block_list for line in path.read_text("utf-8-sig", "replace").splitlines()]
    next_nodes = dict(options.next)
    if len(next_nodes) != len(options.next):
        raise DuplicatePeer("a next node was named twice")
    rules = ExitFilter(
        frozenset(options.open_port),
        tuple(options.open_network),
        BlockList(name for name in names if name.strip() and not name.lstrip().startswith("#")),
    )
    static = read_key(options.key)
    async with cashier_of(options, static) as cashier:
        node = Node(
            static,
            host=host,
            port=port,
            exit_filter=rules,
            neighbours=Neighbours(frozenset(options.relay), next_nodes),
            caps=Caps(options.cap_peer, options.cap_node),
            cashier=cashier,
        )
        for key in options.peer:
            node.transport.add_peer(key)
        await node.start()
        told = {"port": node.transport.port, **({} if cashier is None else {"payee": str(cashier.payee)})}
        print(json.dumps(told), flush=True)
        await until_told()
        await node.stop()
        totals = {key.hex(): node.transport.peer_statistics(key) for key in (*options.peer, *options.relay)}
        counts = {key: {"received": it.received, "sent": it.sent} for key, it in totals.items()}
        print(json.dumps(counts if cashier is None else {**counts, "paid": cashier.statistics()}))


async def run_client(options: argparse.Namespace) -> None:
    host, port = options.socks
    with payers_of(options) as payers:
        static = read_key(options.key)
        if options.hop:
            client: TunnelClient = CircuitClient(static, options.hop, payers=payers)
        else:
            client = TunnelClient(static, options.node, options.node_key, payer=payers[0] if payers else None)
        front = Socks5Front(client, host=host, port=port)
        await front.start()
        print(json.dumps({"port": front.port}), flush=True)
        async with probing(options, client, payers):
            await until_told()
        await front.stop()
        counts = {"received": client.traffic.received, "sent": client.traffic.sent}
        signed = {"signed": sum(payer.signed_bytes for payer in payers)} if payers else {}
        print(json.dumps({**counts, **signed}))


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m tunnel", description="The reference tunnel.")
    verbs = top.add_subparsers(dest="verb", required=True)
    key = verbs.add_parser("key", help="make a static key and print its public part")
    node = verbs.add_parser("node", help="carry the traffic of known peers")
    node.add_argument("--listen", type=endpoint, required=True, metavar="HOST:PORT")
    node.add_argument("--peer", type=public_key, action="append", default=[], metavar="HEX")
    node.add_argument(
        "--open-port", type=port_number, action="append", default=[], help="a port that peers may connect to"
    )
    node.add_argument(
        "--open-network",
        type=ipaddress.ip_network,
        action="append",
        default=[],
        help="a network that is not public, to which the open ports are open all the same",
    )
    node.add_argument(
        "--block-list",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="names that stay closed, one a line",
    )
    node.add_argument(
        "--relay", type=public_key, action="append", default=[], metavar="HEX", help="a relay whose circuits are taken"
    )
    node.add_argument(
        "--next",
        type=next_node,
        action="append",
        default=[],
        metavar="HOST:PORT=HEX",
        help="be a relay, for circuits to this node",
    )
    node.add_argument("--cap-peer", type=int, metavar="BYTES", help="a second, both directions of a peer together")
    node.add_argument("--cap-node", type=int, metavar="BYTES", help="a second, of all peers together")
    client = verbs.add_parser("client", help="a SOCKS5 server in front of the node")
    client.add_argument("--node", type=endpoint, metavar="HOST:PORT")
    client.add_argument("--node-key", type=public_key, metavar="HEX")
    client.add_argument(
        "--hop",
        type=hop,
        action="append",
        default=[],
        metavar="[HOST:PORT=]HEX",
        help="instead of --node: relays, exit",
    )
    client.add_argument("--socks", type=endpoint, default=("127.0.0.1", 1080), metavar="HOST:PORT")
    for verb in (key, node, client):
        verb.add_argument("key", type=Path)
    add_node_options(node)
    add_client_options(client)
    add_probe_options(client, next_node)
    add_verbs(verbs)
    add_probe_verbs(verbs, endpoint)
    return top


def main() -> None:
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    top = parser()
    options = top.parse_args()
    if options.verb == "client" and [options.node, options.node_key].count(None) != (2 if options.hop else 0):
        top.error("a client needs --node and --node-key, or --hop")
    try:
        if "run" in options:
            options.run(options)
        elif options.verb == "key":
            print(public_bytes(write_key(options.key)).hex())
        elif options.verb == "node":
            asyncio.run(run_node(options))
        elif options.verb == "client":
            asyncio.run(run_client(options))
        else:
            asyncio.run(run_server(options, read_key(options.key), until_told))
    except (ZkrelayError, OSError) as error:
        raise SystemExit(f"error: {error}") from None


if __name__ == "__main__":
    main()
