/* rows.h: the rows of a sparse matrix over FIELD, prepared once for many products with vectors.
 *
 * Entries are sorted by row, and within a row into ones, minus ones and the rest: additions, subtractions, products, with no
 * test for each entry.  Products are accumulated unreduced: k <= R/p of them are below R*p, which is what one Montgomery
 * reduction takes.  The table of distinct coefficients is beside the rows, so that several matrices share it (sparse.h).
 */
typedef struct {
    uint32_t column, id;
} FE(entry);

typedef struct {
    size_t num_rows, num_entries;
    uint32_t *bounds;    /* 3*num_rows + 1: row i has its ones from bounds[3i], its minus ones from bounds[3i+1], the rest from
                            bounds[3i+2] to bounds[3i+3] */
    FE(entry) *entries;
} FE(rows);

ZKR_FUNCTION void FE(rows_close)(FE(rows) *rows)
{
    free(rows->bounds);
    free(rows->entries);
    *rows = (FE(rows)){.num_rows = 0};
}

ZKR_INLINE size_t FE(rows_num_bytes)(const FE(rows) *rows)
{
    return (3 * rows->num_rows + 1) * sizeof *rows->bounds + rows->num_entries * sizeof *rows->entries;
}

/* Entries in any order, row[k] < num_rows, ids[k] in the table, n < 2^32.  rows_close afterwards, also after a failure. */
ZKR_FUNCTION int FE(rows_open)(FE(rows) *rows, size_t num_rows, const uint32_t *row, const uint32_t *columns, const uint32_t *ids,
                               size_t n, const FE(coefficients) *table)
{
    enum { KINDS = 3 };
    static const uint8_t place[KINDS] = {
        [FE(COEFFICIENT_ONE)] = 0, [FE(COEFFICIENT_MINUS_ONE)] = 1, [FE(COEFFICIENT_GENERAL)] = 2};
    *rows = (FE(rows)){.num_rows = num_rows, .num_entries = n};
    rows->bounds = calloc(KINDS * num_rows + 1, sizeof *rows->bounds);
    rows->entries = malloc((n + 1) * sizeof *rows->entries);
    if (rows->bounds == NULL || rows->entries == NULL) return ZKR_ERR_MEMORY;
    uint32_t *bounds = rows->bounds, total = 0;
    for (size_t k = 0; k < n; k++) bounds[KINDS * (size_t)row[k] + place[table->kind[ids[k]]]]++;
    for (size_t i = 0; i <= KINDS * num_rows; i++) { /* counts -> beginnings */
        uint32_t count = bounds[i];
        bounds[i] = total;
        total += count;
    }
    for (size_t k = 0; k < n; k++) {
        uint32_t *at = &bounds[KINDS * (size_t)row[k] + place[table->kind[ids[k]]]];
        rows->entries[(*at)++] = (FE(entry)){columns[k], ids[k]};
    }
    for (size_t i = KINDS * num_rows; i > 0; i--) bounds[i] = bounds[i - 1]; /* ends -> beginnings */
    bounds[0] = 0;
    return ZKR_OK;
}

/* The same from CSR. */
ZKR_FUNCTION int FE(rows_from_matrix)(FE(rows) *rows, const zkr_matrix *matrix, const FE(coefficients) *table)
{
    *rows = (FE(rows)){.num_rows = 0};
    uint32_t *row = malloc((matrix->nnz + 1) * sizeof *row);
    if (row == NULL) return ZKR_ERR_MEMORY;
    for (uint64_t i = 0; i < matrix->num_rows; i++) {
        for (uint64_t k = matrix->offsets[i]; k < matrix->offsets[i + 1]; k++) row[k] = (uint32_t)i;
    }
    int status = FE(rows_open)(rows, matrix->num_rows, row, matrix->columns, matrix->coefficient_ids, matrix->nnz, table);
    free(row);
    return status;
}

/* How many products of two elements, added up, one reduction takes. */
#define LAZY_PRODUCTS (UINT64_MAX / (FE(modulus)[FE(LIMBS) - 1] + 1))

/* The element of z at `column`; elements of z are below p, canonical or Montgomery. */
ZKR_INLINE void FE(rows_load)(FIELD *out, const uint8_t *z, uint32_t column) { FE(load)(out, z + (size_t)column * sizeof *out); }

/* out = sum over row i of table[id]*z[column], in the form of z, below p. */
ZKR_INLINE void FE(rows_dot)(FIELD *out, const FE(rows) *rows, const FIELD *table, size_t i, const uint8_t *z)
{
    const FE(entry) *at = rows->entries + rows->bounds[3 * i], *ones = rows->entries + rows->bounds[3 * i + 1];
    const FE(entry) *minus_ones = rows->entries + rows->bounds[3 * i + 2], *end = rows->entries + rows->bounds[3 * i + 3];
    FIELD sum, x;
    FE(set_zero)(&sum);
    for (; at < ones; at++) {
        FE(rows_load)(&x, z, at->column);
        FE(add)(&sum, &sum, &x);
    }
    for (; at < minus_ones; at++) {
        FE(rows_load)(&x, z, at->column);
        FE(sub)(&sum, &sum, &x);
    }
    if (end - at == 1) { /* the product at once is cheaper than its two halves */
        FE(rows_load)(&x, z, at->column);
        FE(mul_hot)(&x, &table[at->id], &x);
        FE(add)(&sum, &sum, &x);
        at++;
    }
    while (at < end) {
        const FE(entry) *stop = (size_t)(end - at) > LAZY_PRODUCTS ? at + LAZY_PRODUCTS : end;
        uint64_t wide[2 * FE(LIMBS)], product[2 * FE(LIMBS)];
        FE(rows_load)(&x, z, at->column);
        FE(mul_wide)(wide, &table[at->id], &x);
        for (at++; at < stop; at++) {
            FE(rows_load)(&x, z, at->column);
            FE(mul_wide)(product, &table[at->id], &x);
            zkr_limbs_add(wide, wide, product, 2 * FE(LIMBS));
        }
        FE(reduce_wide)(&x, wide);
        FE(add)(&sum, &sum, &x);
    }
    *out = sum;
}

/* The register that row i copies: its only entry is a one.  UINT32_MAX for other rows. */
ZKR_INLINE uint32_t FE(rows_copied)(const FE(rows) *rows, size_t i)
{
    const uint32_t *bounds = rows->bounds + 3 * i;
    return bounds[1] - bounds[0] == 1 && bounds[3] == bounds[1] ? rows->entries[bounds[0]].column : UINT32_MAX;
}
#undef LAZY_PRODUCTS
