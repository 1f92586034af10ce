"""Case split on a known form (c … e … f), and what a branch allows.

Two assignments that agree on the wires of F agree on whether F is 0.  So what is known in both cases is known.  Where
F = 0, a row F·X = C says C = 0; where F ≠ 0 it gives X for a known C, and F·X = 0 says X = 0.  ``is_zero`` is the
smallest example: F·inverse = 1 - z and F·z = 0 make z known, and ``inverse`` only where F ≠ 0.

Rows with the same F, or with F + constant (decoders, one-hot selectors), are split together: in the branch F ≠ 0 the
next constant is tried.
"""

from __future__ import annotations

from collections import defaultdict

from ..system import Form, add
from .linear_rules import drain, normalised
from .state import State, text

MAX_DEPTH = 40
MAX_MARKS = 4000  # what a branch may find out: a split is local
MAX_FORM = 300
MAX_OCCURRENCES = 500


def split(state: State) -> bool:
    """Try each known form that multiplies something unknown; True as soon as one split made a wire known."""
    groups = _factors(state)
    for direction, entries in sorted(groups.items(), key=lambda item: len(item[1])):
        constants = list(dict.fromkeys(constant for constant, _ in entries))
        rows = [row for _, row in entries]
        open_wires = sum(state.unknown[row] for row in rows)
        if state.split_in_vain.get(direction) == open_wires:
            continue
        rows += [row for row in _on_same_factor(state, dict(direction)) if row not in rows]
        if _try(state, dict(direction), constants, rows):
            return True
        state.split_in_vain[direction] = open_wires
    return False


def _factors(state: State) -> dict[tuple[tuple[int, int], ...], list[tuple[int, int]]]:
    """Direction (form without constant, normalised) -> (constant, row) of rows with an unknown wire beside it."""
    found: dict[tuple[tuple[int, int], ...], list[tuple[int, int]]] = defaultdict(list)
    for index, count in enumerate(state.unknown):
        if not count or state.linear(index) is not None:
            continue
        row = state.rows[index]
        for side in (row.a, row.b):
            if len(side) <= MAX_FORM and state.all_known(side):
                unit = normalised(side, state.p)
                direction = tuple(sorted((w, k) for w, k in unit.items() if w))
                found[direction].append((unit.get(0, 0), index))
    return found


def _on_same_factor(state: State, direction: Form) -> list[int]:
    """Rows with that factor whose wires are all known: they may make a case impossible (x·inverse = 1 where x = 0)."""
    rarest = min(direction, key=lambda wire: len(state.occurrences[wire]))
    candidates = state.occurrences[rarest][:MAX_OCCURRENCES]
    return [
        row
        for row in candidates
        if not state.unknown[row]
        and state.linear(row) is None
        and any(
            _constant_beside(side, direction, state.p) is not None for side in (state.rows[row].a, state.rows[row].b)
        )
    ]


def _try(state: State, direction: Form, constants: list[int], rows: list[int]) -> bool:
    before = len(state.log), state.fired.copy()
    try:
        new = _branches(state, direction, constants, rows, 0)
    except BaseException:  # out of time, or interrupted: half a split shows nothing, and what was shown before stays
        del state.log[before[0] :]
        raise
    if new:
        for wire in sorted(new):
            state.mark(wire)
        return True
    del state.log[before[0] :]
    state.fired = before[1]
    return False


def _branches(state: State, direction: Form, constants: list[int], rows: list[int], depth: int) -> set[int]:
    """Split on direction + constants[0]; in the branch where it is not 0 on the next.  Wires known in all branches."""
    form = add(direction, {0: constants[0]} if constants[0] else {}, 1, state.p)
    start = len(state.log)
    num_rows = len(state.rows)
    state.note(f"c {text(form)}")
    zero = _zero_branch(state, form, rows)
    state.note("e")
    nonzero = _nonzero_branch(state, form, direction, constants, rows, depth) if zero is None or zero else set()
    state.note("f")
    both = (nonzero or set()) if zero is None else zero if nonzero is None else zero & nonzero
    if not both:
        del state.log[start:]
        del (
            state.rows[num_rows:],
            state.unknown[num_rows:],
            state.loose[num_rows:],
            state.unranged[num_rows:],
            state.varying[num_rows:],
        )
    return both


def _zero_branch(state: State, form: Form, rows: list[int]) -> set[int] | None:
    """What is known where form = 0; None when that is impossible."""
    with _Branch(state) as branch:
        state.add_row(form)
        for index in rows:
            row = state.rows[index]
            for name, side, other in (("a", row.a, row.b), ("b", row.b, row.a)):
                m = _constant_beside(side, form, state.p)
                if m is not None:
                    state.note(f"0 {index} {name}")
                    left = {w: m * k % state.p for w, k in other.items()} if m else {}
                    virtual = state.add_row(add(left, row.c, -1, state.p))
                    if _impossible(state, virtual):
                        return None
                    break
        return branch.settle()


def _nonzero_branch(
    state: State, form: Form, direction: Form, constants: list[int], rows: list[int], depth: int
) -> set[int] | None:
    """What is known where form ≠ 0; None when that is impossible."""
    unit = normalised(form, state.p)
    with _Branch(state) as branch:
        state.nonzero_forms.append(form)
        try:
            for index in rows:
                row = state.rows[index]
                for side, other in ((row.a, row.b), (row.b, row.a)):
                    if side and normalised(side, state.p) == unit:
                        if not row.c:
                            state.note(f"m {index}")
                            if _impossible(state, state.add_row(dict(other))):
                                return None
                        else:
                            state.solvable.append(index)
                        break
            found = branch.settle()
            if found is not None and constants[1:] and depth < MAX_DEPTH:
                deeper = _branches(state, direction, constants[1:], rows, depth + 1)
                for wire in deeper:
                    state.mark(wire)
                found = branch.settle()
            return found
        finally:
            state.nonzero_forms.pop()


def _constant_beside(side: Form, form: Form, p: int) -> int | None:
    """m with side = k·form + m, else None."""
    lead = min((w for w in form if w), default=0)
    if lead not in side:
        return None
    ratio = side[lead] * pow(form[lead], -1, p) % p
    rest = add(side, form, -ratio, p)
    return rest.get(0, 0) if rest.keys() <= {0} else None


def _impossible(state: State, row: int) -> bool:
    """Row ``row`` says that a non-zero constant is 0."""
    linear = state.linear(row)
    if linear is not None and linear.keys() == {0}:
        state.note(f"k {row}")
        return True
    return False


class _Branch:
    """Facts found inside are undone at the end; the queues of the outside wait."""

    def __init__(self, state: State) -> None:
        self.state = state

    def __enter__(self) -> _Branch:
        state = self.state
        self.outer = state.trail, state.solvable, state.rangeable, state.divisions, state.overfull
        state.trail = []
        state.solvable, state.rangeable = type(state.solvable)(), type(state.rangeable)()
        state.divisions, state.overfull = [], []
        self.before = bytes(state.known)
        return self

    def settle(self) -> set[int]:
        """Everything that became known since the branch was opened."""
        drain(self.state, MAX_MARKS)
        known = self.state.known
        return {w for w in range(len(known)) if known[w] and not self.before[w]}

    def __exit__(self, *exception: object) -> None:
        state = self.state
        assert state.trail is not None
        for undo in reversed(state.trail):
            undo()
        state.trail, state.solvable, state.rangeable, state.divisions, state.overfull = self.outer
