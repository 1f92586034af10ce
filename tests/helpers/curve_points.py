"""Points of Baby Jubjub that an attacker would choose."""

from __future__ import annotations

import contextlib

from zkrelay.algebra.edwards_encoding import unpack_point
from zkrelay.curves.embedded import BABY_JUBJUB, Point
from zkrelay.errors import InvalidPoint

IDENTITY: Point = (0, 1)


def some_points(count: int) -> list[Point]:
    """Points of the whole group, by increasing y from 2."""
    found: list[Point] = []
    y = 2
    while len(found) < count:
        with contextlib.suppress(InvalidPoint):
            found.append(unpack_point(y.to_bytes(32, "little")))
        y += 1
    return found


def small_order_point(order: int) -> Point:
    """A point of exactly this order: 1, 2, 4 or 8."""
    for point in some_points(50):
        torsion = BABY_JUBJUB.mul_vartime(BABY_JUBJUB.order, point)
        if BABY_JUBJUB.mul_vartime(4, torsion) != IDENTITY:
            return BABY_JUBJUB.mul_vartime(8 // order, torsion)
    raise AssertionError("no point of order 8l among fifty")
