"""What a run over the corpus says: table, totals, and what is wrong with it; and the page made of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .audited import Audited
from .ratios import median
from .results import ResultError
from .table import ABSENT, markdown, number

FORMAT = "zkrelay-audit-corpus/1"


@dataclass
class CorpusRun:
    """``versions`` of what compiled the corpus; the rest as in ``results.Run``."""

    machine: dict[str, str]
    versions: dict[str, str]
    command: str
    seconds: float
    rows: list[Audited] = field(default_factory=list)

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        head = {"format": FORMAT, "machine": self.machine, "versions": self.versions, "command": self.command}
        text = json.dumps({**head, "seconds": self.seconds}, indent=1).removesuffix("\n}")
        rows = ",\n".join(json.dumps(asdict(row)) for row in self.rows)  # a line each: readable changes
        path.write_text(f'{text},\n "rows": [\n{rows}\n]\n}}\n', encoding="utf-8")


def load(path: Path) -> CorpusRun:
    """Read a run back; raises ``ResultError`` when it is none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["format"] != FORMAT:
            raise ResultError(f"{path.name} has the format {data['format']!r}, not {FORMAT!r}")
        rows = [Audited(**row) for row in data["rows"]]
        return CorpusRun(
            machine={str(key): str(value) for key, value in data["machine"].items()},
            versions={str(key): str(value) for key, value in data["versions"].items()},
            command=str(data["command"]),
            seconds=float(data["seconds"]),
            rows=rows,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ResultError(f"{path.name} is no run over the corpus: {type(error).__name__} {error}") from None


def defects(run: CorpusRun) -> list[str]:
    """What must never be: a verdict against the truth, or an artefact that does not hold."""
    found = [f"{row.name}: {row.verdict}, and it is {row.truth}" for row in run.rows if row.contradicts]
    return found + [f"{row.name}: {failure}" for row in run.rows for failure in row.failures]


def table(run: CorpusRun) -> str:
    header = ["circuit", "main", "rows", "truth", "verdict", "seconds", "by", "checked"]
    return markdown(header, [_row(row) for row in run.rows])


def _row(row: Audited) -> list[str]:
    checks = [*row.checked, *(f"{failure.partition(':')[0]} FAILED" for failure in row.failures)]
    seconds = ABSENT if row.seconds is None else f"{row.seconds:.3f}"
    rows = f"{row.found['rows']:,}" if row.found else ABSENT
    verdict = row.verdict + (" AGAINST THE TRUTH" if row.contradicts else "")
    return [row.name, f"`{row.main}`", rows, row.truth, verdict, seconds, row.how, " ".join(checks) or ABSENT]


def totals(run: CorpusRun) -> list[str]:
    """The figures that the goals are about."""
    verdicts = Counter(row.verdict for row in run.rows)
    known = [row for row in run.rows if row.truth != "unknown"]
    open_rows = [row for row in run.rows if row.truth == "unknown"]
    times = [row.seconds for row in run.rows if row.is_decided and row.seconds is not None]
    lines = [
        f"{len(run.rows)} circuits: {_of(run.rows)} decided, {verdicts['safe']} safe, "
        f"{verdicts['under-constrained']} under-constrained, {verdicts['unknown']} unknown.",
        f"Of {len(known)} with a known truth {_of(known)} decided; of {len(open_rows)} without one {_of(open_rows)}.",
    ]
    if times:
        slowest = max((row for row in run.rows if row.is_decided), key=lambda row: row.seconds or 0.0)
        lines.append(
            f"A decided circuit takes {number(median(times))} s in the median and {number(max(times))} s at most "
            f"({slowest.name}); {number(sum(times))} s in all."
        )
        lines.append(f"At most {max(row.found['peak_mib'] for row in run.rows if row.found):,} MiB of memory.")
    for step, words in (
        ("replay", "derivations replayed by the independent checker"),
        ("pair", "pairs checked by the kernel against every row"),
        ("prove", "pairs proved and verified, both sides"),
    ):
        done = [row.checked[step] for row in run.rows if step in row.checked]
        if done:
            lines.append(f"{len(done)} {words}.")
    wrong = defects(run)
    return [*lines, *(f"WRONG: {text}" for text in wrong)] if wrong else [*lines, "Nothing contradicts a known truth."]


def _of(rows: Sequence[Audited]) -> str:
    decided = sum(row.is_decided for row in rows)
    return f"{decided} ({100 * decided / len(rows):.0f} %)" if rows else "0"


HEAD = """\
# The auditor on circomlib

The open corpus ([`tests/audit/corpus.json`](../tests/audit/corpus.json)): templates of circomlib {circomlib} as circom2
{circom2} compiles them with `--O0`. This page is generated by `benchmarks/audit_corpus.py` from `{source}`;
`make audit-corpus` measures again.

`seconds` is the audit of one circuit on one core, without reading its file; `by` names the rules that fired most, or
the search that found the pair; `checked` is what was done with the artefact in another process. "safe" as a truth
rests on derivations that no tool has contradicted.
"""


def page(run: CorpusRun, source: str) -> str:
    """docs/audit-corpus.md.  Nothing on it is typed by hand."""
    machine: dict[str, Any] = {**run.machine, "command": f"`{run.command}`"}
    facts = "\n".join(f"| {key.replace('_', ' ')} | {value} |" for key, value in machine.items())
    parts = [
        HEAD.format(**run.versions, source=source),
        "\n".join(f"- {line}" for line in totals(run)),
        table(run),
        "## Machine",
        f"| | |\n|---|---|\n{facts}",
    ]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"
