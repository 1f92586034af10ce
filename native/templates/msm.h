/* msm.h: sum scalars[i]*bases[i] in GROUP by buckets.  Parameters: GROUP, COORD, FIELD, SCALAR.
 *
 * A sum is a job, so that several can share one queue of tasks (groth16.h does that with the sums of a proof):
 *   msm_open    memory for a number of pairs, windows chosen, and with them the number of tasks
 *   msm_add     pairs, from as many places as the caller has
 *   msm_task    0..num_tasks-1, each once, in any order, by any worker; workers keep memory in workspaces[worker] between jobs
 *   msm_sum     the result, after all tasks
 *   msm_close   wipes and frees; also after an msm_open that failed
 *
 * Reference: [BDLO12] section 4 (Pippenger's bucket method), [GLV01].  A scalar is split into PARTS short ones (glv.h) for the
 * base's images under the endomorphism.  For window w of c bits, S_w = sum_j j*B_j with the bucket B_j = sum of the points
 * whose signed digit (columns.h) is +-j; the result is sum 2^(cw)*S_w.  The points are the images of the bases, and of their
 * multiples where they come with some.
 *
 * A window sorts its bases by bucket (counting sort) and adds neighbours in affine coordinates, level by level, with shared
 * inversions (affine_batch.h): a tree, so every level is one large set of independent additions.  Blocks of bases bound the
 * memory and keep it in cache; a bucket's sum so far takes part in the next block as one more point.  The parts of the scalars
 * go through the buckets one after another, the last one first: before the next, the endomorphism is applied to the buckets.
 */
enum { GR(MSM_BLOCK) = 1 << 15, GR(MSM_MAX_WINDOW) = 16 };

typedef struct {
    size_t most_pairs;
    size_t num_live;      /* pairs with a non-zero scalar and a finite base */
    const uint8_t **live; /* their bases */
    const uint8_t **rows; /* the multiples of those, factor - 1 each */
    uint64_t *parts;      /* v + K of their scalars' parts, PARTS*PART_WORDS words each */
    uint64_t bias[GR(PART_WORDS)];
    GR(columns) columns;
    size_t factor, num_splits, num_tasks;
    GR(xyzz) *sums; /* of each window and split */
} GR(msm_job);

/* Columns and window with the least estimated cost: an addition of 6 products for each of PARTS digits of n pairs and columns, and
 * 2^(c-1) buckets of 24, and of 7 for the endomorphism, in each window and split. */
ZKR_FUNCTION GR(columns) GR(msm_columns)(size_t n, size_t factor, size_t least_tasks)
{
    GR(columns) best = GR(columns_make)(factor, 1, 3);
    double best_cost = 0;
    for (size_t step = 1; step <= factor; step++) {
        for (unsigned c = 3; c <= GR(MSM_MAX_WINDOW); c++) {
            GR(columns) columns = GR(columns_make)(factor, step, c);
            double digits = (double)GR(PARTS) * (double)columns.count * (double)n, buckets = (double)(1u << (c - 1));
            double splits = (double)((least_tasks + columns.num_windows - 1) / columns.num_windows);
            double cost = (double)columns.num_windows * (6.0 * digits + 31.0 * splits * buckets);
            if (best_cost == 0 || cost < best_cost) {
                best_cost = cost;
                best = columns;
            }
        }
    }
    return best;
}

/* Everything one window needs: points sorted by bucket and two buffers for the levels of the tree. */
typedef struct GR(msm_workspace) {
    size_t num_buckets; /* of the job at hand */
    size_t most_buckets, most_points; /* that the memory below is for */
    uint32_t *start;    /* num_buckets + 1: where each bucket's points begin */
    uint32_t *order;    /* entries, bucket by bucket; SUM_SO_FAR for the bucket's own sum */
    GR(affine) *level[2];
    GR(affine) *bucket; /* sums so far */
    GR(batch) batch;
} GR(msm_workspace);

/* An entry: pair of the block << 7 | column << 1 | sign. */
enum { GR(MSM_PAIR_SHIFT) = 7 };
_Static_assert(ZKR_MAX_FACTOR <= 1 << (GR(MSM_PAIR_SHIFT) - 1), "a column fits its bits of an entry");
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

/* Pairs of a block. */
ZKR_INLINE size_t GR(msm_block_pairs)(const GR(msm_job) *job) { return GR(MSM_BLOCK) / job->columns.count; }

/* The worker's workspace, made or made larger as this job needs; NULL without memory. */
ZKR_FUNCTION GR(msm_workspace) *GR(msm_workspace_for)(const GR(msm_job) *job, GR(msm_workspace) **slot)
{
    size_t num_buckets = (size_t)1 << (job->columns.window - 1), most = job->num_live / job->num_splits + 1;
    if (most > GR(msm_block_pairs)(job)) most = GR(msm_block_pairs)(job);
    most *= job->columns.count;
    if (*slot != NULL && ((*slot)->most_buckets < num_buckets || (*slot)->most_points < most + num_buckets)) {
        GR(msm_workspace_free)(*slot);
        *slot = NULL;
    }
    if (*slot == NULL) *slot = GR(msm_workspace_new)(num_buckets, most);
    if (*slot != NULL) (*slot)->num_buckets = num_buckets;
    return *slot;
}

/* The digit at `bit` of a part. */
ZKR_INLINE int32_t GR(msm_digit)(const uint64_t *part, size_t bit, unsigned width, int is_topmost)
{
    size_t word = bit / 64, shift = bit % 64;
    int64_t bits = (int64_t)part[word] >> shift;
    if (word + 1 < GR(PART_WORDS)) bits = (int64_t)(part[word] >> shift | part[word + 1] << 1 << (63 - shift));
    return is_topmost ? (int32_t)bits : (int32_t)(bits & ((INT64_C(1) << width) - 1)) - (int32_t)(1u << (width - 1));
}

/* Counting sort of the digits of one part of live pairs [from, to) for a window; digit 0 drops out. */
ZKR_FUNCTION void GR(msm_sort)(GR(msm_workspace) *ws, const GR(msm_job) *job, GR(digit_place) place, size_t part, size_t from,
                               size_t to)
{
    uint32_t *start = ws->start, total = 0;
    size_t bits = job->columns.bits;
    memset(start, 0, (ws->num_buckets + 1) * sizeof *start);
    for (size_t i = from; i < to; i++) {
        const uint64_t *words = job->parts + (i * GR(PARTS) + part) * GR(PART_WORDS);
        for (size_t j = 0; j < place.count; j++) {
            int32_t digit = GR(msm_digit)(words, place.bit + j * bits, place.width, j == place.topmost);
            if (digit != 0) start[(digit < 0 ? -digit : digit) - 1]++;
        }
    }
    for (size_t b = 0; b < ws->num_buckets; b++) { /* counts -> beginnings */
        uint32_t count = start[b] + !GR(is_infinity)(&ws->bucket[b]);
        start[b] = total;
        if (!GR(is_infinity)(&ws->bucket[b])) ws->order[start[b]++] = SUM_SO_FAR;
        total += count;
    }
    for (size_t i = from; i < to; i++) {
        const uint64_t *words = job->parts + (i * GR(PARTS) + part) * GR(PART_WORDS);
        for (size_t j = 0; j < place.count; j++) {
            int32_t digit = GR(msm_digit)(words, place.bit + j * bits, place.width, j == place.topmost);
            uint32_t entry = (uint32_t)(i - from) << GR(MSM_PAIR_SHIFT) | (uint32_t)j << 1 | (digit < 0);
            if (digit != 0) ws->order[start[(digit < 0 ? -digit : digit) - 1]++] = entry;
        }
    }
    for (size_t b = ws->num_buckets; b > 0; b--) start[b] = start[b - 1]; /* ends -> beginnings */
    start[0] = 0;
}

/* Where the point of an entry is. */
ZKR_INLINE const uint8_t *GR(msm_address)(const GR(msm_job) *job, size_t from, uint32_t entry)
{
    size_t i = from + (entry >> GR(MSM_PAIR_SHIFT)), column = entry >> 1 & ((1 << (GR(MSM_PAIR_SHIFT) - 1)) - 1);
    return column == 0 ? job->live[i] : job->rows[i] + (column * job->columns.step - 1) * sizeof(GR(affine));
}

/* Ask for what msm_address will read: the pointers of a block do not fit into the first cache either. */
ZKR_INLINE void GR(msm_prefetch_address)(const GR(msm_workspace) *ws, const GR(msm_job) *job, size_t from, size_t at)
{
    if (ws->order[at] != SUM_SO_FAR) __builtin_prefetch(&job->live[from + (ws->order[at] >> GR(MSM_PAIR_SHIFT))]);
}

/* Ask for the point of an entry a while before its turn: bases and multiples lie anywhere in a map of megabytes. */
ZKR_INLINE void GR(msm_prefetch)(const GR(msm_workspace) *ws, const GR(msm_job) *job, size_t from, size_t at)
{
    if (ws->order[at] == SUM_SO_FAR) return;
    const uint8_t *point = GR(msm_address)(job, from, ws->order[at]);
    for (size_t line = 0; line < sizeof(GR(affine)); line += 64) __builtin_prefetch(point + line);
    __builtin_prefetch(point + sizeof(GR(affine)) - 1); /* points lie across lines as they like */
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
    GR(load)(out, GR(msm_address)(job, from, entry));
    CO(negate_if)(&out->y, &out->y, 0 - (uint64_t)(entry & 1)); /* a branch would be foretold wrongly half the time */
}

/* The k points of every bucket become ceil(k/2): the leaves, from where the entries say.  Returns the largest number left in a
 * bucket. */
ZKR_FUNCTION uint32_t GR(msm_first_level)(GR(msm_workspace) *ws, const GR(msm_job) *job, size_t from, GR(affine) *out)
{
    enum { AHEAD = 16 };
    uint32_t written = 0, largest = 0, begin = ws->start[0], last = ws->start[ws->num_buckets];
    for (size_t b = 0; b < ws->num_buckets; b++) {
        uint32_t end = ws->start[b + 1], count = (end - begin + 1) / 2;
        for (uint32_t at = begin; at < end; at += 2) {
            GR(affine) p, q;
            for (uint32_t k = at + 2 * AHEAD; k < at + 2 * AHEAD + 2 && k < last; k++) GR(msm_prefetch_address)(ws, job, from, k);
            for (uint32_t k = at + AHEAD; k < at + AHEAD + 2 && k < last; k++) GR(msm_prefetch)(ws, job, from, k);
            GR(msm_leaf)(&p, ws, job, from, b, at);
            if (at + 1 == end) {
                out[written++] = p;
            } else {
                GR(msm_leaf)(&q, ws, job, from, b, at + 1);
                GR(batch_add)(&ws->batch, &out[written++], &p, &q);
            }
        }
        if (count > largest) largest = count;
        begin = end;
        ws->start[b + 1] = written;
    }
    GR(batch_flush)(&ws->batch);
    return largest;
}

/* The same for the levels above: neighbours in `in`. */
ZKR_FUNCTION uint32_t GR(msm_level)(GR(msm_workspace) *ws, const GR(affine) *in, GR(affine) *out)
{
    uint32_t written = 0, largest = 0, begin = ws->start[0];
    for (size_t b = 0; b < ws->num_buckets; b++) {
        uint32_t end = ws->start[b + 1], count = (end - begin + 1) / 2;
        for (uint32_t at = begin; at + 1 < end; at += 2) GR(batch_add)(&ws->batch, &out[written++], &in[at], &in[at + 1]);
        if ((end - begin) % 2) out[written++] = in[end - 1];
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

/* Add one part of live pairs [from, to), at most a block, to the buckets of a window. */
ZKR_FUNCTION void GR(msm_fill)(GR(msm_workspace) *ws, const GR(msm_job) *job, GR(digit_place) place, size_t part, size_t from,
                               size_t to)
{
    int side = 0;
    GR(msm_sort)(ws, job, place, part, from, to);
    uint32_t largest = GR(msm_first_level)(ws, job, from, ws->level[0]);
    for (; largest > 1; side ^= 1) largest = GR(msm_level)(ws, ws->level[side], ws->level[side ^ 1]);
    for (size_t b = 0; b < ws->num_buckets; b++) {
        if (ws->start[b] < ws->start[b + 1]) ws->bucket[b] = ws->level[side][ws->start[b]];
    }
}

/* One window over one split of the live pairs. */
ZKR_FUNCTION int GR(msm_task)(GR(msm_job) *job, GR(msm_workspace) **workspaces, size_t worker, size_t index)
{
    size_t w = index / job->num_splits, split = index % job->num_splits, block = GR(msm_block_pairs)(job);
    size_t begin = job->num_live * split / job->num_splits, end = job->num_live * (split + 1) / job->num_splits;
    GR(digit_place) place = GR(columns_place)(&job->columns, w);
    GR(msm_workspace) *ws = GR(msm_workspace_for)(job, &workspaces[worker]);
    if (ws == NULL) return ZKR_ERR_MEMORY;
    memset(ws->bucket, 0, ws->num_buckets * sizeof *ws->bucket);
    for (size_t part = GR(PARTS); part-- > 0;) {
        for (size_t from = begin; from < end; from += block) {
            GR(msm_fill)(ws, job, place, part, from, end - from < block ? end : from + block);
        }
        for (size_t b = 0; part > 0 && b < ws->num_buckets; b++) GR(endomorphism)(&ws->bucket[b]);
    }
    GR(msm_bucket_sum)(&job->sums[index], ws->bucket, ws->num_buckets);
    return ZKR_OK;
}

/* A job for at most `most_pairs` pairs, most_pairs*factor < 2^31, of which about `expected_pairs` will count (neither scalar zero
 * nor base infinity): that chooses the window.  Bases come with factor - 1 multiples.  Never fewer than `least_tasks` tasks, so
 * that as many threads find work. */
ZKR_FUNCTION int GR(msm_open)(GR(msm_job) *job, size_t most_pairs, size_t expected_pairs, size_t factor, size_t least_tasks)
{
    *job = (GR(msm_job)){.most_pairs = most_pairs, .factor = factor};
    job->columns = MSM_COLUMNS(expected_pairs, factor, least_tasks);
    job->num_splits = (least_tasks + job->columns.num_windows - 1) / job->columns.num_windows;
    job->num_tasks = job->columns.num_windows * job->num_splits;
    GR(columns_bias)(job->bias, &job->columns);
    job->live = malloc((most_pairs + 1) * sizeof *job->live);
    job->rows = malloc((most_pairs + 1) * sizeof *job->rows);
    job->parts = malloc((most_pairs + 1) * GR(PARTS) * GR(PART_WORDS) * sizeof *job->parts);
    job->sums = malloc(job->num_tasks * sizeof *job->sums);
    return job->live != NULL && job->rows != NULL && job->parts != NULL && job->sums != NULL ? ZKR_OK : ZKR_ERR_MEMORY;
}

/* The pairs (scalars[i], bases[i]), i < n, canonical scalars; multiples holds factor - 1 for each finite base, one base after
 * another.  Bases and multiples stay where they are until the tasks are done.  Infinity and zero contribute nothing and are left
 * out. */
ZKR_FUNCTION void GR(msm_add)(GR(msm_job) *job, const uint8_t *scalars, const uint8_t *bases, const uint8_t *multiples, size_t n)
{
    enum { WORDS = GR(PART_WORDS) };
    size_t num_finite = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t parts[GR(PARTS)][WORDS], *out = job->parts + job->num_live * GR(PARTS) * WORDS;
        GR(affine) base;
        SCALAR scalar;
        GR(load)(&base, bases + i * sizeof base);
        if (GR(is_infinity)(&base)) continue;
        job->live[job->num_live] = bases + i * sizeof base;
        job->rows[job->num_live] = multiples;
        if (job->factor > 1) job->rows[job->num_live] += num_finite++ * (job->factor - 1) * sizeof base;
        memcpy(&scalar, scalars + i * sizeof scalar, sizeof scalar);
        if (ZKR_JOIN(SCALAR, is_zero)(&scalar)) continue;
        GR(split_scalar)(parts, scalar.limb);
        for (int h = 0; h < GR(PARTS); h++) zkr_limbs_add(out + h * WORDS, parts[h], job->bias, WORDS);
        job->num_live++;
    }
}

/* sum over the windows of 2^(cw)*S_w, after all tasks. */
ZKR_FUNCTION void GR(msm_sum)(GR(xyzz) *out, const GR(msm_job) *job)
{
    GR(xyzz_set_infinity)(out);
    for (size_t w = job->columns.num_windows; w-- > 0;) {
        for (unsigned i = 0; i < job->columns.window; i++) GR(xyzz_dbl)(out, out);
        for (size_t split = 0; split < job->num_splits; split++) GR(xyzz_add)(out, out, &job->sums[w * job->num_splits + split]);
    }
}

ZKR_FUNCTION void GR(msm_close)(GR(msm_job) *job)
{
    if (job->parts != NULL) zkr_wipe(job->parts, (job->num_live + 1) * GR(PARTS) * GR(PART_WORDS) * sizeof *job->parts);
    if (job->sums != NULL) zkr_wipe(job->sums, job->num_tasks * sizeof *job->sums);
    free((void *)job->live);
    free((void *)job->rows);
    free(job->parts);
    free(job->sums);
    *job = (GR(msm_job)){.num_live = 0};
}
#undef SUM_SO_FAR
