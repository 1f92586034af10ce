/* lanes/quotient.h: the quotient of a Groth16 proof (templates/quotient.h) on columns of eight.  Parameter: FIELD.
 *
 * The split network takes evaluations to n times the coefficients of f, position p holding c_m with m = -rev(p) mod n; times
 * s^m/n, s = omega_{2n}, the join network takes them to f(s*omega^-j) at position j: the odd points, backwards.  One table
 * of zetas serves both, and s^m = -1/zeta_p but for p = 0.
 *
 * Three sweeps over the three vectors: down the strips (A and B are loaded, C = A*B, the top levels), along the rows (the
 * other levels, the factors, the same levels back), and down the strips again (the top levels, A*B - C).
 *
 * Powers of the Montgomery factor: A and B come as integers, and the factors carry lambda/n with lambda = 2^(26*LIMBS52), so
 * that A*B/RR is the product of integers; C = A*B/RR*lambda is corrected by RR*lambda in the same reduction.
 */
enum { FE(LOG_KEEP) = 15 }; /* above, reading the factors of the groups from memory is slower than making them */

typedef struct {
    uint32_t log_size;
    FE(scalar_domain) scalar; /* below 2^LOG_GROUP elements; else the others */
    FE(x8_tables) tables;
    FE(x8) *shifts;
    uint64_t c_factor[FE(LIMBS52)]; /* RR*lambda, an integer; no column, as a domain may lie in memory of any alignment */
} FE(domain);

typedef struct {
    const FE(domain) *domain;
    FE(x8_shape) shape;
    FE(x8) *vectors[3];
    const FIELD *a, *b;
    uint8_t *h;
    uint32_t log_strips; /* columns a task */
} FE(x8_quotient_job);

/* 2^exponent. */
ZKR_FUNCTION void FE(x8_power_of_two)(FIELD *out, int exponent)
{
    FE(set_one)(out);
    for (int i = 0; i < exponent; i++) FE(dbl)(out, out);
}

/* factors[8g + r], lane l: s^m*lambda/n for the position p = 64g + 8l + r, as the lanes' Montgomery numbers. */
ZKR_FUNCTION void FE(x8_fill_shifts)(FE(domain) *domain)
{
    FIELD roots[FE(TWO_ADICITY) + 1], zetas[64], column[8], first, part;
    uint32_t log_size = domain->log_size;
    FE(x8_power_of_two)(&first, 26 * FE(LIMBS52));
    FE(ntt_inverse_size)(&part, log_size);
    FE(mul)(&first, &first, &part);
    FE(neg)(&part, &first);
    FE(x8_roots)(roots, 1);
    FE(x8_zetas)(zetas, 64, 0, roots, &part);
    for (int r = 0; r < 8; r++) {
        for (int l = 0; l < 8; l++) column[l] = zetas[8 * l + r];
        FE(x8_enter)(&domain->shifts[r], column);
    }
    FE(x8_double_zetas)(domain->shifts, 8, log_size - FE(LOG_GROUP), FE(LOG_GROUP), roots);
    column[0] = first;
    for (int l = 1; l < 8; l++) column[l] = zetas[8 * l];
    FE(x8_enter)(&domain->shifts[0], column);
}

ZKR_FUNCTION int FE(domain_open)(FE(domain) *domain, uint32_t log_size)
{
    FIELD factor, copies[8];
    FE(x8) lanes;
    domain->log_size = log_size;
    if (log_size < FE(LOG_GROUP)) return FE(scalar_domain_open)(&domain->scalar, log_size);
    domain->shifts = zkr_take_memory(((size_t)1 << (log_size - 3)) * sizeof *domain->shifts);
    if (domain->shifts == NULL) return ZKR_ERR_MEMORY;
    int status = FE(x8_tables_open)(&domain->tables, log_size, log_size <= FE(LOG_KEEP));
    if (status != ZKR_OK) {
        free(domain->shifts);
        return status;
    }
    FE(x8_fill_shifts)(domain);
    FE(x8_power_of_two)(&factor, 78 * FE(LIMBS52));
    FE(to_canonical)(&factor, &factor);
    for (int k = 0; k < 8; k++) copies[k] = factor;
    FE(x8_load)(&lanes, copies);
    for (int i = 0; i < FE(LIMBS52); i++) {
        domain->c_factor[i] = (uint64_t)_mm_cvtsi128_si64(_mm512_castsi512_si128(lanes.limb[i]));
    }
    return ZKR_OK;
}

ZKR_FUNCTION void FE(domain_close)(FE(domain) *domain)
{
    if (domain->log_size < FE(LOG_GROUP)) {
        FE(scalar_domain_close)(&domain->scalar);
        return;
    }
    FE(x8_tables_close)(&domain->tables);
    free(domain->shifts);
}

ZKR_FUNCTION size_t FE(domain_num_bytes)(const FE(domain) *domain)
{
    if (domain->log_size < FE(LOG_GROUP)) return FE(scalar_domain_num_bytes)(&domain->scalar);
    return FE(x8_tables_num_bytes)(&domain->tables) + (sizeof *domain->shifts << (domain->log_size - 3));
}

static int FE(x8_quotient_load)(void *context, size_t worker, size_t index)
{
    const FE(x8_quotient_job) *job = context;
    const FE(x8_shape) *shape = &job->shape;
    (void)worker;
    for (size_t column = index << job->log_strips; column < (index + 1) << job->log_strips; column++) {
        for (size_t row = 0; row < (size_t)1 << shape->log_rows; row++) {
            size_t at = row * shape->pitch + column, from = 8 * ((row << shape->log_row) + column);
            FE(x8) *a = &job->vectors[0][at], *b = &job->vectors[1][at];
            FE(x8_load)(a, &job->a[from]);
            FE(x8_load)(b, &job->b[from]);
            FE(x8_mul)(&job->vectors[2][at], a, b);
        }
        for (int v = 0; v < 3; v++) {
            FE(x8_split_levels)(&job->vectors[v][column], shape->log_rows, shape->pitch, job->domain->tables.twiddles, 0);
        }
    }
    return ZKR_OK;
}

static int FE(x8_quotient_row)(void *context, size_t worker, size_t row)
{
    const FE(x8_quotient_job) *job = context;
    const FE(x8_tables) *tables = &job->domain->tables;
    uint32_t log = job->shape.log_row;
    FE(x8) *vectors[3];
    FE(known_x8) memory[FE(GROUP_FACTORS)];
    (void)worker;
    for (int v = 0; v < 3; v++) {
        vectors[v] = job->vectors[v] + row * job->shape.pitch;
        FE(x8_split_levels)(vectors[v], log, 1, tables->twiddles, row);
    }
    for (size_t column = 0; column < (size_t)1 << log; column += 8) {
        size_t at = (row << log) + column;
        const FE(known_x8) *factors = FE(x8_group)(tables, at / 8, memory);
        for (int v = 0; v < 3; v++) {
            FE(x8) *group = &vectors[v][column];
            FE(x8_split_group)(group, factors);
            for (int r = 0; r < 8; r++) {
                FE(x8_carry)(&group[r], &group[r]);
                FE(x8_mul)(&group[r], &group[r], &job->domain->shifts[at + (size_t)r]); /* below 2p */
            }
            FE(x8_join_group)(group, factors);
        }
    }
    for (int v = 0; v < 3; v++) FE(x8_join_levels)(vectors[v], log, 1, tables->twiddles, row);
    return ZKR_OK;
}

/* h[-j] = value at position j = 8*column + lane. */
ZKR_INLINE void FE(x8_store_backwards)(uint8_t *h, uint32_t log_size, size_t column, const FE(x8) *value)
{
    const __m512i backwards = _mm512_setr_epi64(7, 6, 5, 4, 3, 2, 1, 0);
    size_t n = (size_t)1 << log_size;
    FE(x8) reversed;
    ZKR_UNROLL
    for (int i = 0; i < FE(LIMBS52); i++) reversed.limb[i] = _mm512_permutexvar_epi64(backwards, value->limb[i]);
    if (column > 0) {
        FE(x8_store_bytes)(h + (n - 8 * column - 7) * sizeof(FIELD), &reversed);
    } else {
        uint8_t last[8 * sizeof(FIELD)];
        FE(x8_store_bytes)(last, &reversed);
        memcpy(h + (n - 7) * sizeof(FIELD), last, 7 * sizeof(FIELD));
        memcpy(h, last + 7 * sizeof(FIELD), sizeof(FIELD));
    }
}

static int FE(x8_quotient_store)(void *context, size_t worker, size_t index)
{
    const FE(x8_quotient_job) *job = context;
    const FE(x8_shape) *shape = &job->shape;
    (void)worker;
    for (size_t column = index << job->log_strips; column < (index + 1) << job->log_strips; column++) {
        for (int v = 0; v < 3; v++) {
            FE(x8_join_levels)(&job->vectors[v][column], shape->log_rows, shape->pitch, job->domain->tables.twiddles, 0);
        }
        for (size_t row = 0; row < (size_t)1 << shape->log_rows; row++) {
            size_t at = row * shape->pitch + column;
            FE(x8) a, b, c, value, c_factor;
            FE(x8_broadcast)(&c_factor, job->domain->c_factor);
            FE(x8_carry)(&a, &job->vectors[0][at]); /* all below 2K*p */
            FE(x8_carry)(&b, &job->vectors[1][at]);
            FE(x8_set_zero)(&c);
            FE(x8_sub)(&c, &c, &job->vectors[2][at], 2 * FE(KNOWN));
            FE(x8_mul_add)(&value, &a, &b, &c, &c_factor); /* below (4K^2 + 2K)/ROOM52 + 1 <= 6 */
            FE(x8_reduce)(&value, &value);
            FE(x8_canonical)(&value, &value);
            FE(x8_store_backwards)(job->h, job->domain->log_size, (row << shape->log_row) + column, &value);
        }
    }
    return ZKR_OK;
}

ZKR_FUNCTION int FE(quotient)(uint8_t *h, FIELD *a, FIELD *b, const FE(domain) *domain, int threads)
{
    if (domain->log_size < FE(LOG_GROUP)) return FE(scalar_quotient)(h, a, b, &domain->scalar, threads);
    FE(x8_quotient_job) job = {.domain = domain, .shape = FE(x8_shape_of)(domain->log_size), .a = a, .b = b, .h = h};
    size_t columns = job.shape.pitch << job.shape.log_rows;
    job.vectors[0] = FE(x8_take)(&job.shape, 3);
    if (job.vectors[0] == NULL) return ZKR_ERR_MEMORY;
    job.vectors[1] = job.vectors[0] + columns;
    job.vectors[2] = job.vectors[1] + columns;
    job.log_strips = job.shape.log_row < 4 ? 0 : job.shape.log_row - 4;
    size_t strips = (size_t)1 << (job.shape.log_row - job.log_strips);
    int status = zkr_parallel(threads, strips, FE(x8_quotient_load), &job, NULL);
    if (status == ZKR_OK) status = zkr_parallel(threads, (size_t)1 << job.shape.log_rows, FE(x8_quotient_row), &job, NULL);
    if (status == ZKR_OK) status = zkr_parallel(threads, strips, FE(x8_quotient_store), &job, NULL);
    zkr_wipe(job.vectors[0], 3 * columns * sizeof *job.vectors[0]);
    free(job.vectors[0]);
    return status;
}
