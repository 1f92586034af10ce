"""``assert_determined``: what vendors of circuits put into their own tests."""

from __future__ import annotations

import os

from ..errors import AuditError
from ..formats import R1CSFile, read_r1cs_file
from ..r1cs import R1CS, Circuit, CompiledCircuit, compile_circuit
from .ask import DEFAULT_TIMEOUT_S, ask
from .report import Report, Verdict
from .system import System, system_of, system_of_file
from .views.pieces import differing, loose_piece, role
from .views.render import row_text, value_text

Audited = Circuit | CompiledCircuit | R1CS | R1CSFile | System | str | os.PathLike[str]
MAX_LINES = 12


def assert_determined(circuit: Audited, *, strong: bool | None = None, timeout: float = DEFAULT_TIMEOUT_S) -> None:
    """The inputs determine the outputs, or, when ``strong`` or without outputs, every signal.

    Args:
        circuit: a circuit (compiled over BN254 here), what ``compile_circuit`` gives, a constraint system, or the path
            of a ``.r1cs``.
        timeout: seconds; undecided after that long is a failure, too.

    Raises:
        AssertionError: with what is loose, or stuck, and the rows on it.
        AuditError, FormatError, CircuitError: the circuit cannot be audited as it stands.
    """
    report = ask(system_from(circuit), strong=strong, timeout=timeout, lint=False)
    if report.verdict is not Verdict.SAFE:
        raise AssertionError(explanation(report))


def system_from(circuit: Audited) -> System:
    """Whatever a caller has, as the auditor reads it."""
    if isinstance(circuit, System):
        return circuit
    if isinstance(circuit, R1CS):
        return system_of(circuit)
    if isinstance(circuit, R1CSFile):
        return system_of_file(circuit)
    if isinstance(circuit, CompiledCircuit):
        return system_of(circuit.r1cs)
    if isinstance(circuit, Circuit):
        return system_of(compile_circuit(circuit).r1cs)
    if isinstance(circuit, (str, os.PathLike)):
        return system_of_file(read_r1cs_file(circuit))
    raise AuditError(f"a {type(circuit).__name__} is nothing to audit")


def explanation(report: Report) -> str:
    """Verdict, the two values of what differs, and the rows, in at most a screenful."""
    system = report.system
    bad = [system.name(wire) for wire, verdict in report.targets.items() if verdict is not Verdict.SAFE]
    lines = [f"{report.verdict.value} ({report.mode.value}): {_some(bad)}"]
    if (pair := report.pair) is not None:
        loose = sorted(differing(report), key=lambda wire: wire not in report.targets)
        for wire in [*sorted(system.inputs)[:MAX_LINES], *loose[:MAX_LINES]]:
            first, second = (value_text(side[wire], system.modulus) for side in (pair.first, pair.second))
            values = f"{first} or {second}" if wire in loose else first
            lines.append(f"  {role(system, wire)} {system.name(wire)} = {values}")
    if (piece := loose_piece(report)) is not None:
        for row in piece.rows[:MAX_LINES]:
            line = f"  ({system.line(row)})" if system.line(row) else ""
            lines.append(f"  row {row}: {row_text(system, row)}{line}")
        if len(piece.rows) > MAX_LINES:
            lines.append(f"  and {len(piece.rows) - MAX_LINES:,} more rows")
    return "\n".join([*lines, *(f"  note: {note}" for note in report.notes)])


def _some(names: list[str]) -> str:
    more = f" and {len(names) - MAX_LINES:,} more" if len(names) > MAX_LINES else ""
    return ", ".join(names[:MAX_LINES]) + more
