/* abi_hash.c: border of Poseidon and of the embedded Edwards curves. */
#include "border.h"

enum { MIN_WIDTH = 2, MAX_WIDTH = 17, MAX_ROUNDS = 1024 };

int zkr_poseidon(int field, uint8_t *out, const uint8_t *inputs, size_t num_hashes, int t, int full_rounds,
                 int partial_rounds, const uint8_t *round_constants, const uint8_t *mds, size_t *bad_index)
{
    const zkr_field_table *table;
    ZKR_TRY(zkr_find_scalar_field(&table, field));
    if (t < MIN_WIDTH || t > MAX_WIDTH || num_hashes > ZKR_MAX_ELEMENTS / MAX_WIDTH) return ZKR_ERR_LENGTH;
    if (full_rounds < 0 || full_rounds % 2 || full_rounds > MAX_ROUNDS) return ZKR_ERR_LENGTH;
    if (partial_rounds < 0 || partial_rounds > MAX_ROUNDS) return ZKR_ERR_LENGTH;
    size_t width = (size_t)t;
    ZKR_TRY(zkr_check_below(table, round_constants, (size_t)(full_rounds + partial_rounds) * width, NULL));
    ZKR_TRY(zkr_check_below(table, mds, width * width, NULL));
    ZKR_TRY(zkr_check_below(table, inputs, num_hashes * (width - 1), bad_index));
    return table->poseidon(out, inputs, num_hashes, t, full_rounds, partial_rounds, round_constants, mds);
}

int zkr_edwards_mul(int field, uint8_t *out64, const uint8_t *scalar32, const uint8_t *point64, const uint8_t *a32,
                    const uint8_t *d32)
{
    const zkr_field_table *table;
    ZKR_TRY(zkr_find_scalar_field(&table, field));
    ZKR_TRY(zkr_check_below(table, point64, 2, NULL));
    ZKR_TRY(zkr_check_below(table, a32, 1, NULL));
    ZKR_TRY(zkr_check_below(table, d32, 1, NULL));
    return table->edwards_mul(out64, scalar32, point64, a32, d32);
}

int zkr_edwards_double_mul_vartime(int field, uint8_t *out64, const uint8_t *s32, const uint8_t *p64, const uint8_t *k32,
                                   const uint8_t *q64, const uint8_t *a32, const uint8_t *d32)
{
    const zkr_field_table *table;
    ZKR_TRY(zkr_find_scalar_field(&table, field));
    ZKR_TRY(zkr_check_below(table, p64, 2, NULL));
    ZKR_TRY(zkr_check_below(table, q64, 2, NULL));
    ZKR_TRY(zkr_check_below(table, a32, 1, NULL));
    ZKR_TRY(zkr_check_below(table, d32, 1, NULL));
    return table->edwards_double_mul_vartime(out64, s32, p64, k32, q64, a32, d32);
}
