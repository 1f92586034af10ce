"""Who is refused by the membership checks of every kernel, and with which index and reason."""

from __future__ import annotations

from typing import Any

import pytest

from zkrelay.errors import InvalidPoint, NonCanonicalNumber
from zkrelay.kernel import Kernel
from zkrelay.kernel.reference_groups import Group

from .curve_samples import BLS12_381, BN254, CURVES, CurveSamples
from .group_under_test import GROUPS, GroupUnderTest, chunks, groups


def counts_of(kernel: Kernel, *threads: int) -> tuple[int, ...]:
    """Numbers of threads to ask for: the reference, which is slow, has one whatever it is told."""
    return threads[:1] if kernel.name == "reference" else threads


@groups
def test_good_points_pass(kernel: Kernel, group: GroupUnderTest) -> None:
    check = group.call(kernel, "check")
    points = b"".join(group.multiple(k) for k in (1, 2, -1, 987654321)) * (1 if kernel.name == "reference" else 50)
    for threads in counts_of(kernel, 1, 2, 3):
        check(points, threads=threads)
    check(points + group.infinity, allow_infinity=True)
    check(b"")


@groups
@pytest.mark.parametrize("index", [0, 1, 6])
def test_infinity_is_refused_with_its_index_unless_allowed(kernel: Kernel, group: GroupUnderTest, index: int) -> None:
    points = [group.generator] * 7
    points[index] = group.infinity
    for threads in counts_of(kernel, 1, 3):
        with pytest.raises(InvalidPoint, match=rf"(?=.*\b{index}\b).*infinity"):
            group.call(kernel, "check")(b"".join(points), threads=threads)
        group.call(kernel, "check")(b"".join(points), allow_infinity=True, threads=threads)


def spoil(group: GroupUnderTest, coordinate: int, value: int) -> bytes:
    """The generator with one coordinate replaced."""
    point, size = group.generator, group.coordinate_bytes
    return point[: size * coordinate] + value.to_bytes(size, "little") + point[size * (coordinate + 1) :]


def coordinates(group: GroupUnderTest) -> list[int]:
    """Of the generator, in Montgomery form."""
    size = group.coordinate_bytes
    return [int.from_bytes(chunk, "little") for chunk in chunks(group.generator, size)]


@groups
@pytest.mark.parametrize("index", [0, 2, 6])
def test_points_off_the_curve_are_refused_with_their_index(kernel: Kernel, group: GroupUnderTest, index: int) -> None:
    for coordinate, old in enumerate(coordinates(group)):
        for value in ((old + 1) % group.p, 0 if old else 1):
            points = [group.generator] * 7
            points[index] = spoil(group, coordinate, value)
            with pytest.raises(InvalidPoint, match=rf"(?=.*\b{index}\b).*curve"):
                group.call(kernel, "check")(b"".join(points), allow_infinity=True)


@groups
def test_the_first_bad_point_is_named_for_any_threads(kernel: Kernel, group: GroupUnderTest) -> None:
    bad = spoil(group, 0, 1)
    points = b"".join(bad if index in (5, 6, 11, 15) else group.generator for index in range(16))
    for threads in counts_of(kernel, 1, 2, 3, 16, 256):
        with pytest.raises(InvalidPoint, match=r"\b5\b"):
            group.call(kernel, "check")(points, threads=threads)


@groups
def test_the_first_bad_point_is_named_even_when_a_later_one_is_found_sooner(
    native_kernel: Kernel, group: GroupUnderTest
) -> None:
    # Kernels check blocks at the same time: one that begins with a bad point fails before one that ends with it.
    bad = spoil(group, 0, 1)
    for first in (63, 64, 127, 255):
        points = b"".join(bad if index >= first else group.generator for index in range(300))
        for threads in (1, 2, 4, 256):
            with pytest.raises(InvalidPoint, match=rf"\b{first}\b"):
                group.call(native_kernel, "check")(points, threads=threads)


@groups
def test_coordinates_must_be_below_p(kernel: Kernel, group: GroupUnderTest) -> None:
    for coordinate, canonical in enumerate(coordinates(group)):
        for value in (group.p, (1 << 8 * group.coordinate_bytes) - 1, canonical + group.p):
            points = group.generator * 3 + spoil(group, coordinate, value)
            with pytest.raises(NonCanonicalNumber, match=r"\b3\b"):
                group.call(kernel, "check")(points, allow_infinity=True)
    # Zero modulo p is not the encoding of infinity.
    size = group.coordinate_bytes
    zero = group.p.to_bytes(size, "little") * (group.size // size)
    with pytest.raises(NonCanonicalNumber, match=r"\b0\b"):
        group.call(kernel, "check")(zero, allow_infinity=True)


def outside_g2(curve: CurveSamples) -> dict[str, bytes]:
    """Points of the twist that are not in G2, among them those of a small order, alone and added to good points."""
    group, generator = curve.g2, curve.curve.g2_generator
    points = {f"random x, {seed}": curve.twist_point(seed) for seed in range(4)}
    for order in curve.g2_factors:
        points |= _small_order(group, generator, order, curve.twist_point_of_order(order))
    points |= {
        "generator plus random": group.sum([curve.twist_point(7), generator]),
        "r times random: its order divides the cofactor": group.to_affine(
            group.mul(curve.fr.modulus, curve.twist_point(1))
        ),
    }
    return {f"{curve}, {name}": group.pack([point]) for name, point in points.items()}


def outside_g1(curve: CurveSamples) -> dict[str, bytes]:
    """The same for G1, where the cofactor is not 1."""
    group, generator = curve.g1, curve.curve.g1_generator
    points = {f"random x, {seed}": curve.g1_curve_point(seed) for seed in range(4)}
    for order in curve.g1_factors:
        points |= _small_order(group, generator, order, curve.g1_point_of_order(order))
    points |= {
        "generator plus random": group.sum([curve.g1_curve_point(7), generator]),
        "r times random: its order divides the cofactor": group.to_affine(
            group.mul(curve.fr.modulus, curve.g1_curve_point(1))
        ),
    }
    return {f"{curve}, {name}": group.pack([point]) for name, point in points.items()}


def _small_order(group: Group[Any], generator: Any, order: int, small: Any) -> dict[str, Any]:
    return {
        f"order {order}": small,
        f"order {order}, doubled": group.sum([small, small]),
        f"generator plus order {order}": group.sum([generator, small]),
    }


OUTSIDE = [(GROUPS[1], outside_g2(BN254)), (GROUPS[2], outside_g1(BLS12_381)), (GROUPS[3], outside_g2(BLS12_381))]
OUTSIDE_POINTS = {f"{group}, {name}": (group, point) for group, points in OUTSIDE for name, point in points.items()}


@pytest.mark.parametrize(("group", "point"), OUTSIDE_POINTS.values(), ids=OUTSIDE_POINTS)
def test_points_of_the_curve_outside_the_group_are_refused(kernel: Kernel, group: GroupUnderTest, point: bytes) -> None:
    good = group.multiple(3)
    for threads in counts_of(kernel, 1, 2):
        with pytest.raises(InvalidPoint, match=r"(?=.*\b2\b).*subgroup"):
            group.call(kernel, "check")(good + good + point + good, threads=threads)


@pytest.mark.parametrize("curve", CURVES, ids=repr)
def test_a_point_of_the_curve_times_the_cofactor_is_in_the_group(kernel: Kernel, curve: CurveSamples) -> None:
    name, g1, g2 = curve.curve.name, curve.g1, curve.g2
    kernel.g1_check(name, g1.pack([g1.to_affine(g1.mul(curve.curve.g1_cofactor, curve.g1_curve_point()))]))
    kernel.g2_check(name, g2.pack([g2.to_affine(g2.mul(curve.curve.g2_cofactor, curve.twist_point()))]))


def test_membership_is_multiplication_by_r(native_kernel: Kernel, reference: Kernel) -> None:
    # The kernels ask an endomorphism, the reference asks r: on random points of the curves and on random members.
    curve = BLS12_381
    for seed in range(12):
        for group, point, cofactor in (
            (GROUPS[2], curve.g1_curve_point(seed), curve.curve.g1_cofactor),
            (GROUPS[3], curve.twist_point(seed), curve.curve.g2_cofactor),
        ):
            law = curve.g1 if group.name == "g1" else curve.g2
            for scalar in (1, cofactor, curve.fr.modulus):
                data = law.pack([law.to_affine(law.mul(scalar, point))])
                assert refused(group, native_kernel, data) == refused(group, reference, data) == (scalar != cofactor)


def refused(group: GroupUnderTest, kernel: Kernel, point: bytes) -> bool:
    try:
        group.call(kernel, "check")(point)
    except InvalidPoint:
        return True
    return False


@pytest.mark.parametrize("curve", CURVES, ids=repr)
def test_a_point_of_another_curve_is_refused(kernel: Kernel, curve: CurveSamples) -> None:
    # (1, 3) is on y² = x³ + 8: the invalid-curve attack of [BMM00].
    with pytest.raises(InvalidPoint, match="curve"):
        kernel.g1_check(curve.curve.name, curve.g1.pack([(1, 3)]))
