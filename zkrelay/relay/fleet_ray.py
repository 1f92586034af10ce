"""The same over a Ray cluster (extra ``ray``): the key travels once to each machine, not once to each proof.

Key and program are put into Ray's object store, which every worker of a machine maps; a worker keeps one prover over
it.  Nothing here starts a cluster: call ``ray.init`` yourself, on a network that may see the secrets of the claims.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..errors import MalformedInput, ProvingFailed, WorkerLost, ZkrelayError
from ..formats import open_prover
from ..groth16 import Proof, Prover
from .batch import Batch
from .claim import Claim
from .fleet import Job, Progress, ProverFiles, jobs_of
from .journal import Journal
from .proving import prove_statement

_KEPT: dict[str, Prover] = {}  # in a worker: the prover of the key it was last given


def prove_all_on_ray(
    items: Sequence[Claim | Batch],
    files: ProverFiles,
    *,
    threads: int = 1,
    retries: int = 2,
    journal: Journal | None = None,
    on_progress: Progress | None = None,
) -> list[Proof]:
    """As ``fleet.prove_all``, on the cluster that this process is connected to; ``files`` are read here.

    Args:
        threads: of each proof, and the processors that Ray reserves for it.
        retries: how often Ray makes a proof anew whose worker or machine died.
        journal: as for ``fleet.prove_all``.

    Raises:
        ProvingFailed: an item could not be proved, as ``fleet.prove_all``; the rest is cancelled.
        WorkerLost: what ran a proof died (or memory ran out) more often than ``retries``; the rest is cancelled.
        MalformedInput: no cluster is connected, or threads or retries are out of range.
        OSError: the files.
        ImportError: Ray is not installed.
    """
    import ray
    from ray.exceptions import RayError, RayTaskError

    if not ray.is_initialized():
        raise MalformedInput("this process is connected to no Ray cluster: call ray.init first")
    if threads < 1 or retries < 0:
        raise MalformedInput("threads must be at least 1 and retries at least 0")
    jobs = jobs_of(items, journal)
    zkey, zkwp = (ray.put(_file_bytes(path)) for path in (files.zkey, files.zkwp))
    remote: Callable[..., Any] = ray.remote(num_cpus=threads, max_retries=retries)(_prove_on_worker).remote
    refs = {remote(zkey.hex(), zkey, zkwp, job, threads): index for index, job in enumerate(jobs)}
    proofs: dict[int, Proof] = {}
    pending = list(refs)
    try:
        while pending:
            (done,), pending = ray.wait(pending, num_returns=1)
            proofs[refs[done]] = ray.get(done)
            if on_progress is not None:
                on_progress(len(proofs), len(items))
    except RayTaskError as error:
        if isinstance(error.cause, ZkrelayError):
            raise ProvingFailed(refs[done], str(error.cause)) from error.cause
        raise
    except RayError as error:
        raise WorkerLost(f"Ray gave a proof up: {len(proofs)} of {len(items)} proofs were made") from error
    finally:
        for ref in pending:
            ray.cancel(ref)
    return [proofs[index] for index in range(len(items))]


def _file_bytes(path: str) -> Any:
    """As an array, which Ray maps into every process of a machine without a copy."""
    import numpy as np

    return np.fromfile(path, dtype=np.uint8)


def _prove_on_worker(name: str, zkey: Any, zkwp: Any, job: Job, threads: int) -> Proof:
    if name not in _KEPT:
        _KEPT.clear()
        _KEPT[name] = open_prover(memoryview(zkey), memoryview(zkwp))
    return prove_statement(job.public_inputs, job.inputs, _KEPT[name], threads=threads)
