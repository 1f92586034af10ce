/* avx512.h: the AVX-512 instructions that templates/lanes uses, in C with AVX2, for machines that lack them.
 *
 * Each function is the pseudo-code of the intrinsic of the same name in Intel's guide [Intel-Intrinsics], on two halves of four
 * lanes; the name has zkr before it, and rename.h puts it in the place of the intrinsic.  No function branches on a value or has
 * an address from one, but for gather and scatter, so that what valgrind says of the emulated kernel's branches and addresses is
 * said of the source of the kernel.
 *
 * Where the pseudo-code leaves bits undefined, they are UNDEFINED here: a number that no caller can mistake for zero.
 */
#ifndef ZKR_EMULATION_AVX512_H
#define ZKR_EMULATION_AVX512_H
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

/* As the kernel may, one reads a lane as a long long: so they may stand for that one. */
typedef unsigned long long zkr_u64x4 __attribute__((vector_size(32), may_alias));
typedef long long zkr_i64x4 __attribute__((vector_size(32), may_alias));
typedef uint32_t zkr_u32x8 __attribute__((vector_size(32), may_alias));

/* Structures, which no intrinsic of AVX2 takes; and their members are not elements of an array, so that they stay in registers. */
typedef struct {
    _Alignas(64) zkr_u64x4 low;
    zkr_u64x4 high;
} zkr_m512i;

typedef struct {
    zkr_u32x8 words;
} zkr_m256i;

#define EMULATED static inline __attribute__((always_inline, unused))
#define UNDEFINED UINT64_C(0xdeaddeaddeaddead)
#define ALL_FOUR(value) ((zkr_u64x4){(value), (value), (value), (value)})

/* yes where the mask is all ones, no where it is zero. */
EMULATED zkr_u64x4 zkr_choose(zkr_u64x4 mask, zkr_u64x4 yes, zkr_u64x4 no)
{
    return (zkr_u64x4)_mm256_blendv_epi8((__m256i)no, (__m256i)yes, (__m256i)mask);
}

/* All ones in the lanes whose bit of the mask is set, else zero. */
EMULATED zkr_m512i zkr_where(uint8_t mask)
{
    const zkr_u64x4 low = {1, 2, 4, 8}, high = {16, 32, 64, 128};
    return (zkr_m512i){(zkr_u64x4)((ALL_FOUR(mask) & low) == low), (zkr_u64x4)((ALL_FOUR(mask) & high) == high)};
}

EMULATED zkr_m512i zkr_chosen(uint8_t mask, zkr_m512i yes, zkr_m512i no)
{
    const zkr_m512i where = zkr_where(mask);
    return (zkr_m512i){zkr_choose(where.low, yes.low, no.low), zkr_choose(where.high, yes.high, no.high)};
}

/* The topmost bits of the lanes. */
EMULATED uint8_t zkr_signs(zkr_u64x4 low, zkr_u64x4 high)
{
    return (uint8_t)(_mm256_movemask_pd((__m256d)low) | _mm256_movemask_pd((__m256d)high) << 4);
}

/* --- moves ------------------------------------------------------------------------------------------------------------ */
EMULATED zkr_m512i zkr_mm512_loadu_si512(const void *memory)
{
    const uint8_t *bytes = memory;
    return (zkr_m512i){(zkr_u64x4)_mm256_loadu_si256((const __m256i_u *)(const void *)bytes),
                       (zkr_u64x4)_mm256_loadu_si256((const __m256i_u *)(const void *)(bytes + 32))};
}

EMULATED void zkr_mm512_storeu_si512(void *memory, zkr_m512i a)
{
    uint8_t *bytes = memory;
    _mm256_storeu_si256((__m256i_u *)(void *)bytes, (__m256i)a.low);
    _mm256_storeu_si256((__m256i_u *)(void *)(bytes + 32), (__m256i)a.high);
}

EMULATED zkr_m512i zkr_mm512_set1_epi64(long long value)
{
    return (zkr_m512i){ALL_FOUR((uint64_t)value), ALL_FOUR((uint64_t)value)};
}

EMULATED zkr_m512i zkr_mm512_setzero_si512(void) { return zkr_mm512_set1_epi64(0); }

EMULATED zkr_m512i zkr_mm512_setr_epi64(long long e0, long long e1, long long e2, long long e3, long long e4, long long e5,
                                        long long e6, long long e7)
{
    return (zkr_m512i){{(uint64_t)e0, (uint64_t)e1, (uint64_t)e2, (uint64_t)e3},
                       {(uint64_t)e4, (uint64_t)e5, (uint64_t)e6, (uint64_t)e7}};
}

/* Addresses are numbers, as for the instruction: base may be zero and the index an address. */
EMULATED zkr_m512i zkr_mm512_i64gather_epi64(zkr_m512i index, const void *base, int scale)
{
    uint64_t lanes[8];
    zkr_mm512_storeu_si512(lanes, index);
    for (int k = 0; k < 8; k++) memcpy(&lanes[k], (const void *)((uintptr_t)base + lanes[k] * (uint64_t)scale), 8);
    return zkr_mm512_loadu_si512(lanes);
}

/* In order: of two lanes with one address the higher is written last. */
EMULATED void zkr_mm512_i64scatter_epi64(void *base, zkr_m512i index, zkr_m512i a, int scale)
{
    uint64_t at[8], lanes[8];
    zkr_mm512_storeu_si512(at, index);
    zkr_mm512_storeu_si512(lanes, a);
    for (int k = 0; k < 8; k++) memcpy((void *)((uintptr_t)base + at[k] * (uint64_t)scale), &lanes[k], 8);
}

/* --- arithmetic, modulo 2^64 ------------------------------------------------------------------------------------------- */
EMULATED zkr_m512i zkr_mm512_add_epi64(zkr_m512i a, zkr_m512i b) { return (zkr_m512i){a.low + b.low, a.high + b.high}; }

EMULATED zkr_m512i zkr_mm512_sub_epi64(zkr_m512i a, zkr_m512i b) { return (zkr_m512i){a.low - b.low, a.high - b.high}; }

EMULATED zkr_m512i zkr_mm512_mullo_epi64(zkr_m512i a, zkr_m512i b) { return (zkr_m512i){a.low * b.low, a.high * b.high}; }

/* Signed; -2^63 stays what it is. */
EMULATED zkr_m512i zkr_mm512_abs_epi64(zkr_m512i a)
{
    const zkr_u64x4 low = (zkr_u64x4)((zkr_i64x4)a.low < 0), high = (zkr_u64x4)((zkr_i64x4)a.high < 0);
    return (zkr_m512i){(a.low ^ low) - low, (a.high ^ high) - high};
}

/* The product of the low 52 bits of b and c, 104 bits, by digits of 26 bits: its low or high half is added to a.  What one half
 * shares with the other, and a factor with its next product, the compiler finds. */
EMULATED zkr_u64x4 zkr_product(zkr_u64x4 a, zkr_u64x4 b) /* of the low 32 bits */
{
    return (zkr_u64x4)_mm256_mul_epu32((__m256i)a, (__m256i)b);
}

#define LOW26 ALL_FOUR((UINT64_C(1) << 26) - 1)
#define LOW52 ALL_FOUR((UINT64_C(1) << 52) - 1)

EMULATED zkr_u64x4 zkr_madd52lo(zkr_u64x4 a, zkr_u64x4 b, zkr_u64x4 c)
{
    const zkr_u64x4 b0 = b & LOW26, b1 = b >> 26 & LOW26, c0 = c & LOW26, c1 = c >> 26 & LOW26;
    const zkr_u64x4 middle = zkr_product(b0, c1) + zkr_product(b1, c0);
    return a + ((zkr_product(b0, c0) + (middle << 26)) & LOW52);
}

EMULATED zkr_u64x4 zkr_madd52hi(zkr_u64x4 a, zkr_u64x4 b, zkr_u64x4 c)
{
    const zkr_u64x4 b0 = b & LOW26, b1 = b >> 26 & LOW26, c0 = c & LOW26, c1 = c >> 26 & LOW26;
    const zkr_u64x4 middle = zkr_product(b0, c1) + zkr_product(b1, c0);
    return a + zkr_product(b1, c1) + ((middle + (zkr_product(b0, c0) >> 26)) >> 26);
}

EMULATED zkr_m512i zkr_mm512_madd52lo_epu64(zkr_m512i a, zkr_m512i b, zkr_m512i c)
{
    return (zkr_m512i){zkr_madd52lo(a.low, b.low, c.low), zkr_madd52lo(a.high, b.high, c.high)};
}

EMULATED zkr_m512i zkr_mm512_madd52hi_epu64(zkr_m512i a, zkr_m512i b, zkr_m512i c)
{
    return (zkr_m512i){zkr_madd52hi(a.low, b.low, c.low), zkr_madd52hi(a.high, b.high, c.high)};
}

/* --- bits -------------------------------------------------------------------------------------------------------------- */
EMULATED zkr_m512i zkr_mm512_and_si512(zkr_m512i a, zkr_m512i b) { return (zkr_m512i){a.low & b.low, a.high & b.high}; }

EMULATED zkr_m512i zkr_mm512_or_si512(zkr_m512i a, zkr_m512i b) { return (zkr_m512i){a.low | b.low, a.high | b.high}; }

/* By the low 64 bits of a register; by 64 and more: zero, as AVX2 has it. */
EMULATED zkr_m512i zkr_mm512_sll_epi64(zkr_m512i a, __m128i count)
{
    return (zkr_m512i){(zkr_u64x4)_mm256_sll_epi64((__m256i)a.low, count), (zkr_u64x4)_mm256_sll_epi64((__m256i)a.high, count)};
}

EMULATED zkr_m512i zkr_mm512_srl_epi64(zkr_m512i a, __m128i count)
{
    return (zkr_m512i){(zkr_u64x4)_mm256_srl_epi64((__m256i)a.low, count), (zkr_u64x4)_mm256_srl_epi64((__m256i)a.high, count)};
}

/* By 64 and more: the sign.  What is negative has its bits turned before and after. */
EMULATED zkr_m512i zkr_mm512_sra_epi64(zkr_m512i a, __m128i count)
{
    const zkr_m512i sign = {(zkr_u64x4)((zkr_i64x4)a.low < 0), (zkr_u64x4)((zkr_i64x4)a.high < 0)};
    const zkr_m512i shifted = zkr_mm512_srl_epi64((zkr_m512i){a.low ^ sign.low, a.high ^ sign.high}, count);
    return (zkr_m512i){shifted.low ^ sign.low, shifted.high ^ sign.high};
}

/* By a number in the instruction, of 8 bits. */
EMULATED zkr_m512i zkr_mm512_slli_epi64(zkr_m512i a, unsigned count)
{
    return (count & 0xff) > 63 ? zkr_mm512_setzero_si512() : (zkr_m512i){a.low << (count & 63), a.high << (count & 63)};
}

EMULATED zkr_m512i zkr_mm512_srli_epi64(zkr_m512i a, unsigned count)
{
    return (count & 0xff) > 63 ? zkr_mm512_setzero_si512() : (zkr_m512i){a.low >> (count & 63), a.high >> (count & 63)};
}

/* The sign is moved to a number without one, and back. */
EMULATED zkr_m512i zkr_mm512_srai_epi64(zkr_m512i a, unsigned count)
{
    const unsigned by = (count & 0xff) > 63 ? 63 : count & 0xff;
    const zkr_u64x4 top = ALL_FOUR(UINT64_C(1) << 63);
    return (zkr_m512i){((a.low ^ top) >> by) - (top >> by), ((a.high ^ top) >> by) - (top >> by)};
}

/* --- under a mask: bit k is lane k; a lane without it is that of `from`, or of a ------------------------------------------- */
EMULATED zkr_m512i zkr_mm512_mask_add_epi64(zkr_m512i from, uint8_t mask, zkr_m512i a, zkr_m512i b)
{
    return zkr_chosen(mask, zkr_mm512_add_epi64(a, b), from);
}

EMULATED zkr_m512i zkr_mm512_mask_sub_epi64(zkr_m512i from, uint8_t mask, zkr_m512i a, zkr_m512i b)
{
    return zkr_chosen(mask, zkr_mm512_sub_epi64(a, b), from);
}

EMULATED zkr_m512i zkr_mm512_mask_mov_epi64(zkr_m512i from, uint8_t mask, zkr_m512i a) { return zkr_chosen(mask, a, from); }

EMULATED zkr_m512i zkr_mm512_mask_blend_epi64(uint8_t mask, zkr_m512i a, zkr_m512i b) { return zkr_chosen(mask, b, a); }

/* --- to masks ------------------------------------------------------------------------------------------------------------ */
EMULATED uint8_t zkr_mm512_movepi64_mask(zkr_m512i a) { return zkr_signs(a.low, a.high); }

EMULATED uint8_t zkr_mm512_testn_epi64_mask(zkr_m512i a, zkr_m512i b)
{
    return zkr_signs((zkr_u64x4)((a.low & b.low) == 0), (zkr_u64x4)((a.high & b.high) == 0));
}

/* --- permutations --------------------------------------------------------------------------------------------------------- */
/* Of four lanes, by the low two bits: as pairs of 32-bit words. */
EMULATED zkr_u64x4 zkr_four(zkr_u64x4 a, zkr_u64x4 index)
{
    const zkr_u64x4 even = (index & 3) << 1;
    return (zkr_u64x4)_mm256_permutevar8x32_epi32((__m256i)a, (__m256i)(even | (even | 1) << 32));
}

/* Of eight, by the low three. */
EMULATED zkr_u64x4 zkr_four_of(zkr_m512i a, zkr_u64x4 index)
{
    return zkr_choose((zkr_u64x4)((index & 4) == 4), zkr_four(a.high, index), zkr_four(a.low, index));
}

EMULATED zkr_m512i zkr_mm512_permutexvar_epi64(zkr_m512i index, zkr_m512i a)
{
    return (zkr_m512i){zkr_four_of(a, index.low), zkr_four_of(a, index.high)};
}

EMULATED zkr_m512i zkr_mm512_maskz_permutexvar_epi64(uint8_t mask, zkr_m512i index, zkr_m512i a)
{
    return zkr_chosen(mask, zkr_mm512_permutexvar_epi64(index, a), zkr_mm512_setzero_si512());
}

/* Bit 3 of an index chooses b. */
EMULATED zkr_m512i zkr_mm512_permutex2var_epi64(zkr_m512i a, zkr_m512i index, zkr_m512i b)
{
    return (zkr_m512i){
        zkr_choose((zkr_u64x4)((index.low & 8) == 8), zkr_four_of(b, index.low), zkr_four_of(a, index.low)),
        zkr_choose((zkr_u64x4)((index.high & 8) == 8), zkr_four_of(b, index.high), zkr_four_of(a, index.high))};
}

/* Within each half of four lanes; two bits of the number choose. */
EMULATED zkr_m512i zkr_mm512_permutex_epi64(zkr_m512i a, int order)
{
    const uint64_t by = (uint64_t)order;
    const zkr_u64x4 index = {by, by >> 2, by >> 4, by >> 6};
    return (zkr_m512i){zkr_four(a.low, index), zkr_four(a.high, index)};
}

/* Within each quarter of four 32-bit words. */
EMULATED zkr_m512i zkr_mm512_shuffle_epi32(zkr_m512i a, int order)
{
    const uint32_t w0 = order & 3, w1 = order >> 2 & 3, w2 = order >> 4 & 3, w3 = order >> 6 & 3;
    const zkr_u32x8 index = {w0, w1, w2, w3, 4 + w0, 4 + w1, 4 + w2, 4 + w3};
    return (zkr_m512i){(zkr_u64x4)_mm256_permutevar8x32_epi32((__m256i)a.low, (__m256i)index),
                       (zkr_u64x4)_mm256_permutevar8x32_epi32((__m256i)a.high, (__m256i)index)};
}

/* Quarters of two lanes: the first two of a, the others of b. */
EMULATED zkr_m512i zkr_mm512_shuffle_i64x2(zkr_m512i a, zkr_m512i b, int order)
{
    const uint64_t q0 = 2 * (order & 3), q1 = 2 * (order >> 2 & 3), q2 = 2 * (order >> 4 & 3), q3 = 2 * (order >> 6 & 3);
    return (zkr_m512i){zkr_four_of(a, (zkr_u64x4){q0, q0 + 1, q1, q1 + 1}), zkr_four_of(b, (zkr_u64x4){q2, q2 + 1, q3, q3 + 1})};
}

EMULATED zkr_m512i zkr_mm512_unpacklo_epi64(zkr_m512i a, zkr_m512i b)
{
    return (zkr_m512i){(zkr_u64x4)_mm256_unpacklo_epi64((__m256i)a.low, (__m256i)b.low),
                       (zkr_u64x4)_mm256_unpacklo_epi64((__m256i)a.high, (__m256i)b.high)};
}

EMULATED zkr_m512i zkr_mm512_unpackhi_epi64(zkr_m512i a, zkr_m512i b)
{
    return (zkr_m512i){(zkr_u64x4)_mm256_unpackhi_epi64((__m256i)a.low, (__m256i)b.low),
                       (zkr_u64x4)_mm256_unpackhi_epi64((__m256i)a.high, (__m256i)b.high)};
}

/* --- between widths -------------------------------------------------------------------------------------------------------- */
EMULATED __m128i zkr_mm512_castsi512_si128(zkr_m512i a) { return _mm256_castsi256_si128((__m256i)a.low); }

EMULATED zkr_m256i zkr_mm512_castsi512_si256(zkr_m512i a) { return (zkr_m256i){(zkr_u32x8)a.low}; }

EMULATED zkr_m512i zkr_mm512_castsi256_si512(zkr_m256i a) { return (zkr_m512i){(zkr_u64x4)a.words, ALL_FOUR(UNDEFINED)}; }

EMULATED zkr_m256i zkr_mm512_extracti64x4_epi64(zkr_m512i a, int half)
{
    return (zkr_m256i){(zkr_u32x8)(half & 1 ? a.high : a.low)};
}

EMULATED zkr_m512i zkr_mm512_inserti64x4(zkr_m512i a, zkr_m256i b, int half)
{
    return half & 1 ? (zkr_m512i){a.low, (zkr_u64x4)b.words} : (zkr_m512i){(zkr_u64x4)b.words, a.high};
}

/* The low 32 bits of each lane: the even words of a half, in its first or its last four places. */
EMULATED zkr_m256i zkr_mm512_cvtepi64_epi32(zkr_m512i a)
{
    const zkr_u32x8 even = {0, 2, 4, 6, 0, 2, 4, 6};
    const __m256i low = _mm256_permutevar8x32_epi32((__m256i)a.low, (__m256i)even);
    const __m256i high = _mm256_permutevar8x32_epi32((__m256i)a.high, (__m256i)even);
    return (zkr_m256i){(zkr_u32x8)_mm256_blend_epi32(low, high, 0xf0)};
}

/* --- eight lanes of 32 bits: AVX2, and comparisons into masks ---------------------------------------------------------------- */
EMULATED zkr_m256i zkr_mm256_loadu_si256(const void *memory)
{
    return (zkr_m256i){(zkr_u32x8)_mm256_loadu_si256((const __m256i_u *)memory)};
}

EMULATED void zkr_mm256_storeu_si256(void *memory, zkr_m256i a) { _mm256_storeu_si256((__m256i_u *)memory, (__m256i)a.words); }

EMULATED zkr_m256i zkr_mm256_set1_epi32(int value) { return (zkr_m256i){(zkr_u32x8)_mm256_set1_epi32(value)}; }

EMULATED zkr_m256i zkr_mm256_add_epi32(zkr_m256i a, zkr_m256i b) { return (zkr_m256i){a.words + b.words}; }

EMULATED zkr_m256i zkr_mm256_srl_epi32(zkr_m256i a, __m128i count)
{
    return (zkr_m256i){(zkr_u32x8)_mm256_srl_epi32((__m256i)a.words, count)};
}

EMULATED uint8_t zkr_mm256_cmpgt_epu32_mask(zkr_m256i a, zkr_m256i b)
{
    return (uint8_t)_mm256_movemask_ps((__m256)(a.words > b.words));
}

EMULATED uint8_t zkr_mm256_test_epi32_mask(zkr_m256i a, zkr_m256i b)
{
    return (uint8_t)~_mm256_movemask_ps((__m256)((a.words & b.words) == 0));
}
#endif
