/* fp6.h: the cubic extension FIELD6 = FIELD2[v]/(v^3 - xi).  Parameters: FIELD2, FIELD6, and before inclusion
 * E2(mul_by_nonresidue), the product by xi.  Formulas: [DOSD06] section 4 (Karatsuba). */
typedef struct {
    FIELD2 c0, c1, c2;
} FIELD6;

ZKR_INLINE int E6(equal)(const FIELD6 *a, const FIELD6 *b)
{
    return E2(equal)(&a->c0, &b->c0) & E2(equal)(&a->c1, &b->c1) & E2(equal)(&a->c2, &b->c2);
}

ZKR_INLINE void E6(set_zero)(FIELD6 *out) { memset(out, 0, sizeof *out); }

ZKR_INLINE void E6(set_one)(FIELD6 *out)
{
    E6(set_zero)(out);
    E2(set_one)(&out->c0);
}

ZKR_INLINE void E6(add)(FIELD6 *out, const FIELD6 *a, const FIELD6 *b)
{
    E2(add)(&out->c0, &a->c0, &b->c0);
    E2(add)(&out->c1, &a->c1, &b->c1);
    E2(add)(&out->c2, &a->c2, &b->c2);
}

ZKR_INLINE void E6(sub)(FIELD6 *out, const FIELD6 *a, const FIELD6 *b)
{
    E2(sub)(&out->c0, &a->c0, &b->c0);
    E2(sub)(&out->c1, &a->c1, &b->c1);
    E2(sub)(&out->c2, &a->c2, &b->c2);
}

ZKR_INLINE void E6(neg)(FIELD6 *out, const FIELD6 *a)
{
    E2(neg)(&out->c0, &a->c0);
    E2(neg)(&out->c1, &a->c1);
    E2(neg)(&out->c2, &a->c2);
}

/* a*v = xi*a2 + a0*v + a1*v^2. */
ZKR_INLINE void E6(mul_by_v)(FIELD6 *out, const FIELD6 *a)
{
    FIELD2 top;
    E2(mul_by_nonresidue)(&top, &a->c2);
    out->c2 = a->c1;
    out->c1 = a->c0;
    out->c0 = top;
}

/* out = (a + b)*(c + d) - ac - bd = ad + bc. */
ZKR_INLINE void E6(cross)(FIELD2 *out, const FIELD2 *a, const FIELD2 *b, const FIELD2 *c, const FIELD2 *d, const FIELD2 *ac,
                          const FIELD2 *bd)
{
    FIELD2 s, t;
    E2(add)(&s, a, b);
    E2(add)(&t, c, d);
    E2(mul)(&s, &s, &t);
    E2(sub)(&s, &s, ac);
    E2(sub)(out, &s, bd);
}

/* 6 products in FIELD2. */
ZKR_FUNCTION void E6(mul)(FIELD6 *out, const FIELD6 *a, const FIELD6 *b)
{
    FIELD2 t0, t1, t2, x, y, z;
    E2(mul)(&t0, &a->c0, &b->c0);
    E2(mul)(&t1, &a->c1, &b->c1);
    E2(mul)(&t2, &a->c2, &b->c2);
    E6(cross)(&x, &a->c1, &a->c2, &b->c1, &b->c2, &t1, &t2); /* a1*b2 + a2*b1 */
    E6(cross)(&y, &a->c0, &a->c1, &b->c0, &b->c1, &t0, &t1); /* a0*b1 + a1*b0 */
    E6(cross)(&z, &a->c0, &a->c2, &b->c0, &b->c2, &t0, &t2); /* a0*b2 + a2*b0 */
    E2(mul_by_nonresidue)(&x, &x);
    E2(add)(&out->c0, &t0, &x);
    E2(mul_by_nonresidue)(&t2, &t2);
    E2(add)(&out->c1, &y, &t2);
    E2(add)(&out->c2, &z, &t1);
}

ZKR_INLINE void E6(sqr)(FIELD6 *out, const FIELD6 *a) { E6(mul)(out, a, a); }

/* a*b0 for b0 in FIELD2. */
ZKR_INLINE void E6(mul_by_0)(FIELD6 *out, const FIELD6 *a, const FIELD2 *b0)
{
    E2(mul)(&out->c0, &a->c0, b0);
    E2(mul)(&out->c1, &a->c1, b0);
    E2(mul)(&out->c2, &a->c2, b0);
}

/* a*(b0 + b1*v): 5 products. */
ZKR_FUNCTION void E6(mul_by_01)(FIELD6 *out, const FIELD6 *a, const FIELD2 *b0, const FIELD2 *b1)
{
    FIELD2 t0, t1, x, y, z;
    E2(mul)(&t0, &a->c0, b0);
    E2(mul)(&t1, &a->c1, b1);
    E6(cross)(&y, &a->c0, &a->c1, b0, b1, &t0, &t1);
    E2(mul)(&x, &a->c2, b1);
    E2(mul)(&z, &a->c2, b0);
    E2(mul_by_nonresidue)(&x, &x);
    E2(add)(&out->c0, &t0, &x);
    out->c1 = y;
    E2(add)(&out->c2, &z, &t1);
}

/* 0 for 0.  With A = a0^2 - xi*a1*a2, B = xi*a2^2 - a0*a1, C = a1^2 - a0*a2 and F = a0*A + xi*(a2*B + a1*C): (A, B, C)/F. */
ZKR_FUNCTION void E6(inverse_vartime)(FIELD6 *out, const FIELD6 *a)
{
    FIELD2 A, B, C, f, t;
    E2(sqr)(&A, &a->c0);
    E2(mul)(&t, &a->c1, &a->c2);
    E2(mul_by_nonresidue)(&t, &t);
    E2(sub)(&A, &A, &t);
    E2(sqr)(&B, &a->c2);
    E2(mul_by_nonresidue)(&B, &B);
    E2(mul)(&t, &a->c0, &a->c1);
    E2(sub)(&B, &B, &t);
    E2(sqr)(&C, &a->c1);
    E2(mul)(&t, &a->c0, &a->c2);
    E2(sub)(&C, &C, &t);
    E2(mul)(&f, &a->c2, &B);
    E2(mul)(&t, &a->c1, &C);
    E2(add)(&f, &f, &t);
    E2(mul_by_nonresidue)(&f, &f);
    E2(mul)(&t, &a->c0, &A);
    E2(add)(&f, &f, &t);
    E2(inverse_vartime)(&f, &f);
    E2(mul)(&out->c0, &A, &f);
    E2(mul)(&out->c1, &B, &f);
    E2(mul)(&out->c2, &C, &f);
}
