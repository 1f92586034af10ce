/* limbs.h: unsigned integers as n little-endian 64-bit limbs, x = sum x[i]*2^(64i), and the Montgomery product over them.
 *
 * n is a compile-time constant at every use, so each loop unrolls.  Reference: [Mon85]; the interleaved product is the
 * CIOS method of [KAK96] without its second extra limb, as every modulus has a clear top bit (asserted by
 * params/generate.py).
 * A kernel may bring its own product: it defines ZKR_MONT_MUL before including the field template.
 */
#ifndef ZKR_LIMBS_H
#define ZKR_LIMBS_H
#include "base.h"

#define ZKR_MAX_LIMBS 6

/* a + b + carry and a - b - borrow; the carry is 0 or 1 before and after.  gcc makes chains of adc from the x86 intrinsics
 * (plain x86-64, no extension needed) and 2.5 times as many instructions from 128-bit sums (gcc 12, measured). */
#if defined(__x86_64__) && !defined(ZKR_PORTABLE_CARRY) /* tests define it to run the other branch here */
#include <immintrin.h>
typedef unsigned char zkr_carry;

ZKR_INLINE uint64_t zkr_adc(uint64_t a, uint64_t b, zkr_carry *carry)
{
    unsigned long long sum;
    *carry = _addcarry_u64(*carry, a, b, &sum);
    return sum;
}

ZKR_INLINE uint64_t zkr_sbb(uint64_t a, uint64_t b, zkr_carry *borrow)
{
    unsigned long long difference;
    *borrow = _subborrow_u64(*borrow, a, b, &difference);
    return difference;
}
#else
typedef uint64_t zkr_carry;

ZKR_INLINE uint64_t zkr_adc(uint64_t a, uint64_t b, zkr_carry *carry)
{
    zkr_u128 sum = (zkr_u128)a + b + *carry;
    *carry = (uint64_t)(sum >> 64);
    return (uint64_t)sum;
}

ZKR_INLINE uint64_t zkr_sbb(uint64_t a, uint64_t b, zkr_carry *borrow)
{
    zkr_u128 difference = (zkr_u128)a - b - *borrow;
    *borrow = (uint64_t)(difference >> 64) & 1;
    return (uint64_t)difference;
}
#endif

/* out = a + b, returns the carry. */
ZKR_INLINE zkr_carry zkr_limbs_add(uint64_t *out, const uint64_t *a, const uint64_t *b, int n)
{
    zkr_carry carry = 0;
    ZKR_UNROLL
    for (int i = 0; i < n; i++) out[i] = zkr_adc(a[i], b[i], &carry);
    return carry;
}

/* out = a - b, returns the borrow. */
ZKR_INLINE zkr_carry zkr_limbs_sub(uint64_t *out, const uint64_t *a, const uint64_t *b, int n)
{
    zkr_carry borrow = 0;
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
    zkr_limbs_select(out, 0 - (uint64_t)borrow, a, reduced, n);
}

/* 1 when a < b. */
ZKR_INLINE int zkr_limbs_less(const uint64_t *a, const uint64_t *b, int n)
{
    zkr_carry borrow = 0;
    ZKR_UNROLL
    for (int i = 0; i < n; i++) (void)zkr_sbb(a[i], b[i], &borrow);
    return borrow;
}

/* a[j]*b as low[j] + high[j]*2^64.  All products of a row come before its sums: the chains of carries stay unbroken. */
ZKR_INLINE void zkr_limbs_row(uint64_t *low, uint64_t *high, const uint64_t *a, uint64_t b, int n)
{
    ZKR_UNROLL
    for (int j = 0; j < n; j++) {
        zkr_u128 product = (zkr_u128)a[j] * b;
        low[j] = (uint64_t)product;
        high[j] = (uint64_t)(product >> 64);
    }
}

/* t[0..n] += a*b + above*2^(64n), returns the carry. */
ZKR_INLINE zkr_carry zkr_limbs_add_row(uint64_t *t, const uint64_t *a, uint64_t b, zkr_carry above, int n)
{
    uint64_t low[ZKR_MAX_LIMBS], high[ZKR_MAX_LIMBS];
    zkr_carry carry_low = 0, carry_high = 0;
    zkr_limbs_row(low, high, a, b, n);
    ZKR_UNROLL
    for (int j = 0; j < n; j++) t[j] = zkr_adc(t[j], low[j], &carry_low);
    t[n] = zkr_adc(t[n], above, &carry_low);
    ZKR_UNROLL
    for (int j = 0; j < n; j++) t[j + 1] = zkr_adc(t[j + 1], high[j], &carry_high);
    return carry_low + carry_high;
}

/* out = a*b*2^(-64n) mod p, in [0, p), for a, b < p.
 * t < 2p before each step, so t + a*b[i] + m*p < 2p + 2*(2^64 - 1)*p = 2^65*p: n + 1 limbs hold it, and t < 2p after. */
ZKR_INLINE void zkr_limbs_mont_mul(uint64_t *out, const uint64_t *a, const uint64_t *b, const uint64_t *p, uint64_t neg_inverse,
                                   int n)
{
    uint64_t t[ZKR_MAX_LIMBS + 1] = {0}, low[ZKR_MAX_LIMBS], high[ZKR_MAX_LIMBS];
    ZKR_UNROLL
    for (int i = 0; i < n; i++) {
        t[n] = 0;
        (void)zkr_limbs_add_row(t, a, b[i], 0, n);
        /* t <- (t + m*p)/2^64, where m makes the lowest limb zero */
        zkr_carry carry = 0;
        zkr_limbs_row(low, high, p, t[0] * neg_inverse, n);
        (void)zkr_adc(t[0], low[0], &carry);
        ZKR_UNROLL
        for (int j = 1; j < n; j++) t[j - 1] = zkr_adc(t[j], low[j], &carry);
        t[n - 1] = zkr_adc(t[n], 0, &carry);
        carry = 0;
        ZKR_UNROLL
        for (int j = 0; j < n; j++) t[j] = zkr_adc(t[j], high[j], &carry);
    }
    zkr_limbs_reduce_once(out, t, p, n);
}

/* out (2n limbs) = a*b. */
ZKR_INLINE void zkr_limbs_mul_wide(uint64_t *out, const uint64_t *a, const uint64_t *b, int n)
{
    uint64_t t[2 * ZKR_MAX_LIMBS] = {0};
    ZKR_UNROLL
    for (int i = 0; i < n; i++) (void)zkr_limbs_add_row(t + i, a, b[i], 0, n);
    ZKR_UNROLL
    for (int i = 0; i < 2 * n; i++) out[i] = t[i];
}

/* out = t*2^(-64n) mod p, in [0, p), for t (2n limbs) < 2^(64n)*p; t is overwritten. */
ZKR_INLINE void zkr_limbs_mont_reduce(uint64_t *out, uint64_t *t, const uint64_t *p, uint64_t neg_inverse, int n)
{
    zkr_carry above = 0;
    ZKR_UNROLL
    for (int i = 0; i < n; i++) above = zkr_limbs_add_row(t + i, p, t[i] * neg_inverse, above, n);
    zkr_limbs_reduce_once(out, t + n, p, n);
}

#ifndef ZKR_MONT_MUL
#define ZKR_MONT_MUL zkr_limbs_mont_mul
#define ZKR_MUL_WIDE zkr_limbs_mul_wide
#define ZKR_MONT_REDUCE zkr_limbs_mont_reduce
#endif
#endif
