"""G1 and G2 of every kernel and curve: sums and multiples whose discrete logarithms are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zkrelay.kernel import Kernel, current

from . import samples
from .curve_samples import CURVES
from .group_under_test import GROUPS, GroupUnderTest, chunks, groups

# Scalars (modulo r) at the edges of windows, words and the orders, and with alternating bits or runs of ones.
SPECIAL = [0, 1, 2, 3, -1, -2, 1 << 253, (1 << 253) - 1, (1 << 128) - 1, 1 << 64]
SPECIAL += [c.fr.modulus // 2 + k for c in CURVES for k in (0, 1)]
SPECIAL += [((1 << 252) - 1) // 3, (1 << 253) - (1 << 13), 0x1FFF << 240]


@groups
def test_generator_has_order_r(kernel: Kernel, group: GroupUnderTest) -> None:
    multiples = group.call(kernel, "fixed_base")(group.generator, group.scalars([-1, 1]))
    assert multiples[: group.size] != group.generator
    assert group.call(kernel, "add")(*chunks(multiples, group.size)) == group.infinity


@groups
def test_sums_of_all_kinds(kernel: Kernel, group: GroupUnderTest) -> None:
    logs = [0, 1, 2, 3, -1, -2, 12345]
    pairs = [(a, b) for a in logs for b in logs]  # P+Q, P+P, P-P, P+O, O+P, O+O
    points = {a: group.multiple(a) for a in logs}
    left, right = (b"".join(points[pair[i]] for pair in pairs) for i in range(2))
    expected = b"".join(group.multiple(a + b) for a, b in pairs)
    assert group.call(kernel, "add")(left, right) == expected
    assert group.call(kernel, "add")(b"", b"") == b""


@groups
@pytest.mark.parametrize("threads", [1, 3])
def test_fixed_base_multiples(kernel: Kernel, group: GroupUnderTest, threads: int) -> None:
    fixed_base = group.call(kernel, "fixed_base")
    result = fixed_base(group.generator, group.scalars(SPECIAL), threads=threads)
    assert result == b"".join(group.multiple(s) for s in SPECIAL)
    other = fixed_base(group.multiple(77), group.scalars(SPECIAL[:5]), threads=threads)
    assert other == b"".join(group.multiple(77 * s) for s in SPECIAL[:5])
    assert fixed_base(group.infinity, group.scalars(SPECIAL[:5]), threads=threads) == group.infinity * 5
    assert fixed_base(group.generator, b"", threads=threads) == b""


@groups
@pytest.mark.parametrize("size", [1, 2, 7, 8, 9, 31, 33, 64, 129, 513])
def test_fixed_base_of_many_scalars_is_that_of_each(native_kernel: Kernel, group: GroupUnderTest, size: int) -> None:
    fixed_base = group.call(native_kernel, "fixed_base")
    values = samples.vector(group.samples.fr, size)
    together = chunks(fixed_base(group.generator, group.scalars(values), threads=2), group.size)
    assert len(together) == size
    for index in {*range(min(100, size)), *range(100, size, 23), size - 1}:  # of many, the first, the last and some
        assert together[index] == fixed_base(group.generator, group.scalars([values[index]]))
    for index in range(min(3, size)):
        assert together[index] == group.multiple(values[index])


@groups
@pytest.mark.parametrize("size", samples.SIZES)
def test_msm_of_edge_scalars(native_kernel: Kernel, group: GroupUnderTest, size: int) -> None:
    # Bases 0·g, 1·g, 2·g, ..: the sum is (Σ i·s_i)·g.
    values = samples.vector(group.samples.fr, size)
    bases = b"".join(group.multiples(513)[:size])
    expected = group.multiple(sum(i * value for i, value in enumerate(values)))
    for threads in (1, 2, 3):
        assert group.call(native_kernel, "msm")(group.scalars(values), bases, threads=threads) == expected


@groups
def test_msm_is_the_reference_sum_for_points_of_unknown_logarithm(
    native_kernel: Kernel, reference: Kernel, group: GroupUnderTest
) -> None:
    generator = samples.rng("msm", group.name)
    scalars = group.scalars([generator.randrange(group.r) for _ in range(24)])
    bases = b"".join(group.multiple(generator.randrange(group.r)) for _ in range(24))
    expected = group.call(reference, "msm")(scalars, bases)
    assert group.call(native_kernel, "msm")(scalars, bases) == expected


def tiled(group: GroupUnderTest, size: int) -> tuple[bytes, list[int]]:
    """Many bases without much work: shuffled multiples of the generator over and over, and their logarithms."""
    logs = list(range(513))
    samples.rng("tiled").shuffle(logs)
    bases = b"".join(group.multiples(513)[log] for log in logs)
    repeats = size // 513 + 1
    return (bases * repeats)[: size * group.size], (logs * repeats)[:size]


def random_scalars(group: GroupUnderTest, size: int) -> tuple[bytes, list[int]]:
    """Scalars below 2^253, among them zeros, small ones and r - 1."""
    values = np.frombuffer(samples.rng("scalars", size).randbytes(32 * size), np.uint8).reshape(size, 32).copy()
    values[:, 31] &= 0x1F
    values[::7, 5:] = 0
    values[::11] = 0
    values[::13] = np.frombuffer((group.r - 1).to_bytes(32, "little"), np.uint8)
    data = values.tobytes()
    return data, [int.from_bytes(data[i : i + 32], "little") for i in range(0, len(data), 32)]


# From the smallest window to all but the largest, and from one block of bases to many.
LARGE_SIZES = {
    "bn254-g1": (300, 1000, 3000, 9000, 30000, 70000),
    "bn254-g2": (300, 1000, 5000, 40000),
    "bls12_381-g1": (300, 3000, 70000),
    "bls12_381-g2": (300, 5000),
}
LARGE = [(group, size) for group in GROUPS for size in LARGE_SIZES[repr(group)]]


@pytest.mark.parametrize(("group", "size"), LARGE, ids=[f"{group}-{size}" for group, size in LARGE])
def test_large_msm(native_kernel: Kernel, group: GroupUnderTest, size: int) -> None:
    check_large_msm(native_kernel, group, size)


def check_large_msm(kernel: Kernel, group: GroupUnderTest, size: int) -> None:
    (bases, logs), (scalars, values) = tiled(group, size), random_scalars(group, size)
    expected = group.multiple(sum(a * b for a, b in zip(logs, values, strict=True)))
    for threads in (1, 2, 3) if size < 10000 else (2,):
        assert group.call(kernel, "msm")(scalars, bases, threads=threads) == expected


@pytest.mark.skipif(current().name == "reference", reason="minutes in Python integers")
def test_msm_with_the_largest_window() -> None:
    """By the kernel in use; ``long`` has the others do it, too."""
    check_large_msm(current(), GROUPS[0], 520000)


@pytest.mark.long
def test_msm_with_the_largest_window_of_every_kernel(native_kernel: Kernel) -> None:
    check_large_msm(native_kernel, GROUPS[0], 520000)


@pytest.mark.parametrize(("group", "size"), [(GROUPS[0], 2000), (GROUPS[0], 70000), (GROUPS[2], 2000)], ids=repr)
def test_large_msm_where_sums_double_and_cancel_across_blocks(
    native_kernel: Kernel, group: GroupUnderTest, size: int
) -> None:
    # The same bucket again and again: doubled in the next block of bases, cancelled half way, started anew.
    p, minus_p = group.multiple(1), group.multiple(-1)
    for name, count in (("all", size), ("half", size // 2), ("most", size - 7)):
        bases = p * count + minus_p * (size - count)
        for scalar in (7, group.r - 1):
            expected = group.multiple((2 * count - size) * scalar)
            threads = 1 + scalar % 3
            result = group.call(native_kernel, "msm")(group.scalars([scalar]) * size, bases, threads=threads)
            assert result == expected, (name, scalar)


@groups
def test_msm_of_many_points_of_unknown_logarithm(native_kernel: Kernel, group: GroupUnderTest) -> None:
    generator = samples.rng("many", group.name)
    logs = [generator.randrange(group.r) for _ in range(2500)]
    values = samples.vector(group.samples.fr, 2500)
    bases = group.call(native_kernel, "fixed_base")(group.generator, group.scalars(logs), threads=2)
    expected = group.multiple(sum(a * b for a, b in zip(logs, values, strict=True)))
    for threads in (1, 2, 3, 256):
        assert group.call(native_kernel, "msm")(group.scalars(values), bases, threads=threads) == expected


def cube_root_of_one(r: int) -> int:
    """An eigenvalue of the endomorphism by which kernels split scalars."""
    return next(root for root in (pow(g, (r - 1) // 3, r) for g in range(2, r)) if root != 1)


CUBE_ROOTS = [cube_root_of_one(c.fr.modulus) for c in CURVES]
PARTS = [0, 1, -1, 1 << 63, -(1 << 64), (1 << 126) - 1, -(1 << 125)]

HARD_CASES = {
    "scalars with given parts": [(3, a + b * root) for a in PARTS for b in PARTS for root in CUBE_ROOTS],
    "bits": [(k % 9 + 1, k & 1) for k in range(200)],
    "one point with one scalar, many times": [(5, 7)] * 100,
    "one point with one scalar, an odd number of times": [(5, -1)] * 101,
    "a point and its negative meet in one bucket": [(5, 7), (-5, 7)] * 50,
    "a point and its negative, one left over": [(5, 7), (-5, 7)] * 50 + [(5, 7)],
    "negatives with negated scalars": [(5, 7), (-5, -7)] * 40,
    "P, 2P, 3P in one bucket": [(5, 9), (10, 9), (15, 9)] * 30,
    "sums that meet their own doubles": [(1, 3), (2, 3), (3, 3), (6, 3), (12, 3), (-24, 3)] * 10,
    "all zero scalars": [(5, 0)] * 40,
    "all infinity": [(0, 9)] * 40,
    "infinities among points": [(0, -1), (3, 2), (0, 0), (4, -2)] * 20,
    "every term is minus one": [(k, -1) for k in range(1, 80)],
    "everything cancels": [(k, k) for k in range(1, 40)] + [(-k, k) for k in range(1, 40)],
    "one nonzero scalar at the end": [(k, 0) for k in range(70)] + [(3, 11)],
    "powers of two": [(k % 9 + 1, 1 << k) for k in range(253)],
    "one below powers of two": [(k % 9 + 1, (1 << k) - 1) for k in range(254)],
    "special scalars": [(k + 1, scalar) for k, scalar in enumerate(SPECIAL)],
    "nothing": [],
}


@groups
@pytest.mark.parametrize("terms", HARD_CASES.values(), ids=HARD_CASES)
def test_msm_where_buckets_double_and_cancel(
    kernel: Kernel, group: GroupUnderTest, terms: list[tuple[int, int]]
) -> None:
    if kernel.name == "reference":
        terms = terms[:60]  # it adds one term after the other, without buckets, and takes a second for 200
    points = {log: group.multiple(log) for log in {log for log, _ in terms}}
    bases, scalars = b"".join(points[log] for log, _ in terms), group.scalars([s for _, s in terms])
    expected = group.multiple(sum(log * scalar for log, scalar in terms))
    for threads in (1, 2, 3) if kernel.name != "reference" else (1,):
        assert group.call(kernel, "msm")(scalars, bases, threads=threads) == expected


term = st.tuples(
    st.integers(-8, 8), st.one_of(st.sampled_from(SPECIAL), st.integers(-(1 << 256), 1 << 256), st.integers(0, 1 << 20))
)


@groups
@settings(max_examples=30)
@given(terms=st.lists(term, max_size=40))
def test_msm_of_drawn_terms(native_kernel: Kernel, group: GroupUnderTest, terms: list[tuple[int, int]]) -> None:
    bases = b"".join(group.multiples(9)[log] if log >= 0 else group.multiple(log) for log, _ in terms)
    scalars = group.scalars([s for _, s in terms])
    expected = group.multiple(sum(log * scalar for log, scalar in terms))
    assert group.call(native_kernel, "msm")(scalars, bases) == expected
    assert group.call(native_kernel, "msm")(scalars, bases, threads=2) == expected


@groups
def test_coordinates_where_carries_run_through_every_limb(
    native_kernel: Kernel, reference: Kernel, group: GroupUnderTest
) -> None:
    # The addition law never uses b, so that any coordinates exercise the arithmetic of Fp and Fp2 at its edges.
    generator = samples.rng("coordinates", group.name)
    patterns, size = samples.limb_patterns(group.p), group.coordinate_bytes
    left, right = (
        b"".join(generator.choice(patterns).to_bytes(size, "little") for _ in range(400 * group.size // size))
        for _ in range(2)
    )
    for a, b in ((left, right), (left, left)):
        assert group.call(native_kernel, "add")(a, b) == group.call(reference, "add")(a, b)
