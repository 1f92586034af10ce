/* fuzz_points.c: checks of points that may be anything, sums of points that were checked. */
#include "fuzz_points.h"

typedef struct {
    const test_curve *curve;
    group_number group;
    int operation, allow_infinity, threads;
    size_t n;
    const uint8_t *a, *b;
} arguments;

static int call(void *context, uint8_t *out, size_t *bad_index)
{
    const arguments *x = context;
    int id = x->curve->id;
    if (x->operation == 0) {
        return x->group == G2 ? zkr_g2_check_vartime(id, x->a, x->n, x->allow_infinity, x->threads, bad_index)
                              : zkr_g1_check_vartime(id, x->a, x->n, x->allow_infinity, x->threads, bad_index);
    }
    return x->group == G2 ? zkr_g2_add_vartime(id, out, x->a, x->b, x->n) : zkr_g1_add_vartime(id, out, x->a, x->b, x->n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    feed f = {data, size};
    arguments x = {.curve = feed_curve(&f), .group = G1 + feed_below(&f, 2), .operation = feed_byte(&f) & 1};
    size_t size_of_point = point_bytes(x.curve, x.group), base_bytes = x.curve->base_bytes;
    x.allow_infinity = feed_byte(&f) & 1, x.threads = (int)feed_below(&f, 5), x.n = feed_below(&f, x.operation ? 40 : 20);
    uint8_t *a = feed_points(&f, x.curve, x.group, x.n), *b = feed_points(&f, x.curve, x.group, x.operation ? x.n : 0);
    x.a = a, x.b = b;
    for (size_t spoilt = x.operation == 0 && x.n > 0 ? feed_below(&f, 3) : 0; spoilt > 0; spoilt--) {
        uint8_t *point = a + feed_byte(&f) % x.n * size_of_point;
        switch (feed_byte(&f) % 4) {
        case 0: point[feed_byte(&f) % size_of_point] ^= (uint8_t)(1 << feed_byte(&f) % 8); break;
        case 1: feed_raw(&f, point, size_of_point); break;
        case 2: feed_element(&f, x.curve->base_field, point + feed_byte(&f) % (size_of_point / base_bytes) * base_bytes); break;
        default: memcpy(point, feed_stray(&f, x.curve, x.group), size_of_point); break;
        }
    }
    run_on_all_kernels(call, &x, x.operation == 0 ? 0 : x.n * size_of_point);
    free(a), free(b);
    return 0;
}
