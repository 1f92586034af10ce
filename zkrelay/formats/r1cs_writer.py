"""Writing ``.r1cs``: the same system gives the same bytes everywhere (docs/formats.md, ".r1cs")."""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ..errors import MalformedInput
from ..kernel import Matrix
from ..r1cs.constraint_system import R1CS
from .container import write_container
from .elements import field_header
from .r1cs import CONSTRAINTS, HEADER, WIRE_LABELS, R1CSFile

_ROWS_PER_CHUNK = 1 << 14
Flags = npt.NDArray[np.bool_]


def write_r1cs(
    path: str | os.PathLike[str],
    system: R1CS | R1CSFile,
    *,
    overwrite: bool = False,
) -> None:
    """Write version 1, deterministically: sections in circom's order (2, 1, 3), wires of each combination ascending.

    A plain ``R1CS`` gets wire w as label w.

    Raises:
        MalformedInput: the system has a zero coefficient or a wire twice in one combination.
        FileExistsError: ``path`` exists and ``overwrite`` was not asked for.
    """
    if isinstance(system, R1CS):
        labels = np.arange(system.num_variables, dtype=np.uint64)
        system = R1CSFile(system, labels, system.num_variables, system.num_private_inputs)
    r1cs = system.r1cs
    header = field_header(r1cs.field) + b"".join(
        number.to_bytes(size, "little")
        for number, size in (
            (r1cs.num_variables, 4),
            (r1cs.num_outputs, 4),
            (r1cs.num_public - r1cs.num_outputs, 4),
            (system.num_private_inputs, 4),
            (system.num_labels, 8),
            (r1cs.num_constraints, 4),
        )
    )
    write_container(
        path,
        "r1cs",
        1,
        [
            (CONSTRAINTS, _constraint_chunks(r1cs)),
            (HEADER, [header]),
            (WIRE_LABELS, [system.wire_labels.astype("<u8").tobytes()]),
        ],
        overwrite=overwrite,
    )


def _constraint_chunks(r1cs: R1CS) -> Iterator[bytes]:
    size = r1cs.field.num_bytes
    table = np.frombuffer(r1cs.coefficients, dtype=np.uint8).reshape(-1, size)
    zero: Flags = table.max(axis=1) == 0
    term = np.dtype([("wire", "<u4"), ("value", "u1", (size,))])
    for start in range(0, r1cs.num_constraints, _ROWS_PER_CHUNK):
        stop = min(start + _ROWS_PER_CHUNK, r1cs.num_constraints)
        sides = [_sorted_terms(matrix, table, zero, term, start, stop) for matrix in (r1cs.a, r1cs.b, r1cs.c)]
        out = bytearray()
        for row in range(stop - start):
            for offsets, data in sides:
                lo, hi = offsets[row], offsets[row + 1]
                out += (hi - lo).to_bytes(4, "little")
                out += data[lo * term.itemsize : hi * term.itemsize]
        yield bytes(out)


def _sorted_terms(
    matrix: Matrix,
    table: npt.NDArray[np.uint8],
    zero: Flags,
    term: np.dtype[np.void],
    start: int,
    stop: int,
) -> tuple[list[int], memoryview]:
    """Terms of rows start..stop-1 as file bytes, and where each row begins (in terms)."""
    offsets = matrix.offsets[start : stop + 1].astype(np.int64)
    lo, hi = int(offsets[0]), int(offsets[-1])
    columns, ids = matrix.columns[lo:hi], matrix.coefficient_ids[lo:hi]
    rows = np.repeat(np.arange(stop - start), np.diff(offsets))
    order = np.lexsort((columns, rows))
    columns, ids = columns[order], ids[order]
    if bool(zero[ids].any()):
        raise MalformedInput("a coefficient of the constraint system is zero")
    if bool(np.any((rows[1:] == rows[:-1]) & (columns[1:] == columns[:-1]))):
        raise MalformedInput("a linear combination of the constraint system has a wire twice")
    data = np.empty(hi - lo, dtype=term)
    data["wire"] = columns
    data["value"] = table[ids]
    return (offsets - lo).tolist(), memoryview(data.tobytes())
