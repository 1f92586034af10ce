"""Draw the plots and write docs/benchmarks.md from a recorded run.

python benchmarks/report.py                              from benchmarks/results/latest.json
python benchmarks/report.py build/bench/results.json     from another
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from house import page, plots
from house.results import ResultError, load

ROOT = Path(__file__).resolve().parent.parent
DEFAULT = ROOT / "benchmarks" / "results" / "latest.json"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("results", nargs="?", type=Path, default=DEFAULT, help="a result file of bench_peers.py")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", help="where benchmarks.md and images/ go")
    options = parser.parse_args(arguments)
    try:
        run = load(options.results)
    except (ResultError, OSError) as error:
        print(f"cannot report: {error}", file=sys.stderr)
        return 1
    source = options.results.resolve()
    name = source.relative_to(ROOT).as_posix() if source.is_relative_to(ROOT) else source.name
    drawn = plots.draw_all(run, options.docs / "images")
    page.write(run, name, options.docs / "benchmarks.md", drawn)
    for path in (*drawn, options.docs / "benchmarks.md"):
        print(f"wrote {path}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
