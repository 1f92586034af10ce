/* fp2.h: the quadratic extension FIELD2 = FIELD[u]/(u^2 + 1), for FIELD with p = 3 mod 4.  Parameters: FIELD, FIELD2.
 *
 * c0 + c1*u.  Products keep double-width intermediates and reduce twice, not three times ([AKLGL11] section 5.2, "lazy
 * reduction"): with a, b < p all of them stay below 2^(64*LIMBS)*p, the bound of the Montgomery reduction.
 */
typedef struct {
    FIELD c0, c1;
} FIELD2;

ZKR_INLINE void E2(load)(FIELD2 *out, const uint8_t *bytes) { memcpy(out, bytes, sizeof *out); }
ZKR_INLINE void E2(store)(uint8_t *bytes, const FIELD2 *a) { memcpy(bytes, a, sizeof *a); }
ZKR_INLINE void E2(set_zero)(FIELD2 *out) { memset(out, 0, sizeof *out); }

ZKR_INLINE void E2(set_one)(FIELD2 *out)
{
    FE(set_one)(&out->c0);
    FE(set_zero)(&out->c1);
}

ZKR_INLINE int E2(is_zero)(const FIELD2 *a) { return FE(is_zero)(&a->c0) & FE(is_zero)(&a->c1); }
ZKR_INLINE int E2(equal)(const FIELD2 *a, const FIELD2 *b) { return FE(equal)(&a->c0, &b->c0) & FE(equal)(&a->c1, &b->c1); }

ZKR_INLINE int E2(is_below_modulus)(const FIELD2 *a)
{
    return FE(is_below_modulus)(&a->c0) & FE(is_below_modulus)(&a->c1);
}

ZKR_INLINE void E2(add)(FIELD2 *out, const FIELD2 *a, const FIELD2 *b)
{
    FE(add)(&out->c0, &a->c0, &b->c0);
    FE(add)(&out->c1, &a->c1, &b->c1);
}

ZKR_INLINE void E2(sub)(FIELD2 *out, const FIELD2 *a, const FIELD2 *b)
{
    FE(sub)(&out->c0, &a->c0, &b->c0);
    FE(sub)(&out->c1, &a->c1, &b->c1);
}

ZKR_INLINE void E2(neg)(FIELD2 *out, const FIELD2 *a)
{
    FE(neg)(&out->c0, &a->c0);
    FE(neg)(&out->c1, &a->c1);
}

ZKR_INLINE void E2(dbl)(FIELD2 *out, const FIELD2 *a) { E2(add)(out, a, a); }

/* The Frobenius map a^p. */
ZKR_INLINE void E2(conjugate)(FIELD2 *out, const FIELD2 *a)
{
    out->c0 = a->c0;
    FE(neg)(&out->c1, &a->c1);
}

/* c0 = a0*b0 - a1*b1, c1 = (a0 + a1)*(b0 + b1) - a0*b0 - a1*b1. */
ZKR_FUNCTION void E2(mul)(FIELD2 *out, const FIELD2 *a, const FIELD2 *b)
{
    enum { N = FE(LIMBS) };
    uint64_t real[2 * N], imaginary[2 * N], cross[2 * N], sum_a[N], sum_b[N], correction[N];
    zkr_limbs_add(sum_a, a->c0.limb, a->c1.limb, N); /* < 2p, not reduced */
    zkr_limbs_add(sum_b, b->c0.limb, b->c1.limb, N);
    ZKR_MUL_WIDE(real, a->c0.limb, b->c0.limb, N);
    ZKR_MUL_WIDE(imaginary, a->c1.limb, b->c1.limb, N);
    ZKR_MUL_WIDE(cross, sum_a, sum_b, N); /* < 4p^2 */
    zkr_limbs_sub(cross, cross, real, 2 * N);
    zkr_limbs_sub(cross, cross, imaginary, 2 * N); /* a0*b1 + a1*b0 < 2p^2 */
    uint64_t mask = 0 - (uint64_t)zkr_limbs_sub(real, real, imaginary, 2 * N);
    ZKR_UNROLL
    for (int i = 0; i < N; i++) correction[i] = FE(modulus)[i] & mask;
    zkr_limbs_add(real + N, real + N, correction, N); /* + 2^(64N)*p when negative */
    ZKR_MONT_REDUCE(out->c0.limb, real, FE(modulus), FE(NEG_INVERSE), N);
    ZKR_MONT_REDUCE(out->c1.limb, cross, FE(modulus), FE(NEG_INVERSE), N);
}

/* (a0 + a1)*(a0 - a1) + 2*a0*a1*u. */
ZKR_FUNCTION void E2(sqr)(FIELD2 *out, const FIELD2 *a)
{
    FIELD sum, difference, product;
    FE(add)(&sum, &a->c0, &a->c1);
    FE(sub)(&difference, &a->c0, &a->c1);
    FE(mul_inline)(&product, &a->c0, &a->c1);
    FE(mul_inline)(&out->c0, &sum, &difference);
    FE(dbl)(&out->c1, &product);
}

ZKR_INLINE void E2(mul_by_base)(FIELD2 *out, const FIELD2 *a, const FIELD *b)
{
    FE(mul)(&out->c0, &a->c0, b);
    FE(mul)(&out->c1, &a->c1, b);
}

/* conjugate(a)/(a0^2 + a1^2); 0 for 0. */
ZKR_FUNCTION void E2(inverse_vartime)(FIELD2 *out, const FIELD2 *a)
{
    FIELD norm, square;
    FE(sqr)(&norm, &a->c0);
    FE(sqr)(&square, &a->c1);
    FE(add)(&norm, &norm, &square);
    FE(inverse_vartime)(&norm, &norm);
    FE(mul)(&out->c0, &a->c0, &norm);
    FE(neg)(&norm, &norm);
    FE(mul)(&out->c1, &a->c1, &norm);
}

#define COORD FIELD2
#include "batch_inverse.h"
#undef COORD
