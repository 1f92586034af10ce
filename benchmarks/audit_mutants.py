"""Mutate circuits, ours and the corpus's small ones: is every row needed, and does the engine ever lie?

python benchmarks/audit_mutants.py                      more than 5,000 mutants, by two processes: an hour or two
python benchmarks/audit_mutants.py --ours               our own circuits
python benchmarks/audit_mutants.py --most 20            at most so many of each circuit
python benchmarks/audit_mutants.py --only claim 'Bits*' circuits by their names

The status is 1 when a mutant that the engine calls SAFE has a pair, or a pair that the engine shows does not hold.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from fnmatch import fnmatch
from multiprocessing import get_context
from pathlib import Path

from house import machine, mutated
from house.corpus import CorpusError
from house.mutated import Judged
from house.table import markdown

FORMAT = "zkrelay-audit-mutants/2"
DEFAULT_OUT = machine.ROOT / "build" / "bench" / "audit-mutants.json"
MOST = {"claim": 320, "claim_x1": 160, "batch8": 100, "usage_limit": 300}
MOST_OURS, MOST_CORPUS = 450, 200  # of the others
FATES = {
    "killed": "accepts more",
    "narrower": "refuses honest",
    "harmless": "no weaker",
    "redundant": "redundant",
    "undecided": "undecided",
}
CHUNK = 10  # mutants of one circuit a process takes at a time


def main(arguments: list[str] | None = None) -> int:
    options = _parse(arguments)
    started = time.monotonic()
    known = mutated.OURS if options.ours else mutated.names()
    chosen = [name for name in known if not options.only or any(fnmatch(name, word) for word in options.only)]
    judged: list[Judged] = []
    try:
        with ProcessPoolExecutor(options.processes, mp_context=get_context("spawn")) as pool:
            for name in chosen:  # one circuit after the other: each process compiles it once
                most = options.most or MOST.get(name, MOST_OURS if name in mutated.OURS else MOST_CORPUS)
                places = pool.submit(mutated.sample, name, most).result()
                number = -(-len(places) // CHUNK)
                chunks = [places[at::number] for at in range(number)]  # each from all over the circuit
                for done in as_completed([pool.submit(mutated.judge_some, name, chunk) for chunk in chunks]):
                    judged += done.result()
                    _save(options.out, judged)
                print(_progress(name, judged, time.monotonic() - started), file=sys.stderr, flush=True)
    except CorpusError as error:
        print(f"cannot mutate the corpus: {error}", file=sys.stderr)
        return 2
    lies = [f"{item.circuit}, row {item.row} ({item.kind}): {text}" for item in judged for text in item.wrong]
    print("\n".join([table(judged), "", *totals(judged), *(f"WRONG: {lie}" for lie in lies)]))
    print(f"wrote {options.out}", file=sys.stderr)
    return 1 if lies else 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="circuits by their names, with * and ?")
    parser.add_argument("--ours", action="store_true", help="our own circuits only")
    parser.add_argument("--most", type=_at_least_one, help="mutants of each (default: from 100 to 450)")
    parser.add_argument("--processes", type=int, default=2, help="default: 2")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, help="result file (default: build/bench/...)")
    return parser.parse_args(arguments)


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least one mutant")
    return number


def _progress(name: str, judged: list[Judged], seconds: float) -> str:
    own = [item for item in judged if item.circuit == name]
    fates = Counter(item.fate for item in own)
    words = ", ".join(f"{count} {fate}" for fate, count in sorted(fates.items()))
    return f"[{seconds / 60:5.1f} min, {len(judged):5} mutants] {name}: {words}"


def _save(path: Path, judged: list[Judged]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    head = json.dumps({"format": FORMAT, "machine": machine.describe()}, indent=1).removesuffix("\n}")
    rows = ",\n".join(json.dumps(asdict(item)) for item in judged)
    path.write_text(f'{head},\n "mutants": [\n{rows}\n]\n}}\n', encoding="utf-8")


def table(judged: list[Judged]) -> str:
    """By circuit; of our own and of all in the last rows."""
    header = ["circuit", "mutants", *FATES.values(), "told apart", "shown weaker", "SAFE", "lies"]
    circuits = list(dict.fromkeys(item.circuit for item in judged))
    rows = [_row(name, [item for item in judged if item.circuit == name]) for name in circuits]
    ours = [item for item in judged if item.circuit in mutated.OURS]
    return markdown(header, [*rows, *([_row("ours", ours)] if ours else []), _row("all", judged)])


def _row(name: str, items: list[Judged]) -> list[str]:
    counts = [str(sum(item.fate == fate for item in items)) for fate in FATES]
    safe = sum(item.verdict == "safe" for item in items)
    lies = sum(len(item.wrong) for item in items)
    return [name, str(len(items)), *counts, _told_apart(items), _shown_weaker(items), str(safe), str(lies)]


def _told_apart(items: list[Judged]) -> str:
    """The score of mutation testing: noticed by either kind of evidence, of all that are not redundant."""
    return _share(items, ("killed", "narrower"), ("killed", "narrower", "harmless", "undecided"))


def _shown_weaker(items: list[Judged]) -> str:
    """Of those that may be weaker than the original: without what refuses an honest assignment."""
    return _share(items, ("killed",), ("killed", "undecided"))


def _share(items: list[Judged], counted: tuple[str, ...], among: tuple[str, ...]) -> str:
    whole = sum(item.fate in among for item in items)
    return f"{100 * sum(item.fate in counted for item in items) / whole:.1f} %" if whole else "-"


def totals(judged: list[Judged]) -> list[str]:
    safe = sum(item.verdict == "safe" for item in judged)
    under = sum(item.verdict == "under-constrained" for item in judged)
    return [
        f"{len(judged):,} mutants: {_told_apart(judged)} of those that are not redundant are told apart from the "
        f"original; of those that refuse nothing honest, {_shown_weaker(judged)} are shown to be weaker.",
        f"The engine calls {safe:,} SAFE, among which no pair was found unless it is named below; "
        f"{under:,} UNDER-CONSTRAINED, each pair checked again.",
    ]


if __name__ == "__main__":
    raise SystemExit(main())
