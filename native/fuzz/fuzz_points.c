/* fuzz_points.c: checks of points that may be anything, sums of points that were checked. */
#include "fuzz.h"

typedef struct {
    int g2, operation, allow_infinity, threads;
    size_t n;
    const uint8_t *a, *b;
} arguments;

static int call(void *context, uint8_t *out, size_t *bad_index)
{
    const arguments *x = context;
    if (x->operation == 0) {
        return x->g2 ? zkr_g2_check_vartime(0, x->a, x->n, x->allow_infinity, x->threads, bad_index)
                     : zkr_g1_check_vartime(0, x->a, x->n, x->allow_infinity, x->threads, bad_index);
    }
    return x->g2 ? zkr_g2_add_vartime(0, out, x->a, x->b, x->n) : zkr_g1_add_vartime(0, out, x->a, x->b, x->n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    feed f = {data, size};
    arguments x = {.g2 = feed_byte(&f) & 1, .operation = feed_byte(&f) & 1, .allow_infinity = feed_byte(&f) & 1};
    size_t point_bytes = x.g2 ? G2_BYTES : G1_BYTES;
    x.threads = (int)feed_below(&f, 5), x.n = feed_below(&f, x.operation ? 40 : 6);
    uint8_t *a = feed_points(&f, point_bytes, x.n), *b = feed_points(&f, point_bytes, x.n);
    x.a = a, x.b = b;
    if (x.operation == 0 && x.n > 0) { /* spoil one of them */
        uint8_t *point = a + feed_byte(&f) % x.n * point_bytes;
        switch (feed_byte(&f) % 4) {
        case 0: point[feed_byte(&f) % point_bytes] ^= (uint8_t)(1 << feed_byte(&f) % 8); break;
        case 1: feed_raw(&f, point, point_bytes); break;
        case 2: feed_element(&f, ZKR_BN254_FP, point + feed_byte(&f) % (point_bytes / 32) * 32); break;
        default: break;
        }
    }
    run_on_all_kernels(call, &x, x.operation == 0 ? 0 : x.n * point_bytes);
    free(a), free(b);
    return 0;
}
