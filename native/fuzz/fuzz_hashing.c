/* fuzz_hashing.c: Poseidon of every shape, Edwards curves and points that may be none, BLAKE2b in pieces. */
#include "fuzz.h"

typedef struct {
    int operation, field, width, full_rounds, partial_rounds;
    size_t num_hashes;
    const uint8_t *inputs, *constants, *mds;
    const uint8_t *scalars, *points, *a, *d; /* two each of scalars and points */
} arguments;

static int call(void *context, uint8_t *out, size_t *bad_index)
{
    const arguments *x = context;
    if (x->operation == 0) {
        return zkr_poseidon(x->field, out, x->inputs, x->num_hashes, x->width, x->full_rounds, x->partial_rounds, x->constants, x->mds,
                            bad_index);
    }
    if (x->operation == 1) return zkr_edwards_mul(x->field, out, x->scalars, x->points, x->a, x->d);
    return zkr_edwards_double_mul_vartime(x->field, out, x->scalars, x->points, x->scalars + 32,
                                          x->points + 2 * element_bytes(x->field), x->a, x->d);
}

static void feed_poseidon(feed *f, arguments *x)
{
    size_t size = element_bytes(x->field);
    x->width = (int)feed_below(f, 20), x->full_rounds = (int)feed_below(f, 9), x->partial_rounds = (int)feed_below(f, 9);
    x->num_hashes = feed_below(f, 12);
    int refused = x->width < 2 || x->width > 17 || x->full_rounds % 2;
    size_t width = refused ? 0 : (size_t)x->width, rounds = (size_t)(x->full_rounds + x->partial_rounds);
    if (feed_below(f, 32) == 31) { /* refused before a byte is read */
        x->width = (int)feed_number(f, 4) | INT32_MIN;
        width = 0;
    }
    random_state = 1; /* the same for the same input */
    uint8_t *constants = take(size * rounds * width), *mds = take(size * width * width);
    for (size_t i = 0; i < rounds * width; i++) random_sized(constants + size * i, size);
    for (size_t i = 0; i < width * width; i++) random_sized(mds + size * i, size);
    if (width > 0) feed_element(f, x->field, mds);
    uint8_t *inputs = feed_elements(f, x->field, width > 0 ? x->num_hashes * (width - 1) : 0);
    x->inputs = inputs, x->constants = constants, x->mds = mds;
    run_on_all_kernels(call, x, width > 0 ? size * x->num_hashes : 0);
    free(constants), free(mds), free(inputs);
}

/* d = (a*x^2 + y^2 - 1)/(x^2*y^2), of the curve through (x, y); untouched where there is none. */
static void fit_curve(int field, uint8_t *d, const uint8_t *a, const uint8_t *point)
{
    enum { MOST = MOST_ELEMENT_BYTES };
    size_t size = element_bytes(field);
    uint8_t form[2 * MOST], squares[2 * MOST], numerator[MOST], denominator[MOST], one[MOST] = {1};
    if (zkr_to_montgomery(field, form, point, 2, NULL) != ZKR_OK || zkr_to_montgomery(field, numerator, a, 1, NULL) != ZKR_OK) return;
    CHECK(zkr_to_montgomery(field, one, one, 1, NULL) == ZKR_OK);
    CHECK(zkr_vec_mul(field, squares, form, form, 2) == ZKR_OK);
    CHECK(zkr_vec_mul(field, denominator, squares, squares + size, 1) == ZKR_OK);
    if (zkr_vec_inverse_vartime(field, denominator, denominator, 1, NULL) != ZKR_OK) return;
    CHECK(zkr_vec_mul(field, numerator, numerator, squares, 1) == ZKR_OK);
    CHECK(zkr_vec_add(field, numerator, numerator, squares + size, 1) == ZKR_OK);
    CHECK(zkr_vec_sub(field, numerator, numerator, one, 1) == ZKR_OK);
    CHECK(zkr_vec_mul(field, numerator, numerator, denominator, 1) == ZKR_OK);
    CHECK(zkr_from_montgomery(field, d, numerator, 1, NULL) == ZKR_OK);
}

static void feed_edwards(feed *f, arguments *x)
{
    size_t size = element_bytes(x->field), shape = feed_below(f, 4);
    uint8_t scalars[64], *points = feed_elements(f, x->field, 4), *a = feed_elements(f, x->field, 1), *d = feed_elements(f, x->field, 1);
    feed_raw(f, scalars, sizeof scalars);
    if (shape == 1) { /* the neutral element (0, 1) is on every such curve */
        memset(points, 0, 4 * size);
        points[size] = points[3 * size] = 1;
    } else if (shape >= 2) { /* the point twice, or it and (y, x), which is on the curve when a = 1 */
        fit_curve(x->field, d, a, points);
        memcpy(points + 2 * size, points + (shape == 2 ? 0 : size), size);
        memcpy(points + 3 * size, points + (shape == 2 ? size : 0), size);
    }
    x->scalars = scalars, x->points = points, x->a = a, x->d = d;
    run_on_all_kernels(call, x, 2 * size);
    free(points), free(a), free(d);
}

/* The digest of a message is that of its blocks and its end one after another; what is refused leaves the state as it was. */
static void feed_blake2b(feed *f)
{
    enum { BLOCK = 128 };
    uint64_t offset = feed_below(f, 4) == 3 ? feed_number(f, 8) : BLOCK * feed_number(f, 2);
    size_t n = feed_number(f, 2) % 600, head = n / BLOCK * BLOCK;
    int last = feed_byte(f) & 1;
    uint8_t state[64], whole[64], *data = take(n);
    feed_raw(f, state, sizeof state), feed_raw(f, data, n);
    if (head == n && head > 0) head -= BLOCK; /* the last block is one even where it is full */
    memcpy(whole, state, sizeof whole);
    int status = zkr_blake2b(whole, offset, data, n, last);
    CHECK(status == ZKR_OK || (status == ZKR_ERR_LENGTH && memcmp(whole, state, sizeof whole) == 0));
    if (status == ZKR_OK) {
        CHECK(zkr_blake2b(state, offset, data, head, 0) == ZKR_OK);
        CHECK(zkr_blake2b(state, offset + head, data + head, n - head, last) == ZKR_OK && memcmp(whole, state, sizeof whole) == 0);
    }
    free(data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    feed f = {data, size};
    arguments x = {.operation = (int)feed_below(&f, 4), .field = feed_field(&f)};
    if (x.operation == 0) {
        feed_poseidon(&f, &x);
    } else if (x.operation == 3) {
        feed_blake2b(&f);
    } else {
        feed_edwards(&f, &x);
    }
    return 0;
}
