/* fuzz_points.h: the points that the fuzz targets choose from, on both curves: those of G1 and G2, and those beside them. */
#ifndef ZKR_FUZZ_POINTS_H
#define ZKR_FUZZ_POINTS_H
#include "../tests/curve_points.h"
#include "fuzz.h"

#define FIELD bn254_fp
#define FIELD2 bn254_fp2
#include "../tests/whole_curve.h"
#undef FIELD
#undef FIELD2
#define FIELD bls12_381_fp
#define FIELD2 bls12_381_fp2
#include "../tests/whole_curve.h"
#undef FIELD
#undef FIELD2

enum {
    NUM_POOL = 12, /* infinity, P, 2P, 3P, 5P, .., -P, -2P, and some of no pattern */
    NUM_STRAYS = 4 /* of the whole curve: on BN254's G1 the same as the group, everywhere else outside */
};

typedef enum { G1 = 1, G2 = 2 } group_number;

typedef struct {
    uint8_t g1[(NUM_POOL + NUM_STRAYS) * MOST_G1_BYTES], g2[(NUM_POOL + NUM_STRAYS) * MOST_G2_BYTES];
} point_pool;

static inline size_t point_bytes(const test_curve *curve, group_number group) { return 2 * (size_t)group * curve->base_bytes; }

static inline const test_curve *feed_curve(feed *f) { return &TEST_CURVES[feed_below(f, LENGTH(TEST_CURVES))]; }

#define FILL_STRAYS(curve, out1, out2)                                                                                 \
    for (uint64_t i = 0; i < NUM_STRAYS; i++) {                                                                        \
        ZKR_JOIN(curve, fp) x, y;                                                                                      \
        ZKR_JOIN(curve, fp2) x2, y2;                                                                                   \
        ZKR_JOIN(curve, fp_point_near)(&x, &y, &ZKR_JOIN(curve, g1_b), 10 * i);                                        \
        ZKR_JOIN(curve, fp2_point_near)(&x2, &y2, &ZKR_JOIN(curve, g2_b), 10 * i);                                     \
        memcpy((out1) + 2 * i * sizeof x, &x, sizeof x), memcpy((out1) + (2 * i + 1) * sizeof x, &y, sizeof y);        \
        memcpy((out2) + 2 * i * sizeof x2, &x2, sizeof x2), memcpy((out2) + (2 * i + 1) * sizeof x2, &y2, sizeof y2);  \
    }

static inline void fill_pool(const test_curve *curve, point_pool *pool)
{
    size_t size1 = point_bytes(curve, G1), size2 = point_bytes(curve, G2);
    uint8_t scalars[NUM_POOL * 32] = {0}, *strays1 = pool->g1 + NUM_POOL * size1, *strays2 = pool->g2 + NUM_POOL * size2;
    const uint8_t small[] = {0, 1, 2, 3, 5, 8, 13};
    size_t bad;
    random_state = 1; /* the same whichever curve is asked for first */
    for (size_t i = 0; i < sizeof small; i++) scalars[32 * i] = small[i];
    random_elements(scalars + 32 * sizeof small, NUM_POOL - sizeof small);
    CHECK(zkr_g1_fixed_base_vartime(curve->id, pool->g1, curve->g1, scalars, NUM_POOL, 1, NULL) == ZKR_OK);
    CHECK(zkr_g2_fixed_base_vartime(curve->id, pool->g2, curve->g2, scalars, NUM_POOL, 1, NULL) == ZKR_OK);
    for (size_t i = 1; i < 3; i++) {
        memcpy(pool->g1 + (6 + i) * size1, pool->g1 + i * size1, size1);
        memcpy(pool->g2 + (6 + i) * size2, pool->g2 + i * size2, size2);
        negate_points(curve, pool->g1 + (6 + i) * size1, 1, size1);
        negate_points(curve, pool->g2 + (6 + i) * size2, 1, size2);
    }
    if (curve->id == ZKR_BN254) {
        FILL_STRAYS(bn254, strays1, strays2)
    } else {
        FILL_STRAYS(bls12_381, strays1, strays2)
        CHECK(zkr_g1_check_vartime(curve->id, strays1, 1, 0, 1, &bad) == ZKR_ERR_NOT_IN_SUBGROUP);
    }
    CHECK(zkr_g2_check_vartime(curve->id, strays2, 1, 0, 1, &bad) == ZKR_ERR_NOT_IN_SUBGROUP);
}

static inline const uint8_t *pool_point(const test_curve *curve, group_number group, size_t index)
{
    static point_pool pools[LENGTH(TEST_CURVES)];
    static int made[LENGTH(TEST_CURVES)];
    if (!made[curve->id]) fill_pool(curve, &pools[curve->id]);
    made[curve->id] = 1;
    return (group == G1 ? pools[curve->id].g1 : pools[curve->id].g2) + index * point_bytes(curve, group);
}

/* A point of the group, infinity among them. */
static inline const uint8_t *feed_point(feed *f, const test_curve *curve, group_number group)
{
    return pool_point(curve, group, feed_below(f, NUM_POOL));
}

/* A point of the curve that may be outside the group. */
static inline const uint8_t *feed_stray(feed *f, const test_curve *curve, group_number group)
{
    return pool_point(curve, group, feed_below(f, NUM_POOL + NUM_STRAYS));
}

/* n points of the group, in memory of just their size. */
static inline uint8_t *feed_points(feed *f, const test_curve *curve, group_number group, size_t n)
{
    size_t size = point_bytes(curve, group);
    uint8_t *points = take(size * n);
    for (size_t i = 0; i < n; i++) memcpy(points + i * size, feed_point(f, curve, group), size);
    return points;
}
#endif
