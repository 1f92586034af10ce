/* fuzz_vectors.c: element-wise operations, any elements, at any address, in place or not. */
#include "fuzz.h"

typedef struct {
    int field, operation;
    size_t n, num_bytes;
    const uint8_t *a, *b;
} arguments;

static int apply(const arguments *x, uint8_t *out, const uint8_t *a, size_t *bad_index)
{
    switch (x->operation) {
    case 0: return zkr_to_montgomery(x->field, out, a, x->n, bad_index);
    case 1: return zkr_from_montgomery(x->field, out, a, x->n, bad_index);
    case 2: return zkr_vec_add(x->field, out, a, x->b, x->n);
    case 3: return zkr_vec_sub(x->field, out, a, x->b, x->n);
    case 4: return zkr_vec_mul(x->field, out, a, x->b, x->n);
    case 5: return zkr_vec_scale(x->field, out, a, x->b, x->n);
    default: return zkr_vec_inverse_vartime(x->field, out, a, x->n, bad_index);
    }
}

static int call(void *context, uint8_t *out, size_t *bad_index)
{
    const arguments *x = context;
    return apply(x, out, x->a, bad_index);
}

/* The result must be that of another output. */
static int call_in_place(void *context, uint8_t *out, size_t *bad_index)
{
    const arguments *x = context;
    uint8_t *values = take(x->num_bytes);
    memcpy(values, x->a, x->num_bytes);
    int status = apply(x, values, values, bad_index);
    if (status == ZKR_OK) {
        CHECK(apply(x, out, x->a, bad_index) == ZKR_OK && memcmp(out, values, x->num_bytes) == 0);
    } else {
        CHECK(memcmp(values, x->a, x->num_bytes) == 0);
    }
    free(values);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    feed f = {data, size};
    int field = feed_field(&f);
    size_t width = element_bytes(field);
    arguments x = {.field = field, .operation = (int)feed_below(&f, 7), .n = feed_below(&f, 70)};
    size_t shift = feed_below(&f, 8), b_count = x.operation == 5 ? 1 : x.n;
    int in_place = x.operation != 5 && x.operation != 6 && (feed_byte(&f) & 1); /* where the contract allows it */
    x.num_bytes = width * x.n;
    uint8_t *a = take(x.num_bytes + shift), *b = feed_elements(&f, field, b_count);
    for (size_t i = 0; i < x.n; i++) feed_element(&f, field, a + shift + width * i);
    x.a = a + shift, x.b = b;
    if (feed_below(&f, 32) == 31) x.field = (int)(feed_number(&f, 4) | 4); /* unknown */
    run_on_all_kernels(in_place ? call_in_place : call, &x, x.num_bytes);
    free(a), free(b);
    return 0;
}
