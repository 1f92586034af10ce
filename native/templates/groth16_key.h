/* groth16_key.h: what the prover over CURVE makes of a key once, for all proofs with it.  Parameters: CURVE, SCALAR.
 *
 * The matrices A and B as prepared rows over one table of distinct coefficients (rows.h), the tables of the transforms, and how
 * many points of each query are finite.  The points, and their multiples where there are tables (columns.h), stay where the
 * caller has them, usually in a mapped file; only delta's multiples are made here.
 *
 * The file holds value*R^2; the table holds value*R, so that products with canonical elements are canonical.
 */
#define SC(name) ZKR_JOIN(SCALAR, name)
enum { CU(RECORD_POSITION_BYTES) = 12, CU(RECORD_BYTES) = CU(RECORD_POSITION_BYTES) + (int)sizeof(SCALAR) };

typedef struct {
    zkr_groth16_key key;
    zkr_groth16_tables tables; /* of factor 1 and without a multiple when the caller has none */
    uint8_t *delta_g1_multiples, *delta_g2_multiples;
    SC(coefficients) table;
    SC(rows) a, b;
    SC(domain) domain;
    size_t num_distinct;
    size_t finite_a, finite_b1, finite_b2, finite_l, finite_h;
} CU(prover);

ZKR_FUNCTION void CU(prover_free)(void *prover)
{
    CU(prover) *p = prover;
    if (p == NULL) return;
    SC(coefficients_close)(&p->table);
    SC(rows_close)(&p->a);
    SC(rows_close)(&p->b);
    SC(domain_close)(&p->domain);
    free(p->delta_g1_multiples);
    free(p->delta_g2_multiples);
    free(p);
}

ZKR_FUNCTION size_t CU(prover_num_bytes)(const void *prover)
{
    const CU(prover) *p = prover;
    size_t delta_bytes = (p->tables.factor - 1) * (sizeof(ZKR_JOIN(GROUP1, affine)) + sizeof(ZKR_JOIN(GROUP2, affine)));
    return sizeof *p + delta_bytes + p->num_distinct * (sizeof(SCALAR) + 1) + SC(rows_num_bytes)(&p->a) + SC(rows_num_bytes)(&p->b) +
           SC(domain_num_bytes)(&p->domain);
}

/* ids[k] of the value of each record, and the distinct values by id, in order of first use; hashing with open addresses in a
 * table at most half full.  A key may be hostile, and its values collide on purpose: after MOST_PROBES a value gets an
 * identifier of its own, which costs memory for a double and no time. */
ZKR_FUNCTION int CU(distinct_coefficients)(SCALAR *values, uint32_t *ids, size_t *num_distinct, const uint8_t *records, size_t n)
{
    enum { MOST_PROBES = 64 };
    size_t size = 16, count = 0;
    while (size < 2 * n) size *= 2;
    uint32_t *slots = calloc(size, sizeof *slots); /* id + 1, or 0 for a free one */
    if (slots == NULL) return ZKR_ERR_MEMORY;
    for (size_t k = 0; k < n; k++) {
        SCALAR value;
        uint64_t hash = 0;
        SC(load)(&value, records + k * CU(RECORD_BYTES) + CU(RECORD_POSITION_BYTES));
        for (int i = 0; i < SC(LIMBS); i++) {
            hash = (hash ^ value.limb[i]) * UINT64_C(0x9e3779b97f4a7c15);
            hash ^= hash >> 29;
        }
        size_t slot = hash & (size - 1);
        int probes = 0;
        while (probes < MOST_PROBES && slots[slot] != 0 && !SC(equal)(&values[slots[slot] - 1], &value)) {
            slot = (slot + 1) & (size - 1);
            probes++;
        }
        if (slots[slot] != 0 && probes < MOST_PROBES) {
            ids[k] = slots[slot] - 1;
            continue;
        }
        ids[k] = (uint32_t)count;
        values[count++] = value;
        if (slots[slot] == 0) slots[slot] = (uint32_t)count;
    }
    *num_distinct = count;
    free(slots);
    return ZKR_OK;
}

/* The rows of `matrix` (0 = A, 1 = B) from the records; row, column and chosen are memory for as many numbers as records. */
ZKR_FUNCTION int CU(rows_of_records)(SC(rows) *rows, const CU(prover) *p, uint32_t matrix, const uint32_t *ids, uint32_t *memory)
{
    size_t n = p->key.num_coefficients, count = 0;
    uint32_t *row = memory, *column = row + n, *chosen = column + n;
    for (size_t k = 0; k < n; k++) {
        uint32_t position[3]; /* matrix, row, column */
        memcpy(position, p->key.coefficients + k * CU(RECORD_BYTES), sizeof position);
        if (position[0] != matrix) continue;
        row[count] = position[1];
        column[count] = position[2];
        chosen[count++] = ids[k];
    }
    return SC(rows_open)(rows, (size_t)1 << p->key.log_domain, row, column, chosen, count, &p->table);
}

ZKR_FUNCTION int CU(prover_prepare_rows)(CU(prover) *p)
{
    size_t n = p->key.num_coefficients;
    SCALAR *values = malloc((n + 1) * sizeof *values);
    uint32_t *memory = malloc((4 * n + 1) * sizeof *memory);
    int status = values != NULL && memory != NULL ? ZKR_OK : ZKR_ERR_MEMORY;
    if (status == ZKR_OK) status = CU(distinct_coefficients)(values, memory, &p->num_distinct, p->key.coefficients, n);
    if (status == ZKR_OK) {
        for (size_t i = 0; i < p->num_distinct; i++) SC(to_canonical)(&values[i], &values[i]); /* value*R^2 -> value*R */
        status = SC(coefficients_open)(&p->table, (const uint8_t *)values, p->num_distinct);
    }
    if (status == ZKR_OK) status = CU(rows_of_records)(&p->a, p, 0, memory, memory + n);
    if (status == ZKR_OK) status = CU(rows_of_records)(&p->b, p, 1, memory, memory + n);
    free(values);
    free(memory);
    return status;
}

/* Points that are not all zero bytes. */
ZKR_FUNCTION size_t CU(count_finite)(const uint8_t *points, size_t n, size_t point_bytes)
{
    size_t finite = 0;
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < point_bytes && points[i * point_bytes + k] == 0) k++;
        finite += k < point_bytes;
    }
    return finite;
}

/* Take the caller's tables when they are as long as the key's queries ask for. */
ZKR_FUNCTION int CU(prover_take_tables)(CU(prover) *p, const zkr_groth16_tables *tables)
{
    size_t factor = tables->factor, rest = factor - 1;
    if (tables->num_a != p->finite_a * rest || tables->num_b_g1 != p->finite_b1 * rest || tables->num_b_g2 != p->finite_b2 * rest ||
        tables->num_l != p->finite_l * rest || tables->num_h != p->finite_h * rest) {
        return ZKR_ERR_LENGTH;
    }
    p->tables = *tables;
    p->delta_g1_multiples = malloc(rest * sizeof(ZKR_JOIN(GROUP1, affine)));
    p->delta_g2_multiples = malloc(rest * sizeof(ZKR_JOIN(GROUP2, affine)));
    if (p->delta_g1_multiples == NULL || p->delta_g2_multiples == NULL) return ZKR_ERR_MEMORY;
    int status = ZKR_JOIN(GROUP1, multiples_vartime)(p->delta_g1_multiples, p->key.delta_g1, 1, factor, 1);
    return status == ZKR_OK ? ZKR_JOIN(GROUP2, multiples_vartime)(p->delta_g2_multiples, p->key.delta_g2, 1, factor, 1) : status;
}

/* tables: NULL, or the caller's. */
ZKR_FUNCTION int CU(prover_new)(void **out, const zkr_groth16_key *key, const zkr_groth16_tables *tables)
{
    CU(prover) *p = calloc(1, sizeof *p);
    if (p == NULL) return ZKR_ERR_MEMORY;
    size_t n = key->num_variables;
    p->key = *key;
    p->tables.factor = 1;
    p->finite_a = CU(count_finite)(key->a_query, n, sizeof(ZKR_JOIN(GROUP1, affine)));
    p->finite_b1 = CU(count_finite)(key->b_g1_query, n, sizeof(ZKR_JOIN(GROUP1, affine)));
    p->finite_b2 = CU(count_finite)(key->b_g2_query, n, sizeof(ZKR_JOIN(GROUP2, affine)));
    p->finite_l = CU(count_finite)(key->l_query, n - key->num_public - 1, sizeof(ZKR_JOIN(GROUP1, affine)));
    p->finite_h = CU(count_finite)(key->h_query, (size_t)1 << key->log_domain, sizeof(ZKR_JOIN(GROUP1, affine)));
    int status = tables != NULL ? CU(prover_take_tables)(p, tables) : ZKR_OK;
    if (status == ZKR_OK) status = CU(prover_prepare_rows)(p);
    if (status == ZKR_OK) status = SC(domain_open)(&p->domain, key->log_domain);
    if (status == ZKR_OK) {
        *out = p;
    } else {
        CU(prover_free)(p);
    }
    return status;
}
#undef SC
