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

/* First bad point of block `index`: its status, and its position in *bad. */
ZKR_FUNCTION int GR(check_block)(const GR(check_job) *job, size_t index, size_t *bad)
{
    size_t from = index * GR(CHECK_BLOCK);
    for (size_t i = from; i < job->n && i < from + GR(CHECK_BLOCK); i++) {
        GR(affine) p;
        GR(load)(&p, job->points + i * sizeof p);
        int status = GR(check_point)(&p, job->allow_infinity);
        if (status != ZKR_OK) {
            *bad = i;
            return status;
        }
    }
    return ZKR_OK;
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
};
