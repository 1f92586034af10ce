"""A report as one HTML file: nothing is loaded from anywhere, and nothing from the circuit's files is markup.

Every text passes ``escape``.  A Content-Security-Policy names the one script and the one style by their hashes, so that
even a hole in the escaping could neither run a script nor reach a network.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from html import escape
from importlib.metadata import version
from importlib.resources import files
from itertools import islice

from ...formats.files import write_bytes
from ..advice import CODES
from ..report import Mode, Report, Verdict
from .html_graph import choose, svg
from .pieces import components, differing, fired, loose_piece, role
from .render import row_text, value_text

MAX_LINES = 2000  # of a table, and of the derivation
_WORDS = {
    Verdict.SAFE: "SAFE",
    Verdict.UNDER_CONSTRAINED: "UNDER-CONSTRAINED",
    Verdict.UNKNOWN: "UNKNOWN",
}
_MEANING = {
    Verdict.SAFE: "Any two assignments that satisfy every constraint and agree on the inputs agree on everything that "
    "was asked about. The derivation below can be checked by a program that shares no code with the auditor.",
    Verdict.UNDER_CONSTRAINED: "Two assignments satisfy every constraint, agree on all inputs, and differ. A prover "
    "can choose between them, and a verifier accepts both.",
    Verdict.UNKNOWN: "The auditor found neither a derivation nor two assignments. That is no statement about the "
    "circuit.",
}


def write_html(path: str | os.PathLike[str], report: Report, name: str, *, overwrite: bool = False) -> None:
    write_bytes(path, html_report(report, name).encode(), overwrite=overwrite)


def html_report(report: Report, name: str) -> str:
    """The page; the same report gives the same bytes."""
    style, script = _asset("report.css"), _asset("report.js")
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )
    sections: Sequence[Callable[[Report], str]] = (_asked, _pair, _loose, _derivation, _advice)
    body = "\n".join([_head(report, name), *(section(report) for section in sections), _foot()])
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(name)}: {_WORDS[report.verdict]}</title>
<style>{style}</style>
</head>
<body>
{body}
<script>{script}</script>
</body>
</html>
"""


def _asset(name: str) -> str:
    return files(__package__).joinpath("assets").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _head(report: Report, name: str) -> str:
    system = report.system
    mode = "every signal (strong)" if report.mode is Mode.STRONG else "the outputs (weak)"
    facts = {
        "asked about": f"{mode}, {len(report.targets):,} in all",
        "constraints": f"{len(system.rows):,}",
        "wires": f"{system.num_wires:,}, of which {len(system.outputs):,} out and {len(system.inputs):,} in",
        "identity": f"SHA-256 {system.r1cs.digest}",
        "prime": str(system.modulus),
        "time": f"{report.seconds:.3f} s",
    }
    listed = "".join(f"<dt>{key}</dt><dd>{escape(value)}</dd>" for key, value in facts.items())
    notes = [f"<p class=note>{escape(note)}</p>" for note in report.notes]
    if report.interrupted:
        notes.insert(0, "<p class=note>The audit was interrupted: this is what was found until then.</p>")
    return (
        f"<header><h1>{escape(name)}</h1>"
        f'<p><span class="badge {report.verdict.value}">{_WORDS[report.verdict]}</span></p>'
        f"<p>{_MEANING[report.verdict]}</p>{''.join(notes)}<dl class=facts>{listed}</dl></header><main>"
    )


def _asked(report: Report) -> str:
    rows = []
    for part in components(report, at_most=400):
        loose = [wire for wire in part.targets if report.targets[wire] is not Verdict.SAFE]
        named = ", ".join(report.system.name(wire) for wire in loose[:8]) + (", …" if len(loose) > 8 else "")
        rows.append(
            f"<tr><td class=name>{escape(part.name or '(top)')}</td>"
            f'<td class="{part.verdict.value}">{_WORDS[part.verdict]}</td>'
            f"<td>{part.counts[Verdict.SAFE]:,} of {len(part.targets):,}</td><td class=name>{escape(named)}</td></tr>"
        )
    return "<h2>Components</h2>" + _table(("component", "verdict", "safe", "not safe"), rows)


def _pair(report: Report) -> str:
    pair, system = report.pair, report.system
    if pair is None:
        return ""
    loose = differing(report)
    asked = [wire for wire in report.targets if wire in loose]
    first = [*asked, *sorted(loose.difference(asked)), *sorted(system.inputs)]
    order = list(dict.fromkeys([*first, *system.signals]))
    rows = [
        f"<tr{' class=differs' if wire in loose else ''}><td class=mark>{'≠' if wire in loose else ''}</td>"
        f"<td class=name>{escape(system.name(wire))}</td><td>{role(system, wire)}</td>"
        f"<td class=value>{value_text(pair.first[wire], system.modulus)}</td>"
        f"<td class=value>{value_text(pair.second[wire], system.modulus)}</td></tr>"
        for wire in order[:MAX_LINES]
    ]
    filters = (
        '<div class=filter id=filter hidden><label>Signals with <input type=search id="filter-text"></label>'
        '<label><input type=checkbox id="filter-differs"> that differ</label>'
        '<span class=faint id="filter-count" aria-live=polite></span></div>'
    )
    count = "One signal differs" if len(loose) == 1 else f"{len(loose):,} signals differ"
    return (
        f"<h2>Two assignments</h2><p>Both satisfy every constraint. {count} (≠). "
        f"Found by {escape(pair.found_by)}.</p>{filters}"
        + _table(("", "signal", "is", "first", "second"), rows, total=len(order), identity="pair")
    )


def _loose(report: Report) -> str:
    piece, system = loose_piece(report), report.system
    if piece is None:
        return ""
    start = report.pair.differing if report.pair is not None else ()
    left_out = choose(system, piece, start).left_out
    told = f"<p class=faint>Not drawn: {left_out}.</p>" if left_out else ""
    rows = [
        f"<tr><td>{row}</td><td class=says>{escape(row_text(system, row))}</td>"
        f"<td class=name>{escape(system.line(row))}</td></tr>"
        for row in piece.rows[:MAX_LINES]
    ]
    title = "What is loose" if report.pair is not None else "What is stuck"
    others = f" This is the smallest of {len(report.stuck)} pieces." if len(report.stuck) > 1 else ""
    return (
        f"<h2>{title}</h2><p>Signals in bold red are not determined by the others; a thick border marks what was "
        f"asked about; dashed boxes are rows, whose equations show on pointing at them and in the table.{others}</p>"
        f'<div class="scroll drawing" tabindex=0>{svg(system, piece, report.targets, start)}</div>{told}'
        + _table(("row", "says", "stated at"), rows, total=len(piece.rows))
    )


def _derivation(report: Report) -> str:
    derivation = report.derivation
    if derivation is None or report.verdict is not Verdict.SAFE:
        return ""
    rows = [
        f"<tr><td class=name>{escape(letter)}</td><td>{escape(name)}</td><td>{count:,}</td></tr>"
        for letter, name, count in fired(report)
    ]
    steps = len(derivation.lines)
    shown = escape("\n".join(islice(derivation.lines, MAX_LINES)))
    rest = f"\n… {steps - MAX_LINES:,} more steps: --log writes them all" if steps > MAX_LINES else ""
    return (
        f"<h2>Derivation</h2><p>{steps:,} steps.</p>{_table(('', 'rule', 'steps'), rows)}"
        f"<details><summary>The steps, as in a .zkdl file</summary><pre>{shown}{rest}</pre></details>"
    )


def _advice(report: Report) -> str:
    if not report.advice:
        return "<h2>Advice</h2><p>The lint found nothing.</p>"
    rows = []
    for finding in report.advice[:MAX_LINES]:
        lines = sorted({report.system.line(row) for row in finding.rows} - {""})
        code = CODES[finding.code]
        what = f"allowed: {finding.silenced}" if finding.silenced else code.mend
        rows.append(
            f"<tr{' class=silenced' if finding.silenced else ''}><td>{finding.code}</td><td>{escape(code.title)}</td>"
            f"<td class=name>{escape(finding.message)}</td><td>{escape(what)}</td>"
            f"<td class=name>{escape(', '.join(lines))}</td></tr>"
        )
    return (
        "<h2>Advice</h2><p>Lint: it may be meant so, and it changes no verdict. Each code has a page in docs/advice/ "
        "of zkrelay.</p>" + _table(("code", "what", "where", "mend", "stated at"), rows, total=len(report.advice))
    )


def _foot() -> str:
    made_by = f"Made by zkrelay {escape(version('zkrelay'))}. This file loads nothing."
    return f"</main><footer><p class=faint>{made_by}</p></footer>"


def _table(header: Iterable[str], rows: Sequence[str], *, total: int = 0, identity: str = "") -> str:
    """Rows are markup; ``total`` is how many there were."""
    head = "".join(f"<th scope=col>{name}</th>" for name in header)
    rest = f"<p class=faint>{total - len(rows):,} more are left out.</p>" if total > len(rows) else ""
    mark = f' id="{identity}"' if identity else ""
    body = "\n".join(rows)
    table = f"<table{mark}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f"<div class=scroll tabindex=0>{table}</div>{rest}"
