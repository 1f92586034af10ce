/* baby_jubjub.h: Baby Jubjub as zkr_eddsa_new takes it, with random numbers for the hash: what is shown here holds for any hash.
 * The library checks the base and its order; tests/algebra has the real hash and its vectors.
 */
#ifndef ZKR_BABY_JUBJUB_H
#define ZKR_BABY_JUBJUB_H
#include "check.h"

enum { BABY_FULL = 8, BABY_PARTIAL = 60, BABY_WIDTH = 6 };

static uint8_t baby_a[32], baby_d[32], baby_k_end[32], baby_constants[(BABY_FULL + BABY_PARTIAL) * BABY_WIDTH * 32];
static uint8_t baby_mds[BABY_WIDTH * BABY_WIDTH * 32];
static const uint8_t baby_zero[32], zero_mds[BABY_WIDTH * BABY_WIDTH * 32];
/* zkrelay/curves/embedded.py: the generator, x then y, and its order. */
static const uint8_t baby_base[64] = {
    0x51, 0x70, 0x95, 0xbb, 0xf6, 0xf3, 0x93, 0x28, 0xb6, 0xe0, 0x34, 0x05, 0x01, 0xd8, 0xb8, 0x2a,
    0xc1, 0x77, 0x62, 0x9d, 0xe0, 0xb2, 0xac, 0x4e, 0x9b, 0x73, 0x3e, 0xd6, 0x6a, 0x7a, 0xb7, 0x0b,
    0x8b, 0x7d, 0x2d, 0x87, 0x7a, 0x25, 0x3c, 0x4b, 0x77, 0x33, 0xe1, 0xb9, 0x1f, 0x05, 0xe0, 0xfc,
    0xed, 0xf9, 0x6b, 0xd1, 0x1c, 0x2e, 0x57, 0x25, 0x49, 0xb2, 0xa0, 0xf7, 0x03, 0x72, 0x79, 0x25,
};
static const uint8_t baby_order[32] = {
    0xf1, 0x26, 0x21, 0x39, 0xdc, 0x97, 0x72, 0x67, 0x0a, 0xee, 0x20, 0x39, 0xb8, 0xed, 0x3e, 0xab,
    0x0b, 0x2b, 0x30, 0xd0, 0xb6, 0x08, 0x0a, 0x37, 0x05, 0x34, 0x26, 0x5c, 0xce, 0x89, 0x0c, 0x06,
};

static inline zkr_eddsa_parameters baby_parameters(void)
{
    static int is_filled;
    if (!is_filled) {
        is_filled = 1;
        small_element(baby_a, 168700);
        small_element(baby_d, 168696);
        memset(baby_k_end, 0xff, sizeof baby_k_end); /* every k is below */
        random_elements(baby_constants, sizeof baby_constants / 32);
        random_elements(baby_mds, sizeof baby_mds / 32);
    }
    return (zkr_eddsa_parameters){.a = baby_a, .d = baby_d, .base = baby_base, .order = baby_order, .s_end = baby_order,
                                  .k_begin = baby_zero, .k_end = baby_k_end, .full_rounds = BABY_FULL,
                                  .partial_rounds = BABY_PARTIAL, .round_constants = baby_constants, .mds = baby_mds};
}
#endif
