/* test_groups.c: G1, G2 and the pairing of each curve against each other; edge scalars, repeated points, any threads. */
#include "curve_points.h"

typedef struct {
    const test_curve *curve;
    size_t size;
    const uint8_t *generator;
    int (*check)(int, const uint8_t *, size_t, int, int, size_t *);
    int (*add)(int, uint8_t *, const uint8_t *, const uint8_t *, size_t);
    int (*msm)(int, uint8_t *, const uint8_t *, const uint8_t *, size_t, int, size_t *);
    int (*fixed_base)(int, uint8_t *, const uint8_t *, const uint8_t *, size_t, int, size_t *);
    int (*products)(int, uint8_t *, const uint8_t *, const uint8_t *, size_t, int, size_t *);
} group;

/* The order r as bytes: the scalar field's modulus. */
static void order(int scalar_field, uint8_t *out32)
{
    uint8_t unused[32];
    memset(out32, 0, 32);
    for (int bit = 255; bit >= 0; bit--) {
        out32[bit / 8] |= (uint8_t)(1 << bit % 8);
        if (zkr_to_montgomery(scalar_field, unused, out32, 1, NULL) != ZKR_OK) out32[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (int i = 0; i < 32 && ++out32[i] == 0; i++) {}
}

/* s*(t*P) for all bases at once must be (sum s_i*t_i)*P. */
static void test_msm(const group *g, size_t n, int threads)
{
    int id = g->curve->id, field = g->curve->scalar_field;
    uint8_t *s = take(32 * n), *t = take(32 * n), *bases = take(g->size * n), sum[32] = {0}, product[32];
    uint8_t out[MOST_G2_BYTES], expected[MOST_G2_BYTES];
    random_elements(s, n);
    random_elements(t, n);
    for (size_t i = 0; i < n; i += 3) small_element(t + 32 * i, i % 2);        /* generator and infinity again and again */
    for (size_t i = 0; i < n; i += 5) small_element(s + 32 * i, i % 4);
    CHECK(g->fixed_base(id, bases, g->generator, t, n, threads, NULL) == ZKR_OK);
    CHECK(g->check(id, bases, n, 1, threads, NULL) == ZKR_OK);
    for (size_t i = 0; i < n; i++) {
        CHECK(zkr_to_montgomery(field, product, s + 32 * i, 1, NULL) == ZKR_OK);
        CHECK(zkr_vec_mul(field, product, product, t + 32 * i, 1) == ZKR_OK);
        CHECK(zkr_vec_add(field, sum, sum, product, 1) == ZKR_OK);
    }
    CHECK(g->fixed_base(id, expected, g->generator, sum, 1, 1, NULL) == ZKR_OK);
    CHECK(g->msm(id, out, s, bases, n, threads, NULL) == ZKR_OK);
    CHECK(memcmp(out, expected, g->size) == 0);
    free(s), free(t), free(bases);
}

/* s*(t*P) must be (s*t)*P, one pair at a time. */
static void test_products(const group *g, size_t n, int threads)
{
    int id = g->curve->id, field = g->curve->scalar_field;
    uint8_t *s = take(32 * n), *t = take(32 * n), *points = take(g->size * n), *out = take(g->size * n);
    uint8_t *expected = take(g->size * n);
    random_elements(s, n);
    random_elements(t, n);
    for (size_t i = 0; i < n; i += 3) small_element(t + 32 * i, i % 2);
    for (size_t i = 0; i < n; i += 5) small_element(s + 32 * i, i % 4);
    CHECK(g->fixed_base(id, points, g->generator, t, n, threads, NULL) == ZKR_OK);
    CHECK(g->products(id, out, s, points, n, threads, NULL) == ZKR_OK);
    CHECK(zkr_to_montgomery(field, s, s, n, NULL) == ZKR_OK && zkr_vec_mul(field, t, s, t, n) == ZKR_OK);
    CHECK(g->fixed_base(id, expected, g->generator, t, n, threads, NULL) == ZKR_OK);
    CHECK(memcmp(out, expected, g->size * n) == 0);
    free(s), free(t), free(points), free(out), free(expected);
}

static void test_edges(const group *g)
{
    enum { MOST = MOST_G2_BYTES };
    int id = g->curve->id;
    uint8_t r[32], points[4 * MOST], out[3 * MOST], expected[MOST], infinity[MOST] = {0}, scalars[4 * 32] = {0};
    size_t bad = 77;
    order(g->curve->scalar_field, r);
    /* (r - 1)*P = -P, and P + -P = infinity; P + P = 2*P; infinity is neutral */
    memcpy(scalars, r, 32);
    scalars[0] -= 1;
    CHECK(g->fixed_base(id, points, g->generator, scalars, 1, 1, NULL) == ZKR_OK);
    memcpy(expected, g->generator, g->size);
    negate_points(g->curve, expected, 1, g->size);
    CHECK(memcmp(points, expected, g->size) == 0);
    memcpy(points + g->size, g->generator, g->size);
    memcpy(points + 2 * g->size, infinity, g->size);
    for (int i = 0; i < 3; i++) memcpy(points + 3 * g->size, g->generator, g->size);
    uint8_t right[3 * MOST];
    for (int i = 0; i < 3; i++) memcpy(right + (size_t)i * g->size, g->generator, g->size);
    CHECK(g->add(id, out, points, right, 3) == ZKR_OK);
    CHECK(memcmp(out, infinity, g->size) == 0);
    small_element(scalars, 2);
    CHECK(g->msm(id, expected, scalars, g->generator, 1, 1, NULL) == ZKR_OK);
    CHECK(memcmp(out + g->size, expected, g->size) == 0);
    CHECK(memcmp(out + 2 * g->size, g->generator, g->size) == 0);
    /* refusals */
    CHECK(g->check(id, points, 4, 0, 3, &bad) == ZKR_ERR_INFINITY && bad == 2);
    CHECK(g->check(id, points, 4, 1, 3, &bad) == ZKR_OK);
    points[3 * g->size] ^= 1;
    CHECK(g->check(id, points, 4, 1, 3, &bad) == ZKR_ERR_NOT_ON_CURVE && bad == 3);
    memset(points + g->size, 0xff, g->curve->base_bytes);
    CHECK(g->check(id, points, 4, 1, 3, &bad) == ZKR_ERR_NOT_CANONICAL && bad == 1);
    CHECK(g->check(id, points, 4, 1, 0, &bad) == ZKR_ERR_THREADS);
    CHECK(g->check(2, points, 4, 1, 1, &bad) == ZKR_ERR_FIELD);
    memcpy(scalars + 32, r, 32);
    memset(out, 0xa5, sizeof out);
    CHECK(g->msm(id, out, scalars, points, 2, 1, &bad) == ZKR_ERR_NOT_CANONICAL && bad == 1);
    CHECK(g->fixed_base(id, out, points, scalars, 2, 1, &bad) == ZKR_ERR_NOT_CANONICAL && bad == 1);
    for (size_t i = 0; i < sizeof out; i++) CHECK(out[i] == 0xa5);
    CHECK(g->msm(id, out, scalars, points, 0, 1, &bad) == ZKR_OK);
    CHECK(memcmp(out, infinity, g->size) == 0);
}

/* e(a*P, b*Q) * e(-ab*P, Q) = 1, and not with another factor; infinity contributes 1. */
static void test_pairing(const test_curve *curve)
{
    int id = curve->id, field = curve->scalar_field;
    size_t g1_bytes = 2 * curve->base_bytes, g2_bytes = 4 * curve->base_bytes, gt_bytes = 12 * curve->base_bytes;
    uint8_t a[32], b[32], ab[32], g1[3 * MOST_G1_BYTES] = {0}, g2[3 * MOST_G2_BYTES] = {0};
    uint8_t e[MOST_GT_BYTES], one[MOST_GT_BYTES] = {1};
    int is_one = 7;
    random_element(a);
    random_element(b);
    CHECK(zkr_to_montgomery(field, ab, a, 1, NULL) == ZKR_OK);
    CHECK(zkr_vec_mul(field, ab, ab, b, 1) == ZKR_OK);
    CHECK(zkr_g1_fixed_base_vartime(id, g1, curve->g1, a, 1, 1, NULL) == ZKR_OK);
    CHECK(zkr_g2_fixed_base_vartime(id, g2, curve->g2, b, 1, 1, NULL) == ZKR_OK);
    CHECK(zkr_g1_fixed_base_vartime(id, g1 + g1_bytes, curve->g1, ab, 1, 1, NULL) == ZKR_OK);
    memcpy(g2 + g2_bytes, curve->g2, g2_bytes);
    CHECK(zkr_pairing_check_vartime(id, &is_one, g1, g2, 2) == ZKR_OK && is_one == 0);
    negate_points(curve, g1 + g1_bytes, 1, g1_bytes);
    CHECK(zkr_pairing_check_vartime(id, &is_one, g1, g2, 2) == ZKR_OK && is_one == 1);
    CHECK(zkr_pairing_check_vartime(id, &is_one, g1, g2, 3) == ZKR_OK && is_one == 1); /* the third pair is infinity */
    CHECK(zkr_pairing_check_vartime(id, &is_one, g1, g2, 1) == ZKR_OK && is_one == 0);
    CHECK(zkr_pairing_check_vartime(id, &is_one, g1, g2, 0) == ZKR_OK && is_one == 1);
    CHECK(zkr_pairing_vartime(id, e, g1 + 2 * g1_bytes, g2) == ZKR_OK && memcmp(e, one, gt_bytes) == 0);
    CHECK(zkr_pairing_vartime(id, e, g1, g2) == ZKR_OK && memcmp(e, one, gt_bytes) != 0);
}

static void test_curve_groups(const test_curve *curve)
{
    static const size_t sizes[] = {0, 1, 2, 7, 64, 300};
    const group groups[] = {
        {curve, 2 * curve->base_bytes, curve->g1, zkr_g1_check_vartime, zkr_g1_add_vartime, zkr_g1_msm_vartime,
         zkr_g1_fixed_base_vartime, zkr_g1_products_vartime},
        {curve, 4 * curve->base_bytes, curve->g2, zkr_g2_check_vartime, zkr_g2_add_vartime, zkr_g2_msm_vartime,
         zkr_g2_fixed_base_vartime, zkr_g2_products_vartime},
    };
    for (size_t k = 0; k < LENGTH(groups); k++) {
        test_edges(&groups[k]);
        for (size_t i = 0; i < LENGTH(sizes); i++) {
            test_msm(&groups[k], sizes[i], 1);
            test_products(&groups[k], sizes[i], i % 2 ? 1 : 3);
            test_msm(&groups[k], sizes[i], 100); /* more threads than windows: points are split too */
        }
    }
    test_pairing(curve);
}

int main(void)
{
    for (size_t i = 0; i < LENGTH(TEST_CURVES); i++) test_curve_groups(&TEST_CURVES[i]);
    return 0;
}
