/* multiples.h: 2^(stride*j)*P, 0 < j < factor, of many points in GROUP: what columns.h takes.  Parameters: GROUP, COORD.
 *
 * Doublings in affine coordinates; those of a block of points share their inversions (affine_batch.h).
 */
typedef struct {
    uint8_t *out;
    const uint8_t *points;
    size_t n, factor, stride;
} GR(multiples_job);

/* One block of points. */
static int GR(multiples_task)(void *context, size_t worker, size_t index)
{
    (void)worker;
    const GR(multiples_job) *job = context;
    enum { BLOCK = GR(BATCH_SIZE), SIZE = sizeof(GR(affine)) };
    size_t from = index * BLOCK, count = job->n - from < BLOCK ? job->n - from : BLOCK;
    struct {
        GR(batch) batch;
        GR(affine) point[BLOCK];
    } *ws = malloc(sizeof *ws);
    if (ws == NULL) return ZKR_ERR_MEMORY;
    ws->batch.count = 0;
    memcpy(ws->point, job->points + from * SIZE, count * SIZE);
    for (size_t j = 1; j < job->factor; j++) {
        for (size_t bit = 0; bit < job->stride; bit++) {
            for (size_t i = 0; i < count; i++) GR(batch_add)(&ws->batch, &ws->point[i], &ws->point[i], &ws->point[i]);
            GR(batch_flush)(&ws->batch);
        }
        for (size_t i = 0; i < count; i++) {
            GR(store)(job->out + ((from + i) * (job->factor - 1) + j - 1) * SIZE, &ws->point[i]);
        }
    }
    free(ws);
    return ZKR_OK;
}

/* out[(factor - 1)*i + j - 1] = 2^(stride*j)*points[i] of checked points, 1 < factor. */
ZKR_FUNCTION int GR(multiples_vartime)(uint8_t *out, const uint8_t *points, size_t n, size_t factor, int threads)
{
    size_t num_bytes = n * (factor - 1) * sizeof(GR(affine));
    uint8_t *made = malloc(num_bytes + 1); /* so that out stays untouched when a block fails */
    GR(multiples_job) job = {made, points, n, factor, (GR(SPLIT_BITS) + factor - 1) / factor};
    int status = ZKR_ERR_MEMORY;
    if (made != NULL) {
        status = zkr_parallel(threads, (n + GR(BATCH_SIZE) - 1) / GR(BATCH_SIZE), GR(multiples_task), &job, NULL);
    }
    if (status == ZKR_OK) memcpy(out, made, num_bytes);
    free(made);
    return status;
}
