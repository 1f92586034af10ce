/* border.c: argument checks shared by the files abi_*.c. */
#include "border.h"

#include <string.h>

#include "../templates/limbs.h"

int zkr_find_field(const zkr_field_table **out, int field)
{
    const zkr_field_table *table = zkr_field_of(zkr_current(), field);
    if (table == NULL) return ZKR_ERR_FIELD;
    *out = table;
    return ZKR_OK;
}

int zkr_find_scalar_field(const zkr_field_table **out, int field)
{
    const zkr_field_table *table;
    ZKR_TRY(zkr_find_field(&table, field));
    if (table->ntt == NULL) return ZKR_ERR_FIELD;
    *out = table;
    return ZKR_OK;
}

int zkr_find_curve(const zkr_curve_table **out, int curve)
{
    if (curve < 0 || curve >= ZKR_NUM_CURVES) return ZKR_ERR_FIELD;
    *out = zkr_current()->curves[curve];
    return ZKR_OK;
}

int zkr_check_count(size_t n) { return n <= ZKR_MAX_ELEMENTS ? ZKR_OK : ZKR_ERR_LENGTH; }

int zkr_check_threads(int threads) { return threads >= 1 && threads <= ZKR_MAX_THREADS ? ZKR_OK : ZKR_ERR_THREADS; }

/* Without branches on the values of elements that are below the modulus.  Limbs are a constant where it matters. */
static inline int is_below(const uint8_t *element, const uint64_t *modulus, int limbs)
{
    uint64_t words[ZKR_MAX_LIMBS];
    memcpy(words, element, 8 * (size_t)limbs);
    return zkr_limbs_less(words, modulus, limbs);
}

int zkr_check_below(const zkr_field_table *field, const uint8_t *elements, size_t n, size_t *bad_index)
{
    int limbs = field->limbs;
    for (size_t i = 0; i < n; i++) {
        const uint8_t *element = elements + 8 * (size_t)limbs * i;
        if (!(limbs == 4 ? is_below(element, field->modulus, 4) : is_below(element, field->modulus, limbs))) {
            if (bad_index != NULL) *bad_index = i;
            return ZKR_ERR_NOT_CANONICAL;
        }
    }
    return ZKR_OK;
}

int zkr_check_matrix(const zkr_matrix *matrix, size_t table_size, size_t num_columns)
{
    if (matrix->num_rows > ZKR_MAX_ELEMENTS || matrix->nnz > ZKR_MAX_ELEMENTS) return ZKR_ERR_LENGTH;
    if (matrix->offsets[0] != 0 || matrix->offsets[matrix->num_rows] != matrix->nnz) return ZKR_ERR_LENGTH;
    for (uint64_t row = 0; row < matrix->num_rows; row++) {
        if (matrix->offsets[row] > matrix->offsets[row + 1]) return ZKR_ERR_LENGTH;
    }
    for (uint64_t k = 0; k < matrix->nnz; k++) {
        if (matrix->columns[k] >= num_columns || matrix->coefficient_ids[k] >= table_size) return ZKR_ERR_LENGTH;
    }
    return ZKR_OK;
}
