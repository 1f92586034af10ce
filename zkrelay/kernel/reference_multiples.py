"""Sums over bases that come with multiples 2^(stride·j)·P_i, j < t, for the reference kernel.

With b = stride·t at least half the scalars' bits, k = Σ_j k_j·2^(stride·j) + 2^b·Σ_j k'_j·2^(stride·j), where
digits are in [0, 2^stride):

    Σ k_i·P_i = Σ_i Σ_j k_ij·(2^(stride·j)·P_i) + 2^b·(Σ_i Σ_j k'_ij·(2^(stride·j)·P_i))

The C kernels split scalars by the endomorphism ([GLV01]) instead; that is where the stride comes from.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..curves import PrimeField
from ..errors import MalformedInput
from .interface import MAX_FACTOR, Buffer, Groth16Tables
from .reference_buffers import split
from .reference_groups import E, Group, Groups


def check_factor(factor: int) -> None:
    if isinstance(factor, bool) or not isinstance(factor, int) or not 2 <= factor <= MAX_FACTOR:
        raise MalformedInput(f"a factor must be an integer in [2, {MAX_FACTOR}]")


def stride_bits(scalars: PrimeField, factor: int) -> int:
    """ceil((ceil(bits of r / 2) + 1) / factor): half a scalar and its sign, in ``factor`` pieces."""
    return -(-((scalars.num_bits + 1) // 2 + 1) // factor)


def multiples(
    group: Group[E], points: Sequence[tuple[E, E] | None], factor: int, stride: int
) -> list[tuple[E, E] | None]:
    """2^(stride·j)·P for j = 1 .. factor - 1, of one point after another."""
    return [group.to_affine(group.mul(1 << stride * j, point)) for point in points for j in range(1, factor)]


def msm(
    group: Group[E], scalars: Sequence[int], bases: Sequence[tuple[E, E] | None], rows: Buffer, factor: int, stride: int
) -> tuple[E, E] | None:
    """Σ scalars[i]·bases[i], where ``rows`` has the multiples of the finite bases."""
    stored, at, mask = group.unpack(rows, "multiples"), 0, (1 << stride) - 1
    halves = [group.infinity, group.infinity]
    for scalar, base in zip(scalars, bases, strict=True):
        if base is None:
            continue
        row = [base, *stored[at : at + factor - 1]]
        at += factor - 1
        for place in range(2 * factor):
            half, column = divmod(place, factor)
            digit = scalar >> stride * place & mask
            halves[half] = group.add(halves[half], group.mul(digit, row[column]))
    low, high = map(group.to_affine, halves)
    return group.msm([1, 1 << stride * factor], [low, high])


def check_tables(groups: Groups, tables: Groth16Tables, num_finite: dict[str, int]) -> None:
    """Each table holds factor - 1 points for each finite point of its query, coordinates below p.

    Raises:
        MalformedInput, NonCanonicalNumber: it does not.
    """
    check_factor(tables.factor)
    for query, finite in num_finite.items():
        group: Group[int] | Group[tuple[int, int]] = groups.g2 if query == "b_g2" else groups.g1
        name = f"{query}_multiples"
        data = getattr(tables, name)
        split(data, 2 * group.field.num_bytes, name, finite * (tables.factor - 1))
        group.unpack(data, name)
