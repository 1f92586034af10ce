"""A report as SARIF 2.1.0, which code scanning reads: verdicts that are not SAFE, and the lint's findings.

A finding stands at the source line that stated its first row, for circuits compiled here; else at the ``.r1cs`` itself.
Its signals are logical locations.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from ...formats.files import write_bytes
from ..advice import CODES
from ..report import Report, Verdict
from ..system import System
from .pieces import loose_piece

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
UNDER, STUCK = "ZKV001", "ZKV002"
MAX_SIGNALS = 20  # logical locations of one result
_VERDICTS = {
    UNDER: ("under-constrained", "a signal is not determined by the inputs", "error"),
    STUCK: ("unknown", "the auditor could not decide a signal", "warning"),
}
_LINE = re.compile(r"([^:<>]+):(\d+)")


def write_sarif(
    path: str | os.PathLike[str], report: Report, name: str, file: str = "", *, overwrite: bool = False
) -> None:
    """``file`` is the ``.r1cs`` that was audited, "" for a circuit compiled on the spot."""
    text = json.dumps(sarif_log(report, name, file), indent=1)
    write_bytes(path, text.encode() + b"\n", overwrite=overwrite)


def sarif_log(report: Report, name: str, file: str = "") -> dict[str, Any]:
    """The log of one run."""
    rules = [_rule(code, word, title, level) for code, (word, title, level) in _VERDICTS.items()]
    rules += [_rule(item.code, item.title.replace(" ", "-"), item.title, "note", item.mend) for item in CODES.values()]
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    results = [*_verdict_results(report, name, file), *_advice_results(report, name, file)]
    for result in results:
        result["ruleIndex"] = index[result["ruleId"]]
    driver = {"name": "zkrelay audit", "version": version("zkrelay"), "rules": rules}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "invocations": [{"executionSuccessful": not report.interrupted}],
                "columnKind": "unicodeCodePoints",
                "properties": {"verdict": report.verdict.value, "mode": report.mode.value, "circuit": name},
                "results": results,
            }
        ],
    }


def _rule(code: str, name: str, title: str, level: str, mend: str = "") -> dict[str, Any]:
    help_text = f"{title}: {mend}." if mend else f"{title}."
    return {
        "id": code,
        "name": name,
        "shortDescription": {"text": title},
        "help": {"text": help_text},
        "defaultConfiguration": {"level": level},
    }


def _verdict_results(report: Report, name: str, file: str) -> Iterable[dict[str, Any]]:
    system = report.system
    bad = [wire for wire, verdict in report.targets.items() if verdict is Verdict.UNDER_CONSTRAINED]
    if report.verdict is Verdict.UNDER_CONSTRAINED:
        piece = loose_piece(report)
        names = _names(system, bad)
        text = f"{name} does not determine {names}: two assignments with the same inputs satisfy every constraint"
        yield _result(UNDER, "error", text, system, bad, piece.rows if piece else (), file)
    for piece in report.stuck if report.verdict is Verdict.UNKNOWN else ():
        text = f"{name}: not decided: {_names(system, piece.wires)}"
        yield _result(STUCK, "warning", text, system, piece.wires, piece.rows, file)


def _names(system: System, wires: Sequence[int]) -> str:
    return ", ".join(map(system.name, wires[:MAX_SIGNALS])) + (", …" if len(wires) > MAX_SIGNALS else "")


def _advice_results(report: Report, name: str, file: str) -> Iterable[dict[str, Any]]:
    for finding in report.advice:
        rows = finding.rows or tuple(row for wire in finding.wires[:1] for row in report.system.occurrences[wire][:1])
        result = _result(finding.code, "note", f"{name}: {finding.message}", report.system, finding.wires, rows, file)
        if finding.silenced:
            result["suppressions"] = [{"kind": "external", "justification": finding.silenced}]
        yield result


def _result(
    code: str, level: str, text: str, system: System, wires: Sequence[int], rows: Sequence[int], file: str
) -> dict[str, Any]:
    location: dict[str, Any] = {}
    if place := _place(system, rows, file):
        location["physicalLocation"] = place
    if wires:
        location["logicalLocations"] = [
            {"fullyQualifiedName": system.name(wire), "kind": "member"} for wire in wires[:MAX_SIGNALS]
        ]
    result: dict[str, Any] = {"ruleId": code, "level": level, "message": {"text": text}}
    if location:
        result["locations"] = [location]
    return result


def _place(system: System, rows: Sequence[int], file: str) -> dict[str, Any] | None:
    """The line that stated the first row (the outermost one that is named, as the author wrote it), else the file."""
    for row in rows:
        if places := _LINE.findall(system.line(row).replace(" ", "")):
            module, line = places[-1]
            return {"artifactLocation": {"uri": quote(source_of(module))}, "region": {"startLine": int(line)}}
    return {"artifactLocation": {"uri": quote(PurePath(file).as_posix())}} if file else None


def source_of(module: str) -> str:
    """Where a line's module lies: ``zkrelay.circuits.claim`` is circuits/claim.py; a file of the user's is itself."""
    if module.endswith(".py"):
        return module
    return "/".join(module.removeprefix("zkrelay.").split(".")) + ".py"
