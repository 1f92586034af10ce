"""Packed points: circomlibjs's bytes, one byte string for each point, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from curve_points import small_order_point, some_points
from hypothesis import given
from hypothesis import strategies as st

from zkrelay.algebra.edwards_encoding import pack_point, unpack_point
from zkrelay.curves import bn254
from zkrelay.curves.embedded import BABY_JUBJUB
from zkrelay.errors import InvalidPoint, MalformedInput, NonCanonicalNumber

P = bn254.FR.modulus
CASES = json.loads((Path(__file__).parent.parent / "vectors" / "circomlibjs" / "vectors.json").read_text())["points"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["packed"][:8])
def test_bytes_equal_circomlibjs_s(case: dict[str, str]) -> None:
    point = (int(case["x"]), int(case["y"]))
    assert pack_point(point).hex() == case["packed"]
    assert unpack_point(bytes.fromhex(case["packed"])) == point


def test_vectors_have_both_signs() -> None:
    assert {int(case["packed"][-2:], 16) >> 7 for case in CASES} == {0, 1}


@pytest.mark.parametrize("point", [*(small_order_point(n) for n in (1, 2, 4, 8)), *some_points(5)])
def test_round_trip_of_any_curve_point(point: tuple[int, int]) -> None:
    for q in (point, (-point[0] % P, point[1])):
        assert unpack_point(pack_point(q)) == q


@given(st.binary(min_size=32, max_size=32))
def test_accepted_bytes_are_the_only_ones_of_their_point(data: bytes) -> None:
    try:
        point = unpack_point(data)
    except (NonCanonicalNumber, InvalidPoint):
        return
    assert BABY_JUBJUB.is_on_curve(point)
    assert pack_point(point) == data


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_wrong_length(length: int) -> None:
    with pytest.raises(MalformedInput, match="32 bytes"):
        unpack_point(bytes(length))


@pytest.mark.parametrize("y", [P, P + 1, (1 << 255) - 1])
@pytest.mark.parametrize("sign", [0, 1 << 255])
def test_y_must_be_canonical(y: int, sign: int) -> None:
    with pytest.raises(NonCanonicalNumber, match="y coordinate"):
        unpack_point((y | sign).to_bytes(32, "little"))


@pytest.mark.parametrize("y", [1, P - 1])
def test_zero_has_no_negative(y: int) -> None:
    assert unpack_point(y.to_bytes(32, "little")) == (0, y)
    with pytest.raises(InvalidPoint, match="negative"):
        unpack_point((y | 1 << 255).to_bytes(32, "little"))


def test_y_without_x() -> None:
    """Of all y that no point has, none unpacks; x^2 = (1 - y^2)/(a - d*y^2) is a square for about half."""
    orphans = []
    for y in range(2, 40):
        square = (1 - y * y) * pow(BABY_JUBJUB.a - BABY_JUBJUB.d * y * y, -1, P) % P
        if pow(square, (P - 1) // 2, P) != 1:
            orphans.append(y)
    assert 5 < len(orphans) < 33
    for y in orphans:
        with pytest.raises(InvalidPoint, match="no point"):
            unpack_point(y.to_bytes(32, "little"))


@pytest.mark.parametrize(
    ("point", "error"),
    [
        ((1, 1), InvalidPoint),
        ((0, P + 1), NonCanonicalNumber),
        ((-1, 1), NonCanonicalNumber),
        ((P, 1), NonCanonicalNumber),
    ],
)
def test_packing_refuses_what_is_no_point(point: tuple[int, int], error: type[MalformedInput]) -> None:
    with pytest.raises(error):
        pack_point(point)
