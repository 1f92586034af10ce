"""``zkrelay audit``: does a circuit determine its outputs?  0 yes, 1 no (with a pair that shows it), 5 undecided."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import AuditError
from . import output
from .errors import ExitCode
from .files import Writer, check_targets, write_together
from .options import Arity, CircuitField, Constants, Depth, Force, Json, Unit, complete_circuit, finite

if TYPE_CHECKING:
    from ..audit.report import Report
    from .audit_subject import Subject

Target = Path | None


def audit_circuit(
    circuit: Annotated[
        str,
        typer.Argument(
            metavar="FILE.r1cs|FILE.zkwp|NAME|FILE.py:Class",
            help="A constraint system, ours or circom's; or a circuit as for compile, which is compiled first.",
            autocompletion=complete_circuit,
        ),
    ],
    sym: Annotated[
        Path | None,
        typer.Option("--sym", metavar="FILE.sym", help="Names of its signals; by default FILE.sym beside it, if any."),
    ] = None,
    strong: Annotated[
        bool, typer.Option("--strong", help="Ask about every signal, not about the outputs only.")
    ] = False,
    timeout: Annotated[
        float,
        typer.Option(
            "--timeout", metavar="SECONDS", min=0.1, max=86400, callback=finite, help="Undecided after that long."
        ),
    ] = 60.0,
    allow: Annotated[
        list[str] | None,
        typer.Option("--allow", metavar="CODE:SIGNAL=REASON", help="Silence a finding of the lint; repeatable."),
    ] = None,
    log: Annotated[
        Path | None, typer.Option("--log", metavar="FILE.zkdl", help="Write the derivation of a safe verdict.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE.html", help="Write a report of one file, for a browser.")
    ] = None,
    sarif: Annotated[
        Path | None, typer.Option("--sarif", metavar="FILE.sarif", help="Write the findings for code scanning.")
    ] = None,
    exploit: Annotated[
        Path | None,
        typer.Option("--exploit", metavar="PREFIX", help="Write the pair: two .wtns and one .json (they hold inputs)."),
    ] = None,
    prove_exploit: Annotated[
        bool, typer.Option("--prove-exploit", help="Prove and verify both assignments of the pair, with a new key.")
    ] = False,
    replay: Annotated[
        Path | None, typer.Option("--replay", metavar="FILE.zkdl", help="Only check this derivation of FILE.r1cs.")
    ] = None,
    mutation: Annotated[
        bool, typer.Option("--mutate", help="Only ask whether each constraint is needed: drop and change it.")
    ] = False,
    arity: Arity = None,
    depth: Depth = None,
    unit: Unit = None,
    constants: Constants = None,
    field: CircuitField = "bn254",
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Audit a circuit: is each output (with --strong, each signal) determined by the inputs?

    SAFE comes with a derivation, UNDER-CONSTRAINED with two assignments that satisfy every constraint and differ,
    UNKNOWN with the signals that are stuck. Advice is lint and changes no verdict. Exit codes: 0 safe, 1
    under-constrained, 5 unknown, 130 interrupted (what was found until then is told).
    """
    output.use_json(as_json)
    from ..audit.advice import parse_allowance
    from ..audit.ask import ask
    from ..audit.views.report_json import report_fields
    from .audit_evidence import check_provable, exploit_paths, mutate, prove_pair, replay_log, write_evidence
    from .audit_subject import load_subject
    from .audit_view import show
    from .load_circuit import given_constants

    if replay is not None and mutation:
        raise typer.BadParameter("--replay and --mutate exclude each other")
    if replay is not None or mutation:
        of_audits: dict[str, object] = {
            "--log": log,
            "--html": html,
            "--sarif": sarif,
            "--exploit": exploit,
            "--allow": allow,
            "--strong": strong,
            "--prove-exploit": prove_exploit,
        }
        unheard = [name for name, value in of_audits.items() if value]
        if unheard:
            other = "--mutate" if mutation else "--replay"
            raise typer.BadParameter(f"with {other} nothing is audited: no {unheard[0]}")
    if replay is not None:
        replay_log(replay, circuit, as_json=as_json)
        return
    given = given_constants({"arity": arity, "depth": depth, "unit": unit}, constants or [])
    try:
        allowances = [parse_allowance(text) for text in allow or []]
    except AuditError as error:
        raise typer.BadParameter(str(error), param_hint="--allow") from None
    targets = {"log": log, "html": html, "sarif": sarif}
    wanted = [path for path in targets.values() if path is not None]
    check_targets([*wanted, *exploit_paths(exploit)], force=force)

    subject = load_subject(circuit, sym, given, field)
    if mutation:
        mutate(subject, timeout=timeout, as_json=as_json)
        return
    if prove_exploit:
        check_provable(subject)
    asked = True if strong else subject.strong
    report = ask(subject.system, strong=asked, timeout=timeout, allowances=allowances)
    written = _write(subject, report, log, html, sarif, force=force)
    evidence = write_evidence(report, exploit, force=force)
    proved = prove_pair(report) if prove_exploit else None
    if as_json:
        files: dict[str, Any] = {name: str(path) if path in written else None for name, path in targets.items()}
        files["exploit"] = [str(path) for path in evidence] or None
        output.result_json({"circuit": subject.name, **report_fields(report), "proved": proved, "files": files})
    else:
        show(report, subject.name)
    for text in report.notes:
        output.note(f"note: {text}")
    if written or evidence:
        output.note("wrote " + ", ".join(map(str, [*written, *evidence])))
    if code := exit_code(report):
        raise typer.Exit(code)


def exit_code(report: Report) -> ExitCode:
    from ..audit.report import Verdict

    if report.interrupted:
        return ExitCode.INTERRUPTED
    return {
        Verdict.SAFE: ExitCode.OK,
        Verdict.UNDER_CONSTRAINED: ExitCode.REFUSED,
        Verdict.UNKNOWN: ExitCode.UNDECIDED,
    }[report.verdict]


def _write(subject: Subject, report: Report, log: Target, html: Target, sarif: Target, *, force: bool) -> list[Path]:
    """The files that were asked for; a derivation that there is not is told, and is no error of its own."""
    from ..audit.log import write_log
    from ..audit.report import Verdict
    from ..audit.views.html import write_html
    from ..audit.views.sarif import write_sarif

    writers: list[tuple[Path, Writer]] = []
    if log is not None and report.verdict is not Verdict.SAFE:
        output.warn(f"{log} is not written: a verdict of {report.verdict.value} has no derivation")
    elif log is not None:
        writers.append((log, lambda path: write_log(path, report, overwrite=force)))
    if html is not None:
        writers.append((html, lambda path: write_html(path, report, subject.name, overwrite=force)))
    if sarif is not None:
        place = str(subject.file) if subject.file is not None else ""
        writers.append((sarif, lambda path: write_sarif(path, report, subject.name, place, overwrite=force)))
    write_together(writers)
    return [path for path, _ in writers]
