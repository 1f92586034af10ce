/* products.h: out[i] = scalars[i]*points[i] in GROUP for many pairs.  Parameters: GROUP, COORD, SCALAR.
 *
 * Signed digits of 4 bits (signed_digits.h) over the multiples 1..8 of every point.  A block of points goes through the windows
 * together, so that its additions share inversions (affine_batch.h).  No endomorphism: any point of the curve will do.
 */
enum { GR(PRODUCT_WINDOW) = 4, GR(PRODUCT_ROW) = 1 << (GR(PRODUCT_WINDOW) - 1) };

typedef struct {
    uint8_t *out;
    const uint8_t *scalars, *points;
    size_t n;
} GR(products_job);

/* One block of pairs. */
static int GR(products_task)(void *context, size_t worker, size_t index)
{
    (void)worker;
    const GR(products_job) *job = context;
    enum { BLOCK = GR(BATCH_SIZE), SIZE = sizeof(GR(affine)), WINDOW = GR(PRODUCT_WINDOW) };
    size_t from = index * BLOCK, count = job->n - from < BLOCK ? job->n - from : BLOCK;
    size_t num_windows = GR(num_windows)(WINDOW);
    uint64_t bias[BIASED_LIMBS];
    struct {
        GR(batch) batch;
        GR(affine) table[GR(PRODUCT_ROW)][BLOCK]; /* table[k][i] = (k+1)*points[i] */
        GR(affine) entry[BLOCK], sum[BLOCK];
        uint64_t biased[BLOCK][BIASED_LIMBS];
    } *ws = calloc(1, sizeof *ws);
    if (ws == NULL) return ZKR_ERR_MEMORY;
    memcpy(ws->table[0], job->points + from * SIZE, count * SIZE);
    for (size_t k = 1; k < GR(PRODUCT_ROW); k++) {
        for (size_t i = 0; i < count; i++) GR(batch_add)(&ws->batch, &ws->table[k][i], &ws->table[k - 1][i], &ws->table[0][i]);
        GR(batch_flush)(&ws->batch);
    }
    GR(signed_digit_bias)(bias, WINDOW, num_windows);
    for (size_t i = 0; i < count; i++) GR(bias_scalar)(ws->biased[i], job->scalars + (from + i) * sizeof(SCALAR), bias);
    for (size_t w = num_windows; w-- > 0;) {
        for (int bit = 0; bit < WINDOW; bit++) {
            for (size_t i = 0; i < count; i++) GR(batch_add)(&ws->batch, &ws->sum[i], &ws->sum[i], &ws->sum[i]);
            GR(batch_flush)(&ws->batch);
        }
        for (size_t i = 0; i < count; i++) {
            int32_t digit = GR(signed_digit)(ws->biased[i], WINDOW, w);
            if (digit == 0) continue;
            ws->entry[i] = ws->table[(digit < 0 ? -digit : digit) - 1][i];
            if (digit < 0) GR(negate)(&ws->entry[i], &ws->entry[i]);
            GR(batch_add)(&ws->batch, &ws->sum[i], &ws->sum[i], &ws->entry[i]);
        }
        GR(batch_flush)(&ws->batch);
    }
    memcpy(job->out + from * SIZE, ws->sum, count * SIZE);
    zkr_wipe(ws->biased, sizeof ws->biased); /* the scalars of a ceremony are secret */
    free(ws);
    return ZKR_OK;
}

ZKR_FUNCTION int GR(products_vartime)(uint8_t *out, const uint8_t *scalars, const uint8_t *points, size_t n, int threads)
{
    size_t num_bytes = n * sizeof(GR(affine));
    uint8_t *made = malloc(num_bytes + 1); /* so that out stays untouched when a block fails */
    GR(products_job) job = {made, scalars, points, n};
    int status = ZKR_ERR_MEMORY;
    if (made != NULL) {
        status = zkr_parallel(threads, (n + GR(BATCH_SIZE) - 1) / GR(BATCH_SIZE), GR(products_task), &job, NULL);
    }
    if (status == ZKR_OK) memcpy(out, made, num_bytes);
    free(made);
    return status;
}
