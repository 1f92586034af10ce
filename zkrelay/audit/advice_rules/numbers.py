"""ZKA004 and ZKA005: integers in a field. Comparators of numbers without bounds, and decompositions that wrap."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from ..report import Advice
from ..system import Form, signed
from .facts import Decomposition, Facts

_ROWS_A_BIT = 24  # how far from a decomposition its alias check is looked for


def comparator_without_bound(facts: Facts) -> Iterator[Advice]:
    """2^n + a - b in n + 1 bits, whose top bit says a < b only for a and b below 2^n.

    Comparisons with a constant have the form of a range check and are not recognised.
    """
    system = facts.system
    defined = _definitions(facts)
    told = set()
    for item in facts.decompositions:
        for value in _expansions(facts, item, defined):
            operands = _operands(value, item.count - 1, facts.p)
            if not operands:
                continue
            limit = 1 << (item.count - 1)
            loose = tuple(sorted(wire for wire in operands if not _within(facts, wire, limit)))
            if loose and (loose, item.row) not in told:
                told.add((loose, item.row))
                names = " and ".join(map(system.name, loose))
                yield Advice(
                    "ZKA004",
                    f"a comparison of {item.count - 1} bits takes {names}, and nothing keeps "
                    f"{'them' if len(loose) > 1 else 'it'} below 2^{item.count - 1}",
                    loose,
                    (item.row,),
                )


def decomposition_wraps(facts: Facts) -> Iterator[Advice]:
    """n bits with 2^n > p: x and x + p may both have them, unless something compares the bits with p."""
    for item in facts.decompositions:
        if 1 << item.count > facts.p and not _has_alias_check(facts, item):
            name = _value_name(facts, item.value)
            yield Advice(
                "ZKA005",
                f"{name} is decomposed into {item.count} bits, which do not fit the field, and nothing compares them "
                "with p: a second set of bits has the same value",
                item.bits[:1],
                (item.row,),
            )


def _value_name(facts: Facts, value: Form) -> str:
    wires = sorted(value.keys() - {0})
    return facts.system.name(wires[0]) if len(wires) == 1 else f"a sum of {len(wires)} signals"


def _definitions(facts: Facts) -> dict[int, list[Form]]:
    """Merged wire -> the short linear rows that it is in, merged."""
    found: dict[int, list[Form]] = defaultdict(list)
    for form in facts.linear.values():
        if len(form) <= 4:
            merged = facts.merged(form)
            for wire in merged.keys() - {0}:
                found[wire].append(merged)
    return found


def _expansions(facts: Facts, item: Decomposition, defined: dict[int, list[Form]]) -> Iterator[Form]:
    """The decomposed value, and when it is one wire also what short linear rows say that wire is."""
    value = facts.merged(item.value)
    yield value
    wires = value.keys() - {0}
    if len(wires) == 1 and 0 not in value:
        (wire,) = wires
        for form in defined.get(wire, ()):
            scale = -value[wire] * pow(form[wire], -1, facts.p) % facts.p
            yield {other: scale * k % facts.p for other, k in form.items() if other != wire}


def _operands(value: Form, bits: int, p: int) -> tuple[int, ...]:
    """The wires a, b of ±(a - b) + 2^bits, off by one at most (for <=); () when the value has another form."""
    wires = sorted(value.keys() - {0})
    if len(wires) != 2 or bits < 1 or abs(signed(value.get(0, 0), p) - (1 << bits)) > 1:
        return ()
    return tuple(wires) if sorted(signed(value[wire], p) for wire in wires) == [-1, 1] else ()


def _within(facts: Facts, wire: int, limit: int) -> bool:
    low, high = facts.intervals.get(wire, (0, facts.p))
    return low >= -1 and high <= limit


def _has_alias_check(facts: Facts, item: Decomposition) -> bool:
    """Whether a row, other than those that make the bits, is about values that follow from the bits alone."""
    system, cluster, todo = facts.system, set(item.bits) | {0}, list(item.bits)
    defining = {item.row}
    visits = _ROWS_A_BIT * item.count + 1000
    while todo and visits > 0:
        for index in system.occurrences[todo.pop()]:
            visits -= 1
            if index in defining or (index in facts.boolean_rows and len(facts.boolean_rows[index]) <= 2):
                continue
            row = system.rows[index]
            missing = row.wires() - cluster
            if not missing:
                return True
            if len(missing) == 1 and _computes(facts, index, *missing):
                defining.add(index)
            elif not (index in facts.linear and missing <= facts.booleans):
                continue
            elif len(_longest_run(facts, index, missing)) < len(missing):
                return True  # a gap between the bits of a sum: it keeps that sum out of somewhere
            else:
                defining.add(index)
            cluster |= missing
            todo += missing
    return False


def _computes(facts: Facts, index: int, wire: int) -> bool:
    row = facts.system.rows[index]
    return wire not in facts.system.inputs and (index in facts.linear or not (wire in row.a or wire in row.b))


def _longest_run(facts: Facts, index: int, wires: set[int]) -> tuple[int, ...]:
    runs = [item.bits for item in facts.decompositions_by_row.get(index, ()) if set(item.bits) <= wires]
    return max(runs, key=len, default=())
