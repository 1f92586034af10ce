/* test_ntt.c: transforms against evaluation by Horner's rule, for any threads; and what they refuse. */
#include "check.h"

/* f(x) for n Montgomery coefficients. */
static void evaluate(int field, uint8_t *out32, const uint8_t *coefficients, size_t n, const uint8_t *x)
{
    memset(out32, 0, 32);
    for (size_t i = n; i-- > 0;) {
        CHECK(zkr_vec_mul(field, out32, out32, x, 1) == ZKR_OK);
        CHECK(zkr_vec_add(field, out32, out32, coefficients + 32 * i, 1) == ZKR_OK);
    }
}

/* The transform of (0, 1, 0, ..) lists the points; each must be the one before times omega, and evaluations must agree. */
static void test_against_horner(int field, uint32_t log_size)
{
    size_t n = (size_t)1 << log_size;
    uint8_t *points = take(32 * n), *values = take(32 * n), *coefficients = take(32 * n), shift[32], one[32] = {1}, expected[32];
    random_element(shift);
    CHECK(zkr_to_montgomery(field, one, one, 1, NULL) == ZKR_OK);
    for (int use_shift = 0; use_shift < 2; use_shift++) {
        memset(points, 0, 32 * n);
        if (n > 1) memcpy(points + 32, one, 32);
        CHECK(zkr_ntt(field, points, log_size, 0, use_shift ? shift : NULL, 1) == ZKR_OK);
        if (n == 1) memcpy(points, use_shift ? shift : one, 32);
        CHECK(memcmp(points, use_shift ? shift : one, 32) == 0);
        random_elements(coefficients, n);
        memcpy(values, coefficients, 32 * n);
        CHECK(zkr_ntt(field, values, log_size, 0, use_shift ? shift : NULL, 2) == ZKR_OK);
        for (size_t i = 0; i < n; i++) {
            evaluate(field, expected, coefficients, n, points + 32 * i);
            CHECK(memcmp(values + 32 * i, expected, 32) == 0);
        }
        CHECK(zkr_ntt(field, values, log_size, 1, use_shift ? shift : NULL, 3) == ZKR_OK);
        CHECK(memcmp(values, coefficients, 32 * n) == 0);
    }
    free(points), free(values), free(coefficients);
}

/* Large enough to be split between threads. */
static void test_threads(int field)
{
    enum { LOG = 13 };
    size_t size = 32u << LOG;
    uint8_t *in = take(size), *one = take(size), *many = take(size);
    random_elements(in, 1u << LOG);
    memcpy(one, in, size);
    CHECK(zkr_ntt(field, one, LOG, 0, NULL, 1) == ZKR_OK);
    for (int threads = 2; threads <= ZKR_MAX_THREADS; threads = threads * 3 + 1) {
        memcpy(many, in, size);
        CHECK(zkr_ntt(field, many, LOG, 0, NULL, threads) == ZKR_OK);
        CHECK(memcmp(one, many, size) == 0);
        CHECK(zkr_ntt(field, many, LOG, 1, NULL, threads) == ZKR_OK);
        CHECK(memcmp(in, many, size) == 0);
    }
    free(in), free(one), free(many);
}

static void test_refusals(void)
{
    uint8_t values[128], zero[32] = {0}, ones[32];
    memset(values, 0, sizeof values);
    memset(ones, 0xff, sizeof ones);
    CHECK(zkr_ntt(ZKR_BN254_FP, values, 1, 0, NULL, 1) == ZKR_ERR_FIELD);
    CHECK(zkr_ntt(ZKR_BLS12_381_FP, values, 1, 0, NULL, 1) == ZKR_ERR_FIELD);
    CHECK(zkr_ntt(ZKR_BN254_FR, values, ZKR_MAX_LOG_SIZE + 1, 0, NULL, 1) == ZKR_ERR_DOMAIN);
    CHECK(zkr_ntt(ZKR_BN254_FR, values, UINT32_MAX, 0, NULL, 1) == ZKR_ERR_DOMAIN);
    CHECK(zkr_ntt(ZKR_BN254_FR, values, 2, 0, NULL, 0) == ZKR_ERR_THREADS);
    CHECK(zkr_ntt(ZKR_BN254_FR, values, 2, 0, NULL, ZKR_MAX_THREADS + 1) == ZKR_ERR_THREADS);
    CHECK(zkr_ntt(ZKR_BN254_FR, values, 2, 0, zero, 1) == ZKR_ERR_ZERO);
    CHECK(zkr_ntt(ZKR_BN254_FR, values, 2, 0, ones, 1) == ZKR_ERR_NOT_CANONICAL);
    memset(values + 96, 0xff, 32);
    CHECK(zkr_ntt(ZKR_BN254_FR, values, 2, 0, NULL, 1) == ZKR_ERR_NOT_CANONICAL);
}

int main(void)
{
    for (uint32_t log_size = 0; log_size <= 7; log_size++) {
        test_against_horner(ZKR_BN254_FR, log_size);
        test_against_horner(ZKR_BLS12_381_FR, log_size);
    }
    test_threads(ZKR_BN254_FR);
    test_threads(ZKR_BLS12_381_FR);
    test_refusals();
    return 0;
}
