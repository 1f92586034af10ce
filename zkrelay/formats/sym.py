"""``.sym``: names of signals, one ``label,wire,component,name`` line each (docs/formats.md, ".sym").

``wire`` is -1 for a signal that the compiler removed.  Several labels may share a wire; the first names it.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..errors import FormatError, MalformedInput
from ..r1cs.constraint_system import R1CS
from .files import Source, create, open_source
from .r1cs import R1CSFile

MAX_NAME_CHARACTERS = 4096
MAX_BYTES = 1 << 30
_LINE = re.compile(r"(0|[1-9][0-9]{0,18}),(-1|0|[1-9][0-9]{0,9}),(0|[1-9][0-9]{0,18}),([^,]+)")


class Symbol(NamedTuple):
    label: int
    wire: int
    component: int
    name: str


def read_sym(source: Source) -> list[Symbol]:
    """All lines of a ``.sym`` file in file order.

    Raises:
        FormatError: above 1 GiB, not UTF-8, a line that does not follow the format (``section`` gives its number), a
            label twice, or a name with characters that a terminal would act on.
    """
    opened = open_source(source, limit_bytes=MAX_BYTES)
    try:
        text = str(opened.view, "utf-8")
    except UnicodeDecodeError as error:
        raise FormatError("not UTF-8 text", source=opened.name, offset=error.start) from None
    symbols: list[Symbol] = []
    labels: set[int] = set()
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()  # the newline at the end of the last line
    for number, line in enumerate(lines, start=1):
        match = _LINE.fullmatch(line)
        if match is None:
            raise FormatError("expected label,wire,component,name", source=opened.name, section=f"line {number}")
        label, wire, component, name = match.groups()
        if len(name) > MAX_NAME_CHARACTERS or not name.isprintable():
            raise FormatError("a name is too long or not printable", source=opened.name, section=f"line {number}")
        symbol = Symbol(int(label), int(wire), int(component), name)
        if symbol.label in labels:
            raise FormatError(f"label {label} appears twice", source=opened.name, section=f"line {number}")
        labels.add(symbol.label)
        symbols.append(symbol)
    return symbols


def write_sym(path: str | os.PathLike[str], symbols: Iterable[Symbol], *, overwrite: bool = False) -> None:
    """Write one line per symbol, in the order given.

    Raises:
        MalformedInput: a name holds a comma or a character that is not printable, or a number is out of range.
        FileExistsError: ``path`` exists and ``overwrite`` was not asked for.
    """
    with create(path, overwrite=overwrite) as handle:
        for symbol in symbols:
            line = f"{symbol.label},{symbol.wire},{symbol.component},{symbol.name}"
            if _LINE.fullmatch(line) is None or not symbol.name.isprintable() or len(symbol.name) > MAX_NAME_CHARACTERS:
                raise MalformedInput(f"symbol {symbol.label} cannot be written: its name or a number is out of range")
            handle.write(line.encode() + b"\n")


def with_names(r1cs: R1CS, symbols: Iterable[Symbol]) -> R1CS:
    """The same system with wire names for reports.

    Raises:
        MalformedInput: a symbol names a wire that the system does not have.
    """
    names = [f"wire {wire}" for wire in range(r1cs.num_variables)]
    named = bytearray(r1cs.num_variables)
    names[0], named[0] = "one", 1
    for symbol in symbols:
        if symbol.wire >= r1cs.num_variables:
            raise MalformedInput(f"symbol {symbol.label} names wire {symbol.wire}; there are {r1cs.num_variables}")
        if symbol.wire >= 0 and not named[symbol.wire]:
            names[symbol.wire], named[symbol.wire] = symbol.name, 1
    return dataclasses.replace(r1cs, debug=dataclasses.replace(r1cs.debug, wire_names=tuple(names)))


def with_names_of(file: R1CSFile, symbols: Iterable[Symbol]) -> R1CS:
    """As ``with_names``, each wire called as its own label is, when the two files belong together.

    Raises:
        MalformedInput: a label or a wire that the ``.r1cs`` does not have, or a wire's label that is missing or is on
            another wire: the names would be those of other signals.
    """
    labels = file.wire_labels.tolist()
    by_label: dict[int, Symbol] = {}
    for symbol in symbols:
        if symbol.wire >= len(labels):
            raise _foreign(f"symbol {symbol.label} names wire {symbol.wire}; there are {len(labels)}")
        if symbol.label > file.num_labels:
            raise _foreign(f"it has label {symbol.label}; the .r1cs counts {file.num_labels}")
        by_label[symbol.label] = symbol
    for wire, label in enumerate(labels[1:], start=1):
        named = by_label.get(label)
        if named is None or named.wire != wire:
            where = "nowhere" if named is None else f"on wire {named.wire}"
            raise _foreign(f"wire {wire} has label {label}, which the .sym has {where}")
    return with_names(file.r1cs, [by_label[label] for label in labels[1:]])


def _foreign(reason: str) -> MalformedInput:
    return MalformedInput(f"the .sym does not belong to the .r1cs: {reason}")


def symbols_of(r1cs: R1CS) -> Iterator[Symbol]:
    """One symbol per wire but the constant, as ``write_r1cs`` labels them; component 0."""
    for wire in range(1, r1cs.num_variables):
        yield Symbol(wire, wire, 0, r1cs.debug.name_of(wire))
