"""What has to be there before anything moves: keys and a ledger, files to fetch, nodes' secrets, clients' notes."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tunnel.__main__ import write_key
from tunnel.development import DOMAIN_FILE, write_keys, write_ledger
from tunnel.ledger import Settlement
from tunnel.noise_ik import public_bytes
from tunnel.wallet import FundedNote, Wallet

from zkrelay.circuits.batch import Batch
from zkrelay.circuits.claim import Claim
from zkrelay.relay.domain import Domain
from zkrelay.relay.identity import NodeIdentity
from zkrelay.relay.ledger_file import LedgerFile

from .plan import CLIENTS, NODES, SINGLE, UNIT, Journey, Scale, note_cap

PRICE_PER_UNIT = 5
NOTE_EPOCHS = 24


@dataclass(frozen=True)
class Party:
    """A node or client: its key in the tunnel; for a node also its ledger identity and where its money goes."""

    name: str
    key_path: Path
    key: bytes
    payee: int = 0
    payout: int = 0


@dataclass(frozen=True)
class Stage:
    folder: Path
    scale: Scale
    domain: Domain
    parties: dict[str, Party]
    sha256: list[str]  # of the journeys' files, in their order
    num_constraints: dict[int, int]  # by slots

    def key_files(self, slots: int) -> tuple[Path, Path]:
        """Proving key and witness program."""
        name = _circuit_name(slots)
        return self.folder / f"{name}.zkey", self.folder / f"{name}.zkwp"

    def sessions_path(self, node: str) -> Path:
        return self.folder / f"{node}.sessions"

    def wallet_path(self, client: str, node: str) -> Path:
        return self.folder / f"{client}-{node}.wallet"


def file_name(number: int) -> str:
    return f"file-{number}.bin"


def set_up(folder: Path, scale: Scale, threads: int) -> Stage:
    """Development keys, a ledger that takes them, and everybody's secrets, in ``folder``."""
    domain = Domain.of_service(
        os.urandom(32), tree_no=1, unit=UNIT, price_per_unit=PRICE_PER_UNIT, arity=scale.arity, depth=scale.depth
    )
    shape = {"arity": scale.arity, "depth": scale.depth, "unit": UNIT}
    stage = Stage(folder, scale, domain, {}, [], {})
    for slots, circuit in ((SINGLE, Claim(**shape)), (scale.slots, Batch(scale.slots, **shape))):
        compiled = write_keys(folder, _circuit_name(slots), circuit, threads=threads)
        stage.num_constraints[slots] = compiled.r1cs.num_constraints
    ledger = LedgerFile(
        store="ledger.sqlite",
        domain=domain,
        claim_key=f"{_circuit_name(SINGLE)}.vk.json",
        batch_keys={scale.slots: f"{_circuit_name(scale.slots)}.vk.json"},
        allow_development=True,
        folder=folder,
    )
    write_ledger(folder, ledger)
    ledger.open_store(create=True).close()
    for name in (*NODES, *CLIENTS):
        stage.parties[name] = _party(folder, name)
    (folder / "files").mkdir()
    for number, journey in enumerate(scale.journeys):
        data = os.urandom(journey.file_bytes)
        (folder / "files" / file_name(number)).write_bytes(data)
        stage.sha256.append(hashlib.sha256(data).hexdigest())
    return stage


def fund(stage: Stage, settlement: Settlement) -> dict[str, list[FundedNote]]:
    """Each client's notes: one for each hop of each journey, and for each node one more, which nobody will use."""
    expiry = settlement.state().epoch + NOTE_EPOCHS
    notes: dict[str, list[FundedNote]] = {client: [] for client in CLIENTS}
    for client in CLIENTS:
        journeys = stage.scale.of_client(client)
        for node in sorted({node for journey in journeys for node in journey.way}):
            caps = [note_cap(journey) for journey in journeys if node in journey.way]
            with Wallet(stage.wallet_path(client, node)) as wallet:
                for cap in (*caps, 2 * UNIT):
                    notes[client].append(wallet.fund(settlement, stage.parties[node].payee, cap, expiry))
    return notes


def orders(stage: Stage, client: str, near: dict[str, tuple[str, int]], files: tuple[str, int]) -> Path:
    """What a traveller is told, in a file; ``near`` is where each node is reached by who has it as first hop."""
    journeys = [
        _order(stage, client, number, journey, near, files)
        for number, journey in enumerate(stage.scale.journeys)
        if journey.client == client
    ]
    path = stage.folder / f"{client}.orders"
    path.write_text(
        json.dumps(
            {
                "key": str(stage.parties[client].key_path),
                "domain": str(stage.folder / DOMAIN_FILE),
                "journeys": journeys,
            }
        ),
        encoding="utf-8",
    )
    return path


def _order(
    stage: Stage, client: str, number: int, journey: Journey, near: dict[str, tuple[str, int]], files: tuple[str, int]
) -> dict[str, Any]:
    hops = [
        {"key": stage.parties[node].key.hex(), "address": near[node] if place == 0 else None}
        for place, node in enumerate(journey.way)
    ]
    wallets = [str(stage.wallet_path(client, node)) for node in journey.way]
    return {"hops": hops, "wallets": wallets, "url": [*files, f"/{file_name(number)}"]}


def identity_path(folder: Path, node: str) -> Path:
    return folder / f"{node}.identity"


def _party(folder: Path, name: str) -> Party:
    key_path = folder / f"{name}.key"
    public = public_bytes(write_key(key_path))
    if name in CLIENTS:
        return Party(name, key_path, public)
    identity = NodeIdentity.generate()
    identity.save(identity_path(folder, name))
    return Party(name, key_path, public, identity.payee, 0xA000 + NODES.index(name))


def _circuit_name(slots: int) -> str:
    return f"circuit-{slots}"
