"""Kernels have no state: Python threads that call them at the same time get what each would get alone."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from zkrelay.kernel import Kernel

from . import samples
from .samples import FR

CURVE = "bn254"


def test_two_threads_at_once_get_their_own_sums(kernel: Kernel) -> None:
    size, rounds = (12, 2) if kernel.name == "reference" else (512, 12)
    bases = b"".join(samples.g1_multiples(513)[1 : size + 1])
    jobs = []
    for job in range(2):
        values = [samples.rng("job", job).randrange(FR.modulus) for _ in range(size)]
        expected = samples.g1_multiple(sum(i * value for i, value in enumerate(values, start=1)))
        jobs.append((samples.scalars(values), expected))
    start = threading.Barrier(len(jobs), timeout=30)

    def work(job: int) -> list[bool]:
        scalars, expected = jobs[job]
        start.wait()
        return [kernel.g1_msm(CURVE, scalars, bases, threads=1 + i % 3) == expected for i in range(rounds)]

    with ThreadPoolExecutor(len(jobs)) as pool:
        results = list(pool.map(work, range(len(jobs))))
    assert results == [[True] * rounds] * len(jobs)


def test_different_operations_at_once_do_not_disturb_each_other(native_kernel: Kernel) -> None:
    vector = samples.packed(FR, 1 << 10)
    scalars = samples.scalars(samples.vector(FR, 64))
    g2 = b"".join(samples.g2_multiples(65)[1:])
    p, q = samples.g1_multiple(3), samples.g2_multiple(5)
    operations = [
        lambda: native_kernel.ntt("bn254_fr", vector, threads=2),
        lambda: native_kernel.g2_msm(CURVE, scalars, g2, threads=2),
        lambda: native_kernel.pairing(CURVE, p, q),
        lambda: native_kernel.g1_fixed_base(CURVE, p, scalars, threads=2),
    ]
    alone = [operation() for operation in operations]
    start = threading.Barrier(len(operations), timeout=30)

    def work(index: int) -> list[bytes]:
        start.wait()
        return [operations[index]() for _ in range(8)]

    with ThreadPoolExecutor(len(operations)) as pool:
        together = list(pool.map(work, range(len(operations))))
    assert together == [[result] * 8 for result in alone]
