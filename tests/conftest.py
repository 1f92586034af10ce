"""What every test may ask for: the kernels of this machine, a PostgreSQL server, and Hypothesis without deadlines."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator

import pytest
from hypothesis import settings
from postgres_server import PostgresServer

from zkrelay.kernel import Kernel, available, get

settings.register_profile("zkrelay", deadline=None)
settings.load_profile("zkrelay")

KERNELS = available()


@pytest.hookimpl(optionalhook=True)  # pytest may run without xdist
def pytest_xdist_auto_num_workers() -> int:
    """One more than processors: a test that waits for sockets, or for the last of another program, leaves one idle."""
    processors = len(os.sched_getaffinity(0))
    return processors + 1 if processors > 1 else 1


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Without searches for cycles, which took a quarter of the time: what is collected stays."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """What was collected stays to the end: no later search for cycles need pass through all of it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", params=KERNELS)
def kernel(request: pytest.FixtureRequest) -> Kernel:
    """Every kernel that this machine can run, the reference included: for facts that hold for all."""
    return get(request.param)


@pytest.fixture(scope="session", params=[name for name in KERNELS if name != "reference"])
def native_kernel(request: pytest.FixtureRequest) -> Kernel:
    """Every C kernel that this machine can run: for comparison with ``reference``."""
    return get(request.param)


@pytest.fixture(scope="session")
def reference() -> Kernel:
    """The kernel in Python integers."""
    return get("reference")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server for the whole run; a test takes a ledger of its own, or the shared one and clears it first."""
    server = PostgresServer()
    yield server
    server.close()
