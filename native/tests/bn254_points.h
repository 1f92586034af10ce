/* bn254_points.h: the generators of BN254 as bytes, for the tests. */
#ifndef ZKR_BN254_POINTS_H
#define ZKR_BN254_POINTS_H
#include "../templates/base.h"
#include "../templates/limbs.h"

#include "../params/bn254_fp.h"

#define FIELD bn254_fp
#define FIELD2 bn254_fp2
#include "../templates/field.h"
#include "../templates/fp2.h"
#undef FIELD
#undef FIELD2
#include "../params/bn254.h"

#include "check.h"

enum { G1_BYTES = 64, G2_BYTES = 128 };
#define G1_GENERATOR ((const uint8_t *)bn254_g1_generator)
#define G2_GENERATOR ((const uint8_t *)bn254_g2_generator)

/* -p for n points of `size` bytes: y is the second half, one coordinate after another. */
static inline void negate_points(uint8_t *points, size_t n, size_t size)
{
    uint8_t zero[32] = {0};
    for (size_t i = 0; i < n; i++) {
        for (size_t at = size / 2; at < size; at += 32) {
            uint8_t *y = points + i * size + at;
            CHECK(zkr_vec_sub(ZKR_BN254_FP, y, zero, y, 1) == ZKR_OK);
        }
    }
}
#endif
