"""The embedded curves against what the numbers must satisfy, and Jubjub against what Zcash publishes."""

from __future__ import annotations

import math

import pytest

from zkrelay.curves import CURVES
from zkrelay.curves.embedded import BABY_JUBJUB, EMBEDDED, JUBJUB, EdwardsCurve
from zkrelay.curves.fields import square_root_vartime
from zkrelay.formats.elements import is_prime

IDENTITY = (0, 1)


@pytest.fixture(params=EMBEDDED.values(), ids=lambda curve: curve.name)
def embedded(request: pytest.FixtureRequest) -> EdwardsCurve:
    curve: EdwardsCurve = request.param
    return curve


def points(curve: EdwardsCurve, count: int) -> list[tuple[int, int]]:
    """Points of the whole group, by increasing y from 2."""
    found, y, p = [], 1, curve.field.modulus
    while len(found) < count:
        y += 1
        x = square_root_vartime((1 - y * y) * pow(curve.a - curve.d * y * y, -1, p) % p, curve.field)
        if x is not None:
            found.append((min(x, p - x), y))
    return found


def test_each_pairing_friendly_curve_has_one() -> None:
    assert list(EMBEDDED) == [curve.fr.name for curve in CURVES.values()]


def test_the_addition_law_is_complete(embedded: EdwardsCurve) -> None:
    p = embedded.field.modulus
    assert pow(embedded.a, (p - 1) // 2, p) == 1
    assert pow(embedded.d, (p - 1) // 2, p) == p - 1


def test_the_order_is_the_only_one_that_hasse_allows(embedded: EdwardsCurve) -> None:
    """order is prime and kills 8·P of any P, so it divides the group's; one multiple of it is in Hasse's interval."""
    p, order = embedded.field.modulus, embedded.order
    assert is_prime(order)
    for point in points(embedded, 5):
        assert embedded.mul_vartime(embedded.cofactor * order, point) == IDENTITY
    assert embedded.generator != IDENTITY == embedded.mul_vartime(order, embedded.generator)
    width = 2 * math.isqrt(p) + 1
    assert [k for k in range(1, 40) if abs(k * order - (p + 1)) <= width] == [embedded.cofactor]


def test_the_montgomery_form(embedded: EdwardsCurve) -> None:
    """v² = u³ + A·u² + u for the image of every point; u = -1 is on no curve with d no square."""
    p, scale = embedded.field.modulus, embedded.montgomery_scale
    assert scale * scale % p == embedded.montgomery_b
    assert scale <= p - scale
    for x, y in points(embedded, 10):
        u = (1 + y) * pow(1 - y, -1, p) % p
        v = scale * u * pow(x, -1, p) % p
        assert (v * v - u**3 - embedded.montgomery_a * u * u - u) % p == 0
    assert pow(embedded.montgomery_a - 2, (p - 1) // 2, p) == p - 1


def test_baby_jubjub_needs_no_scale() -> None:
    assert (BABY_JUBJUB.montgomery_b, BABY_JUBJUB.montgomery_scale) == (1, 1)


def test_jubjub_is_that_of_zcash() -> None:
    """d and the order of the specification, the scale of its Montgomery form, and where the generator comes from."""
    assert JUBJUB.d == 0x2A9318E74BFA2B48F5FD9207E6BD7FD4292D7F6D37579D2601065FD6D6343EB1
    assert JUBJUB.order == 6554484396890773809930967563523245729705921265872317281365359162392183254199
    assert JUBJUB.montgomery_scale == 17814886934372412843466061268024708274627479829237077604635722030778476050649
    p = JUBJUB.field.modulus
    full_order = [
        (x, y)
        for x, y in points(JUBJUB, 10)
        if all(JUBJUB.mul_vartime(k * JUBJUB.order, (x, y)) != IDENTITY for k in (1, 2, 4))
    ]
    x, y = full_order[0]
    assert (p - x, y) == (0x62EDCBB8BF3787C88B0F03DDD60A8187CAF55D1B29BF81AFE4B3D35DF1A7ADFE, 11)
    assert JUBJUB.mul_vartime(8, (p - x, y)) == JUBJUB.generator


def test_a_curve_without_a_montgomery_form_of_this_kind_says_so() -> None:
    with pytest.raises(ValueError, match="no square"):
        _ = EdwardsCurve("none", JUBJUB.field, 1, JUBJUB.d, JUBJUB.order, 8, (0, 1)).montgomery_scale
