"""Negation, packing and named checks of single points, over each curve."""

from __future__ import annotations

import pytest

from zkrelay.algebra.encoding import pack_g1, pack_g2, unpack_g1, unpack_g2
from zkrelay.algebra.points import check_g1, check_g2, g1_generator, g2_generator, negate_g1, negate_g2
from zkrelay.curves import CURVES, PairingCurve
from zkrelay.errors import InvalidPoint, NonCanonicalNumber
from zkrelay.kernel import current

from ..groth16.bad_points import g1_outside_subgroup, g2_outside_subgroup


@pytest.fixture(params=list(CURVES))
def curve(request: pytest.FixtureRequest) -> PairingCurve:
    return CURVES[request.param]


def test_a_point_and_its_negative_cancel(curve: PairingCurve) -> None:
    g1, g2, name = g1_generator(curve.name), g2_generator(curve.name), curve.name
    assert current().g1_add(name, g1, negate_g1(g1, name)) == bytes(curve.g1_bytes)
    assert current().g2_add(name, g2, negate_g2(g2, name)) == bytes(curve.g2_bytes)


def test_negation_changes_the_sign_of_y_only(curve: PairingCurve) -> None:
    p, name = curve.fp.modulus, curve.name
    x, y = curve.g1_generator
    assert unpack_g1(negate_g1(g1_generator(name), name), name) == [(x, p - y)]
    (x2, y2) = curve.g2_generator
    assert unpack_g2(negate_g2(g2_generator(name), name), name) == [(x2, (p - y2[0], p - y2[1]))]


def test_negation_keeps_zero_coordinates_canonical(curve: PairingCurve) -> None:
    point = pack_g2([((1, 2), (0, 5))], curve.name)
    assert unpack_g2(negate_g2(point, curve.name), curve.name) == [((1, 2), (0, curve.fp.modulus - 5))]
    assert negate_g1(bytes(curve.g1_bytes), curve.name) == bytes(curve.g1_bytes)
    assert negate_g2(bytes(curve.g2_bytes), curve.name) == bytes(curve.g2_bytes)


def test_packing_there_and_back(curve: PairingCurve) -> None:
    """The all-ones Montgomery radix and the edges of the field; infinity is None and all zero."""
    p = curve.fp.modulus
    g1 = [(0, 1), None, (p - 1, curve.fp.montgomery_r % p), curve.g1_generator]
    g2 = [None, ((p - 1, 0), (1, p - 2)), curve.g2_generator]
    packed = pack_g1(g1, curve.name), pack_g2(g2, curve.name)
    assert (len(packed[0]), len(packed[1])) == (4 * curve.g1_bytes, 3 * curve.g2_bytes)
    assert packed[0][curve.g1_bytes : 2 * curve.g1_bytes] == bytes(curve.g1_bytes)
    assert unpack_g1(packed[0], curve.name) == g1
    assert unpack_g2(memoryview(packed[1]), curve.name) == g2
    assert packed[0][curve.fp.num_bytes : curve.g1_bytes] == curve.fp.to_bytes(curve.fp.montgomery_r % p)


@pytest.mark.parametrize("change", [-1, 1])
def test_other_lengths_are_refused(curve: PairingCurve, change: int) -> None:
    size = curve.g1_bytes + change
    with pytest.raises(InvalidPoint, match=f"{curve.g1_bytes} bytes, not {size}"):
        negate_g1(bytes(size), curve.name)
    with pytest.raises(InvalidPoint, match=f"{curve.g1_bytes}-byte G1 points"):
        unpack_g1(bytes(size), curve.name)
    with pytest.raises(InvalidPoint, match=f"{curve.g2_bytes}-byte G2 points"):
        unpack_g2(bytes(curve.g2_bytes + change), curve.name)
    with pytest.raises(InvalidPoint, match="bytes, not"):
        negate_g2(bytes(curve.g1_bytes), curve.name)


def test_coordinates_are_canonical(curve: PairingCurve) -> None:
    p = curve.fp.modulus
    for bad in (-1, p, p + 1):
        with pytest.raises(NonCanonicalNumber, match=curve.name):
            pack_g1([(1, bad)], curve.name)
        with pytest.raises(NonCanonicalNumber, match=curve.name):
            pack_g2([((1, 2), (bad, 4))], curve.name)


def test_checks_name_what_they_check(curve: PairingCurve) -> None:
    name, size = curve.name, curve.fp.num_bytes
    p = curve.fp.modulus.to_bytes(size, "little")
    g1, g2 = g1_generator(name), g2_generator(name)
    check_g1(name, "here", g1)
    check_g2(name, "here", g2)
    check_g1(name, "here", bytes(curve.g1_bytes), allow_infinity=True)
    with pytest.raises(InvalidPoint, match=r"^here: .*curve"):
        check_g1(name, "here", pack_g1([(1, 3)], name))
    with pytest.raises(InvalidPoint, match=r"^here: .*infinity"):
        check_g1(name, "here", bytes(curve.g1_bytes))
    with pytest.raises(InvalidPoint, match=r"^there: .*curve"):
        check_g2(name, "there", pack_g2([((1, 2), (3, 4))], name))
    with pytest.raises(InvalidPoint, match=r"^there: .*subgroup"):
        check_g2(name, "there", g2_outside_subgroup(curve))
    if curve.g1_cofactor != 1:
        with pytest.raises(InvalidPoint, match=r"^here: .*subgroup"):
            check_g1(name, "here", g1_outside_subgroup(curve))
    with pytest.raises(NonCanonicalNumber, match=r"^here: "):
        check_g1(name, "here", p + g1[size:])
    with pytest.raises(NonCanonicalNumber, match=r"^there: "):
        check_g2(name, "there", g2[: 3 * size] + p)
