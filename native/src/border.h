/* border.h: the checks that every function of the ABI makes before a kernel sees an argument. */
#ifndef ZKR_BORDER_H
#define ZKR_BORDER_H
#include "kernel.h"

/* Leave the calling function with the status of `call` unless it is ZKR_OK. */
#define ZKR_TRY(call)                                                                                                  \
    do {                                                                                                               \
        int zkr_try_status = (call);                                                                                   \
        if (zkr_try_status != ZKR_OK) return zkr_try_status;                                                           \
    } while (0)

/* Points have up to 192 bytes.  No array of more elements than this can lie in memory. */
#define ZKR_MAX_ELEMENTS (SIZE_MAX / 512)

/* The table of a field or curve in the chosen kernel, or ZKR_ERR_FIELD; a scalar field's table has all operations, another's the vectors. */
int zkr_find_field(const zkr_field_table **out, int field);
int zkr_find_scalar_field(const zkr_field_table **out, int field);
int zkr_find_curve(const zkr_curve_table **out, int curve);

int zkr_check_count(size_t n);
int zkr_check_threads(int threads);

/* ZKR_ERR_NOT_CANONICAL and *bad_index (unless bad_index is NULL) for the first element not below the modulus. */
int zkr_check_below(const zkr_field_table *field, const uint8_t *elements, size_t n, size_t *bad_index);

/* Offsets from 0, non-decreasing and ending at nnz; columns and identifiers in range. */
int zkr_check_matrix(const zkr_matrix *matrix, size_t table_size, size_t num_columns);
#endif
