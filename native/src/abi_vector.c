/* abi_vector.c: border of the vector operations and the NTT. */
#include "border.h"

int zkr_to_montgomery(int field, uint8_t *out, const uint8_t *in, size_t n, size_t *bad_index)
{
    const zkr_field_table *table;
    ZKR_TRY(zkr_find_field(&table, field));
    ZKR_TRY(zkr_check_count(n));
    ZKR_TRY(zkr_check_below(table, in, n, bad_index));
    table->vec_to_montgomery(out, in, n);
    return ZKR_OK;
}

int zkr_from_montgomery(int field, uint8_t *out, const uint8_t *in, size_t n, size_t *bad_index)
{
    const zkr_field_table *table;
    ZKR_TRY(zkr_find_field(&table, field));
    ZKR_TRY(zkr_check_count(n));
    ZKR_TRY(zkr_check_below(table, in, n, bad_index));
    table->vec_from_montgomery(out, in, n);
    return ZKR_OK;
}

static int find_binary(const zkr_field_table **table, int field, const uint8_t *a, const uint8_t *b, size_t n)
{
    ZKR_TRY(zkr_find_field(table, field));
    ZKR_TRY(zkr_check_count(n));
    ZKR_TRY(zkr_check_below(*table, a, n, NULL));
    return zkr_check_below(*table, b, n, NULL);
}

int zkr_vec_add(int field, uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n)
{
    const zkr_field_table *table;
    ZKR_TRY(find_binary(&table, field, a, b, n));
    table->vec_add(out, a, b, n);
    return ZKR_OK;
}

int zkr_vec_sub(int field, uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n)
{
    const zkr_field_table *table;
    ZKR_TRY(find_binary(&table, field, a, b, n));
    table->vec_sub(out, a, b, n);
    return ZKR_OK;
}

int zkr_vec_mul(int field, uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n)
{
    const zkr_field_table *table;
    ZKR_TRY(find_binary(&table, field, a, b, n));
    table->vec_mul(out, a, b, n);
    return ZKR_OK;
}

int zkr_vec_scale(int field, uint8_t *out, const uint8_t *a, const uint8_t *scalar32, size_t n)
{
    const zkr_field_table *table;
    ZKR_TRY(zkr_find_field(&table, field));
    ZKR_TRY(zkr_check_count(n));
    ZKR_TRY(zkr_check_below(table, a, n, NULL));
    ZKR_TRY(zkr_check_below(table, scalar32, 1, NULL));
    table->vec_scale(out, a, scalar32, n);
    return ZKR_OK;
}

int zkr_vec_inverse_vartime(int field, uint8_t *out, const uint8_t *a, size_t n, size_t *bad_index)
{
    const zkr_field_table *table;
    size_t unused;
    ZKR_TRY(zkr_find_field(&table, field));
    ZKR_TRY(zkr_check_count(n));
    ZKR_TRY(zkr_check_below(table, a, n, bad_index));
    return table->vec_inverse_vartime(out, a, n, bad_index != NULL ? bad_index : &unused);
}

int zkr_ntt(int field, uint8_t *inout, uint32_t log_size, int inverse, const uint8_t *shift32, int threads)
{
    const zkr_field_table *table;
    ZKR_TRY(zkr_find_scalar_field(&table, field));
    ZKR_TRY(zkr_check_threads(threads));
    if (log_size > table->two_adicity || log_size > ZKR_MAX_LOG_SIZE) return ZKR_ERR_DOMAIN;
    ZKR_TRY(zkr_check_below(table, inout, (size_t)1 << log_size, NULL));
    if (shift32 != NULL) {
        uint8_t bits = 0;
        ZKR_TRY(zkr_check_below(table, shift32, 1, NULL));
        for (int i = 0; i < 8 * table->limbs; i++) bits |= shift32[i];
        if (bits == 0) return ZKR_ERR_ZERO; /* {0} is no coset */
    }
    return table->ntt(inout, log_size, inverse, shift32, threads);
}
