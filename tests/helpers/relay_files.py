"""A session's files for the commands of the relay: shallow development keys, a domain, a ledger, and what follows.

``make_keys`` and ``play`` fill a folder once; tests spoil copies of it.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from command_line import must

EPOCH, EXPIRY, CAP, UNIT, PRICE = 100, 120, 50 << 20, 1 << 20, 3
SIGNED = (3 * UNIT + 5, 4 * UNIT, 9 * UNIT)
AT = ("--epoch", str(EPOCH))
NOTES = 4
TWO_SLOTS = """\
from zkrelay.circuits.batch import Batch


class Two(Batch):
    def __init__(self) -> None:
        super().__init__(2, arity=2, depth=3, unit=1 << 20)
"""


def make_keys(folder: Path) -> None:
    """Circuits and keys: claim, two (a batch of two slots).  Others audit these circuits."""
    (folder / "two.py").write_text(TWO_SLOTS)
    must("compile", "claim", "--arity", "2", "--depth", "3", "-o", folder / "claim.r1cs", "--no-audit")
    must("compile", f"{folder / 'two.py'}:Two", "-o", folder / "two.r1cs", "--no-audit")
    for name in ("claim", "two"):
        must("setup", folder / f"{name}.r1cs", "--vk", folder / f"{name}.vk.json")


def make_domain(folder: Path, name: str = "domain.json", *options: str) -> None:
    (folder / "service.pub").write_text("a public key")
    settings = ("--price", str(PRICE), "--arity", "2", "--depth", "3", *options)
    must("ledger", "domain", "--service-key", folder / "service.pub", *settings, "-o", folder / name)


def make_ledger(folder: Path, name: str = "ledger.json", domain: str = "domain.json", *options: str) -> None:
    keys = ("--claim-key", folder / "claim.vk.json", "--batch-key", f"2={folder / 'two.vk.json'}")
    must("ledger", "init", folder / name, "--domain", folder / domain, *keys, "--allow-development", *options)


def make_note(folder: Path, index: int, domain: str = "domain.json") -> str:
    """note{index}.json for client{index}.key; returns its deposit."""
    payee = must("key", "show", folder / "node.key", "--json").json()["public"]
    must("key", "new", folder / f"client{index}.key", "--kind", "session", "--force")
    terms = ("--payee", payee, "--cap", str(CAP), "--expiry", str(EXPIRY))
    key = ("--key", folder / f"client{index}.key")
    return must("note", "new", folder / domain, *key, *terms, "-o", folder / f"note{index}.json", "--force").stdout


def sign(folder: Path, index: int, num_bytes: int) -> str:
    key = ("--key", folder / f"client{index}.key")
    return must("receipt", "sign", folder / f"note{index}.json", str(num_bytes), *key).stdout


def play(folder: Path) -> None:
    """Four notes in a ledger; a claim of the first, proved; a batch of the next two, proved; the last is not used."""
    make_domain(folder)
    make_ledger(folder)
    must("key", "new", folder / "node.key", "--kind", "node")
    for index in range(NOTES):
        (folder / "deposit.json").write_text(make_note(folder, index))
        must("note", "deposit", folder / "ledger.json", folder / "deposit.json", *AT)
    (folder / "receipt0.txt").write_text(sign(folder, 0, SIGNED[0]))
    build(folder, "note0.json", "receipt0.txt", "claim.json")
    must("claim", "prove", folder / "claim.zkey", folder / "claim.json", "-o", folder / "claim-proof.json")
    (folder / "notes.jsonl").write_text("".join((folder / f"note{i}.json").read_text() for i in (1, 2)))
    (folder / "receipts.txt").write_text(sign(folder, 1, SIGNED[1]) + sign(folder, 2, SIGNED[2]))
    build(folder, "notes.jsonl", "receipts.txt", "claims.jsonl")
    must("batch", "prove", folder / "two.zkey", folder / "claims.jsonl", "-o", folder / "batch-proof.json")


def build_arguments(folder: Path, notes: str, receipts: str, out: str, *options: str | Path) -> list[str | Path]:
    files = [folder / "ledger.json", folder / notes, folder / receipts]
    pay = ["--node", folder / "node.key", "--payout", "0xBEEF", "--relayer", "0xCAFE", "--fee", "2"]
    return ["claim", "build", *files, *pay, "-o", folder / out, *(options or AT)]


def build(folder: Path, notes: str, receipts: str, out: str, *options: str | Path) -> None:
    must(*build_arguments(folder, notes, receipts, out, *options))


def copy_of(folder: Path, target: Path) -> Path:
    """A copy to spoil; keys of megabytes are shared, as nothing changes them."""

    def copy(source: str, destination: str) -> None:
        if source.endswith((".zkey", ".r1cs", ".sym")):
            os.link(source, destination)
        else:
            shutil.copy2(source, destination)

    return Path(shutil.copytree(folder, target, copy_function=copy))


def edit(path: Path, **changes: Any) -> None:
    """Change fields of the only record in a file; a name with dots leads into objects."""
    record = json.loads(path.read_text())
    for name, value in changes.items():
        *way, last = name.split("__")
        inner = record
        for step in way:
            inner = inner[step]
        inner[last] = value(inner[last]) if callable(value) else value
    path.write_text(json.dumps(record))
