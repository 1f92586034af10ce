/* fuzz_groth16.c: proving keys whose records may say anything, with points that were checked, and any assignment. */
#include "fuzz_points.h"

enum { RECORD_BYTES = 44 };

typedef struct {
    const test_curve *curve;
    zkr_groth16_key key;
    const uint8_t *assignment, *blind_r, *blind_s;
    int threads;
} arguments;

static int call(void *context, uint8_t *out, size_t *bad_index)
{
    const arguments *x = context;
    return zkr_groth16_prove_vartime(x->curve->id, out, &x->key, x->assignment, x->blind_r, x->blind_s, x->threads, bad_index);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    feed f = {data, size};
    arguments x = {.curve = feed_curve(&f), .threads = 1 + (int)feed_below(&f, 3)};
    const test_curve *curve = x.curve;
    int field = curve->scalar_field;
    size_t g1_bytes = point_bytes(curve, G1), g2_bytes = point_bytes(curve, G2);
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
        feed_element(&f, field, records + i * RECORD_BYTES + sizeof position);
    }
    size_t private_inputs = variables > key->num_public ? variables - key->num_public - 1 : 0;
    uint8_t *fixed1 = feed_points(&f, curve, G1, 3), *fixed2 = feed_points(&f, curve, G2, 2), *h = feed_points(&f, curve, G1, domain);
    uint8_t *a = feed_points(&f, curve, G1, variables), *b1 = feed_points(&f, curve, G1, variables);
    uint8_t *b2 = feed_points(&f, curve, G2, variables), *l = feed_points(&f, curve, G1, private_inputs);
    key->coefficients = records, key->a_query = a, key->b_g1_query = b1, key->b_g2_query = b2, key->l_query = l, key->h_query = h;
    key->alpha_g1 = fixed1, key->beta_g1 = fixed1 + g1_bytes, key->delta_g1 = fixed1 + 2 * g1_bytes;
    key->beta_g2 = fixed2, key->delta_g2 = fixed2 + g2_bytes;
    uint8_t *assignment = feed_elements(&f, field, variables), blinds[64];
    if (variables > 0 && feed_below(&f, 16) != 15) small_element(assignment, 1);
    feed_element(&f, field, blinds);
    feed_element(&f, field, blinds + 32);
    x.assignment = assignment, x.blind_r = blinds, x.blind_s = blinds + 32;
    run_on_all_kernels(call, &x, 2 * g1_bytes + g2_bytes);
    free(records), free(fixed1), free(fixed2), free(h), free(a), free(b1), free(b2), free(l), free(assignment);
    return 0;
}
