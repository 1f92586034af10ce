/* pairing.h: the optimal ate pairing of a Barreto-Naehrig curve with a D-type twist, and membership in G2.
 * Parameters: CURVE, GROUP1, GROUP2, FIELD, FIELD2, FIELD6, FIELD12.
 *
 * e(P, Q) = (f_{6x+2,Q}(P) * l_{[6x+2]Q,pi(Q)}(P) * l_{[6x+2]Q+pi(Q),-pi^2(Q)}(P))^((p^12-1)/r)  ([Ver10]), x > 0.
 * Lines and points: homogeneous projective formulas of [AKLGL11] section 4.  With w^6 = xi the twist's (x, y) lies on the
 * curve at (x*w^2, y*w^3), and a line of slope lambda*w is y_P - lambda*x_P*w + (lambda*x_T - y_T)*w^3, up to a factor of a
 * subfield that the final exponentiation sends to 1.  Hard part of the exponent: [SBCPK09] section 5, exact.
 */
#define G1(name) ZKR_JOIN(GROUP1, name)
#define G2(name) ZKR_JOIN(GROUP2, name)

typedef struct {
    FIELD2 x, y, z;
} CU(projective);

typedef struct {
    FIELD2 l0, l3, l4;
} CU(line);

typedef struct {
    G1(affine) p;
    G2(affine) q, minus_q;
    CU(projective) t;
} CU(miller_pair);

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

/* t <- 2t, and the tangent at t; still to be evaluated: l0 by y_P, l3 by x_P. */
ZKR_FUNCTION void CU(double_step)(CU(line) *line, CU(projective) *t)
{
    FIELD2 a, b, c, e, f, g, h, square;
    E2(mul)(&a, &t->x, &t->y);
    E2(mul_by_base)(&a, &a, &CU(half)); /* XY/2 */
    E2(sqr)(&b, &t->y);
    E2(sqr)(&c, &t->z);
    E2(add)(&h, &t->y, &t->z);
    E2(sqr)(&h, &h);
    E2(sub)(&h, &h, &b);
    E2(sub)(&h, &h, &c); /* 2YZ */
    E2(dbl)(&e, &c);
    E2(add)(&e, &e, &c);
    E2(mul)(&e, &e, &G2(b)); /* 3bZ^2 */
    E2(dbl)(&f, &e);
    E2(add)(&f, &f, &e);
    E2(add)(&g, &b, &f);
    E2(mul_by_base)(&g, &g, &CU(half)); /* (Y^2 + 9bZ^2)/2 */
    E2(sqr)(&square, &t->x);
    E2(neg)(&line->l0, &h);           /* -2YZ    */
    E2(dbl)(&line->l3, &square);
    E2(add)(&line->l3, &line->l3, &square); /* 3X^2    */
    E2(sub)(&line->l4, &e, &b);       /* 3bZ^2 - Y^2 */
    E2(sub)(&f, &b, &f);
    E2(mul)(&t->x, &a, &f);
    E2(sqr)(&g, &g);
    E2(sqr)(&e, &e);
    E2(sub)(&g, &g, &e);
    E2(sub)(&g, &g, &e);
    E2(sub)(&t->y, &g, &e);
    E2(mul)(&t->z, &b, &h);
}

/* t <- t + q, and the chord through both. */
ZKR_FUNCTION void CU(add_step)(CU(line) *line, CU(projective) *t, const G2(affine) *q)
{
    FIELD2 theta, lambda, c, d, e, f, g, h;
    E2(mul)(&theta, &q->y, &t->z);
    E2(sub)(&theta, &t->y, &theta); /* Y - y*Z */
    E2(mul)(&lambda, &q->x, &t->z);
    E2(sub)(&lambda, &t->x, &lambda); /* X - x*Z */
    line->l0 = lambda;
    E2(neg)(&line->l3, &theta);
    E2(mul)(&c, &theta, &q->x);
    E2(mul)(&d, &lambda, &q->y);
    E2(sub)(&line->l4, &c, &d);
    E2(sqr)(&c, &theta);
    E2(sqr)(&d, &lambda);
    E2(mul)(&e, &lambda, &d);
    E2(mul)(&f, &t->z, &c);
    E2(mul)(&g, &t->x, &d);
    E2(add)(&h, &e, &f);
    E2(sub)(&h, &h, &g);
    E2(sub)(&h, &h, &g);
    E2(mul)(&t->x, &lambda, &h);
    E2(sub)(&g, &g, &h);
    E2(mul)(&g, &theta, &g);
    E2(mul)(&c, &e, &t->y);
    E2(sub)(&t->y, &g, &c);
    E2(mul)(&t->z, &t->z, &e);
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

/* The product of the Miller loops of all pairs, one chain of squarings for all. */
ZKR_FUNCTION void CU(miller_loop)(FIELD12 *f, CU(miller_pair) *pairs, size_t n)
{
    CU(line) line;
    E12(set_one)(f);
    for (int i = CU(ATE_DIGITS) - 2; i >= 0; i--) {
        E12(sqr)(f, f);
        for (size_t k = 0; k < n; k++) {
            CU(double_step)(&line, &pairs[k].t);
            CU(mul_by_line)(f, &line, &pairs[k].p);
            if (CU(ate_digits)[i] > 0) CU(add_step_into)(f, &pairs[k], &pairs[k].q);
            if (CU(ate_digits)[i] < 0) CU(add_step_into)(f, &pairs[k], &pairs[k].minus_q);
        }
    }
    for (size_t k = 0; k < n; k++) {
        G2(affine) q;
        CU(twist_frobenius)(&q, &pairs[k].q);
        CU(add_step_into)(f, &pairs[k], &q);
        CU(twist_frobenius)(&q, &q);
        G2(negate)(&q, &q);
        CU(add_step_into)(f, &pairs[k], &q);
    }
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

    E12(cyclotomic_pow)(&fx, &f, CU(SEED));
    E12(cyclotomic_pow)(&fx2, &fx, CU(SEED));
    E12(cyclotomic_pow)(&fx3, &fx2, CU(SEED));
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

/* Product of the pairings of n checked pairs; a pair with infinity contributes 1. */
ZKR_FUNCTION int CU(pairing_product)(FIELD12 *out, const uint8_t *g1, const uint8_t *g2, size_t n)
{
    CU(miller_pair) *pairs = malloc((n + 1) * sizeof *pairs);
    size_t live = 0;
    if (pairs == NULL) return ZKR_ERR_MEMORY;
    for (size_t i = 0; i < n; i++) {
        CU(miller_pair) *pair = &pairs[live];
        G1(load)(&pair->p, g1 + i * sizeof pair->p);
        G2(load)(&pair->q, g2 + i * sizeof pair->q);
        if (G1(is_infinity)(&pair->p) || G2(is_infinity)(&pair->q)) continue;
        G2(negate)(&pair->minus_q, &pair->q);
        pair->t.x = pair->q.x;
        pair->t.y = pair->q.y;
        E2(set_one)(&pair->t.z);
        live++;
    }
    FIELD12 f;
    CU(miller_loop)(&f, pairs, live);
    CU(final_exponentiation)(out, &f);
    free(pairs);
    return ZKR_OK;
}

ZKR_FUNCTION int CU(pairing_check_vartime)(int *is_one, const uint8_t *g1, const uint8_t *g2, size_t n)
{
    FIELD12 product, one;
    int status = CU(pairing_product)(&product, g1, g2, n);
    if (status != ZKR_OK) return status;
    E12(set_one)(&one);
    *is_one = E12(equal)(&product, &one);
    return ZKR_OK;
}

ZKR_FUNCTION int CU(pairing_vartime)(uint8_t *out, const uint8_t *g1, const uint8_t *g2)
{
    FIELD12 product;
    int status = CU(pairing_product)(&product, g1, g2, 1);
    if (status != ZKR_OK) return status;
    FE(vec_from_montgomery)(out, (const uint8_t *)&product, sizeof product / sizeof(FIELD));
    return ZKR_OK;
}
#undef G1
#undef G2
