/* lanes/field.h: eight elements of FIELD side by side, for AVX-512 IFMA.  Parameter: FIELD.
 *
 * An x8 holds lane k of limb i in bits 64k..64k+63 of limb[i]; a lane's value is sum limb[i]*2^(52i) over LIMBS52 limbs and
 * stands for a*RR mod p, RR = 2^(52*LIMBS52) (the scalar templates use R = 2^(64*LIMBS)).  RR/p is at least ROOM52 (84 for
 * the base field of BN254), and that room replaces nearly all conditional subtractions:
 *
 *   tight   every limb in [0, 2^52), what vpmadd52 can multiply; the value is below RR and only known below some alpha*p
 *   loose   limbs are signed 64-bit numbers; carry() makes them tight again if the value is in [0, RR)
 *
 *   mul, sqr   tight inputs below alpha*p and beta*p give a tight output below (1 + alpha*beta/ROOM52)*p: below 2p
 *              whenever alpha*beta <= ROOM52, without any subtraction
 *   reduce     tight, any value below RR, to below 2p (below 1.1p from 8p and less)
 *   canonical  tight below 2p, to [0, p)
 *   narrow  loose, to below 3p, for the few sums of a point addition: cheaper than reduce
 *
 * Bounds are compile-time knowledge: they stand in comments at each use, nothing checks them at run time but the tests.
 * Every function is inline and branch-free.  Reference: [Mon85]; the radix is that of the instruction.
 */
#define N52 FE(LIMBS52)

/* Products of more than five limbs are calls: inlined, an addition in G2 of BLS12-381 alone takes 290 kB of instructions. */
#if FE(LIMBS52) > 5
#define LANES_PRODUCT ZKR_FUNCTION
#else
#define LANES_PRODUCT ZKR_INLINE
#endif

typedef struct {
    __m512i limb[N52];
} FE(x8);

ZKR_INLINE __m512i FE(x8_mask52)(void) { return _mm512_set1_epi64((1ll << 52) - 1); }

ZKR_INLINE void FE(x8_set_zero)(FE(x8) *out)
{
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) out->limb[i] = _mm512_setzero_si512();
}

/* The same value, given as tight limbs, in every lane. */
ZKR_INLINE void FE(x8_broadcast)(FE(x8) *out, const uint64_t *limbs52)
{
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) out->limb[i] = _mm512_set1_epi64((long long)limbs52[i]);
}

ZKR_INLINE void FE(x8_set_one)(FE(x8) *out) { FE(x8_broadcast)(out, FE(one52)); }

/* --- sums: loose, no carry ------------------------------------------------------------------------------------------ */
ZKR_INLINE void FE(x8_add_loose)(FE(x8) *out, const FE(x8) *a, const FE(x8) *b)
{
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) out->limb[i] = _mm512_add_epi64(a->limb[i], b->limb[i]);
}

ZKR_INLINE void FE(x8_sub_loose)(FE(x8) *out, const FE(x8) *a, const FE(x8) *b)
{
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) out->limb[i] = _mm512_sub_epi64(a->limb[i], b->limb[i]);
}

/* a + k*p, loose, for k <= 64: keeps a difference from going below zero. */
ZKR_INLINE void FE(x8_add_multiple_loose)(FE(x8) *out, const FE(x8) *a, int k)
{
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) {
        out->limb[i] = _mm512_add_epi64(a->limb[i], _mm512_set1_epi64((long long)(FE(modulus52)[i] * (uint64_t)k)));
    }
}

/* Lane-wise mask ? -a + k*p : a, loose. */
ZKR_INLINE void FE(x8_negate_where_loose)(FE(x8) *out, const FE(x8) *a, __mmask8 mask, int k)
{
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) {
        __m512i multiple = _mm512_set1_epi64((long long)(FE(modulus52)[i] * (uint64_t)k));
        out->limb[i] = _mm512_mask_sub_epi64(a->limb[i], mask, multiple, a->limb[i]);
    }
}

/* Loose limbs below 2^63 in absolute value, value in [0, RR) -> tight. */
ZKR_INLINE void FE(x8_carry)(FE(x8) *out, const FE(x8) *a)
{
    __m512i carry = a->limb[0];
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) {
        out->limb[i] = i + 1 < N52 ? _mm512_and_si512(carry, FE(x8_mask52)()) : carry;
        if (i + 1 < N52) carry = _mm512_add_epi64(a->limb[i + 1], _mm512_srai_epi64(carry, 52));
    }
}

/* a + b, tight: below alpha + beta. */
ZKR_INLINE void FE(x8_add)(FE(x8) *out, const FE(x8) *a, const FE(x8) *b)
{
    FE(x8) sum;
    FE(x8_add_loose)(&sum, a, b);
    FE(x8_carry)(out, &sum);
}

/* a - b + k*p, tight: for b below k*p, below alpha + k. */
ZKR_INLINE void FE(x8_sub)(FE(x8) *out, const FE(x8) *a, const FE(x8) *b, int k)
{
    FE(x8) difference;
    FE(x8_sub_loose)(&difference, a, b);
    FE(x8_add_multiple_loose)(&difference, &difference, k);
    FE(x8_carry)(out, &difference);
}

/* Lane-wise mask ? a : b. */
ZKR_INLINE void FE(x8_select)(FE(x8) *out, __mmask8 mask, const FE(x8) *a, const FE(x8) *b)
{
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) out->limb[i] = _mm512_mask_blend_epi64(mask, b->limb[i], a->limb[i]);
}

/* --- products --------------------------------------------------------------------------------------------------------- */
/* One step: t[0..N52] + m*p, a multiple of 2^52, whose carry goes to t[1].  m makes t[0] + m*p[0] such a multiple; the low
 * half of m*p[0] is 2^52 less that of t[0], or zero, so the carry is t[0]/2^52 rounded up, and waits for no product. */
ZKR_INLINE void FE(x8_mont_row)(__m512i *t)
{
    __m512i m = _mm512_madd52lo_epu64(_mm512_setzero_si512(), t[0], _mm512_set1_epi64((long long)FE(NEG_INVERSE52)));
    t[1] = _mm512_add_epi64(t[1], _mm512_srai_epi64(_mm512_add_epi64(t[0], FE(x8_mask52)()), 52));
    ZKR_UNROLL
    for (int j = 0; j < N52; j++) {
        __m512i p = _mm512_set1_epi64((long long)FE(modulus52)[j]);
        if (j > 0) t[j] = _mm512_madd52lo_epu64(t[j], m, p);
        t[j + 1] = _mm512_madd52hi_epu64(t[j + 1], m, p);
    }
}

/* t*2^(-52*N52) mod p, loose, for a value 0 <= t < RR*gamma*p in 2*N52 signed columns below 2^62: below (gamma + 1)*p. */
ZKR_INLINE void FE(x8_mont_reduce_loose)(FE(x8) *out, __m512i *t)
{
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) FE(x8_mont_row)(t + i);
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) out->limb[i] = t[N52 + i];
}

/* The same, tight. */
ZKR_INLINE void FE(x8_mont_reduce)(FE(x8) *out, __m512i *t)
{
    FE(x8) loose;
    FE(x8_mont_reduce_loose)(&loose, t);
    FE(x8_carry)(out, &loose);
}

/* t[0..N52] += a*b for one limb a. */
ZKR_INLINE void FE(x8_mul_row)(__m512i *t, __m512i a, const FE(x8) *b)
{
    ZKR_UNROLL
    for (int j = 0; j < N52; j++) {
        t[j] = _mm512_madd52lo_epu64(t[j], a, b->limb[j]);
        t[j + 1] = _mm512_madd52hi_epu64(t[j + 1], a, b->limb[j]);
    }
}

/* The 2*N52 columns of a*b, added to t. */
ZKR_INLINE void FE(x8_mul_columns)(__m512i *t, const FE(x8) *a, const FE(x8) *b)
{
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) FE(x8_mul_row)(t + i, a->limb[i], b);
}

LANES_PRODUCT void FE(x8_mul)(FE(x8) *out, const FE(x8) *a, const FE(x8) *b)
{
    __m512i t[2 * N52];
    ZKR_UNROLL
    for (int i = 0; i < 2 * N52; i++) t[i] = _mm512_setzero_si512();
    FE(x8_mul_columns)(t, a, b);
    FE(x8_mont_reduce)(out, t);
}

/* The 2*N52 columns of a^2: products of different limbs once, doubled. */
ZKR_INLINE void FE(x8_sqr_columns)(__m512i *t, const FE(x8) *a)
{
    ZKR_UNROLL
    for (int i = 0; i < 2 * N52; i++) t[i] = _mm512_setzero_si512();
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) {
        ZKR_UNROLL
        for (int j = i + 1; j < N52; j++) {
            t[i + j] = _mm512_madd52lo_epu64(t[i + j], a->limb[i], a->limb[j]);
            t[i + j + 1] = _mm512_madd52hi_epu64(t[i + j + 1], a->limb[i], a->limb[j]);
        }
    }
    ZKR_UNROLL
    for (int i = 1; i < 2 * N52 - 1; i++) t[i] = _mm512_add_epi64(t[i], t[i]);
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) {
        t[2 * i] = _mm512_madd52lo_epu64(t[2 * i], a->limb[i], a->limb[i]);
        t[2 * i + 1] = _mm512_madd52hi_epu64(t[2 * i + 1], a->limb[i], a->limb[i]);
    }
}

/* The name that templates over FIELD or its extensions use. */
ZKR_INLINE void FE(x8_mul_by_base)(FE(x8) *out, const FE(x8) *a, const FE(x8) *b) { FE(x8_mul)(out, a, b); }

LANES_PRODUCT void FE(x8_sqr)(FE(x8) *out, const FE(x8) *a)
{
    __m512i t[2 * N52];
    FE(x8_sqr_columns)(t, a);
    FE(x8_mont_reduce)(out, t);
}

/* --- two at a time: rows of both in turn, so that the latency of one hides in the other (14 % faster, measured) ---------- */
ZKR_INLINE void FE(x8_mont_reduce_two_loose)(FE(x8) *out0, __m512i *t0, FE(x8) *out1, __m512i *t1)
{
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) {
        FE(x8_mont_row)(t0 + i);
        FE(x8_mont_row)(t1 + i);
    }
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) {
        out0->limb[i] = t0[N52 + i];
        out1->limb[i] = t1[N52 + i];
    }
}

LANES_PRODUCT void FE(x8_mul_two_loose)(FE(x8) *out0, const FE(x8) *a0, const FE(x8) *b0, FE(x8) *out1, const FE(x8) *a1,
                                     const FE(x8) *b1)
{
    __m512i t0[2 * N52], t1[2 * N52];
    ZKR_UNROLL
    for (int i = 0; i < 2 * N52; i++) t0[i] = t1[i] = _mm512_setzero_si512();
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) {
        FE(x8_mul_row)(t0 + i, a0->limb[i], b0);
        FE(x8_mul_row)(t1 + i, a1->limb[i], b1);
        FE(x8_mont_row)(t0 + i);
        FE(x8_mont_row)(t1 + i);
    }
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) {
        out0->limb[i] = t0[N52 + i];
        out1->limb[i] = t1[N52 + i];
    }
}

/* Outputs may be inputs. */
ZKR_INLINE void FE(x8_mul_two)(FE(x8) *out0, const FE(x8) *a0, const FE(x8) *b0, FE(x8) *out1, const FE(x8) *a1, const FE(x8) *b1)
{
    FE(x8) loose0, loose1;
    FE(x8_mul_two_loose)(&loose0, a0, b0, &loose1, a1, b1);
    FE(x8_carry)(out0, &loose0);
    FE(x8_carry)(out1, &loose1);
}

LANES_PRODUCT void FE(x8_sqr_two_loose)(FE(x8) *out0, const FE(x8) *a0, FE(x8) *out1, const FE(x8) *a1)
{
    __m512i t0[2 * N52], t1[2 * N52];
    FE(x8_sqr_columns)(t0, a0);
    FE(x8_sqr_columns)(t1, a1);
    FE(x8_mont_reduce_two_loose)(out0, t0, out1, t1);
}

/* --- reduction -------------------------------------------------------------------------------------------------------- */
/* v tight below RR -> below 2p, tight.  q = floor(top*ROOM52/2^52) with top = floor(v/2^(52(N52-1))) and
 * ROOM52 = floor(RR/p) is in (v/p - 1 - v/RR - 2^-12, v/p], so 0 <= v - q*p < (1 + v/RR + 2^-12)*p. */
ZKR_INLINE void FE(x8_reduce)(FE(x8) *out, const FE(x8) *v)
{
    const __m512i zero = _mm512_setzero_si512();
    __m512i q = _mm512_madd52hi_epu64(zero, v->limb[N52 - 1], _mm512_set1_epi64((long long)FE(ROOM52)));
    __m512i product[N52];
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) product[i] = zero;
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) {
        __m512i p = _mm512_set1_epi64((long long)FE(modulus52)[i]);
        product[i] = _mm512_madd52lo_epu64(product[i], q, p);
        if (i + 1 < N52) product[i + 1] = _mm512_madd52hi_epu64(product[i + 1], q, p);
    }
    FE(x8) difference;
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) difference.limb[i] = _mm512_sub_epi64(v->limb[i], product[i]);
    FE(x8_carry)(out, &difference);
}

/* Loose, limbs below 2^56 in absolute value and value in [2^(52*N52 - 51), 8*2^NUM_BITS) -> tight, below p + 2^NUM_BITS <
 * 3p: subtracts the multiple of p that the top bits tell, without a product. */
ZKR_INLINE void FE(x8_narrow)(FE(x8) *out, const FE(x8) *a)
{
    FE(x8) difference;
    __m512i index = _mm512_srli_epi64(a->limb[N52 - 1], FE(NUM_BITS) - 52 * (N52 - 1));
    ZKR_UNROLL
    for (int i = 0; i < N52; i++) {
        __m512i multiple = _mm512_permutexvar_epi64(index, _mm512_loadu_si512(FE(multiples52)[i]));
        difference.limb[i] = _mm512_sub_epi64(a->limb[i], multiple);
    }
    FE(x8_carry)(out, &difference);
}

/* v tight below 2p -> [0, p). */
ZKR_INLINE void FE(x8_canonical)(FE(x8) *out, const FE(x8) *v)
{
    FE(x8) p, difference;
    FE(x8_broadcast)(&p, FE(modulus52));
    FE(x8_sub_loose)(&difference, v, &p);
    FE(x8_carry)(&difference, &difference); /* the top limb keeps the sign */
    FE(x8_select)(out, _mm512_movepi64_mask(difference.limb[N52 - 1]), v, &difference);
}

/* The lanes whose limbs are all zero: zero itself for a canonical value. */
ZKR_INLINE __mmask8 FE(x8_is_zero)(const FE(x8) *a)
{
    __m512i any = a->limb[0];
    ZKR_UNROLL
    for (int i = 1; i < N52; i++) any = _mm512_or_si512(any, a->limb[i]);
    return _mm512_testn_epi64_mask(any, any);
}

#include "pack.h"

#include "inverse.h"

#undef LANES_PRODUCT
#undef N52
