"""Kernels have no state: Python threads that call them at the same time get what each would get alone."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from zkrelay._native import ffi, lib
from zkrelay.kernel import Kernel, available, get

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


def test_every_thread_has_a_choice_of_its_own() -> None:
    names = [name.encode() for name in available() if name != "reference"]
    fastest, start = ffi.string(lib.zkr_kernel_name(0)), threading.Barrier(2 * len(names), timeout=30)
    if not lib.zkr_kernel_supported(0):
        fastest = names[0]

    def work(name: bytes) -> list[bytes]:
        seen = [ffi.string(lib.zkr_kernel_current())]
        start.wait()
        assert lib.zkr_kernel_select(name) == lib.ZKR_OK
        for _ in range(200):
            start.wait()
            seen.append(ffi.string(lib.zkr_kernel_current()))
        return seen

    threads, results = [], {}
    for i, name in enumerate(names * 2):
        threads.append(threading.Thread(target=lambda i=i, name=name: results.update({i: work(name)})))
        threads[-1].start()
    for thread in threads:
        thread.join()
    assert results == {i: [fastest] + [name] * 200 for i, name in enumerate(names * 2)}


def test_kernels_side_by_side_run_as_themselves() -> None:
    """Every call selects its kernel for its thread: no other thread's call comes between the two."""
    kernels = [get(name) for name in available() if name != "reference"]
    vector = samples.packed(FR, 33)
    expected = kernels[-1].vec_mul("bn254_fr", vector, vector)

    def work(kernel: Kernel) -> set[tuple[bytes, bytes]]:
        return {(kernel.vec_mul("bn254_fr", vector, vector), ffi.string(lib.zkr_kernel_current())) for _ in range(2000)}

    with ThreadPoolExecutor(2 * len(kernels)) as pool:
        for kernel, seen in zip(kernels * 2, pool.map(work, kernels * 2), strict=True):
            assert seen == {(expected, kernel.name.encode())}
