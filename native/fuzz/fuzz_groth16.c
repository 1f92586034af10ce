/* fuzz_groth16.c: proving keys whose records may say anything, with points that were checked, and any assignment. */
#include "fuzz.h"

enum { RECORD_BYTES = 44, PROOF_BYTES = 2 * G1_BYTES + G2_BYTES };

typedef struct {
    zkr_groth16_key key;
    const uint8_t *assignment, *blind_r, *blind_s;
    int threads;
} arguments;

static int call(void *context, uint8_t *out, size_t *bad_index)
{
    const arguments *x = context;
    return zkr_groth16_prove_vartime(0, out, &x->key, x->assignment, x->blind_r, x->blind_s, x->threads, bad_index);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    feed f = {data, size};
    arguments x = {.threads = 1 + (int)feed_below(&f, 3)};
    zkr_groth16_key *key = &x.key;
    size_t variables = feed_below(&f, 12), domain;
    key->num_variables = (uint32_t)variables;
    key->num_public = (uint32_t)feed_below(&f, 6);
    key->log_domain = (uint32_t)feed_below(&f, 6);
    domain = (size_t)1 << key->log_domain;
    if (feed_below(&f, 32) == 31) { /* refused before a point is read */
        key->log_domain = 28 + (uint32_t)feed_number(&f, 4) % (UINT32_MAX - 28);
        domain = 0;
    }
    key->num_coefficients = feed_below(&f, 30);
    uint8_t *records = take(RECORD_BYTES * key->num_coefficients);
    for (size_t i = 0; i < key->num_coefficients; i++) {
        uint32_t position[3] = {feed_byte(&f) % 2, feed_byte(&f), feed_byte(&f)};
        if (domain > 0 && feed_below(&f, 16) != 15) position[1] %= (uint32_t)domain;
        if (variables > 0 && feed_below(&f, 16) != 15) position[2] %= (uint32_t)variables;
        if (feed_below(&f, 64) == 63) position[feed_byte(&f) % 3] = (uint32_t)feed_number(&f, 4);
        memcpy(records + i * RECORD_BYTES, position, sizeof position);
        feed_element(&f, ZKR_BN254_FR, records + i * RECORD_BYTES + sizeof position);
    }
    size_t private_inputs = variables > key->num_public ? variables - key->num_public - 1 : 0;
    uint8_t *fixed1 = feed_points(&f, G1_BYTES, 3), *fixed2 = feed_points(&f, G2_BYTES, 2), *h = feed_points(&f, G1_BYTES, domain);
    uint8_t *a = feed_points(&f, G1_BYTES, variables), *b1 = feed_points(&f, G1_BYTES, variables);
    uint8_t *b2 = feed_points(&f, G2_BYTES, variables), *l = feed_points(&f, G1_BYTES, private_inputs);
    key->coefficients = records, key->a_query = a, key->b_g1_query = b1, key->b_g2_query = b2, key->l_query = l, key->h_query = h;
    key->alpha_g1 = fixed1, key->beta_g1 = fixed1 + G1_BYTES, key->delta_g1 = fixed1 + 2 * G1_BYTES;
    key->beta_g2 = fixed2, key->delta_g2 = fixed2 + G2_BYTES;
    uint8_t *assignment = feed_elements(&f, ZKR_BN254_FR, variables), blinds[64];
    if (variables > 0 && feed_below(&f, 16) != 15) small_element(assignment, 1);
    feed_element(&f, ZKR_BN254_FR, blinds);
    feed_element(&f, ZKR_BN254_FR, blinds + 32);
    x.assignment = assignment, x.blind_r = blinds, x.blind_s = blinds + 32;
    run_on_all_kernels(call, &x, PROOF_BYTES);
    free(records), free(fixed1), free(fixed2), free(h), free(a), free(b1), free(b2), free(l), free(assignment);
    return 0;
}
