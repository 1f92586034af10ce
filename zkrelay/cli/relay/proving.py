"""Proving many claims or batches: the key's files, a pool of workers, a bar, and what it took."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .. import output
from ..errors import CommandError, ExitCode, naming
from ..measure import peak_memory_bytes, peak_memory_of_children
from ..options import Threads as _Threads
from ..prove import DEVELOPMENT_WARNING

if TYPE_CHECKING:
    from ...groth16 import Proof
    from ...r1cs import CompiledCircuit
    from ...relay.batch import Batch
    from ...relay.claim import Claim
    from ...relay.fleet import ProverFiles
    from ...relay.journal import Journal

MAX_WORKERS = 256
Key = Annotated[Path, typer.Argument(metavar="KEY.zkey", help="The proving key.", show_default=False)]
Program = Annotated[
    Path | None,
    typer.Option(metavar="FILE.zkwp", help="The witness program.", show_default="KEY.zkwp beside the key"),
]
Workers = Annotated[
    int, typer.Option("--workers", "-w", metavar="N", min=1, max=MAX_WORKERS, help="Processes that prove side by side.")
]
Threads = _Threads


@dataclass(frozen=True)
class Made:
    """Proofs in the order of the items, and what making them took."""

    proofs: list[Proof]
    seconds: float
    peak_bytes: int | None
    worker_peak_bytes: int | None

    def facts(self, num_sessions: int, workers: int) -> dict[str, Any]:
        """As ``--json`` has them."""
        return {
            "num_proofs": len(self.proofs),
            "num_sessions": num_sessions,
            "workers": workers,
            "seconds": round(self.seconds, 3),
            "sessions_per_second": round(num_sessions / self.seconds, 3) if self.seconds else None,
            "peak_bytes": self.peak_bytes,
            "worker_peak_bytes": self.worker_peak_bytes,
        }


def prover_files(key_path: Path, named: Path | None) -> tuple[ProverFiles, CompiledCircuit]:
    """The two files that every worker maps, and the circuit, checked to be each other's."""
    from ...formats import check_program_of, coefficients_digest, read_zkey, read_zkwp
    from ...relay.fleet import ProverFiles

    program = named if named is not None else key_path.with_suffix(".zkwp")
    with naming(key_path):
        key = read_zkey(key_path)
    if key.verifying_key.development:
        output.warn(f"{key_path} is {DEVELOPMENT_WARNING}")
    with naming(program):
        circuit = read_zkwp(program)
        check_program_of(key, circuit, coefficients_digest(key), str(key_path))
    return ProverFiles(str(key_path), str(program)), circuit


def slots_of(circuit: CompiledCircuit, key_path: Path) -> int:
    """How many claims the circuit of a batch takes: one for each flag ``used``."""
    for spec in circuit.program.inputs:
        if spec.name == "used" and len(spec.shape) == 1:
            return int(spec.shape[0])
    raise CommandError(ExitCode.INPUT, f"{key_path}: the key of {circuit.name}, which is no batch")


def prove_items(
    items: Sequence[Claim | Batch], files: ProverFiles, workers: int, threads: int, journal: Journal | None = None
) -> Made:
    """Verified proofs; with more than one worker in processes of their own."""
    from concurrent.futures import ThreadPoolExecutor

    from ...relay.fleet import prove_all

    start = time.perf_counter()
    with output.counter("proving") as progress:
        if workers > 1:
            proofs = prove_all(items, files, workers=workers, threads=threads, journal=journal, on_progress=progress)
        else:
            with ThreadPoolExecutor(1, "prove") as here:
                proofs = prove_all(items, files, executor=here, threads=threads, journal=journal, on_progress=progress)
    seconds = time.perf_counter() - start
    return Made(proofs, seconds, peak_memory_bytes(), peak_memory_of_children() if workers > 1 else None)


def tell(made: Made, num_sessions: int, workers: int) -> None:
    """The summary for people, on stderr."""
    rate = num_sessions / made.seconds
    peak = made.worker_peak_bytes if workers > 1 else made.peak_bytes
    memory = (
        "" if peak is None else f"; peak memory of {'a worker' if workers > 1 else 'this process'} {output.size(peak)}"
    )
    output.note(
        f"{output.plural(num_sessions, 'session')} in {output.plural(len(made.proofs), 'proof')}, "
        f"{output.duration(made.seconds)} with {output.plural(workers, 'worker')}: {rate:.2f} sessions/s{memory}"
    )
