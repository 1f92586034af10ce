/* poseidon.h: the Poseidon permutation over FIELD with S-box x^5.
 *
 * Reference: [GKRRS19] section 4.  state <- M * S(state + c_round); S acts on all lanes in the first and last
 * full_rounds/2 rounds and on lane 0 in the partial rounds between.  No branch or index depends on the state.
 */
enum { FE(POSEIDON_MAX_WIDTH) = 17 };

ZKR_INLINE void FE(fifth_power)(FIELD *x)
{
    FIELD square;
    FE(sqr_hot)(&square, x);
    FE(sqr_hot)(&square, &square);
    FE(mul_hot)(x, x, &square);
}

ZKR_FUNCTION void FE(poseidon_permute)(FIELD *state, int t, int full_rounds, int partial_rounds, const FIELD *constants,
                                       const FIELD *mds)
{
    FIELD mixed[FE(POSEIDON_MAX_WIDTH)];
    for (int round = 0; round < full_rounds + partial_rounds; round++) {
        int is_full = round < full_rounds / 2 || round >= full_rounds / 2 + partial_rounds;
        for (int lane = 0; lane < t; lane++) {
            FE(add)(&state[lane], &state[lane], &constants[round * t + lane]);
            if (is_full || lane == 0) FE(fifth_power)(&state[lane]);
        }
        for (int row = 0; row < t; row++) {
            FE(mul_hot)(&mixed[row], &mds[row * t], &state[0]);
            for (int lane = 1; lane < t; lane++) {
                FIELD product;
                FE(mul_hot)(&product, &mds[row * t + lane], &state[lane]);
                FE(add)(&mixed[row], &mixed[row], &product);
            }
        }
        memcpy(state, mixed, (size_t)t * sizeof *state);
    }
    zkr_wipe(mixed, sizeof mixed);
}

#include "poseidon_sparse.h"

enum { FE(SPARSE_FROM) = 48 }; /* so many hashes earn what the sparse form costs to work out */

ZKR_FUNCTION int FE(scalar_poseidon)(uint8_t *out, const uint8_t *inputs, size_t num_hashes, int t, int full_rounds,
                              int partial_rounds, const uint8_t *round_constants, const uint8_t *mds)
{
    FIELD state[FE(POSEIDON_MAX_WIDTH)];
    size_t width = (size_t)t, num_constants = (size_t)(full_rounds + partial_rounds) * width;
    FIELD *tables = malloc((num_constants + width * width) * sizeof *tables);
    if (tables == NULL) return ZKR_ERR_MEMORY;
    FE(sparse_poseidon) sparse;
    int is_sparse = 0;
    if (num_hashes >= FE(SPARSE_FROM)) {
        int status = FE(sparse_poseidon_new)(&sparse, &is_sparse, t, full_rounds, partial_rounds, round_constants, mds);
        if (status != ZKR_OK) {
            free(tables);
            return status;
        }
    }
    memcpy(tables, round_constants, num_constants * sizeof *tables);
    memcpy(tables + num_constants, mds, width * width * sizeof *tables);
    for (size_t i = 0; i < num_hashes; i++) {
        FE(set_zero)(&state[0]);
        FE(vec_to_montgomery)((uint8_t *)&state[1], inputs + i * (width - 1) * sizeof *state, width - 1);
        if (is_sparse) {
            FE(sparse_poseidon_permute)(state, &sparse);
        } else {
            FE(poseidon_permute)(state, t, full_rounds, partial_rounds, tables, tables + num_constants);
        }
        FE(vec_from_montgomery)(out + i * sizeof *state, (const uint8_t *)state, 1);
    }
    zkr_wipe(state, sizeof state);
    if (is_sparse) FE(sparse_poseidon_free)(&sparse);
    free(tables);
    return ZKR_OK;
}

#ifdef ZKR_LANES
#include "lanes/poseidon.h"
#else
ZKR_FUNCTION int FE(poseidon)(uint8_t *out, const uint8_t *inputs, size_t num_hashes, int t, int full_rounds,
                              int partial_rounds, const uint8_t *round_constants, const uint8_t *mds)
{
    return FE(scalar_poseidon)(out, inputs, num_hashes, t, full_rounds, partial_rounds, round_constants, mds);
}
#endif
