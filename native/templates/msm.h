/* msm.h: sum scalars[i]*bases[i] in GROUP by buckets.  Parameters: GROUP, COORD, SCALAR.
 *
 * A sum is a job, so that several can share one queue of tasks (groth16.h does that with the sums of a proof):
 *   msm_open    memory for a number of pairs, windows chosen, and with them the number of tasks
 *   msm_add     pairs, from as many places as the caller has
 *   msm_task    0..num_tasks-1, each once, in any order, by any worker; workers keep memory in workspaces[worker] between jobs
 *   msm_sum     the result, after all tasks
 *   msm_close   wipes and frees; also after an msm_open that failed
 *
 * Reference: [BDLO12] section 4 (Pippenger's bucket method).  For window w of c bits, S_w = sum_j j*B_j with the bucket
 * B_j = sum of the bases whose signed digit (signed_digits.h) is +-j; the result is sum 2^(cw)*S_w.
 *
 * A window sorts its bases by bucket (counting sort) and adds neighbours in affine coordinates, level by level, with shared
 * inversions (affine_batch.h): a tree, so every level is one large set of independent additions.  Blocks of bases bound the
 * memory and keep it in cache; a bucket's sum so far takes part in the next block as one more point.
 */
enum { GR(MSM_BLOCK) = 1 << 15, GR(MSM_MAX_WINDOW) = 16 };

typedef struct {
    size_t most_pairs;
    size_t num_live;      /* pairs with a non-zero scalar and a finite base */
    const uint8_t **live; /* their bases */
    uint64_t *biased;     /* their s + K, BIASED_LIMBS each */
    uint64_t bias[BIASED_LIMBS];
    unsigned window;
    size_t num_windows, num_parts, num_tasks;
    GR(xyzz) *sums; /* of each window and part */
} GR(msm_job);

/* Window c with the least estimated cost: n additions of 6 products and 2^(c-1) buckets of 24 in each window. */
ZKR_FUNCTION unsigned GR(msm_window)(size_t n)
{
    unsigned best = 3;
    double best_cost = 0;
    for (unsigned c = 3; c <= GR(MSM_MAX_WINDOW); c++) {
        double cost = (double)GR(num_windows)(c) * (6.0 * (double)n + 24.0 * (double)(1u << (c - 1)));
        if (c == 3 || cost < best_cost) {
            best_cost = cost;
            best = c;
        }
    }
    return best;
}

/* Everything one window needs: points sorted by bucket and two buffers for the levels of the tree. */
typedef struct GR(msm_workspace) {
    size_t num_buckets; /* of the job at hand */
    size_t most_buckets, most_points; /* that the memory below is for */
    uint32_t *start;    /* num_buckets + 1: where each bucket's points begin */
    uint32_t *order;    /* position << 1 | sign of the points, bucket by bucket; SUM_SO_FAR for the bucket's own sum */
    GR(affine) *level[2];
    GR(affine) *bucket; /* sums so far */
    GR(batch) batch;
} GR(msm_workspace);

#define SUM_SO_FAR UINT32_MAX

ZKR_FUNCTION void GR(msm_workspace_free)(GR(msm_workspace) *ws)
{
    if (ws == NULL) return;
    if (ws->level[0] != NULL) zkr_wipe(ws->level[0], (ws->most_points / 2 + ws->most_buckets) * sizeof *ws->level[0]);
    if (ws->level[1] != NULL) zkr_wipe(ws->level[1], (ws->most_points / 2 + ws->most_buckets) * sizeof *ws->level[1]);
    if (ws->bucket != NULL) zkr_wipe(ws->bucket, ws->most_buckets * sizeof *ws->bucket);
    if (ws->order != NULL) zkr_wipe(ws->order, ws->most_points * sizeof *ws->order);
    free(ws->start);
    free(ws->order);
    free(ws->level[0]);
    free(ws->level[1]);
    free(ws->bucket);
    zkr_wipe(ws, sizeof *ws);
    free(ws);
}

ZKR_FUNCTION GR(msm_workspace) *GR(msm_workspace_new)(size_t num_buckets, size_t block)
{
    GR(msm_workspace) *ws = calloc(1, sizeof *ws);
    if (ws == NULL) return NULL;
    size_t most = block + num_buckets; /* points at the leaves: a block's and the sums so far */
    ws->most_buckets = num_buckets;
    ws->most_points = most;
    ws->start = malloc((num_buckets + 1) * sizeof *ws->start);
    ws->order = malloc(most * sizeof *ws->order);
    ws->level[0] = malloc((most / 2 + num_buckets) * sizeof *ws->level[0]);
    ws->level[1] = malloc((most / 2 + num_buckets) * sizeof *ws->level[1]);
    ws->bucket = malloc(num_buckets * sizeof *ws->bucket);
    if (!ws->start || !ws->order || !ws->level[0] || !ws->level[1] || !ws->bucket) {
        GR(msm_workspace_free)(ws);
        return NULL;
    }
    return ws;
}

/* The worker's workspace, made or made larger as this job needs; NULL without memory. */
ZKR_FUNCTION GR(msm_workspace) *GR(msm_workspace_for)(const GR(msm_job) *job, GR(msm_workspace) **slot)
{
    size_t num_buckets = (size_t)1 << (job->window - 1), most = job->num_live / job->num_parts + 1;
    if (most > GR(MSM_BLOCK)) most = GR(MSM_BLOCK);
    if (*slot != NULL && ((*slot)->most_buckets < num_buckets || (*slot)->most_points < most + num_buckets)) {
        GR(msm_workspace_free)(*slot);
        *slot = NULL;
    }
    if (*slot == NULL) *slot = GR(msm_workspace_new)(num_buckets, most);
    if (*slot != NULL) (*slot)->num_buckets = num_buckets;
    return *slot;
}

/* Counting sort of the digits of live pairs [from, to) for window w; digit 0 drops out. */
ZKR_FUNCTION void GR(msm_sort)(GR(msm_workspace) *ws, const GR(msm_job) *job, size_t w, size_t from, size_t to)
{
    uint32_t *start = ws->start, total = 0;
    memset(start, 0, (ws->num_buckets + 1) * sizeof *start);
    for (size_t i = from; i < to; i++) {
        int32_t digit = GR(signed_digit)(job->biased + i * BIASED_LIMBS, job->window, w);
        if (digit != 0) start[(digit < 0 ? -digit : digit) - 1]++;
    }
    for (size_t b = 0; b < ws->num_buckets; b++) { /* counts -> beginnings */
        uint32_t count = start[b] + !GR(is_infinity)(&ws->bucket[b]);
        start[b] = total;
        if (!GR(is_infinity)(&ws->bucket[b])) ws->order[start[b]++] = SUM_SO_FAR;
        total += count;
    }
    for (size_t i = from; i < to; i++) {
        int32_t digit = GR(signed_digit)(job->biased + i * BIASED_LIMBS, job->window, w);
        if (digit != 0) ws->order[start[(digit < 0 ? -digit : digit) - 1]++] = (uint32_t)(i - from) << 1 | (digit < 0);
    }
    for (size_t b = ws->num_buckets; b > 0; b--) start[b] = start[b - 1]; /* ends -> beginnings */
    start[0] = 0;
}

/* The point that entry `at` of the sorted order stands for. */
ZKR_INLINE void GR(msm_leaf)(GR(affine) *out, const GR(msm_workspace) *ws, const GR(msm_job) *job, size_t from, size_t bucket,
                             size_t at)
{
    uint32_t entry = ws->order[at];
    if (entry == SUM_SO_FAR) {
        *out = ws->bucket[bucket];
        return;
    }
    GR(load)(out, job->live[from + (entry >> 1)]);
    if (entry & 1) GR(negate)(out, out);
}

/* One level: the k points of every bucket become ceil(k/2); returns the largest number left in a bucket. */
ZKR_FUNCTION uint32_t GR(msm_level)(GR(msm_workspace) *ws, const GR(msm_job) *job, size_t from, const GR(affine) *in,
                                    GR(affine) *out)
{
    uint32_t written = 0, largest = 0, begin = ws->start[0];
    for (size_t b = 0; b < ws->num_buckets; b++) {
        uint32_t end = ws->start[b + 1], count = (end - begin + 1) / 2;
        for (uint32_t at = begin; at < end; at += 2) {
            GR(affine) p, q;
            if (in != NULL) {
                p = in[at];
            } else {
                GR(msm_leaf)(&p, ws, job, from, b, at);
            }
            if (at + 1 == end) {
                out[written++] = p;
                continue;
            }
            if (in != NULL) {
                q = in[at + 1];
            } else {
                GR(msm_leaf)(&q, ws, job, from, b, at + 1);
            }
            GR(batch_add)(&ws->batch, &out[written++], &p, &q);
        }
        if (count > largest) largest = count;
        begin = end;
        ws->start[b + 1] = written;
    }
    GR(batch_flush)(&ws->batch);
    return largest;
}

/* sum_j j*B_j = sum over j from the top of the running sums B_top + .. + B_j. */
ZKR_FUNCTION void GR(msm_bucket_sum)(GR(xyzz) *out, const GR(affine) *bucket, size_t num_buckets)
{
    GR(xyzz) running, total;
    GR(xyzz_set_infinity)(&running);
    GR(xyzz_set_infinity)(&total);
    for (size_t b = num_buckets; b-- > 0;) {
        GR(xyzz_add_affine)(&running, &running, &bucket[b]);
        GR(xyzz_add)(&total, &total, &running);
    }
    *out = total;
}

/* One window over one part of the live pairs. */
ZKR_FUNCTION int GR(msm_task)(GR(msm_job) *job, GR(msm_workspace) **workspaces, size_t worker, size_t index)
{
    size_t w = index / job->num_parts, part = index % job->num_parts;
    size_t begin = job->num_live * part / job->num_parts, end = job->num_live * (part + 1) / job->num_parts;
    GR(msm_workspace) *ws = GR(msm_workspace_for)(job, &workspaces[worker]);
    if (ws == NULL) return ZKR_ERR_MEMORY;
    memset(ws->bucket, 0, ws->num_buckets * sizeof *ws->bucket);
    for (size_t from = begin; from < end; from += GR(MSM_BLOCK)) {
        GR(msm_sort)(ws, job, w, from, end - from < GR(MSM_BLOCK) ? end : from + GR(MSM_BLOCK));
        int side = 0;
        uint32_t largest = GR(msm_level)(ws, job, from, NULL, ws->level[0]);
        for (; largest > 1; side ^= 1) largest = GR(msm_level)(ws, job, from, ws->level[side], ws->level[side ^ 1]);
        for (size_t b = 0; b < ws->num_buckets; b++) {
            if (ws->start[b] < ws->start[b + 1]) ws->bucket[b] = ws->level[side][ws->start[b]];
        }
    }
    GR(msm_bucket_sum)(&job->sums[index], ws->bucket, ws->num_buckets);
    return ZKR_OK;
}

/* A job for at most `most_pairs` < 2^31 pairs, of which about `expected_pairs` will count (neither scalar zero nor base
 * infinity): that chooses the window.  Never fewer than `least_tasks` tasks, so that as many threads find work. */
ZKR_FUNCTION int GR(msm_open)(GR(msm_job) *job, size_t most_pairs, size_t expected_pairs, size_t least_tasks)
{
    *job = (GR(msm_job)){.most_pairs = most_pairs, .window = GR(msm_window)(expected_pairs)};
    job->num_windows = GR(num_windows)(job->window);
    job->num_parts = (least_tasks + job->num_windows - 1) / job->num_windows;
    job->num_tasks = job->num_windows * job->num_parts;
    GR(signed_digit_bias)(job->bias, job->window, job->num_windows);
    job->live = malloc((most_pairs + 1) * sizeof *job->live);
    job->biased = malloc((most_pairs + 1) * BIASED_LIMBS * sizeof *job->biased);
    job->sums = malloc(job->num_tasks * sizeof *job->sums);
    return job->live != NULL && job->biased != NULL && job->sums != NULL ? ZKR_OK : ZKR_ERR_MEMORY;
}

/* The pairs (scalars[i], bases[i]), i < n, canonical scalars; the bases stay where they are until the tasks are done.
 * Infinity and zero contribute nothing and are left out. */
ZKR_FUNCTION void GR(msm_add)(GR(msm_job) *job, const uint8_t *scalars, const uint8_t *bases, size_t n)
{
    GR(affine) base;
    for (size_t i = 0; i < n; i++) {
        uint64_t *biased = job->biased + job->num_live * BIASED_LIMBS;
        GR(load)(&base, bases + i * sizeof base);
        if (!GR(bias_scalar)(biased, scalars + i * sizeof(SCALAR), job->bias) || GR(is_infinity)(&base)) continue;
        job->live[job->num_live++] = bases + i * sizeof base;
    }
}

/* sum over the windows of 2^(cw)*S_w, after all tasks. */
ZKR_FUNCTION void GR(msm_sum)(GR(xyzz) *out, const GR(msm_job) *job)
{
    GR(xyzz_set_infinity)(out);
    for (size_t w = job->num_windows; w-- > 0;) {
        for (unsigned i = 0; i < job->window; i++) GR(xyzz_dbl)(out, out);
        for (size_t part = 0; part < job->num_parts; part++) GR(xyzz_add)(out, out, &job->sums[w * job->num_parts + part]);
    }
}

ZKR_FUNCTION void GR(msm_close)(GR(msm_job) *job)
{
    if (job->biased != NULL) zkr_wipe(job->biased, (job->num_live + 1) * BIASED_LIMBS * sizeof *job->biased);
    if (job->sums != NULL) zkr_wipe(job->sums, job->num_tasks * sizeof *job->sums);
    free((void *)job->live);
    free(job->biased);
    free(job->sums);
    *job = (GR(msm_job)){.num_live = 0};
}
#undef SUM_SO_FAR
