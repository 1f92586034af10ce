/* point_check.h: are points from outside what they claim to be?  Parameters: GROUP, COORD, and before inclusion a function
 * GR(is_in_subgroup)(const GR(affine) *) for a point that is on the curve. */
enum { GR(CHECK_BLOCK) = 64 };

typedef struct {
    const uint8_t *points;
    size_t n;
    int allow_infinity;
} GR(check_job);

/* All but the subgroup. */
ZKR_FUNCTION int GR(check_on_curve)(const GR(affine) *p, int allow_infinity)
{
    if (!(CO(is_below_modulus)(&p->x) & CO(is_below_modulus)(&p->y))) return ZKR_ERR_NOT_CANONICAL;
    if (GR(is_infinity)(p)) return allow_infinity ? ZKR_OK : ZKR_ERR_INFINITY;
    return GR(is_on_curve)(p) ? ZKR_OK : ZKR_ERR_NOT_ON_CURVE;
}

ZKR_FUNCTION int GR(check_point)(const GR(affine) *p, int allow_infinity)
{
    int status = GR(check_on_curve)(p, allow_infinity);
    if (status != ZKR_OK || GR(is_infinity)(p)) return status;
    return GR(is_in_subgroup)(p) ? ZKR_OK : ZKR_ERR_NOT_IN_SUBGROUP;
}

#ifndef FIRST_OUTSIDE_IS_DEFINED
/* The first of n points of the curve that is not in the subgroup, or n; infinity is in it. */
ZKR_FUNCTION size_t GR(first_outside)(const GR(affine) *points, size_t n)
{
    size_t i = 0;
    while (i < n && (GR(is_infinity)(&points[i]) || GR(is_in_subgroup)(&points[i]))) i++;
    return i;
}
#endif

/* First bad point of block `index`: its status, and its position in *bad. */
ZKR_FUNCTION int GR(check_block)(const GR(check_job) *job, size_t index, size_t *bad)
{
    GR(affine) points[GR(CHECK_BLOCK)];
    size_t from = index * GR(CHECK_BLOCK), count = 0;
    int status = ZKR_OK;
    for (; from + count < job->n && count < GR(CHECK_BLOCK); count++) {
        GR(load)(&points[count], job->points + (from + count) * sizeof *points);
        status = GR(check_on_curve)(&points[count], job->allow_infinity);
        if (status != ZKR_OK) break;
    }
    size_t outside = count > 0 ? GR(first_outside)(points, count) : 0;
    *bad = from + outside; /* where the loop broke off, if all before are in the subgroup */
    return outside < count ? ZKR_ERR_NOT_IN_SUBGROUP : status;
}

static int GR(check_task)(void *context, size_t worker, size_t index)
{
    (void)worker;
    size_t unused;
    return GR(check_block)(context, index, &unused);
}

ZKR_FUNCTION int GR(check_vartime)(const uint8_t *points, size_t n, int allow_infinity, int threads, size_t *bad_index)
{
    GR(check_job) job = {points, n, allow_infinity};
    size_t failed;
    int status = zkr_parallel(threads, (n + GR(CHECK_BLOCK) - 1) / GR(CHECK_BLOCK), GR(check_task), &job, &failed);
    return status == ZKR_OK ? ZKR_OK : GR(check_block)(&job, failed, bad_index);
}

static const zkr_group_table GR(table) = {
    .check_vartime = GR(check_vartime),
    .add_vartime = GR(add_vartime),
    .msm_vartime = GR(msm_vartime),
    .fixed_base_vartime = GR(fixed_base_vartime),
    .multiples_vartime = GR(multiples_vartime),
    .products_vartime = GR(products_vartime),
};
