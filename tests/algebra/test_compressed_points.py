"""Compressed points: one encoding a point, and every other string of bytes refused; square roots over Fp2."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zkrelay.algebra.compressed_points import (
    ARK_BN254,
    GNARK_BN254,
    ZCASH,
    PointEncoding,
    compress_g1,
    compress_g2,
    decompress_g1,
    decompress_g2,
)
from zkrelay.algebra.encoding import unpack_g1, unpack_g2
from zkrelay.algebra.points import g1_generator, g2_generator, negate_g1, negate_g2
from zkrelay.curves import CURVES, PairingCurve, bls12_381, bn254
from zkrelay.curves.pairing_curve import Fp2
from zkrelay.errors import InvalidPoint, MalformedInput, NonCanonicalNumber
from zkrelay.kernel import current

from ..groth16.bad_points import g1_outside_subgroup, g2_outside_subgroup, small_order_g1, small_order_g2


@dataclass(frozen=True)
class Case:
    """One encoding of one group."""

    encoding: PointEncoding
    curve: PairingCurve
    degree: int  # 1: G1, 2: G2

    @property
    def size(self) -> int:
        return self.degree * self.curve.fp.num_bytes

    @property
    def top(self) -> int:
        """Where the most significant byte is."""
        return self.size - 1 if self.encoding.little_endian else 0

    def compress(self, point: bytes) -> bytes:
        return (compress_g1 if self.degree == 1 else compress_g2)(self.encoding, self.curve.name, point)

    def decompress(self, data: bytes, **options: bool) -> bytes:
        return (decompress_g1 if self.degree == 1 else decompress_g2)(self.encoding, self.curve.name, data, **options)

    def negate(self, point: bytes) -> bytes:
        return (negate_g1 if self.degree == 1 else negate_g2)(point, self.curve.name)

    def multiple(self, scalar: int) -> bytes:
        kernel, name = current(), self.curve.name
        data = self.curve.fr.to_bytes(scalar % self.curve.fr.modulus)
        if self.degree == 1:
            return kernel.g1_msm(name, data, g1_generator(name))
        return kernel.g2_msm(name, data, g2_generator(name))

    def y(self, point: bytes) -> tuple[int, ...]:
        affine = (unpack_g1 if self.degree == 1 else unpack_g2)(point, self.curve.name)[0]
        assert affine is not None
        return affine[1] if isinstance(affine[1], tuple) else (affine[1],)

    def of_x(self, x: tuple[int, ...], flags: int) -> bytes:
        """Bytes put together here: coordinates as they are, the flags on top."""
        digits = bytearray(b"".join(c.to_bytes(self.curve.fp.num_bytes, "big") for c in reversed(x)))
        digits[0] |= flags << (8 - self.encoding.num_flag_bits)
        return bytes(reversed(digits)) if self.encoding.little_endian else bytes(digits)


CASES = {
    f"{name} {group}": Case(encoding, curve, degree)
    for name, encoding, curve in (
        ("zcash", ZCASH, bls12_381.CURVE),
        ("gnark", GNARK_BN254, bn254.CURVE),
        ("arkworks", ARK_BN254, bn254.CURVE),
    )
    for degree, group in ((1, "G1"), (2, "G2"))
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


# draft-irtf-cfrg-pairing-friendly-curves, appendix C: the generators of BLS12-381
G1 = "97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb"
G2 = (
    "93e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e"
    "024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8"
)


def test_published_bytes_of_the_generators() -> None:
    assert compress_g1(ZCASH, "bls12_381", g1_generator("bls12_381")).hex() == G1
    assert compress_g2(ZCASH, "bls12_381", g2_generator("bls12_381")).hex() == G2


def test_the_generator_of_bn254_by_hand() -> None:
    """(1, 2): 2 is the smaller root."""
    assert compress_g1(GNARK_BN254, "bn254", g1_generator()) == bytes([0x80, *[0] * 30, 1])
    assert compress_g1(ARK_BN254, "bn254", g1_generator()) == bytes([1, *[0] * 31])
    assert compress_g1(ARK_BN254, "bn254", negate_g1(g1_generator())) == bytes([1, *[0] * 30, 0x80])


@settings(max_examples=20)
@given(scalar=st.integers(1, 2**250), name=st.sampled_from(list(CASES)))
def test_there_and_back(scalar: int, name: str) -> None:
    case = CASES[name]
    point = case.multiple(scalar)
    data, opposite = case.compress(point), case.compress(case.negate(point))
    assert len(data) == case.size and case.decompress(data) == point
    assert case.decompress(opposite) == case.negate(point)
    assert [at for at in range(case.size) if data[at] != opposite[at]] == [case.top]
    larger = case.y(point)[::-1] > case.y(case.negate(point))[::-1]
    flags = data[case.top] >> (8 - case.encoding.num_flag_bits)
    assert flags == (case.encoding.larger if larger else case.encoding.smaller)


def test_all_flags(case: Case) -> None:
    """Two of a point, one of infinity (with nothing beside it), and all others refused."""
    data, bits = bytearray(case.compress(case.multiple(5))), case.encoding.num_flag_bits
    low = data[case.top] & ((1 << (8 - bits)) - 1)
    for flags in range(1 << bits):
        data[case.top] = low | flags << (8 - bits)
        if flags in (case.encoding.smaller, case.encoding.larger):
            assert case.decompress(bytes(data)) in (case.multiple(5), case.multiple(-5))
            continue
        words = "not compressed" if flags in case.encoding.uncompressed else "flags|infinity, and other bits"
        with pytest.raises(MalformedInput, match=words):
            case.decompress(bytes(data), allow_infinity=True)


def test_infinity_only_when_asked_for(case: Case) -> None:
    infinity = bytes(2 * case.size)
    data = case.compress(infinity)
    assert case.decompress(data, allow_infinity=True) == infinity
    with pytest.raises(InvalidPoint, match="infinity"):
        case.decompress(data)
    for at in {0, case.size // 2, case.size - 1}:
        for bit in (1, 4):
            spoiled = bytearray(data)
            spoiled[at] ^= bit
            with pytest.raises(InvalidPoint, match="other bits"):
                case.decompress(bytes(spoiled), allow_infinity=True)


def test_a_number_above_the_modulus_is_refused(case: Case) -> None:
    """x and x + p name one point; the second fits under the flags for small x."""
    p = case.curve.fp.modulus
    room = 1 << (8 * case.curve.fp.num_bytes - case.encoding.num_flag_bits)
    for place in range(case.degree):
        for value in (p, p + 1, room - 1):
            x = tuple(value if i == place else 1 for i in range(case.degree))
            with pytest.raises(NonCanonicalNumber):
                case.decompress(case.of_x(x, case.encoding.larger))


def test_an_x_without_a_point_is_refused(case: Case) -> None:
    refused = 0
    for x in range(2, 30):
        try:
            case.decompress(case.of_x((x, 0)[: case.degree], case.encoding.smaller))
        except InvalidPoint as error:
            refused += "no point" in str(error)
    assert 5 < refused < 25, "half of all x have points"


def test_points_outside_the_subgroup_are_refused(case: Case) -> None:
    if case.degree == 1 and case.curve.g1_cofactor == 1:
        assert all(case.decompress(case.compress(case.multiple(k))) for k in (1, 2, 3))
        return
    makers: tuple[Callable[[PairingCurve], bytes], ...] = (g1_outside_subgroup, small_order_g1)
    for make in makers if case.degree == 1 else (g2_outside_subgroup, small_order_g2):
        with pytest.raises(InvalidPoint, match="subgroup"):
            case.decompress(case.compress(make(case.curve)))


def test_wrong_lengths(case: Case) -> None:
    data = case.compress(case.multiple(1))
    for bad in (b"", data[:-1], data + b"\0", data * 2):
        with pytest.raises(MalformedInput, match="bytes"):
            case.decompress(bad)


@settings(max_examples=60)
@given(name=st.sampled_from(list(CASES)), data=st.binary(min_size=96, max_size=96))
def test_whatever_is_accepted_comes_back_as_it_was(name: str, data: bytes) -> None:
    case = CASES[name]
    try:
        point = case.decompress(data[: case.size], allow_infinity=True)
    except MalformedInput:
        return
    assert case.compress(point) == data[: case.size]


@pytest.mark.parametrize("name", list(CURVES))
def test_square_roots_over_fp2(name: str) -> None:
    """Of every kind: 0, squares and non-squares of Fp (all have a root in Fp2), pure imaginary ones, random ones."""
    curve, rng = CURVES[name], random.Random("fp2")
    p = curve.fp.modulus
    samples: list[Fp2] = [(0, 0), (1, 0), (4, 0), (p - 1, 0), (p - 4, 0), (0, 1), (0, p - 1), (0, 2)]
    samples += [(rng.randrange(p), rng.randrange(p)) for _ in range(12)]
    squares = [curve.fp2_mul(a, a) for a in samples]
    for square in squares:
        root = curve.fp2_square_root_vartime(square)
        assert root is not None and curve.fp2_mul(root, root) == square
    non_residues = [curve.fp2_mul(square, curve.xi) for square in squares if square != (0, 0)]  # xi is no square
    assert all(curve.fp2_square_root_vartime(a) is None for a in non_residues)
    assert all(curve.fp2_square_root_vartime((k, 0)) is not None for k in range(20))
