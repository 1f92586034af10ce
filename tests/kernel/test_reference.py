"""The reference kernel against py_ecc, closed forms and published numbers: nothing else vouches for it."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from py_ecc import optimized_bls12_381, optimized_bn128

from zkrelay.algebra.encoding import pack_field, unpack_field
from zkrelay.curves import FIELDS, PrimeField
from zkrelay.kernel import Kernel, reference_pairing
from zkrelay.kernel.reference_buffers import field_named

from . import samples
from .curve_samples import BLS12_381, BN254, CURVES, CurveSamples

TINY = PrimeField("prime_97", 97)
PY_ECC = {"bn254": optimized_bn128, "bls12_381": optimized_bls12_381}
curves = pytest.mark.parametrize("curve", CURVES, ids=repr)


def to_ecc_g1(ecc, point):
    return (ecc.FQ(point[0]), ecc.FQ(point[1]), ecc.FQ(1))


def to_ecc_g2(ecc, point):
    return tuple(ecc.FQ2(list(c)) for c in (*point, (1, 0)))


def from_ecc(ecc, point):
    """Affine integers of a py_ecc point, None for infinity."""
    if ecc.is_inf(point):
        return None
    x, y = ecc.normalize(point)
    return (tuple(map(int, x.coeffs)), tuple(map(int, y.coeffs))) if hasattr(x, "coeffs") else (int(x), int(y))


def ecc_coefficients(curve: CurveSamples, tower: list[int]) -> list[int]:
    """Our c[w^i][v^j][u^k] in py_ecc's basis of powers of w, where v = w² and u = w⁶ - ξ₀."""
    out, xi0 = [0] * 12, curve.curve.xi[0]
    for (i, j), (c0, c1) in zip(product(range(2), range(3)), zip(tower[::2], tower[1::2], strict=True), strict=True):
        out[i + 2 * j] += c0 - xi0 * c1
        out[i + 2 * j + 6] += c1
    return [c % curve.fp.modulus for c in out]


# R mod p as gnark-crypto, arkworks, blst and others publish it.
@pytest.mark.parametrize(
    ("name", "one"),
    [
        ("bn254_fr", 0x0E0A77C19A07DF2F666EA36F7879462E36FC76959F60CD29AC96341C4FFFFFFB),
        ("bn254_fp", 0x0E0A77C19A07DF2F666EA36F7879462C0A78EB28F5C70B3DD35D438DC58F0D9D),
        ("bls12_381_fr", 0x1824B159ACC5056F998C4FEFECBC4FF55884B7FA0003480200000001FFFFFFFE),
        (
            "bls12_381_fp",
            0x15F65EC3FA80E4935C071A97A256EC6D77CE5853705257455F48985753C758BAEBF4000BC40C0002760900000002FFFD,
        ),
    ],
)
def test_montgomery_one_is_the_published_constant(reference: Kernel, name: str, one: int) -> None:
    size = FIELDS[name].num_bytes
    assert reference.to_montgomery(name, (1).to_bytes(size, "little")) == one.to_bytes(size, "little")


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


@pytest.mark.parametrize(
    "name", ["", "bn254", "bls12_381", "prime_", "prime_91", "prime_2", "prime_x", "prime_-7", "BN254_FR"]
)
def test_unknown_fields_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="unknown field"):
        field_named(name)


def test_named_fields_are_the_curves_fields() -> None:
    assert all(field_named(name) is field for name, field in FIELDS.items())


TWICE_G1 = {
    "bn254": (  # EIP-196's test vectors
        0x030644E72E131A029B85045B68181585D97816A916871CA8D3C208C16D87CFD3,
        0x15ED738C0E0A7C92E7845F96B2AE9C0A68A6A449E3538FC7FF3EBF7A5A18A2C4,
    ),
    "bls12_381": (  # EIP-2537's test vectors
        0x0572CBEA904D67468808C8EB50A9450C9721DB309128012543902D0AC358A62AE28F75BB8F1C7C42C39A8C5529BF0F4E,
        0x166A9D8CABC673A322FDA673779D8E3822BA3ECB8670E461F73BB9021D5FD76A4C56D9D4CD16BD1BBA86881979749D28,
    ),
}


@curves
def test_twice_the_generator_is_the_published_point(reference: Kernel, curve: CurveSamples) -> None:
    generator, name = curve.g1_multiple(1), curve.curve.name
    assert curve.g1.unpack(reference.g1_add(name, generator, generator)) == [TWICE_G1[name]]


@curves
def test_group_operations_agree_with_py_ecc(reference: Kernel, curve: CurveSamples) -> None:
    generator, name, ecc = samples.rng("py_ecc groups"), curve.curve.name, PY_ECC[curve.curve.name]
    r, g1_bytes, g2_bytes = curve.fr.modulus, curve.curve.g1_bytes, curve.curve.g2_bytes
    factors = [2, 3, r - 1, generator.randrange(r), generator.randrange(r)]
    g1 = reference.g1_fixed_base(name, curve.g1_multiple(1), curve.scalars(factors))
    g2 = reference.g2_fixed_base(name, curve.g2_multiple(1), curve.scalars(factors))
    assert curve.g1.unpack(g1) == [from_ecc(ecc, ecc.multiply(ecc.G1, k)) for k in factors]
    assert curve.g2.unpack(g2) == [from_ecc(ecc, ecc.multiply(ecc.G2, k)) for k in factors]
    sums = ecc.add(ecc.multiply(ecc.G1, factors[3]), ecc.multiply(ecc.G1, factors[4]))
    ours = reference.g1_add(name, g1[3 * g1_bytes : 4 * g1_bytes], g1[4 * g1_bytes :])
    assert curve.g1.unpack(ours) == [from_ecc(ecc, sums)]
    sums = ecc.add(ecc.multiply(ecc.G2, factors[3]), ecc.multiply(ecc.G2, factors[4]))
    ours = reference.g2_add(name, g2[3 * g2_bytes : 4 * g2_bytes], g2[4 * g2_bytes :])
    assert curve.g2.unpack(ours) == [from_ecc(ecc, sums)]


@curves
def test_pairing_is_py_eccs_value_coefficient_by_coefficient(reference: Kernel, curve: CurveSamples) -> None:
    ecc = PY_ECC[curve.curve.name]
    for a, b in ((1, 1), (curve.fr.modulus - 2, 0x1234567890ABCDEF)):
        p, q = curve.g1_multiple(a), curve.g2_multiple(b)
        value = unpack_field(curve.fp, reference.pairing(curve.curve.name, p, q))
        (p_affine,), (q_affine,) = curve.g1.unpack(p), curve.g2.unpack(q)
        if curve is BLS12_381:  # py_ecc takes the seed without its sign, so that its pairing is the inverse
            q_affine = curve.g2.to_affine(curve.g2.mul(curve.fr.modulus - 1, q_affine))
        expected = ecc.pairing(to_ecc_g2(ecc, q_affine), to_ecc_g1(ecc, p_affine))
        assert ecc_coefficients(curve, value) == [int(c) for c in expected.coeffs]


@curves
def test_frobenius_on_the_twist_multiplies_the_subgroup_by_p(curve: CurveSamples) -> None:
    image = reference_pairing.pairing_of(curve.curve.name).frobenius_twist(curve.curve.g2_generator)
    assert curve.g2.pack([image]) == curve.g2_multiple(curve.fp.modulus)


@curves
def test_fp12_is_a_field_where_w_to_the_sixth_is_xi(curve: CurveSamples) -> None:
    pairing, zero, one = reference_pairing.pairing_of(curve.curve.name), (0, 0), (1, 0)
    w = (zero, one, zero, zero, zero, zero)
    assert pairing.power(w, 6) == (curve.curve.xi, zero, zero, zero, zero, zero)
    assert pairing.power(w, curve.fp.modulus**12 - 1) == reference_pairing.ONE


@curves
def test_the_final_exponentiation_is_the_power_that_defines_it(curve: CurveSamples) -> None:
    """It takes conjugates and digits; so do Frobenius and the inverse, which are defined by powers, too."""
    pairing, p = reference_pairing.pairing_of(curve.curve.name), curve.fp.modulus
    generator = samples.rng("final exponentiation")
    f = tuple((generator.randrange(p), generator.randrange(p)) for _ in range(6))
    assert pairing.final_exponentiation(f) == pairing.power(f, (p**12 - 1) // curve.fr.modulus)
    assert pairing.frobenius(f) == pairing.power(f, p)
    assert pairing.mul(f, pairing.inverse(f)) == reference_pairing.ONE


SMALL_ORDERS = [(curve, order) for curve in (BN254, BLS12_381) for order in curve.g2_factors]


@pytest.mark.parametrize(("curve", "order"), SMALL_ORDERS, ids=str)
def test_points_of_small_order_are_on_the_twist_and_not_in_g2(curve: CurveSamples, order: int) -> None:
    point, group = curve.twist_point_of_order(order), curve.g2
    assert group.is_on_curve(point)
    assert group.to_affine(group.mul(curve.fr.modulus, point)) is not None
    assert group.to_affine(group.mul(order, point)) is None


@pytest.mark.parametrize("order", BLS12_381.g1_factors)
def test_points_of_small_order_are_on_the_curve_and_not_in_g1(order: int) -> None:
    point, group = BLS12_381.g1_point_of_order(order), BLS12_381.g1
    assert group.is_on_curve(point)
    assert group.to_affine(group.mul(BLS12_381.fr.modulus, point)) is not None
    assert group.to_affine(group.mul(order, point)) is None
