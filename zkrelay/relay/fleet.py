"""Many proofs at once, over any ``concurrent.futures.Executor``; a pool of processes on this machine by default.

Workers map the key, so that one machine holds it once, and keep one prover between proofs.  Proofs come back in the
order of what was asked, whoever made them and however often a worker was lost on the way.  The library has no
scheduler of its own: an executor of another library, over other machines, is as good.

What goes to a worker are a claim's inputs, secrets and all: as safe as the executor's way to its workers.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..errors import Cancelled, MalformedInput, ProvingFailed, WorkerLost, ZkrelayError
from ..formats import open_prover
from ..groth16 import Proof, Prover
from .batch import Batch
from .claim import Claim
from .journal import Journal
from .proving import prove_statement, write_down

Progress = Callable[[int, int], None]
_STOP_SECONDS = 0.2  # how long a request to stop may go unnoticed
_KEPT_PROVERS = 2


@dataclass(frozen=True)
class ProverFiles:
    """A proving key and its circuit's witness program, as paths that are good wherever the executor's workers are."""

    zkey: str
    zkwp: str


@dataclass(frozen=True)
class Job:
    """What a worker needs besides the files; holds secrets."""

    public_inputs: list[int]
    inputs: dict[str, Any]


def prove_all(
    items: Sequence[Claim | Batch],
    files: ProverFiles,
    *,
    executor: Executor | None = None,
    workers: int | None = None,
    threads: int = 1,
    retries: int = 2,
    journal: Journal | None = None,
    on_progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> list[Proof]:
    """A verified proof of each item's statement, in the order of ``items``: all of one circuit, that of ``files``.

    Args:
        executor: threads, processes or machines; it stays open.  By default a pool of ``workers`` processes, as many
            as this process may use processors.  They are spawned: a script that calls this needs the usual ``if
            __name__ == "__main__"``.
        threads: of each proof.
        retries: how often the default pool is made anew when one of its workers dies, by lack of memory for example;
            finished proofs are kept.  An executor that was given is its owner's to mend.
        journal: as for ``prove_claim``; written here, before anything is handed to a worker.
        on_progress: called here with (finished, all) after each proof; what it raises ends the work.
        stop: set it, from another thread, to end the work.

    Raises:
        ProvingFailed: an item could not be proved: ``index`` names it, ``__cause__`` says why (as ``prove_claim``).
        WorkerLost: workers died, and no retries are left.
        Cancelled: ``stop`` was set.
        MalformedInput: workers, threads or retries are out of range.
        Equivocation, StoreError: as ``prove_claim``; nothing was proved.
        OSError, FormatError, InvalidKey: the files, as ``open_prover``.

    However it ends, proofs that have not begun are never made, and those under way are waited for.
    """
    for name, value, least in (("workers", workers, 1), ("threads", threads, 1), ("retries", retries, 0)):
        if value is not None and value < least:
            raise MalformedInput(f"{name} must be at least {least}")
    run = _Run(jobs_of(items, journal), files, threads, on_progress, stop)
    if executor is not None:
        run.on(executor)
        if run.missing:
            raise WorkerLost(f"the executor lost a worker: {run.state}")
        return run.proofs
    losses = 0
    while run.missing:
        with _process_pool(min(workers or _num_processors(), len(run.missing))) as pool:
            run.on(pool)
        if run.missing:
            losses += 1
            if losses > retries:
                raise WorkerLost(f"workers died, {losses} times in all (out of memory?): {run.state}")
    return run.proofs


def jobs_of(items: Sequence[Claim | Batch], journal: Journal | None) -> list[Job]:
    """The jobs of ``items``, once all that has to be written down before is; raises as ``prove_claim``."""
    for item in items:
        if isinstance(item, Claim):
            write_down(item, journal)
    return [Job(item.statement.public_inputs, item.inputs) for item in items]


class _Run:
    """The proofs that are there, and the jobs that are not done."""

    def __init__(
        self,
        jobs: list[Job],
        files: ProverFiles,
        threads: int,
        on_progress: Progress | None,
        stop: threading.Event | None,
    ) -> None:
        self._jobs = jobs
        self._files = files
        self._threads = threads
        self._on_progress = on_progress
        self._stop = stop
        self._proofs: dict[int, Proof] = {}

    @property
    def missing(self) -> list[int]:
        return [index for index in range(len(self._jobs)) if index not in self._proofs]

    @property
    def proofs(self) -> list[Proof]:
        return [self._proofs[index] for index in range(len(self._jobs))]

    @property
    def state(self) -> str:
        return f"{len(self._proofs)} of {len(self._jobs)} proofs were made"

    def on(self, executor: Executor) -> None:
        """Run what is missing; returns early, with some of it still missing, when the executor breaks."""
        futures: dict[Future[Proof], int] = {}
        try:
            for index in self.missing:
                futures[executor.submit(prove_job, self._files, self._jobs[index], self._threads)] = index
            self._collect(futures)
        except BrokenExecutor:
            self._keep_finished(futures)
        finally:
            for future in futures:
                future.cancel()

    def _collect(self, futures: dict[Future[Proof], int]) -> None:
        pending = set(futures)
        while pending:
            done, pending = wait(pending, _STOP_SECONDS if self._stop else None, FIRST_COMPLETED)
            for future in sorted(done, key=futures.__getitem__):
                self._finish(futures[future], future)
            if self._stop is not None and self._stop.is_set() and pending:
                raise Cancelled(f"asked to stop: {self.state}")

    def _finish(self, index: int, future: Future[Proof]) -> None:
        try:
            self._proofs[index] = future.result()
        except ZkrelayError as error:
            raise ProvingFailed(index, str(error)) from error
        if self._on_progress is not None:
            self._on_progress(len(self._proofs), len(self._jobs))

    def _keep_finished(self, futures: dict[Future[Proof], int]) -> None:
        """When one worker died, others may have finished before."""
        for future, index in futures.items():
            if index not in self._proofs and future.done() and not future.cancelled() and future.exception() is None:
                self._finish(index, future)


def prove_job(files: ProverFiles, job: Job, threads: int) -> Proof:
    """In the worker: one proof, with the prover that it keeps."""
    return prove_statement(job.public_inputs, job.inputs, _prover(files), threads=threads)


_OPENING = threading.Lock()


def _prover(files: ProverFiles) -> Prover:
    """Opened once, also where workers are threads; anew when a file has changed."""
    stamps = tuple((stat.st_ino, stat.st_size, stat.st_mtime_ns) for stat in map(os.stat, (files.zkey, files.zkwp)))
    with _OPENING:
        return _opened(files, stamps)


@lru_cache(maxsize=_KEPT_PROVERS)
def _opened(files: ProverFiles, stamps: object) -> Prover:
    return open_prover(files.zkey, files.zkwp)


def _num_processors() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _process_pool(workers: int) -> ProcessPoolExecutor:
    """Spawned and not forked: a fork of a process with threads may inherit a lock that nobody will open."""
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
