"""Binary decomposition, strict and non-strict, and comparison of bits with constants.

``to_bits`` gives *a* decomposition: for n bits with 2^n <= p it is the only one; beyond that x and x + p both have one,
and ``to_bits_strict`` is needed.
"""

from __future__ import annotations

from collections.abc import Sequence

from zkrelay.errors import CircuitError
from zkrelay.r1cs import ConstraintApi, Expr, Value

from .boolean import assert_boolean


def pack_bits(cs: ConstraintApi, bits: Sequence[Expr]) -> Expr:
    """sum bits[i]·2^i: free."""
    return cs.linear([(1 << i, bit) for i, bit in enumerate(bits)])


def to_bits(cs: ConstraintApi, x: Expr, count: int) -> list[Expr]:
    """``count`` booleans whose sum is x, least significant first; so x ∈ [0, 2^count): ``count`` rows.

    The lowest bit is the expression x - sum of the others, so the sum itself needs no row.

    Raises:
        CircuitError: 2^count exceeds the field, where the decomposition would not be unique.
    """
    if not 1 <= count < cs.field.num_bits:
        raise CircuitError(
            f"to_bits({count}) over {cs.field.name}: between 1 and {cs.field.num_bits - 1} bits are unique; "
            "use to_bits_strict for a whole element"
        )
    bits = _free_bits(cs, x, cs.value_of(x).bits(count))
    for bit in bits:
        assert_boolean(cs, bit)
    return bits


def to_bits_strict(cs: ConstraintApi, x: Expr) -> list[Expr]:
    """The bits of the canonical integer x ∈ [0, p): field.num_bits rows and about half as many again for < p."""
    bits = _free_bits(cs, x, cs.value_of(x).bits(cs.field.num_bits))
    assert_bits_between(cs, bits, 0, cs.field.modulus - 1)
    return bits


def to_bits_bounded(
    cs: ConstraintApi, x: Expr, count: int, low_bits: int, high_min: int, high_max: int, offset: int = 0
) -> list[Expr]:
    """``count`` bits of an integer congruent to x + offset whose part above ``low_bits`` lies in [high_min, high_max].

    Cheaper than comparing every bit.  The caller answers for the interval [high_min·2^low_bits,
    (high_max+1)·2^low_bits) holding one representative of each residue at most.  The witness program takes the integer
    x + offset itself, x canonical.
    """
    values = cs.value_of(x).bits(count)
    if offset:
        mask = (1 << low_bits) - 1
        low = cs.dot([(1 << i, bit) for i, bit in enumerate(values[:low_bits])], offset & mask).bits(low_bits + 1)
        carry_and_high = [(1, low[-1]), *((1 << i, bit) for i, bit in enumerate(values[low_bits:]))]
        values = [*low[:-1], *cs.dot(carry_and_high, offset >> low_bits).bits(count - low_bits)]
    bits = _free_bits(cs, x + offset, values)
    for bit in bits[:low_bits]:
        assert_boolean(cs, bit)
    assert_bits_between(cs, bits[low_bits:], high_min, high_max)
    return bits


def _free_bits(cs: ConstraintApi, x: Expr, values: Sequence[Value]) -> list[Expr]:
    """Expressions for ``values`` that sum to x; the caller must make each of them boolean."""
    with cs.scope("bits"):
        high = [cs.witness(value, f"{i}") for i, value in enumerate(values[1:], start=1)]
    low = cs.linear([(1, x), *((-(1 << i), bit) for i, bit in enumerate(high, start=1))])
    cs.computed_as(low, values[0])
    return [low, *high]


def assert_bits_between(cs: ConstraintApi, bits: Sequence[Expr], lower: int, upper: int) -> None:
    """lower <= sum bits[i]·2^i <= upper for constants, and every bit is boolean.

    One pass of [Zcash] appendix A.3.2.2 for each bound (the lower one on complements), from the top.  With π = "so far
    every 1 of the bound was matched": at a 1 of the bound π ← π·bit (a row); at a 0 the row bit·(1 - π - bit) = 0 says
    that the bit is 0 when π = 1, and boolean in any case.  Below the bound's lowest 0 nothing can exceed it.

    Raises:
        CircuitError: unless 0 <= lower <= upper < 2^len(bits).
    """
    count = len(bits)
    if not 0 <= lower <= upper < 1 << count:
        raise CircuitError(f"the bounds [{lower}, {upper}] do not fit {count} bits")
    ones = (1 << count) - 1
    boolean = _assert_at_most(cs, bits, upper, set())
    boolean = _assert_at_most(cs, [1 - bit for bit in bits], ones - lower, boolean)
    for index, bit in enumerate(bits):
        if index not in boolean:
            assert_boolean(cs, bit)


def _assert_at_most(cs: ConstraintApi, bits: Sequence[Expr], bound: int, boolean: set[int]) -> set[int]:
    """sum bits[i]·2^i <= bound, given that the bits outside the returned set are made boolean by the caller."""
    lowest_zero = next((i for i in range(len(bits)) if not bound >> i & 1), len(bits))
    matched = cs.constant(1)
    done = set(boolean)
    for index in range(len(bits) - 1, lowest_zero - 1, -1):
        bit = bits[index]
        if bound >> index & 1:
            matched = cs.mul(matched, bit, "matched")
        else:
            cs.assert_product(bit, 1 - matched - bit, cs.constant(0))
            done.add(index)
    return done
