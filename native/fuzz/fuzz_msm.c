/* fuzz_msm.c: multi-scalar and fixed-base multiplication: few distinct points, repeated, opposite and infinite, scalars of every size. */
#include "fuzz_points.h"

typedef struct {
    const test_curve *curve;
    group_number group;
    int operation, threads;
    size_t n;
    const uint8_t *scalars, *bases;
} arguments;

static int call(void *context, uint8_t *out, size_t *bad_index)
{
    const arguments *x = context;
    int id = x->curve->id;
    if (x->operation == 0) {
        return x->group == G2 ? zkr_g2_msm_vartime(id, out, x->scalars, x->bases, x->n, x->threads, bad_index)
                              : zkr_g1_msm_vartime(id, out, x->scalars, x->bases, x->n, x->threads, bad_index);
    }
    return x->group == G2 ? zkr_g2_fixed_base_vartime(id, out, x->bases, x->scalars, x->n, x->threads, bad_index)
                          : zkr_g1_fixed_base_vartime(id, out, x->bases, x->scalars, x->n, x->threads, bad_index);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    feed f = {data, size};
    arguments x = {.curve = feed_curve(&f), .group = G1 + feed_below(&f, 2), .operation = feed_below(&f, 4) == 3};
    size_t size_of_point = point_bytes(x.curve, x.group), period = 1 + feed_byte(&f) % 64;
    x.threads = (int)feed_below(&f, 5), x.n = feed_number(&f, 2) % (x.operation ? 40 : x.group == G2 ? 300 : 1200);
    size_t distinct = x.n < period ? x.n : period; /* long inputs from short ones: the same scalars and points again and again */
    size_t num_bases = x.operation ? 1 : x.n;
    uint8_t *scalars = feed_elements(&f, x.curve->scalar_field, distinct);
    uint8_t *bases = feed_points(&f, x.curve, x.group, x.operation ? 1 : distinct);
    uint8_t *all_scalars = take(32 * x.n), *all_bases = take(size_of_point * num_bases);
    for (size_t i = 0; i < x.n; i++) memcpy(all_scalars + 32 * i, scalars + 32 * (i % distinct), 32);
    for (size_t i = 0; i < num_bases; i++) {
        size_t from = x.operation ? 0 : (i * 3 + i / distinct) % distinct;
        memcpy(all_bases + size_of_point * i, bases + size_of_point * from, size_of_point);
    }
    x.scalars = all_scalars, x.bases = all_bases;
    run_on_all_kernels(call, &x, x.operation ? x.n * size_of_point : size_of_point);
    free(scalars), free(bases), free(all_scalars), free(all_bases);
    return 0;
}
