"""``audit``: from a constraint system to a report."""

from __future__ import annotations

import time
from collections.abc import Iterable

from ..formats.r1cs import R1CSFile
from ..r1cs import R1CS
from .derive.engine import run
from .derive.state import OutOfTime, State
from .report import Derivation, Mode, Pair, Report, Stuck, Verdict
from .search.pairs import find_pair
from .system import System, system_of, system_of_file

DERIVE_SHARE = 0.8  # of the time for the derivation; the rest is the pair search's


def audit(
    circuit: System | R1CS | R1CSFile,
    *,
    strong: bool | None = None,
    timeout: float = 60.0,
    search: bool = True,
) -> Report:
    """Decide whether the inputs of ``circuit`` determine its outputs (weak) or all of its signals (strong).

    Args:
        strong: by default only for a circuit without outputs, where the weak question is empty.
        timeout: seconds; what is undecided then is UNKNOWN.
        search: look for a pair of witnesses where the derivation is stuck.

    Ctrl-C ends the audit early: the report then says so and holds what was found.

    Raises:
        AuditError: too many constraints, input wires that the compiler removed, or a weak question without outputs.
    """
    start = time.monotonic()
    system = _system(circuit)
    notes = []
    if strong is None:
        strong = not system.outputs
        if strong:
            notes.append("the circuit has no outputs: asked about every signal (strong)")
    targets = list(system.signals) if strong else list(system.outputs)
    if not targets:
        notes.append("nothing to ask: the circuit has no outputs; --strong asks about every signal")
    state = State(system, start + timeout * DERIVE_SHARE)
    interrupted, pair, in_time = False, None, True
    try:
        try:
            run(state)
        except OutOfTime:
            notes.append("the derivation ran out of time: nothing was searched for")
            in_time = False
        open_targets = [wire for wire in targets if not state.known[wire]]
        if open_targets and search and in_time:
            determined = {wire for wire in range(system.num_wires) if state.known[wire]}
            pair = find_pair(system, determined, open_targets, deadline=start + timeout)
    except KeyboardInterrupt:
        interrupted = True
    return _report(state, Mode.STRONG if strong else Mode.WEAK, targets, pair, start, notes, interrupted)


def _system(circuit: System | R1CS | R1CSFile) -> System:
    if isinstance(circuit, System):
        return circuit
    return system_of_file(circuit) if isinstance(circuit, R1CSFile) else system_of(circuit)


def _report(
    state: State,
    mode: Mode,
    targets: list[int],
    pair: Pair | None,
    start: float,
    notes: list[str],
    interrupted: bool,
) -> Report:
    system = state.system
    differing = set(pair.differing) if pair else set()
    verdicts = {
        wire: Verdict.SAFE if state.known[wire] else Verdict.UNDER_CONSTRAINED if wire in differing else Verdict.UNKNOWN
        for wire in targets
    }
    is_safe = not interrupted and all(verdict is Verdict.SAFE for verdict in verdicts.values())
    verdict = Verdict.UNDER_CONSTRAINED if pair else Verdict.SAFE if is_safe else Verdict.UNKNOWN
    return Report(
        system=system,
        mode=mode,
        verdict=verdict,
        targets=verdicts,
        seconds=time.monotonic() - start,
        derivation=Derivation(tuple(state.log), dict(state.fired)),
        pair=pair,
        stuck=tuple(stuck_pieces(state, [wire for wire in targets if not state.known[wire]])),
        interrupted=interrupted,
        notes=tuple(notes),
    )


def stuck_pieces(state: State, targets: Iterable[int]) -> list[Stuck]:
    """The pieces, connected through rows by wires that are not known, that hold a target; smallest first."""
    pieces: list[Stuck] = []
    seen: set[int] = set()
    num_rows = len(state.system.rows)
    for target in targets:
        if target in seen:
            continue
        wires, rows, frontier = {target}, set(), [target]
        while frontier:
            for row in state.occurrences[frontier.pop()]:
                if row in rows or row >= num_rows:
                    continue
                rows.add(row)
                for wire in state.rows[row].wires():
                    if not state.known[wire] and wire not in wires:
                        wires.add(wire)
                        frontier.append(wire)
        seen |= wires
        pieces.append(Stuck(tuple(sorted(wires)), tuple(sorted(rows))))
    return sorted(pieces, key=lambda piece: (len(piece.wires), piece.wires))
