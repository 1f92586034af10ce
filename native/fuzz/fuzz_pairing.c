/* fuzz_pairing.c: products of pairings of checked points, and verification of proofs that may be anything. */
#include "fuzz_points.h"

enum { MOST_PUBLIC = 3, MOST_PROOFS = 5, WEIGHT_BYTES = 16 };

typedef struct {
    const test_curve *curve;
    int operation, threads;
    size_t n;
    uint32_t num_public;
    const uint8_t *g1, *g2, *public_inputs, *proofs, *weights;
} arguments;

static int call_pairing(void *context, uint8_t *out, size_t *bad_index)
{
    const arguments *x = context;
    int is_one = -1;
    (void)bad_index;
    if (x->operation == 0) return zkr_pairing_vartime(x->curve->id, out, x->g1, x->g2);
    int status = zkr_pairing_check_vartime(x->curve->id, &is_one, x->g1, x->g2, x->n);
    CHECK(status == ZKR_OK && (is_one == 0 || is_one == 1));
    out[0] = (uint8_t)is_one;
    return status;
}

/* A key of points of the pool: alpha, beta, gamma, delta and the IC points. */
static int call_verify(void *context, uint8_t *out, size_t *bad_index)
{
    const arguments *x = context;
    int32_t verdicts[MOST_PROOFS] = {0};
    int id = x->curve->id;
    size_t size, g1_bytes = point_bytes(x->curve, G1), g2_bytes = point_bytes(x->curve, G2);
    (void)bad_index;
    int status = zkr_groth16_prepared_bytes(id, &size, x->num_public);
    if (status != ZKR_OK) return status;
    uint8_t *prepared = take(size);
    CHECK(zkr_groth16_prepare_vartime(id, prepared, x->g1, x->g2, x->g2 + g2_bytes, x->g2 + 2 * g2_bytes, x->g1 + g1_bytes,
                                      x->num_public) == ZKR_OK);
    status = zkr_groth16_verify_vartime(id, verdicts, prepared, x->num_public, x->public_inputs, x->proofs, x->weights, x->n, x->threads);
    if (status == ZKR_OK) memcpy(out, verdicts, x->n * sizeof *verdicts);
    free(prepared);
    return status;
}

/* Points of a key: as they come, but no infinity. */
static uint8_t *feed_key_points(feed *f, const test_curve *curve, group_number group, size_t n)
{
    size_t size = point_bytes(curve, group);
    uint8_t *points = take(n * size);
    for (size_t i = 0; i < n; i++) memcpy(points + i * size, pool_point(curve, group, 1 + feed_below(f, NUM_POOL - 1)), size);
    return points;
}

static void feed_proof(feed *f, const test_curve *curve, uint8_t *proof)
{
    size_t g1_bytes = point_bytes(curve, G1), g2_bytes = point_bytes(curve, G2);
    memcpy(proof, feed_stray(f, curve, G1), g1_bytes);
    memcpy(proof + g1_bytes, feed_stray(f, curve, G2), g2_bytes);
    memcpy(proof + g1_bytes + g2_bytes, feed_stray(f, curve, G1), g1_bytes);
    if (feed_byte(f) & 1) proof[feed_number(f, 2) % (2 * g1_bytes + g2_bytes)] ^= feed_byte(f);
}

static void feed_verify(feed *f, arguments *x)
{
    const test_curve *curve = x->curve;
    size_t proof_bytes = 2 * point_bytes(curve, G1) + point_bytes(curve, G2);
    x->n = feed_below(f, MOST_PROOFS + 1), x->num_public = (uint32_t)feed_below(f, MOST_PUBLIC + 1);
    uint8_t *g1 = feed_key_points(f, curve, G1, 2 + x->num_public), *g2 = feed_key_points(f, curve, G2, 3);
    uint8_t *proofs = take(x->n * proof_bytes), *weights = take(x->n * WEIGHT_BYTES);
    uint8_t *public_inputs = feed_elements(f, curve->scalar_field, x->n * x->num_public);
    for (size_t i = 0; i < x->n; i++) {
        feed_proof(f, curve, proofs + i * proof_bytes);
        feed_raw(f, weights + i * WEIGHT_BYTES, WEIGHT_BYTES);
        weights[i * WEIGHT_BYTES] |= 1;
    }
    x->g1 = g1, x->g2 = g2, x->public_inputs = public_inputs, x->proofs = proofs, x->weights = weights;
    run_on_all_kernels(call_verify, x, x->n * sizeof(int32_t));
    free(g1), free(g2), free(proofs), free(weights), free(public_inputs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    feed f = {data, size};
    arguments x = {.curve = feed_curve(&f), .operation = (int)feed_below(&f, 3), .threads = (int)feed_below(&f, 4)};
    if (x.operation == 2) {
        feed_verify(&f, &x);
        return 0;
    }
    x.n = x.operation == 0 ? 1 : feed_below(&f, 5);
    uint8_t *g1 = feed_points(&f, x.curve, G1, x.n), *g2 = feed_points(&f, x.curve, G2, x.n);
    x.g1 = g1, x.g2 = g2;
    run_on_all_kernels(call_pairing, &x, x.operation == 0 ? 12 * x.curve->base_bytes : 1);
    free(g1), free(g2);
    return 0;
}
