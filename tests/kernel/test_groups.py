"""G1 and G2 of every kernel: sums and multiples whose discrete logarithms are known, and who is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zkrelay.algebra.encoding import pack_g1, pack_g2
from zkrelay.curves import bn254
from zkrelay.errors import InvalidPoint, NonCanonicalNumber
from zkrelay.kernel import Kernel
from zkrelay.kernel.reference_groups import G2

from . import samples
from .samples import FP, FR

CURVE = "bn254"
R = FR.modulus
SPECIAL = [0, 1, 2, 3, R - 1, R - 2, R // 2, R // 2 + 1, 1 << 253, (1 << 253) - 1, (1 << 128) - 1, 1 << 64]
SPECIAL += [((1 << 252) - 1) // 3, (1 << 253) - (1 << 13), 0x1FFF << 240]  # alternating bits, runs of ones


@dataclass(frozen=True)
class GroupUnderTest:
    """One group: the kernel's methods by group name, and known multiples of the generator."""

    name: str
    size: int
    multiple: Callable[[int], bytes]
    multiples: Callable[[int], tuple[bytes, ...]]

    def call(self, kernel: Kernel, operation: str) -> Callable[..., bytes]:
        return getattr(kernel, f"{self.name}_{operation}")

    @property
    def generator(self) -> bytes:
        return self.multiple(1)

    @property
    def infinity(self) -> bytes:
        return bytes(self.size)


GROUPS = [
    GroupUnderTest("g1", 64, samples.g1_multiple, samples.g1_multiples),
    GroupUnderTest("g2", 128, samples.g2_multiple, samples.g2_multiples),
]
groups = pytest.mark.parametrize("group", GROUPS, ids=["g1", "g2"])


def chunks(data: bytes, size: int) -> list[bytes]:
    return [data[i : i + size] for i in range(0, len(data), size)]


@groups
def test_generator_has_order_r(kernel: Kernel, group: GroupUnderTest) -> None:
    multiples = group.call(kernel, "fixed_base")(CURVE, group.generator, samples.scalars([R - 1, 1]))
    assert multiples[: group.size] != group.generator
    assert group.call(kernel, "add")(CURVE, *chunks(multiples, group.size)) == group.infinity


@groups
def test_sums_of_all_kinds(kernel: Kernel, group: GroupUnderTest) -> None:
    logs = [0, 1, 2, 3, R - 1, R - 2, 12345]
    pairs = [(a, b) for a in logs for b in logs]  # P+Q, P+P, P-P, P+O, O+P, O+O
    points = {a: group.multiple(a) for a in logs}
    left, right = (b"".join(points[pair[i]] for pair in pairs) for i in range(2))
    expected = b"".join(group.multiple(a + b) for a, b in pairs)
    assert group.call(kernel, "add")(CURVE, left, right) == expected
    assert group.call(kernel, "add")(CURVE, b"", b"") == b""


@groups
@pytest.mark.parametrize("threads", [1, 3])
def test_fixed_base_multiples(kernel: Kernel, group: GroupUnderTest, threads: int) -> None:
    fixed_base = group.call(kernel, "fixed_base")
    result = fixed_base(CURVE, group.generator, samples.scalars(SPECIAL), threads=threads)
    assert result == b"".join(group.multiple(s) for s in SPECIAL)
    other = fixed_base(CURVE, group.multiple(77), samples.scalars(SPECIAL[:5]), threads=threads)
    assert other == b"".join(group.multiple(77 * s) for s in SPECIAL[:5])
    assert fixed_base(CURVE, group.infinity, samples.scalars(SPECIAL[:5]), threads=threads) == group.infinity * 5
    assert fixed_base(CURVE, group.generator, b"", threads=threads) == b""


@groups
@pytest.mark.parametrize("size", [1, 2, 7, 8, 9, 31, 33, 64, 129, 513])
def test_fixed_base_of_many_scalars_is_that_of_each(native_kernel: Kernel, group: GroupUnderTest, size: int) -> None:
    fixed_base = group.call(native_kernel, "fixed_base")
    values = samples.vector(FR, size)
    together = fixed_base(CURVE, group.generator, samples.scalars(values), threads=2)
    alone = [fixed_base(CURVE, group.generator, samples.scalars([value])) for value in values]
    assert chunks(together, group.size) == alone
    for index in range(min(3, size)):
        assert alone[index] == group.multiple(values[index])


@groups
@pytest.mark.parametrize("size", samples.SIZES)
def test_msm_of_edge_scalars(native_kernel: Kernel, group: GroupUnderTest, size: int) -> None:
    # Bases 0·g, 1·g, 2·g, ..: the sum is (Σ i·s_i)·g.
    values = samples.vector(FR, size)
    bases = b"".join(group.multiples(513)[:size])
    expected = group.multiple(sum(i * value for i, value in enumerate(values)))
    for threads in (1, 2, 3):
        assert group.call(native_kernel, "msm")(CURVE, samples.scalars(values), bases, threads=threads) == expected


@groups
def test_msm_is_the_reference_sum_for_points_of_unknown_logarithm(
    native_kernel: Kernel, reference: Kernel, group: GroupUnderTest
) -> None:
    generator = samples.rng("msm", group.name)
    scalars = samples.scalars([generator.randrange(R) for _ in range(24)])
    bases = b"".join(group.multiple(generator.randrange(R)) for _ in range(24))
    expected = group.call(reference, "msm")(CURVE, scalars, bases)
    assert group.call(native_kernel, "msm")(CURVE, scalars, bases) == expected


def tiled(group: GroupUnderTest, size: int) -> tuple[bytes, list[int]]:
    """Many bases without much work: shuffled multiples of the generator over and over, and their logarithms."""
    logs = list(range(513))
    samples.rng("tiled").shuffle(logs)
    bases = b"".join(group.multiples(513)[log] for log in logs)
    repeats = size // 513 + 1
    return (bases * repeats)[: size * group.size], (logs * repeats)[:size]


def random_scalars(size: int) -> tuple[bytes, list[int]]:
    """Scalars below 2^253, among them zeros, small ones and r - 1."""
    values = np.frombuffer(samples.rng("scalars", size).randbytes(32 * size), np.uint8).reshape(size, 32).copy()
    values[:, 31] &= 0x1F
    values[::7, 5:] = 0
    values[::11] = 0
    values[::13] = np.frombuffer((R - 1).to_bytes(32, "little"), np.uint8)
    data = values.tobytes()
    return data, [int.from_bytes(data[i : i + 32], "little") for i in range(0, len(data), 32)]


# From the smallest window to the largest, and from one block of bases to many.
LARGE = [("g1", size) for size in (300, 1000, 3000, 9000, 30000, 70000, 520000)]
LARGE += [("g2", size) for size in (300, 1000, 5000, 40000)]


@pytest.mark.parametrize(("name", "size"), LARGE, ids=[f"{name}-{size}" for name, size in LARGE])
def test_large_msm(native_kernel: Kernel, name: str, size: int) -> None:
    group = GROUPS[name == "g2"]
    (bases, logs), (scalars, values) = tiled(group, size), random_scalars(size)
    expected = group.multiple(sum(a * b for a, b in zip(logs, values, strict=True)))
    for threads in (1, 2, 3) if size < 10000 else (2,):
        assert group.call(native_kernel, "msm")(CURVE, scalars, bases, threads=threads) == expected


@pytest.mark.parametrize("size", [2000, 70000])
def test_large_msm_where_sums_double_and_cancel_across_blocks(native_kernel: Kernel, size: int) -> None:
    # The same bucket again and again: doubled in the next block of bases, cancelled half way, started anew.
    p, minus_p = samples.g1_multiple(1), samples.g1_multiple(-1)
    for name, count in (("all", size), ("half", size // 2), ("most", size - 7)):
        bases = p * count + minus_p * (size - count)
        for scalar in (7, R - 1):
            expected = samples.g1_multiple((2 * count - size) * scalar)
            threads = 1 + scalar % 3
            result = native_kernel.g1_msm(CURVE, samples.scalars([scalar]) * size, bases, threads=threads)
            assert result == expected, (name, scalar)


@groups
def test_msm_of_many_points_of_unknown_logarithm(native_kernel: Kernel, group: GroupUnderTest) -> None:
    generator = samples.rng("many", group.name)
    logs = [generator.randrange(R) for _ in range(2500)]
    values = samples.vector(FR, 2500)
    bases = group.call(native_kernel, "fixed_base")(CURVE, group.generator, samples.scalars(logs), threads=2)
    expected = group.multiple(sum(a * b for a, b in zip(logs, values, strict=True)))
    for threads in (1, 2, 3, 256):
        assert group.call(native_kernel, "msm")(CURVE, samples.scalars(values), bases, threads=threads) == expected


HARD_CASES = {
    "one point with one scalar, many times": [(5, 7)] * 100,
    "one point with one scalar, an odd number of times": [(5, R - 1)] * 101,
    "a point and its negative meet in one bucket": [(5, 7), (-5, 7)] * 50,
    "a point and its negative, one left over": [(5, 7), (-5, 7)] * 50 + [(5, 7)],
    "negatives with negated scalars": [(5, 7), (-5, R - 7)] * 40,
    "P, 2P, 3P in one bucket": [(5, 9), (10, 9), (15, 9)] * 30,
    "sums that meet their own doubles": [(1, 3), (2, 3), (3, 3), (6, 3), (12, 3), (-24, 3)] * 10,
    "all zero scalars": [(5, 0)] * 40,
    "all infinity": [(0, 9)] * 40,
    "infinities among points": [(0, R - 1), (3, 2), (0, 0), (4, R - 2)] * 20,
    "every term is minus one": [(k, R - 1) for k in range(1, 80)],
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
    points = {log: group.multiple(log) for log in {log for log, _ in terms}}
    bases, scalars = b"".join(points[log] for log, _ in terms), samples.scalars([s for _, s in terms])
    expected = group.multiple(sum(log * scalar for log, scalar in terms))
    for threads in (1, 2, 3) if kernel.name != "reference" else (1,):
        assert group.call(kernel, "msm")(CURVE, scalars, bases, threads=threads) == expected


term = st.tuples(
    st.integers(-8, 8), st.one_of(st.sampled_from(SPECIAL), st.integers(0, R - 1), st.integers(0, 1 << 20))
)


@groups
@settings(max_examples=30)
@given(terms=st.lists(term, max_size=40))
def test_msm_of_drawn_terms(native_kernel: Kernel, group: GroupUnderTest, terms: list[tuple[int, int]]) -> None:
    bases = b"".join(group.multiples(9)[log] if log >= 0 else group.multiple(log) for log, _ in terms)
    scalars = samples.scalars([s for _, s in terms])
    expected = group.multiple(sum(log * scalar for log, scalar in terms))
    assert group.call(native_kernel, "msm")(CURVE, scalars, bases) == expected
    assert group.call(native_kernel, "msm")(CURVE, scalars, bases, threads=2) == expected


@groups
def test_coordinates_where_carries_run_through_every_limb(
    native_kernel: Kernel, reference: Kernel, group: GroupUnderTest
) -> None:
    # The addition law never uses b, so that any coordinates exercise the arithmetic of Fp and Fp2 at its edges.
    generator = samples.rng("coordinates", group.name)
    patterns = samples.limb_patterns(FP.modulus)
    left, right = (
        b"".join(generator.choice(patterns).to_bytes(32, "little") for _ in range(400 * group.size // 32))
        for _ in range(2)
    )
    for a, b in ((left, right), (left, left)):
        assert group.call(native_kernel, "add")(CURVE, a, b) == group.call(reference, "add")(CURVE, a, b)


# --- membership


@groups
def test_good_points_pass(kernel: Kernel, group: GroupUnderTest) -> None:
    check = group.call(kernel, "check")
    points = b"".join(group.multiple(k) for k in (1, 2, R - 1, 987654321)) * (1 if kernel.name == "reference" else 50)
    for threads in (1, 2, 3):
        check(CURVE, points, threads=threads)
    check(CURVE, points + group.infinity, allow_infinity=True)
    check(CURVE, b"")


@groups
@pytest.mark.parametrize("index", [0, 1, 6])
def test_infinity_is_refused_with_its_index_unless_allowed(kernel: Kernel, group: GroupUnderTest, index: int) -> None:
    points = [group.generator] * 7
    points[index] = group.infinity
    for threads in (1, 3):
        with pytest.raises(InvalidPoint, match=rf"(?=.*\b{index}\b).*infinity"):
            group.call(kernel, "check")(CURVE, b"".join(points), threads=threads)
        group.call(kernel, "check")(CURVE, b"".join(points), allow_infinity=True, threads=threads)


def spoil(point: bytes, coordinate: int, value: int) -> bytes:
    return point[: 32 * coordinate] + value.to_bytes(32, "little") + point[32 * (coordinate + 1) :]


@groups
@pytest.mark.parametrize("index", [0, 2, 6])
def test_points_off_the_curve_are_refused_with_their_index(kernel: Kernel, group: GroupUnderTest, index: int) -> None:
    for coordinate in range(group.size // 32):
        old = int.from_bytes(group.generator[32 * coordinate : 32 * (coordinate + 1)], "little")
        for value in ((old + 1) % FP.modulus, 0 if old else 1):
            points = [group.generator] * 7
            points[index] = spoil(group.generator, coordinate, value)
            with pytest.raises(InvalidPoint, match=rf"(?=.*\b{index}\b).*curve"):
                group.call(kernel, "check")(CURVE, b"".join(points), allow_infinity=True)


@groups
def test_the_first_bad_point_is_named_for_any_threads(kernel: Kernel, group: GroupUnderTest) -> None:
    bad = spoil(group.generator, 0, 1)
    points = b"".join(bad if index in (5, 6, 11, 15) else group.generator for index in range(16))
    for threads in (1, 2, 3, 16, 256):
        with pytest.raises(InvalidPoint, match=r"\b5\b"):
            group.call(kernel, "check")(CURVE, points, threads=threads)


@groups
def test_the_first_bad_point_is_named_even_when_a_later_one_is_found_sooner(
    native_kernel: Kernel, group: GroupUnderTest
) -> None:
    # Kernels check blocks at the same time: one that begins with a bad point fails before one that ends with it.
    bad = spoil(group.generator, 0, 1)
    for first in (63, 64, 127, 255):
        points = b"".join(bad if index >= first else group.generator for index in range(300))
        for threads in (1, 2, 4, 256):
            with pytest.raises(InvalidPoint, match=rf"\b{first}\b"):
                group.call(native_kernel, "check")(CURVE, points, threads=threads)


@groups
def test_coordinates_must_be_below_p(kernel: Kernel, group: GroupUnderTest) -> None:
    for coordinate in range(group.size // 32):
        canonical = int.from_bytes(group.generator[32 * coordinate : 32 * (coordinate + 1)], "little")
        for value in (FP.modulus, (1 << 256) - 1, canonical + FP.modulus):
            points = group.generator * 3 + spoil(group.generator, coordinate, value)
            with pytest.raises(NonCanonicalNumber, match=r"\b3\b"):
                group.call(kernel, "check")(CURVE, points, allow_infinity=True)
    # Zero modulo p is not the encoding of infinity.
    zero = FP.modulus.to_bytes(32, "little") * (group.size // 32)
    with pytest.raises(NonCanonicalNumber, match=r"\b0\b"):
        group.call(kernel, "check")(CURVE, zero, allow_infinity=True)


def outside_the_subgroup() -> dict[str, bytes]:
    """Points of the twist that are not in G2, among them those of a small order, alone and added to good points."""
    generator = bn254.G2_GENERATOR
    points = {f"random x, {seed}": samples.twist_point(seed) for seed in range(4)}
    for order in samples.TWIST_FACTORS:
        small = samples.twist_point_of_order(order)
        points[f"order {order}"] = small
        points[f"order {order}, doubled"] = G2.sum([small, small])
        points[f"generator plus order {order}"] = G2.sum([generator, small])
    points |= {
        "generator plus random": G2.sum([samples.twist_point(7), generator]),
        "r times random: its order divides the cofactor": G2.to_affine(G2.mul(R, samples.twist_point(1))),
    }
    return {name: pack_g2([point]) for name, point in points.items()}


OUTSIDE = outside_the_subgroup()


@pytest.mark.parametrize("point", OUTSIDE.values(), ids=OUTSIDE)
def test_points_of_the_twist_outside_g2_are_refused(kernel: Kernel, point: bytes) -> None:
    good = samples.g2_multiple(3)
    for threads in (1, 2):
        with pytest.raises(InvalidPoint, match=r"(?=.*\b2\b).*subgroup"):
            kernel.g2_check(CURVE, good + good + point + good, threads=threads)


def test_a_point_of_the_twist_times_the_cofactor_is_in_g2(kernel: Kernel) -> None:
    cleared = G2.to_affine(G2.mul(bn254.G2_COFACTOR, samples.twist_point()))
    kernel.g2_check(CURVE, pack_g2([cleared]))


def test_a_point_of_another_curve_is_refused(kernel: Kernel) -> None:
    # (1, 3) is on y² = x³ + 8: the invalid-curve attack of [BMM00].
    with pytest.raises(InvalidPoint, match="curve"):
        kernel.g1_check(CURVE, pack_g1([(1, 3)]))
