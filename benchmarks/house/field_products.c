/* field_products.c: how long a product of BN254's base field takes inside a kernel, beside no memory traffic.
 *
 * Compiled once per kernel by compiled.py: KERNEL_SOURCE names the kernel's file, whose fields are included, so
 * that what is timed is what the kernel inlines.  A state is multiplied by the same factor `steps` times; the caller knows the
 * result (state * factor^steps) and checks it.
 */
#define ZKR_CURVE_BN254
#define ZKR_FIELDS_ONLY
#include KERNEL_SOURCE

#define EXPORT __attribute__((visibility("default")))

enum {
#ifdef ZKR_LANES
    STREAMS = 2, /* vectors in flight: the latency of one hides in the other */
    WIDTH = 8 * STREAMS
#else
    WIDTH = 8
#endif
};

/* Independent products in flight. */
EXPORT int zkr_bench_width(void) { return WIDTH; }

/* Throughput: WIDTH states, Montgomery, 32 bytes each. */
EXPORT void zkr_bench_products(uint8_t *states, const uint8_t *factor32, size_t steps)
{
    bn254_fp state[WIDTH], factor;
    memcpy(state, states, sizeof state);
    bn254_fp_load(&factor, factor32);
#ifdef ZKR_LANES
    bn254_fp eight[8];
    bn254_fp_x8 lanes[STREAMS], factors;
    for (int i = 0; i < 8; i++) eight[i] = factor;
    bn254_fp_x8_load(&factors, eight);
    bn254_fp_x8_from_scalar(&factors, &factors); /* below 2p, and so is every product below: 2 * 2 <= ROOM52 */
    for (int i = 0; i < STREAMS; i++) {
        bn254_fp_x8_load(&lanes[i], state + 8 * i);
        bn254_fp_x8_from_scalar(&lanes[i], &lanes[i]);
    }
    for (size_t step = 0; step < steps; step++) {
        bn254_fp_x8_mul_two(&lanes[0], &lanes[0], &factors, &lanes[1], &lanes[1], &factors);
    }
    for (int i = 0; i < STREAMS; i++) {
        bn254_fp_x8_to_scalar(&lanes[i], &lanes[i]);
        bn254_fp_x8_store(state + 8 * i, &lanes[i]);
    }
#else
    for (size_t step = 0; step < steps; step++) {
        ZKR_UNROLL
        for (int i = 0; i < WIDTH; i++) bn254_fp_mul(&state[i], &state[i], &factor);
    }
#endif
    memcpy(states, state, sizeof state);
}

/* Latency: each product waits for the one before. */
EXPORT void zkr_bench_chain(uint8_t *state32, const uint8_t *factor32, size_t steps)
{
    bn254_fp state, factor;
    bn254_fp_load(&state, state32);
    bn254_fp_load(&factor, factor32);
    for (size_t step = 0; step < steps; step++) bn254_fp_mul(&state, &state, &factor);
    bn254_fp_store(state32, &state);
}
