/* msm.h: sum scalars[i]*bases[i] in GROUP by buckets.  Parameters: GROUP, COORD, SCALAR.
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
    const uint8_t *bases;
    size_t num_live;   /* pairs with a non-zero scalar and a finite base */
    uint32_t *live;    /* their positions */
    uint64_t *biased;  /* their s + K, BIASED_LIMBS each */
    unsigned window;
    size_t num_windows, num_parts;
    GR(xyzz) *sums; /* of each window and part */
    struct GR(msm_workspace) **workspaces; /* of each worker, made when it first has work */
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
    size_t num_buckets;
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
    free(ws->start);
    free(ws->order);
    free(ws->level[0]);
    free(ws->level[1]);
    free(ws->bucket);
    free(ws);
}

ZKR_FUNCTION GR(msm_workspace) *GR(msm_workspace_new)(size_t num_buckets, size_t block)
{
    GR(msm_workspace) *ws = calloc(1, sizeof *ws);
    if (ws == NULL) return NULL;
    size_t most = block + num_buckets; /* points at the leaves: a block's and the sums so far */
    ws->num_buckets = num_buckets;
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
    GR(load)(out, job->bases + (size_t)job->live[from + (entry >> 1)] * sizeof *out);
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
static int GR(msm_task)(void *context, size_t worker, size_t index)
{
    GR(msm_job) *job = context;
    size_t w = index / job->num_parts, part = index % job->num_parts;
    size_t begin = job->num_live * part / job->num_parts, end = job->num_live * (part + 1) / job->num_parts;
    size_t most = job->num_live / job->num_parts + 1;
    if (job->workspaces[worker] == NULL) {
        job->workspaces[worker] =
            GR(msm_workspace_new)((size_t)1 << (job->window - 1), most < GR(MSM_BLOCK) ? most : GR(MSM_BLOCK));
    }
    GR(msm_workspace) *ws = job->workspaces[worker];
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

/* Keep the pairs that count; infinity and zero contribute nothing. */
ZKR_FUNCTION void GR(msm_collect)(GR(msm_job) *job, const uint8_t *scalars, size_t n)
{
    uint64_t bias[BIASED_LIMBS];
    GR(affine) base;
    GR(signed_digit_bias)(bias, job->window, job->num_windows);
    job->num_live = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t *biased = job->biased + job->num_live * BIASED_LIMBS;
        GR(load)(&base, job->bases + i * sizeof base);
        if (!GR(bias_scalar)(biased, scalars + i * sizeof(SCALAR), bias) || GR(is_infinity)(&base)) continue;
        job->live[job->num_live++] = (uint32_t)i;
    }
}

/* sum scalars[i]*bases[i] for canonical scalars, n < 2^32. */
ZKR_FUNCTION int GR(msm_xyzz_vartime)(GR(xyzz) *out, const uint8_t *scalars, const uint8_t *bases, size_t n, int threads)
{
    if (n <= GR(SMALL_MSM)) return GR(msm_small_vartime)(out, scalars, bases, n);
    GR(msm_job) job = {.bases = bases, .window = GR(msm_window)(n)};
    job.num_windows = GR(num_windows)(job.window);
    /* More threads than windows: cut the pairs too. */
    job.num_parts = ((size_t)threads + job.num_windows - 1) / job.num_windows;
    job.live = malloc((n + 1) * sizeof *job.live);
    job.biased = malloc((n + 1) * BIASED_LIMBS * sizeof *job.biased);
    job.sums = malloc(job.num_windows * job.num_parts * sizeof *job.sums);
    job.workspaces = calloc((size_t)threads, sizeof *job.workspaces);
    int status = ZKR_ERR_MEMORY;
    if (job.live != NULL && job.biased != NULL && job.sums != NULL && job.workspaces != NULL) {
        GR(msm_collect)(&job, scalars, n);
        status = zkr_parallel(threads, job.num_windows * job.num_parts, GR(msm_task), &job, NULL);
    }
    if (status == ZKR_OK) {
        GR(xyzz_set_infinity)(out);
        for (size_t w = job.num_windows; w-- > 0;) {
            for (unsigned i = 0; i < job.window; i++) GR(xyzz_dbl)(out, out);
            for (size_t part = 0; part < job.num_parts; part++) GR(xyzz_add)(out, out, &job.sums[w * job.num_parts + part]);
        }
    }
    for (int i = 0; i < threads && job.workspaces != NULL; i++) GR(msm_workspace_free)(job.workspaces[i]);
    free(job.workspaces);
    free(job.live);
    free(job.biased);
    free(job.sums);
    return status;
}

ZKR_FUNCTION int GR(msm_vartime)(uint8_t *out, const uint8_t *scalars, const uint8_t *bases, size_t n, int threads)
{
    GR(xyzz) sum;
    GR(affine) result;
    int status = GR(msm_xyzz_vartime)(&sum, scalars, bases, n, threads);
    if (status != ZKR_OK) return status;
    GR(to_affine_vartime)(&result, &sum);
    GR(store)(out, &result);
    return ZKR_OK;
}
#undef SUM_SO_FAR
