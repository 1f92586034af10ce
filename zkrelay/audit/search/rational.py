"""Rational functions of one variable over F_p, known by their values: interpolation, and the roots of a polynomial.

Polynomials are lists of coefficients, constant first, without zeros at the end; [] is zero.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TypeAlias

Poly: TypeAlias = list[int]
MAX_DEGREE = 64


def trim(f: Poly) -> Poly:
    while f and not f[-1]:
        f.pop()
    return f


def evaluate(f: Sequence[int], x: int, p: int) -> int:
    total = 0
    for k in reversed(f):
        total = (total * x + k) % p
    return total


def multiply(f: Poly, g: Poly, p: int) -> Poly:
    if not f or not g:
        return []
    out = [0] * (len(f) + len(g) - 1)
    for i, a in enumerate(f):
        if a:
            for j, b in enumerate(g):
                out[i + j] += a * b
    return trim([k % p for k in out])


def subtract(f: Poly, g: Poly, p: int) -> Poly:
    size = max(len(f), len(g))
    return trim([((f[i] if i < len(f) else 0) - (g[i] if i < len(g) else 0)) % p for i in range(size)])


def divide(f: Poly, g: Poly, p: int) -> tuple[Poly, Poly]:
    """Quotient and remainder; g is not zero."""
    rest, quotient, inverse = list(f), [0] * max(len(f) - len(g) + 1, 0), pow(g[-1], -1, p)
    for shift in range(len(f) - len(g), -1, -1):
        factor = rest[shift + len(g) - 1] * inverse % p
        quotient[shift] = factor
        if factor:
            for i, k in enumerate(g):
                rest[shift + i] = (rest[shift + i] - factor * k) % p
    return trim(quotient), trim(rest[: len(g) - 1] if len(f) >= len(g) else rest)


def gcd(f: Poly, g: Poly, p: int) -> Poly:
    """The monic greatest common divisor; [] for two zeros."""
    while g:
        f, g = g, divide(f, g, p)[1]
    return monic(f, p)


def monic(f: Poly, p: int) -> Poly:
    if not f:
        return f
    inverse = pow(f[-1], -1, p)
    return [k * inverse % p for k in f]


def power(f: Poly, exponent: int, modulus: Poly, p: int) -> Poly:
    """f^exponent modulo the polynomial ``modulus``."""
    out: Poly = divide([1], modulus, p)[1]
    for bit in bin(exponent)[2:]:
        out = divide(multiply(out, out, p), modulus, p)[1]
        if bit == "1":
            out = divide(multiply(out, f, p), modulus, p)[1]
    return out


def roots(f: Poly, p: int, rng: random.Random) -> list[int]:
    """The distinct roots of f ≠ 0 in F_p, ascending: gcd(xᵖ - x, f), split by Cantor and Zassenhaus."""
    if p < 1000:
        return [x for x in range(p) if not evaluate(f, x, p)]
    if len(f) < 2:
        return []
    product = gcd(f, subtract(power([0, 1], p, f, p), [0, 1], p), p)
    found: list[int] = []
    waiting = [product]
    while waiting:
        g = waiting.pop()
        if len(g) == 2:
            found.append(-g[0] * pow(g[1], -1, p) % p)
        elif len(g) > 2:
            half = power([rng.randrange(p), 1], (p - 1) // 2, g, p)
            part = gcd(g, subtract(half, [1], p), p)
            if 1 < len(part) < len(g):
                waiting += [part, divide(g, part, p)[0]]
            else:
                waiting.append(g)
    return sorted(found)


def interpolate(xs: Sequence[int], ys: Sequence[int], p: int) -> tuple[Poly, Poly]:
    """Newton: the polynomial of degree below n through n points with distinct xs; and Π(X - x)."""
    f: Poly = []
    through: Poly = [1]
    for x, y in zip(xs, ys, strict=True):
        step = (y - evaluate(f, x, p)) * pow(evaluate(through, x, p), -1, p) % p
        f = subtract(f, [-step * k % p for k in through], p)
        through = multiply(through, [-x % p, 1], p)
    return f, through


def reconstruct(xs: Sequence[int], ys: Sequence[int], p: int) -> tuple[Poly, Poly] | None:
    """Cauchy: n, d with n(x) = y·d(x) on the points, of degrees that leave at least two points to check it; or None.

    The extended Euclidean algorithm on Π(X - x) and the interpolating polynomial, stopped where both are smallest.
    """
    f, through = interpolate(xs, ys, p)
    before, now = through, f
    d_before: Poly = []
    d_now: Poly = [1]
    best: tuple[Poly, Poly] | None = None
    size = len(xs) + 1
    while True:
        if len(now) + len(d_now) < size:
            best, size = (now, d_now), len(now) + len(d_now)
        if not now:
            break
        quotient, rest = divide(before, now, p)
        before, now = now, rest
        d_before, d_now = d_now, subtract(d_before, multiply(quotient, d_now, p), p)
    if best is None or size > len(xs) - 2:
        return None
    common = gcd(*best, p)
    n, d = (divide(f, common, p)[0] for f in best) if len(common) > 1 else best
    # where n and d had a common zero, the Euclidean algorithm says nothing about y
    fits = all(evaluate(n, x, p) == y * evaluate(d, x, p) % p for x, y in zip(xs, ys, strict=True))
    return (n, d) if fits else None


def numerator(
    function: Callable[[int], int | None], p: int, rng: random.Random, *, max_degree: int = MAX_DEGREE
) -> Poly | None:
    """The numerator of a rational function given as a black box (None where it has no value); None when none fits.

    Samples double until numerator and denominator of degree up to ``max_degree`` together leave two samples over.
    """
    xs: list[int] = []
    ys: list[int] = []
    size, tries = 6, 0
    while size <= 2 * max_degree + 6:
        while len(xs) < size:
            x = rng.randrange(p)
            tries += 1
            if tries > 4 * size + 64:
                return None
            y = function(x) if x not in xs else None
            if y is not None:
                xs.append(x)
                ys.append(y)
        if (fitting := reconstruct(xs, ys, p)) is not None:
            return fitting[0]
        size *= 2
    return None


def resultant(f: Poly, g: Poly, p: int) -> int:
    """Res(f, g) by Euclid; 0 when one of them is zero."""
    if not f or not g:
        return 0
    out = 1
    while len(g) > 1:
        rest = divide(f, g, p)[1]
        m, n = len(f) - 1, len(g) - 1
        if not rest:
            return 0
        if m * n % 2:
            out = -out
        out = out * pow(g[-1], m - (len(rest) - 1), p) % p
        f, g = g, rest
    return out * pow(g[0], len(f) - 1, p) % p
