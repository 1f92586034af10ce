/* system.h: a constraint system over FIELD prepared for many checks: three matrices by row (rows.h) over one table. */
typedef struct {
    FE(coefficients) table;
    FE(rows) matrices[3];
} FE(system);

ZKR_FUNCTION void FE(system_free)(void *system)
{
    FE(system) *s = system;
    if (s == NULL) return;
    FE(coefficients_close)(&s->table);
    for (int i = 0; i < 3; i++) FE(rows_close)(&s->matrices[i]);
    free(s);
}

ZKR_FUNCTION int FE(system_new)(void **out, const zkr_matrix *const matrices[3], const uint8_t *table_bytes, size_t table_size)
{
    FE(system) *s = calloc(1, sizeof *s);
    if (s == NULL) return ZKR_ERR_MEMORY;
    int status = FE(coefficients_open)(&s->table, table_bytes, table_size);
    for (int i = 0; i < 3 && status == ZKR_OK; i++) status = FE(rows_from_matrix)(&s->matrices[i], matrices[i], &s->table);
    if (status == ZKR_OK) {
        *out = s;
    } else {
        FE(system_free)(s);
    }
    return status;
}

/* <A,z>*<B,z> = <C,z> for row i.  z canonical makes the sums canonical; a*b + (p - c) <= (p - 1)^2 + p < R*p is reduced once,
 * to (a*b - c)/R, which is zero exactly when the row holds. */
ZKR_INLINE int FE(system_row_holds)(const FE(system) *s, size_t i, const uint8_t *z)
{
    FIELD dots[3], a;
    uint64_t wide[2 * FE(LIMBS)], minus_c[2 * FE(LIMBS)] = {0};
    for (int k = 0; k < 3; k++) FE(rows_dot)(&dots[k], &s->matrices[k], s->table.value, i, z);
    FE(mul_wide)(wide, &dots[0], &dots[1]);
    zkr_limbs_sub(minus_c, FE(modulus), dots[2].limb, FE(LIMBS));
    zkr_limbs_add(wide, wide, minus_c, 2 * FE(LIMBS));
    FE(reduce_wide)(&a, wide);
    return FE(is_zero)(&a);
}

typedef struct {
    const FE(system) *system;
    const uint8_t *z;
    size_t num_parts;
    int64_t *first; /* of each part: its first row that does not hold, or -1 */
} FE(system_job);

static int FE(system_part)(void *context, size_t worker, size_t part)
{
    const FE(system_job) *job = context;
    size_t rows = job->system->matrices[0].num_rows, end = rows * (part + 1) / job->num_parts;
    (void)worker;
    job->first[part] = -1;
    for (size_t i = rows * part / job->num_parts; i < end; i++) {
        if (FE(system_row_holds)(job->system, i, job->z)) continue;
        job->first[part] = (int64_t)i;
        break;
    }
    return ZKR_OK;
}

/* First row that does not hold, or -1; rows are cut into a part a thread. */
ZKR_FUNCTION int FE(system_first_unsatisfied)(int64_t *row_out, const void *system, const uint8_t *z, int threads)
{
    int64_t first[ZKR_MAX_THREADS];
    FE(system_job) job = {.system = system, .z = z, .num_parts = (size_t)threads, .first = first};
    int status = zkr_parallel(threads, job.num_parts, FE(system_part), &job, NULL);
    if (status != ZKR_OK) return status;
    *row_out = -1;
    for (size_t part = job.num_parts; part-- > 0;) {
        if (first[part] >= 0) *row_out = first[part];
    }
    return ZKR_OK;
}
