/* fp2.h: the quadratic extension FIELD2 = FIELD[u]/(u^2 + 1), for FIELD with p = 3 mod 4.  Parameters: FIELD, FIELD2.
 *
 * c0 + c1*u.  A product is two sums of two products, each reduced once ([Longa22] section 4): with mulx that is faster than
 * Karatsuba's three products and their double-width sums (28 against 31 ns over BN254).
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

ZKR_INLINE void E2(negate_if)(FIELD2 *out, const FIELD2 *a, uint64_t mask)
{
    FE(negate_if)(&out->c0, &a->c0, mask);
    FE(negate_if)(&out->c1, &a->c1, mask);
}

ZKR_INLINE void E2(dbl)(FIELD2 *out, const FIELD2 *a) { E2(add)(out, a, a); }

/* The Frobenius map a^p. */
ZKR_INLINE void E2(conjugate)(FIELD2 *out, const FIELD2 *a)
{
    out->c0 = a->c0;
    FE(neg)(&out->c1, &a->c1);
}

_Static_assert(FE(PRODUCTS) == 2, "two products are summed before they are reduced");

/* -a + p, not reduced: p for 0. */
ZKR_INLINE void E2(negate_base_lazily)(FIELD *out, const FIELD *a) { zkr_limbs_sub(out->limb, FE(modulus), a->limb, FE(LIMBS)); }

/* a + b < 2p, not reduced. */
ZKR_INLINE void E2(add_base_lazily)(FIELD *out, const FIELD *a, const FIELD *b)
{
    zkr_limbs_add(out->limb, a->limb, b->limb, FE(LIMBS));
}

/* c0 = a0*b0 + a1*(-b1), c1 = a0*b1 + a1*b0. */
ZKR_FUNCTION void E2(mul)(FIELD2 *out, const FIELD2 *a, const FIELD2 *b)
{
    FIELD minus_b1, c0;
    E2(negate_base_lazily)(&minus_b1, &b->c1);
    FE(mul_sum)(&c0, &b->c0, &minus_b1, (const FIELD *)a);
    FE(mul_sum)(&out->c1, &b->c1, &b->c0, (const FIELD *)a);
    out->c0 = c0;
}

/* (a0 + a1)*(a0 - a1) + (2*a0)*a1*u. */
ZKR_FUNCTION void E2(sqr)(FIELD2 *out, const FIELD2 *a)
{
    FIELD sum, difference, twice;
    E2(add_base_lazily)(&sum, &a->c0, &a->c1);
    E2(add_base_lazily)(&twice, &a->c0, &a->c0);
    FE(sub)(&difference, &a->c0, &a->c1);
    FE(mul_inline)(&out->c1, &twice, &a->c1);
    FE(mul_inline)(&out->c0, &sum, &difference);
}

/* For templates over any field of coordinates: here a call is little against the product. */
ZKR_INLINE void E2(mul_hot)(FIELD2 *out, const FIELD2 *a, const FIELD2 *b) { E2(mul)(out, a, b); }
ZKR_INLINE void E2(sqr_hot)(FIELD2 *out, const FIELD2 *a) { E2(sqr)(out, a); }

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
