"""The optimal ate pairing of BN254 over Python integers ([Ver10]), for the reference kernel.

e(P, Q) = (f_{6x+2,Q}(P) · l_{[6x+2]Q, π(Q)}(P) · l_{[6x+2]Q+π(Q), -π²(Q)}(P))^((p¹²-1)/r).

Fp12 is written as Fp2[w]/(w⁶ - ξ) with ξ = 9 + u: six Fp2 coefficients of 1, w, .., w⁵.  It is the tower of
``zkrelay.curves.bn254`` (v = w²), where the coefficient of w^i·v^j is that of w^(i+2j).
"""

from __future__ import annotations

from ..curves import bn254
from .reference_groups import FP2, Fp2Element, P, R

Fp12Element = tuple[Fp2Element, ...]
AffineG1 = tuple[int, int] | None
AffineG2 = tuple[Fp2Element, Fp2Element] | None

XI: Fp2Element = bn254.TWIST_XI
ONE: Fp12Element = (FP2.one, *[FP2.zero] * 5)
FINAL_EXPONENT = (P**12 - 1) // R
assert (P**12 - 1) % R == 0


def mul(a: Fp12Element, b: Fp12Element) -> Fp12Element:
    """a·b: the schoolbook product of polynomials in w, reduced by w⁶ = ξ."""
    c0, c1 = [0] * 11, [0] * 11
    for i, (a0, a1) in enumerate(a):
        for j, (b0, b1) in enumerate(b):
            c0[i + j] += a0 * b0 - a1 * b1
            c1[i + j] += a0 * b1 + a1 * b0
    for i in range(5):
        high = (c0[i + 6], c1[i + 6])
        c0[i] += XI[0] * high[0] - XI[1] * high[1]
        c1[i] += XI[0] * high[1] + XI[1] * high[0]
    return tuple((c0[i] % P, c1[i] % P) for i in range(6))


def power(a: Fp12Element, exponent: int) -> Fp12Element:
    """a^exponent by squaring and multiplying."""
    result = ONE
    for bit in bin(exponent)[2:]:
        result = mul(result, result)
        if bit == "1":
            result = mul(result, a)
    return result


def _fp2_power(a: Fp2Element, exponent: int) -> Fp2Element:
    result = FP2.one
    for bit in bin(exponent)[2:]:
        result = FP2.mul(result, result)
        if bit == "1":
            result = FP2.mul(result, a)
    return result


# The untwist is ψ(x, y) = (x·w², y·w³): it maps y² = x³ + 3/ξ to y² = x³ + 3.  Frobenius a -> a^p conjugates Fp2 and
# maps w^k to ξ^(k(p-1)/6)·w^k, so on the twist π(x, y) = (x̄·ξ^((p-1)/3), ȳ·ξ^((p-1)/2)).
_FROBENIUS_X = _fp2_power(XI, (P - 1) // 3)
_FROBENIUS_Y = _fp2_power(XI, (P - 1) // 2)


def frobenius_twist(point: tuple[Fp2Element, Fp2Element]) -> tuple[Fp2Element, Fp2Element]:
    """ψ⁻¹ ∘ (p-power Frobenius) ∘ ψ."""
    (x0, x1), (y0, y1) = point
    return FP2.mul((x0, -x1 % P), _FROBENIUS_X), FP2.mul((y0, -y1 % P), _FROBENIUS_Y)


def line_and_sum(
    t: tuple[Fp2Element, Fp2Element], q: tuple[Fp2Element, Fp2Element], p: tuple[int, int]
) -> tuple[Fp12Element, tuple[Fp2Element, Fp2Element]]:
    """The line through ψ(t) and ψ(q) (the tangent if t = q) at p, and t + q; affine.

    A slope λ on the twist is λ·w after ψ, so l(p) = y_p - λ·x_p·w + (λ·x_t - y_t)·w³.
    t = -q never happens here: the loop's multiples of q stay below the prime order of q.
    """
    (xt, yt), (xq, yq) = t, q
    if t == q:
        xx = FP2.mul(xt, xt)
        slope = FP2.mul(FP2.add(FP2.add(xx, xx), xx), FP2.inverse(FP2.add(yt, yt)))
    else:
        slope = FP2.mul(FP2.sub(yq, yt), FP2.inverse(FP2.sub(xq, xt)))
    x3 = FP2.sub(FP2.sub(FP2.mul(slope, slope), xt), xq)
    y3 = FP2.sub(FP2.mul(slope, FP2.sub(xt, x3)), yt)
    w1 = (-slope[0] * p[0] % P, -slope[1] * p[0] % P)
    w3 = FP2.sub(FP2.mul(slope, xt), yt)
    return ((p[1], 0), w1, FP2.zero, w3, FP2.zero, FP2.zero), (x3, y3)


def miller_loop(p: AffineG1, q: AffineG2) -> Fp12Element:
    """The product of lines above, before the final exponentiation; 1 when a point is infinity."""
    if p is None or q is None:
        return ONE
    f, t = ONE, q
    for bit in bin(bn254.ATE_LOOP_COUNT)[3:]:
        line, t = line_and_sum(t, t, p)
        f = mul(mul(f, f), line)
        if bit == "1":
            line, t = line_and_sum(t, q, p)
            f = mul(f, line)
    q1 = frobenius_twist(q)
    x2, y2 = frobenius_twist(q1)
    line, t = line_and_sum(t, q1, p)
    f = mul(f, line)
    line, t = line_and_sum(t, (x2, FP2.sub(FP2.zero, y2)), p)
    return mul(f, line)


def final_exponentiation(f: Fp12Element) -> Fp12Element:
    """f^((p¹² - 1)/r), by definition."""
    return power(f, FINAL_EXPONENT)


def pairing(p: AffineG1, q: AffineG2) -> Fp12Element:
    """The reduced pairing of points of the subgroups of order r."""
    return final_exponentiation(miller_loop(p, q))


def tower_coefficients(a: Fp12Element) -> list[int]:
    """The 12 integers in the order of ``zkr_pairing_vartime``: c[i][j][k] of w^i·v^j·u^k."""
    return [a[i + 2 * j][k] for i in range(2) for j in range(3) for k in range(2)]
