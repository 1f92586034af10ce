"""A second voice on what is stuck: Z3's finite fields (QF_FF, Z3 5.3 and later), asked about two copies of the rows.

Given the wires that both copies share, can a target differ?

    ⋀_{i on shared wires only} row_i(w)  ∧  ⋀_{other i} row_i(w) ∧ row_i(v)  ∧  ⋁_{targets t} w_t ≠ v_t

where v_s = w_s for a shared wire s.  With the inputs shared, and wires that the inputs determine, a model is a pair of
complete assignments: it is checked exactly against every row before it counts as one, so a wrong model is an answer
missed and never a false verdict.  ``unsat`` is Z3's word and nothing more: it comes without a derivation, and a strict
audit never rests on it.  Asked about some of the rows only, ``unsat`` says the same as for all (fewer rows have more
models); a model of some rows is no pair yet, and all rows are asked about next.

The solver is the program ``z3`` in a process of its own (``solver_process``).
"""

from __future__ import annotations

import os
import re
import shutil
import sysconfig
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from ..report import Pair, Stuck
from ..system import Form, Row, System, linear_form
from .solver_process import run_limited

MEMORY_BYTES = 4 << 30
MAX_ROWS = 20_000  # a larger query is not answered within any patience, and its text alone is many megabytes
FOUND_BY = "z3"
_VALUE = re.compile(
    r"\(define-fun\s+([wv])(\d+)\s+\(\s*\)\s+(?:F|\(_\s+FiniteField\s+\d+\s*\))\s+"
    r"(?:\(as\s+ff(-?\d+)\s+(?:F|\(_\s+FiniteField\s+\d+\s*\))\s*\)|#f(\d+)m\d+)\s*\)"
)


class Says(str, Enum):
    PAIR = "pair"  # found and checked
    DETERMINED = "determined"  # its word
    NOTHING = "nothing"


@dataclass(frozen=True)
class Answer:
    """``pair`` with Says.PAIR; ``reason`` with Says.NOTHING: the solver is absent, was killed, or is not believed."""

    says: Says
    seconds: float
    pair: Pair | None = None
    reason: str = ""


def find_z3() -> str | None:
    """Path of the program: that of the extra ``smt`` beside this Python before any other."""
    return shutil.which("z3", path=os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)]))


def ask(
    system: System,
    shared: Collection[int],
    targets: Sequence[int],
    *,
    timeout: float,
    stuck: Stuck | None = None,
    solver: Sequence[str] | None = None,
    memory_bytes: int = MEMORY_BYTES,
) -> Answer:
    """Can a wire of ``targets`` differ where the wires of ``shared`` do not?

    Args:
        shared: the inputs, and any wires known to be determined by them; the constant is always shared.
        targets: not empty; none of them shared.
        timeout: seconds for all queries together.
        stuck: ask about its rows first, then about all.
        solver: the command in place of the ``z3`` that ``find_z3`` finds; it reads SMT-LIB from its standard input.

    Raises:
        ValueError: ``targets`` is empty or holds a shared wire.
    """
    common = {0, *shared}
    if not targets or common.intersection(targets):
        raise ValueError("the targets must be some wires that are not shared")
    if not system.inputs <= common:
        raise ValueError("the inputs must be shared: without them a pair is none")
    if solver is None:
        found = find_z3()
        if found is None:
            return Answer(Says.NOTHING, 0.0, reason="z3 is not installed (pip install 'zkrelay[smt]')")
        solver = [found, "-in", "-model", f"-memory:{memory_bytes >> 20}"]
    spent = 0.0
    answer = Answer(Says.NOTHING, spent, reason="no rows to ask about")
    for rows in ([stuck.rows] if stuck is not None else []) + [range(len(system.rows))]:
        if len(rows) > MAX_ROWS:
            return Answer(Says.NOTHING, spent, reason=f"{len(rows):,} rows are more than {MAX_ROWS:,}")
        if spent >= timeout:
            return Answer(Says.NOTHING, spent, reason=f"{timeout:g} s were over")
        text = query(system, rows, common, targets)
        done = run_limited(solver, text, timeout=timeout - spent, memory_bytes=memory_bytes)
        spent += done.seconds
        answer = _judge(system, common, targets, done.output, done.reason, spent)
        if answer.says is Says.DETERMINED or len(rows) == len(system.rows):
            break
    return answer


def query(system: System, rows: Sequence[int], shared: Collection[int], targets: Sequence[int]) -> str:
    """The question above about ``rows``, as SMT-LIB."""
    chosen = [system.rows[index] for index in rows]
    wires = sorted({*targets, *(wire for row in chosen for wire in row.wires())})
    names = [f"w{wire}" for wire in wires] + [f"v{wire}" for wire in wires if wire not in shared]
    lines = ["(set-logic QF_FF)", f"(define-sort F () (_ FiniteField {system.modulus}))"]
    lines += [f"(declare-fun {name} () F)" for name in names]
    for row in chosen:
        lines += _assertion(row, system.modulus, shared, "w")
        if not row.wires() <= set(shared):
            lines += _assertion(row, system.modulus, shared, "v")
    differing = " ".join(f"(not (= w{wire} v{wire}))" for wire in targets)
    lines.append(f"(assert (or {differing} false))")
    lines.append("(check-sat)")
    return "\n".join(lines) + "\n"


def _assertion(row: Row, modulus: int, shared: Collection[int], copy: str) -> Iterator[str]:
    linear = linear_form(row, modulus)
    if linear is None:
        a, b, c = (_term(side, shared, copy) for side in (row.a, row.b, row.c))
        yield f"(assert (= (ff.mul {a} {b}) {c}))"
    elif linear:
        yield f"(assert (= {_term(linear, shared, copy)} (as ff0 F)))"


def _term(form: Form, shared: Collection[int], copy: str) -> str:
    parts = []
    for wire, k in form.items():
        name = f"w{wire}" if wire in shared else f"{copy}{wire}"
        parts.append(f"(as ff{k} F)" if wire == 0 else name if k == 1 else f"(ff.mul (as ff{k} F) {name})")
    return "(as ff0 F)" if not parts else parts[0] if len(parts) == 1 else f"(ff.add {' '.join(parts)})"


def _judge(
    system: System, shared: Collection[int], targets: Sequence[int], output: str | None, reason: str, seconds: float
) -> Answer:
    if output is None:
        return Answer(Says.NOTHING, seconds, reason=f"the solver {reason}")
    said = output.split("\n", 1)[0].strip()
    if said == "unsat":
        return Answer(Says.DETERMINED, seconds)
    if said == "sat":
        pair = _pair(system, shared, targets, output)
        if pair is not None:
            return Answer(Says.PAIR, seconds, pair)
        return Answer(Says.NOTHING, seconds, reason="the solver's model is no pair of assignments")
    return Answer(Says.NOTHING, seconds, reason=f"the solver says {said[:100]!r}")


def _pair(system: System, shared: Collection[int], targets: Sequence[int], output: str) -> Pair | None:
    """The model, when it is two complete assignments that satisfy every row and differ on a target."""
    first = [1] + [0] * (system.num_wires - 1)  # a wire that the model does not name may have any value
    second: dict[int, int] = {}
    for copy, wire, value, short in _VALUE.findall(output):
        number = int(wire[:20])
        if not 0 < number < system.num_wires:
            return None
        canonical = int(value or short) % system.modulus
        if copy == "w":
            first[number] = canonical
        else:
            second[number] = canonical
    other = [second.get(wire, value) for wire, value in enumerate(first)]
    differing = tuple(wire for wire in targets if first[wire] != other[wire])
    agree = all(first[wire] == other[wire] for wire in system.inputs)
    satisfied = all(next(system.violated(z), None) is None for z in (first, other))
    if not (differing and agree and satisfied):
        return None
    return Pair(tuple(first), tuple(other), differing, FOUND_BY)
