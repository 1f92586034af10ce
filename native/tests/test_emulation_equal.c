/* test_emulation_equal.c: each function of emulation/avx512.h against the instruction itself, on edges and random inputs.
 *
 * Every operand comes from fresh(), so that over the rounds the edges meet each other and random numbers in all places;
 * what the instruction takes from its code (shifts by a constant, orders) goes through all 256 values.
 */
#include <immintrin.h>

#include "../emulation/avx512.h"

#include "check.h"
#include "lanes_main.h"

enum { ROUNDS = 1500 };

static const uint64_t edges[] = {0, 1, 2, 7, 8, 15, 31, 32, 51, 52, 63, 64, UINT64_MAX, UINT64_MAX - 1, UINT64_C(1) << 63,
                                 (UINT64_C(1) << 63) - 1, (UINT64_C(1) << 52) - 1, UINT64_C(1) << 52, UINT32_MAX,
                                 UINT64_C(1) << 32, UINT64_C(1) << 31, (UINT64_C(1) << 52) - 2};

/* The operands of a round, as memory: registers are loaded by each side for itself. */
static uint64_t a[8], b[8], c[8];
static uint8_t mask;

static uint64_t fresh(void) { return random_word() % 4 == 0 ? edges[random_word() % LENGTH(edges)] : random_word(); }

static void fresh_operands(void)
{
    for (int k = 0; k < 8; k++) a[k] = fresh();
    for (int k = 0; k < 8; k++) b[k] = random_word() % 8 == 0 ? a[k] : fresh();
    for (int k = 0; k < 8; k++) c[k] = fresh();
    mask = (uint8_t)random_word();
}

/* A shift by a register, often near the limit; its other half must not matter. */
static __m128i fresh_count(uint64_t limit)
{
    uint64_t count = random_word() % 4 ? random_word() % limit : fresh();
    /* Bochs 2.7 shifts right by exactly 64 as if by 0, where Intel's pseudo-code says: IF COUNT > 63 THEN DEST := 0. */
    if (count == 64 && getenv("ZKRELAY_BOCHS") != NULL) count = 65;
    return _mm_set_epi64x((long long)fresh(), (long long)count);
}

static void equal(const void *found, const void *expected, size_t size, const char *what)
{
    if (memcmp(found, expected, size) == 0) return;
    fprintf(stderr, "%s: not what the instruction gives\n", what);
    exit(1);
}

#define R(name) _mm512_loadu_si512(name)    /* the operand in a real register */
#define E(name) zkr_mm512_loadu_si512(name) /* and in an emulated one */
#define HALF_R(name) _mm256_loadu_si256((const __m256i *)(const void *)(name))
#define HALF_E(name) zkr_mm256_loadu_si256(name)

#define SAME(type, real, emulated)                                                                                     \
    do {                                                                                                               \
        type found_ = (emulated);                                                                                      \
        equal(&found_, &(real), sizeof found_, #emulated);                                                             \
    } while (0)
#define SAME512(name, real_arguments, emulated_arguments)                                                              \
    SAME(zkr_m512i, (__m512i[]){_mm512_##name real_arguments}[0], zkr_mm512_##name emulated_arguments)
#define SAME256(name, real_arguments, emulated_arguments)                                                              \
    SAME(zkr_m256i, (__m256i[]){name real_arguments}[0], zkr##name emulated_arguments)
#define SAME_MASK(name, real_arguments, emulated_arguments)                                                            \
    SAME(uint8_t, (__mmask8[]){name real_arguments}[0], zkr##name emulated_arguments)

/* of(n) for n = 0..255 */
#define FOUR(of, n) of(n) of((n) + 1) of((n) + 2) of((n) + 3)
#define SIXTEEN(of, n) FOUR(of, n) FOUR(of, (n) + 4) FOUR(of, (n) + 8) FOUR(of, (n) + 12)
#define SIXTY_FOUR(of, n) SIXTEEN(of, n) SIXTEEN(of, (n) + 16) SIXTEEN(of, (n) + 32) SIXTEEN(of, (n) + 48)
#define EACH_BYTE(of) SIXTY_FOUR(of, 0) SIXTY_FOUR(of, 64) SIXTY_FOUR(of, 128) SIXTY_FOUR(of, 192)

/* The instruction with each byte as its constant, held to the function with that argument. */
#define CHECK_EACH_BYTE(name, emulated_operands)                                                                       \
    __attribute__((noinline)) static void check_##name(void)                                                           \
    {                                                                                                                  \
        __m512i real[256];                                                                                             \
        EACH_BYTE(name##_TO)                                                                                           \
        for (int n = 0; n < 256; n++) SAME(zkr_m512i, real[n], zkr_mm512_##name emulated_operands);                    \
    }
#define slli_epi64_TO(n) real[n] = _mm512_slli_epi64(R(a), n);
#define srli_epi64_TO(n) real[n] = _mm512_srli_epi64(R(a), n);
#define srai_epi64_TO(n) real[n] = _mm512_srai_epi64(R(a), n);
#define permutex_epi64_TO(n) real[n] = _mm512_permutex_epi64(R(a), n);
#define shuffle_epi32_TO(n) real[n] = _mm512_shuffle_epi32(R(a), (_MM_PERM_ENUM)(n));
#define shuffle_i64x2_TO(n) real[n] = _mm512_shuffle_i64x2(R(a), R(b), n);
CHECK_EACH_BYTE(slli_epi64, (E(a), (unsigned)n))
CHECK_EACH_BYTE(srli_epi64, (E(a), (unsigned)n))
CHECK_EACH_BYTE(srai_epi64, (E(a), (unsigned)n))
CHECK_EACH_BYTE(permutex_epi64, (E(a), n))
CHECK_EACH_BYTE(shuffle_epi32, (E(a), n))
CHECK_EACH_BYTE(shuffle_i64x2, (E(a), E(b), n))

static void check_moves(void)
{
    uint64_t table[16], real[16], emulated[16], index[8];
    SAME512(loadu_si512, (a), (a));
    SAME512(set1_epi64, ((long long)a[0]), ((long long)a[0]));
    SAME512(setzero_si512, (), ());
    const long long *e = (const long long *)a;
    SAME512(setr_epi64, (e[0], e[1], e[2], e[3], e[4], e[5], e[6], e[7]), (e[0], e[1], e[2], e[3], e[4], e[5], e[6], e[7]));

    for (int k = 0; k < 16; k++) table[k] = random_word();
    for (int k = 0; k < 8; k++) index[k] = random_word() % 16 - 8;
    SAME512(i64gather_epi64, (R(index), table + 8, 8), (E(index), table + 8, 8));
    for (int k = 0; k < 8; k++) index[k] = (uintptr_t)(table + random_word() % 15);
    SAME512(i64gather_epi64, (R(index), (const void *)(uintptr_t)8, 1), (E(index), (const void *)(uintptr_t)8, 1));

    for (int k = 0; k < 8; k++) index[k] = random_word() % 16 - 8;
    memset(real, 0, sizeof real);
    memset(emulated, 0, sizeof emulated);
    _mm512_i64scatter_epi64(real + 8, R(index), R(a), 8);
    zkr_mm512_i64scatter_epi64(emulated + 8, E(index), E(a), 8);
    equal(emulated, real, sizeof real, "zkr_mm512_i64scatter_epi64");

    memset(real, 0, sizeof real);
    memset(emulated, 0, sizeof emulated);
    _mm512_storeu_si512((uint8_t *)real + 3, R(a));
    zkr_mm512_storeu_si512((uint8_t *)emulated + 3, E(a));
    equal(emulated, real, sizeof real, "zkr_mm512_storeu_si512");
}

static void check_arithmetic(void)
{
    SAME512(add_epi64, (R(a), R(b)), (E(a), E(b)));
    SAME512(sub_epi64, (R(a), R(b)), (E(a), E(b)));
    SAME512(mullo_epi64, (R(a), R(b)), (E(a), E(b)));
    SAME512(abs_epi64, (R(a)), (E(a)));
    SAME512(madd52lo_epu64, (R(a), R(b), R(c)), (E(a), E(b), E(c)));
    SAME512(madd52hi_epu64, (R(a), R(b), R(c)), (E(a), E(b), E(c)));
    SAME512(and_si512, (R(a), R(b)), (E(a), E(b)));
    SAME512(or_si512, (R(a), R(b)), (E(a), E(b)));
    const __m128i count = fresh_count(66);
    SAME512(sll_epi64, (R(a), count), (E(a), count));
    SAME512(srl_epi64, (R(a), count), (E(a), count));
    SAME512(sra_epi64, (R(a), count), (E(a), count));
}

static void check_masks(void)
{
    SAME512(mask_add_epi64, (R(a), mask, R(b), R(c)), (E(a), mask, E(b), E(c)));
    SAME512(mask_sub_epi64, (R(a), mask, R(b), R(c)), (E(a), mask, E(b), E(c)));
    SAME512(mask_mov_epi64, (R(a), mask, R(b)), (E(a), mask, E(b)));
    SAME512(mask_blend_epi64, (mask, R(a), R(b)), (mask, E(a), E(b)));
    SAME512(permutexvar_epi64, (R(a), R(b)), (E(a), E(b)));
    SAME512(maskz_permutexvar_epi64, (mask, R(a), R(b)), (mask, E(a), E(b)));
    SAME512(permutex2var_epi64, (R(a), R(b), R(c)), (E(a), E(b), E(c)));
    SAME512(unpacklo_epi64, (R(a), R(b)), (E(a), E(b)));
    SAME512(unpackhi_epi64, (R(a), R(b)), (E(a), E(b)));
    SAME_MASK(_mm512_movepi64_mask, (R(a)), (E(a)));
    SAME_MASK(_mm512_testn_epi64_mask, (R(a), R(b)), (E(a), E(b)));
}

static void check_halves(void)
{
    SAME(__m128i, (__m128i[]){_mm512_castsi512_si128(R(a))}[0], zkr_mm512_castsi512_si128(E(a)));
    SAME256(_mm512_castsi512_si256, (R(a)), (E(a)));
    SAME256(_mm512_extracti64x4_epi64, (R(a), 0), (E(a), 0));
    SAME256(_mm512_extracti64x4_epi64, (R(a), 1), (E(a), 1));
    SAME256(_mm512_cvtepi64_epi32, (R(a)), (E(a)));
    SAME512(inserti64x4, (R(a), HALF_R(b), 0), (E(a), HALF_E(b), 0));
    SAME512(inserti64x4, (R(a), HALF_R(b), 1), (E(a), HALF_E(b), 1));
    const zkr_m512i widened = zkr_mm512_castsi256_si512(HALF_E(a)); /* the other half is undefined */
    const __m512i real = _mm512_castsi256_si512(HALF_R(a));
    equal(&widened, &real, sizeof(zkr_m256i), "zkr_mm512_castsi256_si512");

    const __m128i count = fresh_count(34);
    uint64_t real_memory[5] = {0}, emulated_memory[5] = {0};
    _mm256_storeu_si256((__m256i *)(void *)((uint8_t *)real_memory + 3), HALF_R(a));
    zkr_mm256_storeu_si256((uint8_t *)emulated_memory + 3, HALF_E(a));
    equal(emulated_memory, real_memory, sizeof real_memory, "zkr_mm256_storeu_si256");
    SAME256(_mm256_loadu_si256, ((const __m256i *)(const void *)a), (a));
    SAME256(_mm256_set1_epi32, ((int)a[0]), ((int)a[0]));
    SAME256(_mm256_add_epi32, (HALF_R(a), HALF_R(b)), (HALF_E(a), HALF_E(b)));
    SAME256(_mm256_srl_epi32, (HALF_R(a), count), (HALF_E(a), count));
    SAME_MASK(_mm256_cmpgt_epu32_mask, (HALF_R(a), HALF_R(b)), (HALF_E(a), HALF_E(b)));
    SAME_MASK(_mm256_test_epi32_mask, (HALF_R(a), HALF_R(b)), (HALF_E(a), HALF_E(b)));
}

int run_lanes(int argc, char **argv)
{
    (void)argc, (void)argv;
    for (int round = 0; round < ROUNDS; round++) {
        fresh_operands();
        check_moves();
        check_arithmetic();
        check_masks();
        check_halves();
        if (round % 50 != 0) continue;
        check_slli_epi64();
        check_srli_epi64();
        check_srai_epi64();
        check_permutex_epi64();
        check_shuffle_epi32();
        check_shuffle_i64x2();
    }
    return 0;
}
