/* test_vectors.c: vector operations on edge values and every awkward size, against arithmetic bit by bit. */
#include "check.h"

static const size_t SIZES[] = {0, 1, 7, 8, 9, 15, 16, 17, 31, 33, 64, 513};
enum { FIELDS = 4, MOST_BYTES = MOST_ELEMENT_BYTES, MOST = 513 };
static size_t size; /* bytes of an element of the field under test */

/* The modulus is the smallest value that to_montgomery refuses; found here by bisection, not read from the kernel. */
static void find_modulus(int field, uint8_t *modulus)
{
    uint8_t out[MOST_BYTES];
    memset(modulus, 0, size);
    for (int bit = 8 * (int)size - 1; bit >= 0; bit--) { /* largest accepted value */
        modulus[bit / 8] |= (uint8_t)(1 << bit % 8);
        if (zkr_to_montgomery(field, out, modulus, 1, NULL) != ZKR_OK) modulus[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t i = 0; i < size && ++modulus[i] == 0; i++) {} /* + 1 */
}

/* out = a - b, returns the borrow. */
static int subtract(uint8_t *out, const uint8_t *a, const uint8_t *b)
{
    int borrow = 0;
    for (size_t i = 0; i < size; i++) {
        int difference = a[i] - b[i] - borrow;
        borrow = difference < 0;
        out[i] = (uint8_t)difference;
    }
    return borrow;
}

/* out = a + b mod m for a, b < m, the top bit of m being clear. */
static void add_slowly(uint8_t *out, const uint8_t *a, const uint8_t *b, const uint8_t *modulus)
{
    uint8_t sum[MOST_BYTES], reduced[MOST_BYTES];
    int carry = 0;
    for (size_t i = 0; i < size; i++) {
        carry += a[i] + b[i];
        sum[i] = (uint8_t)carry;
        carry >>= 8;
    }
    memcpy(out, subtract(reduced, sum, modulus) ? sum : reduced, size);
}

/* out = a * b mod m, double and add. */
static void multiply_slowly(uint8_t *out, const uint8_t *a, const uint8_t *b, const uint8_t *modulus)
{
    uint8_t result[MOST_BYTES] = {0};
    for (int bit = 8 * (int)size - 1; bit >= 0; bit--) {
        add_slowly(result, result, result, modulus);
        if (b[bit / 8] >> bit % 8 & 1) add_slowly(result, result, a, modulus);
    }
    memcpy(out, result, size);
}

/* 0, 1, p-1, 2^k and p - 2^k for all k below the top, then random elements. */
static void edge_values(uint8_t *out, size_t n, const uint8_t *modulus)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t *element = out + size * i, power[MOST_BYTES] = {0};
        size_t kind = i % 4, k = i / 4 * 37 % (8 * size - 3);
        power[k / 8] = (uint8_t)(1 << k % 8);
        memset(element, 0, size);
        if (i == 1) element[0] = 1;
        if (i == 2) power[k / 8] = 0, power[0] = 1, subtract(element, modulus, power);
        if (i > 2 && kind == 0) memcpy(element, power, size);
        if (i > 2 && kind == 1) subtract(element, modulus, power);
        if (i > 2 && kind >= 2) random_sized(element, size);
    }
}

static void test_products(int field, size_t n, const uint8_t *modulus)
{
    uint8_t *a = take(size * n), *b = take(size * n), *ma = take(size * n), *mb = take(size * n), *out = take(size * n);
    uint8_t expected[MOST_BYTES];
    edge_values(a, n, modulus);
    for (size_t i = 0; i < n; i++) memcpy(b + size * i, a + size * (i * 7 % n), size);
    CHECK(zkr_to_montgomery(field, ma, a, n, NULL) == ZKR_OK);
    CHECK(zkr_to_montgomery(field, mb, b, n, NULL) == ZKR_OK);
    CHECK(zkr_vec_mul(field, out, ma, mb, n) == ZKR_OK);
    CHECK(zkr_from_montgomery(field, out, out, n, NULL) == ZKR_OK); /* in place */
    for (size_t i = 0; i < n; i++) {
        multiply_slowly(expected, a + size * i, b + size * i, modulus);
        CHECK(memcmp(out + size * i, expected, size) == 0);
    }
    CHECK(zkr_vec_add(field, out, a, b, n) == ZKR_OK); /* sums do not care for the form */
    for (size_t i = 0; i < n; i++) {
        add_slowly(expected, a + size * i, b + size * i, modulus);
        CHECK(memcmp(out + size * i, expected, size) == 0);
    }
    CHECK(zkr_vec_sub(field, out, out, b, n) == ZKR_OK);
    CHECK(memcmp(out, a, size * n) == 0);
    if (n > 0) {
        CHECK(zkr_vec_scale(field, out, ma, mb, n) == ZKR_OK);
        CHECK(zkr_from_montgomery(field, out, out, n, NULL) == ZKR_OK);
        for (size_t i = 0; i < n; i++) {
            multiply_slowly(expected, a + size * i, b, modulus);
            CHECK(memcmp(out + size * i, expected, size) == 0);
        }
    }
    free(a), free(b), free(ma), free(mb), free(out);
}

static void test_inverses(int field, size_t n, const uint8_t *modulus)
{
    uint8_t *a = take(size * n), *out = take(size * n), *product = take(size * n), one[MOST_BYTES] = {1};
    size_t bad = 12345;
    edge_values(a, n, modulus);
    if (n > 0) {
        memset(out, 0xa5, size * n);
        CHECK(zkr_vec_inverse_vartime(field, out, a, n, &bad) == ZKR_ERR_ZERO); /* element 0 is 0 */
        CHECK(bad == 0);
        for (size_t i = 0; i < size * n; i++) CHECK(out[i] == 0xa5);
        a[0] = 2;
    }
    CHECK(zkr_vec_inverse_vartime(field, out, a, n, &bad) == ZKR_OK);
    CHECK(zkr_vec_mul(field, product, out, a, n) == ZKR_OK); /* R in Montgomery form */
    CHECK(zkr_from_montgomery(field, product, product, n, NULL) == ZKR_OK);
    for (size_t i = 0; i < n; i++) CHECK(memcmp(product + size * i, one, size) == 0);
    free(a), free(out), free(product);
}

static void test_refusals(int field, const uint8_t *modulus)
{
    uint8_t in[3 * MOST_BYTES] = {0}, out[3 * MOST_BYTES];
    size_t bad = 99;
    memset(out, 0xa5, sizeof out);
    memcpy(in + 2 * size, modulus, size);
    CHECK(zkr_to_montgomery(field, out, in, 3, &bad) == ZKR_ERR_NOT_CANONICAL && bad == 2);
    bad = 99;
    CHECK(zkr_from_montgomery(field, out, in, 3, &bad) == ZKR_ERR_NOT_CANONICAL && bad == 2);
    CHECK(zkr_vec_mul(field, out, in, in, 3) == ZKR_ERR_NOT_CANONICAL);
    CHECK(zkr_vec_scale(field, out, in, in + 2 * size, 2) == ZKR_ERR_NOT_CANONICAL);
    CHECK(zkr_vec_add(field, out, in, in, SIZE_MAX) == ZKR_ERR_LENGTH);
    for (size_t i = 0; i < sizeof out; i++) CHECK(out[i] == 0xa5);
    CHECK(zkr_vec_add(FIELDS, out, in, in, 1) == ZKR_ERR_FIELD);
    CHECK(zkr_vec_add(-1, out, in, in, 1) == ZKR_ERR_FIELD);
}

/* Every size up to MOST, in place and not, against one element a call; what lies behind stays as it was. */
static void test_every_size(int field, const uint8_t *modulus)
{
    static uint8_t a[MOST_BYTES * MOST], b[MOST_BYTES * MOST], expected[7][MOST_BYTES * MOST], out[MOST_BYTES * MOST + 1];
    edge_values(a, MOST, modulus);
    a[0] = 3;
    for (size_t i = 0; i < MOST; i++) memcpy(b + size * i, a + size * (i * 5 % MOST), size);
    for (size_t i = 0; i < MOST; i++) {
        const uint8_t *x = a + size * i, *y = b + size * i;
        CHECK(zkr_to_montgomery(field, expected[0] + size * i, x, 1, NULL) == ZKR_OK);
        CHECK(zkr_from_montgomery(field, expected[1] + size * i, x, 1, NULL) == ZKR_OK);
        CHECK(zkr_vec_add(field, expected[2] + size * i, x, y, 1) == ZKR_OK);
        CHECK(zkr_vec_sub(field, expected[3] + size * i, x, y, 1) == ZKR_OK);
        CHECK(zkr_vec_mul(field, expected[4] + size * i, x, y, 1) == ZKR_OK);
        CHECK(zkr_vec_scale(field, expected[5] + size * i, x, b, 1) == ZKR_OK);
        CHECK(zkr_vec_inverse_vartime(field, expected[6] + size * i, x, 1, NULL) == ZKR_OK);
    }
    for (size_t n = 0; n <= MOST; n++) {
        for (int kind = 0; kind < 7; kind++) {
            int status = ZKR_OK, is_in_place = (n + (size_t)kind) % 2;
            const uint8_t *x = is_in_place ? out : a;
            memcpy(out, a, size * n);
            out[size * n] = 0x5a;
            if (kind == 0) status = zkr_to_montgomery(field, out, x, n, NULL);
            if (kind == 1) status = zkr_from_montgomery(field, out, x, n, NULL);
            if (kind == 2) status = zkr_vec_add(field, out, x, b, n);
            if (kind == 3) status = zkr_vec_sub(field, out, x, b, n);
            if (kind == 4) status = zkr_vec_mul(field, out, x, b, n);
            if (kind == 5) status = zkr_vec_scale(field, out, x, b, n);
            if (kind == 6) status = zkr_vec_inverse_vartime(field, out, a, n, NULL);
            CHECK(status == ZKR_OK && out[size * n] == 0x5a);
            CHECK(memcmp(out, expected[kind], size * n) == 0);
        }
    }
}

/* Buffers may lie at any address. */
static void test_unaligned(int field)
{
    uint8_t a[21 * MOST_BYTES + 8], b[21 * MOST_BYTES + 8], out[21 * MOST_BYTES + 8], expected[21 * MOST_BYTES];
    for (size_t i = 0; i < 21; i++) random_sized(expected + size * i, size);
    for (int shift = 1; shift < 8; shift++) {
        memcpy(a + shift, expected, 21 * size);
        memcpy(b + 8 - shift, expected, 21 * size);
        CHECK(zkr_vec_mul(field, out + shift, a + shift, b + 8 - shift, 21) == ZKR_OK);
        CHECK(zkr_vec_mul(field, a, expected, expected, 21) == ZKR_OK);
        CHECK(memcmp(a, out + shift, 21 * size) == 0);
    }
}

int main(void)
{
    for (int field = 0; field < FIELDS; field++) {
        uint8_t modulus[MOST_BYTES];
        size = element_bytes(field);
        find_modulus(field, modulus);
        for (size_t i = 0; i < LENGTH(SIZES); i++) {
            test_products(field, SIZES[i], modulus);
            test_inverses(field, SIZES[i], modulus);
        }
        test_refusals(field, modulus);
        test_unaligned(field);
        test_every_size(field, modulus);
    }
    return 0;
}
