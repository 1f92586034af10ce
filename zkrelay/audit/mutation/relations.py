"""Rows that others say already, by algebra."""

from __future__ import annotations

import time
from functools import cached_property

from ..search.jacobian import kernel
from ..system import Form, System
from .mutate import row_key

_KERNEL_SECONDS = 20


class Relations:
    """Of one system, computed when first asked for."""

    def __init__(self, system: System) -> None:
        self.system = system

    def redundant(self, number: int) -> str:
        """Why the row follows from the others, or ""."""
        key = row_key(self.system.rows[number], self.system.modulus)
        if not key:
            return "the row says nothing"
        same = [other for other in self._said_by[key] if other != number]
        if same:
            return f"row {same[0]} says the same"
        if number in self._dependent_rows:
            return "a linear combination of linear rows"
        return ""

    @cached_property
    def _said_by(self) -> dict[object, list[int]]:
        found: dict[object, list[int]] = {}
        for number, row in enumerate(self.system.rows):
            found.setdefault(row_key(row, self.system.modulus), []).append(number)
        return found

    @cached_property
    def _dependent_rows(self) -> set[int]:
        """Linear rows that take part in a linear relation between linear rows: each follows from the others of it.

        Relations are vectors y with Σ y_i·L_i = 0: the kernel of the transposed rows.
        """
        columns: dict[int, Form] = {}
        forms = {number: form for number in range(len(self.system.rows)) if (form := self.system.linear_form(number))}
        for number, form in forms.items():
            for wire, k in form.items():
                columns.setdefault(wire, {})[number] = k
        deadline = time.monotonic() + _KERNEL_SECONDS
        relations = kernel(iter(columns.values()), list(forms), self.system.modulus, deadline)
        return {number for relation in relations or [] for number in relation}
