"""Constants of the endomorphism (x, y) -> (beta*x, y) = lambda*(x, y), y^2 = x^3 + b, for ``generate.py`` ([GLV01])."""

from __future__ import annotations

import math
from collections.abc import Callable

from zkrelay.curves import PrimeField

Fp2 = tuple[int, int]  # an element of Fp is one with second coefficient 0
Point = tuple[Fp2, Fp2]


def fp2_mul(a: Fp2, b: Fp2, p: int) -> Fp2:
    return (a[0] * b[0] - a[1] * b[1]) % p, (a[0] * b[1] + a[1] * b[0]) % p


def fp2_inverse(a: Fp2, p: int) -> Fp2:
    norm = pow(a[0] ** 2 + a[1] ** 2, -1, p)
    return a[0] * norm % p, -a[1] * norm % p


def add(left: Point, right: Point, p: int) -> Point:
    """Chord or tangent; the callers never meet infinity, as all multiples are below the prime order."""
    (x1, y1), (x2, y2) = left, right
    if left == right:
        square = fp2_mul(x1, x1, p)
        rise, run = (3 * square[0], 3 * square[1]), (2 * y1[0], 2 * y1[1])
    else:
        rise, run = (y2[0] - y1[0], y2[1] - y1[1]), (x2[0] - x1[0], x2[1] - x1[1])
    slope = fp2_mul(rise, fp2_inverse(run, p), p)
    square = fp2_mul(slope, slope, p)
    x3 = ((square[0] - x1[0] - x2[0]) % p, (square[1] - x1[1] - x2[1]) % p)
    product = fp2_mul(slope, (x1[0] - x3[0], x1[1] - x3[1]), p)
    return x3, ((product[0] - y1[0]) % p, (product[1] - y1[1]) % p)


def multiple(scalar: int, point: Point, p: int) -> Point:
    out = point
    for bit in bin(scalar)[3:]:
        out = add(out, out, p)
        if bit == "1":
            out = add(out, point, p)
    return out


def scaled(beta: int, point: Point, p: int) -> Point:
    return (beta * point[0][0] % p, beta * point[0][1] % p), point[1]


def constants(
    group: str, base: PrimeField, scalar: PrimeField, generator: Point, limbs: Callable[..., str]
) -> list[str]:
    """Beta, lambda and the rounded lattice basis as C constants; the bound on the parts is computed, not believed.

    k = k1 + k2*lambda mod r with k1, k2 the coordinates of (k, 0) less a near lattice vector.  A row (n, A, B) below
    stands for a basis vector v of {(x, y): x + y*lambda = 0 mod r}: with c = floor(k*n/2^m + 1/2), m the scalar's bits
    in memory, (k1, k2) = (k, 0) + sum c*(A, B), where (A, B) is v or -v modulo 2^bits.
    """
    p, r = base.modulus, scalar.modulus
    beta = next(b for b in (pow(g, (p - 1) // 3, p) for g in range(2, p)) if b != 1)
    eigenvalue = next(v for v in (pow(g, (r - 1) // 3, r) for g in range(2, r)) if v != 1)
    image = multiple(eigenvalue, generator, p)
    if image != scaled(beta, generator, p):
        beta = beta * beta % p
    if image != scaled(beta, generator, p):
        raise SystemExit(f"{group}: no eigenvalue of the endomorphism")
    u, v = (r, 0), (eigenvalue, -1)  # Lagrange's reduction
    while True:
        if u[0] ** 2 + u[1] ** 2 > v[0] ** 2 + v[1] ** 2:
            u, v = v, u
        length = u[0] ** 2 + u[1] ** 2
        quotient = (2 * (u[0] * v[0] + u[1] * v[1]) + length) // (2 * length)
        if quotient == 0:
            break
        v = (v[0] - quotient * u[0], v[1] - quotient * u[1])
    if u[0] * v[1] - u[1] * v[0] < 0:
        u, v = v, u
    if u[0] * v[1] - u[1] * v[0] != r:
        raise SystemExit(f"{group}: not a basis of the lattice")
    shift = 8 * scalar.num_bytes
    # (k, 0) = (k*v1/r)*u - (k*u1/r)*v; each rounding is off by at most 1/2 and the constant's own error
    error = 0.5 + 2.0 ** (scalar.num_bits - shift - 1)
    part_bits = math.ceil(math.log2(error * max(abs(u[0]) + abs(v[0]), abs(u[1]) + abs(v[1]))))
    words = (part_bits + 1 + 63) // 64
    rows = []
    for numerator, vector in ((v[1], u), (-u[1], v)):
        sign = 1 if numerator > 0 else -1
        multiplier = (2 * abs(numerator) * 2**shift + r) // (2 * r)
        reduced = [-sign * coordinate % 2 ** (64 * words) for coordinate in vector]
        rows.append((multiplier, *reduced))
    count = max(1, *((row[0].bit_length() + 63) // 64 for row in rows))
    if max((row[0] * r + 2 ** (shift - 1)).bit_length() for row in rows) > shift + 64 * words:
        raise SystemExit(f"{group}: a coefficient of the lattice vector does not fit")
    limbs52 = (base.num_bits + 4 + 51) // 52
    lines = [
        f"#define {group}_PARTS 2",
        f"#define {group}_PART_BITS {part_bits} /* bits of |k1| and |k2| */",
        f"#define {group}_PART_WORDS {words}",
        f"#define {group}_GLV_WORDS {count}",
        f"static const uint64_t {group}_glv_beta[{base.num_bytes // 8}] = "
        f"{limbs(beta * base.montgomery_r % p, base.num_bytes // 8)};",
        f"static const uint64_t {group}_glv_beta52[{limbs52}] = {limbs(beta * 2 ** (52 * limbs52) % p, limbs52, 52)};",
        f"static const uint64_t {group}_glv_lambda[{shift // 64}] = {limbs(eigenvalue, shift // 64)};",
    ]
    for name, column, size in (("multiplier", 0, count), ("k1", 1, words), ("k2", 2, words)):
        text = ", ".join(limbs(row[column], size) for row in rows)
        lines.append(f"static const uint64_t {group}_glv_{name}[2][{size}] = {{{text}}};")
    return lines
