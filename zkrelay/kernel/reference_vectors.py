"""Number-theoretic transform and sparse matrices over Python integers, for the reference kernel."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from ..curves import PrimeField
from ..errors import MalformedInput
from .interface import Matrix
from .reference_buffers import MAX_LOG_SIZE


def domain_log_size(field: PrimeField, size: int) -> int:
    """log2 of ``size``; raises ``MalformedInput`` when the field has no domain of that size."""
    log_size = size.bit_length() - 1
    if size < 1 or size != 1 << log_size:
        raise MalformedInput(f"an NTT needs a power of two of elements, not {size}")
    if log_size > min(field.two_adicity, MAX_LOG_SIZE):
        raise MalformedInput(f"{field.name} has no NTT domain of size 2^{log_size}")
    return log_size


def evaluate(coefficients: Sequence[int], omega: int, modulus: int) -> list[int]:
    """f(ω^0), f(ω^1), ... for f(X) = Σ coefficients[i]·X^i and ω of order n: [CT65], f(X) = e(X²) + X·o(X²)."""
    size = len(coefficients)
    if size == 1:
        return list(coefficients)
    even = evaluate(coefficients[::2], omega * omega % modulus, modulus)
    odd = evaluate(coefficients[1::2], omega * omega % modulus, modulus)
    low, high, power = [], [], 1
    for e, o in zip(even, odd, strict=True):
        low.append((e + power * o) % modulus)
        high.append((e - power * o) % modulus)
        power = power * omega % modulus
    return low + high


def ntt(field: PrimeField, values: Sequence[int], *, inverse: bool, shift: int) -> list[int]:
    """Evaluations at shift·ω^i of the coefficients, or the reverse; natural order on both sides.

    f(shift·X) has the coefficients f_i·shift^i, so a coset costs one pass of products; and the inverse of evaluation
    at ω is 1/n times evaluation at 1/ω.
    """
    p = field.modulus
    log_size = domain_log_size(field, len(values))
    if shift == 0:
        raise MalformedInput("the shift of an NTT domain cannot be zero")
    omega = field.omega(log_size)
    if not inverse:
        return evaluate([v * pow(shift, i, p) % p for i, v in enumerate(values)], omega, p)
    n_inverse, shift_inverse = pow(len(values), -1, p), pow(shift, -1, p)
    scaled = evaluate(values, pow(omega, -1, p), p)
    return [v * n_inverse * pow(shift_inverse, i, p) % p for i, v in enumerate(scaled)]


def matrix_entries(matrix: Matrix, table: Sequence[int], num_columns: int) -> Iterator[tuple[int, int, int]]:
    """(row, column, coefficient) of every entry of a CSR matrix, after checking all of it.

    Raises:
        MalformedInput: offsets that do not run from 0 to nnz without decreasing, arrays of unequal lengths, a column
            or a coefficient id out of range.
    """
    offsets = [int(offset) for offset in matrix.offsets]
    columns = [int(column) for column in matrix.columns]
    ids = [int(i) for i in matrix.coefficient_ids]
    if len(columns) != len(ids):
        raise MalformedInput(f"matrix: {len(columns)} columns and {len(ids)} coefficient ids")
    if not offsets or offsets[0] != 0 or offsets[-1] != len(columns):
        raise MalformedInput("matrix: offsets must run from 0 to the number of entries")
    if any(low > high for low, high in itertools.pairwise(offsets)):
        raise MalformedInput("matrix: offsets decrease")
    if any(column >= num_columns for column in columns):
        raise MalformedInput(f"matrix: a column is not below {num_columns}")
    if any(i >= len(table) for i in ids):
        raise MalformedInput(f"matrix: a coefficient id is not below {len(table)}")
    return (
        (row, columns[k], table[ids[k]])
        for row in range(len(offsets) - 1)
        for k in range(offsets[row], offsets[row + 1])
    )


def apply(matrix: Matrix, table: Sequence[int], z: Sequence[int], modulus: int) -> list[int]:
    """M·z."""
    out = [0] * matrix.num_rows
    for row, column, coefficient in matrix_entries(matrix, table, len(z)):
        out[row] += coefficient * z[column]
    return [value % modulus for value in out]


def apply_transposed(
    matrix: Matrix, table: Sequence[int], weights: Sequence[int], num_columns: int, modulus: int
) -> list[int]:
    """Mᵀ·weights; columns are named by 32-bit words, so a larger number of them is refused before memory is taken."""
    if not 0 <= num_columns <= 1 << 32:
        raise MalformedInput(f"no matrix has {num_columns} columns")
    entries = matrix_entries(matrix, table, num_columns)
    if len(weights) != matrix.num_rows:
        raise MalformedInput(f"{len(weights)} weights for {matrix.num_rows} rows")
    out = [0] * num_columns
    for row, column, coefficient in entries:
        out[column] += coefficient * weights[row]
    return [value % modulus for value in out]
