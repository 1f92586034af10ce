/* fp12.h: FIELD12 = FIELD6[w]/(w^2 - v), so w^6 = xi.  Parameters: FIELD2, FIELD6, FIELD12, and before inclusion the
 * Frobenius coefficients CU(frobenius1..3)[i] = xi^(i*(p^k - 1)/6). */
typedef struct {
    FIELD6 c0, c1;
} FIELD12;

ZKR_INLINE void E12(set_one)(FIELD12 *out)
{
    E6(set_one)(&out->c0);
    E6(set_zero)(&out->c1);
}

ZKR_INLINE int E12(equal)(const FIELD12 *a, const FIELD12 *b) { return E6(equal)(&a->c0, &b->c0) & E6(equal)(&a->c1, &b->c1); }

/* a^(p^6); the inverse for elements of norm 1. */
ZKR_INLINE void E12(conjugate)(FIELD12 *out, const FIELD12 *a)
{
    out->c0 = a->c0;
    E6(neg)(&out->c1, &a->c1);
}

ZKR_FUNCTION void E12(mul)(FIELD12 *out, const FIELD12 *a, const FIELD12 *b)
{
    FIELD6 t0, t1, s, t;
    E6(add)(&s, &a->c0, &a->c1);
    E6(add)(&t, &b->c0, &b->c1);
    E6(mul)(&t0, &a->c0, &b->c0);
    E6(mul)(&t1, &a->c1, &b->c1);
    E6(mul)(&s, &s, &t);
    E6(sub)(&s, &s, &t0);
    E6(sub)(&out->c1, &s, &t1);
    E6(mul_by_v)(&t1, &t1);
    E6(add)(&out->c0, &t0, &t1);
}

/* (a0 + a1)*(a0 + v*a1) - a0*a1 - v*a0*a1 + 2*a0*a1*w. */
ZKR_FUNCTION void E12(sqr)(FIELD12 *out, const FIELD12 *a)
{
    FIELD6 product, s, t;
    E6(mul)(&product, &a->c0, &a->c1);
    E6(add)(&s, &a->c0, &a->c1);
    E6(mul_by_v)(&t, &a->c1);
    E6(add)(&t, &t, &a->c0);
    E6(mul)(&s, &s, &t);
    E6(sub)(&s, &s, &product);
    E6(mul_by_v)(&t, &product);
    E6(sub)(&out->c0, &s, &t);
    E6(add)(&out->c1, &product, &product);
}

/* a*(l0 + (l3 + l4*v)*w), the shape of a line: 13 products in FIELD2. */
ZKR_FUNCTION void E12(mul_by_line)(FIELD12 *out, const FIELD12 *a, const FIELD2 *l0, const FIELD2 *l3, const FIELD2 *l4)
{
    FIELD6 t0, t1, s;
    FIELD2 l03;
    E6(mul_by_0)(&t0, &a->c0, l0);
    E6(mul_by_01)(&t1, &a->c1, l3, l4);
    E2(add)(&l03, l0, l3);
    E6(add)(&s, &a->c0, &a->c1);
    E6(mul_by_01)(&s, &s, &l03, l4);
    E6(sub)(&s, &s, &t0);
    E6(sub)(&out->c1, &s, &t1);
    E6(mul_by_v)(&t1, &t1);
    E6(add)(&out->c0, &t0, &t1);
}

/* a*(1 + (l3 + l4*v)*w), a line divided by its l0: 10 products. */
ZKR_FUNCTION void E12(mul_by_line_1)(FIELD12 *out, const FIELD12 *a, const FIELD2 *l3, const FIELD2 *l4)
{
    FIELD6 t0, t1;
    E6(mul_by_01)(&t0, &a->c0, l3, l4);
    E6(mul_by_01)(&t1, &a->c1, l3, l4);
    E6(mul_by_v)(&t1, &t1);
    E6(add)(&out->c0, &a->c0, &t1);
    E6(add)(&out->c1, &a->c1, &t0);
}

/* (a0 - a1*w)/(a0^2 - v*a1^2). */
ZKR_FUNCTION void E12(inverse_vartime)(FIELD12 *out, const FIELD12 *a)
{
    FIELD6 norm, t;
    E6(sqr)(&norm, &a->c0);
    E6(sqr)(&t, &a->c1);
    E6(mul_by_v)(&t, &t);
    E6(sub)(&norm, &norm, &t);
    E6(inverse_vartime)(&norm, &norm);
    E6(mul)(&out->c0, &a->c0, &norm);
    E6(neg)(&norm, &norm);
    E6(mul)(&out->c1, &a->c1, &norm);
}

/* a^(p^power) for power 1, 2, 3: the coefficient of w^i is conjugated `power` times and multiplied by xi^(i*(p^power-1)/6). */
ZKR_FUNCTION void E12(frobenius)(FIELD12 *out, const FIELD12 *a, int power)
{
    const FIELD2 *factor = power == 1 ? CU(frobenius1) : power == 2 ? CU(frobenius2) : CU(frobenius3);
    const FIELD2 *in[6] = {&a->c0.c0, &a->c1.c0, &a->c0.c1, &a->c1.c1, &a->c0.c2, &a->c1.c2}; /* by power of w */
    FIELD2 *result[6] = {&out->c0.c0, &out->c1.c0, &out->c0.c1, &out->c1.c1, &out->c0.c2, &out->c1.c2};
    for (int i = 0; i < 6; i++) {
        FIELD2 t = *in[i];
        if (power % 2) E2(conjugate)(&t, &t);
        E2(mul)(result[i], &t, &factor[i]);
    }
}

/* aa = a^2, bb = b^2 and cross = 2*a*b: (a + b*s)^2 = aa + xi*bb + cross*s with s^2 = xi. */
ZKR_INLINE void E12(fp4_sqr)(FIELD2 *aa, FIELD2 *bb, FIELD2 *cross, const FIELD2 *a, const FIELD2 *b)
{
    E2(sqr)(aa, a);
    E2(sqr)(bb, b);
    E2(add)(cross, a, b);
    E2(sqr)(cross, cross);
    E2(sub)(cross, cross, aa);
    E2(sub)(cross, cross, bb);
}

/* out = 3*t + 2*z. */
ZKR_INLINE void E12(triple_plus)(FIELD2 *out, const FIELD2 *t, const FIELD2 *z)
{
    FIELD2 d;
    E2(add)(&d, t, z);
    E2(dbl)(&d, &d);
    E2(add)(out, &d, t);
}

/* a^2 for a of order dividing p^4 - p^2 + 1, from three squares in Fp4 ([GS10] section 3.2). */
ZKR_FUNCTION void E12(cyclotomic_sqr)(FIELD12 *out, const FIELD12 *a)
{
    FIELD2 square[3][2], cross[3], minus_z, zero;
    E12(fp4_sqr)(&square[0][0], &square[0][1], &cross[0], &a->c0.c0, &a->c1.c1);
    E12(fp4_sqr)(&square[1][0], &square[1][1], &cross[1], &a->c1.c0, &a->c0.c2);
    E12(fp4_sqr)(&square[2][0], &square[2][1], &cross[2], &a->c0.c1, &a->c1.c2);
    E2(triple_twisted)(&out->c0.c0, &square[0][0], &square[0][1], &a->c0.c0);
    E2(triple_twisted)(&out->c0.c1, &square[1][0], &square[1][1], &a->c0.c1);
    E2(triple_twisted)(&out->c0.c2, &square[2][0], &square[2][1], &a->c0.c2);
    E2(neg)(&minus_z, &a->c1.c0);
    E2(set_zero)(&zero);
    E2(triple_twisted)(&out->c1.c0, &zero, &cross[2], &minus_z); /* 3*xi*cross + 2*z */
    E12(triple_plus)(&out->c1.c1, &cross[0], &a->c1.c1);
    E12(triple_plus)(&out->c1.c2, &cross[1], &a->c1.c2);
}

/* a^exponent for a as above; exponent is public. */
ZKR_FUNCTION void E12(cyclotomic_pow)(FIELD12 *out, const FIELD12 *a, uint64_t exponent)
{
    FIELD12 base = *a, result = *a;
    for (int bit = 62 - __builtin_clzll(exponent); bit >= 0; bit--) {
        E12(cyclotomic_sqr)(&result, &result);
        if (exponent >> bit & 1) E12(mul)(&result, &result, &base);
    }
    *out = result;
}
