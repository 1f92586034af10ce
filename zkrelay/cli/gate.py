"""The gate of ``zkrelay compile``: a circuit that the audit finds under-constrained is not written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UnderConstrained
from . import output
from .errors import CommandError, ExitCode
from .options import finite

if TYPE_CHECKING:
    from ..audit.report import Report
    from ..r1cs import CompiledCircuit

ROWS_A_SECOND = 20_000  # what the audit gets through, about; to read the rows alone takes a third of the time
AuditSeconds = Annotated[
    float,
    typer.Option(
        "--audit-seconds", metavar="SECONDS", min=0.1, max=86400, callback=finite, help="How long the audit may take."
    ),
]
NoAudit = Annotated[bool, typer.Option("--no-audit", help="Write the circuit without auditing it.")]
Strict = Annotated[bool, typer.Option("--strict", help="Refuse also what the audit could not decide (exit code 5).")]


def check_options(*, no_audit: bool, strict: bool) -> None:
    if no_audit and strict:
        raise typer.BadParameter("--strict and --no-audit exclude each other")


def pass_gate(compiled: CompiledCircuit, *, seconds: float, strict: bool) -> Report | None:
    """Audit every signal of a circuit of ours (they have no outputs), before anything of it is written; None when it is
    too large for the time, which is not tried.

    Raises:
        UnderConstrained: two assignments of the same inputs satisfy it.
        CommandError: undecided, and ``strict`` was asked for.
        KeyboardInterrupt: the audit was interrupted, and so is the command.
    """
    from ..audit.ask import ask
    from ..audit.assertion import explanation
    from ..audit.report import Verdict
    from ..audit.system import system_of

    num_constraints = compiled.r1cs.num_constraints
    if num_constraints > ROWS_A_SECOND * seconds:
        _undecided(
            f"{compiled.name}: {output.plural(num_constraints, 'constraint')} are too many to audit in "
            f"{output.duration(seconds)} (--audit-seconds gives it more)",
            strict=strict,
        )
        return None
    report = ask(system_of(compiled.r1cs), timeout=seconds, lint=False)
    if report.interrupted:
        raise KeyboardInterrupt
    if report.verdict is Verdict.UNDER_CONSTRAINED:
        raise UnderConstrained(f"{compiled.name} is {explanation(report)}")
    if report.verdict is Verdict.UNKNOWN:
        loose = sum(verdict is not Verdict.SAFE for verdict in report.targets.values())
        _undecided(
            f"{compiled.name}: the audit did not decide {output.plural(loose, 'signal')} of {len(report.targets):,} in "
            f"{output.duration(report.seconds)} (--audit-seconds gives it more; zkrelay audit tells which)",
            strict=strict,
        )
    return report


def _undecided(text: str, *, strict: bool) -> None:
    if strict:
        raise CommandError(ExitCode.UNDECIDED, text)
    output.warn(text)
