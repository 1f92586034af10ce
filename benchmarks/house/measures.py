"""What is measured: a list of works with their sizes and threads, named by keys such as ``g1_msm/14/t1``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

CIRCUIT_WORKS = ("prove", "prove_inputs", "verify", "verify_many", "witness", "check_witness")
PEERS = ("gnark", "arkworks", "snarkjs")
MANY = 1000


@dataclass(frozen=True)
class Measure:
    """A work on a circuit (by name) or with parameters; ``peers`` are those that can do it."""

    work: str
    threads: int = 1
    circuit: str | None = None
    params: Mapping[str, int] = field(default_factory=dict)
    peers: tuple[str, ...] = PEERS

    @property
    def key(self) -> str:
        size = [self.circuit] if self.circuit else []
        return "/".join([self.work, *size, *(str(value) for value in self.params.values()), f"t{self.threads}"])


NATIVE = ("gnark", "arkworks")


def _sized(work: str, log_size: int, peers: tuple[str, ...] = NATIVE, threads: int = 1) -> Measure:
    return Measure(work, threads=threads, params={"log_size": log_size}, peers=peers)


def prove(circuit: str, threads: int, peers: tuple[str, ...] = PEERS) -> Measure:
    return Measure("prove", threads=threads, circuit=circuit, peers=peers)


def chain(log_size: int) -> str:
    return f"chain_2p{log_size}"


QUICK_TARGETS = (
    Measure("field_mul", peers=NATIVE),
    Measure("field_chain", peers=NATIVE),
    _sized("g1_msm", 12),
    _sized("g1_msm", 14),
    _sized("g1_msm", 16),
    _sized("g2_msm", 14),
    _sized("ntt", 16),
    Measure("pairing", peers=NATIVE),
    Measure("pairing_product", params={"count": MANY}, peers=("gnark",)),
    prove("circom_claim", 1),
    prove("circom_claim", 2),
    Measure("prove_inputs", threads=2, circuit="claim", peers=()),
    prove("claim", 2),
    prove(chain(16), 2, NATIVE),
    Measure("verify", circuit="circom_claim"),
    Measure("verify_many", circuit="claim", params={"count": MANY}, peers=("gnark",)),
    Measure("witness", circuit="claim", peers=("gnark",)),
    Measure("check_witness", circuit="claim", peers=("gnark",)),
)
LARGE_TARGETS = (_sized("g1_msm", 18), _sized("g1_msm", 20), _sized("ntt", 20))
GROWTH_LOGS = (10, 12, 14, 16, 18, 20)


def targets(*, full: bool) -> list[Measure]:
    """What the table of targets needs."""
    return [*QUICK_TARGETS, *(LARGE_TARGETS if full else ())]


def with_kernels(plan: list[Measure], kernels: tuple[str, ...]) -> list[Measure]:
    """The same measures, raced by other kernels of ours too."""
    return [replace(item, peers=(*item.peers, *kernel_names(kernels))) for item in plan]


def kernel_names(kernels: tuple[str, ...]) -> tuple[str, ...]:
    """What our program is called with another kernel than the one in use."""
    return tuple(f"zkrelay {kernel}" for kernel in kernels)


def growth(*, full: bool) -> list[Measure]:
    """Proving time and memory against circuit size, on one thread.

    A program that could not do a size in time is not asked for the next (``bench_peers.py`` sees to that).
    """
    return [prove(chain(k), 1) for k in GROWTH_LOGS if full or k <= 14]
