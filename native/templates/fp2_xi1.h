/* fp2_xi1.h: the product by xi = 1 + u in FIELD2: (a0 - a1) + (a0 + a1)*u. */
ZKR_INLINE void E2(mul_by_nonresidue)(FIELD2 *out, const FIELD2 *a)
{
    FIELD c0 = a->c0;
    FE(sub)(&out->c0, &c0, &a->c1);
    FE(add)(&out->c1, &c0, &a->c1);
}
