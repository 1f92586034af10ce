"""The reference kernel against py_ecc, closed forms and published numbers: nothing else vouches for it."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from py_ecc import optimized_bn128 as ecc

from zkrelay.algebra.encoding import pack_field, pack_g1, pack_g2, unpack_field, unpack_g1, unpack_g2
from zkrelay.curves import FIELDS, PrimeField, bn254
from zkrelay.kernel import Kernel
from zkrelay.kernel import reference_pairing as pairing
from zkrelay.kernel.reference_buffers import field_named

from . import samples
from .samples import FP, FR

TINY = PrimeField("prime_97", 97)


def to_ecc_g1(point):
    return (ecc.FQ(point[0]), ecc.FQ(point[1]), ecc.FQ(1))


def to_ecc_g2(point):
    return tuple(ecc.FQ2(list(c)) for c in (*point, (1, 0)))


def from_ecc(point):
    """Affine integers of a py_ecc point, None for infinity."""
    if ecc.is_inf(point):
        return None
    x, y = ecc.normalize(point)
    return (tuple(map(int, x.coeffs)), tuple(map(int, y.coeffs))) if hasattr(x, "coeffs") else (int(x), int(y))


def ecc_coefficients(tower: list[int]) -> list[int]:
    """Our c[w^i][v^j][u^k] in py_ecc's basis Fp[w]/(w¹² - 18·w⁶ + 82), where v = w² and u = w⁶ - 9."""
    out = [0] * 12
    for (i, j), (c0, c1) in zip(product(range(2), range(3)), zip(tower[::2], tower[1::2], strict=True), strict=True):
        out[i + 2 * j] += c0 - 9 * c1
        out[i + 2 * j + 6] += c1
    return [c % FP.modulus for c in out]


# R mod p as gnark-crypto, arkworks, blst and others publish it.
@pytest.mark.parametrize(
    ("name", "one"),
    [
        ("bn254_fr", 0x0E0A77C19A07DF2F666EA36F7879462E36FC76959F60CD29AC96341C4FFFFFFB),
        ("bn254_fp", 0x0E0A77C19A07DF2F666EA36F7879462C0A78EB28F5C70B3DD35D438DC58F0D9D),
        ("bls12_381_fr", 0x1824B159ACC5056F998C4FEFECBC4FF55884B7FA0003480200000001FFFFFFFE),
    ],
)
def test_montgomery_one_is_the_published_constant(reference: Kernel, name: str, one: int) -> None:
    assert reference.to_montgomery(name, (1).to_bytes(32, "little")) == one.to_bytes(32, "little")


def test_montgomery_form_is_times_r_for_every_element_of_a_tiny_field(reference: Kernel) -> None:
    everything = pack_field(TINY, range(97))
    form = reference.to_montgomery("prime_97", everything)
    assert unpack_field(TINY, form) == [a * 2**64 % 97 for a in range(97)]
    assert reference.from_montgomery("prime_97", form) == everything


def test_arithmetic_of_a_tiny_field_is_that_of_integers(reference: Kernel) -> None:
    pairs = list(product(range(97), repeat=2))
    left, right = (samples.montgomery(TINY, [pair[i] for pair in pairs]) for i in range(2))
    for operation, integers in (
        (reference.vec_add, lambda a, b: a + b),
        (reference.vec_sub, lambda a, b: a - b),
        (reference.vec_mul, lambda a, b: a * b),
    ):
        result = samples.from_montgomery(TINY, operation("prime_97", left, right))
        assert result == [integers(a, b) % 97 for a, b in pairs]
    units = samples.montgomery(TINY, range(1, 97))
    inverses = reference.vec_inverse("prime_97", units)
    assert samples.from_montgomery(TINY, reference.vec_mul("prime_97", units, inverses)) == [1] * 96


def test_ntt_is_evaluation(reference: Kernel) -> None:
    field = field_named("prime_97")
    assert field.two_adicity == 5
    for log_size, shift in product(range(6), (None, 5)):
        size = 1 << log_size
        coefficients = samples.vector(field, size, shift)
        encoded = None if shift is None else samples.montgomery(field, [shift])
        result = reference.ntt(field.name, samples.montgomery(field, coefficients), shift=encoded)
        points = [(shift or 1) * pow(field.omega(log_size), i, 97) % 97 for i in range(size)]
        expected = [sum(c * pow(x, k, 97) for k, c in enumerate(coefficients)) % 97 for x in points]
        assert len(set(points)) == size
        assert samples.from_montgomery(field, result) == expected


def test_programs_and_constraints_run_over_a_tiny_field(reference: Kernel) -> None:
    # y = x² + 3 over GF(97): register 2 = x·x, register 3 = 1·r2 + 3·one.
    tape = np.array([2, 2, 1, 1, 1, 3, 2, 0, 2, 1, 0], dtype=np.uint32)
    table = samples.montgomery(TINY, [1, 3])
    for x in range(97):
        wires = reference.run_program("prime_97", tape, table, pack_field(TINY, [x]), 4, 4)
        assert unpack_field(TINY, wires) == [1, x, x * x % 97, (x * x + 3) % 97]
        a = b = samples.csr([[(1, 0)]])
        c = samples.csr([[(3, 0), (2, 1), (2, 1), (0, 1)]])  # y + 6·x² + 3 = x² nearly never
        expected = None if (x * x + 3 + 6 * x * x + 3 - x * x) % 97 == 0 else 0
        assert reference.first_unsatisfied("prime_97", (a, b, c), table, wires) == expected


@pytest.mark.parametrize("name", ["", "bn254", "prime_", "prime_91", "prime_2", "prime_x", "prime_-7", "BN254_FR"])
def test_unknown_fields_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="unknown field"):
        field_named(name)


def test_named_fields_are_the_curves_fields() -> None:
    assert all(field_named(name) is field for name, field in FIELDS.items())


def test_twice_the_generator_is_the_published_point(reference: Kernel) -> None:
    generator = pack_g1([bn254.G1_GENERATOR])
    assert unpack_g1(reference.g1_add("bn254", generator, generator)) == [
        (
            0x030644E72E131A029B85045B68181585D97816A916871CA8D3C208C16D87CFD3,
            0x15ED738C0E0A7C92E7845F96B2AE9C0A68A6A449E3538FC7FF3EBF7A5A18A2C4,
        )
    ]


def test_group_operations_agree_with_py_ecc(reference: Kernel) -> None:
    generator = samples.rng("py_ecc groups")
    factors = [2, 3, FR.modulus - 1, generator.randrange(FR.modulus), generator.randrange(FR.modulus)]
    g1 = reference.g1_fixed_base("bn254", pack_g1([bn254.G1_GENERATOR]), samples.scalars(factors))
    g2 = reference.g2_fixed_base("bn254", pack_g2([bn254.G2_GENERATOR]), samples.scalars(factors))
    assert unpack_g1(g1) == [from_ecc(ecc.multiply(ecc.G1, k)) for k in factors]
    assert unpack_g2(g2) == [from_ecc(ecc.multiply(ecc.G2, k)) for k in factors]
    sums = ecc.add(ecc.multiply(ecc.G1, factors[3]), ecc.multiply(ecc.G1, factors[4]))
    assert unpack_g1(reference.g1_add("bn254", g1[3 * 64 : 4 * 64], g1[4 * 64 :])) == [from_ecc(sums)]
    sums = ecc.add(ecc.multiply(ecc.G2, factors[3]), ecc.multiply(ecc.G2, factors[4]))
    assert unpack_g2(reference.g2_add("bn254", g2[3 * 128 : 4 * 128], g2[4 * 128 :])) == [from_ecc(sums)]


def test_pairing_is_py_eccs_value_coefficient_by_coefficient(reference: Kernel) -> None:
    for a, b in ((1, 1), (FR.modulus - 2, 0x1234567890ABCDEF)):
        p, q = samples.g1_multiple(a), samples.g2_multiple(b)
        value = unpack_field(FP, reference.pairing("bn254", p, q))
        (p_affine,), (q_affine,) = unpack_g1(p), unpack_g2(q)
        expected = ecc.pairing(to_ecc_g2(q_affine), to_ecc_g1(p_affine))
        assert ecc_coefficients(value) == [int(c) for c in expected.coeffs]


def test_frobenius_on_the_twist_multiplies_the_subgroup_by_p() -> None:
    x, y = pairing.frobenius_twist(bn254.G2_GENERATOR)
    assert pack_g2([(x, y)]) == samples.g2_multiple(FP.modulus)


def test_fp12_is_a_field_where_w_to_the_sixth_is_xi() -> None:
    zero, one = (0, 0), (1, 0)
    w = (zero, one, zero, zero, zero, zero)
    assert pairing.power(w, 6) == (bn254.TWIST_XI, zero, zero, zero, zero, zero)
    assert pairing.power(w, FP.modulus**12 - 1) == pairing.ONE


@pytest.mark.parametrize("order", samples.TWIST_FACTORS)
def test_points_of_small_order_are_on_the_twist_and_not_in_g2(order: int) -> None:
    point = samples.twist_point_of_order(order)
    assert samples.G2.is_on_curve(point)
    assert samples.G2.to_affine(samples.G2.mul(FR.modulus, point)) is not None
