/* lanes/ntt.h: the transforms of the ABI (templates/ntt.h) on columns of eight.  Parameter: FIELD.
 *
 * Down the strips (load, top levels), along the rows (the other levels), and a sweep that puts position p to rev(p).  Eight rows
 * that differ in the top bits of p give eight neighbours each, so that whole cache lines are written.  The inverse is the same
 * network read backwards, index n - i for i, and 1/n.
 * The factors of the groups are made where they are used: a call does not come back to them.
 */
typedef struct {
    FE(x8_tables) tables;
    FE(x8_shape) shape;
    FE(x8) *vector;
    uint8_t *values;
    const FE(known_x8) *inverse_size; /* NULL forwards */
    uint32_t log_strips;              /* columns a task */
} FE(x8_ntt_job);

static int FE(x8_ntt_load)(void *context, size_t worker, size_t index)
{
    const FE(x8_ntt_job) *job = context;
    const FE(x8_shape) *shape = &job->shape;
    (void)worker;
    for (size_t column = index << job->log_strips; column < (index + 1) << job->log_strips; column++) {
        for (size_t row = 0; row < (size_t)1 << shape->log_rows; row++) {
            size_t from = 8 * ((row << shape->log_row) + column);
            FE(x8_load_bytes)(&job->vector[row * shape->pitch + column], job->values + from * sizeof(FIELD));
        }
        FE(x8_split_levels)(&job->vector[column], shape->log_rows, shape->pitch, job->tables.twiddles, 0);
    }
    return ZKR_OK;
}

static int FE(x8_ntt_row)(void *context, size_t worker, size_t row)
{
    const FE(x8_ntt_job) *job = context;
    FE(x8) *columns = job->vector + row * job->shape.pitch;
    FE(known_x8) memory[FE(GROUP_FACTORS)];
    (void)worker;
    FE(x8_split_levels)(columns, job->shape.log_row, 1, job->tables.twiddles, row);
    for (size_t column = 0; column < (size_t)1 << job->shape.log_row; column += 8) {
        FE(x8_split_group)(&columns[column], FE(x8_group)(&job->tables, ((row << job->shape.log_row) + column) / 8, memory));
    }
    return ZKR_OK;
}

/* Canonical, and times 1/n for the inverse; from a loose value of the network. */
ZKR_INLINE void FE(x8_ntt_finish)(FIELD *out, const FE(x8) *a, const FE(known_x8) *inverse_size)
{
    FE(x8) value;
    FE(x8_carry)(&value, a);
    if (inverse_size != NULL) FE(x8_mul_known)(&value, &value, inverse_size);
    FE(x8_reduce)(&value, &value);
    FE(x8_canonical)(&value, &value);
    FE(x8_store)(out, &value);
}

/* The 2^log_high top bits of the row run over all values, for the `index` of the others: log_high = 3, or all of few rows. */
static int FE(x8_ntt_store)(void *context, size_t worker, size_t index)
{
    const FE(x8_ntt_job) *job = context;
    const FE(x8_shape) *shape = &job->shape;
    uint32_t log_size = job->tables.log_size, log_high = shape->log_rows < 3 ? shape->log_rows : 3;
    size_t n = (size_t)1 << log_size, high_step = ((size_t)1 << (shape->log_rows - log_high)) * shape->pitch;
    const FE(x8) *columns = job->vector + index * shape->pitch;
    (void)worker;
    for (size_t column = 0; column < (size_t)1 << shape->log_row; column++) {
        FIELD part[8][8];
        size_t position = 8 * ((index << shape->log_row) + column - column % 8) + column % 8; /* and 8*lane */
        size_t start = FE(ntt_reversed)(position, log_size);
        for (size_t high = 0; high < (size_t)1 << log_high; high++) {
            FE(x8_ntt_finish)(part[high], &columns[high * high_step + column], job->inverse_size);
        }
        for (size_t lane = 0; lane < 8; lane++) {
            size_t to = start + (FE(ntt_reversed)(lane, 3) << (log_size - 6));
            for (size_t low = 0; low < (size_t)1 << log_high; low++) {
                size_t at = job->inverse_size != NULL ? (n - to - low) & (n - 1) : to + low;
                memcpy(job->values + at * sizeof(FIELD), &part[FE(ntt_reversed)(low, log_high)][lane], sizeof(FIELD));
            }
        }
    }
    return ZKR_OK;
}

/* values[i] *= factor*ratio^i, i < n, a multiple of 32: four chains of powers, 32 apart. */
ZKR_FUNCTION void FE(x8_scale_geometric)(uint8_t *values, size_t n, const FIELD *factor, const FIELD *ratio)
{
    FIELD powers[33];
    FE(x8) chain[4], step;
    powers[0] = *factor;
    for (int i = 1; i < 32; i++) FE(mul)(&powers[i], &powers[i - 1], ratio);
    for (int i = 0; i < 4; i++) FE(x8_enter)(&chain[i], &powers[8 * i]);
    FE(set_one)(&powers[32]);
    for (int i = 0; i < 32; i++) FE(mul)(&powers[32], &powers[32], ratio);
    FE(x8_enter_one)(&step, &powers[32]);
    for (size_t at = 0; at < n; at += 32) {
        for (size_t i = 0; i < 4; i++) {
            FE(x8) value;
            uint8_t *bytes = values + (at + 8 * i) * sizeof(FIELD);
            FE(x8_load_bytes)(&value, bytes);
            FE(x8_mul)(&value, &value, &chain[i]);
            FE(x8_canonical)(&value, &value);
            FE(x8_store_bytes)(bytes, &value);
            FE(x8_mul)(&chain[i], &chain[i], &step);
        }
    }
}

ZKR_FUNCTION int FE(x8_ntt_sweeps)(FE(x8_ntt_job) *job, int threads)
{
    const FE(x8_shape) *shape = &job->shape;
    job->log_strips = shape->log_row < 4 ? 0 : shape->log_row - 4;
    uint32_t log_high = shape->log_rows < 3 ? shape->log_rows : 3;
    int status = zkr_parallel(threads, (size_t)1 << (shape->log_row - job->log_strips), FE(x8_ntt_load), job, NULL);
    if (status == ZKR_OK) status = zkr_parallel(threads, (size_t)1 << shape->log_rows, FE(x8_ntt_row), job, NULL);
    if (status != ZKR_OK) return status;
    return zkr_parallel(threads, (size_t)1 << (shape->log_rows - log_high), FE(x8_ntt_store), job, NULL);
}

ZKR_FUNCTION int FE(ntt)(uint8_t *inout, uint32_t log_size, int inverse, const uint8_t *shift32, int threads)
{
    if (log_size < FE(LOG_GROUP)) return FE(scalar_ntt)(inout, log_size, inverse, shift32, threads);
    FE(x8_ntt_job) job = {.shape = FE(x8_shape_of)(log_size), .values = inout};
    FE(known_x8) inverse_size;
    FIELD factor, shift;
    FE(x8) column;
    job.vector = FE(x8_take)(&job.shape, 1);
    if (job.vector == NULL) return ZKR_ERR_MEMORY;
    int status = FE(x8_tables_open)(&job.tables, log_size, 0);
    if (status == ZKR_OK) {
        FE(ntt_inverse_size)(&factor, log_size);
        FE(x8_enter_one)(&column, &factor);
        FE(known_from_x8)(&inverse_size, &column);
        if (inverse) job.inverse_size = &inverse_size;
        FE(set_one)(&factor);
        if (shift32 != NULL) FE(load)(&shift, shift32);
        if (shift32 != NULL && !inverse) FE(x8_scale_geometric)(inout, (size_t)1 << log_size, &factor, &shift);
        status = FE(x8_ntt_sweeps)(&job, threads);
        if (shift32 != NULL && inverse) {
            FE(inverse_vartime)(&shift, &shift);
            FE(x8_scale_geometric)(inout, (size_t)1 << log_size, &factor, &shift);
        }
        FE(x8_tables_close)(&job.tables);
    }
    free(job.vector);
    return status;
}
