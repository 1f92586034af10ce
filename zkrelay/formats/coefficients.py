"""Section 4 of a ``.zkey``: the entries of A and B as 44-byte records (docs/formats.md, "The R² convention").

    matrix u32 (0 = A, 1 = B) | row u32 | column u32 | value·R² mod r (32 bytes little-endian), R = 2^256

The value is in Montgomery form twice: one Montgomery product with a canonical witness element gives value·witness·R.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

from ..curves import PrimeField
from ..groth16.keys import COEFFICIENT_RECORD_BYTES, ProvingKey
from ..kernel import Buffer
from .cursor import Cursor
from .elements import first_not_below

RECORD = np.dtype([("matrix", "<u4"), ("row", "<u4"), ("column", "<u4"), ("value", "<u8", (4,))])
_CHUNK_RECORDS = 1 << 16

assert RECORD.itemsize == COEFFICIENT_RECORD_BYTES


def coefficients_digest(key: ProvingKey | Buffer) -> str:
    """SHA-256 (hex) of the records in ascending order of (matrix, row, column).

    It names the circuit's A and B, whatever the order in which a file lists them.  Two keys of one circuit have equal
    digests; so a key finds the witness program it is for.

    C is not stored in a key, so two circuits that differ in C alone share a digest: run the constraint check as well.
    """
    records = _records(key.coefficients if isinstance(key, ProvingKey) else key)
    values = records["value"]
    order = np.lexsort((*(values[:, k] for k in range(4)), records["column"], records["row"], records["matrix"]))
    digest = hashlib.sha256()
    for start in range(0, len(order), _CHUNK_RECORDS):
        digest.update(records[order[start : start + _CHUNK_RECORDS]].tobytes())
    return digest.hexdigest()


def check_records(cursor: Cursor, coefficients: Buffer, num_rows: int, num_columns: int, fr: PrimeField) -> None:
    """Refuse a record with another matrix, a row or column outside the key, or a value not below the modulus of ``fr``.

    ``cursor`` is at the end of the records and only tells where they are.

    Raises:
        FormatError: with the offset of the first such record.
    """
    records = _records(coefficients)
    first_byte = cursor.position - len(coefficients)
    for start in range(0, len(records), _CHUNK_RECORDS):
        chunk = records[start : start + _CHUNK_RECORDS]
        for bad, message in (
            (_first(chunk["matrix"] > 1), "the matrix is neither A (0) nor B (1)"),
            (_first(chunk["row"] >= num_rows), f"the row is outside the domain of {num_rows}"),
            (_first(chunk["column"] >= num_columns), f"the column is outside the {num_columns} variables"),
            (first_not_below(np.ascontiguousarray(chunk["value"]), fr.modulus), "the value is not below r"),
        ):
            if bad is not None:
                index = start + bad
                raise cursor.error(f"record {index}: {message}", at=first_byte + index * COEFFICIENT_RECORD_BYTES)


def _records(coefficients: Buffer) -> npt.NDArray[np.void]:
    return np.frombuffer(coefficients, dtype=RECORD)


def _first(flags: npt.NDArray[np.bool_]) -> int | None:
    return int(np.argmax(flags)) if flags.any() else None
