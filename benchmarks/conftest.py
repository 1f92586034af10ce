"""What the benchmarks share.  Each is a test that runs once by default; ``make bench`` times them.

The kernel is the one in use (``ZKRELAY_KERNEL=name`` forces another); ``ZKRELAY_BENCH_THREADS`` sets the threads, 1 by
default.  Numbers for publication go with the machine, compiler, kernel, threads and command.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from zkrelay.algebra.encoding import pack_field, pack_g1, pack_g2
from zkrelay.curves import bn254
from zkrelay.kernel import Kernel, current, emulated

THREADS = int(os.environ.get("ZKRELAY_BENCH_THREADS", "1"))
Vector = Callable[[int], bytes]


def pytest_benchmark_update_machine_info(config: pytest.Config, machine_info: dict[str, Any]) -> None:
    machine_info["zkrelay_kernel"] = current().name
    machine_info["zkrelay_threads"] = THREADS


@pytest.fixture(scope="session")
def kernel() -> Kernel:
    return current()


@pytest.fixture(scope="session")
def compiled_kernel(kernel: Kernel) -> Kernel:
    """The kernel in use, where its products can be compiled for this processor by themselves (``house.compiled``)."""
    if kernel.name == "reference":
        pytest.skip("the reference kernel is not compiled")
    if kernel.name in emulated():
        pytest.skip("this processor lacks the instructions of the kernel, which is emulated")
    return kernel


@pytest.fixture(scope="session")
def threads() -> int:
    return THREADS


@pytest.fixture(scope="session")
def scalars() -> Vector:
    """n pseudo-random canonical scalars, the same on every run."""

    @cache
    def make(n: int) -> bytes:
        rng = random.Random(n)
        return pack_field(bn254.FR, [rng.randrange(bn254.FR.modulus) for _ in range(n)])

    return make


@pytest.fixture(scope="session")
def logarithms() -> Callable[[int], list[int]]:
    """Discrete logarithms of ``g1_bases`` and ``g2_bases``, with which a sum over them is checked."""

    @cache
    def make(n: int) -> list[int]:
        rng = random.Random(-n)
        return [rng.randrange(1, bn254.FR.modulus) for _ in range(n)]

    return make


@pytest.fixture(scope="session")
def g1_bases(kernel: Kernel, logarithms: Callable[[int], list[int]]) -> Vector:
    """n points of G1."""
    generator = pack_g1([bn254.G1_GENERATOR])
    return cache(lambda n: kernel.g1_fixed_base("bn254", generator, pack_field(bn254.FR, logarithms(n))))


@pytest.fixture(scope="session")
def g2_bases(kernel: Kernel, logarithms: Callable[[int], list[int]]) -> Vector:
    """n points of G2."""
    generator = pack_g2([bn254.G2_GENERATOR])
    return cache(lambda n: kernel.g2_fixed_base("bn254", generator, pack_field(bn254.FR, logarithms(n))))
