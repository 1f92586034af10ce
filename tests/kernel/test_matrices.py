"""Sparse matrices of every kernel against dense sums of integers."""

from __future__ import annotations

import numpy as np
import pytest

from zkrelay.algebra.encoding import pack_field, unpack_field
from zkrelay.curves import FIELDS, PrimeField
from zkrelay.errors import MalformedInput
from zkrelay.kernel import Kernel, Matrix

from . import samples

fields = pytest.mark.parametrize("field", samples.SCALAR_FIELDS, ids=samples.SCALAR_FIELD_NAMES)
shapes = pytest.mark.parametrize("shape", [(0, 1), (1, 1), (3, 2), (7, 9), (64, 33), (513, 200)])
TABLE_SIZE = 12


def dense(rows: list[list[tuple[int, int]]], table: list[int], num_columns: int) -> list[list[int]]:
    out = [[0] * num_columns for _ in rows]
    for i, row in enumerate(rows):
        for column, coefficient in row:
            out[i][column] += table[coefficient]
    return out


@fields
@shapes
def test_apply_and_its_transpose_are_dense_products(kernel: Kernel, field: PrimeField, shape: tuple[int, int]) -> None:
    num_rows, num_columns = shape
    p = field.modulus
    table = samples.vector(field, TABLE_SIZE, "table", shape)
    rows = samples.random_rows(num_rows, num_columns, TABLE_SIZE, field.name)
    full = dense(rows, table, num_columns)
    matrix, table_form = samples.csr(rows), samples.montgomery(field, table)
    z, weights = samples.vector(field, num_columns, "z"), samples.vector(field, num_rows, "weights")
    product = [sum(a * b for a, b in zip(row, z, strict=True)) % p for row in full]
    transposed = [sum(full[i][j] * weights[i] for i in range(num_rows)) % p for j in range(num_columns)]

    assert unpack_field(field, kernel.matrix_apply(field.name, matrix, table_form, pack_field(field, z))) == product
    montgomery_product = kernel.matrix_apply(field.name, matrix, table_form, samples.montgomery(field, z))
    assert samples.from_montgomery(field, montgomery_product) == product
    result = kernel.matrix_apply_transposed(
        field.name, matrix, table_form, samples.montgomery(field, weights), num_columns
    )
    assert samples.from_montgomery(field, result) == transposed
    # ⟨M·z, w⟩ = ⟨z, Mᵀ·w⟩
    assert sum(a * b for a, b in zip(product, weights, strict=True)) % p == (
        sum(a * b for a, b in zip(z, transposed, strict=True)) % p
    )


def test_long_rows_of_extreme_products_do_not_overflow(kernel: Kernel) -> None:
    field = FIELDS["bn254_fr"]
    minus_one = field.modulus - 1
    matrix = samples.csr([[(k, 0) for k in range(1000)], [(0, 0)] * 1000])
    z = pack_field(field, [minus_one] * 1000)
    table = samples.montgomery(field, [minus_one])
    assert unpack_field(field, kernel.matrix_apply(field.name, matrix, table, z)) == [1000, 1000]
    # A raw representation of p - 1 is the extreme of the limbs, whatever it stands for.
    raw = pack_field(field, [minus_one])
    r_inverse = pow(field.montgomery_r, -1, field.modulus)
    assert (
        unpack_field(field, kernel.matrix_apply(field.name, matrix, raw, z)) == [1000 * r_inverse % field.modulus] * 2
    )


def system(field: PrimeField, num_rows: int) -> tuple[tuple[Matrix, Matrix, Matrix], bytes, list[int]]:
    """Rows (z_a + 2·z_b)·z_c = z_new, chained so that every new wire is a function of the earlier ones."""
    generator = samples.rng("system", field.name, num_rows)
    z, rows = [1, 2, field.modulus - 1], ([], [], [])
    for _ in range(num_rows):
        a, b, c = (generator.randrange(len(z)) for _ in range(3))
        rows[0].append([(a, 0), (b, 1)])
        rows[1].append([(c, 0)])
        rows[2].append([(len(z), 0)])
        z.append((z[a] + 2 * z[b]) * z[c] % field.modulus)
    matrices = tuple(samples.csr(part) for part in rows)
    return matrices, samples.montgomery(field, [1, 2]), z


@fields
def test_first_unsatisfied_finds_the_first_wrong_row(kernel: Kernel, field: PrimeField) -> None:
    matrices, table, z = system(field, 70)
    assert kernel.first_unsatisfied(field.name, matrices, table, pack_field(field, z)) is None
    for wrong in (3, 4, 40, 72):
        spoiled = [*z[:wrong], (z[wrong] + 1) % field.modulus, *z[wrong + 1 :]]
        row = kernel.first_unsatisfied(field.name, matrices, table, pack_field(field, spoiled))
        assert row == wrong - 3, "the row that defines a wire is the first one that its change breaks"


def test_no_rows_are_always_satisfied(kernel: Kernel) -> None:
    empty = samples.csr([])
    table = samples.montgomery(samples.FR, [1])
    assert kernel.first_unsatisfied("bn254_fr", (empty, empty, empty), table, samples.scalars([1])) is None


def test_empty_rows_are_zero(kernel: Kernel) -> None:
    empty, one = samples.csr([[], []]), samples.csr([[], [(0, 0)]])
    table, z = samples.montgomery(samples.FR, [1]), samples.scalars([1])
    assert kernel.matrix_apply("bn254_fr", empty, table, z) == bytes(64)
    assert kernel.first_unsatisfied("bn254_fr", (empty, one, empty), table, z) is None
    assert kernel.first_unsatisfied("bn254_fr", (one, one, empty), table, z) == 1


def _matrix(offsets: list[int], columns: list[int], ids: list[int]) -> Matrix:
    return Matrix(np.array(offsets, np.uint64), np.array(columns, np.uint32), np.array(ids, np.uint32))


MALFORMED = {
    "first offset is not zero": _matrix([1, 1, 2], [0, 0], [0, 0]),
    "offsets decrease": _matrix([0, 2, 1, 2], [0, 0], [0, 0]),
    "offsets end early": _matrix([0, 1, 1], [0, 0], [0, 0]),
    "offsets end late": _matrix([0, 1, 3], [0, 0], [0, 0]),
    "an offset is huge": _matrix([0, 2**64 - 1, 2], [0, 0], [0, 0]),
    "an offset in the middle is past the end": _matrix([0, 9, 2], [0, 0], [0, 0]),
    "column out of range": _matrix([0, 1, 2], [0, 3], [0, 0]),
    "column is the largest word": _matrix([0, 1, 2], [2**32 - 1, 0], [0, 0]),
    "coefficient id out of range": _matrix([0, 1, 2], [0, 0], [0, 2]),
    "coefficient id is the largest word": _matrix([0, 1, 2], [0, 0], [2**32 - 1, 0]),
    "fewer coefficient ids than columns": _matrix([0, 1, 2], [0, 0], [0]),
    "no offsets": _matrix([], [], []),
}


@pytest.mark.parametrize("matrix", MALFORMED.values(), ids=MALFORMED)
def test_malformed_matrices_are_refused(kernel: Kernel, matrix: Matrix) -> None:
    table, z = samples.montgomery(samples.FR, [1, 2]), samples.scalars([1, 2, 3])
    rows = max(len(matrix.offsets) - 1, 0)
    good = samples.csr([[(0, 0)]] * rows)
    with pytest.raises(MalformedInput):
        kernel.matrix_apply("bn254_fr", matrix, table, z)
    with pytest.raises(MalformedInput):
        kernel.matrix_apply_transposed("bn254_fr", matrix, table, bytes(32 * rows), 3)
    for place in range(3):
        matrices = [good, good, good]
        matrices[place] = matrix
        with pytest.raises(MalformedInput):
            kernel.first_unsatisfied("bn254_fr", tuple(matrices), table, z)


def test_matrices_with_different_numbers_of_rows_are_refused(kernel: Kernel) -> None:
    one, two = samples.csr([[(0, 0)]]), samples.csr([[(0, 0)], [(0, 0)]])
    table, z = samples.montgomery(samples.FR, [1]), samples.scalars([1])
    for matrices in ((one, two, two), (two, one, two), (two, two, one)):
        with pytest.raises(MalformedInput):
            kernel.first_unsatisfied("bn254_fr", matrices, table, z)
