"""``.wtns`` version 2: the assignment of all wires, canonical little-endian (docs/formats.md, ".wtns").

iden3 calls the whole vector "witness" and its prime ``q``; here it is the assignment over Fr.  It is secret: files are
created with mode 0600, and no value enters an error or a repr.
"""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass

from ..curves import PrimeField
from ..errors import MalformedInput
from ..kernel import Buffer
from .container import read_container, write_container
from .elements import check_canonical, field_header, first_not_below, limbs_of, read_field
from .files import Source

HEADER, VALUES = 1, 2
SECTION_NAMES = {HEADER: "header", VALUES: "values"}


@dataclass(frozen=True)
class Wtns:
    """``assignment`` holds one canonical element per wire, the first of them 1 (a view over the file)."""

    field: PrimeField
    assignment: Buffer = dataclasses.field(repr=False)

    @property
    def num_variables(self) -> int:
        return len(self.assignment) // self.field.num_bytes


def read_wtns(source: Source) -> Wtns:
    """Read and check a ``.wtns`` file.

    Raises:
        FormatError: malformed container or header, a count that does not fit the values, an element that is not
            canonical, or a first element other than 1.
    """
    container = read_container(source, "wtns", (2,), SECTION_NAMES)
    header = container.cursor(HEADER)
    prime_field = read_field(header)
    count = header.u32("the number of elements")
    header.end()
    values = container.cursor(VALUES)
    assignment = values.take_array(count, prime_field.num_bytes, "elements")
    values.end()
    if bytes(assignment[: prime_field.num_bytes]) != prime_field.to_bytes(1):
        raise values.error("element 0 is not the constant 1", at=0)
    check_canonical(values, assignment, prime_field, 0, "element")
    return Wtns(prime_field, assignment)


def write_wtns(
    path: str | os.PathLike[str], prime_field: PrimeField, assignment: Buffer, *, overwrite: bool = False
) -> None:
    """Write an assignment (canonical elements, the first of them 1) with mode 0600.

    Raises:
        MalformedInput: not a whole number of elements, not canonical, or element 0 is not 1.
        FileExistsError: ``path`` exists and ``overwrite`` was not asked for.
    """
    size = prime_field.num_bytes
    if len(assignment) % size or not len(assignment):
        raise MalformedInput(f"an assignment is a whole number of {size}-byte elements and at least one")
    if bytes(assignment[:size]) != prime_field.to_bytes(1):
        raise MalformedInput("element 0 of the assignment must be 1")
    bad = first_not_below(limbs_of(assignment, size), prime_field.modulus)
    if bad is not None:
        raise MalformedInput(f"element {bad} of the assignment is not canonical")
    header = field_header(prime_field) + (len(assignment) // size).to_bytes(4, "little")
    sections: list[tuple[int, list[Buffer]]] = [(HEADER, [header]), (VALUES, [assignment])]
    write_container(path, "wtns", 2, sections, overwrite=overwrite, private=True)
