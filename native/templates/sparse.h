/* sparse.h: CSR matrices over a table of distinct coefficients, applied to vectors over FIELD.
 *
 * The border has checked offsets, columns and identifiers.  Most coefficients of a circuit are 1 or -1; the table is
 * classified once so that those cost an addition and no product.
 */
enum { FE(COEFFICIENT_GENERAL), FE(COEFFICIENT_ONE), FE(COEFFICIENT_MINUS_ONE) };

typedef struct {
    FIELD *value;
    uint8_t *kind;
} FE(coefficients);

ZKR_FUNCTION int FE(coefficients_open)(FE(coefficients) *table, const uint8_t *bytes, size_t n)
{
    FIELD one, minus_one;
    FE(set_one)(&one);
    FE(neg)(&minus_one, &one);
    table->value = malloc((n + 1) * sizeof *table->value);
    table->kind = malloc(n + 1);
    if (table->value == NULL || table->kind == NULL) {
        free(table->value);
        free(table->kind);
        return ZKR_ERR_MEMORY;
    }
    memcpy(table->value, bytes, n * sizeof *table->value);
    for (size_t i = 0; i < n; i++) {
        table->kind[i] = FE(equal)(&table->value[i], &one)         ? FE(COEFFICIENT_ONE)
                         : FE(equal)(&table->value[i], &minus_one) ? FE(COEFFICIENT_MINUS_ONE)
                                                                   : FE(COEFFICIENT_GENERAL);
    }
    return ZKR_OK;
}

ZKR_FUNCTION void FE(coefficients_close)(FE(coefficients) *table)
{
    free(table->value);
    free(table->kind);
}

/* sum += table[id]*x. */
ZKR_INLINE void FE(accumulate)(FIELD *sum, const FE(coefficients) *table, uint32_t id, const FIELD *x)
{
    if (table->kind[id] == FE(COEFFICIENT_ONE)) {
        FE(add)(sum, sum, x);
    } else if (table->kind[id] == FE(COEFFICIENT_MINUS_ONE)) {
        FE(sub)(sum, sum, x);
    } else {
        FIELD product;
        FE(mul)(&product, &table->value[id], x);
        FE(add)(sum, sum, &product);
    }
}

ZKR_INLINE void FE(sparse_row)(FIELD *out, const zkr_matrix *matrix, const FE(coefficients) *table, uint64_t row, const uint8_t *z)
{
    FIELD sum, x;
    FE(set_zero)(&sum);
    for (uint64_t k = matrix->offsets[row]; k < matrix->offsets[row + 1]; k++) {
        FE(load)(&x, z + (size_t)matrix->columns[k] * sizeof x);
        FE(accumulate)(&sum, table, matrix->coefficient_ids[k], &x);
    }
    *out = sum;
}

ZKR_FUNCTION int FE(matrix_apply)(uint8_t *out, const zkr_matrix *matrix, const uint8_t *table_bytes, size_t table_size,
                                  const uint8_t *z)
{
    FE(coefficients) table;
    int status = FE(coefficients_open)(&table, table_bytes, table_size);
    if (status != ZKR_OK) return status;
    for (uint64_t row = 0; row < matrix->num_rows; row++) {
        FIELD sum;
        FE(sparse_row)(&sum, matrix, &table, row, z);
        FE(store)(out + row * sizeof sum, &sum);
    }
    FE(coefficients_close)(&table);
    return ZKR_OK;
}

ZKR_FUNCTION int FE(matrix_apply_transposed)(uint8_t *out, const zkr_matrix *matrix, const uint8_t *table_bytes,
                                             size_t table_size, const uint8_t *weights, size_t num_columns)
{
    FE(coefficients) table;
    FIELD *sums = calloc(num_columns + 1, sizeof *sums);
    if (sums == NULL) return ZKR_ERR_MEMORY;
    int status = FE(coefficients_open)(&table, table_bytes, table_size);
    if (status == ZKR_OK) {
        for (uint64_t row = 0; row < matrix->num_rows; row++) {
            FIELD weight;
            FE(load)(&weight, weights + row * sizeof weight);
            for (uint64_t k = matrix->offsets[row]; k < matrix->offsets[row + 1]; k++) {
                FE(accumulate)(&sums[matrix->columns[k]], &table, matrix->coefficient_ids[k], &weight);
            }
        }
        memcpy(out, sums, num_columns * sizeof *sums);
        FE(coefficients_close)(&table);
    }
    free(sums);
    return status;
}
