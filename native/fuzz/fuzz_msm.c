/* fuzz_msm.c: multi-scalar and fixed-base multiplication: few distinct points, repeated, opposite and infinite, scalars of every size. */
#include "fuzz.h"

typedef struct {
    int g2, operation, threads;
    size_t n;
    const uint8_t *scalars, *bases;
} arguments;

static int call(void *context, uint8_t *out, size_t *bad_index)
{
    const arguments *x = context;
    if (x->operation == 0) {
        return x->g2 ? zkr_g2_msm_vartime(0, out, x->scalars, x->bases, x->n, x->threads, bad_index)
                     : zkr_g1_msm_vartime(0, out, x->scalars, x->bases, x->n, x->threads, bad_index);
    }
    return x->g2 ? zkr_g2_fixed_base_vartime(0, out, x->bases, x->scalars, x->n, x->threads, bad_index)
                 : zkr_g1_fixed_base_vartime(0, out, x->bases, x->scalars, x->n, x->threads, bad_index);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    feed f = {data, size};
    arguments x = {.g2 = feed_byte(&f) & 1, .operation = feed_below(&f, 4) == 3, .threads = (int)feed_below(&f, 5)};
    size_t point_bytes = x.g2 ? G2_BYTES : G1_BYTES, period = 1 + feed_byte(&f) % 64;
    x.n = feed_number(&f, 2) % (x.operation ? 40 : x.g2 ? 300 : 1200);
    size_t distinct = x.n < period ? x.n : period; /* long inputs from short ones: the same scalars and points again and again */
    uint8_t *scalars = feed_elements(&f, ZKR_BN254_FR, distinct), *bases = feed_points(&f, point_bytes, x.operation ? 1 : distinct);
    uint8_t *all_scalars = take(32 * x.n), *all_bases = take(point_bytes * (x.operation ? 1 : x.n));
    for (size_t i = 0; i < x.n; i++) memcpy(all_scalars + 32 * i, scalars + 32 * (i % distinct), 32);
    for (size_t i = 0; i < (x.operation ? 1 : x.n); i++) {
        size_t from = x.operation ? 0 : (i * 3 + i / distinct) % distinct;
        memcpy(all_bases + point_bytes * i, bases + point_bytes * from, point_bytes);
    }
    x.scalars = all_scalars, x.bases = all_bases;
    run_on_all_kernels(call, &x, x.operation ? x.n * point_bytes : point_bytes);
    free(scalars), free(bases), free(all_scalars), free(all_bases);
    return 0;
}
