"""Measure which window is best for sums of n multiples, and how much the kernel's choice loses against it.

    python benchmarks/msm_windows.py --kernel x86_adx --out benchmarks/results/msm_windows.json
    python benchmarks/msm_windows.py --kernel portable --curve bn254 --group g1 --log-sizes 8-12

A window of c bits makes about 255/c passes over the pairs and 2^(c-1) buckets in each (native/templates/msm.h).  For
every size the kernel's window and its neighbours are timed in turns, further ones while the best is at an end; what
counts is the least CPU time of one thread, so that a busy machine disturbs little.  All windows must give the same sum.
With --out the rows are merged into the file, and each kernel has the machine of its last run.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import random
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from house.compiled import library
from house.machine import describe

from zkrelay.algebra.encoding import pack_field
from zkrelay.curves import CURVES, PairingCurve
from zkrelay.kernel import Kernel, available, get

GROUPS = ("g1", "g2")
LOG_SIZES = range(8, 19)
DISTINCT = 1 << 12  # bases; a longer sum has copies of them, each in a place of its own in memory
LEAST, MOST = 4, 16  # windows that every kernel can take
LEAST_ROUNDS, MOST_ROUNDS, ROUND_BUDGET_MS = 3, 20, 400


@dataclass
class Row:
    """One size: the kernel's window, the best one, and the least milliseconds by window."""

    curve: str
    group: str
    log_size: int
    chosen: int
    best: int
    ms: dict[str, float]

    @property
    def loss(self) -> float:
        """How much longer the kernel's choice takes than the best."""
        return self.ms[str(self.chosen)] / self.ms[str(self.best)] - 1


class Group:
    """The sums over one group, by the windows of ``msm_windows.c``."""

    def __init__(self, kernel: Kernel, curve: PairingCurve, group: str, most: int) -> None:
        compiled = library(kernel.name, "msm_windows")
        self._run = getattr(compiled, f"{curve.name}_{group}_timed_msm")
        self._run.restype = ctypes.c_double
        self._run.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint]
        self._chosen = getattr(compiled, f"{curve.name}_{group}_chosen_window")
        self._chosen.argtypes = [ctypes.c_size_t]
        rng, r = random.Random(most), curve.fr.modulus
        generator = curve.g1_generator if group == "g1" else [part for pair in curve.g2_generator for part in pair]
        base = kernel.to_montgomery(curve.fp.name, pack_field(curve.fp, generator))
        logarithms = pack_field(curve.fr, [rng.randrange(1, r) for _ in range(min(most, DISTINCT))])
        bases = getattr(kernel, f"{group}_fixed_base")(curve.name, base, logarithms)
        self._size = len(base)
        self.bases = bases * (most * self._size // len(bases))
        self.scalars = pack_field(curve.fr, [rng.randrange(r) for _ in range(most)])

    def chosen(self, n: int) -> int:
        return int(self._chosen(n))

    def run(self, n: int, window: int) -> tuple[float, bytes]:
        """Milliseconds and the sum."""
        out = ctypes.create_string_buffer(self._size)
        seconds = self._run(out, self.scalars, self.bases, n, window)
        if seconds < 0:
            raise RuntimeError(f"the sum of {n} by windows of {window} bits: status {seconds:.0f}")
        return 1000 * seconds, out.raw


def measure(group: Group, n: int) -> dict[int, float]:
    """Least milliseconds by window, around the kernel's."""
    chosen = group.chosen(n)
    first, expected = group.run(n, chosen)
    rounds = int(min(max(ROUND_BUDGET_MS / first, LEAST_ROUNDS), MOST_ROUNDS))
    least: dict[int, float] = {}
    wanted = {max(chosen - 1, LEAST), chosen, min(chosen + 1, MOST)}
    while new := sorted(wanted - least.keys()):
        for _ in range(rounds):
            for window in new:  # as often as the others: more rounds would find a lower least
                ms, out = group.run(n, window)
                if out != expected:
                    raise RuntimeError(f"{n} pairs: windows of {window} and {chosen} bits differ")
                least[window] = min(ms, least.get(window, ms))
        best = min(least, key=lambda window: least[window])
        wanted = {max(best - 1, LEAST), best, min(best + 1, MOST)}
    return least


def rows_of(kernel: Kernel, curve: PairingCurve, name: str, log_sizes: list[int]) -> list[Row]:
    group, rows = Group(kernel, curve, name, 1 << max(log_sizes)), []
    for log_size in log_sizes:
        n = 1 << log_size
        least = measure(group, n)
        best = min(least, key=lambda window: least[window])
        ms = {str(window): float(f"{least[window]:.5g}") for window in sorted(least)}
        rows.append(row := Row(curve.name, name, log_size, group.chosen(n), best, ms))
        print(f"{kernel.name} {curve.name} {name} 2^{log_size}: {row.chosen} {row.loss:+.1%} {ms}", flush=True)
    return rows


def merge(path: Path, kernel: str, machine: dict[str, str], rows: list[Row]) -> None:
    """Add rows to a file of runs by kernel, in the place of older ones; the machine is the last run's."""
    runs = json.loads(path.read_text()) if path.exists() else {}
    known = {(row["curve"], row["group"], row["log_size"]): row for row in runs.get(kernel, {}).get("rows", [])}
    known.update({(row.curve, row.group, row.log_size): asdict(row) for row in rows})
    runs[kernel] = {"machine": {**machine, "kernel": kernel}, "rows": [known[key] for key in sorted(known)]}
    parts = []
    for name, run in sorted(runs.items()):
        lines = ",\n".join(json.dumps(row) for row in run["rows"])
        parts.append(f'{json.dumps(name)}: {{"machine": {json.dumps(run["machine"])},\n"rows": [\n{lines}\n]}}')
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n")  # a line for each row


def sizes(text: str) -> list[int]:
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    compiled = [name for name in available() if name != "reference"]
    parser.add_argument("--kernel", choices=compiled, default=compiled[0])
    parser.add_argument("--curve", choices=sorted(CURVES), action="append", help="default: all")
    parser.add_argument("--group", choices=GROUPS, action="append", help="default: both")
    parser.add_argument("--log-sizes", type=sizes, default=list(LOG_SIZES), metavar="LOW-HIGH")
    parser.add_argument("--out", type=Path, help="JSON that this run is merged into")
    options = parser.parse_args(arguments)
    kernel = get(options.kernel)
    machine = describe()
    rows = [
        row
        for curve in options.curve or sorted(CURVES)
        for group in options.group or GROUPS
        for row in rows_of(kernel, CURVES[curve], group, options.log_sizes)
    ]
    print(
        f"the kernel's windows lose {sum(row.loss for row in rows) / len(rows):.2%} on average, "
        f"{max(row.loss for row in rows):.2%} at most"
    )
    if options.out is not None:
        merge(options.out, kernel.name, machine, rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
