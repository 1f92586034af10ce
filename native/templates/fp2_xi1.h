/* fp2_xi1.h: the product by xi = 1 + u in FIELD2: (a0 - a1) + (a0 + a1)*u. */
ZKR_INLINE void E2(mul_by_nonresidue)(FIELD2 *out, const FIELD2 *a)
{
    FIELD c0 = a->c0;
    FE(sub)(&out->c0, &c0, &a->c1);
    FE(add)(&out->c1, &c0, &a->c1);
}

/* 3*(a + xi*b) - 2*z. */
ZKR_INLINE void E2(triple_twisted)(FIELD2 *out, const FIELD2 *a, const FIELD2 *b, const FIELD2 *z)
{
    FIELD2 t, d;
    E2(mul_by_nonresidue)(&t, b);
    E2(add)(&t, &t, a);
    E2(sub)(&d, &t, z);
    E2(dbl)(&d, &d);
    E2(add)(out, &d, &t);
}
