"""Mutation of circuits: is each row, and each coefficient, needed?

A mutant is the system with one row dropped or changed.  It is *killed* by evidence that the change matters: a pair of
the mutant (outputs, or signals, no longer determined), or an assignment that the mutant accepts and the original
refuses.  A mutant without evidence is *redundant* only when the dropped row is shown to follow from the others;
otherwise it is *undecided*.  Redundant rows are the ones that an author can delete.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from ..search.rows_index import find_decoder, quadratic, quadratic_roots
from ..system import Form, Row, System

TRUE_ROW = Row({}, {}, {})  # 0·0 = 0: dropping keeps the numbers of the other rows


@dataclass(frozen=True)
class Mutant:
    """``original`` with ``row`` replaced by ``replacement`` (``TRUE_ROW`` when it is dropped).

    ``kind``: "drop", "drop boolean" (a row x·(x - 1) = 0), "zero" (a coefficient becomes 0), "relax" (it becomes
    another one), "widen" (a decomposition gets one bit more).
    """

    original: System
    kind: str
    row: int
    replacement: Row
    detail: str
    extra: tuple[Row, ...] = ()  # rows about wires that the original does not have

    @property
    def dropped(self) -> bool:
        return self.replacement is TRUE_ROW

    @cached_property
    def system(self) -> System:
        """The mutant; its ``r1cs`` is still the original's, for names and lines."""
        rows = list(self.original.rows)
        rows[self.row] = self.replacement
        rows += self.extra
        num_wires = max(self.original.num_wires, 1 + max(self.replacement.wires(), default=0))
        return dataclasses.replace(self.original, rows=rows, num_wires=num_wires)

    def __str__(self) -> str:
        where = self.original.line(self.row)
        return f"{self.detail}, row {self.row}" + (f" ({where})" if where else "")


def mutants(system: System, *, relaxed_per_row: int = 1, rows: Collection[int] | None = None) -> Iterator[Mutant]:
    """For each row: the row dropped; ``relaxed_per_row`` of its coefficients zeroed and as many changed; a
    decomposition widened.  Deterministic; a mutant whose replacement says the same as the row is left out.

    Args:
        rows: only these, with the same mutants as in a run over all.
    """
    p = system.modulus
    bits_by_row = [boolean_wire(system, number) for number in range(len(system.rows))]
    bits = {wire for wire in bits_by_row if wire is not None}
    for number in range(len(system.rows)) if rows is None else sorted(rows):
        row = system.rows[number]
        if not row.wires():
            continue
        boolean = bits_by_row[number]
        if boolean is not None:
            yield Mutant(system, "drop boolean", number, TRUE_ROW, f"{system.name(boolean)} need not be a bit")
        else:
            yield Mutant(system, "drop", number, TRUE_ROW, "the row is dropped")
        terms = [(side, wire) for side in range(3) for wire in (row.a, row.b, row.c)[side] if wire]
        for turn in range(min(relaxed_per_row, len(terms))):
            side, wire = terms[(number + turn) % len(terms)]
            old = (row.a, row.b, row.c)[side][wire]
            for kind, new in (("zero", 0), ("relax", (2 * old) % p or 1)):
                changed = _with_coefficient(row, side, wire, new)
                if not same_row(row, changed, p) and not (boolean is not None and only_narrows(system, row, changed)):
                    yield Mutant(
                        system, kind, number, changed, f"{system.name(wire)} in {'ABC'[side]}: {old} becomes {new}"
                    )
        widened = _widened(system, number, bits)
        if widened is not None:
            new = system.num_wires
            is_bit = Row({new: 1}, {new: 1}, {new: 1})
            yield Mutant(system, "widen", number, widened, "the decomposition has one bit more", (is_bit,))


def boolean_wire(system: System, row: int) -> int | None:
    """x for a row that says x ∈ {0, 1} and nothing else."""
    stated = system.rows[row]
    wires = stated.wires()
    if stated.linear or len(wires) != 1:
        return None
    return min(wires) if roots_of(system, stated) == [0, 1] else None


def only_narrows(system: System, row: Row, changed: Row) -> bool:
    """For rows of one wire: whether ``changed`` allows no value that ``row`` refuses."""
    return set(roots_of(system, changed)) <= set(roots_of(system, row))


def roots_of(system: System, row: Row) -> list[int]:
    """The values of the one wire of ``row`` that satisfy it; [] when all do, or when there are more wires."""
    wires = row.wires()
    if len(wires) != 1:
        return []
    (wire,) = wires
    square, linear, constant = quadratic(row.a, row.b, row.c, wire, system.modulus)
    return quadratic_roots(square, linear, constant, system.r1cs.field) if square or linear else []


def same_row(left: Row, right: Row, p: int) -> bool:
    """The same polynomial A·B - C, up to a factor."""
    return _normal(left, p) == _normal(right, p)


def row_key(row: Row, p: int) -> tuple[tuple[tuple[int, int], int], ...]:
    """Equal for rows that say the same, up to a factor and the order of A and B."""
    return tuple(sorted(_normal(row, p).items()))


def _normal(row: Row, p: int) -> dict[tuple[int, int], int]:
    """A·B - C by monomials, with the first coefficient 1."""
    found: dict[tuple[int, int], int] = {}
    for wire, k in row.a.items():
        for other, m in row.b.items():
            key = (min(wire, other), max(wire, other))
            found[key] = (found.get(key, 0) + k * m) % p
    for wire, k in row.c.items():
        found[0, wire] = (found.get((0, wire), 0) - k) % p
    found = {key: k for key, k in found.items() if k}
    if not found:
        return found
    factor = pow(found[min(found)], -1, p)
    return {key: k * factor % p for key, k in found.items()}


def _with_coefficient(row: Row, side: int, wire: int, new: int) -> Row:
    sides: list[Form] = [dict(row.a), dict(row.b), dict(row.c)]
    sides[side][wire] = new
    if not new:
        del sides[side][wire]
    return Row(*sides)


def _widened(system: System, number: int, bits: set[int]) -> Row | None:
    """Σ 2^i·b_i = x over bits with one bit more: a wire that no row knows, times the next power."""
    form = system.linear_form(number)
    own = {wire: k for wire, k in (form or {}).items() if wire in bits}
    if form is None or len(own) < 2 or len(form.keys() - {0}) == len(own):
        return None
    decoder = find_decoder(own, system.modulus)
    if decoder is None:
        return None
    widest = max(decoder.weights.values(), key=abs)
    extra = 2 * widest * pow(decoder.scale, -1, system.modulus) % system.modulus
    return Row({}, {}, {**form, system.num_wires: extra})
