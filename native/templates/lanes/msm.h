/* lanes/msm.h: msm.h for kernels with eight lanes: the same job, of the same names.  Parameters: GROUP, COORD, FIELD, SCALAR.
 *
 * Reference: [BDLO12] section 4, [GLV01].  A scalar is split into PARTS short ones for the base's images under the
 * endomorphism.  Bases are copied once into the lanes' form, finite ones with non-zero scalars only, and so are their multiples
 * where they come with some (columns.h).  A task is a few windows over a part of the pairs; for each window, and each of the
 * scalars' parts by itself,
 *
 *   sort      entries by bucket: a counting sort; a bucket's entries are a list (lists.h), whose sum is the bucket
 *   merge     the parts, from the last: bucket + endomorphism(bucket of the next part); blocks of pairs are merged like that
 *   planes    sum_j j*B_j by the bits of j = a*2^s + b: rows a and columns b are summed as lists, then for each bit the
 *             rows or columns whose number has it
 *
 * so that everything is additions of independent points.  What is left is sum 2^i*(plane i), by doubling and adding.
 * Memory beside the job (for each pair a point of each column, and PARTS*PART_WORDS words): a worker's buckets, entries and one
 * adder.
 */
enum { GR(MSM_BLOCK) = 1 << 17, GR(MSM_ENTRIES) = 1 << 15, GR(MSM_MAX_WINDOW) = 16, GR(MSM_MIN_WINDOW) = 4 };

typedef struct {
    size_t most_pairs, num_live;
    uint8_t *points;  /* of the live pairs, in the lanes' form: [column][pitch] */
    uint64_t *memory; /* of the words */
    uint64_t *words[GR(PARTS) * GR(PART_WORDS)];
    uint64_t bias[GR(PART_WORDS)];
    GR(columns) columns;
    size_t factor, pitch, num_splits, windows_a_task, num_tasks;
    GR(affine) *planes;   /* [split][bit]; infinity for none */
    int64_t *corrections; /* [split][window][part]: how many D have been added in the place of infinity */
} GR(msm_job);

/* Columns and window with the least estimated cost, in additions: one for each entry, about two and a half for a bucket, and half of
 * one for a point to take the lanes' form. */
ZKR_FUNCTION GR(columns) GR(msm_columns)(size_t n, size_t factor, size_t least_tasks)
{
    GR(columns) best = GR(columns_make)(factor, 1, GR(MSM_MIN_WINDOW));
    double best_cost = 0;
    for (size_t step = 1; step <= factor; step++) {
        for (unsigned c = GR(MSM_MIN_WINDOW); c <= GR(MSM_MAX_WINDOW); c++) {
            GR(columns) columns = GR(columns_make)(factor, step, c);
            double points = (double)columns.count * (double)n, buckets = (double)(1u << (c - 1));
            double splits = (double)((least_tasks + columns.num_windows - 1) / columns.num_windows);
            double window = GR(PARTS) * points * 1.1 + splits * (2.5 * buckets + 24 * c);
            double cost = (double)columns.num_windows * window + 0.5 * points;
            if (best_cost == 0 || cost < best_cost) {
                best_cost = cost;
                best = columns;
            }
        }
    }
    return best;
}

#include "msm_window.h"

/* A job for at most `most_pairs` pairs, most_pairs*factor < 2^31, of which about `expected_pairs` will count (neither scalar zero
 * nor base infinity): that chooses the window.  Bases come with factor - 1 multiples.  Never fewer than `least_tasks` tasks, so
 * that as many threads find work. */
ZKR_FUNCTION int GR(msm_open)(GR(msm_job) *job, size_t most_pairs, size_t expected_pairs, size_t factor, size_t least_tasks)
{
    GR(columns) columns = MSM_COLUMNS(expected_pairs, factor, least_tasks);
    size_t num_windows = columns.num_windows;
    *job = (GR(msm_job)){.most_pairs = most_pairs, .columns = columns, .factor = factor, .pitch = most_pairs + 8, .windows_a_task = 1};
    job->num_splits = (least_tasks + num_windows - 1) / num_windows;
    /* few pairs: several windows together, so that batches stay large */
    size_t together = GR(MSM_ENTRIES) / (GR(PARTS) * columns.count * expected_pairs + 1);
    size_t most = num_windows / (least_tasks > 0 ? least_tasks : 1);
    if (together > most) together = most;
    if (together > 1) job->windows_a_task = together;
    job->num_tasks = (num_windows + job->windows_a_task - 1) / job->windows_a_task * job->num_splits;
    GR(columns_bias)(job->bias, &columns);
    size_t stride = (most_pairs + 8 + 15) / 16 * 16 + 16; /* no power of two: words of one pair in different cache sets */
    size_t num_words = GR(PARTS) * GR(PART_WORDS);
    job->points = aligned_alloc(64, columns.count * job->pitch * sizeof(GR(affine)) / 64 * 64 + 64);
    job->memory = malloc(num_words * stride * sizeof *job->memory);
    job->planes = malloc(job->num_splits * num_windows * columns.window * sizeof *job->planes);
    job->corrections = malloc(job->num_splits * num_windows * GR(PARTS) * sizeof *job->corrections);
    if (!job->points || !job->memory || !job->planes || !job->corrections) return ZKR_ERR_MEMORY;
    for (size_t i = 0; i < num_words; i++) job->words[i] = job->memory + i * stride;
    memset(job->planes, 0, job->num_splits * num_windows * columns.window * sizeof *job->planes);
    memset(job->corrections, 0, job->num_splits * num_windows * GR(PARTS) * sizeof *job->corrections);
    return ZKR_OK;
}

/* The points at eight addresses, into the lanes' form in this column of the latest `count` live pairs. */
ZKR_INLINE void GR(msm_add_points)(GR(msm_job) *job, size_t column, const uint8_t *const *addresses, size_t count)
{
    CO(x8) x, y;
    uint8_t *out[8];
    for (size_t k = 0; k < 8; k++) { /* room for seven too many */
        out[k] = job->points + (column * job->pitch + job->num_live - count + k) * sizeof(GR(affine));
    }
    CO(x8_gather)(&x, addresses, 0);
    CO(x8_gather)(&y, addresses, sizeof(COORD));
    CO(x8_from_scalar)(&x, &x);
    CO(x8_from_scalar)(&y, &y);
    CO(x8_scatter)(out, 0, &x);
    CO(x8_scatter)(out, sizeof(COORD), &y);
}

/* Every column of the latest `count` live pairs, at most eight. */
ZKR_FUNCTION void GR(msm_add_columns)(GR(msm_job) *job, const uint8_t **bases, const uint8_t **rows, size_t count)
{
    for (size_t k = count; k < 8; k++) {
        bases[k] = bases[0];
        rows[k] = rows[0];
    }
    GR(msm_add_points)(job, 0, bases, count);
    for (size_t j = 1; j < job->columns.count; j++) {
        const uint8_t *addresses[8];
        for (size_t k = 0; k < 8; k++) addresses[k] = rows[k] + (j * job->columns.step - 1) * sizeof(GR(affine));
        GR(msm_add_points)(job, j, addresses, count);
    }
}

/* The pairs (scalars[i], bases[i]), i < n, canonical scalars; multiples holds factor - 1 for each finite base, one base after
 * another.  Infinity and zero contribute nothing and are left out. */
ZKR_FUNCTION void GR(msm_add)(GR(msm_job) *job, const uint8_t *scalars, const uint8_t *bases, const uint8_t *multiples, size_t n)
{
    enum { WORDS = GR(PART_WORDS) };
    const uint8_t *pending[8], *rows[8];
    size_t num_pending = 0, num_finite = 0;
    for (size_t i = 0; i < n; i++) {
        GR(affine) base;
        SCALAR scalar;
        uint64_t parts[GR(PARTS)][WORDS];
        GR(load)(&base, bases + i * sizeof base);
        if (GR(is_infinity)(&base)) continue;
        pending[num_pending] = bases + i * sizeof base;
        rows[num_pending] = multiples;
        if (job->factor > 1) rows[num_pending] += num_finite++ * (job->factor - 1) * sizeof base;
        memcpy(&scalar, scalars + i * sizeof scalar, sizeof scalar);
        if (ZKR_JOIN(SCALAR, is_zero)(&scalar)) continue;
        GR(split_scalar)(parts, scalar.limb);
        for (int h = 0; h < GR(PARTS); h++) {
            zkr_limbs_add(parts[h], parts[h], job->bias, WORDS);
            for (int j = 0; j < WORDS; j++) job->words[h * WORDS + j][job->num_live] = parts[h][j];
        }
        job->num_live++;
        num_pending++;
        if (num_pending == 8) {
            GR(msm_add_columns)(job, pending, rows, 8);
            num_pending = 0;
        }
    }
    if (num_pending > 0) GR(msm_add_columns)(job, pending, rows, num_pending);
}

/* Some windows over one part of the live pairs. */
ZKR_FUNCTION int GR(msm_task)(GR(msm_job) *job, GR(msm_workspace) **workspaces, size_t worker, size_t index)
{
    size_t split = index % job->num_splits, first = index / job->num_splits * job->windows_a_task, last = first + job->windows_a_task;
    size_t begin = job->num_live * split / job->num_splits, end = job->num_live * (split + 1) / job->num_splits;
    if (begin == end) return ZKR_OK;
    GR(msm_workspace) *ws = GR(msm_workspace_for)(job, &workspaces[worker]);
    if (ws == NULL) return ZKR_ERR_MEMORY;
    GR(msm_windows)(ws, job, split, first, last < job->columns.num_windows ? last : job->columns.num_windows, begin, end);
    return ZKR_OK;
}

/* Take back the D that stand for infinities: sum over parts h and windows w of 2^(cw)*count*endomorphism^h(D). */
ZKR_FUNCTION void GR(msm_take_back)(GR(xyzz) *sum, const GR(msm_job) *job)
{
    GR(affine) d[8];
    CO(x8) x, y;
    const uint8_t *addresses[8];
    uint8_t *out[8];
    for (int k = 0; k < 8; k++) {
        addresses[k] = job->points;
        out[k] = (uint8_t *)&d[k];
    }
    CO(x8_gather)(&x, addresses, 0);
    CO(x8_gather)(&y, addresses, sizeof(COORD));
    for (int h = 0; h < GR(PARTS); h++) {
        CO(x8) coordinate;
        GR(xyzz) total;
        CO(x8_to_scalar)(&coordinate, &x);
        CO(x8_scatter)(out, 0, &coordinate);
        CO(x8_to_scalar)(&coordinate, &y);
        CO(x8_scatter)(out, sizeof(COORD), &coordinate);
        GR(xyzz_set_infinity)(&total);
        for (size_t w = job->columns.num_windows; w-- > 0;) {
            for (unsigned i = 0; i < job->columns.window; i++) GR(xyzz_dbl)(&total, &total);
            for (size_t split = 0; split < job->num_splits; split++) {
                uint64_t count = (uint64_t)job->corrections[(split * job->columns.num_windows + w) * GR(PARTS) + (size_t)h];
                GR(xyzz) multiple;
                if (count == 0) continue;
                GR(mul_vartime)(&multiple, &d[0], &count, 1);
                GR(xyzz_neg)(&multiple, &multiple);
                GR(xyzz_add)(&total, &total, &multiple);
            }
        }
        GR(xyzz_add)(sum, sum, &total);
        GR(x8_endomorphism)(&x);
    }
}

/* sum of 2^i*(plane i), after all tasks. */
ZKR_FUNCTION void GR(msm_sum)(GR(xyzz) *out, const GR(msm_job) *job)
{
    size_t num_bits = job->columns.num_windows * job->columns.window;
    int64_t any = 0;
    GR(xyzz_set_infinity)(out);
    for (size_t i = num_bits; i-- > 0;) {
        GR(xyzz_dbl)(out, out);
        for (size_t split = 0; split < job->num_splits; split++) {
            GR(xyzz_add_affine)(out, out, &job->planes[split * num_bits + i]);
        }
    }
    for (size_t i = 0; i < job->num_splits * job->columns.num_windows * GR(PARTS); i++) any |= job->corrections[i];
    if (any != 0) GR(msm_take_back)(out, job);
}

ZKR_FUNCTION void GR(msm_close)(GR(msm_job) *job)
{
    size_t num_windows = job->num_splits * job->columns.num_windows;
    for (size_t i = 0; i < GR(PARTS) * GR(PART_WORDS) && job->words[i] != NULL; i++) {
        zkr_wipe(job->words[i], (job->num_live + 8) * sizeof *job->memory);
    }
    if (job->planes != NULL) zkr_wipe(job->planes, num_windows * job->columns.window * sizeof *job->planes);
    if (job->corrections != NULL) zkr_wipe(job->corrections, num_windows * GR(PARTS) * sizeof *job->corrections);
    free(job->points);
    free(job->memory);
    free(job->planes);
    free(job->corrections);
    *job = (GR(msm_job)){.num_live = 0};
}
