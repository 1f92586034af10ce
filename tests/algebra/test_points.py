"""Negation and named checks of single points."""

from __future__ import annotations

import pytest

from zkrelay.algebra.encoding import pack_g1, pack_g2, unpack_g1, unpack_g2
from zkrelay.algebra.points import G1_GENERATOR, G2_GENERATOR, check_g1, check_g2, negate_g1, negate_g2
from zkrelay.curves import bn254
from zkrelay.errors import InvalidPoint, NonCanonicalNumber
from zkrelay.kernel import current

P = bn254.FP.modulus


def test_a_point_and_its_negative_cancel() -> None:
    assert current().g1_add("bn254", G1_GENERATOR, negate_g1(G1_GENERATOR)) == bytes(64)
    assert current().g2_add("bn254", G2_GENERATOR, negate_g2(G2_GENERATOR)) == bytes(128)


def test_negation_changes_the_sign_of_y_only() -> None:
    x, y = bn254.G1_GENERATOR
    assert unpack_g1(negate_g1(G1_GENERATOR)) == [(x, P - y)]
    (x2, y2) = bn254.G2_GENERATOR
    assert unpack_g2(negate_g2(G2_GENERATOR)) == [(x2, (P - y2[0], P - y2[1]))]


def test_negation_keeps_zero_coordinates_canonical() -> None:
    point = pack_g2([((1, 2), (0, 5))])
    assert unpack_g2(negate_g2(point)) == [((1, 2), (0, P - 5))]
    assert negate_g1(bytes(64)) == bytes(64)
    assert negate_g2(bytes(128)) == bytes(128)


@pytest.mark.parametrize("size", [0, 63, 65, 128])
def test_negation_refuses_other_lengths(size: int) -> None:
    with pytest.raises(InvalidPoint, match="64 bytes"):
        negate_g1(bytes(size))


def test_checks_name_what_they_check() -> None:
    check_g1("bn254", "here", G1_GENERATOR)
    check_g2("bn254", "here", G2_GENERATOR)
    check_g1("bn254", "here", bytes(64), allow_infinity=True)
    with pytest.raises(InvalidPoint, match=r"^here: "):
        check_g1("bn254", "here", pack_g1([(1, 3)]))
    with pytest.raises(InvalidPoint, match=r"^here: "):
        check_g1("bn254", "here", bytes(64))
    with pytest.raises(InvalidPoint, match=r"^there: "):
        check_g2("bn254", "there", pack_g2([((1, 2), (3, 4))]))
    with pytest.raises(NonCanonicalNumber, match=r"^here: "):
        check_g1("bn254", "here", P.to_bytes(32, "little") + G1_GENERATOR[32:])
    with pytest.raises(NonCanonicalNumber, match=r"^there: "):
        check_g2("bn254", "there", G2_GENERATOR[:96] + P.to_bytes(32, "little"))
