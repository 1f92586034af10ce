/* fixed_base.h: out[i] = scalars[i]*base in GROUP for many scalars.  Parameters: GROUP, COORD, SCALAR.
 *
 * Reference: [BGMW92].  table[w][j-1] = j*2^(cw)*base for j = 1..2^(c-1); a product is the sum of one signed entry for each
 * window.  A block of scalars walks through the windows together so that its additions share inversions.
 */
enum { GR(FIXED_MAX_WINDOW) = 11 };

typedef struct {
    uint8_t *out;
    const uint8_t *scalars;
    size_t n;
    unsigned window;
    size_t num_windows;
    GR(affine) *table; /* num_windows rows of 2^(c-1) */
} GR(fixed_job);

ZKR_FUNCTION unsigned GR(fixed_window)(size_t n)
{
    unsigned best = 2;
    double best_cost = 0;
    for (unsigned c = 2; c <= GR(FIXED_MAX_WINDOW); c++) {
        double cost = (double)GR(num_windows)(c) * ((double)n + (double)(1u << (c - 1)));
        if (c == 2 || cost < best_cost) {
            best_cost = cost;
            best = c;
        }
    }
    return best;
}

/* First column by doublings, the others by adding it to the column before, all windows at a time. */
ZKR_FUNCTION int GR(fixed_fill_table)(GR(fixed_job) *job, const GR(affine) *base)
{
    size_t row = (size_t)1 << (job->window - 1);
    GR(batch) *batch = malloc(sizeof *batch);
    GR(xyzz) power;
    if (batch == NULL) return ZKR_ERR_MEMORY;
    batch->count = 0;
    GR(xyzz_from_affine)(&power, base);
    for (size_t w = 0; w < job->num_windows; w++) {
        GR(to_affine_vartime)(&job->table[w * row], &power);
        for (unsigned i = 0; i < job->window; i++) GR(xyzz_dbl)(&power, &power);
    }
    for (size_t j = 1; j < row; j++) {
        for (size_t w = 0; w < job->num_windows; w++) {
            GR(affine) *entry = &job->table[w * row + j];
            GR(batch_add)(batch, entry, entry - 1, &job->table[w * row]);
        }
        GR(batch_flush)(batch);
    }
    free(batch);
    return ZKR_OK;
}

/* One block of scalars. */
static int GR(fixed_task)(void *context, size_t worker, size_t index)
{
    (void)worker;
    const GR(fixed_job) *job = context;
    enum { BLOCK = GR(BATCH_SIZE) };
    size_t from = index * BLOCK, count = job->n - from < BLOCK ? job->n - from : BLOCK;
    size_t row = (size_t)1 << (job->window - 1);
    uint64_t bias[BIASED_LIMBS];
    struct {
        GR(batch) batch;
        GR(affine) sum[BLOCK];
        uint64_t biased[BLOCK][BIASED_LIMBS];
    } *ws = calloc(1, sizeof *ws);
    if (ws == NULL) return ZKR_ERR_MEMORY;
    GR(signed_digit_bias)(bias, job->window, job->num_windows);
    for (size_t i = 0; i < count; i++) GR(bias_scalar)(ws->biased[i], job->scalars + (from + i) * sizeof(SCALAR), bias);
    for (size_t w = 0; w < job->num_windows; w++) {
        for (size_t i = 0; i < count; i++) {
            GR(affine) entry;
            int32_t digit = GR(signed_digit)(ws->biased[i], job->window, w);
            if (digit == 0) continue;
            entry = job->table[w * row + (size_t)(digit < 0 ? -digit : digit) - 1];
            if (digit < 0) GR(negate)(&entry, &entry);
            GR(batch_add)(&ws->batch, &ws->sum[i], &ws->sum[i], &entry);
        }
        GR(batch_flush)(&ws->batch);
    }
    memcpy(job->out + from * sizeof *ws->sum, ws->sum, count * sizeof *ws->sum);
    free(ws);
    return ZKR_OK;
}

ZKR_FUNCTION int GR(fixed_base_vartime)(uint8_t *out, const uint8_t *base_bytes, const uint8_t *scalars, size_t n, int threads)
{
    GR(affine) base;
    if (n == 0) return ZKR_OK;
    GR(load)(&base, base_bytes);
    GR(fixed_job) job = {.scalars = scalars, .n = n, .window = GR(fixed_window)(n)};
    job.num_windows = GR(num_windows)(job.window);
    job.table = malloc((job.num_windows << (job.window - 1)) * sizeof *job.table);
    job.out = malloc(n * sizeof base); /* so that out stays untouched when a block fails */
    int status = job.table != NULL && job.out != NULL ? GR(fixed_fill_table)(&job, &base) : ZKR_ERR_MEMORY;
    if (status == ZKR_OK) {
        status = zkr_parallel(threads, (n + GR(BATCH_SIZE) - 1) / GR(BATCH_SIZE), GR(fixed_task), &job, NULL);
    }
    if (status == ZKR_OK) memcpy(out, job.out, n * sizeof base);
    free(job.table);
    free(job.out);
    return status;
}
