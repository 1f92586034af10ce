"""The engine: rules to a fixed point, the cheap ones first.

``derive`` says which wires the inputs determine and how; it never guesses.  Rules that need a search (division,
gadgets on curves, bounds, case splits, elimination) look only at rows that are stuck.
"""

from __future__ import annotations

import contextlib

from ..system import System
from .bounds import bounded_digits
from .cases import split
from .curve_rules import curve_step
from .division import divide
from .gauss import eliminate
from .linear_rules import boolean_forms, drain
from .points import Points
from .state import OutOfTime, State


def derive(system: System, deadline: float = float("inf")) -> State:
    """Everything that the rules show, or showed until the deadline (time.monotonic())."""
    state = State(system, deadline)
    with contextlib.suppress(OutOfTime):
        run(state)
    return state


def run(state: State) -> None:
    """To the fixed point.

    Raises:
        OutOfTime: the deadline passed; what was found so far stays.
    """
    points = Points(state)
    boolean_forms(state)
    drain(state)
    while not all(state.known):
        if not (_divisions(state, points) or _bounds(state) or split(state) or eliminate(state)):
            return
        drain(state)


def _divisions(state: State, points: Points) -> bool:
    """Rows stuck for their divisor, oldest first, until none of them moves."""
    progress = False
    while True:
        stuck = list(dict.fromkeys(row for row in state.divisions if state.unknown[row] == 1))
        state.divisions = stuck.copy()
        moved = False
        for row in stuck:
            if state.unknown[row] == 1 and (divide(state, row) or curve_step(state, points, row)):
                moved = True
                drain(state)
        progress |= moved
        if not moved:
            return progress


def _bounds(state: State) -> bool:
    rows, state.overfull = list(dict.fromkeys(state.overfull)), []
    progress = False
    for row in rows:
        if state.unknown[row] > 1 and bounded_digits(state, row):
            progress = True
    return progress
