"""G1 and G2 of a pairing-friendly curve over Python integers, for the reference kernel.

Both are short Weierstrass curves y² = x³ + b, G1 over Fp and G2 (a sextic twist) over Fp2 = Fp[u]/(u² + 1); one class
serves both through a small interface of the coordinate field.  Points are affine ``(x, y)``, or None for infinity;
sums run in Jacobian coordinates (X : Y : Z), x = X/Z², y = Y/Z³, infinity Z = 0 ([EFD] g1p/auto-shortw-jacobian-0).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from ..curves import CURVES, PairingCurve, PrimeField
from ..errors import InvalidPoint, NonCanonicalNumber
from .interface import Buffer
from .reference_buffers import pack_montgomery, split, unpack_montgomery

Fp2Element = tuple[int, int]
E = TypeVar("E")


class CoordinateField(Protocol[E]):
    """What a curve needs of the field of its coordinates; elements are canonical."""

    zero: E
    one: E

    @property
    def num_bytes(self) -> int: ...
    def add(self, a: E, b: E) -> E: ...
    def sub(self, a: E, b: E) -> E: ...
    def mul(self, a: E, b: E) -> E: ...
    def inverse(self, a: E) -> E: ...
    def decode(self, data: bytes) -> E: ...
    def encode(self, a: E) -> bytes: ...


class Fp:
    """The base field."""

    zero, one = 0, 1

    def __init__(self, field: PrimeField) -> None:
        self.base, self.modulus = field, field.modulus

    @property
    def num_bytes(self) -> int:
        return self.base.num_bytes

    def add(self, a: int, b: int) -> int:
        return (a + b) % self.modulus

    def sub(self, a: int, b: int) -> int:
        return (a - b) % self.modulus

    def mul(self, a: int, b: int) -> int:
        return a * b % self.modulus

    def inverse(self, a: int) -> int:
        return pow(a, -1, self.modulus)

    def decode(self, data: bytes) -> int:
        """From Montgomery bytes; raises ``NonCanonicalNumber``."""
        return unpack_montgomery(self.base, data)[0]

    def encode(self, a: int) -> bytes:
        return pack_montgomery(self.base, [a])


class Fp2:
    """c0 + c1·u with u² = -1."""

    zero: Fp2Element = (0, 0)
    one: Fp2Element = (1, 0)

    def __init__(self, field: PrimeField) -> None:
        self.base, self.modulus = field, field.modulus

    @property
    def num_bytes(self) -> int:
        return 2 * self.base.num_bytes

    def add(self, a: Fp2Element, b: Fp2Element) -> Fp2Element:
        return (a[0] + b[0]) % self.modulus, (a[1] + b[1]) % self.modulus

    def sub(self, a: Fp2Element, b: Fp2Element) -> Fp2Element:
        return (a[0] - b[0]) % self.modulus, (a[1] - b[1]) % self.modulus

    def mul(self, a: Fp2Element, b: Fp2Element) -> Fp2Element:
        return (a[0] * b[0] - a[1] * b[1]) % self.modulus, (a[0] * b[1] + a[1] * b[0]) % self.modulus

    def inverse(self, a: Fp2Element) -> Fp2Element:
        """(c0 - c1·u) / (c0² + c1²)."""
        norm = pow(a[0] * a[0] + a[1] * a[1], -1, self.modulus)
        return a[0] * norm % self.modulus, -a[1] * norm % self.modulus

    def conjugate(self, a: Fp2Element) -> Fp2Element:
        """a^p."""
        return a[0], -a[1] % self.modulus

    def power(self, a: Fp2Element, exponent: int) -> Fp2Element:
        """a^exponent by squaring and multiplying; exponent >= 0."""
        result = self.one
        for bit in bin(exponent)[2:]:
            result = self.mul(result, result)
            if bit == "1":
                result = self.mul(result, a)
        return result

    def decode(self, data: bytes) -> Fp2Element:
        """From Montgomery bytes, c0 first; raises ``NonCanonicalNumber``."""
        c0, c1 = unpack_montgomery(self.base, data)
        return c0, c1

    def encode(self, a: Fp2Element) -> bytes:
        return pack_montgomery(self.base, a)


class Group(Generic[E]):
    """y² = x³ + b over ``field``, and its subgroup of order r; methods in the order a reader needs them."""

    def __init__(self, name: str, field: CoordinateField[E], b: E, order: int) -> None:
        self.name = name
        self.field = field
        self.b = b
        self.order = order
        self.infinity: tuple[E, E, E] = (field.one, field.one, field.zero)

    def is_on_curve(self, point: tuple[E, E]) -> bool:
        """Whether an affine point satisfies the curve equation."""
        x, y = point
        mul = self.field.mul
        return mul(y, y) == self.field.add(mul(mul(x, x), x), self.b)

    def lift(self, point: tuple[E, E] | None) -> tuple[E, E, E]:
        """Affine to Jacobian."""
        return self.infinity if point is None else (point[0], point[1], self.field.one)

    def to_affine(self, point: tuple[E, E, E]) -> tuple[E, E] | None:
        x, y, z = point
        if z == self.field.zero:
            return None
        mul = self.field.mul
        i = self.field.inverse(z)
        ii = mul(i, i)
        return mul(x, ii), mul(y, mul(ii, i))

    def double(self, point: tuple[E, E, E]) -> tuple[E, E, E]:
        """2·point, [EFD] dbl-2009-l; total, as a point of order 2 gives Z = 0 and 2·infinity keeps it."""
        add, sub, mul = self.field.add, self.field.sub, self.field.mul
        x, y, z = point
        a, b = mul(x, x), mul(y, y)
        c = mul(b, b)
        xb = add(x, b)
        d = sub(sub(mul(xb, xb), a), c)
        d = add(d, d)  # 4·x·y²
        e = add(add(a, a), a)  # 3·x²
        x3 = sub(mul(e, e), add(d, d))
        c8 = add(c, c)
        c8 = add(c8, c8)
        c8 = add(c8, c8)
        yz = mul(y, z)
        return x3, sub(mul(e, sub(d, x3)), c8), add(yz, yz)

    def add(self, left: tuple[E, E, E], right: tuple[E, E, E]) -> tuple[E, E, E]:
        """left + right for any two points, [EFD] add-1998-cmo-2 with its exceptional cases."""
        sub, mul = self.field.sub, self.field.mul
        zero = self.field.zero
        (x1, y1, z1), (x2, y2, z2) = left, right
        if z1 == zero:
            return right
        if z2 == zero:
            return left
        z1z1, z2z2 = mul(z1, z1), mul(z2, z2)
        u1, u2 = mul(x1, z2z2), mul(x2, z1z1)
        s1, s2 = mul(y1, mul(z2, z2z2)), mul(y2, mul(z1, z1z1))
        h, r = sub(u2, u1), sub(s2, s1)
        if h == zero:
            return self.double(left) if r == zero else self.infinity
        hh = mul(h, h)
        hhh, v = mul(h, hh), mul(u1, hh)
        x3 = sub(sub(sub(mul(r, r), hhh), v), v)
        return x3, sub(mul(r, sub(v, x3)), mul(s1, hhh)), mul(mul(z1, z2), h)

    def mul(self, scalar: int, point: tuple[E, E] | None) -> tuple[E, E, E]:
        """scalar·point by doubling and adding, highest bit first; scalar >= 0, not reduced."""
        base, total = self.lift(point), self.infinity
        for bit in bin(scalar)[2:]:
            total = self.double(total)
            if bit == "1":
                total = self.add(total, base)
        return total

    def msm(self, scalars: Sequence[int], bases: Sequence[tuple[E, E] | None]) -> tuple[E, E] | None:
        """Σ scalars[i]·bases[i], by doubling and adding for all of them together; scalars >= 0."""
        terms = [(scalar, self.lift(base)) for scalar, base in zip(scalars, bases, strict=True)]
        total = self.infinity
        for bit in reversed(range(max(scalars, default=0).bit_length())):
            total = self.double(total)
            for scalar, base in terms:
                if scalar >> bit & 1:
                    total = self.add(total, base)
        return self.to_affine(total)

    def sum(self, points: Sequence[tuple[E, E] | None]) -> tuple[E, E] | None:
        """Sum of affine points."""
        return self.msm([1] * len(points), points)

    def unpack(self, data: Buffer, what: str = "points", count: int | None = None) -> list[tuple[E, E] | None]:
        """Affine points of a buffer, all zero bytes being infinity; curve membership is not looked at here.

        Raises:
            MalformedInput: not a whole number of points, or not ``count`` of them.
            NonCanonicalNumber: a coordinate is not below p; the message gives the index of the point.
        """
        size = self.field.num_bytes
        out: list[tuple[E, E] | None] = []
        for index, chunk in enumerate(split(data, 2 * size, what, count)):
            try:
                x, y = self.field.decode(chunk[:size]), self.field.decode(chunk[size:])
            except NonCanonicalNumber:
                raise NonCanonicalNumber(f"{what}: {self.name} point {index} has a coordinate not below p") from None
            out.append((x, y) if any(chunk) else None)
        return out

    def pack(self, points: Sequence[tuple[E, E] | None]) -> bytes:
        encode, size = self.field.encode, self.field.num_bytes
        return b"".join(bytes(2 * size) if q is None else encode(q[0]) + encode(q[1]) for q in points)

    def check(self, data: Buffer, *, allow_infinity: bool) -> None:
        """Curve and subgroup membership of every point, by definition: r·Q = infinity.

        Raises:
            NonCanonicalNumber, InvalidPoint: with the index of the first offending point and the reason.
        """
        for index, chunk in enumerate(split(data, 2 * self.field.num_bytes, "points")):
            try:
                point = self.unpack(chunk)[0]
            except NonCanonicalNumber:
                raise NonCanonicalNumber(f"{self.name} point {index} has a coordinate not below p") from None
            if point is None:
                if not allow_infinity:
                    raise InvalidPoint(f"{self.name} point {index} is infinity")
            elif not self.is_on_curve(point):
                raise InvalidPoint(f"{self.name} point {index} is not on the curve")
            elif self.to_affine(self.mul(self.order, point)) is not None:
                raise InvalidPoint(f"{self.name} point {index} is not in the subgroup of order r")


@dataclass(frozen=True)
class Groups:
    """G1 and G2 of one curve, and the field of G2's coordinates."""

    curve: PairingCurve
    fp2: Fp2
    g1: Group[int]
    g2: Group[Fp2Element]


@functools.cache
def groups(name: str) -> Groups:
    """The groups of the curve called ``name``; ``ValueError`` when no kernel knows it."""
    if name not in CURVES:
        raise ValueError(f"unknown curve {name!r}")
    curve = CURVES[name]
    fp2, r = Fp2(curve.fp), curve.fr.modulus
    return Groups(curve, fp2, Group("G1", Fp(curve.fp), curve.b, r), Group("G2", fp2, curve.twist_b, r))
