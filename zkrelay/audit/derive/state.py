"""What is derived so far, and the log of how: the blackboard that all rules read and write.

Counters a row keep the worklist linear in the number of terms: a fact about a wire touches the rows on it once.

    unknown[row]   wires not known           (1: it may be solved)
    loose[row]     wires not known and without a range   (0: its digits may be unique)
    unranged[row]  wires without a range     (1: an interval follows; 0: a product may vanish)
    varying[row]   wires that are no constant   (1: a constant follows)

Facts made inside a case split are undone from a trail; what a rule writes is undone with it, log lines included.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable

from ..system import Form, Row, System, linear_form

Range = tuple[int, int]


class OutOfTime(Exception):
    """The deadline passed; what was found until then stays."""


class State:
    """Rows and wires of ``system``, then the virtual ones."""

    def __init__(self, system: System, deadline: float = float("inf")) -> None:
        self.system = system
        self.p = system.modulus
        self.deadline = deadline
        self.num_wires = system.num_wires
        self.rows: list[Row] = list(system.rows)
        self.forms: dict[int, Form | None] = {}
        self.occurrences: list[list[int]] = [list(rows) for rows in system.occurrences]
        self.known = bytearray(system.num_wires)
        self.known[0] = 1
        self.ranges: dict[int, Range] = {}
        self.solved_by: dict[int, int] = {}  # wire -> the row that step s solved for it
        self.solved_at: dict[int, int] = {}  # and when: the length of the log
        self.definitions: dict[int, int] = {}  # virtual wire -> the row that defines it
        sizes = [len(row.wires()) for row in self.rows]
        self.unknown = list(sizes)
        self.loose = list(sizes)
        self.unranged = list(sizes)
        self.varying = sizes
        self.solvable: deque[int] = deque()  # rows that a new fact touched
        self.rangeable: deque[int] = deque()
        self.divisions: list[int] = []  # rows whose one unknown wire has a divisor that is no constant
        self.overfull: list[int] = []  # digits that would wrap
        self.log: list[str] = []
        self.fired: Counter[str] = Counter()
        self.trail: list[Callable[[], None]] | None = None
        self.nonzero_forms: list[Form] = []
        self.num_bounds = 0
        self.split_in_vain: dict[tuple[tuple[int, int], ...], int] = {}  # factor -> unknown wires beside it then
        for index, size in enumerate(sizes):
            if size <= 1:
                self.solvable.append(index)
                self.rangeable.append(index)
        for wire in sorted(system.inputs):
            self.mark(wire)

    # -- facts ----------------------------------------------------------------------------------------------------

    def mark(self, wire: int) -> None:
        """``wire`` is known."""
        if self.known[wire]:
            return
        self.known[wire] = 1
        if self.trail is not None:
            self.trail.append(lambda: self._unmark(wire))
        unknown, solvable = self.unknown, self.solvable
        is_loose = wire not in self.ranges
        for row in self.occurrences[wire]:
            unknown[row] -= 1
            if is_loose:
                self.loose[row] -= 1
            if unknown[row] == 1 or not self.loose[row]:
                solvable.append(row)

    def _unmark(self, wire: int) -> None:
        self.known[wire] = 0
        is_loose = wire not in self.ranges
        for row in self.occurrences[wire]:
            self.unknown[row] += 1
            self.loose[row] += is_loose

    def set_range(self, wire: int, low: int, high: int) -> bool:
        """``wire`` is an integer of [low, high]; False when that is nothing new."""
        old = self.ranges.get(wire)
        if old is not None and not (old[0] <= low and high <= old[1] and old != (low, high)):
            return False
        self.ranges[wire] = (low, high)
        if low == high:
            for row in self.occurrences[wire]:
                self.varying[row] -= 1
                if self.varying[row] == 1:
                    self.rangeable.append(row)
        if self.trail is not None:
            self.trail.append(lambda: self._unset_range(wire, old))
        if old is None:
            is_loose = not self.known[wire]
            for row in self.occurrences[wire]:
                self.unranged[row] -= 1
                if is_loose:
                    self.loose[row] -= 1
                    if not self.loose[row]:
                        self.solvable.append(row)
                if self.unranged[row] <= 1:
                    self.rangeable.append(row)
        return True

    def _unset_range(self, wire: int, old: Range | None) -> None:
        if self.ranges[wire][0] == self.ranges[wire][1]:
            for row in self.occurrences[wire]:
                self.varying[row] += 1
        if old is not None:
            self.ranges[wire] = old
            return
        del self.ranges[wire]
        is_loose = not self.known[wire]
        for row in self.occurrences[wire]:
            self.unranged[row] += 1
            self.loose[row] += is_loose

    def add_row(self, form: Form) -> int:
        """The virtual row form = 0."""
        index = len(self.rows)
        row = Row({}, {}, {wire: -k % self.p for wire, k in form.items()})
        self.rows.append(row)
        wires = row.wires()
        for wire in wires:
            self.occurrences[wire].append(index)
        self.unknown.append(sum(not self.known[wire] for wire in wires))
        self.loose.append(sum(not self.known[wire] and wire not in self.ranges for wire in wires))
        self.unranged.append(sum(wire not in self.ranges for wire in wires))
        self.varying.append(sum(self.constant(wire) is None for wire in wires))
        if self.trail is not None:
            self.trail.append(lambda: self._remove_row(index, wires))
        self.solvable.append(index)
        self.rangeable.append(index)
        return index

    def _remove_row(self, index: int, wires: set[int]) -> None:
        for wire in wires:
            self.occurrences[wire].remove(index)
        self.rows[index] = Row({}, {}, {})
        self.forms.pop(index, None)

    def define(self, form: Form) -> int:
        """A virtual wire for ``form``; outside case splits only."""
        assert self.trail is None, "a virtual wire made in a branch would outlive it"
        wire = self.num_wires
        self.num_wires += 1
        self.known.append(0)
        self.occurrences.append([])
        row = self.add_row({**{w: -k % self.p for w, k in form.items()}, wire: 1})
        self.definitions[wire] = row
        return wire

    # -- reading --------------------------------------------------------------------------------------------------

    def linear(self, row: int) -> Form | None:
        """L of a linear row L = 0, else None; computed once a row."""
        if row not in self.forms:
            self.forms[row] = linear_form(self.rows[row], self.p)
        return self.forms[row]

    def unknown_wires(self, row: int) -> list[int]:
        known = self.known
        return [wire for wire in self.rows[row].wires() if not known[wire]]

    def all_known(self, form: Form) -> bool:
        known = self.known
        return all(known[wire] for wire in form)

    def constant(self, wire: int) -> int | None:
        """The one value of ``wire``, canonical; None when it may have several."""
        found = self.ranges.get(wire)
        return found[0] % self.p if found is not None and found[0] == found[1] else None

    def is_boolean(self, wire: int) -> bool:
        found = self.ranges.get(wire)
        return found is not None and found[0] >= 0 and found[1] <= 1

    # -- the log --------------------------------------------------------------------------------------------------

    def note(self, line: str) -> None:
        self.log.append(line)
        self.fired[line[: 4 if line[0] == "P" else 1].strip()] += 1
        if not len(self.log) & 255:
            self.check_time()

    def check_time(self) -> None:
        """Raises ``OutOfTime`` after the deadline."""
        if time.monotonic() > self.deadline:
            raise OutOfTime("the time for this audit is used up")


def text(form: Form) -> str:
    """A form as the log writes it."""
    return " ".join(f"{wire}:{k}" for wire, k in form.items()) or "0:0"
