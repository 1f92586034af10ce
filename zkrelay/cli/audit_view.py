"""A report for a terminal: the verdict, what was asked about, what is loose, which rules fired, advice."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from . import output

if TYPE_CHECKING:
    from rich.console import Console

    from ..audit.report import Report

MAX_LINES = 24  # of a table
MAX_ROWS = 12  # of a piece
MAX_SIGNALS = 16  # named of a piece
_WIDTH_OF_FILES = 1 << 20
_COLOURS = {"safe": "green", "under-constrained": "bold red", "unknown": "yellow"}


def show(report: Report, name: str) -> None:
    """Print the report to standard output."""
    from rich.console import Console

    # a line that goes to a program or a file ends where it ends, and a number in it is whole
    has_width = output.is_terminal(sys.stdout) or "COLUMNS" in os.environ
    console = Console(highlight=False, width=None if has_width else _WIDTH_OF_FILES)
    with console.capture() as captured:
        _show(console, report, output.one_line(name))
    output.result("\n".join(line.rstrip() for line in captured.get().splitlines()), styled=True)


def _show(console: Console, report: Report, name: str) -> None:
    from rich.text import Text

    system = report.system
    mode = "every signal" if report.mode.value == "strong" else "outputs"
    console.print(
        Text(report.verdict.value.upper(), style=_COLOURS[report.verdict.value]),
        Text(f"{name}: {mode}, {'in part, ' if report.interrupted else ''}in {output.duration(report.seconds)}"),
    )
    console.print(
        Text(
            f"{output.plural(len(system.rows), 'constraint')}, {output.plural(system.num_wires, 'wire')}, "
            f"{output.plural(len(system.outputs), 'output')}, {output.plural(len(system.inputs), 'input')}, "
            f"a prime of {system.modulus.bit_length()} bits"
        )
    )
    for part in (_asked, _pair, _loose, _rules, _advice):
        part(console, report)


def _asked(console: Console, report: Report) -> None:
    """Few targets by name, many by component."""
    from ..audit.views.pieces import components

    system = report.system
    if len(report.targets) <= MAX_LINES:
        rows = [(system.name(wire), verdict.value) for wire, verdict in report.targets.items()]
        _table(console, ("signal", "verdict"), rows, style=lambda row: _COLOURS[row[1]])
        return
    parts: list[tuple[str, ...]] = []
    for part in components(report, at_most=MAX_LINES):
        safe = sum(report.targets[wire].value == "safe" for wire in part.targets)
        parts.append((part.name or "(top)", f"{safe:,} of {len(part.targets):,}", part.verdict.value))
    _table(console, ("component", "safe", "verdict"), parts, style=lambda row: _COLOURS[row[2]])


def _pair(console: Console, report: Report) -> None:
    from ..audit.views.pieces import differing, role
    from ..audit.views.render import value_text

    pair, system = report.pair, report.system
    if pair is None:
        return
    console.print()
    console.print(f"Both satisfy every constraint (found by {pair.found_by}); ≠ marks what differs:")
    loose = differing(report)
    asked = [wire for wire in report.targets if wire in loose]
    order = [*sorted(system.inputs), *asked, *sorted(loose.difference(asked))]
    rows = [
        (
            "≠" if wire in loose else "",
            system.name(wire),
            role(system, wire),
            value_text(pair.first[wire], system.modulus),
            value_text(pair.second[wire], system.modulus),
        )
        for wire in order
    ]
    _table(console, ("", "signal", "is", "first", "second"), rows, style=lambda row: "red" if row[0] else "")


def _loose(console: Console, report: Report) -> None:
    from rich.text import Text

    from ..audit.views.pieces import loose_piece
    from ..audit.views.render import row_text

    piece, system = loose_piece(report), report.system
    if piece is None:
        return
    names = [system.name(wire) for wire in piece.wires]
    more = f" and {len(names) - MAX_SIGNALS:,} more" if len(names) > MAX_SIGNALS else ""
    console.print()
    what = "Loose" if report.pair is not None else "Stuck"
    console.print(Text(f"{what}: {', '.join(names[:MAX_SIGNALS])}{more}; the rows on them:"))
    rows = [(str(row), row_text(system, row), system.line(row)) for row in piece.rows]
    _table(console, ("row", "says", "stated at"), rows, at_most=MAX_ROWS)


def _rules(console: Console, report: Report) -> None:
    from ..audit.views.pieces import fired

    if report.verdict.value == "safe":
        console.print()
        _table(console, ("", "rule", "steps"), [(letter, name, f"{count:,}") for letter, name, count in fired(report)])


def _advice(console: Console, report: Report) -> None:
    from rich.text import Text

    from ..audit.advice import CODES

    if not report.advice:
        return
    console.print()
    for finding in report.advice[:MAX_LINES]:
        console.print(Text(f"{finding.code} {finding.message}", style="dim" if finding.silenced else ""))
        remedy = f"allowed: {finding.silenced}" if finding.silenced else CODES[finding.code].mend
        lines = sorted({report.system.line(row) for row in finding.rows} - {""})
        console.print(Text("       " + "; ".join([*lines, remedy]), style="dim"))
    _left_out(console, len(report.advice) - MAX_LINES, "finding")


def _table(
    console: Console,
    header: Sequence[str],
    rows: Sequence[tuple[str, ...]],
    style: Callable[[tuple[str, ...]], str] = lambda row: "",
    at_most: int = MAX_LINES,
) -> None:
    """At most ``at_most`` rows, and how many more there are.  Cells are text, never markup."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in header:
        table.add_column(name, overflow="fold")
    for row in rows[:at_most]:
        table.add_row(*map(Text, row), style=style(row))
    console.print(table)
    _left_out(console, len(rows) - at_most, "line")


def _left_out(console: Console, count: int, noun: str) -> None:
    if count > 0:
        console.print(f"… {output.plural(count, f'more {noun}')}; --json and --html tell more")
