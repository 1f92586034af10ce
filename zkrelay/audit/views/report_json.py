"""A report as one JSON object: what ``zkrelay audit --json`` prints (docs/cli.md)."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ..advice import CODES
from ..report import Report, Verdict
from .pieces import differing, fired, loose_piece, role
from .render import row_text

MAX_ROWS = 500  # of a stuck piece
_KINDS = {Verdict.SAFE: "derivation", Verdict.UNDER_CONSTRAINED: "pair", Verdict.UNKNOWN: "stuck"}


def report_fields(report: Report) -> dict[str, Any]:
    """Field elements are decimal strings; of a pair the inputs, the outputs and whatever differs are told."""
    system = report.system
    counts = Counter(report.targets.values())
    return {
        "verdict": report.verdict.value,
        "mode": report.mode.value,
        "prime": str(system.modulus),
        "num_constraints": len(system.rows),
        "num_wires": system.num_wires,
        "outputs": [
            {"name": system.name(wire), "wire": wire, "verdict": report.targets[wire].value}
            for wire in system.outputs
            if wire in report.targets
        ],
        "signals": {
            "asked": len(report.targets),
            "safe": counts[Verdict.SAFE],
            "under_constrained": counts[Verdict.UNDER_CONSTRAINED],
            "unknown": counts[Verdict.UNKNOWN],
        },
        "seconds": round(report.seconds, 4),
        "artefact": _artefact(report),
        "advice": [
            {
                "code": finding.code,
                "title": CODES[finding.code].title,
                "message": finding.message,
                "signals": [system.name(wire) for wire in finding.wires],
                "rows": list(finding.rows),
                "silenced": finding.silenced or None,
            }
            for finding in report.advice
        ],
        "notes": list(report.notes),
        "interrupted": report.interrupted,
    }


def _artefact(report: Report) -> dict[str, Any]:
    """A derivation, a pair, or what is stuck; the fields of the others are null.

    The steps that an audit took before it was stuck count, too, and show nothing by themselves.
    """
    steps = None if report.derivation is None else len(report.derivation.lines)
    rules = [{"rule": letter, "name": name, "steps": count} for letter, name, count in fired(report)]
    pair = report.pair
    stuck = loose_piece(report) if report.verdict is Verdict.UNKNOWN else None
    return {
        "kind": _KINDS[report.verdict],
        "steps": steps,
        "fired": None if report.derivation is None else rules,
        "found_by": None if pair is None else pair.found_by,
        "differing": None if pair is None else [report.system.name(wire) for wire in pair.differing],
        "values": None if pair is None else _values(report),
        "stuck_signals": None if stuck is None else [report.system.name(wire) for wire in stuck.wires],
        "stuck_rows": None
        if stuck is None
        else [
            {"row": row, "text": row_text(report.system, row), "line": report.system.line(row) or None}
            for row in stuck.rows[:MAX_ROWS]
        ],
    }


def _values(report: Report) -> list[dict[str, Any]]:
    system, pair = report.system, report.pair
    assert pair is not None
    wires = sorted({*system.inputs, *system.outputs, *differing(report)})
    return [
        {
            "name": system.name(wire),
            "wire": wire,
            "role": role(system, wire),
            "first": str(pair.first[wire]),
            "second": str(pair.second[wire]),
        }
        for wire in wires
    ]
