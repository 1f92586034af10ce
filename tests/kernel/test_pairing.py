"""The pairing of every kernel: equal to the reference (which py_ecc vouches for), bilinear, of order r."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zkrelay.algebra.encoding import unpack_field
from zkrelay.kernel import Kernel
from zkrelay.kernel import reference_pairing as fp12

from . import samples
from .samples import FP, FR

CURVE = "bn254"
R = FR.modulus
ONE = (1).to_bytes(32, "little") + bytes(11 * 32)
few = settings(max_examples=5)
scalar = st.one_of(st.sampled_from([1, 2, R - 1, R - 2]), st.integers(1, R - 1))


def element(value: bytes) -> fp12.Fp12Element:
    """The kernel's 12 coefficients as an element that can be multiplied."""
    c = unpack_field(FP, value)
    return tuple((c[2 * k], c[2 * k + 1]) for k in (0, 3, 1, 4, 2, 5))


def test_the_two_orders_of_coefficients_are_inverse() -> None:
    value = fp12.power(tuple((3 * k + 1, 5 * k + 2) for k in range(6)), 12345)
    packed = b"".join(c.to_bytes(32, "little") for c in fp12.tower_coefficients(value))
    assert element(packed) == value


def test_c_kernels_agree_with_the_reference(native_kernel: Kernel, reference: Kernel) -> None:
    generator = samples.rng("pairing")
    logs = [(1, 1), (1, R - 1), (R - 1, 1), *((generator.randrange(R), generator.randrange(R)) for _ in range(3))]
    for a, b in logs:
        p, q = samples.g1_multiple(a), samples.g2_multiple(b)
        assert native_kernel.pairing(CURVE, p, q) == reference.pairing(CURVE, p, q)


def test_order_is_r(kernel: Kernel) -> None:
    value = element(kernel.pairing(CURVE, samples.g1_multiple(1), samples.g2_multiple(1)))
    assert value != fp12.ONE
    assert fp12.power(value, R) == fp12.ONE


@few
@given(a=scalar, b=scalar)
def test_bilinear(kernel: Kernel, a: int, b: int) -> None:
    base = element(kernel.pairing(CURVE, samples.g1_multiple(1), samples.g2_multiple(1)))
    value = kernel.pairing(CURVE, samples.g1_multiple(a), samples.g2_multiple(b))
    assert element(value) == fp12.power(base, a * b % R)


def test_infinity_pairs_to_one(kernel: Kernel) -> None:
    p, q = samples.g1_multiple(5), samples.g2_multiple(7)
    assert kernel.pairing(CURVE, bytes(64), q) == ONE
    assert kernel.pairing(CURVE, p, bytes(128)) == ONE
    assert kernel.pairing(CURVE, bytes(64), bytes(128)) == ONE
    assert kernel.pairing_check(CURVE, bytes(64) + p, q + bytes(128)) is True
    assert kernel.pairing_check(CURVE, b"", b"") is True


@few
@given(logs=st.lists(st.tuples(scalar, scalar), min_size=1, max_size=6), offset=st.integers(1, R - 1))
def test_check_holds_exactly_when_the_exponents_sum_to_zero(
    kernel: Kernel, logs: list[tuple[int, int]], offset: int
) -> None:
    if kernel.name == "reference":
        logs = logs[:1]
    rest = -sum(a * b for a, b in logs) % R
    g1 = b"".join(samples.g1_multiple(a) for a, _ in logs)
    g2 = b"".join(samples.g2_multiple(b) for _, b in logs)
    assert kernel.pairing_check(CURVE, g1 + samples.g1_multiple(rest), g2 + samples.g2_multiple(1)) is True
    assert kernel.pairing_check(CURVE, g1 + samples.g1_multiple(rest + offset), g2 + samples.g2_multiple(1)) is False
    assert kernel.pairing_check(CURVE, g1 + samples.g1_multiple(1), g2 + samples.g2_multiple(rest)) is True
    assert kernel.pairing_check(CURVE, g1 + samples.g1_multiple(1), g2 + samples.g2_multiple(rest - offset)) is False


def test_infinity_among_pairs_changes_nothing(kernel: Kernel) -> None:
    g1 = [samples.g1_multiple(k) for k in (6, R - 1)]
    g2 = [samples.g2_multiple(k) for k in (5, 30)]
    for place in range(3):
        left = b"".join([*g1[:place], bytes(64), *g1[place:]])
        right = b"".join([*g2[:place], samples.g2_multiple(9), *g2[place:]])
        assert kernel.pairing_check(CURVE, left, right) is True
        left = b"".join([*g1[:place], samples.g1_multiple(9), *g1[place:]])
        right = b"".join([*g2[:place], bytes(128), *g2[place:]])
        assert kernel.pairing_check(CURVE, left, right) is True
        right = b"".join([*g2[:place], samples.g2_multiple(1), *g2[place:]])
        assert kernel.pairing_check(CURVE, left, right) is False


@pytest.mark.parametrize("a", [1, 3])
def test_one_pair_of_points_is_never_one(kernel: Kernel, a: int) -> None:
    assert kernel.pairing_check(CURVE, samples.g1_multiple(a), samples.g2_multiple(1)) is False
