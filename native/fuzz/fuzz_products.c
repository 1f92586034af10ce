/* fuzz_products.c: products and multiples, point by point: points of the whole curve, repeated, opposite and infinite. */
#include "fuzz_points.h"

typedef struct {
    const test_curve *curve;
    group_number group;
    int operation, threads;
    uint32_t factor;
    size_t n;
    const uint8_t *scalars, *points;
} arguments;

static int call(void *context, uint8_t *out, size_t *bad_index)
{
    const arguments *x = context;
    int id = x->curve->id;
    if (x->operation == 0) {
        return x->group == G2 ? zkr_g2_products_vartime(id, out, x->scalars, x->points, x->n, x->threads, bad_index)
                              : zkr_g1_products_vartime(id, out, x->scalars, x->points, x->n, x->threads, bad_index);
    }
    return x->group == G2 ? zkr_g2_multiples_vartime(id, out, x->points, x->n, x->factor, x->threads)
                          : zkr_g1_multiples_vartime(id, out, x->points, x->n, x->factor, x->threads);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    feed f = {data, size};
    arguments x = {.curve = feed_curve(&f), .group = G1 + feed_below(&f, 2), .operation = feed_byte(&f) & 1};
    size_t size_of_point = point_bytes(x.curve, x.group), results;
    x.threads = (int)feed_below(&f, 4), x.n = feed_below(&f, x.group == G2 ? 6 : 12), x.factor = (uint32_t)feed_below(&f, ZKR_MAX_FACTOR + 3);
    if (x.operation == 1 && feed_below(&f, 32) == 31) x.factor = (uint32_t)feed_number(&f, 4) | 64; /* refused */
    results = x.operation == 0 ? x.n : x.factor >= 2 && x.factor <= ZKR_MAX_FACTOR ? x.n * (x.factor - 1) : 0;
    uint8_t *scalars = feed_elements(&f, x.curve->scalar_field, x.operation == 0 ? x.n : 0), *points = take(x.n * size_of_point);
    for (size_t i = 0; i < x.n; i++) {
        const uint8_t *point = x.operation == 0 ? feed_stray(&f, x.curve, x.group) : feed_point(&f, x.curve, x.group);
        memcpy(points + i * size_of_point, point, size_of_point);
    }
    x.scalars = scalars, x.points = points;
    run_on_all_kernels(call, &x, results * size_of_point);
    free(scalars), free(points);
    return 0;
}
