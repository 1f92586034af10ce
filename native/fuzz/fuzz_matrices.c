/* fuzz_matrices.c: sparse matrices whose offsets, columns and identifiers may say anything. */
#include "fuzz.h"

typedef struct {
    int field, operation, threads;
    zkr_matrix m[3];
    const uint8_t *table, *z;
    size_t table_size, z_size, num_columns;
} arguments;

static int call(void *context, uint8_t *out, size_t *bad_index)
{
    const arguments *x = context;
    if (x->operation == 0) return zkr_matrix_apply(x->field, out, &x->m[0], x->table, x->table_size, x->z, x->z_size);
    if (x->operation == 1) {
        return zkr_matrix_apply_transposed(x->field, out, &x->m[0], x->table, x->table_size, x->z, x->num_columns);
    }
    int64_t row = INT64_MIN, again = INT64_MIN;
    size_t bad_again = *bad_index;
    zkr_system *system;
    int status = zkr_r1cs_first_unsatisfied(x->field, &row, &x->m[0], &x->m[1], &x->m[2], x->table, x->table_size, x->z,
                                            x->z_size, bad_index);
    if (status != ZKR_OK) CHECK(row == INT64_MIN);
    if (status == ZKR_OK) memcpy(out, &row, sizeof row);
    if (zkr_system_new(x->field, &system, &x->m[0], &x->m[1], &x->m[2], x->table, x->table_size, x->z_size) == ZKR_OK) {
        CHECK(zkr_system_first_unsatisfied(system, &again, x->z, x->threads, &bad_again) == (x->threads ? status : ZKR_ERR_THREADS));
        CHECK(x->threads == 0 || (again == row && bad_again == *bad_index));
        zkr_system_free(system);
    }
    return status;
}

/* Numbers that are mostly in order and in range. */
static void feed_matrix(feed *f, zkr_matrix *m, size_t num_columns, size_t table_size)
{
    size_t rows = feed_below(f, 12), nnz = feed_below(f, 30);
    uint64_t *offsets = take((rows + 1) * sizeof *offsets);
    uint32_t *columns = take(nnz * sizeof *columns), *ids = take(nnz * sizeof *ids);
    int wild = feed_below(f, 8) == 7;
    offsets[0] = 0;
    for (size_t i = 1; i <= rows; i++) offsets[i] = i == rows ? nnz : offsets[i - 1] + feed_byte(f) % (nnz - offsets[i - 1] + 1);
    for (size_t k = 0; k < nnz; k++) {
        columns[k] = feed_byte(f) % (num_columns + 1);
        ids[k] = feed_byte(f) % (table_size + 1);
        if (!wild && num_columns > 0 && columns[k] == num_columns) columns[k] = 0;
        if (!wild && table_size > 0 && ids[k] == table_size) ids[k] = 0;
    }
    if (wild && rows > 0) offsets[feed_byte(f) % (rows + 1)] = feed_number(f, 8);
    if (wild && nnz > 0) columns[feed_byte(f) % nnz] = (uint32_t)feed_number(f, 4);
    *m = (zkr_matrix){offsets, columns, ids, rows, nnz};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    feed f = {data, size};
    int field = feed_field(&f);
    size_t width = element_bytes(field);
    arguments x = {.field = field, .operation = (int)feed_below(&f, 3), .table_size = feed_below(&f, 8), .num_columns = feed_below(&f, 12)};
    for (int i = 0; i < 3; i++) feed_matrix(&f, &x.m[i], x.num_columns, x.table_size);
    x.z_size = x.operation == 1 ? x.m[0].num_rows : x.num_columns;
    uint8_t *table = feed_elements(&f, field, x.table_size), *z = feed_elements(&f, field, x.z_size);
    x.table = table, x.z = z, x.threads = (int)feed_below(&f, 5);
    run_on_all_kernels(call, &x, x.operation == 0 ? width * x.m[0].num_rows : x.operation == 1 ? width * x.num_columns : 8);
    free(table), free(z);
    for (int i = 0; i < 3; i++) free((void *)x.m[i].offsets), free((void *)x.m[i].columns), free((void *)x.m[i].coefficient_ids);
    return 0;
}
