"""Every assignment of a small system as the checker of derivations holds it."""

from __future__ import annotations

from zkrelay.audit.replay.reader import Form, Row, Statement

Assignment = list[int]
MAX_ASSIGNMENTS = 400


def value(form: Form, x: Assignment) -> int:
    return sum(c * x[w] for w, c in form.items())


def holds(row: Row, x: Assignment, p: int) -> bool:
    return (value(row[0], x) * value(row[1], x) - value(row[2], x)) % p == 0


def assignments(statement: Statement) -> list[Assignment]:
    """All that satisfy every row, none when they get many: wire by wire, the shortest rows first."""
    p, found, done = statement.modulus, [[1] + [0] * (statement.num_wires - 1)], {0}
    waiting = [(row, {w for side in row for w in side}) for row in statement.rows]
    while True:
        ready = [row for row, wires in waiting if wires <= done]
        waiting = [(row, wires) for row, wires in waiting if not wires <= done]
        found = [x for x in found if all(holds(row, x, p) for row in ready)]
        if len(done) == statement.num_wires or len(found) > 4 * MAX_ASSIGNMENTS:
            return found if len(found) <= MAX_ASSIGNMENTS else []
        next_row = min((wires - done for _, wires in waiting), key=len, default=set(range(statement.num_wires)) - done)
        wire = min(next_row)
        done.add(wire)
        found = [[*x[:wire], v, *x[wire + 1 :]] for x in found for v in range(p)]
