/* lanes/poseidon.h: eight Poseidon permutations side by side ([GKRRS19], templates/poseidon.h).  Parameter: FIELD.
 *
 * Two hashes cost less here than one by one; a single one goes to the scalar template.  A row of the matrix is one sum of up to 17 products in double width,
 * reduced once.  Values: with x the bound of a state, x + 1 enters the S-box and the matrix, whose rows sum to below
 * 17*(x + 1)/ROOM52 + 1 <= x for x = 3 and ROOM52 >= 35; a fifth power is below 2.  No branch or index depends on the state.
 */
typedef struct {
    uint64_t limb[FE(LIMBS52)];
} FE(limbs52);

_Static_assert(FE(ROOM52) >= 34, "sums of 17 products");

/* Elements in the lanes' form, each once; memory for n rounded up to a multiple of 8. */
ZKR_FUNCTION void FE(x8_enter_table)(FE(limbs52) *out, const uint8_t *elements, size_t n)
{
    for (size_t i = 0; i < n; i += 8) {
        FIELD eight[8];
        uint64_t words[FE(LIMBS52)][8];
        FE(x8) column;
        memset(eight, 0, sizeof eight);
        memcpy(eight, elements + i * sizeof *eight, (n - i < 8 ? n - i : 8) * sizeof *eight);
        FE(x8_enter)(&column, eight);
        for (int j = 0; j < FE(LIMBS52); j++) _mm512_storeu_si512(words[j], column.limb[j]);
        for (size_t k = 0; k < 8; k++) {
            for (int j = 0; j < FE(LIMBS52); j++) out[i + k].limb[j] = words[j][k];
        }
    }
}

/* x^5 below 2p, for x below 4p. */
ZKR_INLINE void FE(x8_fifth_power)(FE(x8) *x)
{
    FE(x8) square;
    FE(x8_sqr)(&square, x);
    FE(x8_sqr)(&square, &square);
    FE(x8_mul)(x, x, &square);
}

ZKR_FUNCTION void FE(x8_poseidon_permute)(FE(x8) *state, int t, int full_rounds, int partial_rounds,
                                          const FE(limbs52) *constants, const FE(limbs52) *mds)
{
    FE(x8) mixed[FE(POSEIDON_MAX_WIDTH)], factor;
    for (int round = 0; round < full_rounds + partial_rounds; round++) {
        int is_full = round < full_rounds / 2 || round >= full_rounds / 2 + partial_rounds;
        for (int i = 0; i < t; i++) {
            FE(x8_broadcast)(&factor, constants[round * t + i].limb);
            FE(x8_add)(&state[i], &state[i], &factor);
            if (is_full || i == 0) FE(x8_fifth_power)(&state[i]);
        }
        for (int row = 0; row < t; row++) {
            __m512i columns[2 * FE(LIMBS52)];
            for (int i = 0; i < 2 * FE(LIMBS52); i++) columns[i] = _mm512_setzero_si512();
            for (int i = 0; i < t; i++) { /* 17*2*LIMBS52 products of 52 bits to a column at most */
                FE(x8_broadcast)(&factor, mds[row * t + i].limb);
                FE(x8_mul_columns)(columns, &state[i], &factor);
            }
            FE(x8_mont_reduce)(&mixed[row], columns);
        }
        memcpy(state, mixed, (size_t)t * sizeof *state);
    }
    zkr_wipe(mixed, sizeof mixed);
}

ZKR_FUNCTION int FE(poseidon)(uint8_t *out, const uint8_t *inputs, size_t num_hashes, int t, int full_rounds,
                              int partial_rounds, const uint8_t *round_constants, const uint8_t *mds)
{
    if (num_hashes == 1) return FE(scalar_poseidon)(out, inputs, 1, t, full_rounds, partial_rounds, round_constants, mds);
    FE(x8) state[FE(POSEIDON_MAX_WIDTH)], radix, one;
    FIELD eight[8];
    size_t width = (size_t)t, num_constants = (size_t)(full_rounds + partial_rounds) * width;
    FE(limbs52) *tables = malloc((num_constants + width * width + 16) * sizeof *tables);
    if (tables == NULL) return ZKR_ERR_MEMORY;
    FE(x8_enter_table)(tables, mds, width * width); /* its surplus is overwritten by the constants */
    FE(x8_enter_table)(tables + width * width, round_constants, num_constants);
    FE(x8_broadcast)(&radix, FE(radix52));
    FE(x8_set_zero)(&one);
    one.limb[0] = _mm512_set1_epi64(1);
    for (size_t first = 0; first < num_hashes; first += 8) {
        size_t count = num_hashes - first < 8 ? num_hashes - first : 8;
        FE(x8_set_zero)(&state[0]);
        for (size_t i = 1; i < width; i++) {
            memset(eight, 0, sizeof eight);
            for (size_t k = 0; k < count; k++) {
                memcpy(&eight[k], inputs + ((first + k) * (width - 1) + i - 1) * sizeof *eight, sizeof *eight);
            }
            FE(x8_load)(&state[i], eight);
            FE(x8_mul)(&state[i], &state[i], &radix);
        }
        FE(x8_poseidon_permute)(state, t, full_rounds, partial_rounds, tables + width * width, tables);
        FE(x8_mul)(&state[0], &state[0], &one);
        FE(x8_canonical)(&state[0], &state[0]);
        FE(x8_store)(eight, &state[0]);
        memcpy(out + first * sizeof *eight, eight, count * sizeof *eight);
    }
    zkr_wipe(state, sizeof state);
    zkr_wipe(eight, sizeof eight);
    free(tables);
    return ZKR_OK;
}
