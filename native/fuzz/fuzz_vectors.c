/* fuzz_vectors.c: element-wise operations, any elements, at any address, in place or not. */
#include "fuzz.h"

typedef struct {
    int field, operation;
    size_t n;
    const uint8_t *a, *b;
} arguments;

static int call(void *context, uint8_t *out, size_t *bad_index)
{
    const arguments *x = context;
    switch (x->operation) {
    case 0: return zkr_to_montgomery(x->field, out, x->a, x->n, bad_index);
    case 1: return zkr_from_montgomery(x->field, out, x->a, x->n, bad_index);
    case 2: return zkr_vec_add(x->field, out, x->a, x->b, x->n);
    case 3: return zkr_vec_sub(x->field, out, x->a, x->b, x->n);
    case 4: return zkr_vec_mul(x->field, out, x->a, x->b, x->n);
    case 5: return zkr_vec_scale(x->field, out, x->a, x->b, x->n);
    default: return zkr_vec_inverse_vartime(x->field, out, x->a, x->n, bad_index);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    feed f = {data, size};
    int field = (int)feed_below(&f, 3);
    arguments x = {.field = field, .operation = (int)feed_below(&f, 7), .n = feed_below(&f, 70)};
    size_t shift = feed_below(&f, 8), b_size = 32 * (x.operation == 5 ? 1 : x.n);
    uint8_t *a = take(32 * x.n + shift), *b = take(b_size);
    for (size_t i = 0; i < x.n; i++) feed_element(&f, field, a + shift + 32 * i);
    for (size_t i = 0; i < b_size / 32; i++) feed_element(&f, field, b + 32 * i);
    x.a = a + shift, x.b = b;
    if (feed_below(&f, 32) == 31) x.field = (int)(feed_number(&f, 4) | 4); /* unknown: the elements here have 32 bytes */
    run_on_all_kernels(call, &x, 32 * x.n);
    free(a), free(b);
    return 0;
}
