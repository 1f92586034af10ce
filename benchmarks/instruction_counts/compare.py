"""Counts the instructions of the hot loops under callgrind and holds them against the committed counts.

    compare.py --program BUILD/instruction_counts --compiler NAME [--valgrind PATH] [--record]

Time is noisy on a busy machine; instructions are not.  A count that is more than ``TOLERANCE`` above the committed one
fails; one that is as much below asks to be recorded, so that the gain is not lost again.  Another compiler makes other
instructions: then nothing is compared, which is said, and the exit status is 77.  The kernel x86_ifma is not counted,
as valgrind knows no AVX-512.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import re
import subprocess
import sys

RECORD = pathlib.Path(__file__).resolve().parent / "counts.json"
TOLERANCE = 0.03
KERNELS = ("portable", "x86_adx")
WORKS = ("product", "sum", "inverse", "ntt", "msm_g1", "msm_g2", "pairing", "check_g2", "poseidon")
SKIPPED = 77


def count(valgrind: str, program: str, kernel: str, work: str) -> int:
    """Instructions of one run of ``work``, without what comes before and after."""
    options = ["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=measured"]
    run = subprocess.run([valgrind, *options, program, kernel, work], capture_output=True, text=True, check=False)
    collected = re.search(r"Collected\s*:\s*(\d+)", run.stderr)
    if run.returncode or collected is None:
        raise SystemExit(f"{kernel} {work}: exit {run.returncode}\n{run.stderr}")
    return int(collected[1])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--valgrind", default="valgrind")
    parser.add_argument("--record", action="store_true", help="write the counts of today instead of comparing")
    arguments = parser.parse_args()
    recorded = json.loads(RECORD.read_text())
    if not arguments.record and recorded["compiler"] != arguments.compiler:
        print(f"skipped: the counts are those of {recorded['compiler']}, not of {arguments.compiler}")
        return SKIPPED
    counts = {
        kernel: {work: count(arguments.valgrind, arguments.program, kernel, work) for work in WORKS}
        for kernel in KERNELS
    }
    if arguments.record:
        RECORD.write_text(json.dumps({"compiler": arguments.compiler, "counts": counts}, indent=2) + "\n")
        return 0
    slower = False
    for kernel in KERNELS:
        for work in WORKS:
            now, before = counts[kernel][work], recorded["counts"][kernel][work]
            change = now / before - 1
            word = "MORE" if change > TOLERANCE else "fewer: record it" if change < -TOLERANCE else ""
            slower |= change > TOLERANCE
            print(f"{kernel:10} {work:10} {now:>12,} {before:>12,} {change:+7.2%} {word}")
    return int(slower)


if __name__ == "__main__":
    sys.exit(main())
