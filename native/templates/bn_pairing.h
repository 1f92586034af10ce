/* bn_pairing.h: what is a Barreto-Naehrig curve's own in the optimal ate pairing with a D-type twist, and membership in G2.
 * Parameters: CURVE, GROUP1, GROUP2, FIELD, FIELD2, FIELD6, FIELD12.
 *
 * e(P, Q) = (f_{6x+2,Q}(P) * l_{[6x+2]Q,pi(Q)}(P) * l_{[6x+2]Q+pi(Q),-pi^2(Q)}(P))^((p^12-1)/r)  ([Ver10]), x > 0.
 * With w^6 = xi the twist's (x, y) lies on the curve at (x*w^2, y*w^3), and a line of slope lambda*w is
 * y_P - lambda*x_P*w + (lambda*x_T - y_T)*w^3.  Hard part of the exponent: [SBCPK09] section 5, exact.
 */
#define G1(name) ZKR_JOIN(GROUP1, name)
#define G2(name) ZKR_JOIN(GROUP2, name)

/* pi, the Frobenius endomorphism of the curve carried to the twist ("psi" in [Scott21]). */
ZKR_FUNCTION void CU(twist_frobenius)(G2(affine) *out, const G2(affine) *q)
{
    E2(conjugate)(&out->x, &q->x);
    E2(mul)(&out->x, &out->x, &CU(frobenius1)[2]);
    E2(conjugate)(&out->y, &q->y);
    E2(mul)(&out->y, &out->y, &CU(frobenius1)[3]);
}

ZKR_FUNCTION void CU(twist_frobenius_xyzz)(G2(xyzz) *out, const G2(xyzz) *q)
{
    E2(conjugate)(&out->x, &q->x);
    E2(mul)(&out->x, &out->x, &CU(frobenius1)[2]);
    E2(conjugate)(&out->y, &q->y);
    E2(mul)(&out->y, &out->y, &CU(frobenius1)[3]);
    E2(conjugate)(&out->zz, &q->zz);
    E2(conjugate)(&out->zzz, &q->zzz);
}

/* For a point of the twist: whether (x+1)Q + psi(xQ) + psi^2(xQ) = psi^3(2xQ), which holds exactly on the subgroup of
 * order r.  The proof is in params/generate.py (check_subgroup_test), which also checks its conditions on the numbers. */
ZKR_FUNCTION int G2(is_in_subgroup)(const G2(affine) *q)
{
    static const uint64_t seed = CU(SEED);
    G2(xyzz) xq, sum, image;
    G2(mul_vartime)(&xq, q, &seed, 1);
    G2(xyzz_add_affine)(&sum, &xq, q);
    CU(twist_frobenius_xyzz)(&image, &xq);
    G2(xyzz_add)(&sum, &sum, &image);
    CU(twist_frobenius_xyzz)(&image, &image);
    G2(xyzz_add)(&sum, &sum, &image);
    CU(twist_frobenius_xyzz)(&image, &image);
    G2(xyzz_dbl)(&image, &image);
    G2(xyzz_neg)(&image, &image);
    G2(xyzz_add)(&sum, &sum, &image);
    return G2(xyzz_is_infinity)(&sum);
}

/* f <- f * line(p). */
ZKR_INLINE void CU(mul_by_line)(FIELD12 *f, CU(line) *line, const G1(affine) *p)
{
    E2(mul_by_base)(&line->l0, &line->l0, &p->y);
    E2(mul_by_base)(&line->l3, &line->l3, &p->x);
    E12(mul_by_line)(f, f, &line->l0, &line->l3, &line->l4);
}

ZKR_INLINE void CU(add_step_into)(FIELD12 *f, CU(miller_pair) *pair, const G2(affine) *q)
{
    CU(line) line;
    CU(add_step)(&line, &pair->t, q);
    CU(mul_by_line)(f, &line, &pair->p);
}

/* f <- f * line(p) for a line divided by its l0 and a P given as x/y, 1/y. */
ZKR_INLINE void CU(mul_by_fixed_line)(FIELD12 *f, CU(fixed_pair) *pair)
{
    CU(fixed_line) line;
    CU(next_fixed_line)(&line, pair);
    E2(mul_by_base)(&line.l3, &line.l3, &pair->x_over_y);
    E2(mul_by_base)(&line.l4, &line.l4, &pair->inverse_y);
    E12(mul_by_line_1)(f, f, &line.l3, &line.l4);
}

/* What is added behind the loop: pi(Q) and -pi^2(Q). */
enum { CU(TAIL_LINES) = 2 };
ZKR_FUNCTION void CU(tail_points)(G2(affine) *out, const G2(affine) *q)
{
    CU(twist_frobenius)(&out[0], q);
    CU(twist_frobenius)(&out[1], &out[0]);
    G2(negate)(&out[1], &out[1]);
}

/* The lines behind the loop. */
ZKR_FUNCTION void CU(miller_tail)(FIELD12 *f, CU(miller_pair) *pairs, size_t n, CU(fixed_pair) *fixed, size_t num_fixed)
{
    for (size_t k = 0; k < n; k++) {
        G2(affine) q[CU(TAIL_LINES)];
        CU(tail_points)(q, &pairs[k].q);
        for (int i = 0; i < CU(TAIL_LINES); i++) CU(add_step_into)(f, &pairs[k], &q[i]);
    }
    for (size_t k = 0; k < num_fixed; k++) {
        for (int i = 0; i < CU(TAIL_LINES); i++) CU(mul_by_fixed_line)(f, &fixed[k]);
    }
}

/* Whether Q, a point of the twist, is in the subgroup of order r, for t as a Miller loop of Q leaves it.
 *
 * t = (6x+2)Q + psi(Q) - psi^2(Q), and the test is t = -psi^3(Q): a polynomial in psi as above, with conditions that
 * params/generate.py checks in the same way.  On the subgroup the loop meets no exceptional addition, as
 * 6x + 2 < r and none of the sums of powers of p on the way is 0 mod r.  Outside it may; then Z = 0 from there on (the formulas
 * send T + T, and infinity + Q, to (0, 0, 0), which stays), and is refused. */
ZKR_FUNCTION int CU(ends_in_subgroup)(const CU(projective) *t, const G2(affine) *q)
{
    G2(affine) image;
    FIELD2 x, y;
    CU(twist_frobenius)(&image, q);
    CU(twist_frobenius)(&image, &image);
    CU(twist_frobenius)(&image, &image);
    E2(mul)(&x, &image.x, &t->z);
    E2(mul)(&y, &image.y, &t->z);
    E2(neg)(&y, &y);
    return !E2(is_zero)(&t->z) && E2(equal)(&x, &t->x) && E2(equal)(&y, &t->y);
}

/* out = a^x for a of order dividing p^4 - p^2 + 1, where inverses are free: x in width-4 signed digits. */
ZKR_FUNCTION void CU(pow_seed)(FIELD12 *out, const FIELD12 *a)
{
    FIELD12 odd[4], square, factor, result;
    odd[0] = *a;
    E12(cyclotomic_sqr)(&square, a);
    for (int i = 1; i < 4; i++) E12(mul)(&odd[i], &odd[i - 1], &square);
    result = odd[(CU(seed_digits)[CU(SEED_DIGITS) - 1] - 1) / 2];
    for (int i = CU(SEED_DIGITS) - 2; i >= 0; i--) {
        int digit = CU(seed_digits)[i];
        E12(cyclotomic_sqr)(&result, &result);
        if (digit == 0) continue;
        factor = odd[((digit < 0 ? -digit : digit) - 1) / 2];
        if (digit < 0) E12(conjugate)(&factor, &factor);
        E12(mul)(&result, &result, &factor);
    }
    *out = result;
}

/* f^((p^12-1)/r): p^6-1, then p^2+1, then (p^4-p^2+1)/r = p^3 + (6x^2+1)p^2 + (1-12x-18x^2-36x^3)p - (2+18x+30x^2+36x^3). */
ZKR_FUNCTION void CU(final_exponentiation)(FIELD12 *out, const FIELD12 *in)
{
    FIELD12 f, t, fx, fx2, fx3, y0, y1, y2, y3, y4, y5, y6, t0, t1;
    E12(inverse_vartime)(&t, in);
    E12(conjugate)(&f, in);
    E12(mul)(&f, &f, &t);
    E12(frobenius)(&t, &f, 2);
    E12(mul)(&f, &f, &t);

    CU(pow_seed)(&fx, &f);
    CU(pow_seed)(&fx2, &fx);
    CU(pow_seed)(&fx3, &fx2);
    E12(frobenius)(&y0, &f, 1); /* y0 = f^p * f^(p^2) * f^(p^3) */
    E12(frobenius)(&t, &f, 2);
    E12(mul)(&y0, &y0, &t);
    E12(frobenius)(&t, &f, 3);
    E12(mul)(&y0, &y0, &t);
    E12(conjugate)(&y1, &f);         /* 1/f */
    E12(frobenius)(&y2, &fx2, 2);    /* (f^(x^2))^(p^2) */
    E12(frobenius)(&y3, &fx, 1);     /* 1/(f^x)^p */
    E12(conjugate)(&y3, &y3);
    E12(frobenius)(&y4, &fx2, 1);    /* 1/(f^x * (f^(x^2))^p) */
    E12(mul)(&y4, &y4, &fx);
    E12(conjugate)(&y4, &y4);
    E12(conjugate)(&y5, &fx2);       /* 1/f^(x^2) */
    E12(frobenius)(&y6, &fx3, 1);    /* 1/(f^(x^3) * (f^(x^3))^p) */
    E12(mul)(&y6, &y6, &fx3);
    E12(conjugate)(&y6, &y6);
    /* y0 * y1^2 * y2^6 * y3^12 * y4^18 * y5^30 * y6^36 by a vectorial addition chain ([SBCPK09] section 5) */
    E12(cyclotomic_sqr)(&t0, &y6);
    E12(mul)(&t0, &t0, &y4);
    E12(mul)(&t0, &t0, &y5);
    E12(mul)(&t1, &y3, &y5);
    E12(mul)(&t1, &t1, &t0);
    E12(mul)(&t0, &t0, &y2);
    E12(cyclotomic_sqr)(&t1, &t1);
    E12(mul)(&t1, &t1, &t0);
    E12(cyclotomic_sqr)(&t1, &t1);
    E12(mul)(&t0, &t1, &y1);
    E12(mul)(&t1, &t1, &y0);
    E12(cyclotomic_sqr)(&t0, &t0);
    E12(mul)(out, &t0, &t1);
}
#undef G1
#undef G2
