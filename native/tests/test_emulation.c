/* test_emulation.c: known answers of each function of emulation/avx512.h, worked out by hand from Intel's pseudo-code.
 *
 * Runs wherever there is AVX2; test_emulation_equal.c holds the same functions to a CPU that has the instructions.
 */
#include "../emulation/avx512.h"

#include "check.h"

#define ALL UINT64_MAX
#define TOP (UINT64_C(1) << 63)
#define BIT52 (UINT64_C(1) << 52)

#define IS(value, ...) is((value), (const uint64_t[8]){__VA_ARGS__}, #value, __LINE__)
#define HALF_IS(value, ...) half_is((value), (const uint32_t[8]){__VA_ARGS__}, #value, __LINE__)

static void is(zkr_m512i found, const uint64_t *expected, const char *what, int line)
{
    uint64_t lane[8];
    memcpy(lane, &found, sizeof lane);
    for (int k = 0; k < 8; k++) {
        if (lane[k] == expected[k]) continue;
        fprintf(stderr, "line %d: lane %d of %s: %#llx\n", line, k, what, (unsigned long long)lane[k]);
        exit(1);
    }
}

static void half_is(zkr_m256i found, const uint32_t *expected, const char *what, int line)
{
    uint32_t lane[8];
    memcpy(lane, &found, sizeof lane);
    for (int k = 0; k < 8; k++) {
        if (lane[k] == expected[k]) continue;
        fprintf(stderr, "line %d: lane %d of %s: %#lx\n", line, k, what, (unsigned long)lane[k]);
        exit(1);
    }
}

static zkr_m512i a, b, edges;
static zkr_m256i half;

static void test_moves(void)
{
    uint64_t memory[24], words[9] = {9, 10, 11, 12, 13, 14, 15, 16, 17}, *at[8];
    IS(a, 10, 11, 12, 13, 14, 15, 16, 17);
    IS(zkr_mm512_setr_epi64(-1, 1, 2, 3, 4, 5, 6, -7), ALL, 1, 2, 3, 4, 5, 6, ALL - 6);
    IS(zkr_mm512_set1_epi64(-2), ALL - 1, ALL - 1, ALL - 1, ALL - 1, ALL - 1, ALL - 1, ALL - 1, ALL - 1);
    IS(zkr_mm512_setzero_si512(), 0, 0, 0, 0, 0, 0, 0, 0);
    IS(zkr_mm512_loadu_si512(words + 1), 10, 11, 12, 13, 14, 15, 16, 17);
    IS(zkr_mm512_loadu_si512((uint8_t *)words + 1), 10ull << 56, 11ull << 56, 12ull << 56, 13ull << 56, 14ull << 56, 15ull << 56,
       16ull << 56, 17ull << 56);

    memset(memory, 0, sizeof memory);
    zkr_mm512_storeu_si512((uint8_t *)memory + 1, a);
    CHECK(memory[0] == 10ull << 8 && memory[7] == 17ull << 8 && memory[8] == 0);

    /* by number of element, backwards from the middle, and by address */
    for (size_t i = 0; i < LENGTH(memory); i++) memory[i] = 100 + i;
    IS(zkr_mm512_i64gather_epi64(zkr_mm512_setr_epi64(0, 3, -1, -8, 15, 1, 1, 2), memory + 8, 8), 108, 111, 107, 100, 123, 109,
       109, 110);
    IS(zkr_mm512_i64gather_epi64(zkr_mm512_setr_epi64(0, 8, 16, 24, 32, 40, 48, 56), memory, 1), 100, 101, 102, 103, 104, 105, 106,
       107);
    for (int k = 0; k < 8; k++) at[k] = memory + 2 * k;
    IS(zkr_mm512_i64gather_epi64(zkr_mm512_loadu_si512(at), (const void *)(uintptr_t)8, 1), 101, 103, 105, 107, 109, 111, 113, 115);

    /* two lanes with one address: the higher one stays */
    zkr_mm512_i64scatter_epi64(memory + 8, zkr_mm512_setr_epi64(0, 3, -1, -8, 15, 1, 1, 2), a, 8);
    CHECK(memory[8] == 10 && memory[11] == 11 && memory[7] == 12 && memory[0] == 13 && memory[23] == 14);
    CHECK(memory[9] == 16 && memory[10] == 17 && memory[1] == 101 && memory[12] == 112);
}

static void test_arithmetic(void)
{
    IS(zkr_mm512_add_epi64(edges, edges), 0, 2, ALL - 1, 0, ALL - 1, 2 * BIT52 - 2, 2 * BIT52, ALL - 3);
    IS(zkr_mm512_sub_epi64(zkr_mm512_setzero_si512(), edges), 0, ALL, 1, TOP, TOP + 1, ALL - BIT52 + 2, ALL - BIT52 + 1, 2);
    IS(zkr_mm512_mullo_epi64(edges, edges), 0, 1, 1, 0, 1, ALL - 2 * BIT52 + 2, 0, 4);
    IS(zkr_mm512_abs_epi64(edges), 0, 1, 1, TOP, TOP - 1, BIT52 - 1, BIT52, 2);

    /* (2^52 - 1)^2 = (2^52 - 2)*2^52 + 1; bits from 52 on of the factors are not read, those of the sum are kept */
    const zkr_m512i one = zkr_mm512_set1_epi64(1), most = zkr_mm512_set1_epi64((long long)(BIT52 - 1));
    IS(zkr_mm512_madd52lo_epu64(one, edges, most), 1, BIT52, 2, 1, 2, 2, 1, 3);
    IS(zkr_mm512_madd52hi_epu64(one, edges, most), 1, 1, BIT52 - 1, 1, BIT52 - 1, BIT52 - 1, 1, BIT52 - 2);
    IS(zkr_mm512_madd52lo_epu64(one, most, edges), 1, BIT52, 2, 1, 2, 2, 1, 3);
    IS(zkr_mm512_madd52hi_epu64(one, most, edges), 1, 1, BIT52 - 1, 1, BIT52 - 1, BIT52 - 1, 1, BIT52 - 2);
    IS(zkr_mm512_madd52lo_epu64(edges, one, one), 1, 2, 0, TOP + 1, TOP, BIT52, BIT52 + 1, ALL);
    IS(zkr_mm512_madd52hi_epu64(edges, zkr_mm512_set1_epi64(1ll << 51), zkr_mm512_set1_epi64(6)), 3, 4, 2, TOP + 3, TOP + 2,
       BIT52 + 2, BIT52 + 3, 1);
}

static void test_bits(void)
{
    IS(zkr_mm512_and_si512(edges, a), 0, 1, 12, 0, 14, 15, 0, 16);
    IS(zkr_mm512_or_si512(edges, a), 10, 11, ALL, TOP + 13, TOP - 1, BIT52 - 1, BIT52 + 16, ALL);
    IS(zkr_mm512_slli_epi64(edges, 1), 0, 2, ALL - 1, 0, ALL - 1, 2 * BIT52 - 2, 2 * BIT52, ALL - 3);
    IS(zkr_mm512_srli_epi64(edges, 52), 0, 0, 4095, 2048, 2047, 0, 1, 4095);
    IS(zkr_mm512_srai_epi64(edges, 52), 0, 0, ALL, ALL - 2047, 2047, 0, 1, ALL);
    IS(zkr_mm512_slli_epi64(edges, 63), 0, TOP, TOP, 0, TOP, TOP, 0, 0);
    IS(zkr_mm512_srli_epi64(edges, 63), 0, 0, 1, 1, 0, 0, 0, 1);
    IS(zkr_mm512_srai_epi64(edges, 63), 0, 0, ALL, ALL, 0, 0, 0, ALL);
    for (unsigned i = 0; i < 4; i++) { /* by nothing, and by more than there is */
        const unsigned count = (const unsigned[]){0, 64, 65, 255}[i];
        const __m128i at_once[] = {_mm_cvtsi32_si128((int)count), _mm_set_epi64x(-1, (long long)count)};
        const zkr_m512i left = count ? zkr_mm512_setzero_si512() : edges;
        const zkr_m512i sign = count ? zkr_mm512_setr_epi64(0, 0, -1, -1, 0, 0, 0, -1) : edges;
        CHECK(memcmp((zkr_m512i[]){zkr_mm512_slli_epi64(edges, count)}, &left, sizeof left) == 0);
        CHECK(memcmp((zkr_m512i[]){zkr_mm512_srli_epi64(edges, count)}, &left, sizeof left) == 0);
        CHECK(memcmp((zkr_m512i[]){zkr_mm512_srai_epi64(edges, count)}, &sign, sizeof sign) == 0);
        for (size_t k = 0; k < LENGTH(at_once); k++) {
            CHECK(memcmp((zkr_m512i[]){zkr_mm512_sll_epi64(edges, at_once[k])}, &left, sizeof left) == 0);
            CHECK(memcmp((zkr_m512i[]){zkr_mm512_srl_epi64(edges, at_once[k])}, &left, sizeof left) == 0);
            CHECK(memcmp((zkr_m512i[]){zkr_mm512_sra_epi64(edges, at_once[k])}, &sign, sizeof sign) == 0);
        }
    }
    /* the count is the low 64 bits of the register, all of them */
    const __m128i four = _mm_set_epi64x(1, 4), huge = _mm_set_epi64x(0, 1ll << 32 | 4);
    IS(zkr_mm512_sll_epi64(a, four), 160, 176, 192, 208, 224, 240, 256, 272);
    IS(zkr_mm512_srl_epi64(edges, four), 0, 0, ALL >> 4, TOP >> 4, (TOP - 1) >> 4, (BIT52 >> 4) - 1, BIT52 >> 4, ALL >> 4);
    IS(zkr_mm512_sra_epi64(edges, four), 0, 0, ALL, ALL - (TOP >> 4) + 1, (TOP - 1) >> 4, (BIT52 >> 4) - 1, BIT52 >> 4, ALL);
    IS(zkr_mm512_sll_epi64(a, huge), 0, 0, 0, 0, 0, 0, 0, 0);
    IS(zkr_mm512_srl_epi64(a, huge), 0, 0, 0, 0, 0, 0, 0, 0);
    IS(zkr_mm512_sra_epi64(edges, huge), 0, 0, ALL, ALL, 0, 0, 0, ALL);
}

static void test_masks(void)
{
    const uint8_t mask = 0xa5; /* lanes 0, 2, 5, 7 */
    IS(zkr_mm512_mask_add_epi64(b, mask, a, a), 20, 21, 24, 23, 24, 30, 26, 34);
    IS(zkr_mm512_mask_sub_epi64(b, mask, a, b), ALL - 9, 21, ALL - 9, 23, 24, ALL - 9, 26, ALL - 9);
    IS(zkr_mm512_mask_mov_epi64(b, mask, a), 10, 21, 12, 23, 24, 15, 26, 17);
    IS(zkr_mm512_mask_blend_epi64(mask, a, b), 20, 11, 22, 13, 14, 25, 16, 27);
    IS(zkr_mm512_maskz_permutexvar_epi64(mask, zkr_mm512_set1_epi64(1), a), 11, 0, 11, 0, 0, 11, 0, 11);
    CHECK(zkr_mm512_movepi64_mask(edges) == 0x8c);
    CHECK(zkr_mm512_testn_epi64_mask(edges, edges) == 0x01);
    CHECK(zkr_mm512_testn_epi64_mask(edges, zkr_mm512_set1_epi64((long long)TOP)) == 0x73);
    CHECK(zkr_mm512_testn_epi64_mask(zkr_mm512_set1_epi64(5), zkr_mm512_set1_epi64(10)) == 0xff);
}

static void test_permutations(void)
{
    /* bits of an index from 3 on are not read; of two sources, from 4 on */
    const zkr_m512i index = zkr_mm512_setr_epi64(7, 0, 8, 15, -1, 16, 6, 9);
    IS(zkr_mm512_permutexvar_epi64(index, a), 17, 10, 10, 17, 17, 10, 16, 11);
    IS(zkr_mm512_maskz_permutexvar_epi64(0xff, index, a), 17, 10, 10, 17, 17, 10, 16, 11);
    IS(zkr_mm512_permutex2var_epi64(a, index, b), 17, 10, 20, 27, 27, 10, 16, 21);
    IS(zkr_mm512_permutex_epi64(a, 0xb1), 11, 10, 13, 12, 15, 14, 17, 16);
    IS(zkr_mm512_permutex_epi64(a, 0x1b), 13, 12, 11, 10, 17, 16, 15, 14);
    IS(zkr_mm512_shuffle_epi32(a, 0x4e), 11, 10, 13, 12, 15, 14, 17, 16);
    IS(zkr_mm512_shuffle_epi32(a, 0xb1), 10ull << 32, 11ull << 32, 12ull << 32, 13ull << 32, 14ull << 32, 15ull << 32, 16ull << 32,
       17ull << 32);
    IS(zkr_mm512_shuffle_i64x2(a, b, 0x44), 10, 11, 12, 13, 20, 21, 22, 23);
    IS(zkr_mm512_shuffle_i64x2(a, b, 0xee), 14, 15, 16, 17, 24, 25, 26, 27);
    IS(zkr_mm512_shuffle_i64x2(a, b, 0x1b), 16, 17, 14, 15, 22, 23, 20, 21);
    IS(zkr_mm512_unpacklo_epi64(a, b), 10, 20, 12, 22, 14, 24, 16, 26);
    IS(zkr_mm512_unpackhi_epi64(a, b), 11, 21, 13, 23, 15, 25, 17, 27);
}

static void test_widths(void)
{
    uint64_t low[2];
    _mm_storeu_si128((__m128i *)(void *)low, zkr_mm512_castsi512_si128(a));
    CHECK(low[0] == 10 && low[1] == 11);
    HALF_IS(zkr_mm512_castsi512_si256(a), 10, 0, 11, 0, 12, 0, 13, 0);
    HALF_IS(zkr_mm512_extracti64x4_epi64(a, 0), 10, 0, 11, 0, 12, 0, 13, 0);
    HALF_IS(zkr_mm512_extracti64x4_epi64(a, 1), 14, 0, 15, 0, 16, 0, 17, 0);
    HALF_IS(zkr_mm512_cvtepi64_epi32(edges), 0, 1, UINT32_MAX, 0, UINT32_MAX, UINT32_MAX, 0, UINT32_MAX - 1);
    HALF_IS(zkr_mm512_castsi512_si256(zkr_mm512_castsi256_si512(half)), 0, 1, 2, 3, 1u << 31, 5, 6, UINT32_MAX);
    CHECK(zkr_mm512_castsi256_si512(half).high[0] != 0); /* undefined: whoever reads it is seen */
    IS(zkr_mm512_inserti64x4(a, half, 0), 1ull << 32, 3ull << 32 | 2, 5ull << 32 | 1ull << 31, (uint64_t)UINT32_MAX << 32 | 6, 14,
       15, 16, 17);
    IS(zkr_mm512_inserti64x4(a, half, 1), 10, 11, 12, 13, 1ull << 32, 3ull << 32 | 2, 5ull << 32 | 1ull << 31,
       (uint64_t)UINT32_MAX << 32 | 6);
}

static void test_halves(void)
{
    uint32_t words[9] = {9, 0, 1, 2, 3, 1u << 31, 5, 6, UINT32_MAX}, copy[9] = {7};
    HALF_IS(zkr_mm256_loadu_si256(words + 1), 0, 1, 2, 3, 1u << 31, 5, 6, UINT32_MAX);
    zkr_mm256_storeu_si256(copy + 1, half);
    CHECK(copy[0] == 7 && memcmp(copy + 1, words + 1, sizeof half) == 0);
    HALF_IS(zkr_mm256_set1_epi32(-3), UINT32_MAX - 2, UINT32_MAX - 2, UINT32_MAX - 2, UINT32_MAX - 2, UINT32_MAX - 2,
            UINT32_MAX - 2, UINT32_MAX - 2, UINT32_MAX - 2);
    HALF_IS(zkr_mm256_add_epi32(half, half), 0, 2, 4, 6, 0, 10, 12, UINT32_MAX - 1);
    HALF_IS(zkr_mm256_srl_epi32(half, _mm_cvtsi32_si128(0)), 0, 1, 2, 3, 1u << 31, 5, 6, UINT32_MAX);
    HALF_IS(zkr_mm256_srl_epi32(half, _mm_set_epi64x(9, 1)), 0, 0, 1, 1, 1u << 30, 2, 3, UINT32_MAX >> 1);
    HALF_IS(zkr_mm256_srl_epi32(half, _mm_cvtsi32_si128(31)), 0, 0, 0, 0, 1, 0, 0, 1);
    HALF_IS(zkr_mm256_srl_epi32(half, _mm_cvtsi32_si128(32)), 0, 0, 0, 0, 0, 0, 0, 0);
    HALF_IS(zkr_mm256_srl_epi32(half, _mm_set_epi64x(0, 1ll << 32)), 0, 0, 0, 0, 0, 0, 0, 0);
    CHECK(zkr_mm256_cmpgt_epu32_mask(half, zkr_mm256_set1_epi32(3)) == 0xf0);
    CHECK(zkr_mm256_cmpgt_epu32_mask(half, half) == 0x00);
    CHECK(zkr_mm256_cmpgt_epu32_mask(zkr_mm256_set1_epi32(3), half) == 0x07);
    CHECK(zkr_mm256_test_epi32_mask(half, zkr_mm256_set1_epi32(1)) == 0xaa);
    CHECK(zkr_mm256_test_epi32_mask(half, half) == 0xfe);
}

int main(void)
{
    if (!__builtin_cpu_supports("avx2")) return skip("this CPU has no AVX2");
    a = zkr_mm512_setr_epi64(10, 11, 12, 13, 14, 15, 16, 17);
    b = zkr_mm512_setr_epi64(20, 21, 22, 23, 24, 25, 26, 27);
    edges = zkr_mm512_setr_epi64(0, 1, -1, INT64_MIN, INT64_MAX, (long long)(BIT52 - 1), (long long)BIT52, -2);
    half = (zkr_m256i){(zkr_u32x8){0, 1, 2, 3, 1u << 31, 5, 6, UINT32_MAX}};
    test_moves();
    test_arithmetic();
    test_bits();
    test_masks();
    test_permutations();
    test_widths();
    test_halves();
    return 0;
}
