"""What has to be there before a session: the compiled circuit, a development key on disk, and an open ledger."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..circuits.standard import standard_circuit
from ..formats import read_zkey, write_verifying_key, write_zkey
from ..groth16 import Prover, ProvingKey, VerifyingKey, setup
from ..r1cs import CompiledCircuit, compile_circuit
from ..relay.domain import Domain
from ..relay.settlement import Settlement
from ..relay.store_sqlite import SqliteStore
from .output import Progress

PRICE_PER_UNIT = 5


@dataclass(frozen=True)
class Stage:
    """``prover`` works on the mapped file ``key_path``; ``vk_path`` is the verifying key for everyone."""

    circuit: CompiledCircuit
    key: ProvingKey
    prover: Prover
    key_path: Path
    vk_path: Path
    compile_seconds: float
    setup_seconds: float


def set_up(folder: Path, *, threads: int, progress: Progress | None = None) -> Stage:
    """Compile the standard claim and make a development key for it in ``folder``."""
    start = time.perf_counter()
    circuit = compile_circuit(standard_circuit("claim"))
    compiled = time.perf_counter()
    key_path, vk_path = folder / "claim.zkey", folder / "verification_key.json"
    made = setup(circuit.r1cs, threads=threads, progress=progress)
    write_zkey(key_path, made)
    write_verifying_key(vk_path, made.verifying_key)
    key = read_zkey(key_path)
    return Stage(
        circuit, key, Prover(key, circuit), key_path, vk_path, compiled - start, time.perf_counter() - compiled
    )


@contextmanager
def open_ledger(folder: Path, vk: VerifyingKey, epoch: int) -> Iterator[Settlement]:
    """A fresh ledger on SQLite whose clock stands at ``epoch``; a real one refuses development keys."""
    domain = Domain.of_service(os.urandom(32), tree_no=1, price_per_unit=PRICE_PER_UNIT)
    with SqliteStore(folder / "ledger.sqlite") as store:
        yield Settlement(store, domain, vk, clock=lambda: epoch, allow_development=True)
