/* avx512.h: the AVX-512 instructions that templates/lanes uses, in plain C, for machines that lack them.
 *
 * Each function is the pseudo-code of the intrinsic of the same name in Intel's guide [Intel-Intrinsics], lane by lane; the
 * name has zkr before it, and rename.h puts it in the place of the intrinsic.  No function branches on a value, so that what
 * valgrind says of the emulated kernel's branches and addresses is said of the source of the kernel.
 *
 * Where the pseudo-code leaves bits undefined, they are UNDEFINED here: a number that no caller can mistake for zero.
 */
#ifndef ZKR_EMULATION_AVX512_H
#define ZKR_EMULATION_AVX512_H
#include <emmintrin.h>
#include <stdint.h>
#include <string.h>

/* As the kernel may, one reads a lane as a long long: so it is a type that may stand for that one. */
typedef struct {
    _Alignas(64) unsigned long long lane[8];
} zkr_m512i;

typedef struct {
    _Alignas(32) uint32_t lane[8];
} zkr_m256i;

#define EMULATED static inline __attribute__((unused))
#define EACH_LANE for (int k = 0; k < 8; k++)
#define UNDEFINED UINT64_C(0xdeaddeaddeaddead)
#define LOW52 ((UINT64_C(1) << 52) - 1)

/* All ones where bit k of the mask is set, else zero. */
#define WHERE(mask, k) (-((uint64_t)(mask) >> (k) & 1))
#define CHOOSE(mask, k, yes, no) (((yes) & WHERE(mask, k)) | ((no) & ~WHERE(mask, k)))

/* --- moves ------------------------------------------------------------------------------------------------------------ */
EMULATED zkr_m512i zkr_mm512_loadu_si512(const void *memory)
{
    zkr_m512i out;
    memcpy(&out, memory, sizeof out);
    return out;
}

EMULATED void zkr_mm512_storeu_si512(void *memory, zkr_m512i a) { memcpy(memory, &a, sizeof a); }

EMULATED zkr_m512i zkr_mm512_set1_epi64(long long value)
{
    zkr_m512i out;
    EACH_LANE out.lane[k] = (uint64_t)value;
    return out;
}

EMULATED zkr_m512i zkr_mm512_setzero_si512(void) { return zkr_mm512_set1_epi64(0); }

EMULATED zkr_m512i zkr_mm512_setr_epi64(long long e0, long long e1, long long e2, long long e3, long long e4, long long e5,
                                        long long e6, long long e7)
{
    return (zkr_m512i){{(uint64_t)e0, (uint64_t)e1, (uint64_t)e2, (uint64_t)e3, (uint64_t)e4, (uint64_t)e5, (uint64_t)e6,
                        (uint64_t)e7}};
}

/* Addresses are numbers, as for the instruction: base may be zero and the index an address. */
EMULATED zkr_m512i zkr_mm512_i64gather_epi64(zkr_m512i index, const void *base, int scale)
{
    zkr_m512i out;
    EACH_LANE memcpy(&out.lane[k], (const void *)((uintptr_t)base + index.lane[k] * (uint64_t)scale), 8);
    return out;
}

/* In order: of two lanes with one address the higher is written last. */
EMULATED void zkr_mm512_i64scatter_epi64(void *base, zkr_m512i index, zkr_m512i a, int scale)
{
    EACH_LANE memcpy((void *)((uintptr_t)base + index.lane[k] * (uint64_t)scale), &a.lane[k], 8);
}

/* --- arithmetic, modulo 2^64 ------------------------------------------------------------------------------------------- */
EMULATED zkr_m512i zkr_mm512_add_epi64(zkr_m512i a, zkr_m512i b)
{
    EACH_LANE a.lane[k] += b.lane[k];
    return a;
}

EMULATED zkr_m512i zkr_mm512_sub_epi64(zkr_m512i a, zkr_m512i b)
{
    EACH_LANE a.lane[k] -= b.lane[k];
    return a;
}

EMULATED zkr_m512i zkr_mm512_mullo_epi64(zkr_m512i a, zkr_m512i b)
{
    EACH_LANE a.lane[k] *= b.lane[k];
    return a;
}

/* Signed; -2^63 stays what it is. */
EMULATED zkr_m512i zkr_mm512_abs_epi64(zkr_m512i a)
{
    EACH_LANE a.lane[k] = (a.lane[k] ^ WHERE(a.lane[k], 63)) - WHERE(a.lane[k], 63);
    return a;
}

/* The product of the low 52 bits of b and c, 104 bits: its low or high half is added to a. */
__extension__ typedef unsigned __int128 zkr_m104;

EMULATED zkr_m512i zkr_mm512_madd52lo_epu64(zkr_m512i a, zkr_m512i b, zkr_m512i c)
{
    EACH_LANE a.lane[k] += (b.lane[k] & LOW52) * (c.lane[k] & LOW52) & LOW52;
    return a;
}

EMULATED zkr_m512i zkr_mm512_madd52hi_epu64(zkr_m512i a, zkr_m512i b, zkr_m512i c)
{
    EACH_LANE a.lane[k] += (uint64_t)((zkr_m104)(b.lane[k] & LOW52) * (c.lane[k] & LOW52) >> 52);
    return a;
}

/* --- bits -------------------------------------------------------------------------------------------------------------- */
EMULATED zkr_m512i zkr_mm512_and_si512(zkr_m512i a, zkr_m512i b)
{
    EACH_LANE a.lane[k] &= b.lane[k];
    return a;
}

EMULATED zkr_m512i zkr_mm512_or_si512(zkr_m512i a, zkr_m512i b)
{
    EACH_LANE a.lane[k] |= b.lane[k];
    return a;
}

/* By 64 and more: zero, and the sign for the arithmetic shift. */
static inline uint64_t zkr_shifted_left(uint64_t a, uint64_t count) { return count > 63 ? 0 : a << count; }
static inline uint64_t zkr_shifted_right(uint64_t a, uint64_t count) { return count > 63 ? 0 : a >> count; }
static inline uint64_t zkr_shifted_signed(uint64_t a, uint64_t count)
{
    return (uint64_t)((int64_t)a >> (count > 63 ? 63 : count));
}

EMULATED zkr_m512i zkr_mm512_slli_epi64(zkr_m512i a, unsigned count)
{
    EACH_LANE a.lane[k] = zkr_shifted_left(a.lane[k], count & 0xff);
    return a;
}

EMULATED zkr_m512i zkr_mm512_srli_epi64(zkr_m512i a, unsigned count)
{
    EACH_LANE a.lane[k] = zkr_shifted_right(a.lane[k], count & 0xff);
    return a;
}

EMULATED zkr_m512i zkr_mm512_srai_epi64(zkr_m512i a, unsigned count)
{
    EACH_LANE a.lane[k] = zkr_shifted_signed(a.lane[k], count & 0xff);
    return a;
}

/* By the low 64 bits of a register. */
EMULATED zkr_m512i zkr_mm512_sll_epi64(zkr_m512i a, __m128i count)
{
    EACH_LANE a.lane[k] = zkr_shifted_left(a.lane[k], (uint64_t)_mm_cvtsi128_si64(count));
    return a;
}

EMULATED zkr_m512i zkr_mm512_srl_epi64(zkr_m512i a, __m128i count)
{
    EACH_LANE a.lane[k] = zkr_shifted_right(a.lane[k], (uint64_t)_mm_cvtsi128_si64(count));
    return a;
}

EMULATED zkr_m512i zkr_mm512_sra_epi64(zkr_m512i a, __m128i count)
{
    EACH_LANE a.lane[k] = zkr_shifted_signed(a.lane[k], (uint64_t)_mm_cvtsi128_si64(count));
    return a;
}

/* --- under a mask: bit k is lane k; a lane without it is that of `from`, or of a ------------------------------------------- */
EMULATED zkr_m512i zkr_mm512_mask_add_epi64(zkr_m512i from, uint8_t mask, zkr_m512i a, zkr_m512i b)
{
    EACH_LANE a.lane[k] = CHOOSE(mask, k, a.lane[k] + b.lane[k], from.lane[k]);
    return a;
}

EMULATED zkr_m512i zkr_mm512_mask_sub_epi64(zkr_m512i from, uint8_t mask, zkr_m512i a, zkr_m512i b)
{
    EACH_LANE a.lane[k] = CHOOSE(mask, k, a.lane[k] - b.lane[k], from.lane[k]);
    return a;
}

EMULATED zkr_m512i zkr_mm512_mask_mov_epi64(zkr_m512i from, uint8_t mask, zkr_m512i a)
{
    EACH_LANE a.lane[k] = CHOOSE(mask, k, a.lane[k], from.lane[k]);
    return a;
}

EMULATED zkr_m512i zkr_mm512_mask_blend_epi64(uint8_t mask, zkr_m512i a, zkr_m512i b)
{
    EACH_LANE a.lane[k] = CHOOSE(mask, k, b.lane[k], a.lane[k]);
    return a;
}

/* --- to masks ------------------------------------------------------------------------------------------------------------ */
EMULATED uint8_t zkr_mm512_movepi64_mask(zkr_m512i a)
{
    uint64_t mask = 0;
    EACH_LANE mask |= a.lane[k] >> 63 << k;
    return (uint8_t)mask;
}

EMULATED uint8_t zkr_mm512_testn_epi64_mask(zkr_m512i a, zkr_m512i b)
{
    unsigned mask = 0;
    EACH_LANE mask |= (unsigned)((a.lane[k] & b.lane[k]) == 0) << k;
    return (uint8_t)mask;
}

/* --- permutations --------------------------------------------------------------------------------------------------------- */
EMULATED zkr_m512i zkr_mm512_permutexvar_epi64(zkr_m512i index, zkr_m512i a)
{
    EACH_LANE index.lane[k] = a.lane[index.lane[k] & 7];
    return index;
}

EMULATED zkr_m512i zkr_mm512_maskz_permutexvar_epi64(uint8_t mask, zkr_m512i index, zkr_m512i a)
{
    EACH_LANE index.lane[k] = a.lane[index.lane[k] & 7] & WHERE(mask, k);
    return index;
}

/* Bit 3 of an index chooses b. */
EMULATED zkr_m512i zkr_mm512_permutex2var_epi64(zkr_m512i a, zkr_m512i index, zkr_m512i b)
{
    EACH_LANE index.lane[k] = CHOOSE(index.lane[k], 3, b.lane[index.lane[k] & 7], a.lane[index.lane[k] & 7]);
    return index;
}

/* Within each half of four lanes; two bits of the number choose. */
EMULATED zkr_m512i zkr_mm512_permutex_epi64(zkr_m512i a, int order)
{
    zkr_m512i out;
    EACH_LANE out.lane[k] = a.lane[(k & 4) + (order >> 2 * (k & 3) & 3)];
    return out;
}

/* Within each quarter of four 32-bit words. */
EMULATED zkr_m512i zkr_mm512_shuffle_epi32(zkr_m512i a, int order)
{
    uint32_t in[16], out[16];
    memcpy(in, &a, sizeof in);
    for (int k = 0; k < 16; k++) out[k] = in[(k & 12) + (order >> 2 * (k & 3) & 3)];
    memcpy(&a, out, sizeof out);
    return a;
}

/* Quarters of two lanes: the first two of a, the others of b. */
EMULATED zkr_m512i zkr_mm512_shuffle_i64x2(zkr_m512i a, zkr_m512i b, int order)
{
    zkr_m512i out;
    EACH_LANE out.lane[k] = (k < 4 ? a : b).lane[2 * (order >> 2 * (k / 2) & 3) + k % 2];
    return out;
}

EMULATED zkr_m512i zkr_mm512_unpacklo_epi64(zkr_m512i a, zkr_m512i b)
{
    zkr_m512i out;
    EACH_LANE out.lane[k] = (k % 2 ? b : a).lane[k - k % 2];
    return out;
}

EMULATED zkr_m512i zkr_mm512_unpackhi_epi64(zkr_m512i a, zkr_m512i b)
{
    zkr_m512i out;
    EACH_LANE out.lane[k] = (k % 2 ? b : a).lane[k - k % 2 + 1];
    return out;
}

/* --- between widths -------------------------------------------------------------------------------------------------------- */
EMULATED __m128i zkr_mm512_castsi512_si128(zkr_m512i a)
{
    return _mm_set_epi64x((long long)a.lane[1], (long long)a.lane[0]);
}

EMULATED zkr_m256i zkr_mm512_castsi512_si256(zkr_m512i a)
{
    zkr_m256i out;
    memcpy(&out, &a.lane[0], sizeof out);
    return out;
}

EMULATED zkr_m512i zkr_mm512_castsi256_si512(zkr_m256i a)
{
    zkr_m512i out = zkr_mm512_set1_epi64((long long)UNDEFINED);
    memcpy(&out.lane[0], &a, sizeof a);
    return out;
}

EMULATED zkr_m256i zkr_mm512_extracti64x4_epi64(zkr_m512i a, int half)
{
    zkr_m256i out;
    memcpy(&out, &a.lane[4 * (half & 1)], sizeof out);
    return out;
}

EMULATED zkr_m512i zkr_mm512_inserti64x4(zkr_m512i a, zkr_m256i b, int half)
{
    memcpy(&a.lane[4 * (half & 1)], &b, sizeof b);
    return a;
}

/* The low 32 bits of each lane. */
EMULATED zkr_m256i zkr_mm512_cvtepi64_epi32(zkr_m512i a)
{
    zkr_m256i out;
    EACH_LANE out.lane[k] = (uint32_t)a.lane[k];
    return out;
}

/* --- eight lanes of 32 bits: AVX2, and comparisons into masks ---------------------------------------------------------------- */
EMULATED zkr_m256i zkr_mm256_loadu_si256(const void *memory)
{
    zkr_m256i out;
    memcpy(&out, memory, sizeof out);
    return out;
}

EMULATED void zkr_mm256_storeu_si256(void *memory, zkr_m256i a) { memcpy(memory, &a, sizeof a); }

EMULATED zkr_m256i zkr_mm256_set1_epi32(int value)
{
    zkr_m256i out;
    EACH_LANE out.lane[k] = (uint32_t)value;
    return out;
}

EMULATED zkr_m256i zkr_mm256_add_epi32(zkr_m256i a, zkr_m256i b)
{
    EACH_LANE a.lane[k] += b.lane[k];
    return a;
}

EMULATED zkr_m256i zkr_mm256_srl_epi32(zkr_m256i a, __m128i count)
{
    uint64_t by = (uint64_t)_mm_cvtsi128_si64(count);
    EACH_LANE a.lane[k] = by > 31 ? 0 : a.lane[k] >> by;
    return a;
}

EMULATED uint8_t zkr_mm256_cmpgt_epu32_mask(zkr_m256i a, zkr_m256i b)
{
    unsigned mask = 0;
    EACH_LANE mask |= (unsigned)(a.lane[k] > b.lane[k]) << k;
    return (uint8_t)mask;
}

EMULATED uint8_t zkr_mm256_test_epi32_mask(zkr_m256i a, zkr_m256i b)
{
    unsigned mask = 0;
    EACH_LANE mask |= (unsigned)((a.lane[k] & b.lane[k]) != 0) << k;
    return (uint8_t)mask;
}
#endif
