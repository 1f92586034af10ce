/* abi_verify.c: border of the Groth16 verifier. */
#include "border.h"

/* The curve's table in the chosen kernel, or ZKR_ERR_FIELD for a curve without Groth16. */
static int find_verifier(const zkr_curve_table **table, int curve)
{
    ZKR_TRY(zkr_find_curve(table, curve));
    return (*table)->groth16_verify_vartime != NULL ? ZKR_OK : ZKR_ERR_FIELD;
}

static int check_num_public(uint32_t num_public) { return num_public < UINT32_MAX >> 4 ? ZKR_OK : ZKR_ERR_LENGTH; }

int zkr_groth16_prepared_bytes(int curve, size_t *num_bytes, uint32_t num_public)
{
    const zkr_curve_table *table;
    ZKR_TRY(find_verifier(&table, curve));
    ZKR_TRY(check_num_public(num_public));
    *num_bytes = table->groth16_prepared_bytes(num_public);
    return ZKR_OK;
}

int zkr_groth16_prepare_vartime(int curve, uint8_t *prepared, const uint8_t *alpha_g1, const uint8_t *beta_g2, const uint8_t *gamma_g2,
                                const uint8_t *delta_g2, const uint8_t *gamma_abc_g1, uint32_t num_public)
{
    const zkr_curve_table *table;
    ZKR_TRY(find_verifier(&table, curve));
    ZKR_TRY(check_num_public(num_public));
    return table->groth16_prepare_vartime(prepared, alpha_g1, beta_g2, gamma_g2, delta_g2, gamma_abc_g1, num_public);
}

int zkr_groth16_verify_vartime(int curve, int32_t *verdicts, const uint8_t *prepared, uint32_t num_public,
                               const uint8_t *public_inputs, const uint8_t *proofs, const uint8_t *weights, size_t n, int threads)
{
    const zkr_curve_table *table;
    ZKR_TRY(find_verifier(&table, curve));
    ZKR_TRY(check_num_public(num_public));
    ZKR_TRY(zkr_check_threads(threads));
    if (n > ZKR_MAX_ELEMENTS / ((size_t)num_public + 64)) return ZKR_ERR_LENGTH;
    if (n != 1 && weights == NULL) return ZKR_ERR_LENGTH;
    return table->groth16_verify_vartime(verdicts, prepared, num_public, public_inputs, proofs, weights, n, threads);
}
