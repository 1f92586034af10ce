/* fp2_xi9.h: the product by xi = 9 + u in FIELD2: (9*a0 - a1) + (9*a1 + a0)*u. */
ZKR_INLINE void E2(mul_by_nonresidue)(FIELD2 *out, const FIELD2 *a)
{
    FIELD2 nine;
    E2(dbl)(&nine, a);
    E2(dbl)(&nine, &nine);
    E2(dbl)(&nine, &nine);
    E2(add)(&nine, &nine, a);
    FIELD c0 = a->c0;
    FE(sub)(&out->c0, &nine.c0, &a->c1);
    FE(add)(&out->c1, &nine.c1, &c0);
}
