"""Bits without a wire, given one: a row that says of a linear form V that it is 0 or 1 becomes t = V and t·t = t.

Our own range checks state the lowest bit of a number as an expression, and circom's optimiser makes others of that
kind.  With a wire for each the sum of a decomposition is a linear row over bits, which ``rows_index`` can decode.
An assignment of the system extends to exactly one of the wider system, and each of the latter starts with one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from ..search.rows_index import quadratic_roots
from ..system import Form, Row, System, add


def with_virtual_bits(system: System) -> System:
    """The same rows under the same numbers, new wires and their rows t = V behind all others."""
    rows = list(system.rows)
    sums: list[Row] = []
    for number, row in enumerate(system.rows):
        bit = _virtual_bit(row, system)
        if bit is not None:
            wire = system.num_wires + len(sums)
            rows[number] = Row({wire: 1}, {wire: 1}, {wire: 1})
            sums.append(Row({}, {}, add(bit, {wire: 1}, -1, system.modulus)))
    return dataclasses.replace(system, rows=rows + sums, num_wires=system.num_wires + len(sums)) if sums else system


def _virtual_bit(row: Row, system: System) -> Form | None:
    """V for a row of two wires or more that says V ∈ {0, 1} and nothing else.

    With B = k·A + b and C = m·A + c the row is a quadratic in A; with roots r ≠ s, V = (A - r)/(s - r).
    """
    p = system.modulus
    if row.linear or len(row.wires()) < 2:
        return None
    wire = max(row.a)
    inverse = pow(row.a[wire], -1, p)
    k, m = row.b.get(wire, 0) * inverse % p, row.c.get(wire, 0) * inverse % p
    b, c = add(row.b, row.a, -k, p), add(row.c, row.a, -m, p)
    if not k or not b.keys() <= {0} or not c.keys() <= {0}:
        return None
    roots = quadratic_roots(k, (b.get(0, 0) - m) % p, -c.get(0, 0) % p, system.r1cs.field)
    if len(roots) != 2:
        return None
    scale = pow(roots[1] - roots[0], -1, p)
    return add({}, add(row.a, {0: 1}, -roots[0], p), scale, p)


def extended(wide: System, z: Sequence[int]) -> list[int]:
    """An assignment of the system that ``wide`` was made of, with its virtual bits."""
    found = [*z, *(0 for _ in range(wide.num_wires - len(z)))]
    for wire, row in enumerate(wide.rows[len(wide.rows) - (wide.num_wires - len(z)) :], start=len(z)):
        found[wire] = sum(k * found[w] for w, k in row.c.items()) % wide.modulus
    return found
