/* fuzz_hashing.c: Poseidon of every shape, Edwards curves and points that may be none. */
#include "fuzz.h"

typedef struct {
    int operation, field, width, full_rounds, partial_rounds;
    size_t num_hashes;
    const uint8_t *inputs, *constants, *mds, *operands;
} arguments;

static int call(void *context, uint8_t *out, size_t *bad_index)
{
    const arguments *x = context;
    const uint8_t *e = x->operands;
    if (x->operation == 0) {
        return zkr_poseidon(x->field, out, x->inputs, x->num_hashes, x->width, x->full_rounds, x->partial_rounds, x->constants, x->mds,
                            bad_index);
    }
    if (x->operation == 1) return zkr_edwards_mul(x->field, out, e, e + 64, e + 32, e + 192);
    return zkr_edwards_double_mul_vartime(x->field, out, e, e + 64, e + 32, e + 128, e + 192, e + 224);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    feed f = {data, size};
    arguments x = {.operation = (int)feed_below(&f, 3), .field = (int)feed_below(&f, 3), .width = (int)feed_below(&f, 20)};
    x.full_rounds = (int)feed_below(&f, 9), x.partial_rounds = (int)feed_below(&f, 9), x.num_hashes = feed_below(&f, 12);
    int refused = x.width < 2 || x.width > 17 || x.full_rounds % 2;
    size_t width = refused ? 0 : (size_t)x.width, rounds = (size_t)(x.full_rounds + x.partial_rounds);
    if (feed_below(&f, 32) == 31) { /* refused before a byte is read */
        x.width = (int)feed_number(&f, 4) | INT32_MIN;
        width = 0;
    }
    random_state = 1; /* the same for the same input */
    uint8_t *constants = take(32 * rounds * width), *mds = take(32 * width * width);
    random_elements(constants, rounds * width);
    random_elements(mds, width * width);
    if (width > 0) feed_element(&f, x.field, mds);
    uint8_t *inputs = feed_elements(&f, x.field, width > 0 ? x.num_hashes * (width - 1) : 0), *operands = feed_elements(&f, x.field, 8);
    if (feed_byte(&f) & 1) { /* the neutral element is on every such curve */
        memset(operands + 64, 0, 128);
        operands[96] = operands[160] = 1;
    }
    x.inputs = inputs, x.constants = constants, x.mds = mds, x.operands = operands;
    run_on_all_kernels(call, &x, x.operation == 0 ? (width > 0 ? 32 * x.num_hashes : 0) : 64);
    free(constants), free(mds), free(inputs), free(operands);
    return 0;
}
