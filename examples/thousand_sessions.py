"""A thousand paid sessions through the command line: keys, notes, receipts, claims, batches, one verification, payment.

    python examples/thousand_sessions.py                                  16 batches of 64, the circuit batch64
    python examples/thousand_sessions.py --sessions 20 --circuit batch8   a small one
    python examples/thousand_sessions.py --ray                            proved by prove_on_ray.py, one worker killed

Each session has its own client key and note, and a receipt that its client signed; they are made here, in one process,
and everything after them is done by ``zkrelay``.  The keys are development keys.  Printed are what each step took, the
sessions proved in a second, and the memory of the largest worker.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from zkrelay.relay.domain import MEBIBYTE, Domain
from zkrelay.relay.identity import NodeIdentity, SessionKey
from zkrelay.relay.note import Note, random_rho
from zkrelay.relay.receipt import Receipt
from zkrelay.relay.record import read_record, to_line

ZKRELAY = (sys.executable, "-c", "from zkrelay.cli import main; main()")
EPOCH, CAP_BYTES = 100, 500 * MEBIBYTE
REFUSED = 1


def zkrelay(folder: Path, *arguments: str, expected: int = 0) -> dict[str, Any]:
    """Run a command with ``--json`` where it has that, say how long it took, and return what it printed."""
    start = time.perf_counter()
    done = subprocess.run([*ZKRELAY, *arguments], cwd=folder, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603
    print(f"{time.perf_counter() - start:8.1f} s  zkrelay {' '.join(arguments)}", flush=True)
    if done.returncode != expected:
        raise SystemExit(f"exit code {done.returncode}, not {expected}: {done.stdout}")
    return json.loads(done.stdout) if "--json" in arguments else {}


def make_sessions(folder: Path, node: NodeIdentity, count: int) -> None:
    """notes.jsonl and receipts.txt: what the node holds when the sessions are over."""
    _, fields = read_record(folder / "domain.json", "zkrelay-domain")
    domain = Domain.from_strings(fields)
    notes, receipts = [], []
    for index in range(count):
        client = SessionKey.generate()
        note = Note(domain.value, node.payee, client.public, random_rho(), CAP_BYTES, EPOCH + 30)
        notes.append(to_line("zkrelay-note", note.to_dict()))
        receipts.append(Receipt.sign(client, note.cm, (1 + index % 400) * MEBIBYTE + index).pack().hex())
    for name, lines in (("notes.jsonl", notes), ("receipts.txt", receipts)):
        path = folder / name
        path.touch(mode=0o600)
        path.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")


def prove_on_ray(folder: Path, circuit: str) -> dict[str, Any]:
    script = Path(__file__).with_name("prove_on_ray.py").resolve()
    command = [sys.executable, str(script), f"{circuit}.zkey", "claims.jsonl", "proofs.jsonl"]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
    return json.loads(done.stdout.splitlines()[-1])  # Ray writes there, too


def play(folder: Path, sessions: int, circuit: str, workers: int, on_ray: bool = False) -> dict[str, Any]:
    """The whole life of ``sessions`` sessions in ``folder``; returns the facts of ``batch prove``."""
    slots, at = circuit.removeprefix("batch"), ("--epoch", str(EPOCH))
    for name in ("claim", circuit):
        if not (folder / f"{name}.zkey").exists():  # a folder that is used again keeps its keys
            zkrelay(folder, "compile", name, "-o", f"{name}.r1cs", "--force")
            zkrelay(folder, "setup", f"{name}.r1cs", "--vk", f"{name}.vk.json", "--force")
    (folder / "service.pub").write_text("a public key", encoding="ascii")
    zkrelay(folder, "ledger", "domain", "--service-key", "service.pub", "--price", "5", "--force")
    keys = ("--claim-key", "claim.vk.json", "--batch-key", f"{slots}={circuit}.vk.json", "--allow-development")
    zkrelay(folder, "ledger", "init", "ledger.json", "--domain", "domain.json", *keys)
    node = NodeIdentity.generate()
    node.save(folder / "node.key", overwrite=True)
    start = time.perf_counter()
    make_sessions(folder, node, sessions)
    print(f"{time.perf_counter() - start:8.1f} s  {sessions} clients make a key and a note, and sign a receipt")
    zkrelay(folder, "note", "deposit", "ledger.json", "notes.jsonl", *at, "--json")
    zkrelay(folder, "receipt", "verify", "notes.jsonl", "receipts.txt", "--json")
    build = ("ledger.json", "notes.jsonl", "receipts.txt", "--node", "node.key", "--payout", "0xBEEF", *at)
    zkrelay(folder, "claim", "build", *build, "-o", "claims.jsonl", "--force")
    prove = (f"{circuit}.zkey", "claims.jsonl", "--workers", str(workers), "-o", "proofs.jsonl", "--force", "--json")
    made = prove_on_ray(folder, circuit) if on_ray else zkrelay(folder, "batch", "prove", *prove)
    verified = zkrelay(folder, "batch", "verify", f"{circuit}.vk.json", "proofs.jsonl", "--json")
    paid = zkrelay(folder, "batch", "redeem", "ledger.json", "proofs.jsonl", *at, "--json")
    again = zkrelay(folder, "batch", "redeem", "ledger.json", "proofs.jsonl", *at, "--json", expected=REFUSED)
    if not (verified["num_sessions"] == made["num_sessions"] == sessions and paid["num_paid"] == made["num_proofs"]):
        raise SystemExit("not every session was proved, verified and paid")
    if again["num_paid"] or {refusal["error"] for refusal in again["refused"]} != {"NullifierSpent"}:
        raise SystemExit("a batch was paid twice")
    return {**made, "verify_seconds": verified["seconds"], "money": paid["money"]}


def main() -> None:
    parser = argparse.ArgumentParser(description="A thousand paid sessions through the command line.")
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument("--circuit", default="batch64", choices=("batch8", "batch16", "batch64"))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--ray", action="store_true", help="prove on two workers of Ray and kill one in the middle")
    parser.add_argument("--folder", type=Path, help="where files stay; a temporary folder by default")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        facts = play(folder, options.sessions, options.circuit, options.workers, options.ray)
    print(json.dumps(facts, indent=1))


if __name__ == "__main__":
    main()
