"""One question, asked in full: the mode that fits the circuit, the engine's verdict, the lint's advice."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from .advice import Allowance, advise, silence
from .report import Report, Verdict
from .system import System

DEFAULT_TIMEOUT_S = 60.0


def ask(
    system: System,
    *,
    strong: bool | None = None,
    timeout: float = DEFAULT_TIMEOUT_S,
    allowances: Sequence[Allowance] = (),
    lint: bool = True,
) -> Report:
    """Audit ``system`` and lint it.

    Args:
        strong: ask about every signal; None asks about the outputs where there are any, as circuits compiled here have
            none, and about every signal elsewhere.
        allowances: findings that are meant so; the notes tell those that fit none.

    Raises:
        AuditError: as the engine.
    """
    from . import audit

    notes: tuple[str, ...] = ()
    if not strong and not system.outputs:
        if strong is not None:
            notes = ("the circuit has no outputs: every signal was asked about (strong)",)
        strong = True
    report = audit(system, strong=bool(strong), timeout=timeout)
    if lint:
        settled = {wire for wire, verdict in report.targets.items() if verdict is Verdict.SAFE}
        findings, unused = silence(system, advise(system, settled=settled), allowances)
        notes += tuple(f"the allowance {item.code}:{item.subject or '*'} fits no finding" for item in unused)
        report = dataclasses.replace(report, advice=findings)
    return dataclasses.replace(report, notes=(*report.notes, *notes))
