"""What ``zkrelay audit`` does beside a verdict: write and prove an exploit, replay a log, mutate a circuit."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ..errors import AuditError, FormatError
from . import output
from .errors import ExitCode, naming

if TYPE_CHECKING:
    from ..audit.mutation.judge import Outcome
    from ..audit.report import Report
    from .audit_subject import Subject

MAX_LINES = 40  # of redundant and of undecided mutants, for people
MUTANT_SECONDS = 1.0  # for the search on one mutant


def exploit_paths(prefix: Path | None) -> list[Path]:
    """What ``write_exploit`` writes."""
    endings = (".first.wtns", ".second.wtns", ".json") if prefix is not None else ()
    return [Path(f"{prefix}{ending}") for ending in endings]


def check_provable(subject: Subject) -> None:
    """Before the audit: a proof needs a curve over the circuit's field."""
    from ..curves import CURVES

    if all(curve.fr.modulus != subject.system.modulus for curve in CURVES.values()):
        raise typer.BadParameter(f"no curve here has the field of {subject.name}", param_hint="--prove-exploit")


def write_evidence(report: Report, prefix: Path | None, *, force: bool) -> list[Path]:
    """The pair as files; a verdict without a pair is told."""
    from ..audit.exploit import write_exploit

    if prefix is None:
        return []
    if report.pair is None:
        output.warn(f"no exploit is written: the verdict is {report.verdict.value}")
        return []
    return list(write_exploit(prefix, report.system, report.pair, overwrite=force))


def prove_pair(report: Report) -> dict[str, Any] | None:
    """Both assignments proved under one development key and accepted by its verifier."""
    from ..audit.exploit import prove_exploit

    if report.pair is None:
        return None
    proved = prove_exploit(report.system, report.pair)
    output.note(f"proved and verified both: {proved}")
    return {"outputs_differ": proved.outputs_differ, "public": [list(map(str, side)) for side in proved.public]}


def replay_log(log: Path, circuit: str, *, as_json: bool) -> None:
    """Check a derivation by the small checker: 0 when it holds, 1 when it does not, 3 when it is none."""
    from ..audit.replay import replay
    from .kinds import Kind, kind_of

    if Path(circuit).suffix != ".r1cs":
        raise typer.BadParameter("a log is checked against a .r1cs file", param_hint="--replay")
    with naming(log):
        if kind_of(log) is not Kind.ZKDL:
            raise FormatError("not a derivation (.zkdl)", source=log.name)
    found, reason = None, ""
    try:
        with naming(circuit):
            found = replay(log, circuit)
    except AuditError as error:
        reason = str(error)
    if as_json:
        output.result_json(
            {
                "circuit": Path(circuit).name,
                "valid": found is not None,
                "reason": reason or None,
                "claim": None if found is None else found.claim,
                "targets": None if found is None else found.targets,
                "steps": None if found is None else sum(found.fired.values()),
            }
        )
    elif found is not None:
        steps = output.plural(sum(found.fired.values()), "step")
        output.result(f"OK {found.claim}: {output.plural(found.targets, 'signal')} determined, in {steps}")
    if found is None:
        output.note(f"REFUSED {log}: {reason}")
        raise typer.Exit(ExitCode.REFUSED)


def mutate(subject: Subject, *, timeout: float, as_json: bool) -> None:
    """Drop or change each row, and ask what notices: 0 when all was judged, 5 when something is undecided."""
    from ..audit import audit
    from ..audit.mutation.judge import Fate, Judge
    from ..audit.mutation.mutate import mutants

    system, deadline = subject.system, time.monotonic() + timeout
    judge = Judge(
        system,
        decide=lambda mutant: audit(mutant, strong=not system.outputs, timeout=MUTANT_SECONDS, search=False),
        seconds=MUTANT_SECONDS,
    )
    outcomes: list[Outcome] = []
    untried = 0
    for mutant in mutants(system):
        if time.monotonic() > deadline:
            untried += 1
        else:
            outcomes.append(judge(mutant))
    counts = Counter(outcome.fate for outcome in outcomes)
    listed = {
        fate: [_told(outcome) for outcome in outcomes if outcome.fate is fate]
        for fate in (Fate.REDUNDANT, Fate.UNDECIDED)
    }
    if as_json:
        output.result_json(
            {
                "circuit": subject.name,
                "mutants": len(outcomes) + untried,
                **{fate.value: counts[fate] for fate in Fate},
                "untried": untried,
                "redundant_rows": listed[Fate.REDUNDANT],
                "undecided_rows": listed[Fate.UNDECIDED],
            }
        )
    else:
        told = ", ".join(f"{counts[fate]:,} {fate.value}" for fate in Fate)
        output.result(f"{subject.name}: {output.plural(len(outcomes), 'mutant')}: {told}")
        for fate, items in listed.items():
            for item in items[:MAX_LINES]:
                output.result(f"{fate.value}: row {item['row']}: {item['text']} ({item['mutant']}; {item['reason']})")
            if len(items) > MAX_LINES:
                output.result(f"… and {len(items) - MAX_LINES:,} more that are {fate.value}")
    if untried:
        output.warn(f"{output.plural(untried, 'mutant')} were not tried: --timeout gives more time")
    if untried or counts[Fate.UNDECIDED]:
        raise typer.Exit(ExitCode.UNDECIDED)


def _told(outcome: Outcome) -> dict[str, Any]:
    from ..audit.views.render import row_text

    mutant = outcome.mutant
    return {
        "row": mutant.row,
        "text": row_text(mutant.original, mutant.row),
        "line": mutant.original.line(mutant.row) or None,
        "mutant": mutant.detail,
        "reason": outcome.reason,
    }
