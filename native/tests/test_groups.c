/* test_groups.c: G1, G2 and the pairing of BN254 against each other; edge scalars, repeated points, any threads. */
#include "bn254_points.h"

typedef struct {
    size_t size;
    const uint8_t *generator;
    int (*check)(int, const uint8_t *, size_t, int, int, size_t *);
    int (*add)(int, uint8_t *, const uint8_t *, const uint8_t *, size_t);
    int (*msm)(int, uint8_t *, const uint8_t *, const uint8_t *, size_t, int, size_t *);
    int (*fixed_base)(int, uint8_t *, const uint8_t *, const uint8_t *, size_t, int, size_t *);
} group;

/* The order r as bytes: the scalar field's modulus. */
static void order(uint8_t *out32)
{
    uint8_t unused[32];
    memset(out32, 0, 32);
    for (int bit = 255; bit >= 0; bit--) {
        out32[bit / 8] |= (uint8_t)(1 << bit % 8);
        if (zkr_to_montgomery(ZKR_BN254_FR, unused, out32, 1, NULL) != ZKR_OK) out32[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (int i = 0; i < 32 && ++out32[i] == 0; i++) {}
}

/* s*(t*P) for all bases at once must be (sum s_i*t_i)*P. */
static void test_msm(const group *g, size_t n, int threads)
{
    uint8_t *s = take(32 * n), *t = take(32 * n), *bases = take(g->size * n), sum[32] = {0}, product[32], out[128], expected[128];
    random_elements(s, n);
    random_elements(t, n);
    for (size_t i = 0; i < n; i += 3) small_element(t + 32 * i, i % 2);        /* generator and infinity again and again */
    for (size_t i = 0; i < n; i += 5) small_element(s + 32 * i, i % 4);
    CHECK(g->fixed_base(0, bases, g->generator, t, n, threads, NULL) == ZKR_OK);
    CHECK(g->check(0, bases, n, 1, threads, NULL) == ZKR_OK);
    for (size_t i = 0; i < n; i++) {
        CHECK(zkr_to_montgomery(ZKR_BN254_FR, product, s + 32 * i, 1, NULL) == ZKR_OK);
        CHECK(zkr_vec_mul(ZKR_BN254_FR, product, product, t + 32 * i, 1) == ZKR_OK);
        CHECK(zkr_vec_add(ZKR_BN254_FR, sum, sum, product, 1) == ZKR_OK);
    }
    CHECK(g->fixed_base(0, expected, g->generator, sum, 1, 1, NULL) == ZKR_OK);
    CHECK(g->msm(0, out, s, bases, n, threads, NULL) == ZKR_OK);
    CHECK(memcmp(out, expected, g->size) == 0);
    free(s), free(t), free(bases);
}

static void test_edges(const group *g)
{
    uint8_t r[32], points[4 * 128], out[3 * 128], expected[128], infinity[128] = {0}, scalars[4 * 32] = {0};
    size_t bad = 77;
    order(r);
    /* (r - 1)*P = -P, and P + -P = infinity; P + P = 2*P; infinity is neutral */
    memcpy(scalars, r, 32);
    scalars[0] -= 1;
    CHECK(g->fixed_base(0, points, g->generator, scalars, 1, 1, NULL) == ZKR_OK);
    memcpy(expected, g->generator, g->size);
    negate_points(expected, 1, g->size);
    CHECK(memcmp(points, expected, g->size) == 0);
    memcpy(points + g->size, g->generator, g->size);
    memcpy(points + 2 * g->size, infinity, g->size);
    for (int i = 0; i < 3; i++) memcpy(points + 3 * g->size, g->generator, g->size);
    uint8_t right[3 * 128];
    for (int i = 0; i < 3; i++) memcpy(right + (size_t)i * g->size, g->generator, g->size);
    CHECK(g->add(0, out, points, right, 3) == ZKR_OK);
    CHECK(memcmp(out, infinity, g->size) == 0);
    small_element(scalars, 2);
    CHECK(g->msm(0, expected, scalars, g->generator, 1, 1, NULL) == ZKR_OK);
    CHECK(memcmp(out + g->size, expected, g->size) == 0);
    CHECK(memcmp(out + 2 * g->size, g->generator, g->size) == 0);
    /* refusals */
    CHECK(g->check(0, points, 4, 0, 3, &bad) == ZKR_ERR_INFINITY && bad == 2);
    CHECK(g->check(0, points, 4, 1, 3, &bad) == ZKR_OK);
    points[3 * g->size] ^= 1;
    CHECK(g->check(0, points, 4, 1, 3, &bad) == ZKR_ERR_NOT_ON_CURVE && bad == 3);
    memset(points + g->size, 0xff, 32);
    CHECK(g->check(0, points, 4, 1, 3, &bad) == ZKR_ERR_NOT_CANONICAL && bad == 1);
    CHECK(g->check(0, points, 4, 1, 0, &bad) == ZKR_ERR_THREADS);
    CHECK(g->check(1, points, 4, 1, 1, &bad) == ZKR_ERR_FIELD);
    memcpy(scalars + 32, r, 32);
    memset(out, 0xa5, sizeof out);
    CHECK(g->msm(0, out, scalars, points, 2, 1, &bad) == ZKR_ERR_NOT_CANONICAL && bad == 1);
    CHECK(g->fixed_base(0, out, points, scalars, 2, 1, &bad) == ZKR_ERR_NOT_CANONICAL && bad == 1);
    for (size_t i = 0; i < sizeof out; i++) CHECK(out[i] == 0xa5);
    CHECK(g->msm(0, out, scalars, points, 0, 1, &bad) == ZKR_OK);
    CHECK(memcmp(out, infinity, g->size) == 0);
}

/* e(a*P, b*Q) * e(-ab*P, Q) = 1, and not with another factor; infinity contributes 1. */
static void test_pairing(void)
{
    uint8_t a[32], b[32], ab[32], g1[3 * 64] = {0}, g2[3 * 128] = {0}, e[384], one[384] = {1};
    int is_one = 7;
    random_element(a);
    random_element(b);
    CHECK(zkr_to_montgomery(ZKR_BN254_FR, ab, a, 1, NULL) == ZKR_OK);
    CHECK(zkr_vec_mul(ZKR_BN254_FR, ab, ab, b, 1) == ZKR_OK);
    CHECK(zkr_g1_fixed_base_vartime(0, g1, G1_GENERATOR, a, 1, 1, NULL) == ZKR_OK);
    CHECK(zkr_g2_fixed_base_vartime(0, g2, G2_GENERATOR, b, 1, 1, NULL) == ZKR_OK);
    CHECK(zkr_g1_fixed_base_vartime(0, g1 + 64, G1_GENERATOR, ab, 1, 1, NULL) == ZKR_OK);
    memcpy(g2 + 128, G2_GENERATOR, 128);
    CHECK(zkr_pairing_check_vartime(0, &is_one, g1, g2, 2) == ZKR_OK && is_one == 0);
    negate_points(g1 + 64, 1, 64);
    CHECK(zkr_pairing_check_vartime(0, &is_one, g1, g2, 2) == ZKR_OK && is_one == 1);
    CHECK(zkr_pairing_check_vartime(0, &is_one, g1, g2, 3) == ZKR_OK && is_one == 1); /* the third pair is infinity */
    CHECK(zkr_pairing_check_vartime(0, &is_one, g1, g2, 1) == ZKR_OK && is_one == 0);
    CHECK(zkr_pairing_check_vartime(0, &is_one, g1, g2, 0) == ZKR_OK && is_one == 1);
    CHECK(zkr_pairing_vartime(0, e, g1 + 128, g2) == ZKR_OK && memcmp(e, one, 384) == 0);
    CHECK(zkr_pairing_vartime(0, e, g1, g2) == ZKR_OK && memcmp(e, one, 384) != 0);
}

int main(void)
{
    static const size_t sizes[] = {0, 1, 2, 7, 64, 300};
    const group groups[] = {
        {G1_BYTES, G1_GENERATOR, zkr_g1_check_vartime, zkr_g1_add_vartime, zkr_g1_msm_vartime, zkr_g1_fixed_base_vartime},
        {G2_BYTES, G2_GENERATOR, zkr_g2_check_vartime, zkr_g2_add_vartime, zkr_g2_msm_vartime, zkr_g2_fixed_base_vartime},
    };
    for (size_t k = 0; k < LENGTH(groups); k++) {
        test_edges(&groups[k]);
        for (size_t i = 0; i < LENGTH(sizes); i++) {
            test_msm(&groups[k], sizes[i], 1);
            test_msm(&groups[k], sizes[i], 100); /* more threads than windows: points are split too */
        }
    }
    test_pairing();
    return 0;
}
