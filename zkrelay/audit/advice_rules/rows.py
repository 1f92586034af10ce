"""ZKA007 to ZKA009: rows that repeat another, that always hold, that never do."""

from __future__ import annotations

from collections.abc import Iterator

from ..report import Advice
from ..system import Form, Row
from .facts import Facts, monic

Key = tuple[frozenset[tuple[int, int]], ...]


def duplicate_row(facts: Facts) -> Iterator[Advice]:
    """A row that says what an earlier one says, whatever its factors and the order of its sides."""
    first: dict[Key, int] = {}
    for index, row in enumerate(facts.system.rows):
        key = _key(row, facts.linear.get(index), facts.p)
        if not key[0]:
            continue  # 0 = 0 is another finding
        earlier = first.setdefault(key, index)
        if earlier != index:
            yield Advice("ZKA007", f"row {index} repeats row {earlier}", tuple(sorted(row.wires())), (index, earlier))


def always_true_row(facts: Facts) -> Iterator[Advice]:
    for index, form in facts.linear.items():
        if not form:
            yield Advice("ZKA008", f"row {index} always holds: it constrains nothing", (), (index,))


def never_true_row(facts: Facts) -> Iterator[Advice]:
    """A row that no assignment satisfies makes every statement about satisfying assignments true."""
    for index, form in facts.linear.items():
        if form.keys() == {0}:
            yield Advice(
                "ZKA009", f"row {index} never holds: nothing can be proved, and SAFE says nothing", (), (index,)
            )


def _key(row: Row, linear: Form | None, p: int) -> Key:
    if linear is not None:
        return (monic(linear, p),)
    factor = pow(row.a[max(row.a)] * row.b[max(row.b)] % p, -1, p)
    sides = sorted((monic(row.a, p), monic(row.b, p)), key=sorted)
    return (*sides, frozenset((wire, k * factor % p) for wire, k in row.c.items()))
