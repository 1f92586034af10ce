/* fuzz_ntt.c: transforms of every small size, with shifts that are none, and sizes that no field has. */
#include "fuzz.h"

typedef struct {
    int field, inverse, threads;
    uint32_t log_size;
    const uint8_t *values, *shift;
    size_t num_bytes;
} arguments;

static int call(void *context, uint8_t *out, size_t *bad_index)
{
    const arguments *x = context;
    (void)bad_index;
    uint8_t *values = take(x->num_bytes);
    memcpy(values, x->values, x->num_bytes);
    int status = zkr_ntt(x->field, values, x->log_size, x->inverse, x->shift, x->threads);
    if (status == ZKR_OK) memcpy(out, values, x->num_bytes);
    if (status != ZKR_OK) CHECK(memcmp(values, x->values, x->num_bytes) == 0);
    free(values);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    feed f = {data, size};
    int field = feed_field(&f);
    size_t width = element_bytes(field);
    arguments x = {.field = field, .inverse = feed_byte(&f) & 1, .threads = (int)feed_below(&f, 5)};
    x.log_size = (uint32_t)feed_below(&f, 11);
    size_t n = (size_t)1 << x.log_size;
    if (x.log_size == 10) { /* refused before a byte is read */
        x.log_size = 29 + (uint32_t)feed_number(&f, 4) % (UINT32_MAX - 29);
        n = 0;
    }
    uint8_t *values = feed_elements(&f, field, n), shift[MOST_ELEMENT_BYTES];
    for (size_t i = 8; i < n; i++) values[width * i + width - 1] &= 0x0f; /* most are canonical, or nothing else would be seen */
    x.num_bytes = width * n;
    x.values = values;
    if (feed_byte(&f) & 1) {
        feed_element(&f, field, shift);
        x.shift = shift;
    }
    run_on_all_kernels(call, &x, x.num_bytes);
    free(values);
    return 0;
}
