"""Draw the plots and write docs/benchmarks.md from recorded runs.

python benchmarks/report.py                              from benchmarks/results/
python benchmarks/report.py TARGETS.json [GROWTH.json]   from others; one file may hold both
python benchmarks/report.py benchmarks/results/zen3/targets.json --page benchmarks-zen3.md      of another machine
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from house import page, plots
from house.results import ResultError, load

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
PAGE = "benchmarks.md"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("targets", nargs="?", type=Path, default=RESULTS / "targets.json", help="a run of the targets")
    parser.add_argument("growth", nargs="?", type=Path, help="a run with --growth (default: beside the other)")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", help="where benchmarks.md and images/ go")
    parser.add_argument("--page", default=PAGE, help="the page's name there; any but the default has images of its own")
    options = parser.parse_args(arguments)
    beside = options.targets.with_name("growth.json")
    growth_file = options.growth or (beside if beside.exists() else options.targets)
    try:
        run = load(options.targets)
        growth = run if growth_file == options.targets else load(growth_file)
    except (ResultError, OSError) as error:
        print(f"cannot report: {error}", file=sys.stderr)
        return 1
    page_path = options.docs / options.page
    images = options.docs / "images"
    drawn = plots.draw_all(run, growth, images if options.page == PAGE else images / page_path.stem)
    sources = [_name(options.targets), _name(growth_file)]
    page.write(run, growth, sources, page_path, drawn)
    for path in (*drawn, page_path):
        print(f"wrote {path}", file=sys.stderr)
    return 0


def _name(path: Path) -> str:
    """Relative to the repository where it lies there, else its name alone: the page names no folder of anybody's."""
    full = path.resolve()
    return full.relative_to(ROOT).as_posix() if full.is_relative_to(ROOT) else full.name


if __name__ == "__main__":
    raise SystemExit(main())
