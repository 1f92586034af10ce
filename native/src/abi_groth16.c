/* abi_groth16.c: border of the Groth16 prover. */
#include <stdlib.h>
#include <string.h>

#include "border.h"

enum { POSITION_BYTES = 12, MAX_ELEMENT_BYTES = 48 };

struct zkr_prover {
    const zkr_curve_table *table; /* of the kernel that made `state` */
    void *state;
    size_t num_variables;
};

/* Matrix 0 or 1, row inside the domain, column inside the assignment, value below the modulus. */
static int check_coefficients(const zkr_field_table *field, const zkr_groth16_key *key, size_t *bad_index)
{
    size_t record_bytes = POSITION_BYTES + 8 * (size_t)field->limbs;
    for (uint64_t i = 0; i < key->num_coefficients; i++) {
        const uint8_t *record = key->coefficients + i * record_bytes;
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

/* The factor, the sizes as far as memory goes, and numbers below the modulus; the counts are the kernel's to compare. */
static int check_tables(const zkr_curve_table *curve, const zkr_groth16_key *key, const zkr_groth16_tables *tables)
{
    const uint8_t *points[] = {tables->a_multiples, tables->b_g1_multiples, tables->l_multiples, tables->h_multiples,
                               tables->b_g2_multiples};
    const uint64_t counts[] = {tables->num_a, tables->num_b_g1, tables->num_l, tables->num_h, tables->num_b_g2};
    enum { NUM_TABLES = sizeof counts / sizeof *counts };
    uint64_t most_pairs = (uint64_t)key->num_variables + (UINT64_C(1) << key->log_domain) + 8; /* the lanes pad a column by 8 */
    if (tables->factor < 2 || tables->factor > ZKR_MAX_FACTOR) return ZKR_ERR_LENGTH;
    if (most_pairs * tables->factor > INT32_MAX) return ZKR_ERR_LENGTH; /* places of points are kept in 31 bits */
    for (int i = 0; i < NUM_TABLES; i++) {
        if (counts[i] > most_pairs * (tables->factor - 1)) return ZKR_ERR_LENGTH;
        size_t coordinates = i == NUM_TABLES - 1 ? 4 : 2; /* of G2, of G1 */
        ZKR_TRY(zkr_check_below(curve->base_field, points[i], (size_t)counts[i] * coordinates, NULL));
    }
    return ZKR_OK;
}

int zkr_prover_new(int curve, zkr_prover **prover, const zkr_groth16_key *key, const zkr_groth16_tables *tables, size_t *bad_index)
{
    const zkr_curve_table *table;
    ZKR_TRY(zkr_find_curve(&table, curve));
    const zkr_field_table *field = table->scalar_field;
    /* The quotient needs the odd points of the domain of twice the size. */
    if (key->log_domain >= field->two_adicity || key->log_domain > ZKR_MAX_LOG_SIZE) return ZKR_ERR_DOMAIN;
    if (key->num_variables == 0 || key->num_public >= key->num_variables) return ZKR_ERR_LENGTH;
    if (key->num_coefficients >= UINT32_MAX || key->num_variables > INT32_MAX) return ZKR_ERR_LENGTH;
    ZKR_TRY(check_coefficients(field, key, bad_index));
    if (tables != NULL) ZKR_TRY(check_tables(table, key, tables));
    zkr_prover *made = malloc(sizeof *made);
    if (made == NULL) return ZKR_ERR_MEMORY;
    *made = (zkr_prover){.table = table, .num_variables = key->num_variables};
    int status = table->prover_new(&made->state, key, tables);
    if (status == ZKR_OK) {
        *prover = made;
    } else {
        free(made);
    }
    return status;
}

void zkr_prover_free(zkr_prover *prover)
{
    if (prover == NULL) return;
    prover->table->prover_free(prover->state);
    free(prover);
}

size_t zkr_prover_num_bytes(const zkr_prover *prover) { return sizeof *prover + prover->table->prover_num_bytes(prover->state); }

int zkr_prover_prove_vartime(const zkr_prover *prover, uint8_t *proof, const uint8_t *assignment, const uint8_t *blind_r32,
                             const uint8_t *blind_s32, int threads, size_t *bad_index)
{
    static const uint8_t one[MAX_ELEMENT_BYTES] = {1};
    const zkr_field_table *field = prover->table->scalar_field;
    ZKR_TRY(zkr_check_threads(threads));
    ZKR_TRY(zkr_check_below(field, blind_r32, 1, NULL));
    ZKR_TRY(zkr_check_below(field, blind_s32, 1, NULL));
    ZKR_TRY(zkr_check_below(field, assignment, prover->num_variables, bad_index));
    if (memcmp(assignment, one, 8 * (size_t)field->limbs) != 0) return ZKR_ERR_LENGTH;
    return prover->table->prover_prove_vartime(proof, prover->state, assignment, blind_r32, blind_s32, threads);
}

int zkr_groth16_prove_vartime(int curve, uint8_t *proof, const zkr_groth16_key *key, const uint8_t *assignment,
                              const uint8_t *blind_r32, const uint8_t *blind_s32, int threads, size_t *bad_index)
{
    zkr_prover *prover;
    ZKR_TRY(zkr_check_threads(threads));
    ZKR_TRY(zkr_prover_new(curve, &prover, key, NULL, bad_index));
    int status = zkr_prover_prove_vartime(prover, proof, assignment, blind_r32, blind_s32, threads, bad_index);
    zkr_prover_free(prover);
    return status;
}
