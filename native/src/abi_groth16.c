/* abi_groth16.c: border of the Groth16 prover. */
#include <string.h>

#include "border.h"

enum { RECORD_BYTES = 44 };

/* Matrix 0 or 1, row inside the domain, column inside the assignment, value below the modulus. */
static int check_coefficients(const zkr_field_table *field, const zkr_groth16_key *key, size_t *bad_index)
{
    for (uint64_t i = 0; i < key->num_coefficients; i++) {
        const uint8_t *record = key->coefficients + i * RECORD_BYTES;
        uint32_t position[3]; /* matrix, row, column */
        memcpy(position, record, sizeof position);
        int status = zkr_check_below(field, record + sizeof position, 1, NULL);
        if (position[0] > 1 || position[1] >> key->log_domain || position[2] >= key->num_variables) status = ZKR_ERR_LENGTH;
        if (status != ZKR_OK) {
            if (bad_index != NULL) *bad_index = (size_t)i;
            return status;
        }
    }
    return ZKR_OK;
}

int zkr_groth16_prove_vartime(int curve, uint8_t *proof256, const zkr_groth16_key *key, const uint8_t *assignment,
                              const uint8_t *blind_r32, const uint8_t *blind_s32, int threads, size_t *bad_index)
{
    static const uint8_t one32[32] = {1};
    const zkr_curve_table *table;
    ZKR_TRY(zkr_find_curve(&table, curve));
    ZKR_TRY(zkr_check_threads(threads));
    const zkr_field_table *field = table->scalar_field;
    /* The quotient needs the odd points of the domain of twice the size. */
    if (key->log_domain >= field->two_adicity || key->log_domain > ZKR_MAX_LOG_SIZE) return ZKR_ERR_DOMAIN;
    if (key->num_variables == 0 || key->num_public >= key->num_variables) return ZKR_ERR_LENGTH;
    if (key->num_coefficients > ZKR_MAX_ELEMENTS) return ZKR_ERR_LENGTH;
    ZKR_TRY(zkr_check_below(field, blind_r32, 1, NULL));
    ZKR_TRY(zkr_check_below(field, blind_s32, 1, NULL));
    ZKR_TRY(zkr_check_below(field, assignment, key->num_variables, bad_index));
    if (memcmp(assignment, one32, sizeof one32) != 0) return ZKR_ERR_LENGTH;
    ZKR_TRY(check_coefficients(field, key, bad_index));
    return table->groth16_prove_vartime(proof256, key, assignment, blind_r32, blind_s32, threads);
}
