"""From what a builder has stated, and the copies it asked for, to the arrays that a circuit consists of.

Rows and instructions are flattened in Python, once for each that was stated; copies are made array by array
(``repeat``), and follow the part that they copy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from ..kernel import Matrix
from ..kernel.interface import U32, U64
from .builder import BITS, DOT, Builder, Row, Terms
from .repeat import Repeat, with_copies

if TYPE_CHECKING:
    from .repeat import Array

_WORD = np.uint64(32)
_LOW_WORD = np.uint64((1 << 32) - 1)


def row_lines(builder: Builder) -> tuple[int, ...]:
    """Of each row: the index of the line that stated it."""
    lines = np.array([row.line for row in builder.rows], dtype=np.int64)
    return tuple(with_copies(lines, builder.repeats, _rows(builder), lambda _repeat, _copy, part: lines[part]).tolist())


def matrix(builder: Builder, side: Callable[[Row], Terms]) -> Matrix:
    """CSR with the wires of each row ascending."""
    counts, columns, ids, constants = [], [], [], builder.constants
    for row in builder.rows:
        terms = side(row)
        counts.append(len(terms))
        for wire, coefficient in sorted(terms.items()):
            columns.append(wire)
            ids.append(constants.setdefault(coefficient, len(constants)))
    sizes = np.array(counts, dtype=np.int64)
    of_row = np.repeat(np.arange(len(sizes)), sizes)
    entries = np.array(columns, dtype=np.uint64) << _WORD | np.array(ids, dtype=np.uint64)

    def copied(repeat: Repeat, copy: int, part: slice) -> Array:
        moved = repeat.wires(copy).astype(np.uint64)[entries[part] >> _WORD]
        copies: Array = moved << _WORD | entries[part] & _LOW_WORD
        return copies[np.lexsort((moved, of_row[part]))]

    starts, rows = _offsets(sizes), _rows(builder)
    parts = [slice(int(starts[part.start]), int(starts[part.stop])) for part in rows]
    everything = with_copies(entries, builder.repeats, parts, copied)
    return Matrix(
        offsets=_offsets(with_copies(sizes, builder.repeats, rows, lambda _repeat, _copy, part: sizes[part])),
        columns=(everything >> _WORD).astype(np.uint32),
        coefficient_ids=everything.astype(np.uint32),
    )


def tape_words(builder: Builder, num_wires: int) -> U32:
    """Flatten the instructions, with temporary ~t in register num_wires + t."""
    words: list[int] = []
    registers: list[int] = []  # places in words that name registers
    starts: list[int] = []
    for op, dst, *rest in builder.tape:
        at = len(words)
        starts.append(at)
        words += (op, dst, *rest)
        registers.append(at + 1)
        if op == DOT:
            registers += range(at + 4, len(words), 2)
        elif op == BITS:
            registers.append(at + 3)
        else:
            registers += range(at + 2, len(words))
    starts.append(len(words))
    flat = np.array(words, dtype=np.int64)
    is_register = np.zeros(len(flat), dtype=bool)
    is_register[registers] = True

    def numbered(part: Array, named: Array) -> Array:
        return np.where(named & (part < 0), num_wires + ~part, part).astype(np.uint32)

    def copied(repeat: Repeat, copy: int, part: slice) -> Array:
        moved, named = flat[part].copy(), is_register[part]
        moved[named] = repeat.registers(copy, moved[named])
        return numbered(moved, named)

    parts = [slice(starts[repeat.start.instructions], starts[repeat.end.instructions]) for repeat in builder.repeats]
    tape: U32 = with_copies(numbered(flat, is_register), builder.repeats, parts, copied)
    return tape


def _rows(builder: Builder) -> list[slice]:
    return [slice(repeat.start.rows, repeat.end.rows) for repeat in builder.repeats]


def _offsets(counts: Array) -> U64:
    offsets: U64 = np.concatenate([[0], np.cumsum(counts)]).astype(np.uint64)
    return offsets
