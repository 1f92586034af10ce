/* limbs.h: unsigned integers as n little-endian 64-bit limbs, x = sum x[i]*2^(64i), and the Montgomery product over them.
 *
 * n is a compile-time constant at every use, so each loop unrolls.  Reference: [Mon85]; the interleaved product is the
 * CIOS method of [KAK96] without its extra limb, valid because every modulus has a clear top bit (asserted by
 * params/generate.py): then t + a*b[i] + m*p < 2^64 * 2p stays within n limbs after each shift.
 * A kernel may bring its own product: it defines ZKR_MONT_MUL before including the field template.
 */
#ifndef ZKR_LIMBS_H
#define ZKR_LIMBS_H
#include "base.h"

#define ZKR_MAX_LIMBS 6

/* a + b + carry; carry is 0 or 1 before and after. */
ZKR_INLINE uint64_t zkr_adc(uint64_t a, uint64_t b, uint64_t *carry)
{
    zkr_u128 sum = (zkr_u128)a + b + *carry;
    *carry = (uint64_t)(sum >> 64);
    return (uint64_t)sum;
}

/* a - b - borrow; borrow is 0 or 1 before and after. */
ZKR_INLINE uint64_t zkr_sbb(uint64_t a, uint64_t b, uint64_t *borrow)
{
    zkr_u128 difference = (zkr_u128)a - b - *borrow;
    *borrow = (uint64_t)(difference >> 64) & 1;
    return (uint64_t)difference;
}

/* Low limb of a*b + addend + carry, high limb in carry; (2^64-1)^2 + 2(2^64-1) = 2^128-1 never overflows. */
ZKR_INLINE uint64_t zkr_mac(uint64_t addend, uint64_t a, uint64_t b, uint64_t *carry)
{
    zkr_u128 product = (zkr_u128)a * b + addend + *carry;
    *carry = (uint64_t)(product >> 64);
    return (uint64_t)product;
}

/* out = a + b, returns the carry. */
ZKR_INLINE uint64_t zkr_limbs_add(uint64_t *out, const uint64_t *a, const uint64_t *b, int n)
{
    uint64_t carry = 0;
    ZKR_UNROLL
    for (int i = 0; i < n; i++) out[i] = zkr_adc(a[i], b[i], &carry);
    return carry;
}

/* out = a - b, returns the borrow. */
ZKR_INLINE uint64_t zkr_limbs_sub(uint64_t *out, const uint64_t *a, const uint64_t *b, int n)
{
    uint64_t borrow = 0;
    ZKR_UNROLL
    for (int i = 0; i < n; i++) out[i] = zkr_sbb(a[i], b[i], &borrow);
    return borrow;
}

/* out = mask ? a : b, for mask all ones or zero, without a branch. */
ZKR_INLINE void zkr_limbs_select(uint64_t *out, uint64_t mask, const uint64_t *a, const uint64_t *b, int n)
{
    ZKR_UNROLL
    for (int i = 0; i < n; i++) out[i] = b[i] ^ (mask & (a[i] ^ b[i]));
}

/* out = a mod p for a < 2p. */
ZKR_INLINE void zkr_limbs_reduce_once(uint64_t *out, const uint64_t *a, const uint64_t *p, int n)
{
    uint64_t reduced[ZKR_MAX_LIMBS];
    uint64_t borrow = zkr_limbs_sub(reduced, a, p, n);
    zkr_limbs_select(out, 0 - borrow, a, reduced, n);
}

/* 1 when a < b. */
ZKR_INLINE int zkr_limbs_less(const uint64_t *a, const uint64_t *b, int n)
{
    uint64_t borrow = 0;
    ZKR_UNROLL
    for (int i = 0; i < n; i++) (void)zkr_sbb(a[i], b[i], &borrow);
    return (int)borrow;
}

/* out = a*b*2^(-64n) mod p, in [0, p), for a, b < p. */
ZKR_INLINE void zkr_limbs_mont_mul(uint64_t *out, const uint64_t *a, const uint64_t *b, const uint64_t *p, uint64_t neg_inverse,
                                   int n)
{
    uint64_t t[ZKR_MAX_LIMBS] = {0};
    ZKR_UNROLL
    for (int i = 0; i < n; i++) {
        uint64_t carry_product = 0, carry_reduction = 0;
        uint64_t low = zkr_mac(t[0], a[0], b[i], &carry_product);
        uint64_t m = low * neg_inverse;
        (void)zkr_mac(low, m, p[0], &carry_reduction);
        ZKR_UNROLL
        for (int j = 1; j < n; j++) {
            uint64_t column = zkr_mac(t[j], a[j], b[i], &carry_product);
            t[j - 1] = zkr_mac(column, m, p[j], &carry_reduction);
        }
        t[n - 1] = carry_product + carry_reduction;
    }
    zkr_limbs_reduce_once(out, t, p, n);
}

/* out (2n limbs) = a*b. */
ZKR_INLINE void zkr_limbs_mul_wide(uint64_t *out, const uint64_t *a, const uint64_t *b, int n)
{
    ZKR_UNROLL
    for (int i = 0; i < n; i++) {
        uint64_t carry = 0;
        ZKR_UNROLL
        for (int j = 0; j < n; j++) out[i + j] = zkr_mac(i ? out[i + j] : 0, a[j], b[i], &carry);
        out[i + n] = carry;
    }
}

/* out = t*2^(-64n) mod p, in [0, p), for t (2n limbs) < 2^(64n)*p; t is overwritten. */
ZKR_INLINE void zkr_limbs_mont_reduce(uint64_t *out, uint64_t *t, const uint64_t *p, uint64_t neg_inverse, int n)
{
    uint64_t above = 0;
    ZKR_UNROLL
    for (int i = 0; i < n; i++) {
        uint64_t m = t[i] * neg_inverse, carry = 0;
        ZKR_UNROLL
        for (int j = 0; j < n; j++) t[i + j] = zkr_mac(t[i + j], m, p[j], &carry);
        t[i + n] = zkr_adc(t[i + n], carry, &above);
    }
    zkr_limbs_reduce_once(out, t + n, p, n);
}

#ifndef ZKR_MONT_MUL
#define ZKR_MONT_MUL zkr_limbs_mont_mul
#define ZKR_MUL_WIDE zkr_limbs_mul_wide
#define ZKR_MONT_REDUCE zkr_limbs_mont_reduce
#endif
#endif
