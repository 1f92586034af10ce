"""A small run with known numbers, for the tests of the benchmark house."""

from __future__ import annotations

from house.protocol import Sample
from house.race import Race, Side
from house.ratios import Pair
from house.results import Measured, Run

BASELINE_KIB, PEAK_KIB = 30_000, 40_000


def side(ms: float, *, peak_kib: int | None = PEAK_KIB) -> Side:
    return Side([Sample(ms, ms)] * 3, {"prepare_ms": 1.0}, peak_kib, BASELINE_KIB)


def measured(
    work: str,
    ours_ms: float,
    peers: dict[str, float],
    *,
    circuit: str = "",
    rows: int = 0,
    threads: int = 1,
    params: dict[str, int] | None = None,
) -> Measured:
    """Every peer at its own pace, three pairs."""
    pairs = {name: [Pair(Sample(ms, ms), Sample(ours_ms, ours_ms))] * 3 for name, ms in peers.items()}
    race = Race(side(ours_ms), {name: side(ms, peak_kib=2 * PEAK_KIB) for name, ms in peers.items()}, pairs)
    size = [circuit] if circuit else []
    key = "/".join([work, *size, *(str(value) for value in (params or {}).values()), f"t{threads}"])
    return Measured(key, work, threads, circuit or None, params or {}, rows or None, race)


def small_run() -> Run:
    """A field product 6 times faster than gnark's, a proof as fast as gnark's, a failure, three sizes of a chain."""
    run = Run({"kernel": "x86_ifma", "cpu": "a CPU", "date": "today"}, "quick", "make bench-peers")
    run.peers = {"gnark": "v1 (go)"}
    run.absent = {"snarkjs": "node not found"}
    run.skipped = ["prove/chain_2p20/t1: gnark was too slow for a smaller circuit"]
    run.measured = [
        measured("field_mul", 2e-6, {"gnark": 12e-6, "arkworks": 14e-6}),
        measured("prove", 200.0, {"gnark": 210.0, "arkworks": 300.0}, circuit="circom_claim", rows=10_296),
        Measured("g1_msm/12/t1", "g1_msm", 1, None, {"log_size": 12}, error="zkrelay: no memory"),
    ]
    for log_size in (12, 14, 16):
        rows = (1 << log_size) - 10
        peers = {"gnark": rows / 20, "zkrelay portable": rows / 30}
        run.measured.append(measured("prove", rows / 40, peers, circuit=f"chain_2p{log_size}", rows=rows))
    failed = run.measured[-1].race
    assert failed is not None
    failed.peers["gnark"].error = "no answer within 60 s"
    return run
