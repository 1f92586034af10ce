/* field.h: the prime field FIELD.  Parameter: FIELD, whose params/<FIELD>.h is included before.
 *
 * An element a is stored as a*R mod p in [0, p), R = 2^(64*LIMBS) ("Montgomery", [Mon85]); equality is equality of limbs.
 * Every function takes and gives such elements, outputs may be inputs, and none branches on values unless named _vartime.
 */
#define FIELD_LIMBS FE(LIMBS)
#define FIELD_BYTES (8 * FIELD_LIMBS)

typedef struct {
    uint64_t limb[FIELD_LIMBS];
} FIELD;

_Static_assert(sizeof(FIELD) == 8 * FIELD_LIMBS, "elements lie in memory as their bytes");

ZKR_INLINE void FE(load)(FIELD *out, const uint8_t *bytes) { memcpy(out, bytes, FIELD_BYTES); }
ZKR_INLINE void FE(store)(uint8_t *bytes, const FIELD *a) { memcpy(bytes, a, FIELD_BYTES); }
ZKR_INLINE void FE(set_zero)(FIELD *out) { memset(out, 0, sizeof *out); }
ZKR_INLINE void FE(set_one)(FIELD *out) { memcpy(out, FE(one), sizeof *out); }

ZKR_INLINE int FE(is_zero)(const FIELD *a)
{
    uint64_t bits = 0;
    ZKR_UNROLL
    for (int i = 0; i < FIELD_LIMBS; i++) bits |= a->limb[i];
    return bits == 0;
}

ZKR_INLINE int FE(equal)(const FIELD *a, const FIELD *b)
{
    uint64_t bits = 0;
    ZKR_UNROLL
    for (int i = 0; i < FIELD_LIMBS; i++) bits |= a->limb[i] ^ b->limb[i];
    return bits == 0;
}

ZKR_INLINE void FE(add)(FIELD *out, const FIELD *a, const FIELD *b)
{
    ZKR_MOD_ADD(out->limb, a->limb, b->limb, FE(modulus), FIELD_LIMBS);
}

ZKR_INLINE void FE(sub)(FIELD *out, const FIELD *a, const FIELD *b)
{
    ZKR_MOD_SUB(out->limb, a->limb, b->limb, FE(modulus), FIELD_LIMBS);
}

ZKR_INLINE void FE(dbl)(FIELD *out, const FIELD *a) { FE(add)(out, a, a); }

ZKR_INLINE void FE(neg)(FIELD *out, const FIELD *a)
{
    FIELD zero;
    FE(set_zero)(&zero);
    FE(sub)(out, &zero, a);
}

/* a*b; a may be as large as PRODUCTS*p. */
ZKR_INLINE void FE(mul_inline)(FIELD *out, const FIELD *a, const FIELD *b)
{
    ZKR_MONT_MUL(out->limb, a->limb, b->limb, FE(reduction), FE(FOLDS), FIELD_LIMBS);
}

/* a*b[0] + c*b[1] with one reduction, for a field with PRODUCTS = 2; a and c may be p, b is two elements. */
ZKR_INLINE void FE(mul_sum)(FIELD *out, const FIELD *a, const FIELD *c, const FIELD *b)
{
    ZKR_MONT_SUM(out->limb, a->limb, c->limb, (const uint64_t *)b, FE(reduction), FE(FOLDS), FIELD_LIMBS);
}

/* One copy of the product for all callers: the pairing alone would hold hundreds. */
ZKR_FUNCTION void FE(mul)(FIELD *out, const FIELD *a, const FIELD *b) { FE(mul_inline)(out, a, b); }
ZKR_INLINE void FE(sqr)(FIELD *out, const FIELD *a) { FE(mul)(out, a, a); }

/* For innermost loops: a call costs a twelfth of a group operation, where the product is assembly.  Products in C stay calls:
 * gcc 12 makes some loops around them more than twice as slow. */
#ifdef ZKR_ADX
#define FIELD_HOT ZKR_INLINE
ZKR_INLINE void FE(mul_hot)(FIELD *out, const FIELD *a, const FIELD *b) { FE(mul_inline)(out, a, b); }
#else
#define FIELD_HOT ZKR_FUNCTION
ZKR_INLINE void FE(mul_hot)(FIELD *out, const FIELD *a, const FIELD *b) { FE(mul)(out, a, b); }
#endif
ZKR_INLINE void FE(sqr_hot)(FIELD *out, const FIELD *a) { FE(mul_hot)(out, a, a); }

/* Products of double width: 2*LIMBS limbs each, of which sums below 2^(64*LIMBS)*p can be reduced.  t is overwritten. */
FIELD_HOT void FE(mul_wide)(uint64_t *out, const FIELD *a, const FIELD *b)
{
    ZKR_MUL_WIDE(out, a->limb, b->limb, FIELD_LIMBS);
}

FIELD_HOT void FE(reduce_wide)(FIELD *out, uint64_t *t) { ZKR_MONT_REDUCE(out->limb, t, FE(reduction), FIELD_LIMBS); }
#undef FIELD_HOT

/* out = mask ? a : b for mask all ones or zero. */
ZKR_INLINE void FE(select)(FIELD *out, uint64_t mask, const FIELD *a, const FIELD *b)
{
    zkr_limbs_select(out->limb, mask, a->limb, b->limb, FIELD_LIMBS);
}

/* out = mask ? -a : a. */
ZKR_INLINE void FE(negate_if)(FIELD *out, const FIELD *a, uint64_t mask)
{
    FIELD negated;
    FE(neg)(&negated, a);
    FE(select)(out, mask, &negated, a);
}

ZKR_INLINE int FE(is_below_modulus)(const FIELD *a) { return zkr_limbs_less(a->limb, FE(modulus), FIELD_LIMBS); }

/* Canonical integer -> element. */
ZKR_INLINE void FE(from_canonical)(FIELD *out, const FIELD *integer)
{
    FIELD radix2;
    memcpy(&radix2, FE(radix2), sizeof radix2);
    FE(mul)(out, integer, &radix2);
}

/* Element -> canonical integer. */
ZKR_INLINE void FE(to_canonical)(FIELD *integer, const FIELD *a)
{
    FIELD one = {{1}};
    FE(mul)(integer, a, &one);
}

/* out = a^e for a public exponent of num_limbs limbs; the time depends on the exponent only. */
ZKR_FUNCTION void FE(pow_public)(FIELD *out, const FIELD *a, const uint64_t *exponent, int num_limbs)
{
    FIELD base = *a, result;
    FE(set_one)(&result);
    for (int bit = 64 * num_limbs - 1; bit >= 0; bit--) {
        FE(sqr)(&result, &result);
        if (zkr_limb_bit(exponent, (size_t)bit)) FE(mul)(&result, &result, &base);
    }
    *out = result;
    zkr_wipe(&base, sizeof base);
    zkr_wipe(&result, sizeof result);
}

/* out = a^-1 by Fermat, 0 for 0; constant time. */
ZKR_FUNCTION void FE(inverse)(FIELD *out, const FIELD *a) { FE(pow_public)(out, a, FE(modulus_minus_2), FIELD_LIMBS); }

#include "inverse.h"

#define COORD FIELD
#include "batch_inverse.h"
#undef COORD

#undef FIELD_LIMBS
#undef FIELD_BYTES
