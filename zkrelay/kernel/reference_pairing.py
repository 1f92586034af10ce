"""The optimal ate pairing over Python integers ([Ver10]), for the reference kernel.

BN254:     e(P, Q) = (f_{6x+2,Q}(P) · l_{[6x+2]Q, π(Q)}(P) · l_{[6x+2]Q+π(Q), -π²(Q)}(P))^((p¹²-1)/r).
BLS12-381: e(P, Q) = f_{x,Q}(P)^((p¹²-1)/r), where f_{x,Q} = 1/f_{-x,Q} for its negative x.

Fp12 is written as Fp2[w]/(w⁶ - ξ): six Fp2 coefficients of 1, w, .., w⁵.  It is the tower of ``zkrelay.curves``
(v = w²), where the coefficient of w^i·v^j is that of w^(i+2j).
"""

from __future__ import annotations

import functools

from .reference_groups import Fp2Element, Groups, groups

Fp12Element = tuple[Fp2Element, ...]
AffineG1 = tuple[int, int] | None
AffineG2 = tuple[Fp2Element, Fp2Element] | None

ONE: Fp12Element = ((1, 0), *[(0, 0)] * 5)


class Pairing:
    """The arithmetic of Fp12, the Miller loop and the final exponentiation of one curve."""

    def __init__(self, parts: Groups) -> None:
        curve = parts.curve
        self.curve, self.fp2 = curve, parts.fp2
        self.p = curve.fp.modulus
        # (p¹² - 1)/r = (p⁶ - 1)·(p² + 1)·h, and h = Σ h_i·p^i.
        h, remainder = divmod(self.p**4 - self.p**2 + 1, curve.fr.modulus)
        assert remainder == 0
        self.hard_digits = [h // self.p**i % self.p for i in range(4)]
        # The untwist is ψ(x, y) = (x·w², y·w³) for a D-type twist and (x/w², y/w³) for an M-type one.  Frobenius a^p
        # conjugates Fp2 and maps w^k to ξ^(k(p-1)/6)·w^k, so on the twist π(x, y) = (x̄·ξ^(±(p-1)/3), ȳ·ξ^(±(p-1)/2)).
        self.frobenius_w = [self.fp2.power(curve.xi, k * (self.p - 1) // 6) for k in range(6)]
        factors = self.frobenius_w[2:4]
        self.frobenius_x, self.frobenius_y = map(self.fp2.inverse, factors) if curve.is_m_type else factors

    def mul(self, a: Fp12Element, b: Fp12Element) -> Fp12Element:
        """a·b: the schoolbook product of polynomials in w, reduced by w⁶ = ξ."""
        c0, c1, xi, p = [0] * 11, [0] * 11, self.curve.xi, self.p
        for j, (b0, b1) in enumerate(b):
            if b0 or b1:  # half of a line is zero
                for i, (a0, a1) in enumerate(a):
                    c0[i + j] += a0 * b0 - a1 * b1
                    c1[i + j] += a0 * b1 + a1 * b0
        for i in range(5):
            high = (c0[i + 6], c1[i + 6])
            c0[i] += xi[0] * high[0] - xi[1] * high[1]
            c1[i] += xi[0] * high[1] + xi[1] * high[0]
        return tuple((c0[i] % p, c1[i] % p) for i in range(6))

    def power(self, a: Fp12Element, exponent: int) -> Fp12Element:
        """a^exponent by squaring and multiplying; exponent >= 0."""
        result = ONE
        for bit in bin(exponent)[2:]:
            result = self.mul(result, result)
            if bit == "1":
                result = self.mul(result, a)
        return result

    def frobenius(self, a: Fp12Element) -> Fp12Element:
        """a^p."""
        return tuple(self.fp2.mul(self.fp2.conjugate(c), factor) for c, factor in zip(a, self.frobenius_w, strict=True))

    def inverse(self, a: Fp12Element) -> Fp12Element:
        """a^(p + p² + … + p¹¹) / N, as the norm N = a^(1 + p + … + p¹¹) lies in Fp; a is not zero."""
        conjugates, rest = a, ONE
        for _ in range(11):
            conjugates = self.frobenius(conjugates)
            rest = self.mul(rest, conjugates)
        norm = self.mul(a, rest)[0][0]
        return self.mul(rest, ((pow(norm, -1, self.p), 0), *ONE[1:]))

    def frobenius_twist(self, point: tuple[Fp2Element, Fp2Element]) -> tuple[Fp2Element, Fp2Element]:
        """ψ⁻¹ ∘ (p-power Frobenius) ∘ ψ."""
        x, y = map(self.fp2.conjugate, point)
        return self.fp2.mul(x, self.frobenius_x), self.fp2.mul(y, self.frobenius_y)

    def line_and_sum(
        self, t: tuple[Fp2Element, Fp2Element], q: tuple[Fp2Element, Fp2Element], point: tuple[int, int]
    ) -> tuple[Fp12Element, tuple[Fp2Element, Fp2Element]]:
        """The line through ψ(t) and ψ(q) (the tangent if t = q) at ``point``, and t + q; affine.

        A slope λ on a D-type twist is λ·w after ψ, so l = y_P - λ·x_P·w + (λ·x_t - y_t)·w³.  On an M-type twist it is
        λ/w, and the line, times w³, is y_P·w³ - λ·x_P·w² + (λ·x_t - y_t).
        t = -q never happens here: the loop's multiples of q stay below the prime order of q.
        """
        field, p = self.fp2, self.p
        (xt, yt), (xq, yq) = t, q
        if t == q:
            xx = field.mul(xt, xt)
            slope = field.mul(field.add(field.add(xx, xx), xx), field.inverse(field.add(yt, yt)))
        else:
            slope = field.mul(field.sub(yq, yt), field.inverse(field.sub(xq, xt)))
        x3 = field.sub(field.sub(field.mul(slope, slope), xt), xq)
        y3 = field.sub(field.mul(slope, field.sub(xt, x3)), yt)
        middle = (-slope[0] * point[0] % p, -slope[1] * point[0] % p)
        last = field.sub(field.mul(slope, xt), yt)
        zero, first = field.zero, (point[1], 0)
        line = (
            (last, zero, middle, first, zero, zero) if self.curve.is_m_type else (first, middle, zero, last, zero, zero)
        )
        return line, (x3, y3)

    def miller_loop(self, p: AffineG1, q: AffineG2) -> Fp12Element:
        """The product of lines above, before the final exponentiation; 1 when a point is infinity."""
        if p is None or q is None:
            return ONE
        f, t = ONE, q
        for bit in bin(abs(self.curve.miller_loop))[3:]:
            line, t = self.line_and_sum(t, t, p)
            f = self.mul(self.mul(f, f), line)
            if bit == "1":
                line, t = self.line_and_sum(t, q, p)
                f = self.mul(f, line)
        if self.curve.miller_loop != self.curve.seed:  # 6x + 2, and not x
            return self._two_more_lines(f, t, p, q)
        return self.conjugate(f) if self.curve.seed < 0 else f

    def _two_more_lines(
        self,
        f: Fp12Element,
        t: tuple[Fp2Element, Fp2Element],
        p: tuple[int, int],
        q: tuple[Fp2Element, Fp2Element],
    ) -> Fp12Element:
        """What a Barreto-Naehrig curve has behind the loop."""
        q1 = self.frobenius_twist(q)
        x2, y2 = self.frobenius_twist(q1)
        line, t = self.line_and_sum(t, q1, p)
        f = self.mul(f, line)
        line, t = self.line_and_sum(t, (x2, self.fp2.sub(self.fp2.zero, y2)), p)
        return self.mul(f, line)

    def conjugate(self, a: Fp12Element) -> Fp12Element:
        """a^(p⁶): w becomes -w.  The final exponentiation sends it to the inverse of what it makes of a."""
        return tuple(c if k % 2 == 0 else self.fp2.sub(self.fp2.zero, c) for k, c in enumerate(a))

    def final_exponentiation(self, f: Fp12Element) -> Fp12Element:
        """f^((p¹² - 1)/r): g = f^((p⁶-1)(p²+1)), then g^h = Π (g^(p^i))^h_i with one chain of squares for the four."""
        g = self.mul(self.conjugate(f), self.inverse(f))
        g = self.mul(self.frobenius(self.frobenius(g)), g)
        products = [ONE]  # of the g^(p^i) that the bits of an index name
        for _ in self.hard_digits:
            products += [self.mul(product, g) for product in products]
            g = self.frobenius(g)
        result = ONE
        for bit in reversed(range(self.p.bit_length())):
            result = self.mul(result, result)
            index = sum((digit >> bit & 1) << i for i, digit in enumerate(self.hard_digits))
            if index:
                result = self.mul(result, products[index])
        return result

    def pairing(self, p: AffineG1, q: AffineG2) -> Fp12Element:
        """The reduced pairing of points of the subgroups of order r."""
        return self.final_exponentiation(self.miller_loop(p, q))


@functools.cache
def pairing_of(name: str) -> Pairing:
    """The pairing of the curve called ``name``; ``ValueError`` when no kernel knows it."""
    return Pairing(groups(name))


def tower_coefficients(a: Fp12Element) -> list[int]:
    """The 12 integers in the order of ``zkr_pairing_vartime``: c[i][j][k] of w^i·v^j·u^k."""
    return [a[i + 2 * j][k] for i in range(2) for j in range(3) for k in range(2)]
