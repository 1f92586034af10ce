"""What to change first in an honest assignment so that only a mutant accepts it: one wire, or a row against its order.

``near`` moves a wire of the mutated row (the one that it gave, a free one, a bit against another bit of the same
decomposition) or an input upstream of it, by little.  ``special`` gives the wire of a row values at which geometry
still works: where a row says s·(u1 - u2) = v1 - v2 the slope through a negated point, or one that makes the next
coordinate that of another point.  A signature check that lost one row of its ladder is deceived in this way, and by
no value taken at random, since a point off the curve never comes back to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..search.rows_index import quadratic_roots
from ..system import Row
from .mutate import Mutant, roots_of, row_key
from .repair import Repair

UPSTREAM = 24
_SEEN = 10_000  # wires looked at upstream
_NEIGHBOURS = 6
Move = tuple[dict[int, int], dict[int, int]]  # first changes; and rows that are to give another wire than usual


def near(repair: Repair, mutant: Mutant) -> Iterator[Move]:
    """Small changes around the mutated row."""
    index = repair.index
    p = index.modulus
    z, row = repair.z, mutant.row
    wires = sorted(index.system.rows[row].wires(), key=lambda wire: -repair.position[wire])
    own = repair.given_by.get(row, [])
    if not mutant.dropped and len(own) == 1:
        yield from (({own[0]: value}, {}) for value in solved(repair, mutant.replacement, own[0]))
    others = [wire for wire in wires if wire not in own]
    for wire in others[:UPSTREAM]:  # a bit of a decomposition: another bit moves, and this one makes up for it
        for total, rivals in _decompositions(repair, wire):
            for other in rivals[:2] + rivals[-2:]:
                yield {other: (1 - z[other]) % p}, {total: wire}
    for wire in own[-2:] + own[:1] + others[:UPSTREAM]:
        for value in (1 - z[wire],) if z[wire] < 2 else ((z[wire] + 1) % p, 0):
            yield {wire: value % p}, {}
        if index.is_bit[wire]:
            yield {wire: 2}, {}
    for wire in others if len(others) == 1 and not mutant.dropped else ():  # a row of one wire allows another value
        for value in set(roots_of(index.system, mutant.replacement)) - {z[wire]}:
            yield {wire: value}, {}
    for wire in _upstream(repair, others):
        yield {wire: (z[wire] + 1) % p if z[wire] > 1 else 1 - z[wire]}, {}


def _decompositions(repair: Repair, wire: int) -> Iterator[tuple[int, list[int]]]:
    """Linear rows that hold ``wire`` as one of their bits, and the other bits there, smallest first."""
    index = repair.index
    for row, _ in index.touch[wire] if index.is_bit[wire] else ():
        decoder = index.decoder(row) if index.forms[row] is not None else None
        if decoder is not None and len(decoder.order) > 1:
            yield row, [other for other in reversed(decoder.order) if other != wire]


def special(repair: Repair, mutant: Mutant) -> Iterator[dict[int, int]]:
    """Values for the wire that the mutated row gave; nothing for a row that gave none.

    Those of a changed row are what it gives.  Of one that is dropped, or says nothing any more: the old value, for who
    knows what else to move; its negative; those that the row gives with one term negated; those of other wires of the
    row; and those that make another wire of a row beside it meet a third one.
    """
    index, z = repair.index, repair.z
    own = repair.given_by.get(mutant.row, [])
    says_nothing = not row_key(mutant.replacement, index.modulus)
    if len(own) != 1:
        if says_nothing and not own:
            yield {}
        return
    if not says_nothing:
        yield from ({own[0]: value} for value in solved(repair, mutant.replacement, own[0]))
        return
    (wire,) = own
    p, row = index.modulus, index.system.rows[mutant.row]
    beside = [number for number, _ in index.touch[wire] if number != mutant.row][:_NEIGHBOURS]
    values = [z[wire], -z[wire] % p]
    values += [
        value for other in sorted(row.wires() - {wire}) for value in solved(repair, row, wire, {other: -z[other]})
    ]
    values += [z[other] for other in sorted(row.wires() - {wire})]
    for number in beside:
        stated = index.system.rows[number]
        wires = sorted(stated.wires() - {wire})
        for later in wires:
            if repair.reason[later] == number:
                for other in wires:
                    values += solved(repair, stated, wire, {later: z[other]}) if other != later else []
    values.append((z[wire] + 1) % p)
    yield from ({wire: value} for value in dict.fromkeys(values))


def solved(repair: Repair, row: Row, wire: int, instead: Mapping[int, int] | None = None) -> list[int]:
    """The values of ``wire`` with which ``row`` holds where ``repair`` stands, with other values ``instead`` there."""
    z, p, known = repair.z, repair.index.modulus, instead or {}
    (a, k), (b, m), (c, n) = (
        (sum(f * known.get(w, z[w]) for w, f in side.items() if w != wire), side.get(wire, 0))
        for side in (row.a, row.b, row.c)
    )
    square, linear, constant = k * m % p, (k * b + m * a - n) % p, (a * b - c) % p
    return quadratic_roots(square, linear, constant, repair.index.field) if square or linear else []


def _upstream(repair: Repair, wires: Sequence[int]) -> list[int]:
    """Wires that nothing gave, and from which ``wires`` were computed, nearest first."""
    seen, waiting = set(wires), list(wires)
    found: list[int] = []
    while waiting and len(found) < UPSTREAM and len(seen) < _SEEN:
        wire = waiting.pop(0)
        giver = repair.reason[wire]
        if giver < 0:
            found.append(wire)
            continue
        for other in repair.index.system.rows[giver].wires():
            if other not in seen and repair.position[other] < repair.position[wire]:
                seen.add(other)
                waiting.append(other)
    return found
