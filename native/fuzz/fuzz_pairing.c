/* fuzz_pairing.c: products of pairings of checked points, and verification of proofs that may be anything. */
#include "fuzz.h"

enum { MOST_PUBLIC = 3, MOST_PROOFS = 5, PROOF_BYTES = 2 * G1_BYTES + G2_BYTES, WEIGHT_BYTES = 16, GT_BYTES = 384 };

typedef struct {
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
    if (x->operation == 0) return zkr_pairing_vartime(0, out, x->g1, x->g2);
    int status = zkr_pairing_check_vartime(0, &is_one, x->g1, x->g2, x->n);
    CHECK(status == ZKR_OK && (is_one == 0 || is_one == 1));
    out[0] = (uint8_t)is_one;
    return status;
}

/* A key of points of the pool: alpha, beta, gamma, delta and the IC points. */
static int call_verify(void *context, uint8_t *out, size_t *bad_index)
{
    const arguments *x = context;
    int32_t verdicts[MOST_PROOFS] = {0};
    size_t size;
    (void)bad_index;
    int status = zkr_groth16_prepared_bytes(0, &size, x->num_public);
    if (status != ZKR_OK) return status;
    uint8_t *prepared = take(size);
    CHECK(zkr_groth16_prepare_vartime(0, prepared, x->g1, x->g2, x->g2 + G2_BYTES, x->g2 + 2 * G2_BYTES, x->g1 + G1_BYTES,
                                      x->num_public) == ZKR_OK);
    status = zkr_groth16_verify_vartime(0, verdicts, prepared, x->num_public, x->public_inputs, x->proofs, x->weights, x->n, x->threads);
    if (status == ZKR_OK) memcpy(out, verdicts, x->n * sizeof *verdicts);
    free(prepared);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    feed f = {data, size};
    arguments x = {.operation = (int)feed_below(&f, 3), .threads = (int)feed_below(&f, 4)};
    if (x.operation < 2) {
        x.n = x.operation == 0 ? 1 : feed_below(&f, 5);
        uint8_t *g1 = feed_points(&f, G1_BYTES, x.n), *g2 = feed_points(&f, G2_BYTES, x.n);
        x.g1 = g1, x.g2 = g2;
        run_on_all_kernels(call_pairing, &x, x.operation == 0 ? GT_BYTES : 1);
        free(g1), free(g2);
        return 0;
    }
    x.n = feed_below(&f, MOST_PROOFS + 1), x.num_public = (uint32_t)feed_below(&f, MOST_PUBLIC + 1);
    uint8_t *g1 = feed_points(&f, G1_BYTES, 2 + x.num_public), *g2 = feed_points(&f, G2_BYTES, 3);
    for (size_t i = 0; i < 2 + (size_t)x.num_public; i++) { /* infinity is no point of a key */
        if (memcmp(g1 + i * G1_BYTES, pool(0, G1_BYTES), G1_BYTES) == 0) memcpy(g1 + i * G1_BYTES, pool(1, G1_BYTES), G1_BYTES);
    }
    for (size_t i = 0; i < 3; i++) {
        if (memcmp(g2 + i * G2_BYTES, pool(0, G2_BYTES), G2_BYTES) == 0) memcpy(g2 + i * G2_BYTES, pool(1, G2_BYTES), G2_BYTES);
    }
    uint8_t *proofs = take(x.n * PROOF_BYTES), *weights = take(x.n * WEIGHT_BYTES);
    uint8_t *public_inputs = feed_elements(&f, ZKR_BN254_FR, x.n * x.num_public);
    for (size_t i = 0; i < x.n; i++) {
        uint8_t *proof = proofs + i * PROOF_BYTES;
        memcpy(proof, pool(feed_byte(&f), G1_BYTES), G1_BYTES);
        memcpy(proof + G1_BYTES, pool(feed_byte(&f), G2_BYTES), G2_BYTES);
        memcpy(proof + G1_BYTES + G2_BYTES, pool(feed_byte(&f), G1_BYTES), G1_BYTES);
        if (feed_byte(&f) & 1) proof[feed_byte(&f)] ^= feed_byte(&f);
        feed_raw(&f, weights + i * WEIGHT_BYTES, WEIGHT_BYTES);
        weights[i * WEIGHT_BYTES] |= 1;
    }
    x.g1 = g1, x.g2 = g2, x.public_inputs = public_inputs, x.proofs = proofs, x.weights = weights;
    run_on_all_kernels(call_verify, &x, x.n * sizeof(int32_t));
    free(g1), free(g2), free(proofs), free(weights), free(public_inputs);
    return 0;
}
