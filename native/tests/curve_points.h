/* curve_points.h: the curves of the kernel as the tests see them: identifiers, sizes, and the generators as bytes. */
#ifndef ZKR_CURVE_POINTS_H
#define ZKR_CURVE_POINTS_H
#include "../templates/base.h"
#include "../templates/limbs.h"

#include "../params/bls12_381_fp.h"
#include "../params/bn254_fp.h"

#define FIELD bn254_fp
#define FIELD2 bn254_fp2
#include "../templates/field.h"
#include "../templates/fp2.h"
#undef FIELD
#undef FIELD2
#include "../params/bn254.h"

#define FIELD bls12_381_fp
#define FIELD2 bls12_381_fp2
#include "../templates/field.h"
#include "../templates/fp2.h"
#undef FIELD
#undef FIELD2
#include "../params/bls12_381.h"

#include "check.h"

typedef struct {
    int id, scalar_field, base_field;
    size_t base_bytes; /* of an element of the base field; points of G1 and G2 have 2 and 4 times as many */
    const uint8_t *g1, *g2;
} test_curve;

static const test_curve TEST_CURVES[] = {
    {ZKR_BN254, ZKR_BN254_FR, ZKR_BN254_FP, 32, (const uint8_t *)bn254_g1_generator, (const uint8_t *)bn254_g2_generator},
    {ZKR_BLS12_381, ZKR_BLS12_381_FR, ZKR_BLS12_381_FP, 48, (const uint8_t *)bls12_381_g1_generator,
     (const uint8_t *)bls12_381_g2_generator},
};
enum { MOST_G1_BYTES = 96, MOST_G2_BYTES = 192, MOST_GT_BYTES = 576 };

/* -p for n points of `size` bytes: y is the second half, one coordinate after another. */
static inline void negate_points(const test_curve *curve, uint8_t *points, size_t n, size_t size)
{
    uint8_t zero[MOST_ELEMENT_BYTES] = {0};
    for (size_t i = 0; i < n; i++) {
        for (size_t at = size / 2; at < size; at += curve->base_bytes) {
            uint8_t *y = points + i * size + at;
            CHECK(zkr_vec_sub(curve->base_field, y, zero, y, 1) == ZKR_OK);
        }
    }
}
#endif
