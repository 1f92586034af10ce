"""Audit the open corpus, check every artefact, print the table, and write the results.

python benchmarks/audit_corpus.py                     all of tests/audit/corpus.json
python benchmarks/audit_corpus.py --only Mux Pedersen circuits whose name contains one of the words
python benchmarks/audit_corpus.py --large             in place of the corpus: circuits of 200,000 rows and more
python benchmarks/audit_corpus.py --page PAGE.md --from RESULTS.json     the page of a recorded run

The status is 1 when a verdict contradicts a known truth, or an artefact does not hold.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from house import audit_table, machine
from house.audit_table import CorpusRun
from house.audited import Audited, audit_file
from house.corpus import BUILD, CorpusError, compile_all, read_rows, versions
from house.large import LARGE
from house.results import ResultError

DEFAULT_OUT = machine.ROOT / "build" / "bench" / "audit-corpus.json"


def main(arguments: list[str] | None = None) -> int:
    options = _parse(arguments)
    try:
        return _write_page(options) if options.page else _run(options)
    except (CorpusError, ResultError, OSError) as error:
        print(f"cannot audit the corpus: {error}", file=sys.stderr)
        return 2


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="+", default=[], metavar="WORD", help="circuits whose name contains a word")
    parser.add_argument("--large", action="store_true", help="circuits of 200,000 rows and more, not the corpus")
    parser.add_argument("--prove", action="store_true", help="prove and verify both sides of every pair")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each circuit (default: 60)")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, help="result file (default: build/bench/...)")
    parser.add_argument("--page", type=Path, help="write the page of a recorded run, and audit nothing")
    parser.add_argument("--from", type=Path, dest="source", help="the recorded run (default: the result file)")
    return parser.parse_args(arguments)


def _write_page(options: argparse.Namespace) -> int:
    source = (options.source or options.out).resolve()
    named = source.relative_to(machine.ROOT).as_posix() if source.is_relative_to(machine.ROOT) else source.name
    options.page.write_text(audit_table.page(audit_table.load(source), named), encoding="utf-8")
    print(f"wrote {options.page}", file=sys.stderr)
    return 0


def _run(options: argparse.Namespace) -> int:
    started = time.monotonic()
    flags = [f"--{name}" for name in ("large", "prove") if getattr(options, name)]
    flags += ["--only", *options.only] if options.only else []
    flags += [f"--seconds={options.seconds:g}"] if options.seconds != 60 else []
    command = "make audit-corpus" + (f' ARGS="{" ".join(flags)}"' if flags else "")
    run = CorpusRun(machine.describe(), versions(), command, 0.0)

    def wanted(name: str) -> bool:
        return not options.only or any(word in name for word in options.only)

    def audit(name: str, label: str, main: str, truth: str, r1cs: Path) -> None:
        folder = BUILD / "audits" / name
        row = audit_file(label, main, truth, r1cs, folder, seconds=options.seconds, with_proofs=options.prove)
        run.rows.append(row)
        run.seconds = round(time.monotonic() - started, 1)
        run.save(options.out)
        print(_line(row), file=sys.stderr, flush=True)

    if options.large:
        for large in LARGE:
            if wanted(large.name):
                audit(large.name, large.name, large.main, large.truth, large.make())
    else:
        for compiled in compile_all([item for item in read_rows() if wanted(item.name)]):
            item = compiled.instance
            audit(item.name, item.label, item.main, item.truth, compiled.r1cs)
    print("\n".join([audit_table.table(run), "", *audit_table.totals(run)]))
    print(f"wrote {options.out}", file=sys.stderr)
    return 1 if audit_table.defects(run) else 0


def _line(row: Audited) -> str:
    seconds = "-" if row.seconds is None else f"{row.seconds:.3f}"
    wrong = "  WRONG: " + "; ".join(row.failures) if row.failures else "  AGAINST THE TRUTH" if row.contradicts else ""
    return f"{row.name:44} {row.truth:18} {row.verdict:18} {seconds:>8} s  {row.how}{wrong}"


if __name__ == "__main__":
    raise SystemExit(main())
