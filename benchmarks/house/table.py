"""The table of targets and the other tables, as Markdown: it reads well in a terminal and on a page."""

from __future__ import annotations

from collections.abc import Sequence

from .measures import PEERS
from .results import Measured, Run
from .targets import AIM, AT_LEAST, Line, evaluate

ABSENT = "-"


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """An aligned Markdown table; the first column is text, the others are numbers."""
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cells[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)),
        ]
        return "| " + " | ".join(padded) + " |"

    rule = "|".join(["", "-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:]), ""])
    return "\n".join([line(header), rule, *(line(row) for row in rows)])


def number(value: float | None) -> str:
    """Three significant digits; thousands separated."""
    if value is None:
        return ABSENT
    return f"{value:,.{0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3}f}"


def targets_table(run: Run) -> str:
    """Ratios are peer / ours; "at least" and "aim" are given as the numbers and as ratios to the row's yardstick."""
    header = ["work", "ours", "best measured peer", "ratio", "at least", "aim", "reached", "quoted"]
    return markdown(header, [_target_row(line) for line in evaluate(run)])


def _target_row(line: Line) -> list[str]:
    target, needs = line.target, line.needs
    best = ABSENT if line.best is None else f"{line.best[0]} {number(line.best[1])}"
    ratio = ABSENT if line.ratio is None else str(line.ratio)
    at_least, aim = f"{target.at_least:g}", f"{target.aim:g}"
    if needs is not None:
        at_least, aim = f"{at_least} ({needs[0]:.1f}x)", f"{aim} ({needs[1]:.1f}x)"
    ours = ABSENT if line.ours is None else f"{number(line.ours)} {target.unit}"
    return [target.label, ours, best, ratio, at_least, aim, line.verdict, target.quoted or ABSENT]


def targets_notes(run: Run) -> list[str]:
    """Failures and absences, by name; and how many rows reached what."""
    lines = evaluate(run)
    reached = sum(line.verdict in (AIM, AT_LEAST) for line in lines)
    aims = sum(line.verdict == AIM for line in lines)
    notes = [f'{reached} of {len(lines)} rows reach "at least", {aims} of them the aim.']
    load, cores = (run.machine.get(name, "") for name in ("load", "cores"))
    if load.replace(".", "", 1).isdigit() and cores.isdigit() and float(load) > 0.25 * int(cores):
        notes.append(
            f"The machine was busy (a load of {load} on {cores} cores as the run began): wall times, those of two "
            "threads, are too long, for the peers as for us; the ratios stand."
        )
    notes += [f"{line.target.label}: {line.note}" for line in lines if line.note]
    notes += [f"{name} is absent: {reason}" for name, reason in run.absent.items()]
    return notes + [f"skipped: {reason}" for reason in run.skipped]


def failures(run: Run) -> list[str]:
    """Who failed at what, and what was skipped, over all measures of a run."""
    lines = [f"{item.key}: {item.error}" for item in run.measured if item.error]
    for item in run.measured:
        if item.race is not None:
            lines += [f"{item.key}: {name}: {side.error}" for name, side in item.race.peers.items() if side.error]
    return lines + [f"skipped: {reason}" for reason in run.skipped]


def everything_table(run: Run) -> str:
    """Every measure with every peer: milliseconds by the clock of its row, and the ratio to ours."""
    names = _peer_names(run)
    header = ["measure", "clock", "ours", *(f"{name} (ratio)" for name in names)]
    rows = []
    for item in run.measured:
        if item.race is None:
            rows.append([item.key, item.clock, f"error: {item.error}", *(ABSENT for _ in names)])
        else:
            rows.append([item.key, item.clock, _time(item.ours_ms()), *(_peer_cell(item, name) for name in names)])
    return markdown(header, rows)


def _peer_names(run: Run) -> list[str]:
    """Peers in their order, then other kernels of ours."""
    seen = {name for item in run.measured if item.race for name in item.race.peers}
    return [*(name for name in PEERS if name in seen), *sorted(seen - set(PEERS))]


def _peer_cell(item: Measured, name: str) -> str:
    if item.race is None or name not in item.race.peers:
        return ABSENT
    if item.race.peers[name].error:
        return "error"
    ratio = item.ratio(name)
    return ABSENT if ratio is None else f"{_time(item.peer_ms(name))} ({ratio.median:.3g}x)"


def _time(ms: float | None) -> str:
    if ms is None:
        return ABSENT
    if ms < 1e-3:
        return f"{number(ms * 1e6)} ns"
    return f"{number(ms)} ms" if ms < 1e4 else f"{number(ms / 1e3)} s"


def machine_table(run: Run) -> str:
    facts = {**run.machine, "commit": ", ".join(run.commits()) or run.machine.get("commit", "unknown")}
    rows = [[key.replace("_", " "), value] for key, value in facts.items()]
    rows += [["peer " + name, version] for name, version in run.peers.items()]
    rows += [["peer " + name, f"absent: {reason}"] for name, reason in run.absent.items()]
    rows.append(["command", f"`{run.command}`"])
    body = "\n".join(f"| {name} | {value} |" for name, value in rows)
    return f"| | |\n|---|---|\n{body}"


KERNELS = """\
`x86_adx` is meant to be at least as fast as gnark (within 1.5 times for the NTT, where gnark uses AVX-512), and
`portable` at most twice as slow as `x86_adx`. Times as above; quotients are of paired ratios.
"""


def kernels_table(run: Run) -> str:
    """Kernels of ours beside gnark, where a run raced several; "" where it did not."""
    own = run.machine["kernel"]
    others = {name.split()[-1]: name for name in _peer_names(run) if name not in PEERS}
    rows = []
    for item in run.measured:
        if item.race is None or not any(name in item.race.peers for name in others.values()):
            continue
        times = [_time(item.peer_ms(name)) for name in ("gnark", *others.values())]
        names = {own: None, **others}
        adx, portable = (_to_ours(item, names.get(kernel, "")) for kernel in ("x86_adx", "portable"))
        quotients = [_quotient(_to_ours(item, "gnark"), adx), _quotient(portable, adx)]
        rows.append([item.key, times[0], _time(item.ours_ms()), *times[1:], *quotients])
    if not rows:
        return ""
    return markdown(["measure", "gnark", own, *others, "gnark / x86_adx", "portable / x86_adx"], rows)


def _to_ours(item: Measured, name: str | None) -> float | None:
    """Time of a program over that of ours in the same pairs; ours itself (None) is 1."""
    ratio = None if name is None else item.ratio(name)
    return 1.0 if name is None else None if ratio is None else ratio.median


def _quotient(above: float | None, below: float | None) -> str:
    return ABSENT if above is None or not below else f"{above / below:.2f}"
