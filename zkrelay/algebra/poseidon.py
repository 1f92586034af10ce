"""Poseidon as circomlib defines it ([GKRRS19]): state = (0, inputs), one permutation, lane 0 is the hash.

The permutation runs in the kernel, in constant time in the inputs; the parameters come from ``curves.poseidon``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from ..curves import PrimeField, bn254
from ..curves.poseidon import MAX_WIDTH, PoseidonParameters, poseidon_parameters
from ..kernel import Buffer, current
from .encoding import pack_field, unpack_field


def poseidon(inputs: Sequence[int], field: PrimeField = bn254.FR) -> int:
    """Pn(inputs) for n = len(inputs) canonical elements, 1 <= n <= 16.

    Raises:
        NonCanonicalNumber: an input is outside [0, field.modulus).
        ValueError: n is out of range, or the field has no Poseidon parameters.
    """
    return poseidon_many([inputs], field)[0]


def poseidon_many(rows: Sequence[Sequence[int]], field: PrimeField = bn254.FR) -> list[int]:
    """The hash of each row in one kernel call; all rows have the same length (ranges and errors as ``poseidon``)."""
    if not rows:
        return []
    width = len(rows[0]) + 1
    if any(len(row) + 1 != width for row in rows):
        raise ValueError("all rows of one call must have the same number of inputs")
    if not 2 <= width <= MAX_WIDTH:
        raise ValueError(f"Poseidon takes 1..{MAX_WIDTH - 1} inputs, not {width - 1}")
    return unpack_field(
        field, poseidon_packed(pack_field(field, (value for row in rows for value in row)), width - 1, field)
    )


def poseidon_packed(inputs: Buffer, num_inputs: int, field: PrimeField = bn254.FR) -> bytes:
    """The hashes, packed, of packed rows of ``num_inputs`` elements: ``poseidon_many`` without a number for Python.

    Raises:
        MalformedInput: the buffer is not a whole number of rows.
        NonCanonicalNumber: an element is not below the modulus.
    """
    parameters, round_constants, mds = montgomery_parameters(field, num_inputs + 1)
    return current().poseidon(
        field.name,
        inputs,
        num_inputs + 1,
        parameters.full_rounds,
        parameters.partial_rounds,
        round_constants,
        mds,
    )


@lru_cache(maxsize=64)
def montgomery_parameters(field: PrimeField, width: int) -> tuple[PoseidonParameters, bytes, bytes]:
    """Parameters, round constants and matrix in the form that ``kernel.poseidon`` takes; the same for every kernel."""
    parameters = poseidon_parameters(field, width)
    radix, p = field.montgomery_r, field.modulus

    def montgomery(values: Sequence[int]) -> bytes:
        return pack_field(field, (value * radix % p for value in values))

    return parameters, montgomery(parameters.round_constants), b"".join(montgomery(row) for row in parameters.mds)
