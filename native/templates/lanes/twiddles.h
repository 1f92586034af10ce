/* lanes/twiddles.h: the factors of the networks for one size, 2^log_size elements.  Parameter: FIELD.
 *
 * zeta_b = prod over the bits i of b of omega_{2^(i+2)}: each bit doubles the table by one product an entry.  Above groups
 * the table is zeta_0 .. zeta_(n/16 - 1) for broadcasting.  A group of 64 elements has seven factors in each lane, which follow
 * from one by seven products: 5 bytes an element of the transform for all that, or 70 more for keeping the seven.
 */
enum {
    FE(LOG_GROUP) = 6, /* the least size: one group */
    FE(LOG_ROW) = 10   /* a row of the matrix: 40 KiB, most of a level-1 cache (matrix.h) */
};

typedef struct {
    uint32_t log_size;
    FE(known) *twiddles;
    FE(x8) *bases;        /* a group's zeta_(4b), then zeta_0 .. zeta_3 in all lanes */
    FE(known_x8) *groups; /* GROUP_FACTORS a group, or NULL when they are made at each use */
} FE(x8_tables);

/* roots[i] = omega_{2^i} or its inverse. */
ZKR_FUNCTION void FE(x8_roots)(FIELD *roots, int inverse)
{
    FE(ntt_root)(&roots[FE(TWO_ADICITY)], FE(TWO_ADICITY), inverse);
    for (uint32_t i = FE(TWO_ADICITY); i > 0; i--) FE(sqr)(&roots[i - 1], &roots[i]);
}

/* out[i] = first*zeta_(i << shift), i < count; with roots inverted, first/zeta. */
ZKR_FUNCTION void FE(x8_zetas)(FIELD *out, size_t count, uint32_t shift, const FIELD *roots, const FIELD *first)
{
    out[0] = *first;
    for (size_t bit = 0; (size_t)1 << bit < count; bit++) {
        size_t done = (size_t)1 << bit;
        for (size_t i = 0; i < done && done + i < count; i++) FE(mul)(&out[done + i], &out[i], &roots[bit + shift + 2]);
    }
}

/* out[2^bit*step + i] = out[i]*zeta_(2^(bit + shift)) for 2^log entries of `step` columns each; out[0..step) is there. */
ZKR_FUNCTION void FE(x8_double_zetas)(FE(x8) *out, size_t step, uint32_t log, uint32_t shift, const FIELD *roots)
{
    for (uint32_t bit = 0; bit < log; bit++) {
        FE(x8) root;
        size_t done = step << bit;
        FE(x8_enter_one)(&root, &roots[bit + shift + 2]);
        for (size_t i = 0; i < done; i++) FE(x8_mul)(&out[done + i], &out[i], &root);
    }
}

ZKR_INLINE void FE(known_from_product)(FE(known_x8) *out, const FE(x8) *a, const FE(x8) *b)
{
    FE(x8) product;
    FE(x8_mul)(&product, a, b);
    FE(x8_canonical)(&product, &product);
    FE(known_from_x8)(out, &product);
}

/* The seven factors of a group whose blocks of two begin with zeta_(4b) = base. */
ZKR_FUNCTION void FE(x8_group_factors)(FE(known_x8) *w, const FE(x8) *base, const FE(x8) *first_zetas)
{
    FE(x8) square;
    FE(x8_sqr)(&square, base);
    FE(known_from_product)(&w[0], &square, &square);
    for (int i = 0; i < 2; i++) FE(known_from_product)(&w[1 + i], &square, &first_zetas[i]);
    for (int i = 0; i < 4; i++) FE(known_from_product)(&w[3 + i], base, &first_zetas[i]);
}

/* The factors of group g; `memory` may hold them. */
ZKR_INLINE const FE(known_x8) *FE(x8_group)(const FE(x8_tables) *tables, size_t g, FE(known_x8) *memory)
{
    if (tables->groups != NULL) return &tables->groups[g * FE(GROUP_FACTORS)];
    FE(x8_group_factors)(memory, &tables->bases[g], &tables->bases[(size_t)1 << (tables->log_size - FE(LOG_GROUP))]);
    return memory;
}

ZKR_FUNCTION void FE(x8_tables_close)(FE(x8_tables) *tables)
{
    free(tables->twiddles);
    free(tables->bases);
    free(tables->groups);
}

ZKR_INLINE size_t FE(x8_num_twiddles)(uint32_t log_size) { return (size_t)1 << (log_size < 7 ? 3 : log_size - 4); }

ZKR_FUNCTION size_t FE(x8_tables_num_bytes)(const FE(x8_tables) *tables)
{
    size_t num_groups = (size_t)1 << (tables->log_size - FE(LOG_GROUP));
    return FE(x8_num_twiddles)(tables->log_size) * sizeof(FE(known)) + (num_groups + 4) * sizeof(FE(x8)) +
           (tables->groups != NULL ? num_groups * FE(GROUP_FACTORS) * sizeof(FE(known_x8)) : 0);
}

/* LOG_GROUP <= log_size <= TWO_ADICITY; keep: the factors of the groups too. */
ZKR_FUNCTION int FE(x8_tables_open)(FE(x8_tables) *tables, uint32_t log_size, int keep)
{
    uint32_t log_groups = log_size - FE(LOG_GROUP);
    size_t num_groups = (size_t)1 << log_groups, num_twiddles = FE(x8_num_twiddles)(log_size);
    FIELD roots[FE(TWO_ADICITY) + 1], zetas[8], one;
    FE(known_x8) known;
    tables->log_size = log_size;
    tables->twiddles = malloc(num_twiddles * sizeof *tables->twiddles);
    /* the zetas to broadcast, as columns, are at most twice as many as the groups */
    tables->bases = zkr_take_memory((2 * num_groups + 4) * sizeof *tables->bases);
    tables->groups = keep ? zkr_take_memory(num_groups * FE(GROUP_FACTORS) * sizeof *tables->groups) : NULL;
    if (tables->bases == NULL || tables->twiddles == NULL || (keep && tables->groups == NULL)) {
        FE(x8_tables_close)(tables);
        return ZKR_ERR_MEMORY;
    }
    FE(set_one)(&one);
    FE(x8_roots)(roots, 0);
    FE(x8_zetas)(zetas, 8, 0, roots, &one);
    FE(x8_enter)(&tables->bases[0], zetas);
    FE(x8_double_zetas)(tables->bases, 1, log_size < 7 ? 0 : log_size - 7, 3, roots);
    for (size_t i = 0; i < num_twiddles; i += 8) {
        FE(x8_canonical)(&tables->bases[i / 8], &tables->bases[i / 8]);
        FE(known_from_x8)(&known, &tables->bases[i / 8]);
        FE(known_store)(&tables->twiddles[i], &known);
    }
    for (int i = 0; i < 4; i++) FE(x8_enter_one)(&tables->bases[num_groups + (size_t)i], &zetas[i]);
    FE(x8_zetas)(zetas, 8, 2, roots, &one);
    FE(x8_enter)(&tables->bases[0], zetas);
    FE(x8_double_zetas)(tables->bases, 1, log_groups, 5, roots);
    for (size_t g = 0; keep && g < num_groups; g++) {
        FE(x8_group_factors)(&tables->groups[g * FE(GROUP_FACTORS)], &tables->bases[g], &tables->bases[num_groups]);
    }
    return ZKR_OK;
}
