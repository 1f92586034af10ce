"""The pairing of every kernel: equal to the reference (which py_ecc vouches for), bilinear, of order r."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zkrelay.algebra.encoding import unpack_field
from zkrelay.kernel import Kernel
from zkrelay.kernel import reference_pairing as fp12

from . import samples
from .curve_samples import BLS12_381, CURVES, CurveSamples

few = settings(max_examples=5)
# Modulo the order of either curve.
scalar = st.one_of(st.sampled_from([1, 2, -1, -2]), st.integers(1, 1 << 250))
curves = pytest.mark.parametrize("curve", CURVES, ids=repr)


def one(curve: CurveSamples) -> bytes:
    return (1).to_bytes(curve.curve.gt_bytes, "little")


def element(curve: CurveSamples, value: bytes) -> fp12.Fp12Element:
    """The kernel's 12 coefficients as an element that can be multiplied."""
    c = unpack_field(curve.fp, value)
    return tuple((c[2 * k], c[2 * k + 1]) for k in (0, 3, 1, 4, 2, 5))


def power(curve: CurveSamples, value: bytes, exponent: int) -> fp12.Fp12Element:
    return fp12.pairing_of(curve.curve.name).power(element(curve, value), exponent % curve.fr.modulus)


@curves
def test_the_two_orders_of_coefficients_are_inverse(curve: CurveSamples) -> None:
    value = fp12.pairing_of(curve.curve.name).power(tuple((3 * k + 1, 5 * k + 2) for k in range(6)), 12345)
    packed = b"".join(c.to_bytes(curve.fp.num_bytes, "little") for c in fp12.tower_coefficients(value))
    assert element(curve, packed) == value


@curves
def test_c_kernels_agree_with_the_reference(native_kernel: Kernel, reference: Kernel, curve: CurveSamples) -> None:
    generator, r = samples.rng("pairing"), curve.fr.modulus
    logs = [(1, 1), (1, -1), (-1, 1), *((generator.randrange(r), generator.randrange(r)) for _ in range(3))]
    for a, b in logs:
        p, q = curve.g1_multiple(a), curve.g2_multiple(b)
        assert native_kernel.pairing(curve.curve.name, p, q) == reference.pairing(curve.curve.name, p, q)


@curves
def test_order_is_r(kernel: Kernel, curve: CurveSamples) -> None:
    value = element(curve, kernel.pairing(curve.curve.name, curve.g1_multiple(1), curve.g2_multiple(1)))
    assert value != fp12.ONE
    assert fp12.pairing_of(curve.curve.name).power(value, curve.fr.modulus) == fp12.ONE


@curves
@few
@given(a=scalar, b=scalar)
def test_bilinear(kernel: Kernel, curve: CurveSamples, a: int, b: int) -> None:
    base = kernel.pairing(curve.curve.name, curve.g1_multiple(1), curve.g2_multiple(1))
    value = kernel.pairing(curve.curve.name, curve.g1_multiple(a), curve.g2_multiple(b))
    assert element(curve, value) == power(curve, base, a * b)


@curves
def test_infinity_pairs_to_one(kernel: Kernel, curve: CurveSamples) -> None:
    g1_infinity, g2_infinity, gt_one = bytes(curve.curve.g1_bytes), bytes(curve.curve.g2_bytes), one(curve)
    p, q = curve.g1_multiple(5), curve.g2_multiple(7)
    assert kernel.pairing(curve.curve.name, g1_infinity, q) == gt_one
    assert kernel.pairing(curve.curve.name, p, g2_infinity) == gt_one
    assert kernel.pairing(curve.curve.name, g1_infinity, g2_infinity) == gt_one
    assert kernel.pairing_check(curve.curve.name, g1_infinity + p, q + g2_infinity) is True
    assert kernel.pairing_check(curve.curve.name, b"", b"") is True


@curves
@few
@given(logs=st.lists(st.tuples(scalar, scalar), min_size=1, max_size=6), offset=st.integers(1, 1 << 250))
def test_check_holds_exactly_when_the_exponents_sum_to_zero(
    kernel: Kernel, curve: CurveSamples, logs: list[tuple[int, int]], offset: int
) -> None:
    if kernel.name == "reference":
        logs = logs[:1]
    rest = -sum(a * b for a, b in logs)
    g1 = b"".join(curve.g1_multiple(a) for a, _ in logs)
    g2 = b"".join(curve.g2_multiple(b) for _, b in logs)
    assert kernel.pairing_check(curve.curve.name, g1 + curve.g1_multiple(rest), g2 + curve.g2_multiple(1)) is True
    assert (
        kernel.pairing_check(curve.curve.name, g1 + curve.g1_multiple(rest + offset), g2 + curve.g2_multiple(1))
        is False
    )
    assert kernel.pairing_check(curve.curve.name, g1 + curve.g1_multiple(1), g2 + curve.g2_multiple(rest)) is True
    assert (
        kernel.pairing_check(curve.curve.name, g1 + curve.g1_multiple(1), g2 + curve.g2_multiple(rest - offset))
        is False
    )


@curves
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 63, 64, 65, 130])
def test_long_products(native_kernel: Kernel, curve: CurveSamples, count: int) -> None:
    """On both sides of the lengths at which kernels change the way, and of the blocks that they cut pairs into."""
    g1 = [curve.g1_multiple(k + 1) for k in range(count)]
    g2 = [curve.g2_multiple(k + 2) for k in range(count)]
    rest = curve.g1_multiple(-sum((k + 1) * (k + 2) for k in range(count)))
    name = curve.curve.name
    assert native_kernel.pairing_check(name, b"".join([*g1, rest]), b"".join([*g2, curve.g2_multiple(1)])) is True
    assert native_kernel.pairing_check(name, b"".join([rest, *g1]), b"".join([curve.g2_multiple(1), *g2])) is True
    assert native_kernel.pairing_check(name, b"".join(g1), b"".join(g2)) is False
    assert native_kernel.pairing_check(name, b"".join([*g1, rest]), b"".join([*g2, curve.g2_multiple(2)])) is False


@curves
def test_infinity_among_pairs_changes_nothing(kernel: Kernel, curve: CurveSamples) -> None:
    g1_infinity, g2_infinity = bytes(curve.curve.g1_bytes), bytes(curve.curve.g2_bytes)
    g1 = [curve.g1_multiple(k) for k in (6, -1)]
    g2 = [curve.g2_multiple(k) for k in (5, 30)]
    for place in range(3):
        left = b"".join([*g1[:place], g1_infinity, *g1[place:]])
        right = b"".join([*g2[:place], curve.g2_multiple(9), *g2[place:]])
        assert kernel.pairing_check(curve.curve.name, left, right) is True
        left = b"".join([*g1[:place], curve.g1_multiple(9), *g1[place:]])
        right = b"".join([*g2[:place], g2_infinity, *g2[place:]])
        assert kernel.pairing_check(curve.curve.name, left, right) is True
        right = b"".join([*g2[:place], curve.g2_multiple(1), *g2[place:]])
        assert kernel.pairing_check(curve.curve.name, left, right) is False


@curves
@pytest.mark.parametrize("a", [1, 3])
def test_one_pair_of_points_is_never_one(kernel: Kernel, curve: CurveSamples, a: int) -> None:
    assert kernel.pairing_check(curve.curve.name, curve.g1_multiple(a), curve.g2_multiple(1)) is False


# e(generator, generator) of BLS12-381 as draft-irtf-cfrg-pairing-friendly-curves publishes it (appendix B, e_0..e_11).
PUBLISHED = [
    0x11619B45F61EDFE3B47A15FAC19442526FF489DCDA25E59121D9931438907DFD448299A87DDE3A649BDBA96E84D54558,
    0x153CE14A76A53E205BA8F275EF1137C56A566F638B52D34BA3BF3BF22F277D70F76316218C0DFD583A394B8448D2BE7F,
    0x095668FB4A02FE930ED44767834C915B283B1C6CA98C047BD4C272E9AC3F3BA6FF0B05A93E59C71FBA77BCE995F04692,
    0x16DEEDAA683124FE7260085184D88F7D036B86F53BB5B7F1FC5E248814782065413E7D958D17960109EA006B2AFDEB5F,
    0x09C92CF02F3CD3D2F9D34BC44EEE0DD50314ED44CA5D30CE6A9EC0539BE7A86B121EDC61839CCC908C4BDDE256CD6048,
    0x111061F398EFC2A97FF825B04D21089E24FD8B93A47E41E60EAE7E9B2A38D54FA4DEDCED0811C34CE528781AB9E929C7,
    0x01ECFCF31C86257AB00B4709C33F1C9C4E007659DD5FFC4A735192167CE197058CFB4C94225E7F1B6C26AD9BA68F63BC,
    0x08890726743A1F94A8193A166800B7787744A8AD8E2F9365DB76863E894B7A11D83F90D873567E9D645CCF725B32D26F,
    0x0E61C752414CA5DFD258E9606BAC08DAEC29B3E2C57062669556954FB227D3F1260EEDF25446A086B0844BCD43646C10,
    0x0FE63F185F56DD29150FC498BBEEA78969E7E783043620DB33F75A05A0A2CE5C442BEAFF9DA195FF15164C00AB66BDDE,
    0x10900338A92ED0B47AF211636F7CFDEC717B7EE43900EEE9B5FC24F0000C5874D4801372DB478987691C566A8C474978,
    0x1454814F3085F0E6602247671BC408BBCE2007201536818C901DBD4D2095DD86C1EC8B888E59611F60A301AF7776BE3D,
]


def test_the_pairing_of_the_generators_is_the_published_one(kernel: Kernel) -> None:
    value = kernel.pairing("bls12_381", BLS12_381.g1_multiple(1), BLS12_381.g2_multiple(1))
    assert unpack_field(BLS12_381.fp, value) == PUBLISHED
