"""The tunnel's WireGuard back end beside bare wireguard-go: iperf3 between two network namespaces, as root.

make bench-wireguard                                   10 pairs of runs each way: about 8 minutes
make bench-wireguard ARGS="--pairs 3 --seconds 5"      a short one
make bench-wireguard ARGS="--out build/bench/wireguard.json"

Bare is ``wireguard-go`` at both ends, set up by ``wg`` and ``ip``.  Ours has ``WireGuardTransport`` at the node's end,
which also reads its peer's counters ten times a second, as a meter would.  The client's end is the bare one in both.
Runs alternate, bare, ours, ours, bare; a ratio is ours / bare, the median over the pairs with its quartiles.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import ipaddress
import json
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from house import machine
from house.ratios import quantile
from house.table import markdown
from namespaces import Namespace, namespaces, wireguard_go
from tunnel.noise_ik import public_bytes
from tunnel.wireguard import WireGuardTransport, inner_mtu
from tunnel.wireguard_device import RUN_FOLDER, WireGuardDevice

FORMAT = "zkrelay-bench-wireguard/1"
NETWORK = ipaddress.ip_network("10.99.0.0/24")
NODE_HOST, CLIENT_HOST, PORT = "10.99.0.1", "10.99.0.2", 51820
NODE_DEVICE, CLIENT_DEVICE = "zkrb-node", "zkrb-client"
MTU = inner_mtu(1500, 4)
WAYS = {"up": [], "down": ["--reverse"]}
METER_S = 0.1


@contextlib.contextmanager
def bare(program: str, place: Namespace, device: str, host: str, *settings: str) -> Iterator[None]:
    """A device as its own tools make it."""
    with place.inside():
        process = subprocess.Popen([program, "--foreground", device], stderr=subprocess.DEVNULL)
        try:
            while not (RUN_FOLDER / f"{device}.sock").exists():
                if process.poll() is not None:
                    raise SystemExit(f"error: {program} made no device")
                time.sleep(0.01)
            subprocess.run(["wg", "set", device, *settings], check=True)
            subprocess.run(["ip", "address", "add", f"{host}/24", "dev", device], check=True)
            subprocess.run(["ip", "link", "set", "dev", device, "mtu", str(MTU), "up"], check=True)
            yield
        finally:
            process.terminate()
            process.wait()


@contextlib.asynccontextmanager
async def ours(program: str, place: Namespace, node: X25519PrivateKey, client: bytes) -> AsyncIterator[None]:
    """The same device by the back end, and the reading of its counters while it serves."""
    device = WireGuardDevice(NODE_DEVICE, program=program)
    transport = WireGuardTransport(node, device, networks=[NETWORK], port=PORT, mtu=MTU)
    with place.inside():
        await transport.start()

    async def meter() -> None:
        while True:
            transport.peer_statistics(client)
            await asyncio.sleep(METER_S)

    try:
        transport.add_peer(client)
        task = asyncio.get_running_loop().create_task(meter())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    finally:
        await transport.stop()


async def measure(client: Namespace, node: Namespace, seconds: int, way: list[str]) -> float:
    """Mbit/s that iperf3's receiver counted."""
    with node.inside():
        server = subprocess.Popen(["iperf3", "--server", "--one-off", "--bind", NODE_HOST], stdout=subprocess.DEVNULL)
    try:
        await asyncio.sleep(0.3)  # until it listens
        with client.inside():
            running = await asyncio.create_subprocess_exec(
                *("iperf3", "--client", NODE_HOST, "--time", str(seconds), "--omit", "1", "--json", *way),
                stdout=asyncio.subprocess.PIPE,
            )
        out, _ = await running.communicate()
        result = json.loads(out)
        if "error" in result:
            raise SystemExit(f"error: iperf3: {result['error']}")
        return float(result["end"]["sum_received"]["bits_per_second"]) / 1e6
    finally:
        try:
            server.wait(timeout=5)  # it ends by itself after one client
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


async def one_run(options: argparse.Namespace, program: str, is_ours: bool, way: str) -> float:
    keys = {name: X25519PrivateKey.generate() for name in ("node", "client")}
    files = {name: options.folder / f"{name}.key" for name in keys}
    for name, key in keys.items():  # as wg reads them
        files[name].touch(mode=0o600)
        files[name].write_text(_base64(key.private_bytes_raw()), encoding="ascii")
    node_key, client_key = (_base64(public_bytes(keys[name])) for name in ("node", "client"))
    with namespaces("client", "node") as (client, node):
        far = ["private-key", str(files["node"]), "listen-port", str(PORT)]
        far += ["peer", client_key, "allowed-ips", f"{CLIENT_HOST}/32"]
        near = ["private-key", str(files["client"]), "peer", node_key, "endpoint", f"10.0.0.2:{PORT}"]
        near += ["allowed-ips", str(NETWORK)]
        async with contextlib.AsyncExitStack() as stack:
            if is_ours:
                await stack.enter_async_context(ours(program, node, keys["node"], public_bytes(keys["client"])))
            else:
                stack.enter_context(bare(program, node, NODE_DEVICE, NODE_HOST, *far))
            stack.enter_context(bare(program, client, CLIENT_DEVICE, CLIENT_HOST, *near))
            return await measure(client, node, options.seconds, WAYS[way])


def _base64(key: bytes) -> str:
    return base64.b64encode(key).decode("ascii")


async def run(options: argparse.Namespace) -> dict[str, list[tuple[float, float]]]:
    """(bare, ours) in Mbit/s for each pair, by the way of the bytes."""
    program = wireguard_go()
    pairs: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    for number in range(options.pairs):
        for way in WAYS:
            order = (False, True) if number % 2 == 0 else (True, False)
            found = {is_ours: await one_run(options, program, is_ours, way) for is_ours in order}
            pairs[way].append((found[False], found[True]))
            print(f"pair {number + 1}, {way}: {found[False]:.0f} and {found[True]:.0f} Mbit/s", file=sys.stderr)
    return pairs


def table(pairs: dict[str, list[tuple[float, float]]]) -> str:
    rows = []
    for way, of in pairs.items():
        ratios = [mine / theirs for theirs, mine in of]
        low, middle, high = (quantile(ratios, q) for q in (0.25, 0.5, 0.75))
        speeds = [f"{quantile([pair[i] for pair in of], 0.5):.0f} Mbit/s" for i in (0, 1)]
        rows.append([way, *speeds, f"{middle:.3f} ({low:.3f}-{high:.3f})", "yes" if middle >= 0.95 else "no"])
    return markdown(["way", "wireguard-go", "ours", "ratio", "within 5 %"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description="The WireGuard back end beside bare wireguard-go.")
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--seconds", type=int, default=10, help="of a run, after one second that is not counted")
    parser.add_argument("--folder", type=Path, default=machine.ROOT / "build" / "bench", help="for keys")
    parser.add_argument("--out", type=Path, help="write all numbers, as JSON")
    options = parser.parse_args()
    for program in ("ip", "wg", "iperf3"):
        if shutil.which(program) is None:
            raise SystemExit(f"error: there is no {program}")
    options.folder.mkdir(parents=True, exist_ok=True)
    described = machine.describe()
    pairs = asyncio.run(run(options))
    print(table(pairs))
    if options.out is not None:
        result = {"format": FORMAT, "machine": described, "seconds": options.seconds, "mbit_per_s": pairs}
        options.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
