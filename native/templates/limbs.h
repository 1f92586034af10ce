/* limbs.h: unsigned integers as n little-endian 64-bit limbs, x = sum x[i]*2^(64i), and the Montgomery product over them.
 *
 * n is a compile-time constant at every use, so each loop unrolls.  Reference: [Mon85], interleaved as the CIOS method of
 * [KAK96]; all reduction steps but the last are folds, t/2^64 + t[0]*(2^-64 mod p), which is [Orup95] with the modulus
 * -p^-1*p = -1 mod 2^64: no multiplication for a quotient digit, and 5 cycles from step to step instead of 11.
 * Kernels that define ZKR_ADX take their products and sums from limbs_adx.h; with ZKR_AARCH64, chains of carries from
 * limbs_aarch64.h.
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

/* out = a + b mod p and a - b mod p for a, b < p. */
ZKR_INLINE void zkr_limbs_mod_add(uint64_t *out, const uint64_t *a, const uint64_t *b, const uint64_t *p, int n)
{
    uint64_t sum[ZKR_MAX_LIMBS];
    zkr_limbs_add(sum, a, b, n);
    zkr_limbs_reduce_once(out, sum, p, n);
}

ZKR_INLINE void zkr_limbs_mod_sub(uint64_t *out, const uint64_t *a, const uint64_t *b, const uint64_t *p, int n)
{
    uint64_t difference[ZKR_MAX_LIMBS], correction[ZKR_MAX_LIMBS];
    uint64_t mask = 0 - (uint64_t)zkr_limbs_sub(difference, a, b, n);
    ZKR_UNROLL
    for (int i = 0; i < n; i++) correction[i] = p[i] & mask;
    zkr_limbs_add(out, difference, correction, n);
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

/* t[0..n] += x[0..n - 1]; the bounds leave no carry. */
ZKR_INLINE void zkr_limbs_accumulate(uint64_t *t, const uint64_t *x, int n)
{
    zkr_carry carry = 0;
    ZKR_UNROLL
    for (int j = 0; j < n; j++) t[j] = zkr_adc(t[j], x[j], &carry);
    t[n] = zkr_adc(t[n], 0, &carry);
}

/* t[0..n - 1] += x[0..n - 1]; the bounds leave no carry. */
ZKR_INLINE void zkr_limbs_accumulate_all(uint64_t *t, const uint64_t *x, int n)
{
    zkr_carry carry = 0;
    ZKR_UNROLL
    for (int j = 0; j < n; j++) t[j] = zkr_adc(t[j], x[j], &carry);
}

#ifdef ZKR_AARCH64
#include "limbs_aarch64.h"
#else
#define ZKR_ACCUMULATE zkr_limbs_accumulate
#define ZKR_ACCUMULATE_ALL zkr_limbs_accumulate_all
#define ZKR_REDUCE_ONCE zkr_limbs_reduce_once
#endif

/* t <- floor(t/2^64), n + 1 limbs. */
ZKR_INLINE void zkr_limbs_shift(uint64_t *t, int n)
{
    ZKR_UNROLL
    for (int j = 0; j < n; j++) t[j] = t[j + 1];
    t[n] = 0;
}

/* t[0..n] += a*b; the bounds leave no carry. */
ZKR_INLINE void zkr_limbs_add_row(uint64_t *t, const uint64_t *a, uint64_t b, int n)
{
    uint64_t low[ZKR_MAX_LIMBS], high[ZKR_MAX_LIMBS];
    zkr_limbs_row(low, high, a, b, n);
    ZKR_ACCUMULATE(t, low, n);
    ZKR_ACCUMULATE_ALL(t + 1, high, n);
}

/* t <- floor(t/2^64) + t[0]*fold, which is t*2^-64 mod p in n + 1 limbs: no quotient digit on the critical path. */
ZKR_INLINE void zkr_limbs_fold(uint64_t *t, const uint64_t *fold, int n)
{
    uint64_t lowest = t[0];
    zkr_limbs_shift(t, n);
    zkr_limbs_add_row(t, fold, lowest, n);
}

/* t <- (t + m*p)/2^64, where m makes the lowest limb zero; n limbs hold it. */
ZKR_INLINE void zkr_limbs_mont_step(uint64_t *t, const uint64_t *p, uint64_t neg_inverse, int n)
{
    uint64_t low[ZKR_MAX_LIMBS], high[ZKR_MAX_LIMBS];
    zkr_limbs_row(low, high, p, t[0] * neg_inverse, n);
    ZKR_ACCUMULATE(t, low, n);
    zkr_limbs_shift(t, n);
    ZKR_ACCUMULATE_ALL(t, high, n);
}

/* out = (a*b + c*d)*2^(-64n) mod p, in [0, p), for a + c <= PRODUCTS*p and b, d <= p, where d = b + n; c = NULL leaves out the
 * second product.  reduction = {p, fold, -p^-1 mod 2^64}, fold = 2^-64 mod p; of the n steps the first `folds` are folds.
 * Before the last subtraction t < p*(PRODUCTS*p/2^(64n) + fold/p + 1), without fold/p when there are no folds: below 2p,
 * and n + 1 limbs hold t all along, by params/generate.py, which takes the worst case of every step to choose folds. */
ZKR_INLINE void zkr_limbs_mont_sum(uint64_t *out, const uint64_t *a, const uint64_t *c, const uint64_t *b,
                                   const uint64_t *reduction, int folds, int n)
{
    const uint64_t *p = reduction, *fold = reduction + n;
    uint64_t t[ZKR_MAX_LIMBS + 1] = {0};
    ZKR_UNROLL
    for (int i = 0; i < n; i++) {
        zkr_limbs_add_row(t, a, b[i], n);
        if (c != NULL) zkr_limbs_add_row(t, c, b[n + i], n);
        if (i < folds) {
            zkr_limbs_fold(t, fold, n);
        } else {
            zkr_limbs_mont_step(t, p, reduction[2 * n], n);
        }
    }
    ZKR_REDUCE_ONCE(out, t, p, n);
}

/* out = a*b*2^(-64n) mod p: the same without the second product. */
ZKR_INLINE void zkr_limbs_mont_mul(uint64_t *out, const uint64_t *a, const uint64_t *b, const uint64_t *reduction, int folds,
                                   int n)
{
    zkr_limbs_mont_sum(out, a, NULL, b, reduction, folds, n);
}

#include "limbs_wide.h"

#ifdef ZKR_ADX
#include "limbs_adx.h"
#include "limbs_adx_sums.h"
#include "limbs_adx_wide.h"
#else
#ifndef ZKR_AARCH64
#define ZKR_MOD_ADD zkr_limbs_mod_add
#define ZKR_MOD_SUB zkr_limbs_mod_sub
#endif
#define ZKR_MONT_MUL zkr_limbs_mont_mul
#define ZKR_MONT_SUM zkr_limbs_mont_sum
#define ZKR_MUL_WIDE zkr_limbs_mul_wide
#define ZKR_MONT_REDUCE zkr_limbs_mont_reduce
#endif
#endif
