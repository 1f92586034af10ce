"""The Groth16 prover over Python integers ([Gro16] section 3.2, in iden3's conventions), for the reference kernel.

With z the assignment, n the domain size, ω of order n and η of order 2n (η² = ω):

    U = Σ z_i·u_i, V = Σ z_i·v_i over the rows (n evaluations), W = U·V row by row
    A = [α + U(τ) + r·δ]₁        B = [β + V(τ) + s·δ]₂
    C = Σ_private z_i·L_i + Σ_i P_i·H_i + s·A + r·[B]₁ - r·s·[δ]₁

where P_i is U·V - W at the odd point η^(2i+1).  There t(X) = Xⁿ - 1 is -2, so with the Lagrange basis ℓ_i over the odd
points, H_i = [ℓ_i(τ)·t(τ)/(-2·δ)]₁ gives Σ P_i·H_i = [h(τ)·t(τ)/δ]₁.
"""

from __future__ import annotations

import struct

from ..curves import PairingCurve, PrimeField
from ..errors import MalformedInput, NonCanonicalNumber
from . import reference_multiples
from .interface import Buffer, Groth16Key, Groth16Tables
from .reference_buffers import MAX_LOG_SIZE, split, unpack
from .reference_groups import E, Group, Groups
from .reference_vectors import ntt

_POSITION_BYTES = 12  # matrix, row, column


def row_products(field: PrimeField, key: Groth16Key, z: list[int]) -> tuple[list[int], list[int]]:
    """(U, V): ⟨A_i, z⟩ and ⟨B_i, z⟩ for every row of the domain, from records of value·R² mod r.

    Raises:
        MalformedInput, NonCanonicalNumber: a record names a matrix, row or column out of range, or a value not below r.
    """
    r = field.modulus
    r2_inverse = pow(field.montgomery_r, -2, r)
    rows = 1 << key.log_domain
    products = ([0] * rows, [0] * rows)
    for index, record in enumerate(split(key.coefficients, _POSITION_BYTES + field.num_bytes, "coefficients")):
        matrix, row, column = struct.unpack_from("<III", record)
        value = int.from_bytes(record[_POSITION_BYTES:], "little")
        if matrix > 1 or row >= rows or column >= len(z):
            raise MalformedInput(f"coefficients: element {index} has a matrix, row or column out of range")
        if value >= r:
            raise NonCanonicalNumber(f"coefficients: element {index} is not below r")
        products[matrix][row] += value * r2_inverse * z[column]
    u, v = ([value % r for value in product] for product in products)
    return u, v


def quotient_evaluations(field: PrimeField, u: list[int], v: list[int]) -> list[int]:
    """U·V - W at the odd points η^(2i+1), where U, V, W interpolate u, v, u·v over the domain of the rows."""
    r = field.modulus
    eta = field.omega(len(u).bit_length())
    w = [a * b % r for a, b in zip(u, v, strict=True)]
    on_coset = [
        ntt(field, ntt(field, evaluations, inverse=True, shift=1), inverse=False, shift=eta)
        for evaluations in (u, v, w)
    ]
    return [(a * b - c) % r for a, b, c in zip(*on_coset, strict=True)]


def _check_shape(curve: PairingCurve, key: Groth16Key) -> None:
    if key.num_variables < key.num_public + 1:
        raise MalformedInput(
            f"{key.num_variables} variables cannot hold {key.num_public} public inputs and the constant"
        )
    if not 0 <= key.log_domain <= min(MAX_LOG_SIZE, curve.fr.two_adicity - 1):
        raise MalformedInput(f"no domain of size 2^{key.log_domain}")


def check_key(curve: PairingCurve, key: Groth16Key) -> None:
    """What can be said of a key before there is an assignment: its shape, its lengths and its records.

    Raises:
        MalformedInput, NonCanonicalNumber: as ``prove``.
    """
    _check_shape(curve, key)
    n = key.num_variables
    g1 = {"alpha_g1": 1, "beta_g1": 1, "delta_g1": 1, "a_query": n, "b_g1_query": n}
    g1 |= {"l_query": n - key.num_public - 1, "h_query": 1 << key.log_domain}
    for name, count in g1.items():
        split(getattr(key, name), curve.g1_bytes, name, count)
    for name, count in {"beta_g2": 1, "delta_g2": 1, "b_g2_query": n}.items():
        split(getattr(key, name), curve.g2_bytes, name, count)
    row_products(curve.fr, key, [0] * n)


def finite_points(groups: Groups, key: Groth16Key) -> dict[str, int]:
    """How many points of each query are not infinity."""
    sizes = {"a": groups.curve.g1_bytes, "b_g1": groups.curve.g1_bytes, "b_g2": groups.curve.g2_bytes}
    sizes |= {"l": groups.curve.g1_bytes, "h": groups.curve.g1_bytes}
    return {name: sum(map(any, split(getattr(key, f"{name}_query"), size, name))) for name, size in sizes.items()}


def prove(
    groups: Groups,
    key: Groth16Key,
    assignment: Buffer,
    blind_r: Buffer,
    blind_s: Buffer,
    tables: Groth16Tables | None = None,
) -> bytes:
    """A, B, C one after another; the sums over the queries by the tables when there are some.

    Raises:
        MalformedInput: a part of the key, the assignment or a blinding has the wrong size, or z_0 is not 1.
        NonCanonicalNumber: an element of the assignment, a blinding or a coefficient is not below r.
    """
    field, g1, g2 = groups.curve.fr, groups.g1, groups.g2
    n, num_public = key.num_variables, key.num_public
    _check_shape(groups.curve, key)
    z = unpack(field, assignment, "assignment", n)
    (r,), (s,) = unpack(field, blind_r, "blind_r", 1), unpack(field, blind_s, "blind_s", 1)
    if z[0] != 1:
        raise MalformedInput("assignment: element 0 must be 1")
    (alpha,), (beta_1,), (delta_1,) = (
        g1.unpack(getattr(key, name), name, 1) for name in ("alpha_g1", "beta_g1", "delta_g1")
    )
    (beta_2,), (delta_2,) = g2.unpack(key.beta_g2, "beta_g2", 1), g2.unpack(key.delta_g2, "delta_g2", 1)
    a_query = g1.unpack(key.a_query, "a_query", n)
    b_g1_query = g1.unpack(key.b_g1_query, "b_g1_query", n)
    b_g2_query = g2.unpack(key.b_g2_query, "b_g2_query", n)
    l_query = g1.unpack(key.l_query, "l_query", n - num_public - 1)
    h_query = g1.unpack(key.h_query, "h_query", 1 << key.log_domain)
    quotient = quotient_evaluations(field, *row_products(field, key, z))

    def total(group: Group[E], scalars: list[int], query: list[tuple[E, E] | None], name: str) -> tuple[E, E] | None:
        if tables is None:
            return group.msm(scalars, query)
        stride = reference_multiples.stride_bits(field, tables.factor)
        rows = getattr(tables, f"{name}_multiples")
        return reference_multiples.msm(group, scalars, query, rows, tables.factor, stride)

    a = g1.msm([1, 1, r], [total(g1, z, a_query, "a"), alpha, delta_1])
    b_1 = g1.msm([1, 1, s], [total(g1, z, b_g1_query, "b_g1"), beta_1, delta_1])
    b_2 = g2.msm([1, 1, s], [total(g2, z, b_g2_query, "b_g2"), beta_2, delta_2])
    l_sum, h_sum = total(g1, z[num_public + 1 :], l_query, "l"), total(g1, quotient, h_query, "h")
    c = g1.msm([1, 1, s, r, -r * s % field.modulus], [l_sum, h_sum, a, b_1, delta_1])
    return g1.pack([a]) + g2.pack([b_2]) + g1.pack([c])
