/* abi_group.c: border of the groups and the pairing. */
#include "border.h"

static int check_points(const zkr_group_table *group, const uint8_t *points, size_t n, int allow_infinity, int threads,
                        size_t *bad_index)
{
    size_t unused;
    ZKR_TRY(zkr_check_count(n));
    ZKR_TRY(zkr_check_threads(threads));
    return group->check_vartime(points, n, allow_infinity, threads, bad_index != NULL ? bad_index : &unused);
}

static int check_scalars(const zkr_curve_table *curve, const uint8_t *scalars, size_t n, int threads, size_t *bad_index)
{
    if (n > UINT32_MAX) return ZKR_ERR_LENGTH; /* positions are kept in 32 bits */
    ZKR_TRY(zkr_check_threads(threads));
    return zkr_check_below(curve->scalar_field, scalars, n, bad_index);
}

int zkr_g1_check_vartime(int curve, const uint8_t *points, size_t n, int allow_infinity, int threads, size_t *bad_index)
{
    const zkr_curve_table *table;
    ZKR_TRY(zkr_find_curve(&table, curve));
    return check_points(table->g1, points, n, allow_infinity, threads, bad_index);
}

int zkr_g2_check_vartime(int curve, const uint8_t *points, size_t n, int allow_infinity, int threads, size_t *bad_index)
{
    const zkr_curve_table *table;
    ZKR_TRY(zkr_find_curve(&table, curve));
    return check_points(table->g2, points, n, allow_infinity, threads, bad_index);
}

int zkr_g1_add_vartime(int curve, uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n)
{
    const zkr_curve_table *table;
    ZKR_TRY(zkr_find_curve(&table, curve));
    ZKR_TRY(zkr_check_count(n));
    return table->g1->add_vartime(out, a, b, n);
}

int zkr_g2_add_vartime(int curve, uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n)
{
    const zkr_curve_table *table;
    ZKR_TRY(zkr_find_curve(&table, curve));
    ZKR_TRY(zkr_check_count(n));
    return table->g2->add_vartime(out, a, b, n);
}

int zkr_g1_msm_vartime(int curve, uint8_t *out, const uint8_t *scalars, const uint8_t *bases, size_t n, int threads,
                       size_t *bad_index)
{
    const zkr_curve_table *table;
    ZKR_TRY(zkr_find_curve(&table, curve));
    ZKR_TRY(check_scalars(table, scalars, n, threads, bad_index));
    return table->g1->msm_vartime(out, scalars, bases, n, threads);
}

int zkr_g2_msm_vartime(int curve, uint8_t *out, const uint8_t *scalars, const uint8_t *bases, size_t n, int threads,
                       size_t *bad_index)
{
    const zkr_curve_table *table;
    ZKR_TRY(zkr_find_curve(&table, curve));
    ZKR_TRY(check_scalars(table, scalars, n, threads, bad_index));
    return table->g2->msm_vartime(out, scalars, bases, n, threads);
}

int zkr_g1_fixed_base_vartime(int curve, uint8_t *out, const uint8_t *base, const uint8_t *scalars, size_t n, int threads,
                              size_t *bad_index)
{
    const zkr_curve_table *table;
    ZKR_TRY(zkr_find_curve(&table, curve));
    ZKR_TRY(check_scalars(table, scalars, n, threads, bad_index));
    return table->g1->fixed_base_vartime(out, base, scalars, n, threads);
}

int zkr_g2_fixed_base_vartime(int curve, uint8_t *out, const uint8_t *base, const uint8_t *scalars, size_t n, int threads,
                              size_t *bad_index)
{
    const zkr_curve_table *table;
    ZKR_TRY(zkr_find_curve(&table, curve));
    ZKR_TRY(check_scalars(table, scalars, n, threads, bad_index));
    return table->g2->fixed_base_vartime(out, base, scalars, n, threads);
}

static int check_multiples(size_t n, uint32_t factor, int threads)
{
    if (factor < 2 || factor > ZKR_MAX_FACTOR) return ZKR_ERR_LENGTH;
    ZKR_TRY(zkr_check_count(n));
    ZKR_TRY(zkr_check_count(n * (factor - 1)));
    return zkr_check_threads(threads);
}

int zkr_g1_multiples_vartime(int curve, uint8_t *out, const uint8_t *points, size_t n, uint32_t factor, int threads)
{
    const zkr_curve_table *table;
    ZKR_TRY(zkr_find_curve(&table, curve));
    ZKR_TRY(check_multiples(n, factor, threads));
    return table->g1->multiples_vartime(out, points, n, factor, threads);
}

int zkr_g2_multiples_vartime(int curve, uint8_t *out, const uint8_t *points, size_t n, uint32_t factor, int threads)
{
    const zkr_curve_table *table;
    ZKR_TRY(zkr_find_curve(&table, curve));
    ZKR_TRY(check_multiples(n, factor, threads));
    return table->g2->multiples_vartime(out, points, n, factor, threads);
}

int zkr_g1_products_vartime(int curve, uint8_t *out, const uint8_t *scalars, const uint8_t *points, size_t n, int threads,
                             size_t *bad_index)
{
    const zkr_curve_table *table;
    ZKR_TRY(zkr_find_curve(&table, curve));
    ZKR_TRY(check_scalars(table, scalars, n, threads, bad_index));
    return table->g1->products_vartime(out, scalars, points, n, threads);
}

int zkr_g2_products_vartime(int curve, uint8_t *out, const uint8_t *scalars, const uint8_t *points, size_t n, int threads,
                             size_t *bad_index)
{
    const zkr_curve_table *table;
    ZKR_TRY(zkr_find_curve(&table, curve));
    ZKR_TRY(check_scalars(table, scalars, n, threads, bad_index));
    return table->g2->products_vartime(out, scalars, points, n, threads);
}

int zkr_pairing_check_vartime(int curve, int *is_one, const uint8_t *g1, const uint8_t *g2, size_t n)
{
    const zkr_curve_table *table;
    ZKR_TRY(zkr_find_curve(&table, curve));
    ZKR_TRY(zkr_check_count(n));
    return table->pairing_check_vartime(is_one, g1, g2, n);
}

int zkr_pairing_vartime(int curve, uint8_t *out, const uint8_t *g1, const uint8_t *g2)
{
    const zkr_curve_table *table;
    ZKR_TRY(zkr_find_curve(&table, curve));
    return table->pairing_vartime(out, g1, g2);
}
