"""What every test may ask for: the kernels of this machine, a PostgreSQL server, and Hypothesis without deadlines."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from postgres_server import PostgresServer

from zkrelay.kernel import Kernel, available, get

settings.register_profile("zkrelay", deadline=None)
settings.load_profile("zkrelay")

KERNELS = available()
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
HERE = Path(__file__).resolve().parent
os.environ.setdefault("MPLCONFIGDIR", str(HERE.parent / "build" / "matplotlib"))  # and not in the home of who tests
TOGETHER = ("cross", "cli", "test_docs.py", "adversary", "settlement_service", "network", "escrow", "evm")
"""What one worker runs as a whole, the longest first: a folder's keys, contracts and processes are made once, and none
of these is begun last, when it would keep one processor busy and the other idle."""


@pytest.hookimpl(optionalhook=True)  # pytest may run without xdist
def pytest_xdist_auto_num_workers() -> int:
    """One more than processors: a test that waits for sockets, or for the last of another program, leaves one idle."""
    processors = len(os.sched_getaffinity(0))
    return processors + 1 if processors > 1 else 1


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """``--dist loadfile``, with a folder of ``TOGETHER`` for a file."""
    from xdist.scheduler import LoadFileScheduling

    class LoadPart(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return top if (top := top_of(nodeid)) in TOGETHER else str(super()._split_scope(nodeid))

    if config.getoption("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False  # by number of tests: the order is ours
    return LoadPart(config, log)


def top_of(nodeid: str) -> str:
    """File or folder in ``tests``, or in ``benchmarks``."""
    path = nodeid.partition("::")[0].split("/")
    return path[min(1, len(path) - 1)]


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Each worker begins in another folder: what one has compiled the others read, and not all compile everything."""
    report = yield
    if WORKER and collector.path == HERE and report.passed:
        begin = len(report.result) * int(WORKER.removeprefix("gw")) // int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        report.result = [*report.result[begin:], *report.result[:begin]]
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The same order in all workers: ``TOGETHER``, then by file."""
    if WORKER:
        place = {top: number for number, top in enumerate(TOGETHER)}
        items.sort(key=lambda item: (place.get(top_of(item.nodeid), len(place)), item.path))


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
