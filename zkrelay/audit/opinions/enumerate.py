"""The judge over a tiny field: every assignment of a small system, one by one.

Wires are set in an order fixed beforehand: the given ones, then always those of the row with the fewest wires missing.
A row is checked as soon as its last wire is set, or solved for that wire where it can only have one value.  The leaves
of this walk are exactly the satisfying assignments, so what it says is no opinion: SAFE when it ends without two leaves
that agree on the inputs and differ on a target, and else these two.  The work is about p^(inputs and free wires); with
numba (extra ``audit``) the same walk is compiled, where it turns out long.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...errors import AuditError
from ..report import Mode, Pair, Verdict
from ..system import Form, Row, System, linear_form
from .compiled_walk import have_numba, walk

MAX_MODULUS = 251  # above it nothing is tiny; it also keeps the compiled walk's sums below 2^63
MAX_NODES = 1 << 32
PATIENCE = 1 << 17  # values tried by plain Python (a third of a second) before numba's compiler (some seconds) pays
FOUND_BY = "enumeration"


@dataclass(frozen=True)
class Enumerated:
    """``verdict`` is SAFE or UNDER-CONSTRAINED, then with a pair; ``nodes`` is how many values were tried."""

    verdict: Verdict
    nodes: int
    pair: Pair | None = None


@dataclass(frozen=True)
class Step:
    """Set ``wire``: to (A·B - C) / k of ``solved``, whose C has no longer its term k·wire, or to each value in turn.
    Then the rows of ``checks``, which it completes, must hold.
    """

    wire: int
    checks: tuple[Row, ...]
    solved: Row | None = None
    inverse: int = 0  # of k


@dataclass
class Walk:
    """A walk through the assignments of a system; ``nodes`` counts the values tried so far."""

    modulus: int
    num_wires: int
    steps: list[Step]
    constant_rows: tuple[Row, ...]  # without wires
    max_nodes: int
    nodes: int = field(default=0, init=False)

    def leaves(self, given: Sequence[int] = ()) -> Iterator[list[int]]:
        """Satisfying assignments in which the first steps' wires have the values of ``given``; the same list each time.

        Raises:
            AuditError: after ``max_nodes`` values.
        """
        p, z, steps = self.modulus, [0] * self.num_wires, self.steps
        z[0] = 1
        if not _hold(self.constant_rows, z, p):
            return
        choices: list[Iterator[int]] = [iter((0,))]  # below the first step, one way to begin
        while choices:
            depth = len(choices) - 1
            for value in choices[-1]:
                if depth:
                    step = steps[depth - 1]
                    z[step.wire] = value
                    self.nodes += 1
                    if not _hold(step.checks, z, p):
                        continue
                if depth == len(steps):
                    yield z
                    continue
                choices.append(self._choices(depth, z, given))
                break
            else:
                choices.pop()
            if self.nodes > self.max_nodes:
                raise AuditError(f"the enumeration is not at its end after {self.max_nodes:,} values")

    def _choices(self, depth: int, z: list[int], given: Sequence[int]) -> Iterator[int]:
        step, p = self.steps[depth], self.modulus
        if depth < len(given):
            value = given[depth] % p
            if step.solved is not None and _solve(step, z, p) != value:
                return iter(())
            return iter((value,))
        return iter(range(p)) if step.solved is None else iter((_solve(step, z, p),))


def decide(
    system: System, *, mode: Mode = Mode.WEAK, max_nodes: int = MAX_NODES, compiled: bool | None = None
) -> Enumerated:
    """Whether the inputs determine the targets: the outputs, or every signal in strong mode.

    Args:
        compiled: walk by numba, by plain Python, or (None) plainly for a while and then by numba where it is installed.

    Raises:
        AuditError: the modulus is above MAX_MODULUS, or ``max_nodes`` values were tried without an end.
    """
    inputs = sorted(system.inputs)
    targets = system.outputs if mode is Mode.WEAK else tuple(w for w in system.signals if w not in system.inputs)
    if compiled is None and max_nodes > PATIENCE and have_numba():
        try:
            return _decide_plainly(_walk(system, inputs, targets, PATIENCE), len(inputs), targets)
        except AuditError:
            compiled = True
    planned = _walk(system, inputs, targets, max_nodes)
    if not compiled:
        return _decide_plainly(planned, len(inputs), targets)
    found, nodes = walk(planned, len(inputs), targets)
    if found is None:
        return Enumerated(Verdict.SAFE, nodes)
    return Enumerated(Verdict.UNDER_CONSTRAINED, nodes, _pair(*found, targets))


def _decide_plainly(planned: Walk, num_inputs: int, targets: Sequence[int]) -> Enumerated:
    inputs = [step.wire for step in planned.steps[:num_inputs]]
    first: list[int] | None = None  # the first leaf with the inputs of the present one
    for z in planned.leaves():
        if first is None or any(first[wire] != z[wire] for wire in inputs):
            first = list(z)
        elif any(first[wire] != z[wire] for wire in targets):
            return Enumerated(Verdict.UNDER_CONSTRAINED, planned.nodes, _pair(first, z, targets))
    return Enumerated(Verdict.SAFE, planned.nodes)


def _pair(first: Sequence[int], second: Sequence[int], targets: Sequence[int]) -> Pair:
    differing = tuple(wire for wire in targets if first[wire] != second[wire])
    return Pair(tuple(first), tuple(second), differing, FOUND_BY)


def outputs_by_input(system: System) -> dict[tuple[int, ...], set[tuple[int, ...]]]:
    """For the values of the inputs (ascending wires) that some assignment has: the values of the outputs beside them.

    Raises:
        AuditError: as ``decide``.
    """
    inputs = sorted(system.inputs)
    found: dict[tuple[int, ...], set[tuple[int, ...]]] = {}
    for z in _walk(system, [], [*inputs, *system.outputs], MAX_NODES).leaves():
        found.setdefault(tuple(z[w] for w in inputs), set()).add(tuple(z[w] for w in system.outputs))
    return found


def solutions(system: System, given: Mapping[int, int]) -> Iterator[list[int]]:
    """Every assignment that satisfies all rows and has the values of ``given`` on its wires.

    Raises:
        AuditError: as ``decide``.
    """
    for z in _walk(system, [*given], system.signals, MAX_NODES).leaves([*given.values()]):
        yield list(z)


def _walk(system: System, first: Sequence[int], targets: Sequence[int], max_nodes: int) -> Walk:
    """Wires of ``first``, then those of rows, then targets in no row; other wires stay 0."""
    if system.modulus > MAX_MODULUS:
        raise AuditError(f"a field of {system.modulus} elements is not enumerated: at most {MAX_MODULUS}")
    missing = [row.wires() for row in system.rows]
    constant_rows = tuple(row for row, wires in zip(system.rows, missing, strict=True) if not wires)
    open_rows = {index for index, wires in enumerate(missing) if wires}
    steps: list[Step] = []
    placed: set[int] = set()

    def place(wire: int) -> None:
        placed.add(wire)
        complete = []
        for index in system.occurrences[wire]:
            missing[index].discard(wire)
            if not missing[index]:
                complete.append(system.rows[index])
                open_rows.discard(index)
        steps.append(_step(wire, complete, system.modulus))

    for wire in first:
        place(wire)
    while open_rows:
        shortest = min(open_rows, key=lambda index: (len(missing[index]), index))
        place(min(missing[shortest]))
    for wire in targets:
        if wire not in placed:
            place(wire)
    return Walk(system.modulus, system.num_wires, steps, constant_rows, max_nodes)


def _step(wire: int, complete: list[Row], p: int) -> Step:
    for index, row in enumerate(complete):
        linear = linear_form(row, p)
        a, b, c = (row.a, row.b, row.c) if linear is None else ({}, {}, linear)
        if wire in c and wire not in a and wire not in b:
            rest: Form = {other: k for other, k in c.items() if other != wire}
            checks = (*complete[:index], *complete[index + 1 :])
            return Step(wire, checks, Row(a, b, rest), pow(c[wire], -1, p))
    return Step(wire, tuple(complete))


def _solve(step: Step, z: Sequence[int], p: int) -> int:
    assert step.solved is not None
    row = step.solved
    return (_value(row.a, z) * _value(row.b, z) - _value(row.c, z)) * step.inverse % p


def _value(form: Form, z: Sequence[int]) -> int:
    total = 0
    for wire, k in form.items():
        total += k * z[wire]
    return total


def _hold(rows: Sequence[Row], z: Sequence[int], p: int) -> bool:
    """The innermost loop of every walk, so the three sums are not calls."""
    for row in rows:
        a = b = c = 0
        for wire, k in row.a.items():
            a += k * z[wire]
        for wire, k in row.b.items():
            b += k * z[wire]
        for wire, k in row.c.items():
            c += k * z[wire]
        if (a * b - c) % p:
            return False
    return True
