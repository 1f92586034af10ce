"""The QAP against its definition, and the coefficient records against the rows they were made from."""

from __future__ import annotations

import dataclasses
import random
import struct

import numpy as np
import pytest

from zkrelay.algebra.encoding import unpack_field
from zkrelay.curves import PrimeField, bls12_381, bn254
from zkrelay.errors import MalformedInput
from zkrelay.groth16.qap import coefficient_records, domain_of, evaluate_at
from zkrelay.kernel import Matrix, current
from zkrelay.r1cs.constraint_system import R1CS

from .small_circuits import build, cubic, random_satisfied

FR = bn254.FR
R = FR.modulus


def integers(montgomery: bytes) -> list[int]:
    return unpack_field(FR, current().from_montgomery(FR.name, montgomery))


def dense_row(r1cs: R1CS, matrix: Matrix, row: int) -> list[int]:
    out = [0] * r1cs.num_variables
    for wire, value in r1cs.row(matrix, row):
        out[wire] = value
    return out


@pytest.mark.parametrize("seed", range(3))
def test_at_a_point_of_the_domain_the_qap_is_a_row_of_the_circuit(seed: int) -> None:
    """u_j(ω^i) = A[i][j]: all rows together determine the polynomials, so this is the whole definition."""
    r1cs, _ = random_satisfied(random.Random(seed), 9, 2, 5)
    domain = domain_of(r1cs)
    for i in range(domain.size):
        qap = evaluate_at(r1cs, pow(domain.omega, i, R))
        u, v, w = (integers(part) for part in (qap.u, qap.v, qap.w))
        if i < r1cs.num_constraints:
            assert u == dense_row(r1cs, r1cs.a, i)
            assert v == dense_row(r1cs, r1cs.b, i)
            assert w == dense_row(r1cs, r1cs.c, i)
        else:  # identity rows for the constant and the public inputs, then nothing
            j = i - r1cs.num_constraints
            assert u == [int(wire == j and j <= r1cs.num_public) for wire in range(r1cs.num_variables)]
            assert not any(v)
            assert not any(w)


def test_off_the_domain_the_qap_interpolates_the_rows() -> None:
    r1cs, _ = random_satisfied(random.Random(5), 5, 1, 3)
    domain, tau = domain_of(r1cs), 123456789
    lagrange = [
        pow(domain.omega, i, R) * domain.vanishing_at(tau) * pow(domain.size * (tau - pow(domain.omega, i, R)), -1, R)
        for i in range(domain.size)
    ]
    rows = [dense_row(r1cs, r1cs.b, i) for i in range(r1cs.num_constraints)]
    expected = [sum(row[j] * lagrange[i] for i, row in enumerate(rows)) % R for j in range(r1cs.num_variables)]
    assert integers(evaluate_at(r1cs, tau).v) == expected


def test_the_quotient_exists_exactly_for_satisfying_assignments() -> None:
    """P = UV - W vanishes on the domain, read off at its points."""
    r1cs, z = random_satisfied(random.Random(6), 7, 2, 4)
    domain = domain_of(r1cs)

    def product_minus_w(z: list[int]) -> list[int]:
        out = []
        for i in range(domain.size):
            qap = evaluate_at(r1cs, pow(domain.omega, i, R))
            u, v, w = (sum(a * b for a, b in zip(integers(part), z, strict=True)) for part in (qap.u, qap.v, qap.w))
            out.append((u * v - w) % R)
        return out

    assert not any(product_minus_w(z))
    wire = next(wire for i in range(7) for wire, value in r1cs.row(r1cs.c, i) if wire and value)
    z[wire] = (z[wire] + 1) % R
    assert any(product_minus_w(z))


def test_the_public_inputs_polynomials_are_independent() -> None:
    """Column j of the identity rows is the unit vector j, for every public input: rank num_public + 1."""
    r1cs = build([({3: 1}, {3: 1}, {4: 1})], num_variables=5, num_public=2)  # public inputs 1, 2 in no row
    domain = domain_of(r1cs)
    for j in range(3):
        u = integers(evaluate_at(r1cs, pow(domain.omega, 1 + j, R)).u)
        assert u == [int(wire == j) for wire in range(5)]


def test_records_hold_the_rows_and_the_identity_rows_in_order() -> None:
    r1cs, _ = random_satisfied(random.Random(7), 6, 2, 4)
    data = coefficient_records(r1cs)
    r_squared_inverse = pow(FR.montgomery_r, -2, R)
    records = []
    for at in range(0, len(data), 44):
        matrix, row, column = struct.unpack_from("<III", data, at)
        value = int.from_bytes(data[at + 12 : at + 44], "little")
        assert value < R
        records.append((row, matrix, column, value * r_squared_inverse % R))
    expected = [
        (i, number, wire, value)
        for i in range(6)
        for number, matrix in enumerate((r1cs.a, r1cs.b))
        for wire, value in r1cs.row(matrix, i)
    ]
    expected += [(6 + j, 0, j, 1) for j in range(3)]
    assert records == expected


def test_a_qap_at_a_secret_point_is_not_printed() -> None:
    r1cs, _ = cubic(3)
    qap = evaluate_at(r1cs, 3)
    assert repr(qap) == "QapAtTau()"


def test_circuits_without_constraints_are_refused() -> None:
    with pytest.raises(MalformedInput, match="without constraints"):
        domain_of(build([], num_variables=2, num_public=1))


def test_fields_of_no_curve_are_refused() -> None:
    """Among them a curve's base field, and a prime that is none of the scalar fields."""
    for field in (bls12_381.FP, PrimeField("prime_97", 97)):
        r1cs = build([({0: 1}, {0: 1}, {0: 1})], num_variables=1, num_public=0, field=field)
        with pytest.raises(MalformedInput, match=f"bn254_fr or bls12_381_fr, this one is over {field.name}"):
            domain_of(r1cs)


def test_more_public_inputs_than_wires_are_refused() -> None:
    with pytest.raises(MalformedInput, match="cannot hold 2 public inputs"):
        domain_of(build([({0: 1}, {0: 1}, {0: 1})], num_variables=2, num_public=2))


@pytest.mark.parametrize(("num_constraints", "refused"), [((1 << 24) - 1, False), (1 << 24, True)])
def test_the_largest_domain(num_constraints: int, refused: bool) -> None:
    """Rows are counted, not made: an empty matrix of 2^24 rows is only offsets (here a view of one zero)."""
    r1cs, _ = cubic(3)
    offsets = np.broadcast_to(np.zeros(1, dtype=np.uint64), num_constraints + 1)
    empty = Matrix(offsets, np.zeros(0, dtype=np.uint32), np.zeros(0, dtype=np.uint32))
    huge = dataclasses.replace(r1cs, a=empty, b=empty, c=empty, num_public=0)
    if refused:
        with pytest.raises(MalformedInput, match=r"2\^24"):
            domain_of(huge)
    else:
        assert domain_of(huge).log_size == 24
