"""The tangent at an honest witness: directions v in which an assignment z may move while every row still holds.

Row A·B = C at z + t·v is  t·(A(v)·B(z) + A(z)·B(v) - C(v)) + t²·A(v)·B(v).  The first bracket is linear in v: its
kernel K, taken over the wires that nothing determines, holds every direction that would stay for small t over the
reals.  Over F_p there is no small t, so a kernel vector that moves a target is a suspicion; it is exact, for every t,
when A(v)·B(v) = 0 in every row.  Two kernels are tried: that of the rows as they are, and the *linear block*, where one
factor of each product is held still (A(v) = 0), so that every vector of the smaller kernel is exact.

K = 0 proves only that z is isolated, never that it is the only assignment.
"""

from __future__ import annotations

import random
import time
from collections.abc import Collection, Iterator, Sequence

from ..system import Form, add
from .rows_index import RowsIndex, Terms

MAX_WIRES = 6000
_COMBINATIONS = 3


def directions(
    index: RowsIndex,
    z: Sequence[int],
    free: Collection[int],
    targets: Collection[int],
    rng: random.Random,
    deadline: float,
) -> Iterator[tuple[str, Form]]:
    """Vectors (wire -> non-zero) of the two kernels that move one of ``targets``, with the name of their kernel.

    ``free`` are the wires that may move.  Nothing is yielded for more than ``MAX_WIRES`` of them, or once ``deadline``
    has passed.
    """
    movable = set(free)
    if not movable or len(movable) > MAX_WIRES:
        return
    for name, hold in (("linear block", True), ("tangent", False)):
        basis = kernel(_equations(index, z, movable, hold, rng), movable, index.modulus, deadline)
        moving = [vector for vector in basis or [] if any(target in vector for target in targets)]
        for vector in moving:
            yield name, vector
        for _ in range(_COMBINATIONS if len(moving) > 1 else 0):
            mixed: Form = {}
            for vector in moving:
                mixed = add(mixed, vector, rng.randrange(1, index.modulus), index.modulus)
            yield name, mixed


def is_exact(index: RowsIndex, vector: Form) -> bool:
    """A(v)·B(v) = 0 in every row."""
    rows = {row for wire in vector for row, mask in index.touch[wire] if mask}
    p = index.modulus
    return all(_along(index.sides[row][0], vector) * _along(index.sides[row][1], vector) % p == 0 for row in rows)


def _along(terms: Terms, vector: Form) -> int:
    return sum(k * vector.get(wire, 0) for wire, k in terms)


def _equations(index: RowsIndex, z: Sequence[int], movable: set[int], hold: bool, rng: random.Random) -> Iterator[Form]:
    p = index.modulus
    for row in sorted({row for wire in movable for row, _ in index.touch[wire]}):
        form = index.forms[row]
        if form is not None:
            yield {wire: k for wire, k in form if wire in movable}
            continue
        a, b, c = index.sides[row]
        at_a, at_b = (sum(k * z[wire] for wire, k in side) % p for side in (a, b))
        moving = [{wire: k for wire, k in side if wire in movable} for side in (a, b, c)]
        tangent = add(add({}, moving[0], at_b, p), moving[1], at_a, p)
        yield add(tangent, moving[2], -1, p)
        if hold and moving[0] and moving[1]:
            shorter = len(moving[0]) - len(moving[1])
            yield moving[0] if shorter < 0 or (shorter == 0 and rng.random() < 0.5) else moving[1]


def kernel(equations: Iterator[Form], wires: Collection[int], p: int, deadline: float) -> list[Form] | None:
    """A basis of the vectors over ``wires`` on which every equation is 0; None when ``deadline`` passed before.

    Shortest rows first, and of a row the wire in fewest equations becomes the pivot: what circuits have keeps sparse.
    """
    rows = sorted((dict(equation) for equation in equations if equation), key=len)
    uses: dict[int, int] = {}
    for equation in rows:
        for wire in equation:
            uses[wire] = uses.get(wire, 0) + 1
    still: set[int] = set()
    rows = _drop_still(rows, still)
    pivots: dict[int, Form] = {}  # pivot wire -> the rest of its row: wire = Σ rest
    for equation in rows:
        if time.monotonic() > deadline:
            return None
        reduced = _substitute(equation, pivots, p)
        if not reduced:
            continue
        pivot = min(reduced, key=lambda wire: (uses[wire], wire))
        factor = -pow(reduced.pop(pivot), -1, p)
        pivots[pivot] = {wire: factor * k % p for wire, k in reduced.items()}
    loose = [wire for wire in sorted(wires) if wire not in pivots and wire not in still]
    basis: dict[int, Form] = {wire: {wire: 1} for wire in loose}
    for pivot, rest in pivots.items():
        for wire, k in _substitute(rest, pivots, p).items():
            basis[wire][pivot] = k
    return list(basis.values())


def _drop_still(rows: list[Form], still: set[int]) -> list[Form]:
    """Take out the wires that an equation of one wire holds still, until there is no such equation."""
    where: dict[int, list[Form]] = {}
    for equation in rows:
        for wire in equation:
            where.setdefault(wire, []).append(equation)
    waiting = [equation for equation in rows if len(equation) == 1]
    while waiting:
        equation = waiting.pop()
        for wire in list(equation):
            still.add(wire)
            for other in where.pop(wire, []):
                other.pop(wire, None)
                if len(other) == 1:
                    waiting.append(other)
    return [equation for equation in rows if equation]


def _substitute(equation: Form, pivots: dict[int, Form], p: int) -> Form:
    """``equation`` without pivots."""
    out = dict(equation)
    waiting = [wire for wire in out if wire in pivots]
    while waiting:
        wire = waiting.pop()
        k = out.pop(wire, 0)
        if k:
            rest = pivots[wire]
            out = add(out, rest, k, p)
            waiting += [other for other in rest if other in pivots and other in out]
    return out
