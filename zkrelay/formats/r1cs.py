"""``.r1cs`` version 1: a rank-1 constraint system as circom and snarkjs write it (docs/formats.md, ".r1cs").

A file is read into CSR matrices over one table of distinct coefficients.  Within a linear combination the wires are put
in ascending order, which the specification asks for and circom does not always do, unless the file's own order is asked
for; the order of rows stays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..curves import PrimeField
from ..errors import FormatError
from ..kernel.interface import U32, U64, Matrix
from ..r1cs.constraint_system import R1CS
from .container import Container, read_container
from .cursor import Cursor
from .elements import first_not_below, intern, read_field
from .files import Source

HEADER, CONSTRAINTS, WIRE_LABELS, CUSTOM_GATES_LIST, CUSTOM_GATES_USES = 1, 2, 3, 4, 5
SECTION_NAMES = {
    HEADER: "header",
    CONSTRAINTS: "constraints",
    WIRE_LABELS: "wire to label",
    CUSTOM_GATES_LIST: "custom gates",
    CUSTOM_GATES_USES: "custom gate uses",
}


@dataclass(frozen=True)
class R1CSFile:
    """All of a file: the system, and what ties its wires to the labels of a ``.sym`` (``wire_labels[wire]``).

    ``num_private_inputs`` is the header's number; circom counts there also inputs that no constraint uses and that have
    no wire.  ``r1cs.num_private_inputs`` counts wires.
    """

    r1cs: R1CS
    wire_labels: U64
    num_labels: int
    num_private_inputs: int


@dataclass(frozen=True)
class _Header:
    field: PrimeField
    num_wires: int
    num_outputs: int
    num_public_inputs: int
    num_private_inputs: int
    num_labels: int
    num_constraints: int


def read_r1cs(source: Source, *, keep_order: bool = False) -> R1CS:
    """The constraint system of a ``.r1cs`` file.

    Args:
        keep_order: as for ``read_r1cs_file``.

    Raises:
        FormatError: anything of ``read_r1cs_file``.
    """
    return read_r1cs_file(source, keep_order=keep_order).r1cs


def read_r1cs_file(source: Source, *, keep_order: bool = False, max_constraints: int | None = None) -> R1CSFile:
    """A ``.r1cs`` file with its wire labels.

    Args:
        keep_order: leave the terms of a linear combination as the file has them: a ceremony's key lists them so.
        max_constraints: refuse a header that counts more, before any of them is read.

    Raises:
        FormatError: the container or a section is malformed, a count does not fit its section, a wire does not exist or
            appears twice in a linear combination, a coefficient is zero or not canonical, or custom gates are used.
    """
    container = read_container(source, "r1cs", (1,), SECTION_NAMES, ignore_unknown=True)
    _refuse_custom_gates(container)
    header = _read_header(container.cursor(HEADER))
    if max_constraints is not None and header.num_constraints > max_constraints:
        raise container.cursor(HEADER).error(
            f"{header.num_constraints:,} constraints are more than the limit of {max_constraints:,} (memory)"
        )
    labels = _read_labels(container.cursor(WIRE_LABELS), header)
    counts, wires, values = _split(container.cursor(CONSTRAINTS), header)
    num_public = header.num_outputs + header.num_public_inputs
    matrices, table = _matrices(container.cursor(CONSTRAINTS), header, counts, wires, values, keep_order)
    r1cs = R1CS(
        field=header.field,
        num_variables=header.num_wires,
        num_public=num_public,
        num_private_inputs=_private_wires(header, labels, num_public),
        a=matrices[0],
        b=matrices[1],
        c=matrices[2],
        coefficients=table,
        num_outputs=header.num_outputs,
    )
    return R1CSFile(r1cs, labels, header.num_labels, header.num_private_inputs)


def _refuse_custom_gates(container: Container) -> None:
    for section in (CUSTOM_GATES_LIST, CUSTOM_GATES_USES):
        payload = container.sections.get(section)
        if payload is not None and any(payload[:4]):
            raise FormatError(
                "the circuit uses custom gates (PLONK), which a rank-1 constraint system cannot express",
                source=container.source,
                section=container.label(section),
                offset=container.offsets[section],
            )


def _read_header(cursor: Cursor) -> _Header:
    field = read_field(cursor)
    header = _Header(
        field=field,
        num_wires=cursor.u32("nWires"),
        num_outputs=cursor.u32("nPubOut"),
        num_public_inputs=cursor.u32("nPubIn"),
        num_private_inputs=cursor.u32("nPrvIn"),
        num_labels=cursor.u64("nLabels"),
        num_constraints=cursor.u32("mConstraints"),
    )
    cursor.end()
    if 1 + header.num_outputs + header.num_public_inputs > header.num_wires:
        raise cursor.error(
            f"{header.num_wires} wires cannot hold the constant, {header.num_outputs} outputs and "
            f"{header.num_public_inputs} public inputs"
        )
    return header


def _read_labels(cursor: Cursor, header: _Header) -> U64:
    labels = np.frombuffer(cursor.take_array(header.num_wires, 8, "wire labels"), dtype="<u8").astype(np.uint64)
    cursor.end()
    bad = np.flatnonzero(labels > header.num_labels)
    if bad.size:
        raise cursor.error(f"wire {bad[0]} has a label above nLabels = {header.num_labels}", at=8 * int(bad[0]))
    return labels


def _private_wires(header: _Header, labels: U64, num_public: int) -> int:
    """How many wires after the public ones are private inputs: circom labels the inputs of main first."""
    last_input = num_public + header.num_private_inputs
    following = labels[num_public + 1 :]
    if bool(np.all(labels[1:] > labels[:-1])):
        return int(np.searchsorted(following, last_input, side="right"))
    return min(header.num_private_inputs, len(following))


def _split(cursor: Cursor, header: _Header) -> tuple[U64, U32, U32]:
    """Length of each linear combination, and wires and values (as rows of 32-bit words) of all terms in file order."""
    view, end, term_bytes = cursor.view, len(cursor.view), 4 + header.field.num_bytes
    num_combinations = 3 * header.num_constraints
    if 4 * num_combinations > end:
        raise cursor.error(f"{header.num_constraints} constraints do not fit into {end} bytes")
    counts = np.empty(num_combinations, dtype=np.uint64)
    heads = np.empty(num_combinations, dtype=np.int64)
    position = 0
    for index in range(num_combinations):
        count = int.from_bytes(view[position : position + 4], "little")
        if position + 4 + count * term_bytes > end:
            raise cursor.error(
                f"linear combination {'ABC'[index % 3]} of constraint {index // 3} claims {count} terms "
                f"and the section has {max(end - position - 4, 0)} bytes left",
                at=position,
            )
        counts[index] = count
        heads[index] = position
        position += 4 + count * term_bytes
    cursor.position = position
    cursor.end()
    words = np.frombuffer(view, dtype="<u4")  # every length above is a multiple of 4
    is_term = np.ones(len(words), dtype=bool)
    is_term[heads // 4] = False
    terms = words[is_term].reshape(-1, term_bytes // 4)
    return counts, terms[:, 0], terms[:, 1:]


def _matrices(
    cursor: Cursor, header: _Header, counts: U64, wires: U32, values: U32, keep_order: bool
) -> tuple[tuple[Matrix, Matrix, Matrix], bytes]:
    """Check the terms, sort those of each combination by wire, and cut them into three matrices over one table."""
    combination = np.repeat(np.arange(len(counts), dtype=np.int64), counts.astype(np.int64))

    def error(term: int, message: str) -> FormatError:
        owner = int(combination[term])
        at = 4 * (owner + 1) + term * (4 + header.field.num_bytes)
        return cursor.error(f"linear combination {'ABC'[owner % 3]} of constraint {owner // 3}: {message}", at=at)

    outside = np.flatnonzero(wires >= header.num_wires)
    if outside.size:
        raise error(int(outside[0]), f"wire {wires[outside[0]]} does not exist, there are {header.num_wires}")
    zero = np.flatnonzero(~values.any(axis=1))
    if zero.size:
        raise error(int(zero[0]), "a coefficient is zero")
    bad = first_not_below(np.ascontiguousarray(values).view("<u8"), header.field.modulus)
    if bad is not None:
        raise error(bad, "a coefficient is not below the modulus")
    same = combination[1:] == combination[:-1]
    if bool(np.any(same & (wires[1:] <= wires[:-1]))):
        order = np.lexsort((wires, combination))
        ascending = wires[order]
        twice = np.flatnonzero(same & (ascending[1:] == ascending[:-1]))
        if twice.size:
            raise error(int(order[twice[0] + 1]), f"wire {ascending[twice[0]]} appears twice")
        if not keep_order:
            wires, values = ascending, values[order]
    side = combination % 3
    picks = [np.flatnonzero(side == k) for k in range(3)]  # table in order of first use: A, then B, then C
    table, ids = intern(np.ascontiguousarray(values[np.concatenate(picks)]).tobytes(), header.field.num_bytes)
    matrices, start = [], 0
    for k, pick in enumerate(picks):
        offsets = np.zeros(header.num_constraints + 1, dtype=np.uint64)
        np.cumsum(counts[k::3], out=offsets[1:])
        columns = np.ascontiguousarray(wires[pick], dtype=np.uint32)
        matrices.append(Matrix(offsets, columns, ids[start : start + len(pick)]))
        start += len(pick)
    return (matrices[0], matrices[1], matrices[2]), table
